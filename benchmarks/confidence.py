"""bench confidence: is the stated confidence kept, and does abstaining hit what cannot be decided? On SIMULATED deciders.

Nobody's decisions are in it: made-up cases, and people made up to disagree. It shows that the measuring and the map
work; how often your deciders agree is for `manage.py calibrate` to say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from benchmarks.made_cases import made_case
from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import DIRECT, Facts
from conflicts.narrow import narrow
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import recommend
from conflicts.recommend.answer import ABSTAINING, Outcome
from conflicts.recommend.confidence import Example, calibrated, calibration_error, fit
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case
from conflicts.windows import day

PARTS = ("calibration", "abstention")
CASES = {"small": 4_600, "medium": 10_000, "large": 20_000}
PEOPLE, PANEL = 40, 15
LEANING = 0.25  # how far people's weights lie apart: one standard deviation, of the policy's
SLIP = 0.03  # of decisions that somebody takes for no reason that is in the records
CLEAR, UNDECIDABLE = 0.90, 0.60  # of a panel that agree on an outcome: from there on, and below
GOALS = {"error": 0.05, "undecidable": 0.98, "clear": 0.05}
POLICY = Policy.from_document(STANDARD)


@dataclass(frozen=True)
class Seen:
    """One made-up case: what is recommended, what one decider did, and how far a panel agrees."""

    confidence: float
    abstained: bool
    agreed: bool
    share: float  # of the panel that chose the most chosen outcome
    outcome: str  # that outcome's action

    @property
    def clear(self) -> bool:
        """Nearly everybody would give it to the same."""
        return self.share >= CLEAR and self.outcome not in ABSTAINING

    @property
    def undecidable(self) -> bool:
        """People come to different outcomes, or most of them would ask or mediate."""
        return self.share < UNDECIDABLE or self.outcome in ABSTAINING


def run(scale: str, tell: Callable[[str], Any], only: list[str], data: Any = None) -> dict[str, Any]:
    """Make the cases, let the panel decide them, measure."""
    started, people = perf_counter(), [_person(number) for number in range(PEOPLE)]
    seen = []
    for number, one in enumerate(cases(CASES[scale], people), start=1):
        seen.append(one)
        if number % 1000 == 0:
            tell(f"{number:,} cases decided\n")
    half = len(seen) // 2
    report: dict[str, Any] = {"cases": len(seen), "simulated": True}
    if not only or "calibration" in only:
        report["calibration"] = calibration(seen[:half], seen[half:])
    if not only or "abstention" in only:
        report["abstention"] = abstention(seen[:half], seen[half:])
    return report | {"seconds": round(perf_counter() - started, 1)}


def cases(count: int, people: list[Policy]) -> Iterator[Seen]:
    """The recommended claim sets of so many made-up cases."""
    for seed in range(count):
        facts = made_case(100_000 + seed)
        dice = random.Random(seed)
        for claim_set in claim_sets(facts, POLICY):
            if claim_set.registration_ids:
                yield _decided(narrow(facts, claim_set), people, dice)


def _decided(facts: Facts, people: list[Policy], dice: random.Random) -> Seen:
    findings = tuple(detect(facts, POLICY))
    said = recommend(facts, findings, POLICY)
    chosen = [_choice(Case(_resolved(facts, dice), findings, who), dice) for who in dice.sample(people, PANEL)]
    most, times = Counter(chosen).most_common(1)[0]
    agreed = chosen[0] == key(Outcome(said.action, said.owner or "", said.support, said.shares))
    return Seen(said.confidence, said.abstained, agreed, times / PANEL, most[0])


def key(outcome: Outcome) -> tuple[Any, ...]:
    """An outcome that can be counted."""
    return outcome.action, outcome.owner, tuple(sorted(outcome.support)), tuple(sorted(outcome.shares))


def _person(number: int) -> Policy:
    """Somebody who weighs by the policy, but leans: each weight is a little more or less to them, and the lead they want."""
    dice = random.Random(7_000 + number)
    scoring = POLICY.scoring

    def lean(points: int) -> int:
        return max(0, round(points * dice.gauss(1, LEANING)))

    proof = {kind: lean(points) for kind, points in scoring.proof.items()}
    leaning = replace(
        scoring,
        earliest=lean(scoring.earliest),
        proof=dict(zip(proof, sorted(proof.values()), strict=True)),
        own_territory=lean(scoring.own_territory),
        closed_won=lean(scoring.closed_won),
        customer_letter=lean(scoring.customer_letter),
    )
    parameters = replace(POLICY.parameters, margin=max(1, lean(POLICY.parameters.margin)))
    return replace(POLICY, scoring=leaning, parameters=parameters)


def _resolved(facts: Facts, dice: random.Random) -> Facts:
    """What the records leave open, as one decider takes it: each unknown fact is so or not, evenly."""
    dated = (
        replace(item, occurred_on=day(facts.at)) if item.occurred_on is None and dice.random() < 0.5 else item
        for item in facts.activities
    )
    verified = (replace(item, verified=item.verified or dice.random() < 0.5) for item in facts.evidence)
    working = (
        replace(item, last_activity_at=facts.at)
        if item.last_activity_at is None and item.owner != DIRECT and dice.random() < 0.5
        else item
        for item in facts.ownerships
    )
    return replace(facts, activities=tuple(dated), evidence=tuple(verified), ownerships=tuple(working))


def _choice(case: Case, dice: random.Random) -> tuple[Any, ...]:
    """What a decider does; now and then something that no record tells why."""
    if dice.random() < SLIP and case.claimants:
        return key(Outcome("award", dice.choice(case.claimants).id))
    return key(decide(case).outcome)


def calibration(fitted_on: list[Seen], unseen: list[Seen]) -> dict[str, Any]:
    """The error of the rules' own confidence and of the map, on decisions that the map was not fitted on."""
    bins = fit(Example(one.confidence, one.agreed) for one in fitted_on if not one.abstained)
    labelled = [one for one in unseen if not one.abstained]
    raw = calibration_error((one.confidence, one.agreed) for one in labelled)
    mapped = calibration_error((calibrated(bins, one.confidence), one.agreed) for one in labelled)
    return {
        "fitted_on": sum(not one.abstained for one in fitted_on), "labelled": len(labelled), "raw_error": round(raw, 4),
        "error": round(mapped, 4), "bins": [[b.lowest, b.highest, b.n, round(b.share, 3)] for b in bins],
        "met": mapped <= GOALS["error"] and len(labelled) >= 2000,
    }  # fmt: skip


def abstention(tried_on: list[Seen], unseen: list[Seen]) -> dict[str, Any]:
    """How much of the undecidable and of the clear abstains, by the standard policy and at the threshold that did best."""
    best = min(range(101), key=lambda below: (_short(tried_on, below), below))
    found: dict[str, Any] = {
        "undecidable_cases": sum(one.undecidable for one in unseen), "clear_cases": sum(one.clear for one in unseen),
        "abstain_below": best, "standard": _rates(unseen, 0), "at_threshold": _rates(unseen, best),
    }  # fmt: skip
    rates = found["at_threshold"]
    met = rates["undecidable"] >= GOALS["undecidable"] and rates["clear"] <= GOALS["clear"]
    return found | {"met": met}


def _short(seen: list[Seen], below: int) -> float:
    """How far a threshold falls short of the two goals together."""
    rates = _rates(seen, below)
    return max(0.0, GOALS["undecidable"] - rates["undecidable"]) + max(0.0, rates["clear"] - GOALS["clear"])


def _rates(seen: list[Seen], below: int) -> dict[str, float]:
    """The shares that abstain under `abstain_below`."""

    def share(rows: list[Seen]) -> float:
        abstain = sum(one.abstained or round(one.confidence * 100) < below for one in rows)
        return round(abstain / len(rows), 4) if rows else 0.0

    return {
        "undecidable": share([one for one in seen if one.undecidable]),
        "clear": share([one for one in seen if one.clear]),
    }


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The report in words."""
    yield f"SIMULATED deciders: {report['cases']:,} claim sets, {report['seconds']} s"
    if found := report.get("calibration"):
        yield f"calibration error, confidence of the rules: {found['raw_error']:.3f}"
        yield (
            f"calibration error, mapped (fitted on {found['fitted_on']:,}, measured on {found['labelled']:,} others): "
            f"{found['error']:.3f}; goal <= {GOALS['error']}: {_met(found)}"
        )
        for low, high, n, share in found["bins"]:
            yield f"    confidence {low:.2f} to {high:.2f}: agreed in {share:.0%} of {n:,}"
    if found := report.get("abstention"):
        for name, words in (
            ("standard", "abstain_below 0"),
            ("at_threshold", f"abstain_below {found['abstain_below']}"),
        ):
            rates = found[name]
            yield (
                f"{words}: abstains in {rates['undecidable']:.1%} of {found['undecidable_cases']:,} undecidable and "
                f"{rates['clear']:.1%} of {found['clear_cases']:,} clear cases"
            )
        yield f"goal 98% and at most 5%: {_met(found)}"


def _met(found: dict[str, Any]) -> str:
    return "met" if found["met"] else "NOT MET"
