"""Whose lead an account is: named account > exclusive > higher priority > more dimensions; a tie goes to sales_ops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from conflicts.facts import Account, Facts, Lines, Territory
from conflicts.territories.covering import OWNER, assignees, covers, live
from conflicts.windows import day

HELD, TIE, NOBODY = "held", "tie", "nobody"


@dataclass(frozen=True, slots=True)
class Lead:
    """Whose lead an account is for one product line: HELD by `owners`, a TIE (sales_ops), or NOBODY's.

    A leading rule that nobody owns makes it nobody's. `refs` name the rules that lead.
    """

    kind: str = NOBODY
    owners: frozenset[str] = frozenset()
    refs: tuple[str, ...] = ()

    def same_as(self, other: Lead) -> bool:
        """In the same hands, whichever rule says so."""
        return (self.kind, self.owners) == (other.kind, other.owners)


def lead_territory(facts: Facts, account_id: str, lines: Lines, at: datetime) -> Territory | None:
    """Whose lead an account is when several territories cover it; None (sales_ops) for a tie or for nobody."""
    top = next(iter(lead_order(facts, facts.account(account_id), lines, at)), [])
    return top[0] if len(top) == 1 else None


def lead_order(facts: Facts, account: Account | None, lines: Lines, at: datetime) -> list[list[Territory]]:
    """All territories that cover the account, the one whose lead it is first; those that tie stand together."""
    return in_order(item for item in facts.territories if live(item, day(at)) and covers(item, account, lines))


def in_order(covering: Iterable[Territory]) -> list[list[Territory]]:
    """The rules that cover an account by rank; those that tie stand together, by what people call them."""
    ranked = sorted(covering, key=lambda item: (item.ref, item.id))
    ranked.sort(key=_lead_rank, reverse=True)
    return [list(tied) for _, tied in groupby(ranked, key=_lead_rank)]


def lead_among(covering: Iterable[Territory], on: date) -> Lead:
    """Whose lead it is, from the rules that cover the account and are live on the day."""
    top = next(iter(in_order(covering)), [])
    refs = tuple(item.ref for item in top)
    if len(top) > 1:
        return Lead(TIE, frozenset(), refs)
    owners = assignees(top[0], on, OWNER) if top else frozenset[str]()
    return Lead(HELD, owners, refs) if owners else Lead(NOBODY, frozenset(), refs)


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
