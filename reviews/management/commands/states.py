"""manage.py states: write docs/states.md from the transition table (a test compares them)."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reviews.states import diagram


class Command(BaseCommand):
    """Write the diagram of a case's states."""

    help = "Write docs/states.md from reviews/states.py. Example: manage.py states"

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        Path(settings.BASE_DIR, "docs", "states.md").write_text(diagram())
        self.stdout.write("docs/states.md written.")
