"""The product's addresses, and beside them Django's own change list on the same cases, as one would set it up."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import include, path

from channelconflict.urls import urlpatterns as ours
from reviews.models import Case


class PlainSite(admin.AdminSite):
    """Django's staff site for whoever is staff."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Row-level security shows everybody their own program."""
        return bool(request.user.is_active and request.user.is_staff)


class PlainCases(admin.ModelAdmin):
    """The usual list: columns, filters, search, fifty a page."""

    list_display = ("number", "account", "kind", "status", "amount", "due_at", "assignee")
    list_select_related = ("account", "assignee")
    list_filter = ("status",)
    list_per_page = 50
    search_fields = ("account__name",)
    ordering = ("due_at", "id")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reading is all that is measured."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The same for the whole app."""
        return True


site = PlainSite(name="plain")
site.register(Case, PlainCases)
urlpatterns = [path("plain/", include((site.urls[0], "admin"), namespace="plain")), *ours]
