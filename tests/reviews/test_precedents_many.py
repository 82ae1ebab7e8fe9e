"""Precedents among very many: the card of a case page reads no more, whatever has been decided over the years."""

import json
import os
import sys
from time import perf_counter

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from channelconflict.database.creation import OWNER_ALIAS
from reviews.desk.material import cases as desk_cases
from reviews.desk.material import gather
from reviews.desk.precedents import precedent_card
from reviews.models import Case
from reviews.services import approve
from tests.factories import AT
from tests.reviews.at_the_desk import many_cases

MANY = 1_000_000 if os.environ.get("PROVE") else 5_000
MOST_BLOCKS = 1_000  # of 8 kB that the query may touch: some milliseconds
SPREAD = """
    with made as (select gen_random_uuid() as conflict, gen_random_uuid() as id, n from generate_series(1, %s) n),
    kept as (
        insert into conflicts_conflict (id, program_id, account_id, status, opened_at)
        select made.conflict, c.program_id, c.account_id, 'settled', c.opened_at from made, conflicts_conflict c where c.id = %s
    )
    insert into conflicts_precedent (id, program_id, conflict_id, kind, finding_kinds, country, subdivision, segment,
        product_lines, band, tiers, action, "to", is_override, policy_id, decided_at)
    select made.id, p.program_id, made.conflict,
        (array['competing_registration', 'account_owned', 'reserved_account'])[1 + n %% 3], p.finding_kinds, 'US',
        'US-' || chr(65 + n %% 20) || chr(65 + n %% 7), 'standard', p.product_lines, n %% 6, p.tiers, 'award', 'first', false,
        p.policy_id, p.decided_at - make_interval(mins => n)
    from made, conflicts_precedent p where p.conflict_id = %s
"""


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_a_page_reads_no_more_of_very_many(committed_cast):
    """A third of them of its kind, most of them elsewhere: no scan, and no reading that grows."""
    cast = committed_cast
    many_cases(cast, 4)
    with cast.scope():
        found = list(Case.objects.order_by("number"))
        for case in found[:3]:
            approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    with connections[OWNER_ALIAS].cursor() as cursor:  # the owner may also count them for the planner
        cursor.execute(SPREAD, [MANY, found[0].conflict_id, found[0].conflict_id])
        cursor.execute("analyze conflicts_precedent")
    with cast.scope():
        made = gather(cast.carl, desk_cases().get(pk=found[3].pk), AT)
        _ = made.facts, made.policy, made.answer
        took = []
        for _round in range(7):
            begun = perf_counter()
            with CaptureQueriesContext(connection) as queries:
                card = precedent_card(made)
            took.append((perf_counter() - begun) * 1000)
        with connection.cursor() as cursor:
            cursor.execute(f"explain (analyze, buffers, format json) {queries[0]['sql']}")
            plan = cursor.fetchone()[0]
    assert [row.score for row in card.rows] == [100, 100, 100]
    blocks = plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    assert '"Seq Scan"' not in json.dumps(plan)
    assert blocks < MOST_BLOCKS
    sys.stdout.write(f"precedents of {MANY:,} decided cases: {blocks} blocks, {min(took):.1f} to {max(took):.1f} ms\n")
