"""The staff site: Django's admin under our theme, with our own models only and a record of acts instead of LogEntry."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from channelconflict.scope import NOBODY, acting

ROOMS = frozenset({"channelconflict", "partners", "conflicts", "reviews"})


class ChoicesView(AutocompleteJsonView):
    """The options of a search-as-you-type field, named so that two accounts of one name can be told apart."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """One option: the key, and what the model's admin calls the row."""
        label = getattr(self.model_admin, "choice_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class StaffSite(admin.AdminSite):
    """The admin for vendor staff."""

    site_header = site_title = "channelconflict"
    index_title = "Program"
    enable_nav_sidebar = False
    empty_value_display = "–"

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """Register models of our own rooms: sessions, groups and tasks of other packages are for nobody here."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        own = [model for model in models if model._meta.app_label in ROOMS]
        if own:
            super().register(own, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Django's, less the redirect to an object's public page: none has one, and it would tell which ids exist."""
        return [url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """There is one sign-in page for all; whoever is signed in already goes to where they start."""
        if request.user.is_authenticated:
            return redirect("admin:index" if self.has_permission(request) else "home")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Signing out ends the session, a table that only app_login may write."""
        with acting(NOBODY):
            return super().logout(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """A new password begins a new session, a table that only app_login may write."""
        with acting(NOBODY):
            return super().password_change(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Answer a search-as-you-type field; whose rows, the searched model's admin says."""
        return ChoicesView.as_view(admin_site=self)(request)
