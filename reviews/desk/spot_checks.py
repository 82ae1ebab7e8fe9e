"""Spot checks as the desk shows them: a week's draw, past weeks with their share of wrong ones, one approval then and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from conflicts.learning.shares import Share
from conflicts.models import Claim
from conflicts.services import policy_in_force
from partners.models import ProductLine, Program
from partners.permissions import get_or_404, visible
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.words import Chip, day_of, stamp
from reviews.models import Breach, Case, Concern, SpotCheck, SpotCheckAlarm, SpotCheckAnswer, SpotCheckWeek
from reviews.permissions import why_no_lead
from reviews.services.approvals import facts_of
from reviews.services.plan import LIVE
from reviews.services.spot_checks import WEEK, approvals_of, monday_of, why_no_check

WEEKS, LISTED = 26, 500
CHIPS = {
    SpotCheckAnswer.WAITS: Chip("to be looked at", "acc", "eye"),
    SpotCheckAnswer.RIGHT: Chip("right", "good", "check"),
    SpotCheckAnswer.WRONG: Chip("wrong", "bad", "cross"),
    SpotCheckAnswer.CANNOT_TELL: Chip("cannot tell", "", "question"),
}


@dataclass(frozen=True)
class CheckRow:
    """One approval of the draw."""

    url: str
    account: str
    ref: str
    partner: str
    rule: str
    approved: str
    chip: Chip
    by: str


@dataclass(frozen=True)
class WeekRow:
    """One week: how many were drawn and answered, and how many of those that could be judged were wrong."""

    url: str
    title: str
    current: bool
    approvals: int
    drawn: int
    answered: int
    wrong: str
    cannot_tell: int


@dataclass(frozen=True)
class AlarmView:
    """The alarm that is open, and whether the reader may say what came of it."""

    alarm: SpotCheckAlarm
    raised: str
    why_not: str


@dataclass(frozen=True)
class SpotChecksPage:
    """The list as the template draws it."""

    chosen: Chosen
    week: WeekRow | None
    rows: list[CheckRow]
    more: int
    weeks: list[WeekRow]
    seed: str
    share: str
    so_far: int
    next_draw: str
    alarm: AlarmView | None
    answered_alarms: list[SpotCheckAlarm]
    rule: str


@dataclass(frozen=True)
class FactRow:
    """One fact as it stood and as it is now."""

    name: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        """Whether it changed since."""
        return self.then != self.now


@dataclass(frozen=True)
class CheckPage:
    """One approval: what, why, the facts then and now, and what came since."""

    check: SpotCheck
    account: str
    partner: str
    approved: str
    drawn: str
    chip: Chip
    by: str
    facts: list[FactRow]
    since: list[tuple[str, str]]
    case_url: str
    why_not: str


def spot_checks_page(user: Any, data: Mapping[str, str], now: datetime) -> SpotChecksPage:
    """The draw of a week (the latest, or the `week` of the address), and the weeks before."""
    chosen = chosen_program(user, data)
    program, rule = chosen.program, policy_in_force(chosen.program).policy.automation.checks
    drawn = visible(user, _counted(program)).order_by("-week_on")
    found = list(drawn[:WEEKS])
    week = next((one for one in found if f"{one.week_on:%Y-%m-%d}" == data.get("week")), found[0] if found else None)
    rows = _checks(user, week) if week else []
    this = monday_of(program, now)
    alarms = visible(user, SpotCheckAlarm.objects.filter(program=program)).select_related("acknowledged_by")
    latest = list(alarms.order_by("-raised_at", "-pk")[:6])
    return SpotChecksPage(
        chosen=chosen,
        week=_week(week, True) if week else None,
        rows=[_row(check, program) for check in rows[:LISTED]],
        more=max(0, len(rows) - LISTED),
        weeks=[_week(one, week is not None and one.pk == week.pk) for one in found],
        seed=week.seed if week else "",
        share=f"{rule.share_pct} % of a week's approvals, at least {rule.least} where there are as many",
        so_far=approvals_of(program, this).count(),
        next_draw=day_of(this + WEEK),
        alarm=next((_alarm(user, one) for one in latest if one.acknowledged_at is None), None),
        answered_alarms=[one for one in latest if one.acknowledged_at],
        rule=f"An alarm is raised when more than {rule.wrong_pct} % of what was judged in {rule.weeks} weeks is wrong.",
    )


def _counted(program: Program) -> QuerySet[SpotCheckWeek]:
    said = {answer.name.lower(): Count("checks", filter=Q(checks__answer=answer)) for answer in SpotCheckAnswer}
    weeks = SpotCheckWeek.objects.filter(program=program).select_related("program")
    return weeks.annotate(drawn=Count("checks"), **said)


def _week(week: Any, current: bool) -> WeekRow:
    return WeekRow(
        url=f"?program={week.program.code}&week={week.week_on:%Y-%m-%d}",
        title=_span(week.week_on),
        current=current,
        approvals=week.approvals,
        drawn=week.drawn,
        answered=week.drawn - week.waits,
        wrong=Share(week.wrong, week.wrong + week.right).words,
        cannot_tell=week.cannot_tell,
    )


def _span(monday: date) -> str:
    return f"{monday:%-d %b} to {day_of(monday + WEEK * 6 / 7)}"


def _checks(user: Any, week: SpotCheckWeek) -> list[SpotCheck]:
    rows = visible(user, SpotCheck.objects.filter(week=week)).order_by("place")
    return list(
        rows.select_related("approval__registration__partner", "answered_by").defer("approval__facts")[: LISTED + 1]
    )


def _row(check: SpotCheck, program: Program) -> CheckRow:
    approval = check.approval
    return CheckRow(
        url=reverse("review:spot_check", args=[check.pk]),
        account=approval.registration.account_name,
        ref=approval.registration.ref,
        partner=approval.registration.claimant_name,
        rule=approval.rule,
        approved=day_of(approval.approved_at.astimezone(ZoneInfo(program.timezone))),
        chip=CHIPS[SpotCheckAnswer(check.answer)],
        by=str(check.answered_by or ""),
    )


def _alarm(user: Any, alarm: SpotCheckAlarm) -> AlarmView:
    return AlarmView(alarm, stamp(alarm.raised_at), why_no_lead(user, alarm.program_id))


def check_page(user: Any, pk: Any, now: datetime) -> CheckPage:
    """One approval; 404 for one of another program and for none."""
    rows = SpotCheck.objects.select_related(
        "program", "week", "concern", "answered_by", "approval__policy", "approval__registration__partner", "approval__partner",
        "approval__decision__case",
    )  # fmt: skip
    check = get_or_404(user, rows.prefetch_related("approval__registration__activities"), "view_desk", pk=pk)
    approval = check.approval
    registration = approval.registration
    claim = Claim.objects.filter(registration=registration).select_related("account").first()
    return CheckPage(
        check=check,
        account=registration.account_name,
        partner=registration.claimant_name,
        approved=stamp(approval.approved_at),
        drawn=_span(check.week.week_on),
        chip=CHIPS[SpotCheckAnswer(check.answer)],
        by=str(check.answered_by or ""),
        facts=_facts(check, facts_of(registration, claim)),
        since=_since(check, claim),
        case_url=reverse("review:case", args=[approval.decision.case_id]) if approval.decision else "",
        why_not=why_no_check(user, check),
    )


def _facts(check: SpotCheck, now: Mapping[str, str]) -> list[FactRow]:
    then, names = (
        check.approval.facts,
        dict(ProductLine.objects.filter(program=check.program).values_list("code", "name")),
    )
    rows = [FactRow(name, str(then.get(name, "")), value) for name, value in now.items()]
    rows = [FactRow(r.name, _named(r.then, names), _named(r.now, names)) if r.name == "Products" else r for r in rows]
    return [row for row in rows if row.then or row.now]


def _named(codes: str, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in codes.split(", "))


def _since(check: SpotCheck, claim: Claim | None) -> list[tuple[str, str]]:
    """What is known now, and was not or did not stand then: state, other claims, cases, concerns, entries in the register."""
    registration, at = check.approval.registration, check.approval.approved_at
    lines = [("The registration", str(registration.get_status_display()).lower())]
    if claim is not None:
        beside = Claim.objects.filter(account=claim.standing_account_id).exclude(pk=claim.pk)
        others = beside.filter(Q(registration__isnull=True) | Q(registration__status__in=LIVE))
        others = others.select_related("registration__partner", "partner").order_by("projected_at", "pk")[:20]
        lines.append(("Other claims on the account", "; ".join(_claim(one) for one in others) or "none"))
        cases = Case.objects.filter(account=claim.standing_account_id, opened_at__gt=at).order_by("number")[:20]
        lines.append(
            ("Cases opened since", ", ".join(f"{c.ref} ({c.kind.replace('_', ' ')})" for c in cases) or "none")
        )
    raised = (
        Concern.objects.filter(registration=registration).exclude(pk=check.concern_id).order_by("raised_at", "pk")[:20]
    )
    lines.append(("Concerns", ", ".join(one.number for one in raised) or "none"))
    if registration.partner_id:
        breaches = Breach.objects.filter(
            partner=registration.partner_id, status="confirmed", recorded_at__gt=at
        ).count()
        lines.append(("Breaches of the partner since", f"{breaches} confirmed" if breaches else "none"))
    return lines


def _claim(claim: Claim) -> str:
    who = claim.partner.name if claim.partner else "Direct team"
    if claim.registration:
        return f"{who} {claim.registration.ref}, {claim.registration.get_status_display().lower()}"
    return f"{who}, {claim.get_source_display().lower()}"


def waiting_checks() -> QuerySet[SpotCheck]:
    """What nobody has looked at."""
    return SpotCheck.objects.filter(answer=SpotCheckAnswer.WAITS)


def open_alarms() -> QuerySet[SpotCheckAlarm]:
    """Alarms that no lead has answered."""
    return SpotCheckAlarm.objects.filter(acknowledged_at__isnull=True)
