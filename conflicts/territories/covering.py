"""Territory rules: what one covers, and who holds it. conflicts.drafting.where says the same in SQL."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import date

from conflicts.claims import same_chain
from conflicts.facts import Account, Facts, Lines, Territory, overlap
from conflicts.windows import in_force

OWNER = "owner"
# The blanks that people write codes with. Codes are compared without them and with capitals A to Z: the same in every
# locale, and in SQL (conflicts.drafting.where), where each further blank would cost time.
SPACES = " \t\xa0\u202f"
_FOLD = {ord(space): None for space in SPACES} | {ord(small): small.upper() for small in "abcdefghijklmnopqrstuvwxyz"}


def covers(territory: Territory, account: Account | None, lines: Lines) -> bool:
    """Every dimension that the territory sets holds for the account, and the products overlap.
    A fact of the account that is unknown does not hold."""
    if account is None or account.id in territory.excluded_account_ids:
        return False
    return (
        overlap(territory.product_lines, lines)
        and (not territory.named_account_ids or account.id in territory.named_account_ids)
        and _holds(territory.countries, account.country, _equal)
        and _holds(territory.subdivisions, account.subdivision, _equal)
        and _holds(territory.postal_prefixes, account.postal_code, _begins)
        and _holds(territory.industries, account.industry, _begins)
        and _employees_hold(territory, account.employees)
    )


def missing_facts(territory: Territory, account: Account | None, lines: Lines) -> list[str]:
    """The facts of the account for want of which the territory does not cover it, if they alone are wanting."""
    if account is None:
        return []
    relaxed, none = territory, frozenset[str]()
    missing: list[str] = []
    if territory.countries and not account.country:
        relaxed, missing = replace(relaxed, countries=none), [*missing, "country"]
    if territory.subdivisions and not account.subdivision:
        relaxed, missing = replace(relaxed, subdivisions=none), [*missing, "region"]
    if territory.postal_prefixes and not account.postal_code:
        relaxed, missing = replace(relaxed, postal_prefixes=none), [*missing, "postal code"]
    if territory.industries and not account.industry:
        relaxed, missing = replace(relaxed, industries=none), [*missing, "industry"]
    if account.employees is None and not _employees_hold(territory, None):
        relaxed, missing = replace(relaxed, employees_min=None, employees_max=None), [*missing, "number of employees"]
    return missing if covers(relaxed, account, lines) else []


def live(territory: Territory, on: date) -> bool:
    """Within its dates."""
    return in_force(territory.valid_from, territory.valid_until, on)


def assignees(territory: Territory, on: date, role: str = "") -> frozenset[str]:
    """Who is assigned on a day, in one role or in any."""
    return frozenset(
        item.assignee
        for item in territory.assignments
        if item.assignee and role in ("", item.role) and in_force(item.valid_from, item.valid_until, on)
    )


def own_territories(facts: Facts, claimant: str, on: date) -> list[Territory]:
    """The territories live on a day in which a partner or its distributor has any role."""
    key = "own territories", claimant, on
    if key not in facts.kept:
        partner = facts.partner(claimant)
        own = {claimant, partner.distributor_id if partner else ""} - {""}
        facts.kept[key] = tuple(item for item in facts.territories if live(item, on) and _has_role(item, own, on))
    return list(facts.kept[key])


def _has_role(territory: Territory, parties: Set[str], on: date) -> bool:
    return any(
        item.assignee in parties and in_force(item.valid_from, item.valid_until, on) for item in territory.assignments
    )


def held_by_others(facts: Facts, territory: Territory, claimant: str, on: date) -> frozenset[str]:
    """The owners of a territory that are neither the claimant nor of its distribution chain."""
    owners = assignees(territory, on, OWNER)
    return frozenset(item for item in owners if item != claimant and not same_chain(facts, item, claimant))


def _holds(wanted: frozenset[str], actual: str, test: Callable[[str, str], bool]) -> bool:
    return not wanted or (bool(fold(actual)) and any(test(fold(actual), fold(item)) for item in wanted))


def _equal(actual: str, wanted: str) -> bool:
    return actual == wanted


def _begins(actual: str, wanted: str) -> bool:
    return actual.startswith(wanted)


def fold(value: str) -> str:
    """Postal codes are written with and without spaces, country codes in either case: one spelling of each."""
    return value.translate(_FOLD)


def folded(values: frozenset[str]) -> frozenset[str]:
    """Codes in one spelling."""
    return frozenset(fold(value) for value in values)


def _employees_hold(territory: Territory, employees: int | None) -> bool:
    least, most = territory.employees_min, territory.employees_max
    if least is None and most is None:
        return True
    return employees is not None and (least is None or least <= employees) and (most is None or employees <= most)
