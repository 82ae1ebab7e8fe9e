"""Many rules at once: which of them cover an account, without asking each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from conflicts.facts import ALL, Account, Territory
from conflicts.territories.covering import covers, fold, folded

Key = tuple[str, str]


class Ground:
    """Rules filed under one dimension each, the one that leaves fewest accounts; looked up by an account's facts."""

    def __init__(self, rules: Iterable[Territory]) -> None:
        self._filed: dict[Key, list[Territory]] = defaultdict(list)
        for rule in rules:
            for key in _filed_under(rule):
                self._filed[key].append(rule)

    def covering(self, account: Account) -> list[Territory]:
        """The rules that cover the account, whatever the product."""
        found = {id(rule): rule for key in _looked_up(account) for rule in self._filed.get(key, ())}
        return [rule for rule in found.values() if covers(rule, account, ALL)]


def _filed_under(rule: Territory) -> Iterator[Key]:
    for name, values in (
        ("account", rule.named_account_ids),
        ("postal", folded(rule.postal_prefixes)),
        ("state", folded(rule.subdivisions)),
        ("industry", folded(rule.industries)),
        ("country", folded(rule.countries)),
    ):
        if values:
            yield from ((name, value) for value in values)
            return
    yield "anywhere", ""


def _looked_up(account: Account) -> Iterator[Key]:
    yield "anywhere", ""
    yield "account", account.id
    yield "state", fold(account.subdivision)
    yield "country", fold(account.country)
    for name, code in (("postal", fold(account.postal_code)), ("industry", fold(account.industry))):
        yield from ((name, code[:length]) for length in range(len(code) + 1))
