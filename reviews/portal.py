"""A party's side of a case: own registrations, what was told and asked, and the answer. Nothing of anybody else."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.policy_summaries import summary_in_force
from partners.amending import may_resubmit, why_no_amendment
from partners.completeness import of_registration
from partners.drafts import open_drafts
from partners.evidence import add_files
from partners.forms import EVIDENCE_KINDS, AnswerForm, value_label
from partners.models import Registration, RegistrationStatus, WaitingParty
from partners.paper_forms import PaperForm
from partners.paper_views import may_add_proof, tell_added
from partners.permissions import get_or_404, visible
from partners.places import place_name
from partners.protection import terms_of, why_no_extension
from partners.services import add_activity
from partners.tracker import track
from partners.views import PortalView, attempt, may_withdraw, products_of, today_in, user_of
from reviews.announcements import latest_announcements, to_acknowledge
from reviews.models import Message, Notice
from reviews.services import answer_request
from reviews.services.surveys import OUTCOMES
from reviews.standing import standing_of
from reviews.states import APPEAL_WINDOW
from reviews.survey_forms import survey_of
from reviews.talk_portal import open_talks_of

PAGE = 25
UNREAD_SHOWN = 5
S = RegistrationStatus
FILTERS: dict[str, tuple[Any, tuple[RegistrationStatus, ...]]] = {
    "": (gettext_lazy("All"), ()),
    "drafts": (gettext_lazy("Drafts"), (S.DRAFT,)),
    "under-way": (gettext_lazy("Under way"), (S.SUBMITTED, S.IN_REVIEW)),
    "wanted": (gettext_lazy("Information wanted"), (S.ACTION_REQUIRED,)),
    "approved": (gettext_lazy("Approved"), (S.APPROVED,)),
    "ended": (gettext_lazy("Ended"), (S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.CONVERTED, S.REVOKED, S.CLOSED_LOST)),
}


def unread_notices(user: Any) -> list[Notice]:
    """The latest notices that nobody at the user's partners has opened yet, read once a request."""
    kept = getattr(user, "_unread_notices", None)
    if kept is None:
        rows = visible(user, Notice.objects.filter(read_at__isnull=True)).order_by("-id")
        kept = user._unread_notices = list(rows[: UNREAD_SHOWN + 1])
    return kept


def portal_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The portal's top bar for a partner's user, in the shape of reviews.navigation."""
    unread = len(unread_notices(request.user))
    here = request.resolver_match.view_name if request.resolver_match else ""
    links = [
        (_("Your deals"), "portal:registrations", "inbox", ""),
        (pgettext("menu", "Register a deal"), "portal:register", "plus", ""),
        (_("Leads"), "portal:lead_offers", "flag", str(getattr(request.user, "_leads_offered", 0) or "")),
        (_("My company"), "portal:company", "building", ""),
        (_("Concerns"), "portal:concerns", "message", ""),
        (_("Notices"), "portal:notices", "bell", f"{UNREAD_SHOWN}+" if unread > UNREAD_SHOWN else str(unread or "")),
    ]
    items = [
        {"label": label, "url": reverse(name), "icon": icon, "count": count, "current": here == name}
        for label, name, icon, count in links
    ]
    return [{"title": _("Portal"), "items": items}]


class RegistrationsView(PortalView):
    """The partner's own registrations, newest first, and what is new."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page; `before` is the last row of the page before (no offsets: they slow down and skip)."""
        status, words = request.GET.get("status", ""), request.GET.get("q", "").strip()[:200]
        rows, older = self._rows(status, words, request.GET.get("before", ""))
        now, by_id = timezone.now(), {partner.pk: partner for partner in self.partners}
        listed = [
            {"registration": row, "partner": partner, "value": value_label(row),
             "track": track(row, now=now, zone=partner.program.timezone, terms=terms_of(row), worked_on=row.worked_on)}
            for row in rows
            if row.partner_id and (partner := by_id[row.partner_id])
        ]  # fmt: skip
        unread = unread_notices(request.user)
        return self.page(
            "registrations", rows=listed, older=older, paged="before" in request.GET, words=words, status=status,
            filters=[(key, label, key == status) for key, (label, _states) in FILTERS.items()],
            talks=open_talks_of(request.user), to_acknowledge=to_acknowledge(self.partners),
            unread=unread[:UNREAD_SHOWN], more_unread=len(unread) > UNREAD_SHOWN,
            drafts=[] if words or status or "before" in request.GET else open_drafts(request.user),
        )  # fmt: skip

    def _rows(self, status: str, words: str, before: str) -> tuple[list[Any], str]:
        """A page of rows, and what `before` must be for the next one ("" = this is the last)."""
        rows = own_rows(self.request.user, status, words)
        try:
            rows = rows.filter(pk__lt=uuid.UUID(before)) if before else rows
        except ValueError:
            rows = rows.none()
        found = list(rows.order_by("-id")[: PAGE + 1])
        return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def own_rows(user: Any, status: str, words: str) -> QuerySet[Any]:
    """The registrations of a user's partners that fit a filter and a search."""
    rows: QuerySet[Any] = visible(user, Registration.objects.with_terms())
    if FILTERS.get(status, ("", ()))[1]:
        rows = rows.filter(status__in=FILTERS[status][1])
    if words:
        rows = rows.filter(
            Q(account_name__icontains=words)
            | Q(account_domain__icontains=words)
            | Q(number__istartswith=words)
            | Q(external_id__istartswith=words)
        )
    return rows


class RegistrationView(PortalView):
    """One registration: the receipt, how far it is, what was typed, proof of work, what was told and asked."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page."""
        registration = self.registration(pk)
        zone, kinds = registration.program.timezone, dict(EVIDENCE_KINDS)
        names = {line.code: line.name for line in products_of(registration.program)}
        told = visible(request.user, Notice.objects.filter(registration=registration)).order_by("-sent_at", "-id")
        said = visible(request.user, Message.objects.filter(registration=registration)).order_by("sent_at", "id")
        notices, activities = list(told), list(registration.activities.order_by("-occurred_on", "-id"))
        terms, now = terms_of(registration), timezone.now()
        for notice in notices if request.method == "GET" else ():
            read_notice(notice=notice, by=user_of(request), at=timezone.now())
        return self.page(
            "registration", registration=registration, zone=zone, value=value_label(registration),
            track=track(registration, now=now, zone=zone, terms=terms,
                        worked_on=activities[0].occurred_on if activities else None),
            terms=terms, extensions=list(registration.extensions.order_by("asked_at")) if registration.decided_at else [],
            waiting=_waiting(registration),
            products=[names.get(code, code) for code in registration.product_lines],
            place=place_name(registration.account_country, registration.account_subdivision),
            activities=activities,
            evidence=[
                {"label": kinds.get(paper.kind, paper.kind), "paper": paper}
                for paper in registration.evidence.on_record().select_related("file").order_by("-added_at", "-id")
            ],
            talks=open_talks_of(request.user, registration=registration), notices=notices, said=list(said),
            buttons=_buttons(registration, now),
            completeness=of_registration(registration, worked=bool(activities)) if may_add_proof(registration) else None,
            standing=standing_of(request.user, registration, now), survey=survey_of(registration, notices),
        )  # fmt: skip


def _waiting(registration: Registration) -> dict[str, Any] | None:
    """On every registration that was not approved alike: the offer to be told when the account is free."""
    if registration.status != S.REJECTED:
        return None
    return {"asked": WaitingParty.objects.filter(registration=registration).first()}


def _buttons(registration: Registration, now: datetime) -> list[dict[str, str]]:
    """What can be done with a registration now."""
    drafted, asked = registration.status == S.DRAFT, registration.status == S.ACTION_REQUIRED
    offers = [
        (drafted, "portal:edit", _("Finish the draft"), "pencil", "pri"),
        (asked, "portal:answer", _("Answer the question"), "message", "pri"),
        (not why_no_extension(registration, now), "portal:extend", _("Ask for more time"), "clock", ""),
        (not why_no_amendment(registration), "portal:amend", _("Amend"), "pencil", ""),
        (may_resubmit(registration), "portal:resubmit", _("Register it again"), "plus", ""),
        (registration.submitted_at is not None, "portal:receipt", _("Receipt"), "doc", ""),
        (may_add_proof(registration), "portal:proof", _("Add proof of work"), "plus", ""),
        (may_withdraw(registration), "portal:withdraw", _("Withdraw"), "undo", "danger"),
    ]
    return [
        {"url": reverse(name, args=[registration.pk]), "label": label, "icon": icon, "kind": kind}
        for offered, name, label, icon, kind in offers
        if offered
    ]


class PolicyView(PortalView):
    """What is decided by what: the summary of the live policy of each program, and nothing of anybody's deals."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        programs = list({partner.program_id: partner.program for partner in self.partners}.values())
        shown = [(program, summary_in_force(program)) for program in programs]
        changed = latest_announcements([program.pk for program in programs])
        return self.page("policy", policies=shown, appeal_days=APPEAL_WINDOW.days, changed=list(changed.values()))


class AnswerView(PortalView):
    """A party answers a request for information: only what was asked for can be changed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The questions, and a form of the fields that they name."""
        registration = self.registration(pk)
        if registration.status != S.ACTION_REQUIRED:
            return redirect("portal:registration", pk)
        return self._page(registration, self._form(registration))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the answer; the registration is looked at again."""
        registration = self.registration(pk, lock=True)
        if registration.status != S.ACTION_REQUIRED:
            messages.info(request, _("Nothing is asked of this registration now."))
            return redirect("portal:registration", pk)
        form, papers = self._form(registration, request.POST), PaperForm(request.POST, request.FILES, beside=True)
        by = user_of(request)
        if (
            all([form.is_valid(), papers.is_valid()])
            and attempt(request, lambda: _answer(request, registration, form, papers, by), form) is not None
        ):
            messages.success(request, _("Your answer is sent, and the clock runs again."))
            return redirect("portal:registration", pk)
        return self._page(registration, form, papers)

    def _form(self, registration: Registration, data: Any = None) -> AnswerForm:
        program = registration.program
        return AnswerForm(
            data, registration=registration, program=program, products=products_of(program), today=today_in(program)
        )

    def _page(self, registration: Registration, form: AnswerForm, papers: PaperForm | None = None) -> HttpResponse:
        asked = Message.objects.filter(registration=registration, from_party=False, answered_at__isnull=True)
        return self.page(
            "answer", registration=registration, form=form, papers=papers or PaperForm(beside=True),
            zone=registration.program.timezone,
            asked=list(visible(self.request.user, asked).order_by("sent_at", "id")),
        )  # fmt: skip


def _answer(
    request: HttpRequest, registration: Registration, form: AnswerForm, papers: PaperForm, by: User
) -> Registration:
    at = timezone.now()
    if files := papers.cleaned_data["file"]:
        kind = papers.cleaned_data["kind"]
        tell_added(request, add_files(registration=registration, files=files, kind=kind, by=by, at=at))
    if form.proof:
        kind, on = form.proof
        if not registration.activities.filter(kind=kind, occurred_on=on).exists():
            add_activity(registration=registration, kind=kind, occurred_on=on, by=by, at=at)
    return answer_request(
        registration=registration, changes=form.changes(), body=form.cleaned_data["body"], by=by, at=at
    )


class NoticesView(PortalView):
    """Everything the partner was told, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of notices."""
        rows = visible(request.user, Notice.objects.select_related("registration", "offer", "side", "breach"))
        before = request.GET.get("before", "")
        try:
            rows = rows.filter(pk__lt=uuid.UUID(before)) if before else rows
        except ValueError:
            rows = rows.none()
        found = list(rows.order_by("-id")[: PAGE + 1])
        older = str(found[PAGE - 1].pk) if len(found) > PAGE else ""
        return self.page("notices", notices=found[:PAGE], older=older, paged=bool(before))


class NoticeView(PortalView):
    """One notice; opening it marks it as read."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The notice with its reasons."""
        notice = get_or_404(
            request.user, Notice.objects.select_related("registration", "offer", "side", "breach", "program"), pk=pk
        )
        if request.method == "GET":
            read_notice(notice=notice, by=user_of(request), at=timezone.now())
        survey = survey_of(notice.registration) if notice.registration and notice.kind in OUTCOMES else None
        return self.page("notice", notice=notice, zone=notice.program.timezone, survey=survey)


def read_notice(*, notice: Notice, by: User, at: Any) -> Notice:
    """Keep when a party first opened a notice: appeals are counted from what was told, and disputes ask for it."""
    if notice.read_at is None:
        notice.read_at = at
        notice.save(update_fields=["read_at"])
        record(action="notice.read", by=by, at=at, subject=notice, program_id=notice.program_id)
    return notice
