"""Territory rules: what one covers, who holds it, and where two of them collide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, combinations

from conflicts.claims import same_chain
from conflicts.facts import Account, Facts, Lines, Territory, overlap
from conflicts.windows import day, in_force

OWNER = "owner"
EVERYWHERE = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class TerritoryOverlap:
    """Two territory rules that claim the same ground for different owners."""

    first: Territory
    second: Territory
    from_on: date
    sentence: str

    @property
    def first_id(self) -> str:
        """The first territory's id."""
        return self.first.id

    @property
    def second_id(self) -> str:
        """The second territory's id."""
        return self.second.id

    @property
    def refs(self) -> tuple[str, str]:
        """What people call the two, sorted."""
        left, right = sorted((self.first.ref, self.second.ref))
        return left, right


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


def ground(territory: Territory) -> frozenset[str]:
    """Keys of which an account that the territory covers has one: by the dimension that tells most, `*` without any.

    partners_ground in the database says the same of a row, with references for ids.
    """
    if territory.named_account_ids:
        return frozenset(f"A:{item}" for item in territory.named_account_ids)
    if territory.postal_prefixes:
        return frozenset(f"P:{_fold(item)}" for item in territory.postal_prefixes)
    if territory.subdivisions:
        return frozenset(f"S:{_fold(item)}" for item in territory.subdivisions)
    return frozenset(f"C:{_fold(item)}" for item in territory.countries) or EVERYWHERE


def stands_on(names: Iterable[str], country: str, subdivision: str, postal_code: str) -> frozenset[str]:
    """The keys of an account; `names` are its id and its reference."""
    code = _fold(postal_code)
    places = {f"C:{_fold(country)}", f"S:{_fold(subdivision)}"}
    return EVERYWHERE | places | {f"A:{name}" for name in names} | {f"P:{code[:n]}" for n in range(len(code) + 1)}


@dataclass(frozen=True)
class Rules:
    """Territory rules, found by what they can cover and by who has a part in them."""

    rules: tuple[Territory, ...]
    countries: tuple[frozenset[str], ...]
    by_ground: Mapping[str, Sequence[int]]
    by_assignee: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, rules: tuple[Territory, ...]) -> Rules:
        """Index these rules."""
        by_ground: dict[str, list[int]] = defaultdict(list)
        by_assignee: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            for key in ground(rule):
                by_ground[key].append(number)
            for one in {item.assignee for item in rule.assignments}:
                by_assignee[one].append(number)
        countries = tuple(frozenset(f"C:{_fold(item)}" for item in rule.countries) for rule in rules)
        return cls(rules, countries, by_ground, by_assignee)

    def bearing(self, keys: Iterable[str], claimants: Iterable[str]) -> tuple[Territory, ...]:
        """The rules that can cover an account with one of these keys, and those in which one of the claimants has a
        part; in the order in which they were given."""
        known = frozenset(keys)
        near = {number for key in known for number in self.by_ground.get(key, ())}
        found = {n for n in near if not self.countries[n] or not self.countries[n].isdisjoint(known)}
        found.update(number for one in claimants for number in self.by_assignee.get(one, ()))
        return tuple(self.rules[number] for number in sorted(found))


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
    partner = facts.partner(claimant)
    own = {claimant, partner.distributor_id if partner else ""} - {""}
    return [item for item in facts.territories if live(item, on) and own & assignees(item, on)]


def held_by_others(facts: Facts, territory: Territory, claimant: str, on: date) -> frozenset[str]:
    """The owners of a territory that are neither the claimant nor of its distribution chain."""
    owners = assignees(territory, on, OWNER)
    return frozenset(item for item in owners if item != claimant and not same_chain(facts, item, claimant))


def territory_overlaps(territories: Iterable[Territory], at: datetime) -> list[TerritoryOverlap]:
    """Pairs of rules that collide on some day on or after the evaluation: a work item for sales_ops."""
    alike: dict[tuple[bool, int], list[Territory]] = defaultdict(list)
    for item in sorted(territories, key=_called):
        alike[item.exclusive, 0 if item.exclusive else item.priority].append(item)
    found = []
    for first, second in chain.from_iterable(combinations(items, 2) for items in alike.values()):
        on = common_day(first, second, day(at))
        if on is not None and _different_owners(first, second, on) and collide(first, second):
            found.append(TerritoryOverlap(first, second, on, _overlap_sentence(first, second)))
    return sorted(found, key=lambda item: (_called(item.first), _called(item.second)))


def _called(territory: Territory) -> tuple[str, str]:
    return territory.ref, territory.id


def common_day(first: Territory, second: Territory, today: date) -> date | None:
    """The first day from today on which both are in force."""
    begins = max([today, *(item.valid_from for item in (first, second) if item.valid_from)])
    return begins if live(first, begins) and live(second, begins) else None


def collide(first: Territory, second: Territory) -> bool:
    """They overlap in every dimension; an empty dimension means all."""
    return (
        overlap(first.product_lines, second.product_lines)
        and overlap(_folded(first.countries), _folded(second.countries))
        and overlap(_folded(first.subdivisions), _folded(second.subdivisions))
        and _prefixes_meet(first.postal_prefixes, second.postal_prefixes)
        and _prefixes_meet(first.industries, second.industries)
        and _employees_meet(first, second)
        and _accounts_meet(first, second)
    )


def lead_territory(facts: Facts, account_id: str, lines: Lines, at: datetime) -> Territory | None:
    """Whose lead an account is when several territories cover it; None (sales_ops) for a tie or for nobody."""
    account, on = facts.account(account_id), day(at)
    found = [item for item in facts.territories if live(item, on) and covers(item, account, lines)]
    ranked = sorted(found, key=_lead_rank, reverse=True)
    if not ranked or (len(ranked) > 1 and _lead_rank(ranked[0]) == _lead_rank(ranked[1])):
        return None
    return ranked[0]


def dimensions_set(territory: Territory) -> int:
    """How many dimensions a territory restricts."""
    sets = (
        territory.countries,
        territory.subdivisions,
        territory.postal_prefixes,
        territory.industries,
        territory.product_lines,
        territory.named_account_ids,
    )
    employees = territory.employees_min is not None or territory.employees_max is not None
    return sum(1 for item in sets if item) + employees


def _lead_rank(territory: Territory) -> tuple[bool, bool, int, int]:
    named = bool(territory.named_account_ids)
    return named, territory.exclusive, territory.priority, dimensions_set(territory)


def _different_owners(first: Territory, second: Territory, on: date) -> bool:
    ours, theirs = assignees(first, on, OWNER), assignees(second, on, OWNER)
    return bool(ours) and bool(theirs) and ours != theirs


def _holds(wanted: frozenset[str], actual: str, test: Callable[[str, str], bool]) -> bool:
    return not wanted or (bool(_fold(actual)) and any(test(_fold(actual), _fold(item)) for item in wanted))


def _equal(actual: str, wanted: str) -> bool:
    return actual == wanted


def _begins(actual: str, wanted: str) -> bool:
    return actual.startswith(wanted)


def _fold(value: str) -> str:
    """Postal codes are written with and without spaces, country codes in either case."""
    return "".join(value.split()).upper()


def _folded(values: frozenset[str]) -> frozenset[str]:
    return frozenset(_fold(value) for value in values)


def _prefixes_meet(left: frozenset[str], right: frozenset[str]) -> bool:
    pairs = ((one, other) for one in _folded(left) for other in _folded(right))
    return not left or not right or any(one.startswith(other) or other.startswith(one) for one, other in pairs)


def _employees_hold(territory: Territory, employees: int | None) -> bool:
    least, most = territory.employees_min, territory.employees_max
    if least is None and most is None:
        return True
    return employees is not None and (least is None or least <= employees) and (most is None or employees <= most)


def _employees_meet(first: Territory, second: Territory) -> bool:
    floors = [item.employees_min for item in (first, second) if item.employees_min is not None]
    tops = [item.employees_max for item in (first, second) if item.employees_max is not None]
    return not floors or not tops or max(floors) <= min(tops)


def _accounts_meet(first: Territory, second: Territory) -> bool:
    one, other = first.named_account_ids, second.named_account_ids
    if not one and not other:
        return True
    common = one & other if one and other else one | other
    return bool(common - first.excluded_account_ids - second.excluded_account_ids)


def _overlap_sentence(first: Territory, second: Territory) -> str:
    why = "both are exclusive" if first.exclusive else f"both have priority {first.priority}"
    return f"The territories {first.name} and {second.name} cover the same ground for different owners, and {why}."
