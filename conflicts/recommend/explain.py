"""Puts a decided case into words: the options with why not, what would change them, what is missing, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conflicts import wording
from conflicts.detectors.finding import Citation
from conflicts.policy import ACTIONS, Rule
from conflicts.policy.catalogue import BY_SCORE, FACTS
from conflicts.policy.conditions import TRUE, Node, holds, shown, wanted_by
from conflicts.policy.saying import said, words
from conflicts.recommend.answer import ABSTAINING, HOLDS_NOT, UNKNOWN, Option, Outcome
from conflicts.recommend.rules import Decided
from conflicts.recommend.telling import amount_missing, needed, unsure_of
from conflicts.recommend.weigh import Case
from conflicts.recommend.whatif import Change

TITLES = {
    "award": "Award to {owner}",
    "split": "Split between the leading claimants",
    "co_sell": "Co-sell",
    "direct_retained": "The direct team keeps it",
    "reject_all": "Reject all registrations",
    "request_information": "Ask for information",
    "mediate": "Mediate",
}


class Labels:
    """Gives every cited record a short label, E1 the first; a record that is cited twice keeps its label."""

    def __init__(self) -> None:
        self.evidence: dict[tuple[str, str], Citation] = {}

    def cite(self, citations: Iterable[Citation]) -> tuple[str, ...]:
        """The labels of these records."""
        return tuple(dict.fromkeys(self._label(item) for item in citations))

    def _label(self, citation: Citation) -> str:
        key = (citation.kind, citation.source_id)
        if key not in self.evidence:
            label = f"E{len(self.evidence) + 1}"
            self.evidence[key] = Citation(label, citation.kind, citation.text, citation.at, citation.source_id)
        return self.evidence[key].ref


def title(case: Case, outcome: Outcome) -> str:
    """An outcome in a few words."""
    owner = case.facts.name_of(outcome.owner) if outcome.owner else ""
    if outcome.action == "co_sell" and owner:
        helpers = wording.listing(case.facts.name_of(item) for item in outcome.support)
        return f"Co-sell: {owner} owns, {helpers} supports"
    if outcome.action == "split" and outcome.shares:
        return f"Split between {wording.listing(case.facts.name_of(item) for item in outcome.shares)}"
    return TITLES[outcome.action].format(owner=owner)


def unsure(case: Case, decided: Decided, found: list[Change], sure: float) -> Outcome | None:
    """What is recommended instead where the rules are less sure than the policy asks: to ask, where a missing fact would
    change the result, else that a person mediates. None where they are sure enough, or recommend that themselves."""
    if decided.outcome.action in ABSTAINING or round(sure * 100) >= case.policy.parameters.abstain_below:
        return None
    asks = any(item.fills_gap for item in found)
    return Outcome("request_information" if asks else "mediate")


def too_unsure(case: Case, decided: Decided, instead: Outcome, sure: float) -> str:
    """Why an outcome that a rule gives is not recommended."""
    what = title(case, decided.outcome)
    do = "what is missing is asked for" if instead.action == "request_information" else "a person mediates"
    return (
        f"{decided.rule.title} ({decided.rule.id}) gives: {what[:1].lower() + what[1:]}. Its confidence is {sure:.0%}, and this "
        f"policy recommends an outcome from {case.policy.parameters.abstain_below}% on: {do}."
    )


def options(case: Case, decided: Decided, found: list[Change], chosen: Outcome, why: str = "") -> list[Option]:
    """Every possible decision: the chosen one first, then awards by standing, then the rest. `why` tells why what the
    rules give was not chosen, where it was not."""
    listed = [Option(chosen.action, chosen.owner, title(case, chosen), chosen=True)]
    for action, owner in _candidates(case):
        if action == chosen.action and owner in ("", chosen.owner):
            continue
        reaching = (item for item in found if item.outcome.action == action and owner in ("", item.outcome.owner))
        least = next(reaching, None)  # the smallest comes first
        change = f"If {least.sentence}." if least else _needs(case, decided, action)
        given = why and action == decided.outcome.action and owner in ("", decided.outcome.owner)
        if given:
            change = "If the rules were surer of it: fewer unknown facts, or a wider lead."
        listed.append(
            Option(
                action=action,
                owner=owner,
                title=title(case, Outcome(action, owner)),
                chosen=False,
                why_not=why if given else wording.sentence(_why_not(case, decided, action, owner)),
                would_change=change,
            )
        )
    return listed


def _candidates(case: Case) -> Iterator[tuple[str, str]]:
    ranked = [item.claimant.id for item in case.standings]
    members = {member for item in case.claimants for member in item.members}
    others = dict.fromkeys(item.claimant for item in case.claims if item.claimant not in members)
    for owner in (*ranked, *others):
        yield "award", owner
    for action in ACTIONS:
        if action != "award":
            yield action, ""


def _why_not(case: Case, decided: Decided, action: str, owner: str) -> str:
    """What the rules that lead there found, or that another rule decided before they were asked."""
    if action == "award":
        mine = {item.id for item in case.claims if item.claimant == owner}
        blocking = [item for item in case.findings if item.blocking and item.registration_id in mine]
        if blocking and not any(item.claimant == owner for item in case.eligible):
            return " ".join(dict.fromkeys(item.sentence for item in blocking))
        behind = _points_behind(case, decided, owner)
        if behind:
            return behind
    leading = [rule for rule in case.policy.rules if rule.then.action == action]
    if not leading:
        return "No rule of the policy leads there."
    states = {item.rule_id: item for item in decided.trace}
    failed = [states[rule.id] for rule in leading if states[rule.id].state in (HOLDS_NOT, UNKNOWN)]
    before = f"{decided.rule.title} ({decided.rule.id}) decides first."
    found = dict.fromkeys(item.sentence for item in failed)
    return " ".join([*found, *([] if len(failed) == len(leading) else [before])])


def _points_behind(case: Case, decided: Decided, owner: str) -> str:
    """How far a claimant is from the top, where a rule that asks for a lead was reached and did not decide for it."""
    tests = (test for rule in decided.reached for test in rule.tests)
    test = next((test for test in tests if test.fact == "lead" and test.op in (">", ">=")), None)
    totals = {item.claimant.id: item.total for item in case.standings}
    if test is None or owner not in totals or len(totals) < 2:
        return ""
    top, name = case.standings[0], case.facts.name_of(owner)
    if owner == top.claimant.id:
        lead, least = top.total - case.standings[1].total, wanted_by(test, case.policy.numbers)
        if holds(test.op, lead, least):
            return ""
        how = f"leads by {lead} points only" if lead else "has no more points than another"
        return f"{name} {how}; {said(test.op, shown(least))} points would be needed."
    gap, leader = top.total - totals[owner], case.facts.name_of(top.claimant.id)
    return f"{name} is {gap} points behind {leader}." if gap else f"{name} has as many points as {leader}."


def _needs(case: Case, decided: Decided, action: str) -> str:
    """What the rules that lead to an action would need, with what is found now where they were asked."""
    steps = {item.rule_id: item for item in decided.trace}
    leading = [rule for rule in case.policy.rules if rule.then.action == action and rule.id != decided.rule.id]
    needs = [f"{rule.id} needs {_needed(case, rule, steps[rule.id].condition)}" for rule in leading if rule.tests]
    needs += [f"{rule.id} decides when no rule before it does" for rule in leading if not rule.tests]
    return f"That would take more: {'; '.join(needs)}." if needs else "That would take another rule in the policy."


def _needed(case: Case, rule: Rule, node: Node | None) -> str:
    failing = [test for test in node.decisive if test.state != TRUE] if node else []
    return words(rule.when, case.policy.numbers, {test.fact: test.actual for test in failing})


def would_change(case: Case, found: list[Change], most: int = 8) -> list[str]:
    """The least new facts that would change the result, unknown ones first; one sentence for each other result."""
    ordered = sorted(found, key=lambda item: not item.fills_gap)
    seen, lines = set(), []
    for item in ordered:
        result = title(case, item.outcome)
        if not item.fills_gap and result in seen:
            continue
        seen.add(result)
        lines.append(f"If {item.sentence}: {result[:1].lower() + result[1:]}.")
    return lines[:most]


def missing(case: Case, decided: Decided) -> list[str]:
    """What is not known, in sentences: identities to confirm, unknown facts of the steps asked, unknown amounts."""
    lines = [sentence for step in decided.trace for sentence in step.unknown]
    facts = case.facts
    if decided.outcome.action == "request_information":
        lines += [f"Dated proof of {needed(case)} or more from {facts.name_of(item.id)}." for item in case.claimants]
    for claim in case.claims:
        registration = facts.registration(claim.id) if claim.kind == "registration" else None
        if registration is None:
            continue
        lines += [line for line in (unsure_of(facts, registration), amount_missing(facts, registration)) if line]
    return list(dict.fromkeys(lines))


def by_score(rule: Rule) -> bool:
    """A rule that weighs claimants against each other: it asks for points, or names the leading ones."""
    return any(FACTS[fact].of_score for fact in rule.facts) or any(name in BY_SCORE for name in rule.then.selectors)


def confidence(case: Case, decided: Decided, found: list[Change]) -> float:
    """How sure the recommendation is, 0 to 1: 0.95 where a rule decides that does not weigh claimants against each
    other; where one asks for a lead, from 0.70 at that lead to 0.95 at three times of it; 0.55 for any other that
    weighs them; 0.30 when it abstains. Less 0.25 for each unknown fact that would change the result (at most 0.50),
    and less 0.20 where an identity is unconfirmed. Never below 0.05."""
    rule, least = decided.rule, _lead_needed(case, decided.rule)
    if decided.outcome.action in ABSTAINING:
        start = 0.30
    elif least is not None and len(case.standings) > 1:
        lead = case.standings[0].total - case.standings[1].total
        start = 0.70 + 0.25 * min(1.0, max(0, lead - least) / (2 * least))
    else:
        start = 0.55 if by_score(rule) else 0.95
    start -= min(0.50, 0.25 * sum(1 for item in found if item.fills_gap and item.size == 1))
    if any(not item.identity_confirmed for item in case.findings):
        start -= 0.20
    return round(max(0.05, start), 2)


def _lead_needed(case: Case, rule: Rule) -> int | None:
    """The lead that a rule asks for, if it does; at least 1."""
    leads = (test for test in rule.tests if test.fact == "lead" and test.op in (">", ">="))
    return next((max(int(wanted_by(test, case.policy.numbers)), 1) for test in leads), None)
