"""One door for writes: every service takes keywords, says by whom and when, and leaves an audit row."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models

from conflicts import as_shown, duplicates, overlaps, policies, policy_summaries, trials
from conflicts import services as conflicts_services
from conflicts.drafting import publishing
from conflicts.drafting import services as drafting_services
from conflicts.identity import learning
from conflicts.learning import services as learned
from conflicts.opinions import services as opinions_services
from conflicts.signals import services as signals_services
from partners import amending, drafts, identity, language, people
from partners import batches as partners_batches
from partners import evidence as partners_evidence
from partners import leads as partners_leads
from partners import protection as partners_protection
from partners import services as partners_services
from reviews import raising
from reviews.models import Assignment
from reviews.services import (
    agreed,
    announcing,
    answer_reminders,
    appeals,
    approvals,
    asked_first,
    asking,
    breaches,
    bulk,
    by_rule,
    cases,
    changing_talks,
    concerns,
    decisions,
    ending_talks,
    escalation,
    extensions,
    first_opinions,
    following,
    frames,
    holds,
    leads,
    mediation,
    outcomes,
    papers,
    playbooks,
    protection,
    receipts,
    reminders,
    saved,
    settling,
    skipping,
    snooze,
    spot_checks,
    studies,
    surveys,
    talks,
    team,
    telling,
    undo,
    working,
)
from reviews.writeback import outbox, queue
from tests.furniture import furnish

MODULES = (
    opinions_services, drafting_services, publishing, policies, policy_summaries, learned,
    drafts, amending, receipts,
    partners_services, partners_leads, partners_protection, identity, conflicts_services, signals_services, as_shown, learning,
    duplicates, trials, overlaps, cases,
    agreed, changing_talks, ending_talks, escalation, following, mediation, talks,
    asking, decisions, extensions, leads, outcomes, protection, reminders, settling, snooze, undo, working,
    bulk, saved, skipping, team,
    concerns, frames, playbooks, studies, raising,
    appeals, breaches, holds, approvals, by_rule, spot_checks,
    asked_first, first_opinions,
    partners_evidence, partners_batches, papers,
    asked_first, first_opinions, answer_reminders, telling,
    people, announcing, surveys, language,
)  # fmt: skip
READS = {  # they answer a question and write nothing
    "conflicts.opinions.services.mode_of", "conflicts.opinions.services.budget_of",
    "conflicts.opinions.services.prompt_in_force",
    "conflicts.learning.services.begun_anew", "conflicts.learning.services.with_points",
    "conflicts.identity.learning.weights_in_force", "conflicts.identity.learning.version_of",
    "conflicts.identity.learning.fits_this_release", "conflicts.identity.learning.propose",
    "conflicts.identity.learning.reviewed_queries",
    "partners.drafts.rest_of", "partners.drafts.rest_of_draft", "partners.drafts.version_of",
    "partners.drafts.check_unchanged", "partners.drafts.open_drafts", "partners.amending.why_no_amendment",
    "partners.amending.may_resubmit", "partners.services.check_resubmissions",
    "partners.services.program_by_code", "conflicts.policies.why_not", "conflicts.policy_summaries.summary_in_force",
    "partners.leads.why_no_answer", "partners.identity.typed_key", "partners.identity.standing_partners",
    "partners.identity.why_no_partner_merge", "partners.identity.why_no_undo",
    "partners.identity.why_no_merge", "conflicts.duplicates.members_of", "conflicts.duplicates.seen_now",
    "conflicts.duplicates.merged_already", "conflicts.services.policy_in_force", "conflicts.services.assess",
    "conflicts.overlaps.waiting_overlaps", "conflicts.trials.of_version", "conflicts.trials.latest_trial",
    "conflicts.services.cited", "conflicts.services.changed_findings", "conflicts.services.stands",
    "reviews.services.cases.lock_case", "reviews.services.working.check_staff", "reviews.services.decisions.choice_of",
    "reviews.services.decisions.current_recommendation", "reviews.services.decisions.recommended_choice",
    "reviews.services.decisions.snapshot_of", "reviews.services.decisions.check_nobody_left",
    "reviews.services.undo.why_not_undo", "reviews.services.decisions.standing_decision",
    "partners.protection.terms_of", "partners.protection.why_no_extension", "reviews.services.protection.worked_on",
    "reviews.services.extensions.open_extensions", "reviews.services.extensions.partners_beside",
    "reviews.services.reminders.reminders_due", "reviews.services.reminders.reminder_at",
    "reviews.services.asked_first.why_asked", "reviews.services.asked_first.owing", "reviews.services.asked_first.owes",
    "reviews.services.asked_first.ask_first", "reviews.services.asked_first.check_said",
    "reviews.services.asked_first.letters_of",
    "reviews.services.appeals.why_no_appeal", "reviews.services.appeals.open_appeals",
    "reviews.services.appeals.waiting_answer", "reviews.services.appeals.answering_step",
    "reviews.services.appeals.confirming_step", "reviews.services.appeals.choice_in",
    "reviews.services.breaches.why_no_comment", "reviews.services.breaches.why_no_answer",
    "reviews.services.breaches.why_not_yet", "reviews.services.holds.why_no_hold", "reviews.services.holds.late_joiners",
    "reviews.services.outcomes.claims_decided", "reviews.services.outcomes.party_side",
    "reviews.services.cases.whole_route", "reviews.services.decisions.expected_choice",
    "reviews.services.agreed.agreed_proposal", "reviews.services.agreed.choice_of_proposal",
    "reviews.services.escalation.why_not_escalate", "reviews.services.escalation.late_cases",
    "reviews.services.following.open_mediations", "reviews.services.following.owes_an_answer",
    "reviews.services.mediation.why_not_run", "reviews.services.mediation.names_of",
    "reviews.services.mediation.talks_to_run", "reviews.services.mediation.check_facilitator",
    "reviews.services.changing_talks.why_not_change",
    "reviews.services.talks.why_no_word", "reviews.services.talks.why_no_answer",
    "reviews.services.talks.why_not_for_direct",
    "reviews.services.reminders.free_again", "reviews.services.snooze.ended_snoozes",
    "reviews.services.team.least_loaded", "reviews.services.team.why_not_for", "reviews.services.team.is_automatic",
    "reviews.services.team.today", "reviews.services.team.away_on", "reviews.services.team.load_of",
    "reviews.services.concerns.raised_registrations", "reviews.services.concerns.claims_about",
    "reviews.services.concerns.review_of", "reviews.services.concerns.why_not_worked", "reviews.services.concerns.lock_concern",
    "reviews.services.concerns.open_concerns", "reviews.services.playbooks.play_for", "reviews.services.playbooks.standard",
    "reviews.services.approvals.facts_of", "reviews.services.by_rule.left_today", "reviews.services.by_rule.situation",
    "reviews.services.by_rule.reasons_against", "reviews.services.by_rule.low_risk_candidates",
    "reviews.services.spot_checks.monday_of", "reviews.services.spot_checks.approvals_of",
    "reviews.services.spot_checks.draw_of", "reviews.services.spot_checks.why_no_check",
    "reviews.services.spot_checks.share_wrong", "reviews.services.undo.why_no_say",
    "reviews.services.frames.in_own_words", "reviews.services.frames.templates_of", "reviews.services.frames.worded",
    "reviews.services.answer_reminders.questions_waiting", "reviews.services.answer_reminders.appeals_closing",
    "partners.people.people_of", "partners.people.waiting_invitations", "partners.people.invitation_behind",
    "partners.people.managed", "partners.language.speaking_to",
    "reviews.services.announcing.why_no_reminder", "reviews.services.announcing.reminder_text",
    "reviews.services.surveys.decision_told", "reviews.services.surveys.why_no_survey",
    "reviews.services.playbooks.of_row", "reviews.services.studies.folded", "reviews.services.studies.why_no_lesson",
}  # fmt: skip
OF_THE_PRODUCT = {  # the worker does them in its own name: nobody stands behind them
    "conflicts.opinions.services.keep_opinion",
    "conflicts.services.project_claim", "conflicts.services.keep_conflict", "conflicts.services.dissolve",
    "conflicts.drafting.publishing.publish_due", "conflicts.overlaps.examine_territories",
    "conflicts.signals.services.examine_signals",
    "conflicts.learning.services.keep_alarms", "reviews.services.announcing.send_policy_reminder",
    "conflicts.signals.services.keep_signals", "reviews.services.cases.keep_case",
    "reviews.services.cases.look_anew", "reviews.services.cases.restart_route", "reviews.services.cases.dissolve_case",
    "reviews.services.asking.resume_case", "reviews.services.protection.protect_as_loaded",
    "reviews.services.protection.promise", "reviews.services.protection.come_to_its_end",
    "reviews.services.snooze.sleep_or_wake", "reviews.services.leads.expire_offer",
    "reviews.services.leads.follow_answer", "reviews.services.leads.convert_lead", "reviews.services.leads.remind_of_offer",
    "reviews.services.leads.route_new_lead",
    "reviews.services.appeals.take_up_appeal", "reviews.services.holds.let_hold_end",
    "reviews.services.reminders.remind", "reviews.services.reminders.tell_that_free",
    "reviews.services.outcomes.approve_without_conflict",
    "reviews.services.receipts.confirm_receipt", "reviews.services.escalation.escalate_in_time",
    "reviews.services.following.follow_talks",
    "reviews.services.team.hand_on",
    "reviews.services.concerns.settle_concerns",
    "reviews.services.approvals.keep_approval", "reviews.services.by_rule.approve_by_rule",
    "reviews.services.spot_checks.draw_week", "reviews.services.telling.switch_off_gone",
    "reviews.services.answer_reminders.remind_of_question", "reviews.services.answer_reminders.remind_of_appeal",
}  # fmt: skip
ENDS = {  # the shared last steps of services: the row comes first, by position
    "partners.services.save_row": "the shared end of all of them, which records",
    "reviews.services.cases.save_case": "the same for a case",
    "reviews.services.cases.tell": "a notice; the act that tells is what is recorded",
    "reviews.services.frames.put_notice": "the same, for all notices",
    "reviews.services.ending_talks.tell_side": "a notice of a talk; the act that tells is what is recorded",
    "reviews.services.protection.write_out": "writes for the outbox; the act that changed the fields is recorded",
    "reviews.services.studies.keep_study": "derived from a decision and its lessons; what made it is recorded",
    "reviews.services.studies.keep_missing_studies": "the same, for what was decided before there were studies",
}
NOT_RECORDED = {
    "reviews.services.cases.tell", "reviews.services.frames.put_notice",
    "reviews.services.protection.write_out", "reviews.services.ending_talks.tell_side",
    "reviews.services.studies.keep_study", "reviews.services.studies.keep_missing_studies",
    "reviews.services.decisions.new_decision", "reviews.services.approvals.keep_approval",  # by whoever calls them
}  # fmt: skip


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__}.{function.__name__}"


FUNCTIONS = {
    name_of(f): f
    for module in MODULES
    for f in vars(module).values()
    if inspect.isfunction(f) and f.__module__ == module.__name__
}
PUBLIC = {name: f for name, f in FUNCTIONS.items() if not f.__name__.startswith("_")}


def called(function: Callable[..., Any]) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    return {ast.unparse(n.func).split(".")[-1] for n in ast.walk(tree) if isinstance(n, ast.Call)}


def records(function: Callable[..., Any], seen: frozenset[str] = frozenset()) -> bool:
    """Whether a way leads from this function to audit.record()."""
    names = called(function)
    if names & {"record", "save_row", "save_case", "keep_draft"}:
        return True
    here = {f.__name__ for f in FUNCTIONS.values() if f.__module__ == function.__module__}
    following = [
        f for name, f in FUNCTIONS.items()
        if f.__name__ in names and name not in seen and (f.__module__ == function.__module__ or f.__name__ not in here)
    ]  # fmt: skip
    return any(records(f, seen | {name_of(f)}) for f in following)


def test_the_exceptions_are_still_there() -> None:
    assert set(PUBLIC) >= READS | OF_THE_PRODUCT | set(ENDS)


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - READS - set(ENDS)))
def test_a_service_takes_keywords_and_says_by_whom_and_when(name: str) -> None:
    parameters = inspect.signature(PUBLIC[name]).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values()), f"{name}: keyword-only"
    assert "at" in parameters, f"{name}: the time comes from the edge"
    assert parameters["at"].default is inspect.Parameter.empty
    if name not in OF_THE_PRODUCT:
        assert "by" in parameters, f"{name}: by whom?"
        assert parameters["by"].default is inspect.Parameter.empty


@pytest.mark.parametrize("name", sorted(set(PUBLIC) - READS - NOT_RECORDED))
def test_a_service_is_one_transaction_and_leaves_an_audit_row(name: str) -> None:
    function = PUBLIC[name]
    assert records(function), f"{name} leaves no audit row"
    atomic = hasattr(function, "__wrapped__")
    assert atomic or name in ENDS or name.endswith("restart_route"), f"{name} is not atomic"


def test_the_outbox_is_written_with_the_decision_and_recorded_when_it_is_delivered() -> None:
    assert "_record" in called(queue._finish)
    assert "record" in called(queue._record)
    parameters = inspect.signature(outbox.enqueue).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in parameters.values())


def test_no_act_writes_past_the_history(db, monkeypatch, tmp_path, settings) -> None:
    """A whole program's life: update() skips save(), so it may only touch rows whose changes no history tells."""
    settings.FILE_TARGET_DIR = tmp_path
    touched: set[type[models.Model]] = set()
    update = models.QuerySet.update

    def watched(rows: models.QuerySet, **values: Any) -> int:
        touched.add(rows.model)
        return update(rows, **values)

    monkeypatch.setattr(models.QuerySet, "update", watched)
    furnish("northwind")
    assert Assignment in touched
    assert {model.__name__ for model in touched if hasattr(model, "history")} == set()
