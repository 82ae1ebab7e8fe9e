"""The corporate families of a case's claims as a tree: who belongs to whom, and which claim stands where."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from conflicts.family import Tie, Tree, family_tree
from conflicts.models import Claim
from reviews.desk.claims import mark_of, side_of
from reviews.desk.material import Material


@dataclass(frozen=True)
class Stand:
    """A claim on an account of the tree, with the shape and colour of its claimant."""

    side: str
    mark: str
    claimant: str
    ref: str


@dataclass(frozen=True)
class FamilyCard:
    """The tree; `apart` when the claims stand on more than one company of it."""

    tree: Tree
    apart: bool


def family_card(m: Material) -> FamilyCard:
    """The families of the accounts that the case's claims stand on, perhaps stand on, or may be relatives of."""
    marks: dict[uuid.UUID, list[Stand]] = defaultdict(list)
    standing = set()  # the companies, where a merged account counts as another
    for claim, row in ((claim, m.claims.get(claim.id)) for claim in m.live):
        account = row.account_id if row else uuid.UUID(claim.account_id)
        standing.add(row.standing_account_id if row else account)
        marks[account].append(
            Stand(side_of(m, claim.claimant), mark_of(m, claim.claimant), m.name(claim.claimant), claim.ref)
        )
    ties = {row.account_id: tie for row in m.claims.values() if (tie := _tie(row))}
    others = {tie.other for tie in ties.values()}
    tree = family_tree(
        {m.case.account_id, *marks, *others}, ties=ties, marks=lambda _: {pk: tuple(s) for pk, s in marks.items()}
    )
    return FamilyCard(tree, len(standing) > 1)


def _tie(row: Claim) -> Tie | None:
    """What nobody has confirmed yet: perhaps the same company, perhaps a relative."""
    if row.possible_account_id:
        return Tie(row.possible_account_id, "perhaps the same company as")
    return Tie(row.related_account_id, "perhaps a relative of") if row.related_account_id else None
