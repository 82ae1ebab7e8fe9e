"""Which live registrations a change of rules concerns, and which territory findings would appear or go."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from conflicts.detectors import territory
from conflicts.detectors.lifting import lifting_exception
from conflicts.drafting.rules import Rules
from conflicts.drafting.where import live_claims
from conflicts.facts import Facts, Territory
from conflicts.load import load_facts, with_assignees
from conflicts.policy import Policy
from conflicts.territories import Ground

MOST = 500  # registrations that a preview judges


@dataclass(frozen=True)
class Effect:
    """A finding that would appear or go."""

    registration_id: str
    ref: str
    claimant: str
    account: str
    kind: str
    blocking: bool
    sentence: str


@dataclass
class Effects:
    """What a change does to live registrations: findings that would appear and go; `judged` of `concerned` were judged."""

    concerned: int = 0
    judged: int = 0
    appear: list[Effect] = field(default_factory=list)
    go: list[Effect] = field(default_factory=list)

    def in_order(self) -> "Effects":
        """The same, by registration."""
        for several in (self.appear, self.go):
            several.sort(key=lambda effect: (effect.ref, effect.kind, effect.sentence))
        return self

    def by_party(self) -> dict[str, tuple[int, int]]:
        """Claimant -> how many findings appear, how many go."""
        more, fewer = (Counter(effect.claimant for effect in effects) for effects in (self.appear, self.go))
        return {party: (more[party], fewer[party]) for party in more.keys() | fewer.keys()}


def effects(rules: Rules, policy: Policy, at: datetime) -> Effects:
    """The territory findings before and after, each registration judged on the day that it was submitted."""
    differing = rules.change.differing()
    parties = {one.assignee for rule in differing for one in rule.assignments}
    concerned, newest = live_claims(rules.program.pk, differing, parties, at, MOST)
    if not newest:
        return Effects()
    facts = load_facts(rules.program, [account for _, account in newest], at)
    wanted = {str(registration) for registration, _ in newest}
    facts = replace(facts, registrations=tuple(r for r in facts.registrations if r.id in wanted))
    both = [_that_matter(facts, one) for one in (rules.change.before, rules.change.after)]
    facts = with_assignees(rules.program, facts, chain.from_iterable(both))
    before, after = (_found(replace(facts, territories=tuple(one)), policy) for one in both)
    return Effects(
        concerned, len(wanted),
        [after[key] for key in after.keys() - before.keys()], [before[key] for key in before.keys() - after.keys()],
    ).in_order()  # fmt: skip


def _found(facts: Facts, policy: Policy) -> dict[tuple[str, str, str, bool], Effect]:
    found = {}
    for finding in territory.detect(facts, policy):
        registration = facts.registration(finding.registration_id)
        if registration is None or lifting_exception(facts, finding) is not None:
            continue
        found[registration.id, finding.kind, finding.against_id, finding.blocking] = Effect(
            registration.id, registration.ref, registration.claimant, facts.account_name(registration.judged_account_id),
            finding.kind, finding.blocking, finding.sentence,
        )  # fmt: skip
    return found


def _that_matter(facts: Facts, rules: Sequence[Territory]) -> list[Territory]:
    """The rules that cover one of the accounts, and those of the claimants and of whom they buy through."""
    ground, parties = Ground.of(rules), {r.claimant for r in facts.registrations}
    parties |= {p.distributor_id for p in facts.partners if p.id in parties and p.distributor_id}
    covering = {id(rule) for account in facts.accounts for rule in ground.covering(account)}
    return [rule for rule in rules if id(rule) in covering or any(a.assignee in parties for a in rule.assignments)]
