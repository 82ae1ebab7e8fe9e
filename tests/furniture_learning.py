"""Furniture of the crawl that comes of advice: opinions of a model, words on it, alarms, points that wait as a draft."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from conflicts.learning import services as learning
from conflicts.learning.drift import Decided, look
from conflicts.learning.shares import Share
from conflicts.learning.trial import Change, Learned, Trial
from conflicts.learning.weights import points_of
from conflicts.models import DriftAlarm, ModelMode, OutputPart, Recommendation
from conflicts.opinions import services as opinions
from conflicts.opinions.ledger import CallLedger
from conflicts.recommend.llm.asking import GivenReason, Opinion
from conflicts.recommend.llm.brief import Choice
from conflicts.recommend.llm.talk import Told
from conflicts.services import policy_in_force
from partners import services
from reviews.models import Case
from reviews.services import (
    current_recommendation,
)
from tests.factories import AT, Cast


def ask_a_model(cast: Cast) -> None:
    """A model was asked about every case: one opinion is shown, others fell back; a switch, a budget, two prompts."""
    words: dict[str, Any] = {"program": cast.program, "by": cast.pat, "at": AT}
    with cast.scope():
        live, _ = (opinions.draft_prompt(text=f"Prompt {number}. " * 20, **words) for number in (1, 2))
        live.evaluation, live.evaluated_model, live.status, live.live_from = (
            {"cases": 3, "usable": 2},
            "m-1",
            "live",
            AT,
        )
        services.save_row(live, by=cast.pat, at=AT, action="prompt.published")
        opinions.set_model_mode(kind="price_overlap", mode=ModelMode.SHADOW, reason="New here.", **words)
        opinions.set_model_budget(budget=opinions.Budget(9, 900, Decimal(9), Decimal(90)), **words)
        kept = list(Recommendation.objects.filter(superseded_at=None).select_related("conflict").order_by("pk"))
    for number, row in enumerate(kept):
        ledger = CallLedger(cast.program.pk, "m-1", recommendation=row, prompt=live)
        told = Told("answered", "json_schema", 0.5, 200, 900, 90, "req-1", "m-1", "0" * 64, "An answer in words.")
        ledger.end(ledger.begin("opinion"), told)
        choice = Choice("O1", "mediate", "", "A person mediates between PARTNER_A and others")
        given = (GivenReason("E1", "PARTNER_A registered", "PARTNER_A came first."),)
        said = Opinion("ok", "", "PARTNER_A and PARTNER_B claim it.", choice, given, 0.7)
        opinion = (
            said if number % 2 == 0 else Opinion("fell_back", "not_acceptable", problems=("It accuses somebody.",))
        )
        asking = opinions.Asking(
            live, "m-1", "0" * 64, {"PARTNER_A": "Alpha Flow", "PARTNER_B": "Beta Ltd"}, 1, ledger.cost
        )
        with cast.scope():
            opinions.keep_opinion(recommendation=row, opinion=opinion, mode=ModelMode.ON, asking=asking, at=AT)


def learn(cast: Cast) -> None:
    """A word on a recommendation, an alarm that stands and one that is acknowledged, points that wait as a draft."""
    with cast.scope():
        case = Case.objects.filter(program=cast.program).order_by("number").first()
        advice = current_recommendation(case)
        for part, told in (("reason", "Alpha came first."), ("finding", "Beta wants it too.")):
            output = learning.Output(OutputPart(part), "R-08", told, part)
            learning.give_feedback(
                recommendation=advice, output=output, verdict="wrong", text="Beta was first.", by=cast.bob, at=AT
            )
        rows = [Decided(AT - timedelta(days=30 - n), n > 3, "R-08", "competing_registration") for n in range(10)]
        streams = look(rows, {})
        titles = {one.key: f"Stream {one.subject}" for one in streams}
        learning.keep_alarms(program=cast.program, measured=streams, titles=titles, at=AT)
        mine = DriftAlarm.objects.get(program=cast.program, stream="rule")
        learning.acknowledge_alarm(alarm=mine, answer="usual", reason="We sell so now.", by=cast.olga, at=AT)
        policy = policy_in_force(cast.program).policy
        points = tuple((name, value, value + 1, 40) for name, value in points_of(policy.scoring).items())
        change = Change(str(case.pk), case.ref, "split: Alpha", "award: Alpha", True, False)
        trial = Trial(Share(20, 30), Share(24, 30), (change,))
        new = Learned(policy, 120, {"relationship": 3}, points, trial, "")
        learning.propose_policy(program=cast.program, learned=new, by=cast.pat, at=AT)
