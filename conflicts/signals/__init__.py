"""Early warning: what changes before a conflict does. `look` is pure; load.py reads, services.py keeps what was found."""
