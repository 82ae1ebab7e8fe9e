"""The portal's shell, what registering takes, and the same form for staff. The form itself: partners/register_views.py."""

import uuid
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import activate, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views import View

from channelconflict.models import User
from partners.forms import COLUMNS, Claimant, RegistrationForm
from partners.models import (
    PENDING,
    Partner,
    ProductLine,
    Program,
    Registration,
    RegistrationStatus,
)
from partners.permissions import get_or_404, visible
from partners.services import (
    DECISION_HOURS,
    NotPossibleError,
    StaleRowError,
    add_activity,
    save_draft,
    submit_registration,
    withdraw_registration,
)
from partners.tracker import moment

T = TypeVar("T")
Refusals = tuple[type[Exception], ...]
REFUSALS: Refusals = (NotPossibleError, StaleRowError)
NOT_LINKED = gettext_lazy(
    "Your account is not linked to a partner (any more). Your company's partner admin can add you again."
)
SENT_BEFORE = gettext_lazy("This form was sent before: here is the registration that it made.")
PARTNERS_SHOWN = 50
_FIELD_OF = {column: name for name, columns in COLUMNS.items() for column in columns}


def attempt(
    request: HttpRequest, act: Callable[[], T], form: BaseForm | None = None, refusals: Refusals = REFUSALS
) -> T | None:
    """Run one domain call; what it refuses becomes an error of the form, else a message, and nothing is kept."""
    try:
        with transaction.atomic():
            return act()
    except ValidationError as error:
        found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    except refusals as error:
        found = {NON_FIELD_ERRORS: [str(error)]}
    for column, sentences in found.items():
        name = _FIELD_OF.get(column, column)
        for sentence in sentences:
            if form is None:
                messages.error(request, sentence)
            else:
                form.add_error(name if name in form.fields else None, sentence)
    return None


def user_of(request: HttpRequest) -> User:
    """The user of a page that asked for signing in."""
    return cast(User, request.user)


class PortalView(LoginRequiredMixin, View):
    """A page for the people of a partner, in its language; `partners` are the ones the user acts for, with program and tier."""

    partners: list[Partner]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign in first; staff have the desk; without a partner there is nothing here."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if request.user.is_staff:
            return redirect("home")
        waiting = Count("lead_offers", filter=Q(lead_offers__status="offered", lead_offers__due_at__gt=timezone.now()))
        rows = Partner.objects.select_related("program", "tier", "chosen_language").annotate(leads_offered=waiting)
        mine = visible(request.user, rows)
        user, found = cast(Any, request.user), list[Any](mine.order_by("name", "id"))
        self.partners, user._leads_offered = found, sum(p.leads_offered for p in found)  # the number is for the top bar
        if not self.partners:
            raise PermissionDenied(str(NOT_LINKED))
        activate(self.partners[0].language)  # until the request ends: channelconflict/middleware.py
        return super().dispatch(request, *args, **kwargs)

    def registration(self, pk: uuid.UUID, *, lock: bool = False) -> Registration:
        """An own registration, or 404; `lock` it where it is about to be changed."""
        rows = Registration.objects.select_for_update(no_key=True) if lock else Registration.objects.all()
        found: Registration = get_or_404(self.request.user, rows, pk=pk)
        found.partner = next(partner for partner in self.partners if partner.pk == found.partner_id)
        found.program = found.partner.program
        return found

    def page(self, template: str, **context: Any) -> HttpResponse:
        """Draw a page with what the portal's shell needs."""
        first, number = self.partners[0], len(self.partners)
        several = number > 1
        companies = ngettext("%(n)s company", "%(n)s companies", number) % {"n": number}
        shell = {
            "program": first.program,
            "zone": first.program.timezone,
            "identity": companies if several else _with_tier(first),
            "several_partners": several,
            "portal_home": reverse("portal:registrations"),
        }
        return render(self.request, f"portal/{template}.html", {**shell, **context})


def _with_tier(partner: Partner) -> str:
    return f"{partner.name} · {partner.tier.name}" if partner.tier else partner.name


def file(form: RegistrationForm, draft: Registration | None, request: HttpRequest, *, keep: bool) -> Registration:
    """Keep or submit what a valid form says, with the proof of work that it brings."""
    by, at = user_of(request), timezone.now()
    registration = form.apply_to(draft or new_registration(form))
    saved = (save_draft if keep else submit_registration)(registration=registration, by=by, at=at)
    if form.proof:
        kind, on = form.proof
        if not saved.activities.filter(kind=kind, occurred_on=on).exists():
            add_activity(registration=saved, kind=kind, occurred_on=on, by=by, at=at)
    return saved


def promise(registration: Registration) -> str:
    """The time by which the vendor answers, as the receipt prints it."""
    if registration.due_at:
        return moment(registration.due_at, registration.program.timezone)
    return _("the next working day")


def new_registration(form: RegistrationForm) -> Registration:
    """An empty registration for the form's claimant; without a partner it is the direct team's."""
    partner_id = form.chosen.partner_id if form.chosen else None
    return Registration(
        program=form.program,
        partner_id=partner_id,
        direct=partner_id is None,
        form_token=form.cleaned_data.get("form_token"),
    )


def sent_before(request: HttpRequest, right: str = "") -> Registration | None:
    """The registration that this very form (its hidden token) made already, if it was sent before."""
    try:
        token = uuid.UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None
    rows = Registration.objects.select_for_update(no_key=True, of=("self",)).select_related("program")
    return visible(request.user, rows, right).filter(form_token=token, created_by_id=request.user.pk).first()


def products_of(program: Program) -> list[ProductLine]:
    """What the program sells, by name."""
    return list(ProductLine.objects.filter(program=program).order_by("name", "code"))


def today_in(program: Program) -> date:
    """The day it is where the program is."""
    return timezone.localdate(timezone=ZoneInfo(program.timezone))


class WithdrawView(PortalView):
    """Take a registration back, after a page that says what that means."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask, for what can be withdrawn."""
        registration = self.registration(pk)
        if not may_withdraw(registration):
            return redirect("portal:registration", pk)
        return self.page("withdraw", registration=registration)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw it."""
        registration = self.registration(pk, lock=True)
        by, at = user_of(request), timezone.now()
        if attempt(request, lambda: withdraw_registration(registration=registration, by=by, at=at)):
            messages.success(request, _("%(ref)s is withdrawn.") % {"ref": registration.ref})
        return redirect("portal:registration", pk)


def may_withdraw(registration: Registration) -> bool:
    """Whether a partner can take it back: before it is decided."""
    return registration.status in (RegistrationStatus.DRAFT, *PENDING)


class RegisterForOthersView(LoginRequiredMixin, View):
    """Staff register a deal on a partner's behalf or for the direct team (review:register), with the same form."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only for staff who may register deals in some program; the program is the one asked for, or the first."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if not request.user.is_staff:
            raise PermissionDenied
        self.programs = list(visible(request.user, Program.objects.all(), "register_deals").order_by("name", "id"))
        if not self.programs:
            raise PermissionDenied
        asked = request.GET.get("program", "")
        self.program = next((program for program in self.programs if str(program.pk) == asked), self.programs[0])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._page(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Submit it; the same form sent again says which registration it made."""
        again = sent_before(request, "register_deals")
        if again:
            messages.info(request, f"This form was sent before: it made {again.number}.")
            return redirect(self._address())
        form = self._form(request.POST)
        saved = attempt(request, lambda: file(form, None, request, keep=False), form) if form.is_valid() else None
        if saved is None:
            return self._page(form)
        whom = form.chosen.label if form.chosen else "the direct team"
        messages.success(request, f"Received for {whom}: {saved.number}. The answer is due by {promise(saved)}.")
        return redirect(self._address())

    def _address(self) -> str:
        return f"{reverse('review:register')}?program={self.program.pk}"

    def _form(self, data: Any = None) -> RegistrationForm:
        return RegistrationForm(
            data,
            program=self.program,
            products=products_of(self.program),
            claimants=[Claimant("direct", "Direct team", None), *self._partners(data)],
            today=today_in(self.program),
        )

    def _partners(self, data: Any) -> Iterable[Claimant]:
        """The partners whose name was searched for (a few of all otherwise), and the one that was chosen before."""
        rows = visible(self.request.user, Partner.objects.filter(program=self.program), "register_deals")
        words = self.request.GET.get("q", "").strip()
        self.found = list(rows.filter(name__icontains=words).order_by("name", "id")[: PARTNERS_SHOWN + 1])
        shown = {partner.pk: partner for partner in self.found[:PARTNERS_SHOWN]}
        try:
            chosen = uuid.UUID((data or {}).get("claimant", ""))
        except ValueError:
            chosen = None
        if chosen and chosen not in shown:
            shown |= {partner.pk: partner for partner in rows.filter(pk=chosen)}
        return [Claimant(str(partner.pk), partner.name, partner.pk) for partner in shown.values()]

    def _page(self, form: RegistrationForm, **read: Any) -> HttpResponse:
        due = self.program.calendar.add_hours(timezone.now(), DECISION_HOURS)
        context = {
            "form": form,
            "program": self.program,
            "programs": self.programs,
            "due": moment(due, self.program.timezone),
            "words": self.request.GET.get("q", ""),
            "more_partners": len(self.found) > PARTNERS_SHOWN,
            **read,
        }
        return render(self.request, "reviews/register.html", context)
