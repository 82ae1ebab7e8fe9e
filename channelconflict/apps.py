"""The ground floor: configuration, people, memory of what was done."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class GroundConfig(AppConfig):
    name = "channelconflict"


class StaffAdminConfig(AdminConfig):
    default_site = "channelconflict.admin.StaffSite"
