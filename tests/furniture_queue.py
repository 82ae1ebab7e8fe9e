"""Furniture of the crawl that comes of the queue: views, a skip, an absence, an assignment, a preview of many cases."""

from datetime import date
from typing import Any

from partners.permissions import deciders
from reviews.models import Case
from reviews.permissions import next_step
from reviews.services.bulk import preview_bulk
from reviews.services.saved import save_view
from reviews.services.skipping import skip_case
from reviews.services.team import assign_case, record_absence, set_automatic
from tests.factories import AT, Cast


def use_the_queue(cast: Cast) -> None:
    """As people do on a day; nothing is decided by it."""
    words: dict[str, Any] = {"program": cast.program, "at": AT}
    with cast.scope():
        query = "kind=competing_registration&q=Orion"
        for shared in (True, False):
            save_view(name=f"Pumps {shared}", query=query, shared=shared, by=cast.carl, **words)
        days = {"from_on": date(2026, 2, 1), "until_on": date(2040, 1, 1)}
        record_absence(user=cast.ada, substitute=cast.bob, by=cast.carl, **days, **words)
        set_automatic(automatic=False, by=cast.carl, **words)
        undecided = Case.objects.filter(program=cast.program, status__in=("open", "in_review"))
        first = undecided.order_by("number")[0]
        seen: dict[str, Any] = {"case": first, "by": cast.carl, "at": AT, "seen_version": first.version}
        skip_case(reason="other", text="Beta's lawyer calls me.", **seen)
        may = next(p for p in deciders(cast.program) if p != cast.ada and next_step(p, first, None).role)
        assign_case(to=may, **seen)
        every = Case.objects.filter(program=cast.program).order_by("number").values_list("pk", flat=True)
        preview_bulk(case_ids=list(every), by=cast.carl, **words)
