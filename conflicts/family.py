"""The tree of a corporate family: who belongs to whom, what counts as what, and which ties nobody has confirmed."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from partners.models import Unit
from partners.places import place_name

SHOWN = 30  # accounts that a tree draws; the others are counted
READ = 1000  # accounts of a family that are read at all

# Up to the roots, then down again, level by level (`near` are the accounts asked for and those above them). A merged
# account hangs under the one that it counts as. Two lateral joins instead of an OR: each goes by its own index.
_FAMILY = """
with recursive up(id, above) as (
    select id, coalesce(merged_into_id, parent_id) from partners_account where id = any(%(ids)s)
  union
    select a.id, coalesce(a.merged_into_id, a.parent_id) from partners_account a join up on a.id = up.above
), down(id) as (
    select id from up
  union
    select below.id from down cross join lateral (
        select id from partners_account where parent_id = down.id and merged_into_id is null
        union all select id from partners_account where merged_into_id = down.id
    ) below
), family as (select id, row_number() over () as place from (select id from down limit %(read)s) found)
select a.id, a.name, a.country, a.subdivision, a.unit, a.merged_into_id, a.parent_id, count(*) over ()
from family join partners_account a using (id)
order by a.id in (select id from up) desc, family.place limit %(shown)s
"""


@dataclass(frozen=True)
class Tie:
    """What the machine thinks that an account is to another one, while nobody has said so."""

    other: uuid.UUID
    words: str


@dataclass(frozen=True)
class Node:
    """An account in the tree: what it is to the one above it, in words, and what the page marks on it."""

    id: uuid.UUID
    name: str
    place: str
    relation: str = ""
    merged: bool = False
    unsure: bool = False
    note: str = ""
    here: bool = False
    marks: tuple[Any, ...] = ()
    children: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Tree:
    """A family, or several between which nothing is confirmed; `left_out` accounts are not drawn."""

    roots: tuple[Node, ...] = ()
    size: int = 0
    left_out: int = 0
    endless: bool = False  # there are even more than were counted
    unsure: bool = False  # something in it is not confirmed

    @property
    def worth_drawing(self) -> bool:
        """Whether there is more than one account in it."""
        return self.size > 1


@dataclass
class _Member:
    id: uuid.UUID
    name: str
    place: str
    unit: str
    merged: bool
    above: uuid.UUID | None
    tie: Tie | None = None
    below: list["_Member"] = field(default_factory=list)


def family_tree(
    accounts: Iterable[uuid.UUID],
    *,
    ties: Mapping[uuid.UUID, Tie] | None = None,
    marks: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, tuple[Any, ...]]] = lambda _: {},
    here: Collection[uuid.UUID] = (),
) -> Tree:
    """The families of these accounts in one query; `ties` are drawn where nothing surer is known.

    `marks` is asked what to mark on the accounts that are drawn.
    """
    members, count = _read(accounts)
    _hang(members, ties or {})
    attached = {one.id for member in members.values() for one in member.below}
    draw = _Draw(marks(members.keys()), frozenset(here), members)
    # Roots first; whoever is left then belongs to a circle of parents, which hangs on one of them.
    ranked = sorted(members.values(), key=lambda member: (member.id in attached, *_by_name(member)))
    roots = tuple(draw.node(member, "") for member in ranked if member.id not in draw.drawn)
    return Tree(roots, count, count - len(draw.drawn), count >= READ, any(member.tie for member in members.values()))


def _read(accounts: Iterable[uuid.UUID]) -> tuple[dict[uuid.UUID, _Member], int]:
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"ids": list(set(accounts)), "read": READ, "shown": SHOWN})
        rows = cursor.fetchall()
    members = {
        pk: _Member(pk, name, place_name(country, subdivision), unit, merged is not None, merged or parent)
        for pk, name, country, subdivision, unit, merged, parent, _ in rows
    }
    return members, rows[0][-1] if rows else 0


def _hang(members: dict[uuid.UUID, _Member], ties: Mapping[uuid.UUID, Tie]) -> None:
    """Put each member under the one above it; a root with a tie hangs by that, unless a ring would come of it."""
    for member in members.values():
        if member.above in members:
            members[member.above].below.append(member)
    for pk, tie in ties.items():
        if pk not in members or tie.other not in members:
            continue
        member, other = members[pk], members[tie.other]
        member.tie = tie
        if member.above is None and _root(other, members) is not member:
            other.below.append(member)
            member.above = other.id


def _root(member: _Member, members: dict[uuid.UUID, _Member]) -> _Member:
    seen = {member.id}
    while member.above in members and member.above not in seen:
        member = members[member.above]
        seen.add(member.id)
    return member


@dataclass
class _Draw:
    marks: Mapping[uuid.UUID, tuple[Any, ...]]
    here: frozenset[uuid.UUID]
    members: dict[uuid.UUID, _Member]
    drawn: set[uuid.UUID] = field(default_factory=set)

    def node(self, member: _Member, above: str) -> Node:
        """The member with everybody below it, each once."""
        self.drawn.add(member.id)
        below = [one for one in sorted(member.below, key=_by_name) if one.id not in self.drawn]
        hangs_by_tie = member.tie is not None and member.above == member.tie.other and not member.merged
        return Node(
            id=member.id,
            name=member.name,
            place=member.place,
            relation="" if hangs_by_tie else _relation(member, above),
            merged=member.merged,
            unsure=hangs_by_tie,
            note=self._note(member),
            here=member.id in self.here,
            marks=self.marks.get(member.id, ()),
            children=tuple(self.node(one, member.name) for one in below),
        )

    def _note(self, member: _Member) -> str:
        other = self.members.get(member.tie.other) if member.tie else None
        return f"{member.tie.words} {other.name}; nobody has said so yet" if member.tie and other else ""


def _relation(member: _Member, above: str) -> str:
    if not above:
        return ""
    if member.merged:
        return f"counts as {above}"
    return Unit(member.unit).label.lower() if member.unit else "belongs to it"


def _by_name(member: _Member) -> tuple[str, str]:
    return member.name.casefold(), str(member.id)
