"""Puts a decided case into words: the options with why not, what would change them, what is missing, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conflicts import wording
from conflicts.claims import amount_of
from conflicts.detectors.finding import Citation
from conflicts.facts import Facts, Registration
from conflicts.policy import ACTIONS
from conflicts.recommend.answer import ABSTAINING, HOLDS_NOT, UNKNOWN, Option, Outcome
from conflicts.recommend.rules import Decided
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
STEPS_OF = {
    "award": ("protection_held", "owner_working", "only_one", "score"),
    "split": ("both_worked",),
    "co_sell": ("reserved_account", "co_sell_agreed", "partner_and_direct"),
    "direct_retained": ("reserved_account",),
    "reject_all": ("eligibility",),
    "request_information": ("no_proof",),
    "mediate": ("otherwise",),
}
NEEDS = {
    "award": "it would have to hold protection, own and work the account, stand alone, or lead by the margin.",
    "split": "the two leading claimants would have to be partners, close together, both with {proof} or more.",
    "co_sell": "the direct team would have to agree on a co-sell, or be one of two leading claimants close together.",
    "direct_retained": "the account would have to be reserved for the direct team.",
    "reject_all": "every registration would need a blocking finding, and no other claim could be live.",
    "request_information": "two claimants would have to be close together, none with {proof} or more.",
    "mediate": "two partners would have to be close together, and just one of them have shown {proof}.",
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


def options(case: Case, decided: Decided, found: list[Change]) -> list[Option]:
    """Every possible decision: the chosen one first, then awards by standing, then the rest."""
    chosen = decided.outcome
    listed = [Option(chosen.action, chosen.owner, title(case, chosen), chosen=True)]
    for action, owner in _candidates(case):
        if action == chosen.action and owner in ("", chosen.owner):
            continue
        reaching = [item for item in found if item.outcome.action == action and owner in ("", item.outcome.owner)]
        change = f"If {reaching[0].sentence}." if reaching else _needs(case, action)
        listed.append(
            Option(
                action=action,
                owner=owner,
                title=title(case, Outcome(action, owner)),
                chosen=False,
                why_not=wording.sentence(_why_not(case, decided, action, owner)),
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
    if action == "award":
        mine = {item.id for item in case.claims if item.claimant == owner}
        blocking = [item for item in case.findings if item.blocking and item.registration_id in mine]
        if blocking and not any(item.claimant == owner for item in case.eligible):
            return " ".join(dict.fromkeys(item.sentence for item in blocking))
        behind = _points_behind(case, decided, owner)
        if behind:
            return behind
    states = {item.step: item for item in decided.trace}
    failed = [states[step] for step in STEPS_OF[action] if states[step].state in (HOLDS_NOT, UNKNOWN)]
    rule = case.policy.rules[decided.step]
    before = f"{rule.title} ({rule.id}) decides first."
    reached = len(failed) == len(STEPS_OF[action])
    return " ".join([*(item.sentence for item in failed), *([] if reached else [before])])


def _points_behind(case: Case, decided: Decided, owner: str) -> str:
    """How far a claimant is from the top, where the score was asked."""
    reached = next(item for item in decided.trace if item.step == "score")
    totals = {item.claimant.id: item.total for item in case.standings}
    if reached.state == "not_reached" or owner not in totals:
        return ""
    top, margin, name = case.standings[0], case.policy.parameters.margin, case.facts.name_of(owner)
    if owner == top.claimant.id:
        lead = top.total - case.standings[1].total
        how = f"leads by {lead} points only" if lead else "has no more points than another"
        return f"{name} {how}; a lead of {margin} would decide."
    gap, leader = top.total - totals[owner], case.facts.name_of(top.claimant.id)
    return f"{name} is {gap} points behind {leader}." if gap else f"{name} has as many points as {leader}."


def _needs(case: Case, action: str) -> str:
    needs = NEEDS[action].format(proof=wording.proof(case.policy.parameters.proof_needed))
    return f"That would take more: {needs}"


def would_change(case: Case, found: list[Change], most: int = 8) -> list[str]:
    """The new facts that would change the result, unknown ones first; one sentence for each other result."""
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
        proof = wording.proof(case.policy.parameters.proof_needed)
        lines += [f"Dated proof of {proof} or more from {facts.name_of(item.id)}." for item in case.claimants]
    for claim in case.claims:
        registration = facts.registration(claim.id) if claim.kind == "registration" else None
        if registration is None:
            continue
        lines += _identity(facts, registration)
        if amount_of(registration, facts.program.currency) is None:
            lines.append(f"The amount of {registration.ref} in {facts.program.currency} is unknown.")
    return list(dict.fromkeys(lines))


def _identity(facts: Facts, registration: Registration) -> list[str]:
    typed = f"{registration.account_name or facts.account_name(registration.account_id)} ({registration.ref})"
    if not registration.identity_confirmed:
        known = facts.account_name(registration.possible_account_id)
        return [f"Whether {typed} is the same company as {known}: a person says first."]
    if registration.related_account_id:
        return [f"Whether {typed} is a relative of {facts.account_name(registration.related_account_id)}."]
    return []


def confidence(case: Case, decided: Decided, found: list[Change]) -> float:
    """How sure the recommendation is, 0 to 1: 0.95 where a rule before the score decides; from 0.70 at the margin to
    0.95 at three times the margin where the score decides; 0.55 for a split or a co-sell between close claimants;
    0.30 when it abstains. Less 0.10 for each unknown fact that would change the result (at most 0.30), and less 0.20
    where an identity is unconfirmed. Never below 0.05."""
    if decided.outcome.action in ABSTAINING:
        start = 0.30
    elif decided.step == "score":
        margin = max(case.policy.parameters.margin, 1)
        lead = case.standings[0].total - case.standings[1].total
        start = 0.70 + 0.25 * min(1.0, max(0, lead - margin) / (2 * margin))
    else:
        start = 0.55 if decided.step in ("partner_and_direct", "both_worked") else 0.95
    start -= min(0.30, 0.10 * sum(1 for item in found if item.fills_gap))
    if any(not item.identity_confirmed for item in case.findings):
        start -= 0.20
    return round(max(0.05, start), 2)
