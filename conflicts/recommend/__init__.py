"""From findings to a recommendation with reasons that cite the records. Now by the rules alone."""

from __future__ import annotations

from collections.abc import Iterable

from conflicts import wording
from conflicts.detectors.finding import Citation, Finding, cite_claim
from conflicts.facts import Facts
from conflicts.policy import Policy
from conflicts.recommend import explain
from conflicts.recommend.answer import ABSTAINING, Option, Reason, Recommendation, ScoreRow, TraceStep
from conflicts.recommend.rules import Decided, decide
from conflicts.recommend.weigh import Case
from conflicts.recommend.whatif import changes

__all__ = ["Citation", "Option", "Reason", "Recommendation", "ScoreRow", "TraceStep", "recommend"]


def recommend(facts: Facts, findings: Iterable[Finding], policy: Policy) -> Recommendation:
    """What the policy says about one claim set: all live claims of `facts`, and the findings on them."""
    case = Case(facts, tuple(findings), policy)
    if not case.claims:
        raise ValueError("There is no live claim to decide on.")
    decided, labels = decide(case), explain.Labels()
    labels.cite(cite_claim(facts, claim) for claim in case.claims)
    reasons, rows, found = _reasons(case, decided, labels), _score_rows(case, labels), changes(case)
    sure = explain.confidence(case, decided, found)
    instead = explain.unsure(case, decided, found, sure)
    outcome = instead or decided.outcome
    why = explain.too_unsure(case, decided, instead, sure) if instead else ""
    return Recommendation(
        action=outcome.action,
        owner=outcome.owner,
        support=outcome.support,
        shares=dict(outcome.shares),
        rule_id=decided.rule.id,
        sentence=why or decided.step.sentence,
        reasons=reasons,
        score_rows=rows,
        options=tuple(explain.options(case, decided, found, outcome, why)),
        would_change=tuple(explain.would_change(case, found)),
        missing=tuple(explain.missing(case, decided)),
        confidence=sure,
        abstained=outcome.action in ABSTAINING,
        trace=decided.trace,
        evidence=tuple(labels.evidence.values()),
    )


def _reasons(case: Case, decided: Decided, labels: explain.Labels) -> tuple[Reason, ...]:
    """What decides and why the policy has it so, what speaks for the winner in the score, and every finding; each with
    the records it rests on."""
    claims = [cite_claim(case.facts, claim) for claim in case.claims]
    cited = labels.cite(decided.cited) or labels.cite(claims)
    reasons = [Reason(decided.step.sentence, cited), Reason(wording.sentence(decided.rule.reason), cited)]
    if decided.rule.then.owner == "top_claimant":
        rows = case.standings[0].rows
        reasons += [Reason(row.sentence, labels.cite(row.cited)) for row in rows if row.points]
    reasons += [Reason(item.sentence, labels.cite(item.evidence)) for item in case.findings]
    return tuple(dict.fromkeys(reasons))


def _score_rows(case: Case, labels: explain.Labels) -> tuple[ScoreRow, ...]:
    return tuple(
        ScoreRow(
            claimant=standing.claimant.id,
            criterion=row.criterion,
            points=row.points,
            sentence=row.sentence,
            cites=labels.cite(row.cited),
            known=row.known,
        )
        for standing in case.standings
        for row in standing.rows
    )
