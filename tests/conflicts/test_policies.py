"""A policy version from its first line to its rollback: two persons, checks, back-test, locked rows, claims looked at again."""

from copy import deepcopy

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from channelconflict.models import AuditEvent
from conflicts import policies, policy_review, policy_summaries
from conflicts.models import PolicyStatus, PolicySummary, PolicyVersion, Recommendation
from conflicts.policies import StalePolicyError, UnreadablePolicyError, why_not
from conflicts.policy import document_hash
from conflicts.services import policy_in_force
from partners.models import Touch, TouchKind
from partners.services import NotPossibleError, StaleRowError
from reviews.tasks import look_again
from tests import factories
from tests.conflicts.policy_life import back_tested, changed, fresh, live, published, with_margin
from tests.factories import AT

pytestmark = pytest.mark.django_db
S = PolicyStatus


@pytest.fixture
def scoped(cast):
    """Everything happens as staff of the program."""
    with cast.scope():
        yield cast


def test_a_draft_begins_from_the_live_version_and_decides_nothing(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT, why="A wider margin")
    assert (draft.number, draft.status, draft.document["version"], draft.source) == (2, S.DRAFT, 2, live(scoped))
    assert draft.sha256 == document_hash(draft.document)
    policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=scoped.olga, at=AT)
    assert policy_in_force(scoped.program).policy.parameters.margin == 15
    assert fresh(draft).version == 2
    assert AuditEvent.objects.filter(action="policy.edited").count() == 1


def test_an_edit_that_somebody_else_made_meanwhile_is_shown_and_not_overwritten(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=scoped.olga, at=AT)
    mine = changed(draft, "clock", hours=24)
    with pytest.raises(StalePolicyError) as refused:
        policies.edit_policy(policy=draft, document=mine, seen_version=1, by=scoped.pat, at=AT)
    assert (refused.value.seen["parameters"]["margin"], refused.value.now["parameters"]["margin"]) == (15, 40)
    assert fresh(draft).document["clock"]["hours"] == 48


def test_what_is_no_policy_is_not_kept(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    broken = changed(draft, "parameters", margin="wide")
    with pytest.raises(UnreadablePolicyError) as refused:
        policies.edit_policy(policy=draft, document=broken, seen_version=1, by=scoped.olga, at=AT)
    assert "parameters.margin" in refused.value.problems[0]
    with pytest.raises(UnreadablePolicyError):
        policies.import_policy(program=scoped.program, document=["no"], by=scoped.olga, at=AT)
    assert fresh(draft).version == 1


def test_a_second_person_publishes_and_everything_open_is_looked_at_again(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        before = Recommendation.objects.get(conflict=case.conflict_id, superseded_at=None)
        Touch.objects.all().delete()
        second = published(cast, margin=90)
        first = PolicyVersion.objects.get(number=1)
        assert (first.status, first.retired_at, second.status, second.replaced) == (S.RETIRED, AT, S.LIVE, first)
        assert [touch.kind for touch in Touch.objects.all()] == [TouchKind.PROGRAM]
    look_again(str(cast.program.pk))
    with cast.scope():
        now = Recommendation.objects.get(conflict=case.conflict_id, superseded_at=None)
        assert (before.policy, now.policy) == (first, second)
        assert before.action != now.action
        assert not Touch.objects.exists()
        told = AuditEvent.objects.get(action="policy.published").body
        assert str(cast.olga.pk) in told
        assert str(cast.pat.pk) in told


@pytest.mark.parametrize("who", ["olga", "ada", "audrey"])
def test_the_second_person_is_another_one_who_may_change_rules(scoped, who):
    draft = asked(scoped)
    with pytest.raises(NotPossibleError, match=r"second person publishes|may change the program's rules"):
        policies.publish_policy(policy=draft, seen_version=draft.version, seen_live=1, by=scoped.staff[who], at=AT)


def test_whoever_wrote_in_it_does_not_publish_it_either(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    draft = policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=scoped.pat, at=AT)
    back_tested(draft)
    draft = policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=2, by=scoped.olga, at=AT)
    assert "second person publishes" in why_not(draft, "publish", scoped.pat)


def asked(cast, margin=40):
    draft = policies.draft_policy(program=cast.program, by=cast.olga, at=AT)
    draft = policies.edit_policy(policy=draft, document=with_margin(draft, margin), seen_version=1, by=cast.olga, at=AT)
    back_tested(draft)
    return policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=draft.version, by=cast.olga, at=AT)


def test_nobody_is_asked_without_a_back_test_of_exactly_this_document(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    draft = policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=scoped.olga, at=AT)
    back_tested(draft)
    draft = policies.edit_policy(policy=draft, document=with_margin(draft, 41), seen_version=2, by=scoped.olga, at=AT)
    with pytest.raises(NotPossibleError, match="back-tested"):
        policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=3, by=scoped.olga, at=AT)


def test_errors_of_the_checks_forbid_it_and_warnings_are_ticked_off(scoped, monkeypatch):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    document = with_margin(draft, 40)
    hidden = deepcopy(document["rules"][2]) | {"id": "R-13", "priority": 35, "title": "Never"}
    document["rules"].append(hidden)  # the rule before it says the same, so that it can never decide
    draft = policies.edit_policy(policy=draft, document=document, seen_version=1, by=scoped.olga, at=AT)
    back_tested(draft)
    review = policy_review.review_of(draft)
    assert any("R-13" in problem.rule_ids for problem in review.errors + review.warnings)
    with pytest.raises(NotPossibleError, match=r"The checks find|must be ticked off"):
        policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=2, by=scoped.olga, at=AT)


def test_an_unchanged_draft_is_not_published(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    back_tested(draft)
    with pytest.raises(NotPossibleError, match="changes nothing"):
        policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=1, by=scoped.olga, at=AT)


def test_while_a_second_person_is_asked_nothing_is_edited(scoped):
    draft = asked(scoped)
    with pytest.raises(NotPossibleError, match="take it back"):
        policies.edit_policy(policy=draft, document=with_margin(draft, 9), seen_version=2, by=scoped.olga, at=AT)
    policies.take_back(policy=draft, by=scoped.olga, at=AT)
    policies.edit_policy(policy=draft, document=with_margin(draft, 9), seen_version=2, by=scoped.olga, at=AT)


def test_it_is_published_in_the_place_of_the_version_that_it_was_compared_with(scoped):
    draft = asked(scoped)
    other = policies.draft_policy(program=scoped.program, by=scoped.pat, at=AT)
    other = policies.edit_policy(policy=other, document=with_margin(other, 20), seen_version=1, by=scoped.pat, at=AT)
    back_tested(other)
    other = policies.ask_for_second(policy=other, reason="Mine.", seen_version=2, by=scoped.pat, at=AT)
    policies.publish_policy(policy=other, seen_version=2, seen_live=1, by=scoped.olga, at=AT)
    with pytest.raises(StaleRowError, match="Another version went live"):
        policies.publish_policy(policy=draft, seen_version=2, seen_live=1, by=scoped.pat, at=AT)


def test_one_version_runs_in_shadow_and_a_shadow_is_not_edited(scoped):
    first, second = (policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT) for _ in range(2))
    policies.put_in_shadow(policy=first, seen_version=1, by=scoped.olga, at=AT)
    with pytest.raises(NotPossibleError, match="runs in shadow already"):
        policies.put_in_shadow(policy=second, seen_version=1, by=scoped.olga, at=AT)
    with pytest.raises(NotPossibleError, match="shadow"):
        policies.edit_policy(policy=first, document=with_margin(first, 9), seen_version=1, by=scoped.olga, at=AT)
    policies.leave_shadow(policy=first, by=scoped.olga, at=AT)
    policies.discard_policy(policy=fresh(first), by=scoped.olga, at=AT)
    assert fresh(first).status == S.DISCARDED
    assert policy_in_force(scoped.program).row.number == 1


def test_one_click_puts_back_what_was_live_as_a_new_version(scoped):
    second = published(scoped, margin=90)
    back = policies.roll_back(program=scoped.program, reason="Too wide.", seen_live=2, by=scoped.olga, at=AT)
    first = PolicyVersion.objects.get(number=1)
    assert (back.number, back.status, back.restores, back.replaced) == (3, S.LIVE, first, second)
    assert back.document == first.document | {"version": 3}
    assert [row.status for row in PolicyVersion.objects.order_by("number")] == [S.RETIRED, S.RETIRED, S.LIVE]
    again = policies.roll_back(program=scoped.program, reason="After all.", seen_live=3, by=scoped.pat, at=AT)
    assert again.document["parameters"]["margin"] == 90
    with pytest.raises(StaleRowError):
        policies.roll_back(program=scoped.program, reason="Twice.", seen_live=3, by=scoped.pat, at=AT)
    with pytest.raises(NotPossibleError, match="Say why"):
        policies.roll_back(program=scoped.program, reason=" ", seen_live=4, by=scoped.pat, at=AT)


def test_the_first_version_has_nothing_to_go_back_to(scoped):
    with pytest.raises(NotPossibleError, match="nothing to go back to"):
        policies.roll_back(program=scoped.program, reason="No.", seen_live=1, by=scoped.olga, at=AT)


def test_partners_are_given_each_live_version_in_words(scoped):
    published(scoped, margin=90)
    assert list(PolicySummary.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert policy_summaries.summary_in_force(scoped.program).number == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicySummary.objects.filter(number=2).update(title="Ours")


# --- the database's own laws, as the unprivileged role ---


def sql(text, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.rowcount


@pytest.mark.parametrize(
    "change",
    ["document = document || '{\"title\": \"Other\"}'", "sha256 = 'x'", "live_from = now()", "number = 9", "status = 'draft'",
     "status = 'shadow'", "status = 'discarded'", "reason = 'Other'", "asked_sha256 = 'y'"],
)  # fmt: skip
def test_a_live_version_is_locked(scoped, change):
    published(scoped, margin=90)
    with pytest.raises(IntegrityError):
        sql(f"update conflicts_policyversion set {change} where number = 2")
    with pytest.raises(IntegrityError):
        sql(f"update conflicts_policyversion set {change} where number = 1")  # and so is a retired one


def test_a_version_never_goes_live_again_and_is_never_deleted(scoped):
    published(scoped, margin=90)
    policies.roll_back(program=scoped.program, reason="Too wide.", seen_live=2, by=scoped.olga, at=AT)
    with pytest.raises(IntegrityError, match="cannot become"):
        sql("update conflicts_policyversion set status = 'live', retired_at = null where number = 2")
    with pytest.raises(Exception, match=r"locked|permission denied"):
        sql("delete from conflicts_policyversion where number = 2")


@pytest.mark.parametrize("publisher", ["asker", "nobody"])
def test_two_persons_are_a_law_of_the_database(scoped, publisher):
    draft = asked(scoped)
    live(scoped).__class__.objects.filter(number=1).update(status=S.RETIRED, retired_at=AT)
    who = scoped.olga.pk if publisher == "asker" else None
    with pytest.raises(IntegrityError):
        sql("update conflicts_policyversion set status = 'live', live_from = now(), published_by_id = %s where id = %s",
            who, draft.pk)  # fmt: skip


def test_a_writer_who_publishes_is_refused_by_the_database(scoped):
    draft = asked(scoped)
    PolicyVersion.objects.filter(number=1).update(status=S.RETIRED, retired_at=AT)
    sql("update conflicts_policyversion set written_by = %s where id = %s", [scoped.olga.pk, scoped.pat.pk], draft.pk)
    with pytest.raises(IntegrityError, match="wrote in a policy"):
        sql("update conflicts_policyversion set status = 'live', live_from = now(), published_by_id = %s where id = %s",
            scoped.pat.pk, draft.pk)  # fmt: skip


def test_what_a_second_person_was_asked_about_does_not_change_under_them(scoped):
    draft = asked(scoped)
    with pytest.raises(IntegrityError, match="asked about this document"):
        sql('update conflicts_policyversion set document = document || \'{"title": "Other"}\' where id = %s', draft.pk)
    with pytest.raises(IntegrityError, match="policy_asked_is_as_asked"):
        sql("update conflicts_policyversion set sha256 = 'x' where id = %s", draft.pk)


def test_a_rollback_that_smuggles_in_another_document_is_refused(scoped):
    second = published(scoped, margin=90)
    first = PolicyVersion.objects.get(number=1)
    document = with_margin(first, 3) | {"version": 3}
    PolicyVersion.objects.filter(number=2).update(status=S.RETIRED, retired_at=AT)
    forged = PolicyVersion(
        program=scoped.program, number=3, status=S.LIVE, document=document, sha256=document_hash(document), live_from=AT,
        created_at=AT, published_by_id=scoped.olga.pk, restores=first, replaced=second,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="puts a retired version back"), transaction.atomic():
        forged.save()


def test_versions_of_another_program_are_out_of_reach(scoped):
    other = factories.make_cast("southwind")
    with pytest.raises(NotPossibleError):
        policies.draft_policy(program=other.program, by=scoped.olga, at=AT)
    with other.scope():
        theirs = live(other)
    with pytest.raises(NotPossibleError, match="one of its own program"):
        policies.draft_policy(program=scoped.program, source=theirs, by=scoped.olga, at=AT)


def test_each_of_two_warnings_of_one_rule_is_ticked_off(scoped):
    draft = policies.draft_policy(program=scoped.program, by=scoped.olga, at=AT)
    document = deepcopy(draft.document)
    idle = [{"fact": "eligible_claimants", "op": "<", "value": 0}, {"fact": "claimants", "op": "<", "value": 0}]
    document["rules"][0]["when"] = {"any": [document["rules"][0]["when"], *idle]}
    draft = policies.edit_policy(policy=draft, document=document, seen_version=1, by=scoped.olga, at=AT)
    back_tested(draft)
    keys = [policy_review.key_of(warning) for warning in policy_review.review_of(draft).warnings]
    assert len(set(keys)) == len(keys) >= 2
    with pytest.raises(NotPossibleError, match="must be ticked off"):
        policies.ask_for_second(policy=draft, reason="So.", ticked=keys[:1], seen_version=2, by=scoped.olga, at=AT)
    asked_for = policies.ask_for_second(policy=draft, reason="So.", ticked=keys, seen_version=2, by=scoped.olga, at=AT)
    assert len(asked_for.accepted) == len(keys)


@pytest.mark.django_db
def test_a_file_that_is_no_text_is_refused_in_a_sentence(cast, tmp_path):
    file = tmp_path / "policy.json"
    file.write_bytes('{"title": "Für"}'.encode("latin-1"))
    with pytest.raises(CommandError, match=r"no text \(UTF-8\)"):
        call_command("policy", "import", str(file), "--program", cast.program.code, "--user", "olga")
