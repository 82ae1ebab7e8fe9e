"""What the sides of a case agreed on in talks: the outcome that the route confirms instead of the recommended one."""

from decimal import Decimal

from reviews.choices import DIRECT, Choice
from reviews.models import Case, Proposal, ProposalStatus


def agreed_proposal(case: Case) -> Proposal | None:
    """The proposal that every present side accepted; None when there is none, or other sides are there than then."""
    rows = [one for talks in case.mediations.all() for one in talks.proposals.all()]  # prefetched where pages ask
    accepted = [one for one in rows if one.status == ProposalStatus.ACCEPTED]
    latest = max(accepted, key=lambda one: (one.settled_at, str(one.pk)), default=None)
    if latest is None:
        return None
    present = {party.pk for party in case.parties.all() if party.left_at is None}
    return latest if {answer.side.party_id for answer in latest.answers.all()} == present else None


def choice_of_proposal(proposal: Proposal) -> Choice:
    """What a proposal gives to whom."""
    owner = DIRECT if proposal.owner_direct else str(proposal.owner_id or "")
    shares = {who: Decimal(share) for who, share in proposal.shares.items()}
    return Choice(proposal.action, owner, tuple(proposal.support), shares)
