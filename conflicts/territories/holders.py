"""Of the hundreds that one rule may be assigned to: those who bear on what is found, said and routed. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations, islice

from conflicts import wording
from conflicts.facts import Assignment, Partner, Territory, called
from conflicts.territories.covering import OWNER, assignees
from conflicts.territories.overlaps import collide, common_day
from conflicts.windows import day, in_force

Judged = Mapping[str, Collection[date]]  # claimant -> the days on which its registrations are judged
_LOOKED_AT = wording.MOST + 1  # one more than is named says that there are others


@dataclass(frozen=True)
class _Rule:
    """A rule's assignments as they are chosen from: its owners by name, those that its citation names, places by assignee."""

    owners: tuple[Assignment, ...]
    cited: frozenset[str]
    places: Mapping[str, list[int]]


class Holders:
    """Cuts rules down to the assignments that can matter to some claimants; made once, asked for many.

    What is left out changes nothing: no finding, no sentence, no collision of two rules. It is the same whether the rules
    were cut before, for more claimants.
    """

    def __init__(self, assigned: Mapping[str, Partner], at: datetime) -> None:
        self.assigned, self.today = assigned, day(at)
        self._names: dict[str, str] = {}
        self._rules: dict[str, _Rule] = {}
        self._between: dict[tuple[str, str], frozenset[str]] = {}

    def cut(self, rules: Iterable[Territory], judged: Judged, parties: Mapping[str, Partner]) -> tuple[Territory, ...]:
        """The rules with those assignments only whose assignee is kept in one of them; `parties` knows the claimants."""
        rules = tuple(rules)
        buying = {one: parties[one].distributor_id for one in judged if one in parties}
        asked = [(one, buying.get(one, ""), on) for one in judged for on in judged[one]]
        kept = {*judged, *filter(None, buying.values())} | self._telling_apart(rules)
        for rule in rules:
            arranged = self._rule(rule)
            kept |= arranged.cited
            if len(arranged.places) > len(arranged.cited):  # else all are kept
                for claimant, buys_through, on in asked:
                    kept.update(islice(self._others(rule, claimant, buys_through, on), _LOOKED_AT))
        return tuple(self._with(rule, kept) for rule in rules)

    def _others(self, rule: Territory, claimant: str, buys_through: str, on: date) -> Iterator[str]:
        """The owners by name who hold the rule against a claimant: covering.held_by_others, in order."""
        last, chain = "", (claimant, buys_through)
        for item in self._rule(rule).owners:
            if item.assignee != last and item.assignee not in chain:
                other = self.assigned.get(item.assignee)
                ours = other is not None and other.distributor_id == claimant
                if not ours and in_force(item.valid_from, item.valid_until, on):
                    last = item.assignee
                    yield last

    def _telling_apart(self, rules: Iterable[Territory]) -> set[str]:
        """For two rules that collide, somebody who owns one and not the other, and an owner of each."""
        alike: dict[tuple[bool, int], list[Territory]] = defaultdict(list)
        for rule in rules:
            alike[rule.exclusive, 0 if rule.exclusive else rule.priority].append(rule)
        pairs = (pair for several in alike.values() for pair in combinations(several, 2))
        return set[str]().union(*(self._between_two(*pair) for pair in pairs))

    def _between_two(self, first: Territory, second: Territory) -> frozenset[str]:
        key = (first.id, second.id)
        if key not in self._between:
            self._between[key] = self._tell_apart(first, second)
        return self._between[key]

    def _tell_apart(self, first: Territory, second: Territory) -> frozenset[str]:
        on = common_day(first, second, self.today)
        if on is None or not collide(first, second):
            return frozenset()
        ours, theirs = assignees(first, on, OWNER), assignees(second, on, OWNER)
        return frozenset(min(several) for several in (ours, theirs, ours ^ theirs) if several)

    def _rule(self, rule: Territory) -> _Rule:
        if rule.id not in self._rules:
            self._rules[rule.id] = self._arranged(rule)
        return self._rules[rule.id]

    def _arranged(self, rule: Territory) -> _Rule:
        places: dict[str, list[int]] = defaultdict(list)
        for number, item in enumerate(rule.assignments):
            places[item.assignee].append(number)
        cited, owners = set(places), [item for item in rule.assignments if item.role == OWNER and item.assignee]
        if len(rule.assignments) > 1:
            owners.sort(key=lambda item: (self._name(item.assignee), item.assignee))
        if len(rule.assignments) > _LOOKED_AT:
            named = sorted((wording.part(self._name(i.assignee), i.role), i.assignee) for i in rule.assignments)
            cited = {assignee for _, assignee in named[:_LOOKED_AT]}
        return _Rule(tuple(owners), frozenset(cited), dict(places))

    def _name(self, assignee: str) -> str:
        if assignee not in self._names:
            self._names[assignee] = called(assignee, self.assigned.get(assignee))
        return self._names[assignee]

    def _with(self, rule: Territory, kept: set[str]) -> Territory:
        places = self._rule(rule).places
        if places.keys() <= kept:
            return rule
        chosen = sorted(number for one in places.keys() & kept for number in places[one])
        return replace(rule, assignments=tuple(rule.assignments[number] for number in chosen))
