"""Furniture of the crawl that comes of stages: talks under way with an open proposal, talks that failed, late cases."""

from datetime import timedelta

from reviews import stages
from reviews.choices import Choice
from reviews.models import Case, MediationSide, MediationStage, ProposalAnswer
from reviews.services.mediation import Invitation, note_entry, open_talks, propose
from reviews.services.talks import answer_proposal, state_interests
from tests.factories import AT, Cast

LATE = AT + timedelta(days=9000)  # talks that are under way whenever the crawl looks


def go_through_stages(cast: Cast, mediated: Case, failed: Case) -> None:
    """Lena mediates one case and waits for answers again; the other was to be settled, was not, and is late."""
    with cast.scope():
        informal = Invitation(MediationStage.INFORMAL, "Please settle it.", 1)
        over = open_talks(case=failed, invitation=informal, by=cast.bob, at=AT, seen_version=failed.version)
        _say_what_matters(cast, AT)
    stages.look_after(cast.program, over.due_at)
    with cast.scope():
        asked = Invitation(MediationStage.MEDIATION, "Please settle it with Lena.", 30, cast.lena)
        talks = open_talks(case=mediated, invitation=asked, by=cast.bob, at=LATE, seen_version=mediated.version)
        _say_what_matters(cast, LATE)
        lena = {"mediation": talks, "by": cast.lena, "at": LATE}
        note_entry(kind="interest", text="Wants it.", party=mediated.parties.first(), **lena)
        note_entry(kind="action", text="Call.", who="Alpha", due_on=AT.date(), **lena)
    for number in range(3):
        with cast.scope():
            mediated.refresh_from_db()
            choice = Choice("award", str(cast.alpha.pk))
            propose(choice=choice, body=f"It is fair, {number}.", seen_version=mediated.version, **lena)
            partner, rep = ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep))[number % 2]
            waiting = ProposalAnswer.objects.get(partner=partner, verdict="", closed_at=None)
            if number < 2:
                answer_proposal(answer=waiting, verdict="declined", comment="Not so.", by=rep, at=LATE)
        stages.look_after(cast.program, LATE)


def _say_what_matters(cast: Cast, at: object) -> None:
    for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
        for side in MediationSide.objects.filter(partner=partner, ended_at=None):
            state_interests(side=side, statement="Service matters.", by=rep, at=at)
