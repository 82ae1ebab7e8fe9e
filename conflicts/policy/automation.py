"""The part of a policy document that says what is approved without a person, and how much of that is looked at afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from conflicts.policy.catalogue import KINDS
from conflicts.policy.reading import Reader
from conflicts.policy.standard import STANDARD


@dataclass(frozen=True, slots=True)
class LowRisk:
    """Which cases are approved as the rules recommend, without a person (conflicts.low_risk asks them all).

    `kinds`: the findings that may stand; `confidence_at_least`: per cent of such recommendations that deciders followed;
    `amount_at_most`: in the program's currency; `fresh_days`: how old the latest sign of each claim may be; `a_day`: at
    most so many a day in the program's time zone.
    """

    approve: bool
    rule: str
    kinds: tuple[str, ...]
    confidence_at_least: int
    amount_at_most: int
    fresh_days: int
    a_day: int


@dataclass(frozen=True, slots=True)
class SpotChecks:
    """How much of what was approved without a person is looked at each week, and when wrong answers raise an alarm.

    `share_pct` of a week's approvals, `least` of them where there are as many; an alarm when more than `wrong_pct` of
    the answers of the last `weeks` weeks say wrong.
    """

    share_pct: int
    least: int
    wrong_pct: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Automation:
    """What is approved without a person: registrations without any finding, cases of low risk; and the spot checks."""

    approve_without_finding: bool
    rule: str
    reason: str
    cases: LowRisk
    checks: SpotChecks


def read_automation(reader: Reader) -> Automation:
    """What is approved without a person."""
    standard = STANDARD["automation"]
    return Automation(
        approve_without_finding=reader.switch("approve_without_finding"),
        rule=reader.text("rule"),
        reason=reader.text("reason"),
        cases=reader.part_or("cases", _read_cases, standard["cases"]),
        checks=reader.part_or("checks", _read_checks, standard["checks"]),
    )


def _read_cases(reader: Reader) -> LowRisk:
    found = LowRisk(
        approve=reader.switch("approve"),
        rule=reader.code("rule"),
        kinds=reader.texts("kinds", KINDS),
        confidence_at_least=reader.whole("confidence_at_least", least=50, most=100),
        amount_at_most=reader.whole("amount_at_most"),
        fresh_days=reader.days("fresh_days", least=1),
        a_day=reader.whole("a_day", most=10_000),
    )
    if found.approve and not found.kinds:
        reader.problem(reader.name("kinds"), "at least one kind, since cases are approved without a person", None)
    return found


def _read_checks(reader: Reader) -> SpotChecks:
    return SpotChecks(
        share_pct=reader.whole("share_pct", least=1, most=100),
        least=reader.whole("least", least=1, most=1000),
        wrong_pct=reader.whole("wrong_pct", most=100),
        weeks=reader.whole("weeks", least=1, most=52),
    )
