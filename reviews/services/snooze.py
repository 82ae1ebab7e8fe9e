"""Snoozing findings: what can wait stays on the record, and the case that only such findings make sleeps until then.

A snoozed finding blocks what it blocked and is weighed as before: nothing is ever approved by snoozing. It wakes when its
time has come, when a person wakes it, or at once when other evidence comes in (another sentence or other records make
another finding; another outcome, or a record that was not cited before, wakes all findings of the case).
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from channelconflict.models import User
from conflicts.models import Claim, Finding, Recommendation
from conflicts.policy import Policy
from conflicts.services import cited, policy_in_force
from partners.models import Program
from partners.services import NotPossibleError
from reviews.models import Assignment, Case
from reviews.permissions import NotAllowedError, next_step
from reviews.services.cases import lock_case, move_promises, run_again, save_case
from reviews.services.decisions import current_recommendation, standing_decision
from reviews.states import Act, CaseStatus, check_can

LONGEST = timedelta(days=366)
AWAKE = {"snoozed_until": None, "snoozed_at": None, "snoozed_by": None, "snooze_reason": ""}


@transaction.atomic
def snooze_findings(
    *, case: Case, findings: Iterable[Finding], until: datetime, reason: str, by: User, at: datetime, seen_version: int
) -> Case:
    """Let findings of a case sleep until a moment; when nothing else makes it a case, the case sleeps too.

    Whoever may decide the case may do so. Refused on a decided case, and on one that waits for a party.
    """
    case = lock_case(case, seen_version)
    check_can(case.status, Act.SNOOZE)
    _check_may_decide(case, by)
    policy = policy_in_force(case.program).policy
    chosen = _standing(case).filter(pk__in=[finding.pk for finding in findings], snoozed_until__isnull=True)
    kept = [finding for finding in chosen if policy.makes_case(finding.kind)]
    if not kept:
        raise NotPossibleError("Choose at least one finding that makes this a case and is awake.")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why it can wait.")
    if not at < until <= at + LONGEST:
        raise NotPossibleError("Choose a day after today, a year from now at the latest.")
    Finding.objects.filter(pk__in=[finding.pk for finding in kept]).update(
        snoozed_until=until, snoozed_at=at, snoozed_by=by, snooze_reason=reason.strip()
    )
    facts = {"findings": [finding.pk for finding in kept], "until": until.isoformat()}
    save_case(case, by=by, at=at, action="case.findings_snoozed", facts=facts, private={"reason": reason.strip()})
    return _follow(case, policy, by, at)


@transaction.atomic
def wake_findings(*, case: Case, findings: Iterable[Finding], by: User, at: datetime, seen_version: int) -> Case:
    """Take snoozing back: these findings count again at once, and the case is back in the queue."""
    case = lock_case(case, seen_version)
    _check_may_decide(case, by)
    asleep = _standing(case).filter(pk__in=[finding.pk for finding in findings], snoozed_until__isnull=False)
    if not asleep:
        raise NotPossibleError("These findings are awake already.")
    _wake(case, asleep, "a person", by, at)
    return _follow(case, policy_in_force(case.program).policy, by, at)


@transaction.atomic
def sleep_or_wake(*, case: Case, advised_before: uuid.UUID | None, policy: Policy, at: datetime) -> Case:
    """What looking again does to a case's sleep: findings whose time has come wake, and so do all on new evidence."""
    asleep = _standing(case).filter(snoozed_until__isnull=False)
    if not asleep and case.status != CaseStatus.SNOOZED:
        return case
    if _other_advice(case, advised_before):
        _wake(case, asleep, "other evidence", None, at)
    else:
        _wake(case, asleep.filter(snoozed_until__lte=at), "time", None, at)
    return _follow(case, policy, None, at)


def ended_snoozes(program: Program, at: datetime) -> set[uuid.UUID]:
    """The accounts on which a snoozed finding of an open conflict has had its time."""
    ended = Finding.objects.filter(
        program=program, snoozed_until__lte=at, gone_at__isnull=True, conflict__status="open"
    )
    return set(Claim.objects.filter(conflict__in=ended.values("conflict")).values_list("account_id", flat=True))


def _standing(case: Case) -> QuerySet[Finding]:
    return Finding.objects.filter(conflict=case.conflict_id, gone_at__isnull=True).order_by("found_at", "pk")


def _check_may_decide(case: Case, by: User) -> None:
    step = next_step(by, case, standing_decision(case, current_recommendation(case)))
    if step.why_not:
        raise NotAllowedError(step.why_not)


def _wake(case: Case, findings: QuerySet[Finding], why: str, by: User | None, at: datetime) -> None:
    ids = list(findings.values_list("pk", flat=True))
    if ids:
        Finding.objects.filter(pk__in=ids).update(**AWAKE)
        save_case(case, by=by, at=at, action="case.findings_woke", facts={"findings": ids, "because_of": why})


def _follow(case: Case, policy: Policy, by: User | None, at: datetime) -> Case:
    """The case sleeps while everything that makes it a case does; its clock stands meanwhile."""
    makes = [finding.snoozed_until for finding in _standing(case) if policy.makes_case(finding.kind)]
    times = [until for until in makes if until is not None]
    asleep = bool(makes) and len(times) == len(makes)
    if asleep and case.status in (CaseStatus.OPEN, CaseStatus.IN_REVIEW):
        return _sleep(case, min(times), by, at)
    if not asleep and case.status == CaseStatus.SNOOZED:
        return run_again(case=case, act=Act.WAKE, by=by, at=at)
    return case


def _sleep(case: Case, until: datetime, by: User | None, at: datetime) -> Case:
    case.status, case.paused_at = check_can(case.status, Act.SNOOZE), case.paused_at or at
    save_case(case, by=by, at=at, action="case.snoozed", facts={"until": until.isoformat()})
    Assignment.objects.filter(case=case, released_at__isnull=True).update(released_at=at)
    pause = case.program.calendar.hours_between(at, until)
    move_promises(case=case, pause=pause, since=at, by=by, at=at)
    return case


def _other_advice(case: Case, before: uuid.UUID | None) -> bool:
    """Whether another outcome is recommended than before, or a record is cited that was not; points alone are neither."""
    now = Recommendation.objects.filter(conflict=case.conflict_id, superseded_at__isnull=True).first()
    then = Recommendation.objects.filter(pk=before).first()
    if now is None or then is None or now.pk == then.pk:
        return False
    outcomes = [(one.action, one.owner_id, one.owner_direct) for one in (then, now)]
    known, cites = ({key[:2] for key in cited(one.result["evidence"])} for one in (then, now))
    return outcomes[0] != outcomes[1] or bool(cites - known)
