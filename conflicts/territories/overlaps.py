"""Rule against rule: where two territories cover the same ground for different owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, combinations

from conflicts.facts import Territory, overlap
from conflicts.territories.covering import OWNER, assignees, folded, live
from conflicts.windows import day


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


def territory_overlaps(
    territories: Iterable[Territory], at: datetime, touching: Collection[str] | None = None
) -> list[TerritoryOverlap]:
    """Pairs of rules that collide on some day on or after the evaluation: a work item for sales_ops.

    With `touching` (ids of rules) only pairs with one of these: what a change of them may make or mend.
    """
    alike: dict[tuple[bool, int], list[Territory]] = defaultdict(list)  # others never collide
    for item in sorted(territories, key=_called):
        alike[item.exclusive, 0 if item.exclusive else item.priority].append(item)
    found = []
    for first, second in chain.from_iterable(_pairs(items, touching) for items in alike.values()):
        on = common_day(first, second, day(at))
        if on is not None and _different_owners(first, second, on) and collide(first, second):
            found.append(TerritoryOverlap(first, second, on, _overlap_sentence(first, second)))
    return sorted(found, key=lambda item: (_called(item.first), _called(item.second)))


def _called(territory: Territory) -> tuple[str, str]:
    return territory.ref, territory.id


def _pairs(ordered: list[Territory], touching: Collection[str] | None) -> Iterator[tuple[Territory, Territory]]:
    if touching is None:
        yield from combinations(ordered, 2)
        return
    place = {item.id: number for number, item in enumerate(ordered)}
    for number in sorted(place[key] for key in touching if key in place):
        for other, item in enumerate(ordered):
            if other > number:
                yield ordered[number], item
            elif other < number and item.id not in touching:
                yield item, ordered[number]


def common_day(first: Territory, second: Territory, today: date) -> date | None:
    """The first day from today on which both are in force."""
    begins = max([today, *(item.valid_from for item in (first, second) if item.valid_from)])
    return begins if live(first, begins) and live(second, begins) else None


def collide(first: Territory, second: Territory) -> bool:
    """They overlap in every dimension; an empty dimension means all."""
    return (
        overlap(first.product_lines, second.product_lines)
        and overlap(folded(first.countries), folded(second.countries))
        and overlap(folded(first.subdivisions), folded(second.subdivisions))
        and _prefixes_meet(first.postal_prefixes, second.postal_prefixes)
        and _prefixes_meet(first.industries, second.industries)
        and _employees_meet(first, second)
        and _accounts_meet(first, second)
    )


def _different_owners(first: Territory, second: Territory, on: date) -> bool:
    ours, theirs = assignees(first, on, OWNER), assignees(second, on, OWNER)
    return bool(ours) and bool(theirs) and ours != theirs


def _prefixes_meet(left: frozenset[str], right: frozenset[str]) -> bool:
    pairs = ((one, other) for one in folded(left) for other in folded(right))
    return not left or not right or any(one.startswith(other) or other.startswith(one) for one, other in pairs)


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
