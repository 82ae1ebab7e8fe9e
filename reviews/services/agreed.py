"""What the sides of a case agreed on in talks: the outcome that the route confirms instead of the recommended one."""

from decimal import Decimal

from reviews.choices import DIRECT, Choice
from reviews.models import Case, Proposal, ProposalStatus


def agreed_proposal(case: Case) -> Proposal | None:
    """The proposal that every present side accepted; None when there is none, or other sides are there than then."""
    rows = Proposal.objects.filter(mediation__case=case, status=ProposalStatus.ACCEPTED)
    latest = rows.select_related("mediation").prefetch_related("answers__side").order_by("-settled_at", "-pk").first()
    if latest is None:
        return None
    present = {party.pk for party in case.parties.all() if party.left_at is None}
    return latest if {answer.side.party_id for answer in latest.answers.all()} == present else None


def choice_of_proposal(proposal: Proposal) -> Choice:
    """What a proposal gives to whom."""
    owner = DIRECT if proposal.owner_direct else str(proposal.owner_id or "")
    shares = {who: Decimal(share) for who, share in proposal.shares.items()}
    return Choice(proposal.action, owner, tuple(proposal.support), shares)
