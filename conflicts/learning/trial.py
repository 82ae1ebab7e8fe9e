"""Decided cases as something to learn from, and a trial of new points on those that nothing was learned from. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from conflicts.detectors import detect
from conflicts.facts import Facts
from conflicts.learning.shares import Share
from conflicts.learning.weights import Choice, fit_weights, held_out, points_of, reached, rungs, steps_of
from conflicts.policy import Policy
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case

ENOUGH = 100  # decisions that rest on the score; from here on a fit gains more than chance can cost (docs/learning.md)
ENOUGH_HELD_OUT = 20
# What a rule may ask for, and whom it may name, that depends on the points of the claimants.
BY_SCORE = {"lead", "lesser_proof", "direct_leads", "top_tier", "last_activity"}
LEADERS = {"top_claimant", "top_partner", "top_two"}
# Reasons for deciding otherwise that say nothing against the points: the facts were not as recorded, or something that
# no points can know. Only "rule wrong or outdated" says that the rule itself, and so its points, should be others.
SPEAKS = "rule_wrong"
# Where the rules named no outcome, a choice goes against nobody: "other" then says no more than that somebody chose.
SPEAKS_IF_OPEN = "other"
LEFT_OUT = {
    "evidence_missing": "decided otherwise: evidence was missing",
    "evidence_wrong": "decided otherwise: evidence was wrong or outdated",
    "identity_wrong": "decided otherwise: another company",
    "exception": "decided otherwise: the rule is right, this was an exception",
    "relationship": "decided otherwise: a relationship",
    "agreement_clause": "decided otherwise: a clause of an agreement",
    "timing": "decided otherwise: timing",
    "other": "decided otherwise: another reason",
    "earlier_rule": "an earlier rule decided, whatever the points",
    "unreadable": "kept in a form that this release cannot read",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided: the action, and who owns the deal or a share of it."""

    action: str
    winners: frozenset[str]

    @property
    def one_owner(self) -> str:
        """The claimant who won alone; "" where several share it or nobody won."""
        return next(iter(self.winners)) if self.action == "award" and len(self.winners) == 1 else ""


@dataclass(frozen=True)
class Past:
    """A decided case: the facts that people had before them, and what they chose."""

    key: str
    ref: str
    facts: Facts
    chosen: Outcome
    override_reason: str = ""  # of nine, when they decided otherwise than recommended
    open: bool = False  # the rules asked for information or for a mediator

    @cached_property
    def held_out(self) -> bool:
        """Whether it judges, for ever."""
        return held_out(self.key)


@dataclass(frozen=True, slots=True)
class Change:
    """A held out case that would be recommended otherwise, and whether that is what people chose."""

    key: str
    ref: str
    before: str
    after: str
    better: bool
    worse: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """The share of held out decisions that each version would have recommended, and what changes."""

    before: Share
    after: Share
    changes: tuple[Change, ...]

    @property
    def holds(self) -> bool:
        """Whether the new points agree with people at least as often."""
        return self.after.part >= self.before.part

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be kept with the proposal."""
        changes = [
            {"key": c.key, "ref": c.ref, "before": c.before, "after": c.after, "better": c.better, "worse": c.worse}
            for c in self.changes
        ]
        return {
            "before": {"agreed": self.before.part, "of": self.before.of, "words": self.before.words},
            "after": {"agreed": self.after.part, "of": self.after.of, "words": self.after.words},
            "better": sum(change.better for change in self.changes),
            "worse": sum(change.worse for change in self.changes),
            "holds": self.holds,
            "changes": changes,
        }


@dataclass(frozen=True, slots=True)
class Learned:
    """What decided cases come to: the new points, how they do, and why no version is proposed, if so."""

    policy: Policy
    used: int
    left_out: dict[str, int]
    points: tuple[tuple[str, int, int, int], ...]  # (step, now, proposed, decisions in which it told claimants apart)
    trial: Trial
    why_not: str


def learn(past: Iterable[Past], policy: Policy, left_out: Counter[str] | None = None) -> Learned:
    """Fit the points to what people chose, and try them on the cases that were held out."""
    left = Counter(left_out or {})
    kept: list[tuple[Past, Case]] = []
    for one in past:
        reason, case = _looked_at(one, policy)
        if case is None:
            left[reason] += 1
        else:
            kept.append((one, case))
    choices = [choice for one, case in kept if (choice := _choice(one, case, policy))]
    fitted = fit_weights(choices, policy.scoring, policy.parameters.margin)
    proposed = replace(policy, scoring=fitted.scoring)
    trial = compare(kept, proposed)
    now, then = points_of(policy.scoring), points_of(fitted.scoring)
    points = tuple((name, now[name], then[name], fitted.seen.get(name, 0)) for name in now)
    why_not = _why_not(len(kept), now == then, trial)
    return Learned(proposed, len(kept), dict(left), points, trial, why_not)


def _looked_at(past: Past, policy: Policy) -> tuple[str, Case | None]:
    """The case as the policy sees it now, or why nothing can be learned from it."""
    speaks = {"", SPEAKS, SPEAKS_IF_OPEN} if past.open else {"", SPEAKS}
    if past.override_reason not in speaks:
        return past.override_reason if past.override_reason in LEFT_OUT else "other", None
    case = Case(past.facts, tuple(detect(past.facts, policy)), policy)
    if not case.claims or not _rests_on_score(case):
        return "earlier_rule", None
    return "", case


def _rests_on_score(case: Case) -> bool:
    """Whether other points could have led elsewhere: several may win, and a rule that was reached asked who leads."""
    decided = decide(case)
    then = decided.rule.then
    asked = {fact for rule in decided.reached for fact in rule.facts}
    return len(case.claimants) > 1 and bool(asked & BY_SCORE or {then.owner, then.support, then.between} & LEADERS)


def _choice(past: Past, case: Case, policy: Policy) -> Choice | None:
    """One claimant chosen out of several: what the points are fitted to. Shares and refusals choose nobody."""
    owner = past.chosen.one_owner
    steps = steps_of(policy.scoring)
    in_rungs = Case(case.facts, case.findings, replace(policy, scoring=rungs(policy.scoring)))
    shown = {
        standing.claimant.id: reached({row.criterion: row.points for row in standing.rows}, steps)
        for standing in in_rungs.standings
    }
    members = {member: claimant.id for claimant in case.claimants for member in claimant.members}
    chosen = members.get(owner, "")
    return Choice(past.key, chosen, shown) if chosen and len(shown) > 1 else None


def compare(kept: Sequence[tuple[Past, Case]], proposed: Policy) -> Trial:
    """Both versions on the held out cases."""
    before = after = of = 0
    changes = []
    for past, case in kept:
        if not past.held_out:
            continue
        was, now = (_outcome(Case(case.facts, case.findings, policy)) for policy in (case.policy, proposed))
        of += 1
        before += was == past.chosen
        after += now == past.chosen
        if was != now:
            right = now == past.chosen, was == past.chosen
            changes.append(Change(past.key, past.ref, _words(case, was), _words(case, now), *right))
    return Trial(Share(before, of), Share(after, of), tuple(changes))


def _outcome(case: Case) -> Outcome:
    outcome = decide(case).outcome
    return Outcome(outcome.action, frozenset(outcome.shares) or frozenset({outcome.owner} - {""}))


def _words(case: Case, outcome: Outcome) -> str:
    names = ", ".join(sorted(case.facts.name_of(winner) for winner in outcome.winners))
    return f"{outcome.action.replace('_', ' ')}{f': {names}' if names else ''}"


def _why_not(used: int, same: bool, trial: Trial) -> str:
    if used < ENOUGH or trial.before.of < ENOUGH_HELD_OUT:
        return (
            f"{used} decided {'case rests' if used == 1 else 'cases rest'} on the score so far: from {ENOUGH} on they say"
            " enough to change its points. The present ones stay."
        )
    if same:
        return f"The present points fit best: what people chose in {used} cases speaks for no others."
    if not trial.holds:
        return (
            f"The points that fit would have recommended what people chose in {trial.after.words} of the cases that were"
            f" held out; the present ones did in {trial.before.words}. The present ones stay."
        )
    return ""
