"""Whose a lead is: who holds the account already, else whose territory covers it. Pure.

POLICY.md says how territories rank for leads. Of accounts that somebody holds it says nothing; there a lead follows who
would win a conflict: the reserved account's direct team, a protected deal, an owner, the direct team at work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conflicts.claims import Claim, live_claims
from conflicts.facts import DIRECT, Account, Facts, Lines, Territory, overlap
from conflicts.policy import Policy
from conflicts.territories import OWNER, assignees, dimensions_set, lead_order
from conflicts.windows import day, in_force
from conflicts.wording import listing


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a lead may be offered to (a partner's id or `direct`), why, and the records that say so."""

    claimant: str
    reason: str
    evidence: tuple[str, ...] = ()


def ranked(facts: Facts, account: Account, lines: Lines, policy: Policy) -> list[tuple[Candidate, ...]]:
    """The candidates, the first first; several together are a tie, which a person settles. Nobody = an empty list."""
    held = list(_holding(facts, account, lines, policy)) if account.id else []
    groups = [(candidate,) for candidate in held] + _by_territory(facts, account, lines)
    seen: set[str] = set()
    found = []
    for group in groups:
        fresh = tuple(item for item in group if item.claimant not in seen)
        seen |= {item.claimant for item in fresh}
        found += [fresh] if fresh else []
    return found


def following(groups: Iterable[tuple[Candidate, ...]], without: frozenset[str]) -> Candidate | None:
    """The first candidate that was not asked yet; None where nobody is left or several tie: sales operations say."""
    for group in groups:
        left = [item for item in group if item.claimant not in without]
        if left:
            return left[0] if len(group) == 1 else None
    return None


def _holding(facts: Facts, account: Account, lines: Lines, policy: Policy) -> Iterable[Candidate]:
    reserved = _reserved(facts, account, lines, policy)
    if reserved:
        yield reserved
        return
    claims = [c for c in live_claims(facts, policy) if c.account_id == account.id and overlap(c.product_lines, lines)]
    for kind in ("registration", "ownership", "opportunity"):
        yield from (_by_claim(facts, c) for c in claims if c.kind == kind and _holds(facts, c))


def _reserved(facts: Facts, account: Account, lines: Lines, policy: Policy) -> Candidate | None:
    """A strategic, house or named account is the direct team's, unless an exception says otherwise."""
    if account.segment not in policy.parameters.reserved_segments:
        return None
    root = facts.root_of(account.id)
    lifting = [
        item
        for item in facts.exceptions
        if "reserved_account" in item.lifts
        and in_force(item.valid_from, item.valid_until, day(facts.at))
        and overlap(item.product_lines, lines)
        and (item.account_id == account.id or (item.family and facts.root_of(item.account_id) == root))
    ]
    if any(not item.party for item in lifting):
        return None
    given = next((item for item in sorted(lifting, key=lambda item: item.ref) if item.party != DIRECT), None)
    if given:
        return Candidate(
            given.party, f"The exception {given.ref} gives it this {account.segment} account.", (given.reason,)
        )
    return Candidate(DIRECT, f"{account.name} is a {account.segment} account, reserved for the direct team.")


def _holds(facts: Facts, claim: Claim) -> bool:
    """A registration only while it is protected: one that is being looked at holds nothing yet."""
    registration = facts.registration(claim.id) if claim.kind == "registration" else None
    return registration is None or registration.status == "approved"


def _by_claim(facts: Facts, claim: Claim) -> Candidate:
    says = {
        "registration": f"It holds the protected deal {claim.ref} on the account.",
        "ownership": "It owns the account.",
        "opportunity": f"It works the account: opportunity {claim.ref} is open.",
    }[claim.kind]
    return Candidate(claim.claimant, says, (claim.ref,))


def _by_territory(facts: Facts, account: Account, lines: Lines) -> list[tuple[Candidate, ...]]:
    groups = []
    for tied in lead_order(facts, account, lines, facts.at):
        found: dict[str, Candidate] = {}
        for territory in tied:
            marks = ["named account"] if territory.named_account_ids else []
            marks += ["exclusive"] if territory.exclusive else []
            marks += [f"priority {territory.priority}", _dimensions(territory)]
            says = f"The territory {territory.name} covers it ({listing(marks)})."
            for claimant in sorted(assignees(territory, day(facts.at), OWNER)):
                found.setdefault(claimant, Candidate(claimant, says, (territory.ref,)))
        groups += [tuple(found.values())] if found else []
    return groups


def _dimensions(territory: Territory) -> str:
    number = dimensions_set(territory)
    return f"{number} dimension{'' if number == 1 else 's'} set"
