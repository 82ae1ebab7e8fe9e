"""What a decision does: registrations approved or not, protection, support roles, notices, and writes to targets."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.models import Claim, PolicyVersion
from conflicts.policy.document import ProtectionRule
from conflicts.services import settle
from partners.models import PENDING, Ownership, OwnershipRole, Protection, Registration, RegistrationStatus
from partners.services import save_row
from reviews.choices import DIRECT, Choice
from reviews.models import Case, Decision, NoticeKind, Party
from reviews.services.approvals import keep_approval
from reviews.services.cases import tell
from reviews.services.plan import Ending, claimant, endings, outcome_for, sides_by_name, winning_sides
from reviews.services.protection import protect
from reviews.services.statements import Ground, ground_of, ground_without_conflict, statement
from reviews.states import APPEAL_WINDOW
from reviews.writeback import outbox

_ENDED = (RegistrationStatus.REJECTED, RegistrationStatus.REVOKED)


@dataclass(frozen=True)
class _Deal:
    """One outcome being applied: the deal's id, its policy, and what it protects."""

    id: uuid.UUID
    ground: Ground
    by: User | None
    case: Case | None = None
    decision: Decision | None = None

    @property
    def at(self) -> datetime:
        """When it is decided."""
        return self.ground.at

    @property
    def rule(self) -> str:
        """What it rests on, for the record."""
        return self.ground.basis.short

    @property
    def protection(self) -> ProtectionRule:
        """How long what is approved is protected, and what renews it."""
        return self.ground.policy.policy.protection

    @property
    def protected_until(self) -> datetime:
        """Until when what is approved now is protected."""
        return self.at + timedelta(days=self.protection.days)


@transaction.atomic
def apply_outcome(*, case: Case, decision: Decision, choice: Choice, by: User | None, at: datetime) -> None:
    """Carry out a decided case, in the decision's own transaction."""
    claims = case.conflict.claims.filter(registration__isnull=False).select_related(
        "registration", "partner", "account"
    )
    _carry_out(case, decision, choice, list(claims), by, at)
    if decision.is_by_rule:
        won = claims.filter(registration__status=RegistrationStatus.APPROVED, partner=decision.owner)
        first = won.select_related("registration", "partner__tier", "account").earliest(
            "registration__submitted_at", "pk"
        )
        keep_approval(claim=first, policy=decision.policy, decision=decision, at=at)


@transaction.atomic
def replace_outcome(
    *, case: Case, before: Decision, decision: Decision, choice: Choice, by: User, at: datetime
) -> None:
    """Put a decision's outcome in the place of the one before: what is given now is taken from whoever had it.

    Whoever gets something now, and was not approved before, is approved or supports as in a first decision.
    """
    claims = claims_decided(case, before)
    for claim in claims:
        if claim.registration.status in _ENDED and claim.registration.decided_at >= before.decided_at:
            _reopen(claim, choice, claims, by, at)
    _end_support(case, before, choice, by, at)
    _carry_out(case, decision, choice, claims, by, at, again=True)


def claims_decided(case: Case, decision: Decision) -> list[Claim]:
    """The claims that a decision was about, those too which a later conflict took over."""
    known = [registration["id"] for registration in decision.recommendation.facts["registrations"]]
    rows = Claim.objects.filter(registration__in=known).select_related("registration", "partner", "account")
    lines = set(case.product_lines)
    return [claim for claim in rows.order_by("pk") if not lines or lines & set(claim.registration.product_lines)]


def _reopen(claim: Claim, choice: Choice, claims: list[Claim], by: User, at: datetime) -> None:
    """What was not approved, or taken away, waits again for a moment: the outcome then ends it as any other."""
    given = winning_sides(choice, claims).keys() | set(choice.support)
    if claimant(claim) in given:
        claim.registration.status = RegistrationStatus.IN_REVIEW
        save_row(claim.registration, by=by, at=at, action="registration.reopened")


def _end_support(case: Case, before: Decision, choice: Choice, by: User, at: datetime) -> None:
    """Support roles that the earlier decision gave, and this one does not, end today."""
    for side in set(before.support) - set(choice.support):
        who = {"direct": True} if side == DIRECT else {"partner": side}
        rows = Ownership.objects.filter(
            **who, account_id=case.account_id, role=OwnershipRole.SUPPORT, valid_from=case.decided_at.date()
        )
        for row in rows.order_by("pk"):
            row.valid_until = at.date()
            save_row(row, by=by, at=at, action="support.ended")


def _carry_out(
    case: Case,
    decision: Decision,
    choice: Choice,
    claims: list[Claim],
    by: User | None,
    at: datetime,
    again: bool = False,
) -> None:
    blocking = _blocking(case)
    shared = {party_side(party) for party in case.parties.all() if party.share_pct is not None} if again else ()
    ended = endings(choice=choice, claims=claims, blocked=blocking, shared=shared)
    held = _one_deal([e.claim for e in ended if e.won], by, at)
    ground = ground_of(decision.recommendation, at, is_override=decision.is_override,
                       agreed=bool(decision.agreed_in_id), again=again, by_rule=decision.is_by_rule)  # fmt: skip
    deal = _Deal(held or decision.pk, ground, by, case, decision)
    for ending in sorted(ended, key=lambda e: e.won):  # losers first: ending a protection makes room for the new one
        if ending.changes:
            _end(deal, ending, blocking.get(ending.registration.pk, ()))
    _support(deal, case, choice)
    _tell_parties(case, choice, sides_by_name(choice, claims), by, at, None if again else at + APPEAL_WINDOW)
    settle(conflict=case.conflict, by=by, at=at)


def _blocking(case: Case) -> dict[uuid.UUID, tuple[str, ...]]:
    """The kinds of the findings that block each registration of a case."""
    found: dict[uuid.UUID, tuple[str, ...]] = {}
    rows = case.conflict.findings.filter(gone_at__isnull=True, blocking=True).values_list("registration_id", "kind")
    for registration_id, kind in rows:
        found[registration_id] = (*found.get(registration_id, ()), kind)
    return found


def _one_deal(won: list[Claim], by: User | None, at: datetime) -> uuid.UUID | None:
    """The deal that winners are protected under already; several become one, since they share the deal from now on."""
    rows = list(
        Protection.objects.filter(registration__claim__in=won, ended_at__isnull=True, period__contains=at).order_by(
            "pk"
        )
    )
    for row in rows[1:]:
        if row.deal != rows[0].deal:
            row.deal = rows[0].deal
            save_row(row, by=by, at=at, action="protection.joined", facts={"deal": row.deal})
    return rows[0].deal if rows else None


def _end(deal: _Deal, ending: Ending, blocking: Iterable[str]) -> None:
    registration, before = ending.registration, outbox.fields_of(ending.registration)
    if ending.won and registration.status in PENDING:
        _protect_approved(deal, ending.claim)
    elif not ending.won:
        _close(deal, registration)
    _finish(deal, ending, before, blocking)


def _protect_approved(deal: _Deal, claim: Claim) -> None:
    registration = claim.registration
    registration.status, registration.decided_at = RegistrationStatus.APPROVED, deal.at
    registration.assessed_at = registration.assessed_at or deal.at
    registration.protected_from, registration.protected_until = deal.at, deal.protected_until
    registration.requested_fields = []
    save_row(registration, by=deal.by, at=deal.at, action="registration.approved",
             facts={"rule": deal.rule, "deal": deal.id, "policy": deal.ground.policy.pk})  # fmt: skip
    protect(registration=registration, account_id=claim.standing_account_id, deal=deal.id, rule=deal.protection,
            by=deal.by, at=deal.at)  # fmt: skip


def _close(deal: _Deal, registration: Registration) -> None:
    if registration.status == RegistrationStatus.APPROVED:
        registration.status = RegistrationStatus.REVOKED
        _end_protection(registration, deal)
    else:
        registration.status = RegistrationStatus.REJECTED
    registration.decided_at, registration.requested_fields = deal.at, []
    save_row(
        registration, by=deal.by, at=deal.at, action=f"registration.{registration.status}", facts={"rule": deal.rule}
    )


def _end_protection(registration: Registration, deal: _Deal) -> None:
    registration.protected_until = deal.at
    for row in Protection.objects.filter(registration=registration, ended_at__isnull=True):
        row.period = DateTimeTZRange(row.period.lower, deal.at)
        row.ended_at = deal.at
        save_row(row, by=deal.by, at=deal.at, action="protection.ended")


def _finish(deal: _Deal, ending: Ending, before: dict[str, str], blocking: Iterable[str]) -> None:
    registration = ending.registration
    until = registration.protected_until if registration.status == RegistrationStatus.APPROVED else None
    tell(registration.partner_id, registration, ending.kind, statement(ending, deal.ground, until, blocking), deal.at)
    outbox.enqueue(registration=registration, before=before, case=deal.case, decision=deal.decision,
                   version=str(deal.decision.pk if deal.decision else deal.id), share=ending.share or "", at=deal.at)  # fmt: skip


def _support(deal: _Deal, case: Case, choice: Choice) -> None:
    for side in choice.support:
        partner_id = None if side == DIRECT else uuid.UUID(side)
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


def party_side(party: Party) -> str:
    """A party as choices name it: its partner's id, or direct."""
    return str(party.partner_id) if party.partner_id else DIRECT


def _tell_parties(
    case: Case, choice: Choice, sides: Mapping[str, str], by: User | None, at: datetime, appeal_until: datetime | None
) -> None:
    for party in case.parties.filter(left_at__isnull=True):
        side = party_side(party)
        party.outcome = outcome_for(side, choice, sides)
        share = choice.shares.get(sides.get(side, ""))
        party.share_pct = Decimal(share) if share is not None else None
        party.appeal_until = appeal_until
        save_row(party, by=by, at=at, action="party.decided", facts={"outcome": party.outcome})


@transaction.atomic
def approve_without_conflict(
    *, registrations: Iterable[Registration], policy: PolicyVersion, at: datetime
) -> list[Registration]:
    """Approve registrations that nothing stands against, under rule no_conflict; a chain's members share one deal.
    What one of them was asked need not be answered any more."""
    approved = []
    for registration in sorted(registrations, key=lambda r: (r.submitted_at, str(r.pk))):
        claim = Claim.objects.select_related("registration", "partner__tier", "account").get(registration=registration)
        deal = _Deal(_shared_deal(claim, at), ground_without_conflict(policy, at), None)
        _end(deal, Ending(claim, True, NoticeKind.APPROVED, None, False, True), ())
        registration.messages.filter(from_party=False, answered_at__isnull=True).update(answered_at=at)
        keep_approval(claim=claim, policy=policy, at=at)
        approved.append(claim.registration)
    if approved:
        record(action="registrations.approved_by_rule", by=None, at=at, subject=policy, program_id=policy.program_id,
               facts={"rule": "no_conflict", "registrations": [r.pk for r in approved]})  # fmt: skip
    return approved


def _shared_deal(claim: Claim, at: datetime) -> uuid.UUID:
    """The deal that is protected on the account already, else a new one.

    Nothing stands against this registration, so whoever is protected there is of its chain, or an exception says that
    both may be: they share the deal.
    """
    registration = claim.registration
    held = Protection.objects.filter(
        account_id=claim.standing_account_id, product_line__in=registration.product_lines, ended_at__isnull=True,
        period__endswith__gt=at,
    ).exclude(registration=registration)  # fmt: skip
    return held.order_by("pk").values_list("deal", flat=True).first() or registration.pk
