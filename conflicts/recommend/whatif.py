"""What would change the result: each imaginable new fact is put in, the same steps are asked again, and only what
really comes out otherwise is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from conflicts import wording
from conflicts.facts import DIRECT, Activity, Evidence, Facts, Ownership
from conflicts.policy import KINDS
from conflicts.recommend.answer import Outcome
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case, Claimant
from conflicts.windows import day

NEW = "what-if"


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that is not so, in words ("if ..."), and what the policy would then say."""

    sentence: str
    outcome: Outcome
    fills_gap: bool = False  # the fact is unknown today, not otherwise


def changes(case: Case) -> list[Change]:
    """Every single new fact that would change the result, the likelier first."""
    now = decide(case).outcome
    found = []
    for sentence, imagined, fills_gap in _imagined(case):
        outcome = decide(imagined).outcome
        if outcome != now:
            found.append(Change(sentence, outcome, fills_gap))
    return found


def _imagined(case: Case) -> Iterator[tuple[str, Case, bool]]:
    yield from _gaps(case)
    for claimant in case.claimants:
        yield from _more_proof(case, claimant)
    yield from _all_met(case)
    yield from _lifted(case)
    for claimant in case.claimants:
        yield from _withdrawn(case, claimant)


def _gaps(case: Case) -> Iterator[tuple[str, Case, bool]]:
    """Facts that are unknown, taken at their best."""
    facts = case.facts
    live = {claim.id for claim in case.eligible if claim.kind == "ownership"}
    for item in sorted(facts.ownerships, key=_by_id):
        if item.id in live and item.last_activity_at is None and item.owner != DIRECT:
            owners = tuple(replace(o, last_activity_at=facts.at) if o.id == item.id else o for o in facts.ownerships)
            text = f"{facts.name_of(item.owner)} turned out to have worked the account it owns lately"
            yield text, _with(case, replace(facts, ownerships=owners)), True
    eligible = {item.id for item in case.registrations()}
    for activity in sorted(facts.activities, key=_by_id):
        if activity.occurred_on is None and activity.registration_id in eligible:
            dated = replace(activity, occurred_on=day(facts.at))
            rest = tuple(dated if item.id == activity.id else item for item in facts.activities)
            name = _registrant(case, activity.registration_id)
            text = f"{wording.proof(activity.kind)} of {name}, of which the date is unknown, was recent"
            yield text, _with(case, replace(facts, activities=rest)), True
    for paper in sorted(facts.evidence, key=_by_id):
        if paper.kind == "customer_letter" and not paper.verified and paper.registration_id in eligible:
            rest_ = tuple(replace(item, verified=True) if item.id == paper.id else item for item in facts.evidence)
            text = f"the customer's letter for {_registrant(case, paper.registration_id)} was verified"
            yield text, _with(case, replace(facts, evidence=rest_)), True


def _by_id(item: Ownership | Activity | Evidence) -> str:
    return item.id


def _more_proof(case: Case, claimant: Claimant) -> Iterator[tuple[str, Case, bool]]:
    """More proof of work today, or the customer's own word."""
    if not claimant.registration_ids:
        return
    name, key = case.facts.name_of(claimant.id), claimant.registration_ids[0]
    for kind in sorted(case.policy.scoring.proof, key=lambda item: case.policy.scoring.proof[item]):
        activity = Activity(NEW, NEW, key, kind, day(case.facts.at))
        facts = replace(case.facts, activities=(*case.facts.activities, activity))
        yield f"{name} showed {wording.proof(kind)} dated today", _with(case, facts), False
    letter = Evidence(NEW, NEW, key, "customer_letter", verified=True)
    facts = replace(case.facts, evidence=(*case.facts.evidence, letter))
    yield f"the customer preferred {name} in writing, verified", _with(case, facts), False
    both = replace(facts, activities=(*case.facts.activities, activity))
    text = (
        f"{name} showed {wording.proof(activity.kind)} dated today and the customer preferred it in writing, verified"
    )
    yield text, _with(case, both), False


def _all_met(case: Case) -> Iterator[tuple[str, Case, bool]]:
    kind, today = case.policy.parameters.proof_needed, day(case.facts.at)
    keys = [claimant.registration_ids[0] for claimant in case.claimants if claimant.registration_ids]
    if len(keys) > 1:
        met = tuple(Activity(f"{NEW}-{key}", NEW, key, kind, today) for key in keys)
        facts = replace(case.facts, activities=(*case.facts.activities, *met))
        yield f"every claimant showed {wording.proof(kind)} dated today", _with(case, facts), False


def _lifted(case: Case) -> Iterator[tuple[str, Case, bool]]:
    """Exceptions: for what takes a claimant out, and for what decides for everybody."""
    blocked = dict.fromkeys(item.registration_id for item in case.findings if item.blocking)
    for key in blocked:
        kinds = dict.fromkeys(item.kind for item in case.findings if item.registration_id == key and item.blocking)
        titles = wording.listing(f'"{case.policy.findings[kind].title}"' for kind in kinds)
        rest = tuple(item for item in case.findings if item.registration_id != key or not item.blocking)
        text = f"an exception lifted {titles} for {_registrant(case, key)}"
        yield text, Case(case.facts, rest, case.policy), False
    for kind in _asked_for(case):
        rest = tuple(item for item in case.findings if item.kind != kind)
        if len(rest) != len(case.findings):
            text = f'an exception lifted "{case.policy.findings[kind].title}"'
            yield text, Case(case.facts, rest, case.policy), False


def _asked_for(case: Case) -> list[str]:
    """Kinds of findings that the rules themselves ask for."""
    facts = {fact for rule in case.policy.rules for fact in rule.facts}
    named = {"reserved_account": "reserved_account", "co_sell_named": "co_sell"}
    found = {kind for fact, kind in named.items() if fact in facts}
    return [kind for kind in KINDS if kind in found or f"finding_{kind}" in facts]


def _withdrawn(case: Case, claimant: Claimant) -> Iterator[tuple[str, Case, bool]]:
    gone = {claim.id for claim in claimant.claims}
    if len(case.claimants) < 2:
        return
    facts = replace(
        case.facts,
        registrations=tuple(item for item in case.facts.registrations if item.id not in gone),
        ownerships=tuple(item for item in case.facts.ownerships if item.id not in gone),
        opportunities=tuple(item for item in case.facts.opportunities if item.id not in gone),
    )
    findings = tuple(item for item in case.findings if not gone & {item.registration_id, item.against_id})
    yield f"{case.facts.name_of(claimant.id)} gave up its claim", Case(facts, findings, case.policy), False


def _with(case: Case, facts: Facts) -> Case:
    return Case(facts, case.findings, case.policy)


def _registrant(case: Case, registration_id: str) -> str:
    registration = case.facts.registration(registration_id)
    return case.facts.name_of(registration.claimant) if registration else "an unknown partner"
