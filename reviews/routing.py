"""The authority matrix: which roles stand behind a decision, in order, and who may second an override. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from conflicts.claims import Claim, live_claims
from conflicts.detectors.finding import Finding
from conflicts.facts import Facts
from conflicts.policy import Policy
from conflicts.policy.document import RouteRow
from conflicts.recommend.answer import Outcome, Recommendation
from conflicts.territories import covers, territory_overlaps

ROLE_ORDER = ("partner_manager", "channel_lead", "revenue_lead")  # the lower first; the others stand beside it
BESIDE = ("sales_ops", "legal")
SECOND = "second:"  # a pending step that any person of the same or a higher role takes, but not the same person


def route(
    facts: Facts, findings: Iterable[Finding], recommendation: Recommendation | Outcome, policy: Policy
) -> tuple[str, ...]:
    """The roles that approve a case of these facts, in order."""
    kinds = {finding.kind for finding in findings}
    claims = live_claims(facts, policy)
    amount = case_amount(facts, policy) or Decimal(0)
    rows = policy.routing.table
    roles = list(next(row.roles for row in rows if _applies(row, kinds, recommendation.action, amount)))
    joining = policy.routing.before_last
    if kinds & set(joining.reasons):
        roles.insert(len(roles) - 1, joining.role)
    first = policy.routing.first
    collide = "territory_overlap" in first.reasons and _rules_collide(facts, claims)
    if collide or ("owner_differs" in first.reasons and owner_differs(facts, claims)):
        roles.insert(0, first.role)
    return tuple(dict.fromkeys(roles))


def case_amount(facts: Facts, policy: Policy) -> Decimal | None:
    """The largest known amount among the claims, in the program's currency; None when none is known."""
    return max((claim.amount for claim in live_claims(facts, policy) if claim.amount is not None), default=None)


def owner_differs(facts: Facts, claims: Iterable[Claim]) -> bool:
    """An account has an owner in our records and another in the synchronised CRM record."""
    owners: dict[str, set[str]] = {}
    for claim in claims:
        if claim.kind == "ownership":
            owners.setdefault(claim.account_id, set()).add(claim.claimant)
    accounts = ((facts.account(key), known) for key, known in owners.items())
    return any(account is not None and account.crm_owner not in ("", *known) for account, known in accounts)


def may_second(first_role: str, second_role: str) -> bool:
    """Whether a person of the second role may stand behind an override of the first: the same or a higher role.
    Sales operations and legal stand beside the order, so only their like seconds them."""
    if first_role in ROLE_ORDER and second_role in ROLE_ORDER:
        return ROLE_ORDER.index(second_role) >= ROLE_ORDER.index(first_role)
    return first_role == second_role and first_role in BESIDE


def above(step: str) -> str:
    """The next role of a step's line; "" at its top, and for roles that stand beside the line."""
    role = step.removeprefix(SECOND)
    higher = ROLE_ORDER[ROLE_ORDER.index(role) + 1 :] if role in ROLE_ORDER else ()
    return higher[0] if higher else ""


def raised(steps: Iterable[str], to: str) -> list[str]:
    """A route whose lower steps are taken by `to` ("" = by nobody else); roles beside the line stay where they are."""
    return list(dict.fromkeys(_raised(step, to) for step in steps))


def _raised(step: str, to: str) -> str:
    second = SECOND if step.startswith(SECOND) else ""
    role = step.removeprefix(SECOND)
    lower = role in ROLE_ORDER and to in ROLE_ORDER and ROLE_ORDER.index(role) < ROLE_ORDER.index(to)
    return f"{second}{to}" if lower else step


def higher_of(first: str, second: str) -> str:
    """The higher of two roles of the line; "" counts as none."""
    return max(first, second, key=lambda role: ROLE_ORDER.index(role) if role in ROLE_ORDER else -1)


def role_for(mine: Collection[str], wanted: str) -> str:
    """In which of their roles somebody may take a step of a route; "" = in none.

    A higher role of the same line may take a lower one's step: where every manager has an interest, somebody must.
    """
    if wanted.startswith(SECOND):
        return next(
            (role for role in (*ROLE_ORDER, *BESIDE) if role in mine and may_second(wanted.removeprefix(SECOND), role)),
            "",
        )
    if wanted in mine:
        return wanted
    higher = ROLE_ORDER[ROLE_ORDER.index(wanted) + 1 :] if wanted in ROLE_ORDER else ()
    return next((role for role in higher if role in mine), "")


def least_role(kinds: Collection[str], action: str, amount: Decimal, policy: Policy) -> str:
    """The lowest role that the authority matrix lets decide so."""
    return next(row.roles[0] for row in policy.routing.table if _applies(row, set(kinds), action, amount))


def has_interest(managed: Collection[object], partners: Collection[object]) -> bool:
    """Whoever manages one of the partners in a case, but not all, does not decide it: the channel lead does."""
    mine = set(managed) & set(partners)
    return bool(mine) and mine != set(partners)


def _applies(row: RouteRow, kinds: set[str], action: str, amount: Decimal) -> bool:
    return amount >= row.amount_at_least or bool(kinds & set(row.findings)) or action in row.actions


def _rules_collide(facts: Facts, claims: list[Claim]) -> bool:
    """Two overlapping territory rules both cover an account and the products of the case."""
    for claim in claims:
        account = facts.account(claim.possible_account_id or claim.account_id)
        covering = [item for item in facts.territories if covers(item, account, claim.product_lines)]
        if territory_overlaps(covering, facts.at):
            return True
    return False
