"""The facts: who sells what to whom, under which papers."""

from django.apps import AppConfig
from django.core import checks


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        """Notice accounts that are indexed by an older spelling."""
        from partners.indexing import keys_are_of_today

        checks.register(keys_are_of_today, checks.Tags.database)
