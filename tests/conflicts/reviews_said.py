"""Reviewed queries as rows: what people said of drafts of Alpha's, all about the Orion account."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from uuid_utils.compat import uuid7

from conflicts.identity.trial import Query
from partners import models as m
from tests import factories
from tests.factories import AT, Cast


def say(cast: Cast, queries: Iterable[Query]) -> None:
    """One registration a query; its right candidate is Orion, or Orion is the first one and is not it."""
    orion = m.Account.objects.get(program=cast.program, external_id="A-ORION")
    drafts, rows = [], []
    for query in queries:
        asked = max(query.right, 0)
        seen = [
            {"account": str(orion.pk if place == asked else uuid7()), "facts": found.facts, "related": found.related,
             "grounded": found.grounded}
            for place, found in enumerate(query.candidates)
        ]  # fmt: skip
        # The same ids each time: they decide which queries are held out.
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{cast.program.code}/{query.key}")
        drafts.append(factories.draft(cast, cast.alpha, id=key))
        verdict = "same" if query.right >= 0 else "different"
        rows.append(
            m.MatchVerdict(program=cast.program, registration=drafts[-1], account=orion, verdict=verdict, seen=seen,
                           said_by_id=cast.ada.pk, said_at=AT)
        )  # fmt: skip
    m.Registration.objects.bulk_create(drafts)  # hundreds of drafts, one by one, would be most of a test's time
    m.MatchVerdict.objects.bulk_create(rows)
