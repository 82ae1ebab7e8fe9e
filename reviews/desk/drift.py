"""Where people part from the rules: the alarms, how every stream stands, and one alarm with chart, cases and playbook."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from conflicts.learning.cusum import APART, USUAL, design, median_run
from conflicts.learning.drift import Measured
from conflicts.learning.playbooks import PLAYBOOKS, PROGRAM, RULE, Playbook
from conflicts.models import DriftAlarm, DriftStatus
from partners.permissions import may, roles_in, visible
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.spot_checks import open_alarms
from reviews.desk.words import Chip, age, day_of, stamp
from reviews.models import OverrideReason, SpotCheckAlarm
from reviews.practice import REPORTED, DecidedCase, decided_cases, measured, rule_titles, title_of

WIDTH, HEIGHT, LEFT, BELOW, ABOVE = 700, 170, 34, 26, 10
CASES = 25
OWNERS = {PROGRAM: "Channel lead", RULE: "Sales operations"}


@dataclass(frozen=True)
class AlarmRow:
    """One alarm in the list."""

    url: str
    title: str
    sentence: str
    owner: str
    status: Chip
    found: str
    stands: str


@dataclass(frozen=True)
class StreamRow:
    """How one stream stands."""

    title: str
    decisions: int
    overridden: str
    usual: str
    score: int
    threshold: int
    state: Chip


@dataclass(frozen=True)
class DriftPage:
    """The list as the template draws it."""

    chosen: Chosen
    open: list[AlarmRow]
    past: list[AlarmRow]
    streams: list[StreamRow]
    decisions: int
    promise: str
    wrong_approvals: SpotCheckAlarm | None


def drift_page(user: Any, data: Mapping[str, str], now: datetime) -> DriftPage:
    """Alarms of a program, and every stream as of now."""
    chosen = chosen_program(user, data)
    rows = visible(user, DriftAlarm.objects.filter(program=chosen.program)).defer("path").order_by("-found_at", "-pk")
    titles = rule_titles(chosen.program)
    decided = decided_cases(chosen.program, REPORTED)
    streams = measured(chosen.program, decided)
    return DriftPage(
        chosen=chosen,
        open=[_alarm(row, titles, now) for row in rows.filter(status=DriftStatus.OPEN)],
        past=[_alarm(row, titles, now) for row in rows.filter(status=DriftStatus.ACKNOWLEDGED)[:10]],
        streams=[_stream(one, titles) for one in streams],
        decisions=sum(one.recommended is not None for one in decided),
        promise=promise(),
        wrong_approvals=visible(user, open_alarms()).filter(program=chosen.program).first(),
    )


def promise() -> str:
    """What the thresholds hold, from the exact chain."""
    plan = design(USUAL)
    return (
        f"A rise of overrides from {USUAL:.0%} to {plan.drifted:.0%} is found after {median_run(plan.drifted, plan)} decisions"
        f" in half of all cases; without one, false alarms of a stream lie at least {APART:,} decisions apart on average."
    )


def _alarm(row: DriftAlarm, titles: dict[str, str], now: datetime) -> AlarmRow:
    return AlarmRow(
        url=reverse("review:drift_alarm", args=[row.pk]),
        title=title_of(row.stream, row.subject, titles),
        sentence=row.sentence,
        owner=owner_of(row.stream),
        status=status_chip(row),
        found=day_of(row.found_at),
        stands=age(row.found_at, now),
    )


def owner_of(stream: str) -> str:
    """Who looks into it first."""
    return OWNERS.get(stream, "Channel lead")


def status_chip(row: DriftAlarm) -> Chip:
    """Open, or what came of it."""
    if row.status == DriftStatus.OPEN:
        return Chip("Open", "warn", "alert")
    usual = f"Called usual: {row.new_usual:.0%}" if row.new_usual != row.usual else "Looked into"
    return Chip(usual, "good", "check")


def _stream(one: Measured, titles: dict[str, str]) -> StreamRow:
    seen = one.watched
    near = seen.score * 2 >= one.plan.threshold
    state = (
        Chip("alarm", "warn", "alert") if one.alarms else Chip("rising", "", "pulse") if near else Chip("quiet", "good", "check")
    )  # fmt: skip
    return StreamRow(
        title=title_of(one.stream, one.subject, titles),
        decisions=seen.seen,
        overridden=f"{seen.overridden} of {seen.cases}" if seen.cases else "–",
        usual=f"{one.plan.usual:.0%}",
        score=min(seen.score, one.plan.threshold),
        threshold=one.plan.threshold,
        state=state,
    )


@dataclass(frozen=True)
class Step:
    """A decision of the chart."""

    day: str
    overridden: bool
    score: int


@dataclass(frozen=True)
class SumChart:
    """The sum after each of the latest decisions, with its threshold."""

    line: str
    marks: list[float]
    limit: float
    steps: list[Step]
    first: str
    last: str


@dataclass(frozen=True)
class OverriddenCase:
    """A case behind the alarm."""

    url: str
    ref: str
    when: str
    reason: str
    rule: str


@dataclass(frozen=True)
class AlarmPage:
    """One alarm as the template draws it."""

    alarm: DriftAlarm
    title: str
    status: Chip
    owner: str
    numbers: list[tuple[str, str, str]]
    chart: SumChart
    playbook: Playbook
    reasons: list[tuple[str, int]]
    cases: list[OverriddenCase]
    more: int
    why_not: str
    share: str


def alarms() -> QuerySet[DriftAlarm]:
    """Alarms with everything that one page needs of them."""
    return DriftAlarm.objects.select_related("program", "acted_by")


def alarm_page(user: Any, alarm: DriftAlarm) -> AlarmPage:
    """Everything the page of one alarm shows to `user`."""
    titles = rule_titles(alarm.program)
    behind = _behind(alarm)
    reasons = Counter(str(OverrideReason(one.reason_code).label) for one in behind if one.reason_code)
    return AlarmPage(
        alarm=alarm,
        title=title_of(alarm.stream, alarm.subject, titles),
        status=status_chip(alarm),
        owner=owner_of(alarm.stream),
        numbers=_numbers(alarm),
        chart=chart_of(alarm),
        playbook=PLAYBOOKS[alarm.stream],
        reasons=reasons.most_common(),
        cases=[_case(one, titles) for one in behind[:CASES]],
        more=max(0, len(behind) - CASES),
        why_not=why_only_reads(user, alarm),
        share=f"{alarm.overridden / max(1, alarm.cases):.0%}",
    )


def why_only_reads(user: Any, alarm: DriftAlarm) -> str:
    """The sentence that says why `user` may look but not act, or ""."""
    if alarm.status != DriftStatus.OPEN:
        return f"Acknowledged by {alarm.acted_by} on {day_of(alarm.acted_at)}: the stream is watched anew since then."
    if roles_in(user, alarm.program_id) or may(user, "change_rules", alarm):
        return ""
    return "Acknowledging an alarm takes a role that decides in this program or writes its rules."


def _behind(alarm: DriftAlarm) -> list[DecidedCase]:
    """The overridden cases since the rise began (until somebody acknowledged it), the latest first."""
    decided = decided_cases(alarm.program, REPORTED)
    until = alarm.acted_at
    return [
        one
        for one in reversed(decided)
        if one.recommended and not one.followed and one.at >= alarm.since and (until is None or one.at <= until)
        and alarm.subject in {PROGRAM: ("",), RULE: (one.rule,)}.get(alarm.stream, (one.kind,))
    ]  # fmt: skip


def _case(one: DecidedCase, titles: Mapping[str, str]) -> OverriddenCase:
    return OverriddenCase(
        url=reverse("review:case", args=[one.case]),
        ref=f"CF-{one.number}",
        when=day_of(one.at),
        reason=str(OverrideReason(one.reason_code).label) if one.reason_code else "",
        rule=f"{one.rule} {titles.get(one.rule, '')}".strip(),
    )


def _numbers(alarm: DriftAlarm) -> list[tuple[str, str, str]]:
    """(name, value, remark): everything that the alarm is made of."""
    return [
        ("Overridden", f"{alarm.overridden} of {alarm.cases}", f"since {day_of(alarm.since)}, when the rise began"),
        ("Usual", f"{alarm.usual:.0%}", "of decisions"),
        ("Looked for", f"{alarm.drifted:.0%}", "the rise that is found soonest"),
        ("Sum", f"{alarm.score}", f"of the stream, as of {stamp(alarm.seen_at)}"),
        ("Threshold", f"{alarm.threshold}", f"reached on {stamp(alarm.crossed_at)}"),
    ]


def chart_of(alarm: DriftAlarm) -> SumChart:
    """The path as a line; overrides are marked below it."""
    steps = [Step(str(day), bool(override), int(score)) for day, override, score in alarm.path]
    top = max([alarm.threshold * 1.15, *(step.score for step in steps)])
    wide, tall = (WIDTH - LEFT - 4) / max(1, len(steps) - 1), HEIGHT - BELOW - ABOVE

    def high(score: float) -> float:
        return round(ABOVE + tall * (1 - score / top), 1)

    places = [round(LEFT + number * wide, 1) for number in range(len(steps))]
    return SumChart(
        line=" ".join(f"{x},{high(step.score)}" for x, step in zip(places, steps, strict=True)),
        marks=[x for x, step in zip(places, steps, strict=True) if step.overridden],
        limit=high(alarm.threshold),
        steps=steps,
        first=steps[0].day if steps else "",
        last=steps[-1].day if steps else "",
    )
