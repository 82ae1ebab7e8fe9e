"""Whose lead an account is: named account > exclusive > higher priority > more dimensions; a tie goes to sales_ops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from conflicts.facts import Facts, Lines, Territory
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
    account, on = facts.account(account_id), day(at)
    top = leading(item for item in facts.territories if live(item, on) and covers(item, account, lines))
    return top[0] if len(top) == 1 else None


def leading(covering: Iterable[Territory]) -> list[Territory]:
    """Of the rules that cover an account those that rank highest; several are a tie."""
    ranked = [(_lead_rank(item), item) for item in covering]
    best = max((rank for rank, _ in ranked), default=None)
    return [item for rank, item in ranked if rank == best]


def lead_among(covering: Iterable[Territory], on: date) -> Lead:
    """Whose lead it is, from the rules that cover the account and are live on the day."""
    top = sorted(leading(covering), key=lambda item: (item.ref, item.id))
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
