"""manage.py work: the background worker, with the schedule that sweeps up what a lost nudge left lying."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django_q.models import Schedule


class Command(BaseCommand):
    """Run the worker cluster of this host."""

    help = "Run the background worker of this host, until it is stopped. Example: manage.py work"

    def handle(self, *args: Any, **options: Any) -> None:
        """Make sure that the sweep and the nightly looks are scheduled once, then work."""
        Schedule.objects.get_or_create(
            name="sweep", defaults={"func": "reviews.tasks.sweep", "schedule_type": Schedule.MINUTES, "minutes": 1}
        )
        Schedule.objects.get_or_create(
            name="signals",
            defaults={"func": "reviews.tasks.look_for_signals", "schedule_type": Schedule.CRON, "cron": "15 2 * * *"},
        )
        Schedule.objects.get_or_create(
            name="drift",
            defaults={"func": "reviews.tasks.look_for_drift", "schedule_type": Schedule.CRON, "cron": "45 2 * * *"},
        )
        Schedule.objects.get_or_create(
            name="files",
            defaults={"func": "reviews.tasks.tidy_files", "schedule_type": Schedule.CRON, "cron": "15 3 * * *"},
        )
        call_command("qcluster")
