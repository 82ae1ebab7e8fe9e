"""The stages of a case as rows: its talks, who was told, what was agreed on, and who may facilitate."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from reviews.facilitators import Candidate, candidates
from reviews.models import Case, Escalation, Mediation, MediationSide, MediationStatus, Proposal, ProposalAnswer
from reviews.services.agreed import agreed_proposal


@dataclass(frozen=True)
class Stages:
    """What a case page needs of them; `candidates` are looked for while there is something to decide."""

    talks: list[Mediation]
    escalations: list[Escalation]
    agreed: Proposal | None
    candidates: list[Candidate]

    @property
    def under_way(self) -> Mediation | None:
        """The talks that are open now."""
        return next((one for one in self.talks if one.status == MediationStatus.OPEN), None)


def with_papers() -> Prefetch:
    """The proposals of talks with what each side answered, the latest first."""
    answers = ProposalAnswer.objects.select_related("side__partner", "side__party").order_by(
        "side__party__joined_at", "pk"
    )
    rows = Proposal.objects.select_related("made_by", "owner").order_by("-number")
    return Prefetch("proposals", rows.prefetch_related(Prefetch("answers", answers)))


def with_talks() -> Prefetch:
    """The talks of cases, the earlier first: whatever a case page asks of them comes with them."""
    sides = MediationSide.objects.select_related("partner").order_by("party__joined_at", "pk")
    talks = Mediation.objects.select_related("facilitator", "opened_by").order_by("opened_at", "pk")
    return Prefetch("mediations", talks.prefetch_related(Prefetch("sides", sides), with_papers()))


def stages_of(case: Case, approved: Iterable[uuid.UUID], *, undecided: bool) -> Stages:
    """The stages of a case that comes `with_talks`; `approved` are those who stand behind a step of it."""
    escalations = case.escalations.select_related("escalated_by").order_by("escalated_at", "pk")
    return Stages(
        talks=list(case.mediations.all()),
        escalations=list(escalations) if case.escalated_to else [],
        agreed=agreed_proposal(case) if undecided else None,
        candidates=candidates(case, approved) if undecided else [],
    )
