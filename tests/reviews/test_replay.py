"""Whatever was recommended or decided comes out again, to the byte, from its own memo and its own policy version."""

import copy
import json
import os

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction

from conflicts.facts import from_memo, to_memo
from conflicts.models import Recommendation
from conflicts.policy import STANDARD, Policy
from conflicts.recommend.replay import IDENTICAL, OTHERWISE, REWORDED, replay
from reviews import pipeline
from reviews.exercises import play
from reviews.replaying import Tally, replays
from reviews.services import approve
from reviews.training.shelf import exercise, library
from tests import factories
from tests.conflicts.policy_life import put_in_force

pytestmark = pytest.mark.django_db
NAMES = list(library())
CHOSEN = NAMES if os.environ.get("PROVE") else NAMES[::8]


def told(program_ids, cases=None):
    tally = Tally()
    for one in replays(program_ids, cases):
        tally.count(one)
    return tally


@pytest.mark.parametrize("name", CHOSEN)
def test_what_an_exercise_recommended_comes_out_again(db, name):
    def again(program, done):
        tally = told([program.pk])
        assert tally.recommendations == Recommendation.objects.count()
        return len(done.cases), tally

    cases, tally = play(exercise(name), again)
    assert not tally.unsound, [one.as_json() for one in tally.unsound]
    assert tally.recommendations >= cases


def test_a_decision_comes_out_again_after_the_policy_changed(cast, capsys):
    case = factories.conflict_case(cast)
    with cast.scope():
        case.refresh_from_db()
        approve(case=case, by=cast.bob, at=factories.AT, seen_version=case.version)
        _next_version(cast, margin=200)
    pipeline.detect(cast.program, factories.AT, everything=True)
    with cast.scope():
        tally = told([cast.program.pk], [case])
    assert (tally.recommendations, tally.decisions, tally.unsound) == (1, 1, [])
    call_command("replay", case.ref, "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["recommendations"], said["decisions"], said["identical"], said["unsound"]) == (1, 1, 2, [])


def _next_version(cast, **parameters):
    document = copy.deepcopy(STANDARD)
    document["parameters"] |= parameters
    put_in_force(cast, document)


def test_another_memo_another_policy_and_another_wording_are_seen(cast):
    factories.conflict_case(cast)
    with cast.scope():
        row = Recommendation.objects.select_related("policy").get()
    policy, facts = Policy.from_document(row.policy.document), row.facts
    assert replay(facts, row.result, policy).verdict == IDENTICAL
    assert to_memo(from_memo(facts)) == facts
    reworded = replay(facts, row.result | {"sentence": "Alpha, by all means."}, policy)
    assert (reworded.verdict, reworded.paths) == (REWORDED, ("sentence",))
    without = facts | {"activities": []}
    assert replay(without, row.result, policy).verdict in (REWORDED, OTHERWISE)
    document = copy.deepcopy(row.policy.document)
    document["parameters"]["margin"] = 200
    other = replay(facts, row.result, Policy.from_document(document))
    assert other.verdict == OTHERWISE
    assert "action" in other.paths


def test_a_memo_that_was_bent_is_named_and_the_command_fails(cast, capsys):
    case = factories.conflict_case(cast)
    with cast.scope():
        row = Recommendation.objects.get()
        with pytest.raises(DatabaseError), transaction.atomic():
            Recommendation.objects.filter(pk=row.pk).update(facts={})
    bent = Recommendation(
        **{f.attname: getattr(row, f.attname) for f in Recommendation._meta.concrete_fields if f.name != "id"}
    )
    bent.facts = row.facts | {"activities": []}
    with cast.scope():
        Recommendation.objects.filter(pk=row.pk).update(superseded_at=factories.AT)
        bent.save(force_insert=True)
    with pytest.raises(SystemExit):
        call_command("replay", case.ref)
    said = capsys.readouterr().out
    assert "the memo of the facts does not fit its hash" in said
    assert "1 of 2 came out the same" in said


@pytest.mark.parametrize(
    "arguments", [[], ["CF-1", "--all"], ["CF-999999"], ["nonsense"], ["--all", "--program", "none"]]
)
def test_what_cannot_be_replayed_is_said(cast, arguments):
    with pytest.raises(CommandError):
        call_command("replay", *arguments)


def test_everything_is_read_in_a_fixed_number_of_queries(cast, django_assert_max_num_queries):
    factories.conflict_case(cast)
    with cast.scope(), django_assert_max_num_queries(6):
        assert told([cast.program.pk]).recommendations == 1
