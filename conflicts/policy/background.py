"""What facts say of one another, because of how they are derived: no case can be against it. The static checks reason
with it; tests hold it against the facts of real cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conflicts.policy.catalogue import BOOL, CALLED, DIRECT_TEAM, FACTS, WHO, FactType
from conflicts.policy.conditions import ALWAYS, FALSE, TRUE, Condition, Group, Test, Value, state_of
from conflicts.policy.document import Policy
from conflicts.policy.rules import Rule, Then

Values = Mapping[str, Value | None]
PARTNERS = ("working_owner", "co_sell_partner", "top_partner")  # selectors that never find the direct team


@dataclass(frozen=True, slots=True)
class NotMore:
    """One number is never more than another, where both are known: what a test of one fact cannot say."""

    lesser: str
    greater: str


@dataclass(frozen=True, slots=True)
class Axiom:
    """A statement that is never false (it may be unknown), and why."""

    reason: str
    says: Condition | NotMore


def is_(fact: str, value: object = True) -> Test:
    """The fact has this value."""
    return Test(fact, "=", value)


def at_least(fact: str, number: int) -> Test:
    """The fact is so much or more."""
    return Test(fact, ">=", number)


def known(fact: str) -> Test:
    """The fact is known."""
    return Test(fact, "is_known", True)


def no(part: Condition) -> Group:
    """It does not hold."""
    return Group("not", (part,))


def only_if(part: Condition, needed: Condition) -> Group:
    """The one never holds without the other."""
    return Group("any", (no(part), needed))


_SOMEBODY = at_least("eligible_claimants", 1)
_TWO = at_least("eligible_claimants", 2)

# What no rule may ask, but whom its selectors find hangs on it. `left_...`: of those that support somebody is left who is
# not the owner.
_PARTNER = "partner_leads"
_LEFT = {
    ("top_claimant", DIRECT_TEAM): "The leading claimant is a partner",
    ("protection_holder", DIRECT_TEAM): "The protected deal is a partner's",
    **{
        (owner, "reserved_workers"): f"Not {CALLED[owner]} alone worked the reserved account"
        for owner in WHO
        if owner != DIRECT_TEAM
    },
    **{
        (owner, "top_two"): f"A leading claimant stands beside {CALLED[owner]}"
        for owner in ("protection_holder", "working_owner", "co_sell_partner")
    },
}


def _left(owner: str, support: str) -> str:
    return f"left_{owner}_{support}"


HIDDEN = {
    name: FactType(name, title, BOOL, "claims", optional=False)
    for name, title in (
        (_PARTNER, "A partner is one of the two leading claimants"),
        *((_left(*pair), title) for pair, title in _LEFT.items()),
    )
}
ALL_FACTS = FACTS | HIDDEN

# A selector finds somebody exactly where this holds.
_FINDS: dict[str, Condition] = {
    DIRECT_TEAM: ALWAYS,
    "only_claimant": is_("eligible_claimants", 1),
    "top_claimant": _SOMEBODY,
    "protection_holder": is_("protection_active"),
    "working_owner": is_("owner_working"),
    "co_sell_partner": is_("co_sell_named"),
    "top_partner": is_(_PARTNER),
    "reserved_workers": at_least("reserved_workers", 1),
    "top_two": _SOMEBODY,
}


def finds(then: Then) -> Condition:
    """Everybody is found whom the outcome names: between two there are two, and who supports is not the owner."""
    parts = [_FINDS[name] for name in then.selectors]
    if then.between:
        parts.append(_TWO)
    if then.support:
        parts.append(_somebody_left(then.owner, then.support))
    return Group("all", tuple(parts))


def _somebody_left(owner: str, support: str) -> Condition:
    """Somebody supports who is not the owner."""
    open_ = (is_(_left(owner, support)),) if (owner, support) in _LEFT else ()
    if support == "reserved_workers":
        return ALWAYS if owner == DIRECT_TEAM else Group("any", (at_least("reserved_workers", 2), *open_))
    if support == "top_two":
        return Group("any", (_TWO, *((is_(_PARTNER),) if owner == DIRECT_TEAM else open_)))
    if owner in ("only_claimant", "top_claimant"):
        alone = Group("all", (is_("eligible_claimants", 1), is_(_PARTNER)))
        return Group("any", (alone, *(Group("all", (_TWO, part)) for part in open_)))
    return ALWAYS if owner in PARTNERS else Group("any", open_)


# What holds whatever the policy says.
ALWAYS_SO = (
    Axiom("A case has a claim, so it has a claimant.", at_least("claimants", 1)),
    Axiom("Whoever has an eligible claim has a claim.", NotMore("eligible_claimants", "claimants")),
    Axiom("Only a blocked registration takes a claimant out.",
          only_if(is_("eligible_claimants", 0), at_least("blocked_registrations", 1))),
    Axiom("The reserved account is that of an eligible registration.", only_if(is_("reserved_account"), _SOMEBODY)),
    Axiom("Only partners on a reserved account count as its workers.",
          only_if(at_least("reserved_workers", 1), is_("reserved_account"))),
    Axiom("The account is reserved exactly when the finding says so.",
          only_if(is_("reserved_account"), is_("finding_reserved_account"))),
    Axiom("The account is reserved exactly when the finding says so.",
          only_if(is_("finding_reserved_account"), is_("reserved_account"))),
    Axiom("A co-sell partner is named exactly when the finding says so.",
          only_if(is_("co_sell_named"), is_("finding_co_sell"))),
    Axiom("A co-sell partner is named exactly when the finding says so.",
          only_if(is_("finding_co_sell"), is_("co_sell_named"))),
    Axiom("A protected deal is an eligible claim.", only_if(is_("protection_active"), _SOMEBODY)),
    Axiom("An owner that works the account has an eligible claim.", only_if(is_("owner_working"), _SOMEBODY)),
    *(Axiom("Findings are counted on eligible registrations only.", only_if(is_(name), _SOMEBODY))
      for name in FACTS if name.startswith("finding_")),
    *(Axiom("There are two leading claimants only where two are eligible.", only_if(known(name), _TWO))
      for name in ("lead", "lesser_proof", "direct_leads")),
    *(Axiom("With two eligible claimants their points can be counted.", only_if(_TWO, known(name)))
      for name in ("lead", "lesser_proof", "direct_leads")),
    Axiom("Whoever has an eligible claim has its points for proof of work.", only_if(_SOMEBODY, known("best_proof"))),
    *(Axiom("Without an eligible claim nobody leads.", only_if(known(name), _SOMEBODY))
      for name in ("best_proof", "top_tier", "last_activity")),
    Axiom("Of two leading claimants one is a partner: the direct team is one claimant.", only_if(_TWO, is_(_PARTNER))),
    Axiom("Without an eligible claim nobody leads.", only_if(is_(_PARTNER), _SOMEBODY)),
    Axiom("The leading claimant is a partner where the direct team is not one of the two.",
          only_if(is_("direct_leads", False), is_(_left("top_claimant", DIRECT_TEAM)))),
    Axiom("The tier is that of a leading partner.", only_if(known("top_tier"), is_(_PARTNER))),
    Axiom("The lesser proof of two is no more than the best of all.", NotMore("lesser_proof", "best_proof")),
)  # fmt: skip


def background(policy: Policy) -> tuple[Axiom, ...]:
    """All that holds of every case under this policy."""
    return (*ALWAYS_SO, *_of_blocking(policy), *_of_points(policy), *_of_segments(policy))


def _of_blocking(policy: Policy) -> Iterator[Axiom]:
    for kind, finding in policy.findings.items():
        if finding.blocks == "always":
            reason = f'"{finding.title}" blocks, and a blocked registration is not eligible.'
            yield Axiom(reason, is_(f"finding_{kind}", False))


def _of_points(policy: Policy) -> Iterator[Axiom]:
    proof = policy.scoring.proof
    for name in ("best_proof", "lesser_proof"):
        points = tuple(sorted({0, *proof.values()}))
        yield Axiom("Proof of work has the points of one of its kinds, or none.", Test(name, "in", points))
    worked = at_least("best_proof", policy.proof_points_needed)
    yield Axiom("Who worked a reserved account has shown the proof needed.",
                only_if(at_least("reserved_workers", 1), worked))  # fmt: skip
    yield Axiom("Nobody can lead by more points than there are.", Test("lead", "<=", most_points(policy)))


def most_points(policy: Policy) -> int:
    """The points of a claimant that has all there are."""
    scoring = policy.scoring
    activity = max((window.points for window in scoring.last_activity), default=0)
    alone = scoring.earliest + scoring.own_territory + scoring.closed_won + scoring.customer_letter
    return alone + activity + max(scoring.proof.values(), default=0)


def _of_segments(policy: Policy) -> Iterator[Axiom]:
    segments = policy.parameters.reserved_segments
    if not segments:
        yield Axiom("No segment is reserved for the direct team.", is_("reserved_account", False))
        return
    reserved = Test("account_segment", "in", segments)
    yield Axiom("A reserved account is of a reserved segment.", only_if(is_("reserved_account"), reserved))


# A case that nobody would look at twice: what an example does not need otherwise is as it is here.
def ordinary(policy: Policy) -> dict[str, Value]:
    """The values of an ordinary case: two partners, nothing special about either."""
    proof = policy.proof_points_needed
    values: dict[str, Value] = {name: name in HIDDEN for name, fact in ALL_FACTS.items() if fact.type == BOOL}
    return values | {
        "eligible_claimants": 2, "claimants": 2, "blocked_registrations": 0, "amount": 20_000, "reserved_workers": 0,
        "lead": 5, "best_proof": proof, "lesser_proof": proof, "top_tier": "silver", "account_segment": "enterprise",
        "account_industry": "retail", "account_region": "DE", "account_employees": 500, "first_claim": 30,
        "last_activity": 10, "identity_confirmed": True,
    }  # fmt: skip


def agrees(axiom: Axiom, values: Values) -> bool:
    """The values do not go against the axiom."""
    says = axiom.says
    if isinstance(says, NotMore):
        lesser, greater = values.get(says.lesser), values.get(says.greater)
        return lesser is None or greater is None or lesser <= greater  # type: ignore[operator]
    return state_of(says, values, {}) != FALSE


def against(values: Values, policy: Policy) -> list[str]:
    """Why no case can have these values: what is amiss by the catalogue, then the axioms that they break."""
    return [*_out_of_range(values), *(axiom.reason for axiom in background(policy) if not agrees(axiom, values))]


def _out_of_range(values: Values) -> Iterator[str]:
    for name, fact in ALL_FACTS.items():
        value: Any = values.get(name)
        if value is None:
            if not fact.optional:
                yield f"{fact.title} is always known."
        elif fact.least is not None and value < fact.least:
            yield f"{fact.title} is never below {fact.least}."
        elif fact.choices and value not in fact.choices:
            yield f"{fact.title} is one of {', '.join(fact.choices)}."


def decider(policy: Policy, values: Values) -> Rule | None:
    """The rule that decides a case of these facts; None where none does."""
    return next((rule for rule in policy.rules if holds(rule, policy, values)), None)


def holds(rule: Rule, policy: Policy, values: Values) -> bool:
    """The condition holds and everybody is found whom the rule names."""
    return state_of(rule.when, values, policy.numbers) == TRUE and state_of(finds(rule.then), values, {}) == TRUE
