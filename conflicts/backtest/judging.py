"""Judges past cases under two policies at once: what both have in common is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

from conflicts.backtest.past import NO_CASE, NOBODY_LEFT, Claimant, Judged, PastCase, Said
from conflicts.backtest.supposing import OtherProtection, Supposed
from conflicts.claims import Claim, claim_sets
from conflicts.detectors import REGISTRY, Detector, detect, detect_with, makes_case, narrow
from conflicts.detectors.finding import Finding
from conflicts.facts import DIRECT, Facts, from_memo_text
from conflicts.low_risk import situation_of, why_not
from conflicts.policy import Policy
from conflicts.recommend import explain
from conflicts.recommend.answer import Outcome
from conflicts.recommend.confidence import Bin, calibrated
from conflicts.recommend.rules import decide
from conflicts.recommend.weigh import Case
from conflicts.recommend.whatif import changes

OPEN = frozenset({"submitted", "in_review", "action_required"})
UNKNOWN = "unknown"
HANGS = "out_of_territory"  # whether it blocks may hang on what others cover: only its detector knows

Route = Callable[[Facts, Iterable[Finding], Outcome, Policy], tuple[str, ...]]


@dataclass(frozen=True)
class Sides:
    """The policy that holds, the one that is tried, and what is supposed to be otherwise in the facts."""

    before: Policy
    after: Policy
    route: Route
    supposed: Sequence[Supposed] = ()
    bins: Sequence[Bin] = ()  # how often deciders followed, by confidence; none = not measured

    @cached_property
    def changes(self) -> tuple[Supposed, ...]:
        """What is otherwise in the facts: protections too, where the policies do not give the same days."""
        one, other = self.before.protection, self.after.protection
        alike = (one.days, one.renewal_days) == (other.days, other.renewal_days)
        return tuple(self.supposed) if alike else (OtherProtection(one, other), *self.supposed)

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """Those that may find otherwise in the same facts: what the others find differs at most in what blocks."""
        one, other = self.before.parameters, self.after.parameters
        names = {item.name for item in fields(one) if getattr(one, item.name) != getattr(other, item.name)}
        hangs = self.block_anew & {HANGS}
        return tuple(item for item in REGISTRY if item.reads & names or item.kinds & hangs)

    @cached_property
    def kinds_anew(self) -> frozenset[str]:
        """What they find."""
        return frozenset().union(*(item.kinds for item in self.detectors))

    @cached_property
    def block_anew(self) -> frozenset[str]:
        """The kinds of findings that do not block alike."""
        return frozenset(
            kind for kind, item in self.before.findings.items() if item.blocks != self.after.findings[kind].blocks
        )

    @cached_property
    def decides_alike(self) -> bool:
        """Both make the same of the same findings."""
        one, other = self.before, self.after
        return (
            (one.rules, one.scoring, one.parameters) == (other.rules, other.scoring, other.parameters)
            and one.automation == other.automation
            and not self.block_anew
            and all(one.makes_case(kind) == other.makes_case(kind) for kind in one.findings)
        )

    @cached_property
    def weighed_alike(self) -> tuple[str, ...]:
        """What of a case is the same in both policies' eyes where they detect alike: the costly half of deciding."""
        alike = ["claims", "everybody", "account_ids"]
        if not self.block_anew:
            alike += ["eligible", "claimants"]
            days = "closed_won_days"
            if self.before.scoring == self.after.scoring and _of(self.before, days) == _of(self.after, days):
                alike.append("standings")
        return tuple(alike)

    @cached_property
    def groups_alike(self) -> bool:
        """The claims of a case stay together: only the freshness of the direct team's deals ends one by policy."""
        name = "direct_freshness_days"
        return not self.changes and _of(self.before, name) == _of(self.after, name)

    @cached_property
    def bands(self) -> tuple[int, ...]:
        """The amounts from which the authority matrix asks somebody else."""
        return tuple(sorted({row.amount_at_least for row in self.before.routing.table} | {0}))


def _of(policy: Policy, name: str) -> object:
    return getattr(policy.parameters, name)


def said_of(facts: Facts, policy: Policy) -> Said:
    """What a policy alone says about the facts of a case."""
    part, _ = _main_part(facts, policy)
    return _view(Case(part, tuple(detect(part, policy)), policy)).said


@dataclass(frozen=True)
class _View:
    """A case in one policy's eyes."""

    case: Case
    said: Said


def judge(past: PastCase, sides: Sides) -> Judged:
    """One case; MemoError where its memo cannot be read any more."""
    facts = from_memo_text(past.facts)
    findings = tuple(detect(facts, sides.before))
    before = _view(Case(facts, findings, sides.before))
    after, fell_apart = _after(facts, before, sides)
    routes = _routes(before, after, sides)
    return Judged(
        past.id, past.ref, before.said, after.said, *_place(before.case, sides),
        *routes, fell_apart=fell_apart, unlike_record=past.of_base and not _as_kept(before.said, past), decided=past.decided,
        by_rule=_by_rule(after, sides),
    )  # fmt: skip


def _by_rule(view: _View, sides: Sides) -> bool:
    """Whether the tried version would let the product approve it; what people did about the case is not in its facts."""
    rule, said = view.case.policy.automation.cases, view.said
    if not rule.approve or said.action != "award" or not said.kinds <= set(rule.kinds):
        return False
    decided, found = decide(view.case), changes(view.case)
    sure = explain.confidence(view.case, decided, found)
    if explain.unsure(view.case, decided, found, sure):
        return False
    now = situation_of(
        view.case, action=said.action, owner=said.owner, route=_route(view, sides),
        confidence=calibrated(sides.bins, sure) if sides.bins else None, missing=explain.missing(view.case, decided),
    )  # fmt: skip
    return not why_not(rule, now)


def _as_kept(said: Said, past: PastCase) -> bool:
    """Who gets it, as the row says; support and shares stand in the answer, which is not read for this."""
    return (said.action, said.owner) == (past.was.action, past.was.owner)


def _after(facts: Facts, before: _View, sides: Sides) -> tuple[_View, bool]:
    """The other side, sharing what it can; and whether the claims fell apart."""
    other, fell_apart = facts, False
    for change in sides.changes:
        other = change(other)
    if not sides.groups_alike:
        other, fell_apart = _main_part(other, sides.after)
    if other is not facts:
        return _view(Case(other, tuple(detect(other, sides.after)), sides.after)), fell_apart
    if sides.detectors:
        return _view(Case(facts, _found_anew(before.case, sides), sides.after)), fell_apart
    if sides.decides_alike:  # only who decides may be otherwise
        return _View(Case(facts, before.case.findings, sides.after), before.said), fell_apart
    return _view(before.case.under(sides.after, _flagged(before.case.findings, sides), sides.weighed_alike)), fell_apart


def _found_anew(case: Case, sides: Sides) -> tuple[Finding, ...]:
    """What the other policy finds in the same facts."""
    known = tuple(item for item in case.findings if item.kind not in sides.kinds_anew)
    return tuple(detect_with(sides.detectors, case.facts, sides.after, _flagged(known, sides)))


def _flagged(findings: tuple[Finding, ...], sides: Sides) -> tuple[Finding, ...]:
    """The findings as they block under the other policy."""
    if not sides.block_anew:
        return findings
    blocks = {kind: sides.after.findings[kind].blocks == "always" for kind in sides.block_anew}
    return tuple(replace(item, blocking=blocks[item.kind]) if item.kind in blocks else item for item in findings)


def _main_part(facts: Facts, policy: Policy) -> tuple[Facts, bool]:
    """The facts of the claim set with the first registration, where a supposed change leaves several."""
    sets = [item for item in claim_sets(facts, policy) if item.registration_ids]
    if len(sets) < 2:
        return facts, False
    first = min(sets, key=lambda item: min((c.since, c.ref) for c in item.claims if c.kind == "registration"))
    return narrow(facts, first), True


def _view(case: Case) -> _View:
    registrations = [claim for claim in case.claims if claim.kind == "registration"]
    if not registrations:
        return _View(case, Said(NOBODY_LEFT))
    blocking = {(item.registration_id, item.kind) for item in case.findings if item.blocking}
    blocked = frozenset(key for key, _ in blocking)
    eligible = frozenset(claim.id for claim in registrations) - blocked
    kinds = frozenset(item.kind for item in case.findings)
    sorts = tuple(kind for _, kind in sorted(blocking))
    if not _due(case, registrations):
        winners = frozenset(claim.claimant for claim in registrations)
        said = Said(NO_CASE, rule_id=case.policy.automation.rule, winners=winners, eligible=eligible, kinds=kinds)
        return _View(case, said)
    decided = decide(case)
    outcome = decided.outcome
    winners = frozenset(outcome.shares) or frozenset({outcome.owner} - {""})
    said = Said(outcome.action, outcome.owner, outcome.support, dict(outcome.shares), decided.rule.id,
                winners, eligible, blocked, sorts, kinds)  # fmt: skip
    return _View(case, said)


def _due(case: Case, registrations: Iterable[Claim]) -> bool:
    """A finding makes a case of it, or the policy wants a person for routine ones too."""
    if makes_case(case.findings, case.policy):
        return True
    if case.policy.automation.approve_without_finding:
        return False
    return any((row := case.facts.registration(claim.id)) is not None and row.status in OPEN for claim in registrations)


def _routes(before: _View, after: _View, sides: Sides) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who decides, before and after, where that may differ; else nothing."""
    one, other = before.said, after.said
    alike = before.case.facts is after.case.facts and sides.groups_alike
    if alike and sides.before.routing == sides.after.routing and (one.action, one.kinds) == (other.action, other.kinds):
        return (), ()
    return _route(before, sides), _route(after, sides)


def _route(view: _View, sides: Sides) -> tuple[str, ...]:
    if not view.said.is_case:
        return ()
    return sides.route(view.case.facts, view.case.findings, Outcome(view.said.action), view.case.policy)


def _place(case: Case, sides: Sides) -> tuple[tuple[Claimant, ...], str, str, str, str]:
    """Who claims, and the row of each table that the case belongs to: region, segment, amount; and the account's name."""
    facts, ids = case.facts, dict.fromkeys(claim.claimant for claim in case.claims)
    claimants = tuple(Claimant(key, _name(facts, key), _tier(facts, key)) for key in ids)
    first = next((claim for claim in case.claims if claim.kind == "registration"), None)
    account = facts.account(first.possible_account_id or first.account_id) if first else None
    if account is None:
        return claimants, UNKNOWN, UNKNOWN, _band(case, sides), ""
    region = account.subdivision or account.country or UNKNOWN
    return claimants, region, account.segment or UNKNOWN, _band(case, sides), account.name


def _name(facts: Facts, claimant: str) -> str:
    return "Direct team" if claimant == DIRECT else facts.name_of(claimant)


def _tier(facts: Facts, claimant: str) -> str:
    tier = facts.tier_of(claimant)
    return "Direct team" if claimant == DIRECT else tier.name if tier else UNKNOWN


def _band(case: Case, sides: Sides) -> str:
    """The largest amount among the claims, by the steps of the authority matrix."""
    amount = max((claim.amount for claim in case.claims if claim.amount is not None), default=None)
    if amount is None:
        return UNKNOWN
    least = max(step for step in sides.bands if step <= amount or step == 0)
    above = next((step for step in sides.bands if step > least), None)
    return f"{least:,} or more" if above is None else f"{least:,} to {above:,}" if least else f"below {above:,}"
