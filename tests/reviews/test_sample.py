"""The sample program tells the same story on any day of the week."""

from datetime import UTC, datetime

import pytest

from channelconflict.scope import staff_of
from conflicts.models import Signal
from partners.models import Lead
from reviews.models import Case, Decision, Mediation
from reviews.replaying import Tally, replays
from reviews.sample import play
from reviews.services import current_recommendation


@pytest.mark.parametrize(
    "now",
    [datetime(2026, 11, 25, 15, 0, tzinfo=UTC), datetime(2026, 11, 22, 0, 6, tzinfo=UTC)],
    ids=["weekday", "weekend"],
)
def test_the_story_is_the_same_on_any_day(db, now):
    played = play(now)
    assert played.counts["partners"] == 40
    assert played.counts["accounts"] == 1000
    assert played.counts["cases"] == 29
    with staff_of(played.program.pk):
        again, decisions = Tally(), Decision.objects.count()
        for one in replays([played.program.pk]):
            again.count(one)
        warned = {signal.kind: signal.sentence.split(":")[0].split(" quotes")[0] for signal in Signal.objects.all()}
        leads = {lead.customer_name: lead.status for lead in Lead.objects.all()}
        talks = list(Mediation.objects.values_list("stage", "status", "case__account__external_id"))
        said = {case.account.external_id: current_recommendation(case).action for case in Case.objects.all()}
    assert leads == {
        "Calyx Brewing Co.": "offered", "Bristol Dairies Ltd": "open", "Sandia Mills Inc.": "sales_ops",
    }  # fmt: skip
    assert said["A-ORION"] == "award"
    assert said["A-CARINA"] == "split"
    assert said["A-TUCANA"] == said["A-VEGA"] == "co_sell"
    assert said["A-LYRA"] == "reject_all"
    assert warned == {"ticket_surge": "Lakeshore Supply", "price_swing": "Northgate Partners"}
    assert not again.unsound, [one.as_json() for one in again.unsound]
    assert again.recommendations >= 29
    assert again.decisions == decisions > 0
    assert talks == [("mediation", "open", "A-CARINA")]
