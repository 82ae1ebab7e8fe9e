"""Furniture of the crawl: the program asks for first opinions from now on, and Carl has said his of each case that asks him."""

from partners.services import change_program
from reviews.first_opinion import View
from reviews.models import Case
from reviews.services.asked_first import owes
from reviews.services.first_opinions import say_first_opinion
from tests.factories import AT, Cast


def say_own_views(cast: Cast) -> None:
    """Others of the desk meet these cases with their names hidden."""
    with cast.scope():
        cast.program.refresh_from_db()
        cast.program.opinion_high_impact = True
        change_program(program=cast.program, by=cast.pat, at=AT)
        asking = [case for case in Case.objects.order_by("number") if owes(cast.carl, case)]
        assert asking, "some case of the furniture is of high impact"
        view = View("award", str(cast.alpha.pk))
        for case in asking:
            say_first_opinion(
                case=case, view=view, text="She was first.", by=cast.carl, at=AT, seen_version=case.version
            )
