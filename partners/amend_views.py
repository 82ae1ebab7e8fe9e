"""Amending a pending registration, and registering an ended one again."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.amending import amend_registration, may_resubmit, resubmit_registration, why_no_amendment
from partners.completeness import of_form
from partners.drafts import version_of
from partners.forms import RegistrationForm
from partners.models import Registration
from partners.services import add_activity
from partners.views import PortalView, attempt, products_of, today_in, user_of


class AmendView(PortalView):
    """Correct what was registered, while nobody has decided."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The form with what was sent, where it can be changed."""
        registration = self.registration(pk)
        why_not = why_no_amendment(registration)
        if why_not:
            messages.info(request, why_not)
            return redirect("portal:registration", pk)
        return self._page(registration, self._form(registration))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the new version."""
        registration = self.registration(pk, lock=True)
        form = self._form(registration, request.POST)
        if form.is_valid() and attempt(request, lambda: self._amend(registration, form), form):
            text = _("%(ref)s says now what you corrected. We look at it again.")
            messages.success(request, text % {"ref": registration.ref})
            return redirect("portal:registration", pk)
        return self._page(self.registration(pk), form)

    def _form(self, registration: Registration, data: Any = None) -> RegistrationForm:
        program = registration.program
        return RegistrationForm(
            data, program=program, products=products_of(program), today=today_in(program), registration=registration
        )

    def _amend(self, registration: Registration, form: RegistrationForm) -> Registration:
        by, at, seen = user_of(self.request), timezone.now(), self.request.POST.get("seen", "")
        changes, amended = form.changes(), registration
        if not form.proof or any(getattr(registration, column) != value for column, value in changes.items()):
            amended = amend_registration(registration=registration, changes=changes, by=by, at=at, seen=seen)
        if form.proof:
            kind, on = form.proof
            if not amended.activities.filter(kind=kind, occurred_on=on).exists():
                add_activity(registration=amended, kind=kind, occurred_on=on, by=by, at=at)
        return amended

    def _page(self, registration: Registration, form: RegistrationForm) -> HttpResponse:
        return self.page(
            "amend", registration=registration, form=form, seen=version_of(registration, {}), completeness=of_form(form)
        )


class ResubmitView(PortalView):
    """Register a deal again whose registration was not approved or was withdrawn."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Say what it means, where it can be done."""
        registration = self.registration(pk)
        if not may_resubmit(registration):
            return redirect("portal:registration", pk)
        return self.page("resubmit", registration=registration, most=registration.program.resubmissions)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Begin it, and lead to its form."""
        registration, by, at = self.registration(pk, lock=True), user_of(request), timezone.now()
        made = attempt(request, lambda: resubmit_registration(registration=registration, by=by, at=at))
        if made is None:
            return redirect("portal:registration", pk)
        return redirect("portal:edit", made.pk)
