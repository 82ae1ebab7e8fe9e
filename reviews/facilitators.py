"""Who may facilitate a mediation: a member of staff with no tie to a side, without whom the case can still be decided."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.db.models import Q

from channelconflict.models import User
from conflicts.wording import listing
from partners.models import Partner
from partners.permissions import Role, deciders_in, managed_by
from reviews.models import Case
from reviews.permissions import label
from reviews.routing import role_for


@dataclass(frozen=True)
class Candidate:
    """A person with a role in the program, and why they may not facilitate ("" = they may)."""

    user: User
    roles: frozenset[Role]
    why_not: str

    @property
    def name(self) -> str:
        """How they are called, with their roles."""
        return f"{self.user} ({_called(self.roles)})"


@cache
def _called(roles: frozenset[Role]) -> str:
    return listing(sorted(role.label.lower() for role in roles))


def candidates(case: Case, approved: Iterable[uuid.UUID]) -> list[Candidate]:
    """Everybody who decides in the case's program, by name, each with the reason against them: two queries.

    `approved` are the ids of those who stand behind a step of the case.
    """
    people, ties = deciders_in(case.program), _ties(case)
    alone, known = _alone(people, case), set(approved)
    return [
        Candidate(user, roles, _why_not(user, ties.get(user.pk, []), user.pk in known, alone))
        for user, roles in people.items()
    ]


def _ties(case: Case) -> dict[uuid.UUID, list[str]]:
    """What each manager has to do with a side, or with somebody of its distribution chain."""
    sides = {p.partner_id: p.partner for p in case.parties.all() if p.partner_id and p.left_at is None}
    above = {partner.distributor_id for partner in sides.values() if partner.distributor_id}
    of_chain = Q(pk__in=[*sides, *above]) | Q(distributor__in=list(sides))
    found: dict[uuid.UUID, list[str]] = {}
    for user, partner, name in managed_by(Partner.objects.filter(of_chain)):
        found.setdefault(user, []).append(name if partner in sides else f"{name}, of the chain of a side")
    return found


def _alone(people: dict[User, frozenset[Role]], case: Case) -> dict:
    """Who is the only one to take a step of the route, and which."""
    found: dict = {}
    for step in case.pending or case.route:
        able = [user.pk for user, roles in people.items() if role_for(roles, step)]
        if len(able) == 1:
            found.setdefault(able[0], label(step))
    return found


def _why_not(user: User, ties: list[str], approved: bool, alone: dict) -> str:
    if ties:
        return f"manages {listing(sorted(ties))}"
    if approved:
        return "has approved a step of this case"
    if user.pk in alone:
        return f"is the only one who can decide it as {alone[user.pk]}"
    return ""
