"""Many rules at once: which of them can cover an account, or have somebody's part in them, without asking each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conflicts.facts import ALL, Account, Territory
from conflicts.territories.covering import covers, fold, folded

EVERYWHERE = frozenset({"*"})


@dataclass(frozen=True)
class Ground:
    """Territory rules, found by what they can cover and by who has a part in them."""

    rules: tuple[Territory, ...]
    countries: tuple[frozenset[str], ...]
    by_key: Mapping[str, Sequence[int]]
    by_assignee: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, rules: Iterable[Territory]) -> Ground:
        """Index these rules."""
        rules = tuple(rules)
        by_key: dict[str, list[int]] = defaultdict(list)
        by_assignee: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            for key in filed_under(rule):
                by_key[key].append(number)
            for one in {item.assignee for item in rule.assignments}:
                by_assignee[one].append(number)
        countries = tuple(frozenset(f"C:{item}" for item in folded(rule.countries)) for rule in rules)
        return cls(rules, countries, by_key, by_assignee)

    def bearing(self, keys: Iterable[str], claimants: Iterable[str] = ()) -> tuple[Territory, ...]:
        """The rules that can cover an account with one of these keys, and those in which one of the claimants has a
        part; in the order in which they were given."""
        known = frozenset(keys)
        near = {number for key in known for number in self.by_key.get(key, ())}
        found = {n for n in near if not self.countries[n] or not self.countries[n].isdisjoint(known)}
        found.update(number for one in claimants for number in self.by_assignee.get(one, ()))
        return tuple(self.rules[number] for number in sorted(found))

    def covering(self, account: Account) -> list[Territory]:
        """The rules that cover the account, whatever the product."""
        keys = looked_up((account.id,), account.country, account.subdivision, account.postal_code)
        return [rule for rule in self.bearing(keys) if covers(rule, account, ALL)]


def filed_under(rule: Territory) -> frozenset[str]:
    """Keys of which an account that the rule covers has one: by the dimension that tells most, `*` without any.

    partners_ground in the database says the same of a row, with references for ids.
    """
    if rule.named_account_ids:
        return frozenset(f"A:{item}" for item in rule.named_account_ids)
    if rule.postal_prefixes:
        return frozenset(f"P:{item}" for item in folded(rule.postal_prefixes))
    if rule.subdivisions:
        return frozenset(f"S:{item}" for item in folded(rule.subdivisions))
    return frozenset(f"C:{item}" for item in folded(rule.countries)) or EVERYWHERE


def looked_up(names: Iterable[str], country: str, subdivision: str, postal_code: str) -> frozenset[str]:
    """The keys of an account; `names` are its id and its reference."""
    code = fold(postal_code)
    places = {f"C:{fold(country)}", f"S:{fold(subdivision)}"}
    return EVERYWHERE | places | {f"A:{name}" for name in names} | {f"P:{code[:n]}" for n in range(len(code) + 1)}
