"""The back-test as a command, and versions in shadow, on a real database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from conflicts.models import PolicyStatus, PolicyTrial, Recommendation, ShadowAnswer
from conflicts.policy import STANDARD, document_hash
from conflicts.services import policy_in_force
from reviews import pipeline
from tests import factories
from tests.factories import AT
from tests.reviews.trying import changed, version

pytestmark = pytest.mark.django_db


def run(cast, tmp_path, document, *options) -> str:
    file, out = tmp_path / "policy.json", StringIO()
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    call_command("backtest", str(file), "--program", cast.program.code, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_says_what_would_change(cast, tmp_path) -> None:
    factories.conflict_case(cast)
    told = run(cast, tmp_path, changed(margin=90))
    assert "1 past cases tried" in told
    assert "1 outcomes change" in told
    assert "Alpha Flow gets it" in told
    found = json.loads(run(cast, tmp_path, changed(margin=90), "--json", "--limit", "1"))
    assert (found["program"], found["total"], found["changed"], found["held_against"]) == ("northwind", 1, 1, 1)
    assert found["sha256"] == document_hash(changed(margin=90))


def test_the_command_has_exit_codes(cast, tmp_path) -> None:
    factories.conflict_case(cast)
    run(cast, tmp_path, STANDARD, "--check")
    for document, options, code in (
        (changed(margin=90), ("--check",), 3), ("{", (), 1), ({"id": "x"}, (), 1), (STANDARD, ("--limit", "0"), 1),
    ):  # fmt: skip
        with pytest.raises(CommandError) as refused:
            run(cast, tmp_path, document, *options)
        assert refused.value.returncode == code
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("backtest", str(tmp_path / "none.json"), "--program", "northwind")


def test_the_command_can_be_broken_off(cast, tmp_path, monkeypatch) -> None:
    factories.conflict_case(cast)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reviews.management.commands.backtest.work_on_trial", interrupted)
    with pytest.raises(CommandError) as refused:
        run(cast, tmp_path, STANDARD)
    assert refused.value.returncode == 2
    with cast.scope():
        assert PolicyTrial.objects.get().cancelled_at


# --- shadow ---


def test_a_version_in_shadow_answers_beside_each_new_recommendation(cast) -> None:
    row = version(cast, changed(margin=90), PolicyStatus.SHADOW)
    version(cast, changed(margin=91))  # a draft says nothing
    case = factories.conflict_case(cast)
    with cast.scope():
        (answer,) = ShadowAnswer.objects.all()
        live = case.conflict.recommendations.get()
        assert (answer.policy, answer.recommendation, answer.differs) == (row, live, True)
        assert (live.owner_id, answer.owner_id) == (cast.alpha.pk, None)
        assert answer.live_rule_id == live.result["rule_id"] != answer.rule_id
        assert case.route == ["partner_manager"]  # it has no part in what is done
    pipeline.detect(cast.program, AT, everything=True)
    with cast.scope():
        assert ShadowAnswer.objects.count() == Recommendation.objects.count()


def test_a_shadow_that_says_the_same_does_not_differ(cast) -> None:
    version(cast, changed(lookback_days=30), PolicyStatus.SHADOW)
    factories.conflict_case(cast)
    with cast.scope():
        assert ShadowAnswer.objects.get().differs is False


def test_a_broken_shadow_keeps_nobody_from_a_recommendation(cast, caplog) -> None:
    version(cast, {"id": "broken"}, PolicyStatus.SHADOW)
    case = factories.conflict_case(cast)
    with cast.scope():
        assert case.conflict.recommendations.count() == 1
        assert not ShadowAnswer.objects.exists()
    assert "could not answer" in caplog.text


def test_without_a_shadow_no_question_more_is_asked(cast) -> None:
    with cast.scope(), CaptureQueriesContext(connection) as seen:
        policy_in_force(cast.program)
    assert len(seen) == 1


def test_a_shadow_answer_is_never_changed(cast) -> None:
    version(cast, changed(margin=90), PolicyStatus.SHADOW)
    factories.conflict_case(cast)
    with pytest.raises(ProgrammingError, match="permission denied"), cast.scope():
        ShadowAnswer.objects.update(differs=False)
