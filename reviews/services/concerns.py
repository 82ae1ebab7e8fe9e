"""Concerns: raised by hand by staff, or by a partner's people about their own registrations; answered, or made a case.

A concern that became a case holds its claim set together as a case until that is decided (raised_registrations): no look
of the detection dissolves it because nothing is found.
"""

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.models import Claim
from partners.language import speaking_to
from partners.models import Account, Program, RegistrationStatus
from partners.permissions import may, partners_of, roles_in
from partners.services import DECISION_HOURS, NotPossibleError, StaleRowError, save_row
from reviews import notices
from reviews.categories import BY_CODE
from reviews.concern_states import ConcernAct, ConcernStatus, following
from reviews.models import Case, Concern, ConcernOutcome, ConcernReview, NoticeKind
from reviews.permissions import NotAllowedError
from reviews.services.cases import tell
from reviews.services.plan import LIVE
from reviews.services.wording import check_words_about
from reviews.states import UNSETTLED, CaseStatus

MOST_SETTLED = 500  # concerns that one sweep closes
ASKED = gettext_noop(
    "We look at what you raised together with everything that is on record, and decide. You read the outcome here."
)
BECAME_OF_IT = gettext_noop(
    "What you raised was looked at and decided. What follows for your registration stands in its notices."
)


@transaction.atomic
def raise_concern(*, concern: Concern, account: Account | None = None, by: User, at: datetime) -> Concern:
    """Keep a new concern and start its clock. A form sent twice makes one; `account` is for staff, who know it.

    A partner's person raises it about a submitted registration of their own; that and nothing else is kept of others.
    """
    earlier = _sent_before(concern, by)
    if earlier is not None:
        return earlier
    _check_may_raise(concern, account, by)
    if not concern.text.strip():
        raise NotPossibleError(_("Say in a few sentences what happened."))
    if concern.happened_on and concern.happened_on > at.date() + timedelta(days=1):
        raise NotPossibleError(_("What happened lies in the past: choose a day up to today."))
    registration = concern.registration
    if registration is not None:
        concern.account_name, concern.product_lines = registration.account_name, list(registration.product_lines)
    elif account is not None:
        concern.account_name = account.name
    concern.text, concern.raised_at, concern.raised_by_id = concern.text.strip(), at, by.pk
    concern.due_at = concern.program.calendar.add_hours(at, DECISION_HOURS)
    facts = {"number": concern.number, "category": concern.category}
    concern = save_row(concern, by=by, at=at, action="concern.raised", facts=facts)
    if account is not None:
        _keep_review(ConcernReview(program_id=concern.program_id, concern=concern, account=account), by, at)
    return concern


def _check_may_raise(concern: Concern, account: Account | None, by: User) -> None:
    registration = concern.registration
    if registration is not None and registration.program_id != concern.program_id:
        raise NotAllowedError(_("This registration is none of this program."))
    if concern.partner_id is None:
        if not may(by, "view_desk", concern) or not roles_in(by, concern.program_id):
            raise NotAllowedError("Your role reads cases; it does not raise concerns.")
        if account is not None and account.program_id != concern.program_id:
            raise NotAllowedError("This account is none of this program.")
        return
    if account is not None or concern.partner_id not in partners_of(by):
        raise NotAllowedError(_("You raise concerns about your own company's registrations."))
    if registration is None or registration.partner_id != concern.partner_id:
        raise NotAllowedError(_("Choose one of your own registrations."))
    if registration.status == RegistrationStatus.DRAFT:
        raise NotPossibleError(_("This registration is a draft: submit it first."))
    if not BY_CODE[concern.category].partners:
        raise NotAllowedError(_("This category is for the vendor's staff."))


def _sent_before(concern: Concern, by: User) -> Concern | None:
    if concern.form_token is None:
        return None
    with connection.cursor() as cursor:  # two requests with one token at once: the second waits and finds the first's
        cursor.execute("select pg_advisory_xact_lock(%s)", [concern.form_token.int % 2**62])
    return Concern.objects.filter(
        program_id=concern.program_id, raised_by_id=by.pk, form_token=concern.form_token
    ).first()


@transaction.atomic
def answer_concern(
    *, concern: Concern, outcome: str, answer: str, note: str = "", by: User, at: datetime, seen_version: int
) -> Concern:
    """Answer a concern and close it: what came of it as a code, what the raiser reads, and a note for staff alone."""
    concern = lock_concern(concern, by, seen_version)
    _check_can(concern, ConcernAct.ANSWER)
    if outcome not in ConcernOutcome.values or outcome == ConcernOutcome.DECIDED:
        raise NotPossibleError("Choose what came of it.")
    if not answer.strip():
        raise NotPossibleError("Write the answer: whoever raised it reads it.")
    if concern.registration:
        check_words_about(answer, concern.registration)
    review = review_of(concern)
    review.outcome, review.note = outcome, note.strip()
    _keep_review(review, by, at)
    return _move(concern, ConcernAct.ANSWER, answer.strip(), by, at, {"outcome": outcome})


@transaction.atomic
def put_in_case(*, concern: Concern, case: Case, by: User, at: datetime) -> Concern:
    """The concern is decided as this case (reviews.raising finds or opens it); its raiser is told so, neutrally."""
    _check_can(concern, ConcernAct.OPEN_CASE)
    review = review_of(concern)
    review.case, review.account_id = case, review.account_id or case.account_id
    _keep_review(review, by, at)
    facts = {"concern": concern.pk, "category": concern.category}
    record(action="case.concern_joined", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk,
           facts=facts)  # fmt: skip
    return _move(concern, ConcernAct.OPEN_CASE, _standing_answer(concern, ASKED), by, at, {})


@transaction.atomic
def settle_concerns(*, program: Program, at: datetime) -> int:
    """Close the concerns whose case was decided; those whose case ended otherwise wait for an answer again."""
    rows = Concern.objects.filter(program=program, status=ConcernStatus.IN_CASE)
    decided = Q(review__case__decided_at__isnull=False) & ~Q(review__case__status__in=UNSETTLED)
    ended = Q(review__case__decided_at__isnull=True, review__case__status=CaseStatus.CLOSED)
    found = rows.filter(decided | ended).select_for_update(no_key=True, skip_locked=True, of=("self",))
    several = list(found.select_related("registration", "review__case").order_by("pk")[:MOST_SETTLED])
    for concern in several:
        if concern.review.case.decided_at is None:
            concern.due_at = concern.program.calendar.add_hours(at, DECISION_HOURS)
            _move(concern, ConcernAct.CASE_ENDED, concern.answer, None, at, {}, told=False)
            continue
        concern.review.outcome = ConcernOutcome.DECIDED
        _keep_review(concern.review, None, at)
        _move(concern, ConcernAct.CASE_DECIDED, _standing_answer(concern, BECAME_OF_IT), None, at, {})
    return len(several)


def raised_registrations(program: Program) -> set[uuid.UUID]:
    """The registrations in cases that are being decided, or were and have not left yet, because of a concern."""
    cases = Case.objects.filter(concerns__concern__status=ConcernStatus.IN_CASE, program=program, status__in=UNSETTLED)
    held = Claim.objects.registered().filter(conflict__in=cases.values("conflict"))
    return {key for key in held.values_list("registration_id", flat=True) if key is not None}


def claims_about(concern: Concern) -> QuerySet[Claim]:
    """The live claims of registrations that a concern is about: of its registration, else of its account and products."""
    live = Claim.objects.registered().filter(program=concern.program_id, registration__status__in=LIVE)
    if concern.registration_id:
        return live.filter(registration=concern.registration_id)
    account = review_of(concern).account
    if account is None:
        return live.none()
    standing = account.merged_into_id or account.pk
    live = live.filter(Q(account=standing) | Q(account__merged_into=standing))
    return live.filter(product_lines__overlap=concern.product_lines) if concern.product_lines else live


def review_of(concern: Concern) -> ConcernReview:
    """What staff made of a concern so far; a fresh one where nobody has looked at it."""
    found = ConcernReview.objects.filter(concern=concern).select_related("account", "case").first()
    if found is not None:
        return found
    fresh = ConcernReview(program_id=concern.program_id, concern=concern)
    if concern.registration_id:
        claim = Claim.objects.filter(registration=concern.registration_id).select_related("account").first()
        fresh.account = claim.account if claim else None
    return fresh


def why_not_worked(user: User, concern: Concern) -> str:
    """The sentence that says why `user` may read a concern but not work on it, or ""."""
    if not may(user, "view_desk", concern):
        return "You have no role in this concern's program."
    return "" if roles_in(user, concern.program_id) else "Your role reads concerns; it does not answer them."


def lock_concern(concern: Concern, by: User, seen_version: int) -> Concern:
    """The concern's row, locked; refused for whoever only reads it, and when it is not the version that was seen."""
    locked = (
        Concern.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "registration")
        .get(pk=concern.pk)
    )
    why_not = why_not_worked(by, locked)
    if why_not:
        raise NotAllowedError(why_not)
    if locked.version != seen_version:
        raise StaleRowError(
            f"{locked.number} changed while you were looking at it: it is {locked.get_status_display().lower()} now. "
            "Nothing was saved."
        )
    return locked


def _check_can(concern: Concern, act: ConcernAct) -> ConcernStatus:
    then = following(concern.status, act)
    if then is None:
        raise NotPossibleError(
            f"{concern.number} is {concern.get_status_display().lower()}: '{act.label.lower()}' is not possible now."
        )
    return then


def _standing_answer(concern: Concern, text: str) -> str:
    """One of the answers that are the same for everybody, in the language of whoever raised the concern."""
    with speaking_to(concern.partner_id):
        return _(text)


def _move(
    concern: Concern, act: ConcernAct, answer: str, by: User | None, at: datetime, facts: dict[str, str], *, told: bool = True
) -> Concern:  # fmt: skip
    concern.status, concern.version = _check_can(concern, act), concern.version + 1
    concern.answer, concern.answered_at = answer, concern.answered_at or at
    save_row(concern, by=by, at=at, action=f"concern.{act.value}", facts={"version": concern.version, **facts})
    if told and concern.partner_id and concern.registration is not None:
        text = notices.concern_answered(concern.registration, concern.number, answer)
        tell(concern.partner_id, concern.registration, NoticeKind.CONCERN_ANSWERED, text, at)
    return concern


def _keep_review(review: ConcernReview, by: User | None, at: datetime) -> None:
    review.reviewed_by_id, review.reviewed_at = by.pk if by else review.reviewed_by_id, at
    save_row(review, by=by, at=at, action="concern.reviewed", facts={"case": review.case_id, "outcome": review.outcome})


def open_concerns() -> QuerySet[Concern]:
    """Concerns that wait for somebody at the vendor."""
    return Concern.objects.filter(status=ConcernStatus.RECEIVED)
