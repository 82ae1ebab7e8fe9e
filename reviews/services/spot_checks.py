"""Spot checks: each week a draw from what was approved without a person; somebody without an interest says right or wrong.

A wrong one raises a concern, so that something follows. Too many wrong ones raise an alarm, which stops nothing by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.learning.shares import Share
from conflicts.models import PolicyVersion
from conflicts.services import policy_in_force
from partners.models import Program
from partners.permissions import may, partners_of, roles_in
from partners.services import NotPossibleError, StaleRowError, save_row
from reviews.models import (
    AutomaticApproval,
    Concern,
    ConcernCategory,
    OverrideReason,
    SpotCheck,
    SpotCheckAlarm,
    SpotCheckAnswer,
    SpotCheckWeek,
)
from reviews.permissions import NotAllowedError, conflict_of_interest, why_no_lead
from reviews.sampling import Item, draw, seed_of, size_of
from reviews.services.concerns import raise_concern

WEEK = timedelta(days=7)
LEAST_WRONG = 2  # one wrong answer has its concern; an alarm is about more than one
CATEGORIES = {
    OverrideReason.EVIDENCE_MISSING: ConcernCategory.RECORDS,
    OverrideReason.EVIDENCE_WRONG: ConcernCategory.RECORDS,
    OverrideReason.IDENTITY_WRONG: ConcernCategory.RECORDS,
    OverrideReason.AGREEMENT_CLAUSE: ConcernCategory.ENTITLEMENT,
}  # any other: how it was handled


def monday_of(program: Program, at: datetime) -> date:
    """The Monday of the week of a moment, in the program's time zone."""
    day = at.astimezone(ZoneInfo(program.timezone)).date()
    return day - timedelta(days=day.weekday())


def approvals_of(program: Program, week_on: date) -> QuerySet[AutomaticApproval]:
    """What was approved without a person in the week that begins on this Monday, in the program's time zone."""
    begin, end = (_midnight(program, day) for day in (week_on, week_on + WEEK))
    return AutomaticApproval.objects.filter(program=program, approved_at__gte=begin, approved_at__lt=end)


def _midnight(program: Program, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(program.timezone))


@transaction.atomic
def draw_week(*, program: Program, week_on: date, at: datetime) -> SpotCheckWeek | None:
    """Draw the spot checks of a week that is over, once; None where nothing was approved without a person in it."""
    if week_on >= monday_of(program, at):
        raise NotPossibleError("This week is not over: its spot checks are drawn on Monday.")
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # two workers at once: the second finds the draw
    drawn = SpotCheckWeek.objects.filter(program=program, week_on=week_on).first()
    approvals = {str(row.pk): row for row in approvals_of(program, week_on).order_by("pk").defer("facts")}
    if drawn or not approvals:
        return drawn
    policy = policy_in_force(program)
    rule = policy.policy.automation.checks
    seed = seed_of(f"{program.pk}:{week_on:%Y-%m-%d}", approvals)
    week = SpotCheckWeek.objects.create(
        program=program, week_on=week_on, policy=policy.row, approvals=len(approvals), share_pct=rule.share_pct,
        least=rule.least, seed=seed, drawn_at=at,
    )  # fmt: skip
    keys = draw_of(week, approvals.values())
    for place, key in enumerate(keys, start=1):
        check = SpotCheck(program=program, week=week, approval=approvals[key], place=place)
        save_row(check, by=None, at=at, action="spot_check.drawn")
    facts = {"week": f"{week_on:%Y-%m-%d}", "approvals": len(approvals), "drawn": len(keys), "seed": seed}
    record(action="spot_checks.drawn", by=None, at=at, subject=week, program_id=program.pk, facts=facts)
    return week


def draw_of(week: SpotCheckWeek, approvals: Collection[AutomaticApproval]) -> list[str]:
    """The draw again from the rows alone, in its order: whoever doubts it can compare."""
    items = [Item(str(row.pk), _strata(row)) for row in approvals]
    return draw(items, size_of(len(items), week.share_pct, week.least), week.seed)


def _strata(row: AutomaticApproval) -> tuple[tuple[str, str], ...]:
    return ("partner", str(row.partner_id or "direct")), ("tier", row.tier), ("region", row.region)


def why_no_check(user: User, check: SpotCheck) -> str:
    """The sentence that says why `user` may not look at an approval for the spot checks, or ""."""
    if check.answer:
        return f"It is looked at: {check.get_answer_display().lower()}."
    if not may(user, "view_desk", check) or not roles_in(user, check.program_id):
        return "Your role reads spot checks; it does not answer them."
    approval = check.approval
    managed = partners_of(user, "manage_partner")
    if approval.partner and approval.partner_id in managed:
        return f"You manage {approval.partner.name}: somebody without an interest looks at it."
    return conflict_of_interest(user, approval.decision.case) if approval.decision else ""


@dataclass(frozen=True)
class Said:
    """What somebody makes of an approval: right, wrong (with a coded reason and a sentence), or cannot tell."""

    answer: str
    reason_code: str = ""
    reason_text: str = ""

    def check(self) -> None:
        """Refuse an answer that says too little."""
        if self.answer not in (SpotCheckAnswer.RIGHT, SpotCheckAnswer.WRONG, SpotCheckAnswer.CANNOT_TELL):
            raise NotPossibleError("Choose right, wrong or cannot tell.")
        if self.answer != SpotCheckAnswer.WRONG:
            return
        if self.reason_code not in OverrideReason.values:
            raise NotPossibleError("Choose from the list what is wrong.")
        if not self.reason_text.strip():
            raise NotPossibleError("Say in a sentence what is wrong: it becomes a concern that somebody answers.")


@transaction.atomic
def answer_check(*, check: SpotCheck, said: Said, by: User, at: datetime) -> SpotCheck:
    """Say once whether an approval was right. Wrong: a concern is raised about it, and the alarm is looked at."""
    check = SpotCheck.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "program", "approval__registration", "approval__partner", "approval__decision__case"
    ).get(pk=check.pk)  # fmt: skip
    if check.answer:
        answer = check.get_answer_display().lower()
        raise NotPossibleError(f"{check.answered_by} answered meanwhile: {answer}. Nothing was saved.")
    why_not = why_no_check(by, check)
    if why_not:
        raise NotAllowedError(why_not)
    said.check()
    check.answer, check.answered_by, check.answered_at = said.answer, by, at
    check.reason_text = said.reason_text.strip()
    if said.answer == SpotCheckAnswer.WRONG:
        check.reason_code = said.reason_code
        check.concern = _raise(check, by, at)
    save_row(
        check, by=by, at=at, action="spot_check.answered", facts={"answer": check.answer, "reason": check.reason_code}
    )
    if said.answer == SpotCheckAnswer.WRONG:
        _look_for_alarm(check.program, at)
    return check


def _raise(check: SpotCheck, by: User, at: datetime) -> Concern:
    registration, reason = check.approval.registration, OverrideReason(check.reason_code)
    text = f"A spot check found the approval of {registration.ref} by rule {check.approval.rule} wrong ({reason.label.lower()})."
    concern = Concern(
        program=check.program, registration=registration, text=f"{text}\n\n{check.reason_text}",
        category=CATEGORIES.get(reason, ConcernCategory.HANDLING),
    )  # fmt: skip
    return raise_concern(concern=concern, by=by, at=at)


def share_wrong(program: Program, policy: PolicyVersion, at: datetime) -> Share:
    """How many were wrong of those that somebody could judge: of the last weeks, and since the last alarm was answered."""
    since = monday_of(program, at) - policy.policy.automation.checks.weeks * WEEK
    judged = SpotCheck.objects.filter(program=program, week__week_on__gte=since)
    judged = judged.filter(answer__in=(SpotCheckAnswer.RIGHT, SpotCheckAnswer.WRONG))
    last = (
        SpotCheckAlarm.objects.filter(program=program, acknowledged_at__isnull=False)
        .order_by("-acknowledged_at")
        .first()
    )
    if last:
        judged = judged.filter(answered_at__gt=last.acknowledged_at)
    return Share(judged.filter(answer=SpotCheckAnswer.WRONG).count(), judged.count())


def _look_for_alarm(program: Program, at: datetime) -> None:
    policy = policy_in_force(program)
    rule, share = policy.policy.automation.checks, share_wrong(program, policy.row, at)
    if share.part < LEAST_WRONG or share.part * 100 <= rule.wrong_pct * share.of:
        return
    alarm = (
        SpotCheckAlarm.objects.select_for_update(no_key=True)
        .filter(program=program, acknowledged_at__isnull=True)
        .first()
    )
    alarm = alarm or SpotCheckAlarm(program=program, raised_at=at, version=0)
    alarm.wrong, alarm.answered, alarm.wrong_pct, alarm.version = (
        share.part,
        share.of,
        rule.wrong_pct,
        alarm.version + 1,
    )
    alarm.sentence = (
        f"{share.part} of {share.of} approvals without a person that were looked at in the last {rule.weeks} weeks were wrong "
        f"({share.value:.0%}; the policy allows {rule.wrong_pct} %). Nothing was turned off: a lead decides what follows."
    )
    save_row(alarm, by=None, at=at, action="spot_check_alarm.raised", facts={"wrong": share.part, "answered": share.of})


@transaction.atomic
def acknowledge_alarm(
    *, alarm: SpotCheckAlarm, reason: str, by: User, at: datetime, seen_version: int
) -> SpotCheckAlarm:
    """A lead says what came of an alarm; wrong answers are counted anew from then on."""
    alarm = SpotCheckAlarm.objects.select_for_update(no_key=True).get(pk=alarm.pk)
    why_not = why_no_lead(by, alarm.program_id)
    if why_not:
        raise NotAllowedError(why_not)
    if alarm.version != seen_version:
        raise StaleRowError(f"The alarm changed while you were looking at it: {alarm.sentence} Nothing was saved.")
    if alarm.acknowledged_at:
        raise NotPossibleError("Somebody has answered this alarm meanwhile.")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence what came of it: it goes on the record.")
    alarm.acknowledged_at, alarm.acknowledged_by, alarm.reason, alarm.version = (
        at,
        by,
        reason.strip(),
        alarm.version + 1,
    )
    return save_row(alarm, by=by, at=at, action="spot_check_alarm.acknowledged")
