"""Who may facilitate a mediation: a member of staff with no tie to a side, without whom the case can still be decided."""

from dataclasses import dataclass

from channelconflict.models import User
from conflicts.wording import listing
from partners.models import Partner
from partners.permissions import Role, deciders_in, managed_by
from reviews.models import Approval, Case
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
        return f"{self.user} ({listing(sorted(role.label.lower() for role in self.roles))})"


def candidates(case: Case) -> list[Candidate]:
    """Everybody who decides in the case's program, by name, each with the reason against them: five queries."""
    people = deciders_in(case.program)
    parties = {p.partner_id: p.partner for p in case.parties.all() if p.partner_id and p.left_at is None}
    chain = _chain(parties)
    ties = managed_by(chain)
    approved = set(Approval.objects.filter(case=case).values_list("approved_by", flat=True))
    alone = _alone(people, case)
    return [
        Candidate(user, roles, _why_not(user, ties.get(user.pk, frozenset()), chain, user.pk in approved, alone))
        for user, roles in people.items()
    ]


def _chain(parties: dict) -> dict:
    """The sides and everybody of their distribution chains, with a name for the tie."""
    above = {p.distributor_id for p in parties.values() if p.distributor_id}
    related = Partner.objects.filter(pk__in=above) | Partner.objects.filter(distributor__in=parties)
    names = {p.pk: f"{p.name}, of the chain of a side" for p in related}
    return names | {key: partner.name for key, partner in parties.items()}


def _alone(people: dict[User, frozenset[Role]], case: Case) -> dict:
    """Who is the only one to take a step of the route, and which."""
    found: dict = {}
    for step in case.pending or case.route:
        able = [user.pk for user, roles in people.items() if role_for(roles, step)]
        if len(able) == 1:
            found.setdefault(able[0], label(step))
    return found


def _why_not(user: User, ties: frozenset, chain: dict, approved: bool, alone: dict) -> str:
    if ties:
        return f"manages {listing(sorted(chain[key] for key in ties))}"
    if approved:
        return "has approved a step of this case"
    if user.pk in alone:
        return f"is the only one who can decide it as {alone[user.pk]}"
    return ""
