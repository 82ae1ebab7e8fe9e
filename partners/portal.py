"""The portal pages about a protection: asking for more time, and to be told when an account is free."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from partners.forms import ExtensionForm
from partners.models import Registration
from partners.protection import ask_extension, ask_to_be_told, terms_of, why_no_extension
from partners.views import PortalView, attempt, user_of


class ExtendView(PortalView):
    """Ask for more days of protection, with a reason."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The form, while more time can be asked for."""
        registration = self.registration(pk)
        if why_no_extension(registration, timezone.now()):
            return redirect("portal:registration", pk)
        return self._page(registration, self._form(registration))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the request."""
        registration = self.registration(pk, lock=True)
        now = timezone.now()
        why_not = why_no_extension(registration, now)
        if why_not:
            messages.info(request, why_not)
            return redirect("portal:registration", pk)
        form, by = self._form(registration, request.POST), user_of(request)
        if form.is_valid() and attempt(
            request, lambda: ask_extension(registration=registration, by=by, at=now, **form.cleaned_data), form
        ):
            messages.success(request, "Your request is sent: we answer before the protection ends.")
            return redirect("portal:registration", pk)
        return self._page(registration, form)

    def _form(self, registration: Registration, data: Any = None) -> ExtensionForm:
        terms = terms_of(registration)
        return ExtensionForm(data, most=terms.extension_days if terms else 0)

    def _page(self, registration: Registration, form: ExtensionForm) -> HttpResponse:
        return self.page("extend", registration=registration, form=form, zone=registration.program.timezone)


class TellMeView(PortalView):
    """Ask to be told when the account of a registration that was not approved may be registered again."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The button stands on the registration's page."""
        return redirect("portal:registration", self.registration(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the wish; the answer is the same whoever else is there."""
        registration, by, at = self.registration(pk, lock=True), user_of(request), timezone.now()
        if attempt(request, lambda: ask_to_be_told(registration=registration, by=by, at=at)):
            messages.success(request, "We tell you when the account may be registered again.")
        return redirect("portal:registration", pk)
