"""Claims: who wants or holds which account for which products, whether it is live, and which claims belong together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from conflicts.facts import (
    ALL,
    DIRECT,
    Facts,
    Lines,
    Opportunity,
    Ownership,
    PastRegistration,
    Registration,
    overlap,
)
from conflicts.policy import Policy
from conflicts.windows import day, in_force, instant, within_days

OPEN_STATUSES = frozenset({"submitted", "in_review", "action_required"})
CLOSED_STAGES = frozenset({"closed_won", "closed_lost"})
NEVER = datetime.max.replace(tzinfo=UTC)
SAME, FAMILY = "same", "family"


@dataclass(frozen=True, slots=True)
class Claim:
    """A live claim, whatever record it comes from; `kind` is registration, ownership or opportunity."""

    kind: str
    id: str
    ref: str
    claimant: str
    account_id: str
    possible_account_id: str
    product_lines: Lines
    since: datetime | None
    amount: Decimal | None
    co_sell_partner_id: str = ""
    related_account_id: str = ""

    @property
    def account_ids(self) -> frozenset[str]:
        """The accounts that it is on or may be on."""
        return frozenset({self.account_id, self.possible_account_id} - {""})


@dataclass(frozen=True, slots=True)
class ClaimSet:
    """Live claims of one account family whose products overlap, linked transitively: what one case is about."""

    root_id: str
    claims: tuple[Claim, ...]

    @property
    def registration_ids(self) -> tuple[str, ...]:
        """The registrations among the claims."""
        return tuple(claim.id for claim in self.claims if claim.kind == "registration")

    @property
    def account_ids(self) -> frozenset[str]:
        """The accounts that the claims are on, possible ones included."""
        return frozenset().union(*(claim.account_ids for claim in self.claims))

    @property
    def product_lines(self) -> Lines:
        """All lines of the claims; empty (all) when one of them is for all."""
        scopes = [claim.product_lines for claim in self.claims]
        return ALL if not all(scopes) else frozenset().union(*scopes)


def registration_live(registration: Registration | PastRegistration, at: datetime) -> bool:
    """Undecided, or approved and within its protection."""
    if registration.status in OPEN_STATUSES:
        return True
    begins, ends = registration.protected_from, registration.protected_until
    return registration.status == "approved" and begins is not None and ends is not None and begins <= at < ends


def ownership_live(ownership: Ownership, at: datetime) -> bool:
    """A role `owner` within its dates."""
    return ownership.role == "owner" and in_force(ownership.valid_from, ownership.valid_until, day(at))


def opportunity_live(opportunity: Opportunity, at: datetime, freshness_days: int) -> bool:
    """Open, with its last activity (else its creation) fresh."""
    if opportunity.stage in CLOSED_STAGES:
        return False
    return within_days(opportunity.last_activity_at or opportunity.created_at, freshness_days, at)


def amount_of(registration: Registration, currency: str) -> Decimal | None:
    """The exact amount, else the upper end of its band; unknown in another currency."""
    amount = registration.amount if registration.amount is not None else registration.amount_band_max
    return amount if registration.currency in ("", currency) else None


def ownership_ref(facts: Facts, ownership: Ownership) -> str:
    """What people call an ownership: ACCOUNT:OWNER."""
    account = facts.account(ownership.account_id)
    return f"{account.ref if account else ownership.account_id}:{facts.ref_of(ownership.owner)}"


def live_claims(facts: Facts, policy: Policy) -> list[Claim]:
    """Every live claim, in an order that does not depend on the order of the facts."""
    freshness = policy.parameters.direct_freshness_days
    key = "live claims", freshness
    if key not in facts.kept:
        facts.kept[key] = tuple(sorted(_live_claims(facts, freshness), key=claim_order))
    return list(facts.kept[key])


def _live_claims(facts: Facts, freshness: int) -> list[Claim]:
    claims = [_of_registration(facts, item) for item in facts.registrations if registration_live(item, facts.at)]
    claims += [_of_ownership(facts, item) for item in facts.ownerships if item.owner and ownership_live(item, facts.at)]
    claims += [
        _of_opportunity(facts, item)
        for item in facts.opportunities
        if item.owner == DIRECT and opportunity_live(item, facts.at, freshness)
    ]
    return claims


def claim_order(claim: Claim) -> tuple[datetime, str, str]:
    """The earlier first, those of unknown time last, then by what people call them."""
    return claim.since or NEVER, claim.ref, claim.id


def relation(facts: Facts, left: Claim, right: Claim) -> tuple[str, bool] | None:
    """SAME account or FAMILY, and whether a person need not confirm the identity first; None for strangers."""
    if left.account_id and left.account_id == right.account_id:
        return SAME, True
    if left.account_ids & right.account_ids:
        return SAME, False
    if left.account_id and right.account_id and facts.root_of(left.account_id) == facts.root_of(right.account_id):
        return FAMILY, True
    if roots_of(facts, left) & roots_of(facts, right):
        return FAMILY, False
    return None


def roots_of(facts: Facts, claim: Claim) -> frozenset[str]:
    """The families in which a claim stands, or may stand; one without an account stands alone."""
    accounts = claim.account_ids | {claim.related_account_id} - {""}
    return frozenset(facts.root_of(account) for account in accounts) or frozenset({f"?{claim.id}"})


def same_chain(facts: Facts, left: str, right: str) -> bool:
    """Two different partners of which one is the other's distributor."""
    one, other = facts.partner(left), facts.partner(right)
    if one is None or other is None or left == right:
        return False
    return one.distributor_id == right or other.distributor_id == left


def claim_sets(facts: Facts, policy: Policy) -> list[ClaimSet]:
    """All live claims, one set for each account family and linked product scope."""
    claims = live_claims(facts, policy)
    parent = list(range(len(claims)))

    def top(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    families: dict[str, list[int]] = defaultdict(list)
    for number, claim in enumerate(claims):
        for root in roots_of(facts, claim):
            families[root].append(number)
    for members in families.values():
        first_of: dict[str, int] = {}
        everything = next((number for number in members if not claims[number].product_lines), None)
        for number in members:
            if everything is not None:
                parent[top(number)] = top(everything)
            for line in claims[number].product_lines:
                parent[top(number)] = top(first_of.setdefault(line, number))
    sets: dict[int, list[Claim]] = defaultdict(list)
    for number, claim in enumerate(claims):
        sets[top(number)].append(claim)
    return [ClaimSet(min(roots_of(facts, members[0])), tuple(members)) for members in sets.values()]


def _of_registration(facts: Facts, item: Registration) -> Claim:
    possible = "" if item.identity_confirmed else item.possible_account_id
    amount = amount_of(item, facts.program.currency)
    lines, since = item.product_lines, item.submitted_at
    return Claim("registration", item.id, item.ref, item.claimant, item.account_id, possible, lines, since, amount,
                 related_account_id=item.related_account_id)  # fmt: skip


def _of_ownership(facts: Facts, item: Ownership) -> Claim:
    since = instant(item.valid_from) if item.valid_from else None
    ref = ownership_ref(facts, item)
    return Claim("ownership", item.id, ref, item.owner, item.account_id, "", item.product_lines, since, None)


def _of_opportunity(facts: Facts, item: Opportunity) -> Claim:
    amount = item.amount if item.currency in ("", facts.program.currency) else None
    lines, since = item.product_lines, item.created_at
    return Claim(
        "opportunity", item.id, item.ref, item.owner, item.account_id, "", lines, since, amount, item.co_sell_partner_id
    )


def overlapping(left: Claim, right: Claim) -> bool:
    """The product scopes of two claims overlap."""
    return overlap(left.product_lines, right.product_lines)
