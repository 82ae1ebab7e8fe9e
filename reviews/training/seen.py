"""What a trainee sees of a played exercise, as values: who is who, findings, recommendations, routes. Read as its staff."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from conflicts import memo
from conflicts.models import Claim, Finding
from conflicts.recommend.answer import Recommendation as Answer
from partners.models import Program
from reviews import exercises
from reviews.desk.conditions import Traced, traced
from reviews.exercise_file import Exercise
from reviews.models import Case
from reviews.permissions import label
from reviews.pipeline import Outcome
from reviews.services import current_recommendation
from reviews.training import shelf


@dataclass(frozen=True)
class Who:
    """Which account a registration names, by what was typed."""

    ref: str
    claimant: str
    typed: str
    account: str
    verdict: str
    probability: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A finding with the records it rests on."""

    kind: str
    ref: str
    against: str
    blocking: bool
    confirmed: bool
    sentence: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Advised:
    """One case: what was found, what is recommended and why, why not otherwise, and who approves."""

    refs: tuple[str, ...]
    account: str
    findings: tuple[Found, ...]
    title: str
    sentence: str
    confidence: float
    abstained: bool
    reasons: tuple[str, ...]
    others: tuple[tuple[str, str], ...]  # what was not chosen, why not and what would change that
    would_change: tuple[str, ...]
    trace: tuple[Traced, ...]
    rule: str
    route: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Everything that came of an exercise; `actual` has the shape of its `expect`."""

    actual: Mapping[str, Any]
    differences: tuple[str, ...]
    who: tuple[Who, ...] = ()
    cases: tuple[Advised, ...] = ()
    overlaps: tuple[str, ...] = field(default=())


@lru_cache(maxsize=64)
def of_library(name: str) -> Seen:
    """A played exercise of the library; the engine makes the same of it each time, so a process plays it once."""
    return look(shelf.exercise(name))


def look(exercise: Exercise) -> Seen:
    """Play an exercise and keep what is to be seen of it; BadExerciseError where it cannot be loaded."""
    return exercises.play(exercise, lambda program, done: _seen(exercise, program, done))


def _seen(exercise: Exercise, program: Program, done: Outcome) -> Seen:
    actual = exercises.outcome(program, done)
    claims = Claim.objects.filter(program=program, source="registration")
    claims = claims.select_related("registration__partner", "account").order_by("registration__submitted_at", "pk")
    cases = Case.objects.filter(pk__in=done.cases).select_related("account", "conflict").order_by("number")
    overlaps = program.territoryoverlap_set.filter(gone_at__isnull=True).order_by("pk")
    return Seen(
        actual=actual,
        differences=tuple(exercises.compare(exercise.expect, actual)),
        who=tuple(_who(claim) for claim in claims),
        cases=tuple(_advised(case) for case in cases),
        overlaps=tuple(overlaps.values_list("sentence", flat=True)),
    )


def _who(claim: Claim) -> Who:
    r, account = claim.registration, claim.account
    assert r is not None
    new = "a new account was made for it" if claim.made_account else f"{account.external_id}: {account.name}"
    return Who(
        ref=r.ref,
        claimant=r.claimant_name,
        typed=", ".join(part for part in (r.account_name, r.account_domain, r.account_country) if part),
        account=new,
        verdict="new" if claim.made_account else claim.match_verdict or "same",
        probability=None if claim.made_account else claim.match_probability,
        reasons=tuple(reason["sentence"] for reason in claim.match_reasons if reason.get("sentence")),
    )


def _advised(case: Case) -> Advised:
    answer = memo.load(Answer, current_recommendation(case).result)
    findings = case.conflict.findings.filter(gone_at__isnull=True).select_related("registration")
    claims = case.conflict.claims.select_related("registration").order_by("registration__submitted_at", "pk")
    chosen = next(option for option in answer.options if option.chosen)
    return Advised(
        refs=tuple(claim.registration.ref for claim in claims if claim.registration),
        account=case.account.name,
        findings=tuple(_found(finding) for finding in findings.order_by("registration__submitted_at", "kind", "pk")),
        title=chosen.title,
        sentence=answer.sentence,
        confidence=answer.confidence,
        abstained=answer.abstained,
        reasons=tuple(dict.fromkeys(reason.sentence for reason in answer.reasons)),
        others=tuple((o.title, f"{o.why_not} {o.would_change}".strip()) for o in answer.options if not o.chosen),
        would_change=answer.would_change,
        trace=tuple(traced(step) for step in answer.trace),
        rule=answer.rule_id,
        route=tuple(label(role) for role in case.route),
    )


def _found(finding: Finding) -> Found:
    return Found(
        kind=finding.kind,
        ref=finding.registration.ref,
        against=finding.against_ref,
        blocking=finding.blocking,
        confirmed=finding.identity_confirmed,
        sentence=finding.sentence,
        evidence=tuple(item["text"] for item in finding.evidence),
    )
