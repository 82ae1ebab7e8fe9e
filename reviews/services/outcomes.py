"""What a decision does: registrations approved or not, protection, support roles, notices, and writes to targets."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.models import Claim, PolicyVersion, Recommendation
from conflicts.policy import Policy
from conflicts.services import settle
from partners.models import PENDING, Ownership, OwnershipRole, Protection, Registration, RegistrationStatus
from partners.services import NotPossibleError, save_row
from reviews import notices
from reviews.choices import DIRECT, Choice
from reviews.models import Case, Decision, NoticeKind, PartyOutcome
from reviews.services.cases import tell
from reviews.writeback import outbox


@dataclass(frozen=True)
class _Deal:
    """One outcome being applied: the deal's id, its policy, and until when what it gives is protected."""

    id: uuid.UUID
    policy: PolicyVersion
    rule: str
    at: datetime
    protected_until: datetime
    by: User | None
    case: Case | None = None
    decision: Decision | None = None


def _deal(
    deal_id: uuid.UUID,
    policy: PolicyVersion,
    rule: str,
    at: datetime,
    by: User | None,
    case: Case | None = None,
    decision: Decision | None = None,
) -> _Deal:
    days = Policy.from_document(policy.document).protection.days
    return _Deal(deal_id, policy, rule, at, at + timedelta(days=days), by, case, decision)


@transaction.atomic
def apply_outcome(*, case: Case, decision: Decision, choice: Choice, by: User, at: datetime) -> None:
    """Carry out a decided case, in the decision's own transaction."""
    deal = _deal(decision.pk, decision.policy, rule_of(decision.recommendation), at, by, case, decision)
    claims = list(case.conflict.claims.filter(registration__isnull=False).select_related("registration", "partner"))
    blocked = set(
        case.conflict.findings.filter(gone_at__isnull=True, blocking=True).values_list("registration_id", flat=True)
    )
    winners = _with_chains(choice.winners(), claims)
    won = _won(claims, winners, blocked)
    lost = [claim for claim in claims if claim not in won]
    for claim in lost:  # first, since ending a protection makes room for the new one
        _lose(deal, claim, choice, won)
    for claim in won:
        _win(deal, claim, choice)
    _support(deal, case, choice)
    _tell_parties(case, choice, winners, by, at)
    settle(conflict=case.conflict, by=by, at=at)


def _claimant(claim: Claim) -> str:
    return str(claim.partner_id) if claim.partner_id else DIRECT


def _won(claims: list[Claim], winners: frozenset[str], blocked: Collection[uuid.UUID]) -> list[Claim]:
    """The claims that an outcome approves."""
    return [
        claim
        for claim in claims
        if _claimant(claim) in winners
        and (claim.registration_id not in blocked or _all_blocked(claim, claims, blocked))
    ]


def _with_chains(winners: frozenset[str], claims: Iterable[Claim]) -> frozenset[str]:
    """A distribution chain shares one deal: the winner's distributor and resellers win with it."""
    found = set(winners)
    for claim in claims:
        if claim.partner and claim.partner.distributor_id:
            chain = {str(claim.partner_id), str(claim.partner.distributor_id)}
            if chain & winners:
                found |= chain
    return frozenset(found)


def _all_blocked(claim: Claim, claims: list[Claim], blocked: Collection[uuid.UUID]) -> bool:
    """A person may award what the rules would not: then the claimant's earliest registration is the one approved."""
    mine = [c for c in claims if c.partner_id == claim.partner_id]
    earliest = min(mine, key=lambda c: (c.registration.submitted_at, str(c.registration_id)))
    return all(c.registration_id in blocked for c in mine) and claim.pk == earliest.pk


def _win(deal: _Deal, claim: Claim, choice: Choice) -> None:
    registration = claim.registration
    if registration.status == RegistrationStatus.APPROVED:  # its protection was held: it stays as it is
        return
    share = choice.shares.get(_claimant(claim))
    _approve(deal, claim, NoticeKind.SHARED if share is not None else NoticeKind.APPROVED, share)


def _approve(deal: _Deal, claim: Claim, kind: NoticeKind, share: Decimal | str | None) -> None:
    registration = claim.registration
    before = outbox.fields_of(registration)
    registration.status, registration.decided_at = RegistrationStatus.APPROVED, deal.at
    registration.assessed_at = registration.assessed_at or deal.at
    registration.protected_from, registration.protected_until = deal.at, deal.protected_until
    save_row(registration, by=deal.by, at=deal.at, action="registration.approved",
             facts={"rule": deal.rule, "deal": deal.id, "policy": deal.policy.pk})  # fmt: skip
    protect(registration=registration, account_id=claim.account_id, deal=deal.id, by=deal.by, at=deal.at)
    _finish(deal, registration, before, kind, share)


@transaction.atomic
def protect(
    *, registration: Registration, account_id: uuid.UUID, deal: uuid.UUID, by: User | None, at: datetime
) -> None:
    """Protect an approved registration's deal, one row a product line; the database refuses a second deal."""
    period = DateTimeTZRange(registration.protected_from, registration.protected_until)
    try:
        with transaction.atomic():
            for line in registration.product_lines:
                row = Protection(
                    program_id=registration.program_id, account_id=account_id, product_line=line, period=period,
                    deal=deal, registration=registration,
                )  # fmt: skip
                save_row(row, by=by, at=at, action="protection.begun", facts={"line": line, "deal": deal})
    except IntegrityError as error:
        if "one_deal_protected_at_a_time" not in str(error):
            raise
        raise NotPossibleError(
            f"{registration.ref}: another deal is protected on this account for {', '.join(registration.product_lines)} "
            "in this period. Nothing was saved: decide the case that joins both."
        ) from None


@transaction.atomic
def protect_as_loaded(*, registration: Registration, account_id: uuid.UUID, at: datetime) -> None:
    """Protect a registration that came in as approved, under its own id as the deal.

    Where another deal is already protected the rows stay out: both claims are live, and the case says so.
    """
    if registration.protected_from is None or Protection.objects.filter(registration=registration).exists():
        return
    with suppress(NotPossibleError):
        protect(registration=registration, account_id=account_id, deal=registration.pk, by=None, at=at)


def _lose(deal: _Deal, claim: Claim, choice: Choice, won: list[Claim]) -> None:
    registration = claim.registration
    before = outbox.fields_of(registration)
    if registration.status in PENDING:
        registration.status = RegistrationStatus.REJECTED
    elif registration.status == RegistrationStatus.APPROVED and _in_the_way(registration, won):
        registration.status = RegistrationStatus.REVOKED
        _end_protection(registration, deal)
    else:
        return
    registration.decided_at, registration.requested_fields = deal.at, []
    save_row(
        registration, by=deal.by, at=deal.at, action=f"registration.{registration.status}", facts={"rule": deal.rule}
    )
    kind = NoticeKind.SUPPORT if _claimant(claim) in choice.support else NoticeKind.NOT_APPROVED
    _finish(deal, registration, before, kind, None, bool(won) or choice.owner == DIRECT)


def _in_the_way(registration: Registration, won: list[Claim]) -> bool:
    """An approved deal ends only for the products that now go to somebody else (to direct, when nobody registered won)."""
    lines = {line for claim in won for line in claim.registration.product_lines}
    return not won or not lines.isdisjoint(registration.product_lines)


def _end_protection(registration: Registration, deal: _Deal) -> None:
    registration.protected_until = deal.at
    for row in Protection.objects.filter(registration=registration, ended_at__isnull=True):
        row.period = DateTimeTZRange(row.period.lower, deal.at)
        row.ended_at = deal.at
        save_row(row, by=deal.by, at=deal.at, action="protection.ended")


def _finish(
    deal: _Deal,
    registration: Registration,
    before: dict[str, str],
    kind: NoticeKind,
    share: Decimal | str | None,
    another: bool = False,
) -> None:
    blocking = _blocking(registration, deal) if kind == NoticeKind.NOT_APPROVED else ()
    until = registration.protected_until if registration.status == RegistrationStatus.APPROVED else None
    text = _text(registration, kind, deal.rule, until, share, another, blocking)
    tell(registration.partner_id, registration, kind, text, deal.at)
    outbox.enqueue(registration=registration, before=before, case=deal.case, decision=deal.decision,
                   version=str(deal.id), share=str(share or ""), at=deal.at)  # fmt: skip


def _text(
    registration: Registration, kind: NoticeKind, rule: str, until: datetime | None, share: Decimal | str | None,
    another: bool, blocking: Iterable[str],
) -> notices.Text:  # fmt: skip
    """What a party is told of one registration; also what the desk shows before anybody decides."""
    return notices.write(
        notices.Outcome(
            number=registration.ref,
            account=registration.account_name,
            kind=kind,
            rule=rule,
            protected_until=until,
            share_pct=int(Decimal(share)) if share is not None else None,
            own_reasons=_own_reasons(registration, kind, blocking),
            another_claim=another,
        )
    )


def _blocking(registration: Registration, deal: _Deal) -> tuple[str, ...]:
    """The kinds of the findings that block a registration of a case."""
    if deal.case is None:
        return ()
    found = deal.case.conflict.findings.filter(registration=registration, gone_at__isnull=True, blocking=True)
    return tuple(found.values_list("kind", flat=True))


def _own_reasons(registration: Registration, kind: NoticeKind, blocking: Iterable[str]) -> tuple[str, ...]:
    """Sentences about the party's own facts alone: its blocking findings name rules, its activities its work."""
    if kind == NoticeKind.NOT_APPROVED:
        return tuple(_RULE_SENTENCES[k] for k in sorted(set(blocking)) if k in _RULE_SENTENCES)
    latest = max(registration.activities.all(), key=lambda a: (a.occurred_on, str(a.pk)), default=None)
    if latest and kind in (NoticeKind.APPROVED, NoticeKind.SHARED):
        what = latest.get_kind_display().lower()
        return (f"Your {what} of {latest.occurred_on:%-d %B %Y} shows work on the account.",)
    return ()


@dataclass(frozen=True)
class Told:
    """What one registration's party would be told of an outcome; no text where nothing changes for it."""

    registration: Registration
    kind: NoticeKind
    text: notices.Text | None


def preview(
    *,
    choice: Choice,
    recommendation: Recommendation,
    claims: list[Claim],
    blocking: Mapping[uuid.UUID, Collection[str]],
    at: datetime,
) -> list[Told]:
    """What each party of a case would read if `choice` became the outcome at `at`. Writes nothing.

    `claims` come with registration, activities and partner; `blocking` are kinds of findings by registration.
    """
    rule = rule_of(recommendation)
    days = Policy.from_document(recommendation.policy.document).protection.days
    winners = _with_chains(choice.winners(), claims)
    won = _won(claims, winners, blocking)
    another = bool(won) or choice.owner == DIRECT
    told = []
    for claim in claims:
        registration, share = claim.registration, choice.shares.get(_claimant(claim))
        if claim in won:
            kind = NoticeKind.SHARED if share is not None else NoticeKind.APPROVED
            until, changes = at + timedelta(days=days), registration.status != RegistrationStatus.APPROVED
        else:
            kind = NoticeKind.SUPPORT if _claimant(claim) in choice.support else NoticeKind.NOT_APPROVED
            until, share = None, None
            changes = registration.status in (*PENDING, RegistrationStatus.APPROVED)
        other = another and claim not in won
        text = _text(registration, kind, rule, until, share, other, blocking.get(registration.pk, ()))
        told.append(Told(registration, kind, text if changes else None))
    return told


def rule_of(recommendation: Recommendation) -> str:
    """The rule that a recommendation rests on, in the words of a notice."""
    return f"{recommendation.result.get('rule_id', '')} of policy v{recommendation.policy.number}".strip()


_RULE_SENTENCES = {
    "duplicate_registration": "You had already registered this deal.",
    "exclusive_territory": "The account lies outside the territory in which you may sell these products.",
    "out_of_territory": "The account lies outside your assigned territory.",
    "agreement_inactive": "No agreement of yours was active on the day you registered.",
    "product_not_entitled": "Your agreement or your certifications do not cover every product registered.",
    "tier_insufficient": "The amount is above the limit of your tier.",
    "capacity_reached": "You have reached the number of open registrations of your tier.",
}


def _support(deal: _Deal, case: Case, choice: Choice) -> None:
    for claimant in choice.support:
        partner_id = None if claimant == DIRECT else uuid.UUID(claimant)
        row = Ownership(
            program_id=case.program_id, account_id=case.account_id, partner_id=partner_id, direct=partner_id is None,
            role=OwnershipRole.SUPPORT, product_lines=case.product_lines, valid_from=deal.at.date(),
            valid_until=deal.protected_until.date(),
        )  # fmt: skip
        known = Ownership.objects.filter(
            account_id=row.account_id, partner_id=partner_id, role=row.role, valid_from=row.valid_from
        )
        if not known.exists():
            save_row(row, by=deal.by, at=deal.at, action="support.recorded")


def _tell_parties(case: Case, choice: Choice, winners: frozenset[str], by: User | None, at: datetime) -> None:
    for party in case.parties.filter(left_at__isnull=True):
        claimant = str(party.partner_id) if party.partner_id else DIRECT
        party.outcome = _outcome_for(claimant, choice, winners)
        share = choice.shares.get(claimant)
        party.share_pct = Decimal(share) if share is not None else None
        save_row(party, by=by, at=at, action="party.decided", facts={"outcome": party.outcome})


def _outcome_for(claimant: str, choice: Choice, winners: frozenset[str]) -> PartyOutcome:
    if claimant in choice.shares:
        return PartyOutcome.SHARED
    if claimant in winners or (claimant == DIRECT and choice.action == "direct_retained"):
        return PartyOutcome.OWNER
    return PartyOutcome.SUPPORT if claimant in choice.support else PartyOutcome.NOT_AWARDED


@transaction.atomic
def approve_without_conflict(
    *, registrations: Iterable[Registration], policy: PolicyVersion, at: datetime
) -> list[Registration]:
    """Approve registrations that nothing stands against, under rule no_conflict; a chain's members share one deal."""
    approved = []
    for registration in sorted(registrations, key=lambda r: (r.submitted_at, str(r.pk))):
        claim = Claim.objects.select_related("registration", "partner").get(registration=registration)
        deal = _deal(_shared_deal(claim), policy, f"no_conflict of policy v{policy.number}", at, None)
        _approve(deal, claim, NoticeKind.APPROVED, None)
        approved.append(claim.registration)
    if approved:
        record(action="registrations.approved_by_rule", by=None, at=at, subject=policy, program_id=policy.program_id,
               facts={"rule": "no_conflict", "registrations": [r.pk for r in approved]})  # fmt: skip
    return approved


def _shared_deal(claim: Claim) -> uuid.UUID:
    """The deal that is protected on the account already, else a new one.

    Nothing stands against this registration, so whoever is protected there is of its chain, or an exception says that
    both may be: they share the deal.
    """
    registration = claim.registration
    held = Protection.objects.filter(
        account_id=claim.account_id, product_line__in=registration.product_lines, ended_at__isnull=True
    ).exclude(registration=registration)
    return held.order_by("pk").values_list("deal", flat=True).first() or registration.pk
