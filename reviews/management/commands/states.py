"""manage.py states: write docs/states.md from the tables of transitions and of who may (tests compare them)."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reviews.states import diagram
from reviews.who_may import table


class Command(BaseCommand):
    """Write the page of a case's states and who may do what."""

    help = "Write docs/states.md from reviews/states.py and who_may.py. Example: manage.py states"

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        Path(settings.BASE_DIR, "docs", "states.md").write_text(diagram() + table())
        self.stdout.write("docs/states.md written.")
