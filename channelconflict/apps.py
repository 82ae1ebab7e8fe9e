"""The ground floor: configuration, people, memory of what was done."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GroundConfig(AppConfig):
    name = "channelconflict"

    def ready(self) -> None:
        """Sign task payloads with their own key: the task library would take the sessions' key."""
        from django.conf import settings
        from django_q.conf import Conf

        Conf.SECRET_KEY = settings.TASK_KEY


class StaffAdminConfig(AdminConfig):
    default_site = "channelconflict.admin.StaffSite"
