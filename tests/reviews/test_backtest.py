"""Trials of policies over the cases of a real database: what they count, kills, cancelling, the command, shadow answers."""

import copy
import json
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channelconflict.models import AuditEvent
from channelconflict.scope import Scope, acting
from conflicts.backtest import Trial
from conflicts.models import PolicyTrial, Recommendation, ShadowAnswer
from conflicts.supposing import Split, Supposition, supposed
from conflicts.trials import cancel_trial, latest_trial, of_version, start_trial
from partners import models as m
from partners.services import NotPossibleError, save_row
from reviews import tasks
from reviews.backtest import running
from reviews.backtest.gather import pages
from reviews.backtest.running import resume_trials, work_on_trial
from reviews.choices import Choice
from reviews.models import Case
from reviews.services import approve, decide
from reviews.services.decisions import Override
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import many_cases
from tests.reviews.trying import begin, changed, tried, version

pytestmark = pytest.mark.django_db


# --- what a trial counts ---


def test_the_live_policy_changes_nothing_and_is_what_was_recorded(cast) -> None:
    many_cases(cast, 3)
    trial, found = tried(cast)
    assert (trial.total, trial.done, found.total, found.changed) == (3, 3, 3, 0)
    assert (found.unlike_record, found.unreadable) == (0, 0)
    assert {row.label for row in found.partners.values()} == {"Alpha Flow", "Beta Industrial"}
    assert found.partners[str(cast.alpha.pk)].cases == 3


def test_a_draft_says_who_would_win_and_what_people_had_decided(cast) -> None:
    case = factories.conflict_case(cast)
    with cast.scope():
        decided = approve(case=case, by=cast.carl, at=AT, seen_version=case.version)
    trial, found = tried(cast, changed(margin=90))
    assert (found.changed, found.decided, found.matched_before, found.matched_after) == (1, 1, 1, 0)
    (change,) = found.changes
    assert (change.case_id, change.ref, change.lost) == (str(case.pk), case.ref, ["Alpha Flow"])
    assert str(decided.owner_id) == str(cast.alpha.pk)
    assert trial.held_against_id == decided.policy_id


def test_a_decided_case_is_judged_on_what_it_was_decided_on(cast) -> None:
    """Recommendations made after the decision do not count, and an override is compared as the people chose."""
    case = factories.conflict_case(cast)
    with cast.scope():
        override = Override("relationship", "Beta has the better access.")
        for who in (cast.carl, cast.cleo):
            case.refresh_from_db()
            if case.decided_at is None:
                decide(case=case, choice=Choice("award", str(cast.beta.pk)), by=who, at=AT, seen_version=case.version,
                       override=override)  # fmt: skip
        case.refresh_from_db()
        assert case.decided_at
        last = case.decisions.order_by("-number").first()
        kept = Recommendation.objects.get(pk=last.recommendation_id)
        Recommendation.objects.filter(pk=kept.pk).update(superseded_at=AT + timedelta(days=2))
        later = copy.copy(kept)
        later.pk, later.superseded_at, later.made_at, later._state.adding = None, None, AT + timedelta(days=2), True
        later.facts = {**kept.facts, "activities": []}
        later.pk = Recommendation._meta.pk.get_default()
        later.save(force_insert=True)
    (past,) = next(pages(cast.program, kept.policy_id)).cases
    assert json.loads(past.facts)["activities"]
    assert past.decided.owner == str(cast.beta.pk)
    _, found = tried(cast)
    assert (found.decided, found.matched_before) == (1, 0)


def test_other_programs_have_no_part_in_it(cast) -> None:
    many_cases(cast, 2)
    other = factories.make_cast("southwind")
    many_cases(other, 1)
    assert tried(other)[1].total == 1
    assert tried(cast)[1].total == 2
    with other.scope():
        assert {trial.program_id for trial in PolicyTrial.objects.all()} == {other.program.pk}


def test_a_program_without_cases_is_tried_at_once(cast) -> None:
    trial, found = tried(cast)
    assert (trial.total, found.total, trial.is_whole) == (0, 0, True)


def test_only_the_newest_cases_are_tried_when_so_many_are_asked_for(cast) -> None:
    many_cases(cast, 3)
    trial, found = tried(cast, most=2)
    assert (trial.total, found.total, trial.is_whole) == (2, 2, False)
    with cast.scope():
        newest = set(Case.objects.order_by("-pk").values_list("pk", flat=True)[:2])
    read = {case.id for page in pages(cast.program, trial.held_against_id, most=2) for case in page.cases}
    assert read == set(map(str, newest))


def test_a_trial_asks_the_same_number_of_questions_for_any_number_of_cases(cast) -> None:
    def questions() -> int:
        trial = begin(cast, changed(margin=90))
        with CaptureQueriesContext(connection) as seen:
            work_on_trial(cast.program, trial.pk)
        return len(seen)

    many_cases(cast, 1)
    few = questions()
    many_cases(cast, 4, begin=1)
    assert questions() == few


def test_the_portal_sees_no_trial_and_no_shadow(cast) -> None:
    factories.conflict_case(cast)
    tried(cast)
    scope = Scope("portal", frozenset({cast.alpha.pk}), frozenset({cast.program.pk}), cast.acme_rep.pk)
    for model in (PolicyTrial, ShadowAnswer):
        with pytest.raises(ProgrammingError, match="permission denied"), acting(scope):
            model.objects.count()


# --- what publishing asks for ---


def test_the_latest_trial_is_of_exactly_this_document(cast) -> None:
    row = version(cast, changed(margin=40))
    with cast.scope():
        assert latest_trial(row) is None
        trial = start_trial(program=cast.program, wanted=of_version(row), by=cast.pat, at=AT, in_background=False)
        assert latest_trial(row) is None  # it has not ended
    work_on_trial(cast.program, trial.pk)
    with cast.scope():
        assert latest_trial(row) == trial
        assert latest_trial(row, trial.held_against) == trial
        assert latest_trial(row, row) is None
        row.document = changed(margin=41)
        assert latest_trial(row) is None


def test_a_part_a_supposition_and_a_cancelled_one_do_not_count(cast) -> None:
    row = version(cast, changed(margin=40))
    tried(cast, row.document, most=1)
    tried(cast, row.document, changes=[{"kind": "partner_gone", "partner_id": str(cast.beta.pk), "text": "Gone"}])
    trial = begin(cast, row.document)
    with cast.scope():
        cancel_trial(trial=trial, by=cast.pat, at=AT)
        assert latest_trial(row) is None


def test_only_a_policy_is_tried(cast) -> None:
    with pytest.raises(NotPossibleError, match="no policy"):
        begin(cast, {"id": "nothing"})


# --- kills, cancelling, failing ---


def test_what_was_broken_off_is_gone_on_with(cast, monkeypatch) -> None:
    many_cases(cast, 4)
    monkeypatch.setattr("reviews.backtest.gather.PAGE", 1)
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    trial, told = begin(cast, changed(margin=90)), []

    def kill(seen: PolicyTrial) -> None:
        told.append(seen.done)
        if seen.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_on_trial(cast.program, trial.pk, tell=kill)
    with cast.scope():
        trial.refresh_from_db()
    assert (trial.done, trial.result["total"], trial.finished_at, trial.lease_until) == (2, 2, None, None)
    done = work_on_trial(cast.program, trial.pk)
    assert (done.done, Trial.from_json(done.result).total, done.ended_well) == (4, 4, True)
    assert Trial.from_json(done.result) == tried(cast, changed(margin=90))[1]


def test_time_is_up_and_a_worker_goes_on_later(cast, monkeypatch) -> None:
    many_cases(cast, 3)
    monkeypatch.setattr("reviews.backtest.gather.PAGE", 1)
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    trial = begin(cast)
    part = work_on_trial(cast.program, trial.pk, seconds=0)
    assert (part.done, part.finished_at) == (1, None)
    nudged = []
    monkeypatch.setattr(running, "nudge", lambda *given: nudged.append(given))
    resume_trials(cast.program)
    assert nudged == [("reviews.tasks.try_policy", cast.program.pk, trial.pk)]
    tasks.try_policy(str(cast.program.pk), str(trial.pk))
    with cast.scope():
        assert PolicyTrial.objects.get(pk=trial.pk).result["total"] == 3


def test_one_works_on_it_at_a_time(cast) -> None:
    trial = begin(cast)
    with cast.scope():
        PolicyTrial.objects.filter(pk=trial.pk).update(
            lease_until=timezone.now() + timedelta(minutes=1), lease_key=trial.pk
        )
    assert work_on_trial(cast.program, trial.pk) is None
    with cast.scope():  # whoever held it was killed
        PolicyTrial.objects.filter(pk=trial.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    assert work_on_trial(cast.program, trial.pk).ended_well


def test_a_cancelled_trial_stops_and_keeps_what_it_had(cast, monkeypatch) -> None:
    many_cases(cast, 3)
    monkeypatch.setattr("reviews.backtest.gather.PAGE", 1)
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    trial = begin(cast)

    def cancel(seen: PolicyTrial) -> None:
        if seen.done == 1:
            with cast.scope():
                cancel_trial(trial=trial, by=cast.pat, at=AT)

    done = work_on_trial(cast.program, trial.pk, tell=cancel)
    assert (done.done, done.cancelled_at, done.error) == (1, AT, "")
    with cast.scope(), pytest.raises(NotPossibleError, match="ended already"):
        cancel_trial(trial=trial, by=cast.pat, at=AT)


def test_what_fails_says_so_and_is_not_tried_for_ever(cast, monkeypatch) -> None:
    many_cases(cast, 1)
    trial = begin(cast)
    monkeypatch.setattr(running, "judged", lambda *_: (_ for _ in ()).throw(RuntimeError("broken")))
    with pytest.raises(RuntimeError):
        work_on_trial(cast.program, trial.pk)
    with cast.scope():
        trial.refresh_from_db()
        assert "It failed (RuntimeError)" in trial.error
        assert trial.finished_at
        assert latest_trial(trial.held_against) is None
    assert work_on_trial(cast.program, trial.pk) is None


def test_what_is_done_to_a_trial_is_on_the_record(cast) -> None:
    factories.conflict_case(cast)
    tried(cast)
    trial = begin(cast)
    with cast.scope():
        cancel_trial(trial=trial, by=cast.pat, at=AT)
        acts = list(
            AuditEvent.objects.filter(action__startswith="policy_trial.")
            .order_by("pk")
            .values_list("action", flat=True)
        )
    assert acts == ["policy_trial.started", "policy_trial.ended", "policy_trial.started", "policy_trial.cancelled"]


def test_two_processes_are_used_for_many(committed_cast, monkeypatch) -> None:
    cast = committed_cast
    many_cases(cast, 3)
    alone = tried(cast, changed(margin=90))[1]
    monkeypatch.setattr(running, "MANY", 1)
    monkeypatch.setattr("reviews.backtest.gather.PAGE", 1)
    monkeypatch.setattr(running.os, "cpu_count", lambda: 2)
    assert tried(cast, changed(margin=90))[1] == alone


# --- what if ---


def test_a_supposition_is_the_live_policy_with_something_otherwise(cast) -> None:
    many_cases(cast, 2)
    with cast.scope():
        number = supposed(cast.program, Supposition({"protection.days": 60, "parameters.margin": 15}))
        gone = supposed(cast.program, Supposition({}, gone=cast.alpha))
        assert number.document["protection"]["days"] == 60
        assert number.title == "Days of protection on approval: 60 instead of 90"
        with pytest.raises(NotPossibleError, match="as it is now"):
            supposed(cast.program, Supposition({"parameters.margin": 15}))
    _, found = tried(cast, gone.document, changes=gone.changes)
    assert found.partners[str(cast.alpha.pk)].after == 0
    assert found.vanish == 2  # nobody stands against Beta any more


def test_a_territory_is_supposed_to_be_split(cast) -> None:
    with cast.scope():
        rule = save_row(
            m.Territory(program=cast.program, external_id="T-1", name="Texas", countries=["US"]),
            by=None,
            at=AT,
            action="t",
        )
        save_row(
            m.TerritoryAssignment(program=cast.program, territory=rule, partner=cast.alpha, role="owner"),
            by=None,
            at=AT,
            action="t",
        )
    many_cases(cast, 1)
    with cast.scope():
        wanted = supposed(
            cast.program, Supposition({}, split=Split(rule, "subdivisions", frozenset({"US-TX"}), cast.beta))
        )
        assert wanted.title == "Texas is split: states or regions US-TX go to Beta Industrial"
        with pytest.raises(NotPossibleError, match="is not in Texas"):
            supposed(cast.program, Supposition({}, split=Split(rule, "countries", frozenset({"DE"}))))
    _, found = tried(cast, wanted.document, changes=wanted.changes)
    assert found.blocking == {"out_of_territory": [0, 1]}
    assert found.ineligible_now == 1


# --- the command ---
