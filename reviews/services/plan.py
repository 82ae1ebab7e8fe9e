"""What an outcome means for each registration of a case: decided here once, carried out and previewed elsewhere."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from conflicts.models import Claim
from partners.models import PENDING, Registration, RegistrationStatus
from reviews.choices import DIRECT, Choice
from reviews.models import NoticeKind, PartyOutcome

LIVE = (*PENDING, RegistrationStatus.APPROVED)


@dataclass(frozen=True)
class Ending:
    """How one registration ends: won or not, what its party is told, its share, whether another claim was the reason.

    `changes` is false where nothing changes for it: a protection that was held, or an approved deal on other products.
    """

    claim: Claim
    won: bool
    kind: NoticeKind
    share: str | None
    another: bool
    changes: bool

    @property
    def registration(self) -> Registration:
        """The registration itself."""
        return self.claim.registration


def endings(
    *, choice: Choice, claims: Iterable[Claim], blocked: Collection[uuid.UUID], shared: Collection[str] = ()
) -> list[Ending]:
    """One ending for each live registration; `claims` come with registration and partner.

    `shared` are the claimants who had a share of the deal until now.
    """
    live = [claim for claim in claims if claim.registration.status in LIVE]
    sides = winning_sides(choice, live)
    won = [
        c for c in live if claimant(c) in sides and (c.registration_id not in blocked or _stands_in(c, live, blocked))
    ]
    taken = {line for claim in won for line in claim.registration.product_lines}
    return [
        _win(claim, choice.shares.get(sides[claimant(claim)]), claimant(claim) in shared)
        if claim in won
        else _lose(claim, choice, another=bool(sides) or choice.owner == DIRECT, taken=taken)
        for claim in live
    ]


def claimant(claim: Claim) -> str:
    """The partner's id as text, or "direct"."""
    return str(claim.partner_id) if claim.partner_id else DIRECT


def winning_sides(choice: Choice, claims: Iterable[Claim]) -> dict[str, str]:
    """Each claimant that wins -> the one named in the choice. A distribution chain shares one deal and one share."""
    winners = choice.winners()
    sides = {winner: winner for winner in winners}
    for claim in claims:
        if claim.partner and claim.partner.distributor_id:
            reseller, distributor = claimant(claim), str(claim.partner.distributor_id)
            for one, other in ((reseller, distributor), (distributor, reseller)):
                if one in winners:
                    sides.setdefault(other, one)
    return sides


def sides_by_name(choice: Choice, claims: Iterable[Claim]) -> dict[str, str]:
    """The winning sides, also under the names under which a claimant registered besides its own."""
    sides = winning_sides(choice, claims)
    named = {str(c.registration.partner_id): sides[claimant(c)] for c in claims if claimant(c) in sides}
    return sides | {name: side for name, side in named.items() if name != "None"}


def outcome_for(side: str, choice: Choice, sides: Mapping[str, str]) -> PartyOutcome:
    """What an outcome gives to one side (a partner's id, or "direct"); `sides` as from `sides_by_name`."""
    if side in sides:
        return PartyOutcome.SHARED if choice.shares else PartyOutcome.OWNER
    if side == DIRECT and choice.action == "direct_retained":
        return PartyOutcome.OWNER
    return PartyOutcome.SUPPORT if side in choice.support else PartyOutcome.NOT_AWARDED


def _stands_in(claim: Claim, claims: list[Claim], blocked: Collection[uuid.UUID]) -> bool:
    """A person may award what the rules would not: then the claimant's earliest registration is the one approved."""
    mine = [c for c in claims if c.partner_id == claim.partner_id]
    earliest = min(mine, key=lambda c: (c.registration.submitted_at, str(c.registration_id)))
    return all(c.registration_id in blocked for c in mine) and claim.pk == earliest.pk


def _win(claim: Claim, share: object, shared: bool) -> Ending:
    kind = NoticeKind.APPROVED if share is None else NoticeKind.SHARED
    # What is protected already stays as it is; only a share is news, or that there is none any more.
    changes = claim.registration.status in PENDING or share is not None or shared
    kept = str(share) if share is not None else "100" if shared else None
    return Ending(claim, True, kind, kept, False, changes)


def _lose(claim: Claim, choice: Choice, *, another: bool, taken: Collection[str]) -> Ending:
    registration = claim.registration
    kind = NoticeKind.SUPPORT if claimant(claim) in choice.support else NoticeKind.NOT_APPROVED
    # An approved deal ends only for products that now go to somebody else (to direct, when no registration won).
    in_the_way = not taken or not set(taken).isdisjoint(registration.product_lines)
    return Ending(claim, False, kind, None, another, registration.status in PENDING or in_the_way)
