"""What would change the result: each imaginable new fact is put in, the same rules are asked again, and only what
really comes out otherwise is said. One fact where one is enough, else two that only together do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from conflicts import wording
from conflicts.facts import DIRECT, Activity, Evidence, Ownership
from conflicts.policy import KINDS
from conflicts.recommend.answer import Outcome
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case, Claimant
from conflicts.windows import day

NEW = "what-if"
MOST_PAIRS = 120  # pairs that are tried for one case, the likelier first


@dataclass(frozen=True, slots=True)
class Change:
    """The smallest set of facts that are not so, in words ("if ..."), and what the policy would then say."""

    sentence: str
    outcome: Outcome
    fills_gap: bool = False  # the facts are unknown today, not otherwise
    size: int = 1
    given_up: bool = False  # by a claimant: nothing that another can show


@dataclass(frozen=True, slots=True)
class Step:
    """One imaginable new fact: in words, how the case would stand with it, and which claimant would bring it about.
    `lesser` are weaker facts of the same sort, the weakest first."""

    sentence: str
    put_in: Callable[[Case], Case]
    whose: str = ""
    fills_gap: bool = False
    given_up: bool = False
    lesser: tuple[Step, ...] = ()


def changes(case: Case) -> list[Change]:
    """Every single new fact that would change the result, the likelier first; then pairs, for what no single one does; last
    what would follow if a claimant gave up."""
    now = decide(case).outcome
    steps = list(_steps(case))
    found = []
    for step in (one for item in steps for one in (*item.lesser, item)):
        outcome = decide(step.put_in(case)).outcome
        if outcome != now:
            found.append(Change(step.sentence, outcome, step.fills_gap, given_up=step.given_up))
    found += _pairs(case, steps, now, [item.outcome for item in found if not item.given_up])
    return sorted(found, key=lambda item: (item.given_up, item.size))


def _pairs(case: Case, steps: list[Step], now: Outcome, reached: list[Outcome]) -> Iterator[Change]:
    """Two facts together that lead where none leads alone: to the deal for a claimant by what is its own to show; any
    two, where no single fact changes anything."""
    seen, stuck = [now, *reached], not reached
    won = {outcome.owner for outcome in seen if outcome.action == "award"}
    wanted = {claimant.id for claimant in case.claimants} - won
    tried = 0
    for first, second in combinations([step for step in steps if not step.given_up], 2):
        own = first.whose == second.whose and first.whose in wanted
        if not (own or stuck) or tried == MOST_PAIRS:
            continue
        tried += 1
        outcome = decide(second.put_in(first.put_in(case))).outcome
        if outcome not in seen:
            seen.append(outcome)
            weak = _least(case, first, second, outcome)
            other = _least(case, second, weak, outcome)
            gap = first.fills_gap and second.fills_gap
            yield Change(f"{weak.sentence} and {other.sentence}", outcome, gap, 2)


def _least(case: Case, step: Step, other: Step, outcome: Outcome) -> Step:
    """The weakest fact of a step's sort that still leads there together with the other."""
    weaker = (item for item in step.lesser if decide(other.put_in(item.put_in(case))).outcome == outcome)
    return next(weaker, step)


def _steps(case: Case) -> Iterator[Step]:
    yield from _gaps(case)
    for claimant in case.claimants:
        yield from _more_proof(case, claimant)
    yield from _all_met(case)
    yield from _lifted(case)
    for claimant in case.claimants:
        yield from _withdrawn(case, claimant)


def _gaps(case: Case) -> Iterator[Step]:
    """Facts that are unknown, taken at their best."""
    facts = case.facts
    live = {claim.id for claim in case.eligible if claim.kind == "ownership"}
    for item in sorted(facts.ownerships, key=_by_id):
        if item.id in live and item.last_activity_at is None and item.owner != DIRECT:
            text = f"{facts.name_of(item.owner)} turned out to have worked the account it owns lately"
            worked = replace(item, last_activity_at=facts.at)
            yield Step(text, _replacing("ownerships", worked), _claimant_of(case, item.owner), True)
    eligible = {item.id: item.claimant for item in case.registrations()}
    for activity in sorted(facts.activities, key=_by_id):
        if activity.occurred_on is None and activity.registration_id in eligible:
            whose = eligible[activity.registration_id]
            text = f"{wording.proof(activity.kind)} of {facts.name_of(whose)}, of which the date is unknown, was recent"
            dated = replace(activity, occurred_on=day(facts.at))
            yield Step(text, _replacing("activities", dated), _claimant_of(case, whose), True)
    for paper in sorted(facts.evidence, key=_by_id):
        if paper.kind == "customer_letter" and not paper.verified and paper.registration_id in eligible:
            whose = eligible[paper.registration_id]
            text = f"the customer's letter for {facts.name_of(whose)} was verified"
            yield Step(text, _replacing("evidence", replace(paper, verified=True)), _claimant_of(case, whose), True)


def _by_id(item: Ownership | Activity | Evidence) -> str:
    return item.id


def _claimant_of(case: Case, party: str) -> str:
    """The claimant that a party counts with: of a distribution chain its first registrant."""
    return next((item.id for item in case.claimants if party in item.members), party)


def _more_proof(case: Case, claimant: Claimant) -> Iterator[Step]:
    """More proof of work today, the least first, or the customer's own word."""
    if not claimant.registration_ids:
        return
    name, key = case.facts.name_of(claimant.id), claimant.registration_ids[0]
    ladder = []
    for kind in sorted(case.policy.scoring.proof, key=lambda item: case.policy.scoring.proof[item]):
        proof = Activity(f"{NEW}-{key}-{kind}", NEW, key, kind, day(case.facts.at))
        ladder.append(
            Step(f"{name} showed {wording.proof(kind)} dated today", _adding("activities", proof), claimant.id)
        )
    if ladder:
        yield replace(ladder[-1], lesser=tuple(ladder[:-1]))
    letter = Evidence(f"{NEW}-{key}", NEW, key, "customer_letter", verified=True)
    yield Step(f"the customer preferred {name} in writing, verified", _adding("evidence", letter), claimant.id)


def _all_met(case: Case) -> Iterator[Step]:
    kind, today = case.policy.parameters.proof_needed, day(case.facts.at)
    keys = [claimant.registration_ids[0] for claimant in case.claimants if claimant.registration_ids]
    if len(keys) > 1:
        met = (Activity(f"{NEW}-{key}", NEW, key, kind, today) for key in keys)
        yield Step(f"every claimant showed {wording.proof(kind)} dated today", _adding("activities", *met))


def _lifted(case: Case) -> Iterator[Step]:
    """Exceptions: for what takes a claimant out, and for what decides for everybody."""
    facts = case.facts
    for key in dict.fromkeys(item.registration_id for item in case.findings if item.blocking):
        kinds = dict.fromkeys(item.kind for item in case.findings if item.registration_id == key and item.blocking)
        titles = wording.listing(f'"{case.policy.findings[kind].title}"' for kind in kinds)
        registration = facts.registration(key)
        whose = registration.claimant if registration else ""
        name = facts.name_of(whose) if registration else "an unknown partner"
        yield Step(f"an exception lifted {titles} for {name}", _lifting(key, ()), _claimant_of(case, whose))
    for kind in _asked_for(case):
        if any(item.kind == kind for item in case.findings):
            yield Step(f'an exception lifted "{case.policy.findings[kind].title}"', _lifting("", (kind,)))


def _asked_for(case: Case) -> list[str]:
    """Kinds of findings that the rules themselves ask for."""
    facts = {fact for rule in case.policy.rules for fact in rule.facts}
    named = {"reserved_account": "reserved_account", "co_sell_named": "co_sell"}
    found = {kind for fact, kind in named.items() if fact in facts}
    return [kind for kind in KINDS if kind in found or f"finding_{kind}" in facts]


def _withdrawn(case: Case, claimant: Claimant) -> Iterator[Step]:
    if len(case.claimants) > 1:
        gone = frozenset(claim.id for claim in claimant.claims)
        yield Step(
            f"{case.facts.name_of(claimant.id)} gave up its claim", lambda there: _without(there, gone), given_up=True
        )


def _without(case: Case, gone: frozenset[str]) -> Case:
    facts = replace(
        case.facts,
        registrations=tuple(item for item in case.facts.registrations if item.id not in gone),
        ownerships=tuple(item for item in case.facts.ownerships if item.id not in gone),
        opportunities=tuple(item for item in case.facts.opportunities if item.id not in gone),
    )
    findings = tuple(item for item in case.findings if not gone & {item.registration_id, item.against_id})
    return Case(facts, findings, case.policy)


def _replacing(kind: str, record: Ownership | Activity | Evidence) -> Callable[[Case], Case]:
    """Puts a record in the place of the one with its id."""

    def put_in(case: Case) -> Case:
        rest = (record if item.id == record.id else item for item in getattr(case.facts, kind))
        return _with(case, kind, tuple(rest))

    return put_in


def _adding(kind: str, *records: Activity | Evidence) -> Callable[[Case], Case]:
    return lambda case: _with(case, kind, (*getattr(case.facts, kind), *records))


def _lifting(registration_id: str, kinds: Iterable[str]) -> Callable[[Case], Case]:
    """Takes the blocking findings of a registration away, or all of these kinds."""
    lifted = frozenset(kinds)

    def put_in(case: Case) -> Case:
        rest = (
            item
            for item in case.findings
            if item.kind not in lifted and not (item.blocking and item.registration_id == registration_id)
        )
        return Case(case.facts, tuple(rest), case.policy)

    return put_in


def _with(case: Case, kind: str, records: tuple[Any, ...]) -> Case:
    changed: dict[str, Any] = {kind: records}
    return Case(replace(case.facts, **changed), case.findings, case.policy)
