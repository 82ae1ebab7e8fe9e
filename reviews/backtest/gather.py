"""Past cases as the back-test takes them, read page by page: each with the memo of the recommendation it was decided on."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from channelconflict.scope import staff_of
from conflicts.backtest import Given, PastCase
from conflicts.facts import DIRECT
from partners.models import Program
from reviews.models import Case

PAGE = 200
FIRST = uuid.UUID(int=2**128 - 1)  # the newest cases come first: ids rise with time

# A decided case shows its last decision and what that was made on; another one what is recommended now. The page is cut
# first, and the recommendations are asked for by their ids: joined, all would be looked through for each page.
_PAGE = """
with page as materialized (
    select id, number, conflict_id, decided_at from reviews_case
     where program_id = %(program)s and id < %(after)s order by id desc limit %(size)s),
known as materialized (
    select c.id, c.number, d.action, d.owner_id, d.owner_direct, d.support, d.shares,
           coalesce(d.recommendation_id, (
               select id from conflicts_recommendation
                where conflict_id = c.conflict_id and superseded_at is null)) as recommendation_id
      from page c
      left join lateral (select recommendation_id, action, owner_id, owner_direct, support, shares from reviews_decision
                          where case_id = c.id and decided_by_id is not null and c.decided_at is not null
                          order by number desc limit 1) d on true)
select k.id, r.facts::text, k.number, r.policy_id = %(base)s, r.action, r.owner_id, r.owner_direct,
       k.action, k.owner_id, k.owner_direct, k.support, k.shares
  from known k
  left join conflicts_recommendation r
         on r.id = k.recommendation_id and r.id = any(array(select recommendation_id from known))
 order by k.id desc
"""


def number_of_cases(program: Program) -> int:
    """How many past cases there are; to be asked in the program's scope."""
    return Case.objects.filter(program=program).count()


class Page(NamedTuple):
    """Some cases: those that have a recommendation, how many were looked at, and the id to go on after."""

    cases: list[PastCase]
    number: int
    last: uuid.UUID


def pages(
    program: Program, base_id: uuid.UUID, after: uuid.UUID | None = None, most: int | None = None
) -> Iterator[Page]:
    """Pages of cases, the newest first. Each is read in a transaction of its own."""
    left, last = most, after or FIRST
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        values: dict[str, Any] = {"program": program.pk, "base": base_id, "after": last, "size": size}
        with staff_of(program.pk), connection.cursor() as cursor:
            cursor.execute(_PAGE, values)
            rows = cursor.fetchall()
        if not rows:
            return
        last, left = rows[-1][0], None if left is None else left - len(rows)
        yield Page([_past(row) for row in rows if row[1] is not None], len(rows), last)


def _past(row: tuple[Any, ...]) -> PastCase:
    case_id, facts, number, of_base, action, owner, direct, *decided = row
    return PastCase(
        str(case_id), f"CF-{number}", facts, Given(action, _claimant(owner, direct)), bool(of_base), _decided(*decided)
    )


def _decided(action: str | None, owner: Any, direct: bool, support: Any, shares: Any) -> Given | None:
    if action is None:
        return None
    kept = {str(key): str(share) for key, share in _plain(shares).items()}
    return Given(action, _claimant(owner, direct), tuple(map(str, _plain(support))), kept)


def _claimant(owner: Any, direct: bool) -> str:
    return DIRECT if direct else str(owner or "")


def _plain(value: Any) -> Any:
    """A cursor of Django's gives JSON as text."""
    return json.loads(value) if isinstance(value, str) else value
