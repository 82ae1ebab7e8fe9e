"""What tests of first opinions share: programs that ask, cases of high impact, and saying an opinion."""

from partners.services import add_activity, change_program
from reviews import pipeline
from reviews.first_opinion import View
from reviews.models import Case
from reviews.services.asked_first import letters_of
from reviews.services.first_opinions import say_first_opinion
from tests import factories
from tests.factories import AT


def ask_in(cast, *, share=0, high_impact=True):
    """From now on this program asks."""
    cast.program.opinion_share, cast.program.opinion_high_impact = share, high_impact
    with cast.scope():
        change_program(program=cast.program, by=cast.pat, at=AT)


def large_case(cast, **words):
    """300,000 at stake: channel lead, then revenue lead. Alpha came first and worked it, so the rules award it."""
    first = factories.submitted(cast, cast.alpha, days_ago=4, amount=300_000, **words)
    factories.submitted(cast, cast.beta, days_ago=1, amount=250_000, **words)
    with cast.scope():
        add_activity(registration=first, kind="technical_validation", occurred_on=AT.date(), by=None, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(parties__registration=first)


def close_case(cast):
    """Alpha came first, Beta has worked it: the rules abstain."""
    first = factories.submitted(cast, cast.alpha, days_ago=4)
    second = factories.submitted(cast, cast.beta, days_ago=1)
    with cast.scope():
        add_activity(registration=second, kind="technical_validation", occurred_on=AT.date(), by=None, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(parties__registration=first)


def say(cast, case, by, view=None, *, text="", at=AT, seen=None):
    """Somebody's first opinion; Alpha gets the deal unless said otherwise."""
    with cast.scope():
        view = view or View("award", str(cast.alpha.pk))
        seen = case.version if seen is None else seen
        return say_first_opinion(case=case, view=view, text=text, by=by, at=at, seen_version=seen)


def letter(cast, case, claimant):
    """How a claimant is called while names are hidden."""
    with cast.scope():
        return letters_of(case)[claimant]
