"""The pages of what the program knows: playbooks, studies, concerns raised by hand, and the charter."""
