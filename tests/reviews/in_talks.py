"""What happens in talks in tests: the sides are asked, a proposal is put to them, they answer, time passes."""

from decimal import Decimal

from reviews import stages
from reviews.choices import Choice
from reviews.models import Case, Mediation, MediationSide, MediationStage, ProposalAnswer
from reviews.services.mediation import Invitation, open_talks, propose
from reviews.services.talks import answer_proposal
from tests.factories import AT

WORDS = "Please settle this among yourselves."


def asked(cast, case, *, by=None, days=5, at=AT) -> Mediation:
    """Both sides are asked to settle, by Bob."""
    return _begun(cast, case, Invitation(MediationStage.INFORMAL, WORDS, days), by or cast.bob, at)


def mediated(cast, case, *, facilitator=None, by=None, days=5, at=AT) -> Mediation:
    """Lena facilitates."""
    chosen = facilitator or cast.lena
    return _begun(cast, case, Invitation(MediationStage.MEDIATION, WORDS, days, chosen), by or cast.bob, at)


def _begun(cast, case, invitation, by, at):
    with cast.scope():
        seen = Case.objects.get(pk=case.pk).version
        return open_talks(case=case, invitation=invitation, by=by, at=at, seen_version=seen)


def shares(cast, alpha=60) -> Choice:
    return Choice("split", shares={str(cast.alpha.pk): Decimal(alpha), str(cast.beta.pk): Decimal(100 - alpha)})


def proposed(cast, mediation, choice=None, *, by=None, at=AT):
    with cast.scope():
        seen = Case.objects.get(pk=mediation.case_id).version
        return propose(
            mediation=mediation, choice=choice or shares(cast), body="Both worked on it.", by=by or cast.lena, at=at,
            seen_version=seen,
        )  # fmt: skip


def answers(cast, partner, verdict="accepted", comment="We need the service.", *, at=AT, follow=True):
    """A side answers its open proposal, and the worker follows."""
    rep = cast.acme_rep if partner == cast.alpha else cast.rival_rep
    with cast.scope():
        answer = ProposalAnswer.objects.get(partner=partner, verdict="", closed_at=None)
        done = answer_proposal(answer=answer, verdict=verdict, comment=comment, by=rep, at=at)
    if follow:
        stages.look_after(cast.program, at)
    return done


def side(cast, partner) -> MediationSide:
    with cast.scope():
        return MediationSide.objects.filter(partner=partner).order_by("-due_at", "-pk").first()
