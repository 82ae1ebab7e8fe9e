"""Claim against claim: the other live claims on the account or in its family, and earlier registrations."""

from __future__ import annotations

from collections import defaultdict

from conflicts import wording
from conflicts.claims import FAMILY, Claim, live_claims, overlapping, relation, roots_of, same_chain
from conflicts.detectors.finding import Citation, Finding, Sentence, cite_claim, cite_registration
from conflicts.facts import DIRECT, Facts, Registration, overlap
from conflicts.policy import Policy
from conflicts.windows import within_days

FAMILY_KINDS = frozenset({"competing_registration", "account_owned", "direct_engagement"})


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """duplicate_registration, resubmission, competing_registration, same_chain, account_owned, direct_engagement,
    co_sell and corporate_family."""
    claims, families = live_claims(facts, policy), defaultdict[str, list[Claim]](list)
    for claim in claims:
        for root in roots_of(facts, claim):
            families[root].append(claim)
    found = {}
    for members in families.values():
        for claim in members:
            for other in members:
                finding = _against(facts, policy, claim, other)
                if finding is not None:
                    found[claim.id, other.kind, other.id] = finding
    return list(found.values()) + _resubmissions(facts, policy, claims)


def _against(facts: Facts, policy: Policy, claim: Claim, other: Claim) -> Finding | None:
    """What a registration's claim meets in one other live claim."""
    if claim.kind != "registration" or claim is other or not overlapping(claim, other):
        return None
    related = relation(facts, claim, other)
    if related is None:
        return None
    where, confirmed = related
    kind = _kind(facts, claim, other)
    if where == FAMILY:
        kind = "corporate_family" if kind in FAMILY_KINDS else ""
    if not kind:
        return None
    return Finding(
        kind=kind,
        registration_id=claim.id,
        against_kind=other.kind,
        against_id=other.id,
        against_ref=other.ref,
        blocking=policy.findings[kind].blocks == "always",
        told=Sentence(
            lambda: (_sentence(facts, kind, claim, other), (cite_claim(facts, claim), cite_claim(facts, other)))
        ),
        identity_confirmed=confirmed,
    )


def _kind(facts: Facts, claim: Claim, other: Claim) -> str:
    """The kind that would hold on the same account; empty where the other is not against the claim."""
    if claim.claimant == other.claimant:
        return "duplicate_registration" if other.kind == "registration" and _earlier(other, claim) else ""
    if other.claimant == DIRECT:
        return "co_sell" if other.co_sell_partner_id == claim.claimant else "direct_engagement"
    if same_chain(facts, claim.claimant, other.claimant):
        return "same_chain" if other.kind == "registration" else ""
    return "competing_registration" if other.kind == "registration" else "account_owned"


def _earlier(one: Claim, other: Claim) -> bool:
    """Of two at the same instant exactly one is the earlier, so that both are never approved as two deals."""
    return one.since is not None and other.since is not None and (one.since, one.ref) < (other.since, other.ref)


def _sentence(facts: Facts, kind: str, claim: Claim, other: Claim) -> str:
    who, what = facts.name_of(other.claimant), wording.products(facts, other.product_lines)
    account, since = facts.account_name(min(other.account_ids, default="")), wording.on(other.since)
    mine = facts.name_of(claim.claimant)
    if kind == "corporate_family":
        verb = {"registration": "registered", "ownership": "owns", "opportunity": "has an open opportunity on"}
        return f"{who} {verb[other.kind]} {account}, another account of the same corporate family, for {what}."
    return {
        "duplicate_registration": f"{who} had already registered {account} for {what} on {since}.",
        "competing_registration": f"{who} registered {account} for {what} as well, on {since}.",
        "same_chain": f"{who}, of the same distribution chain, registered {account} on {since}: one claim.",
        "account_owned": f"{who} owns {account} for {what}.",
        "co_sell": f"{who} has named {mine} as its co-sell partner on {account} for {what}.",
        "direct_engagement": f"{who} {_direct_verb(other)} {account} for {what}.",
    }[kind]


def _direct_verb(other: Claim) -> str:
    verbs = {"registration": "itself registered", "ownership": "owns", "opportunity": "has an open opportunity on"}
    return verbs[other.kind]


def _resubmissions(facts: Facts, policy: Policy, claims: list[Claim]) -> list[Finding]:
    rejected: dict[str, list[Registration]] = defaultdict(list)
    for item in facts.registrations:
        if item.status == "rejected":
            rejected[item.claimant].append(item)
    found = []
    for claim in claims if rejected else ():
        registration = facts.registration(claim.id) if claim.kind == "registration" else None
        for past in rejected[claim.claimant] if registration else []:
            if registration is not None and _resubmits(policy, registration, past):
                found.append(_resubmission(facts, policy, registration, past))
    return found


def _resubmits(policy: Policy, registration: Registration, past: Registration) -> bool:
    return (
        _meeting_accounts(registration, past) is not None
        and overlap(registration.product_lines, past.product_lines)
        and past.submitted_at < registration.submitted_at
        and within_days(past.submitted_at, policy.parameters.lookback_days, registration.submitted_at)
    )


def _meeting_accounts(left: Registration, right: Registration) -> bool | None:
    """Whether they are confirmed to be on one account; None when they are not on one at all."""
    if left.account_id and left.account_id == right.account_id:
        return True
    ours, theirs = {left.account_id, left.possible_account_id}, {right.account_id, right.possible_account_id}
    return False if (ours & theirs) - {""} else None


def _resubmission(facts: Facts, policy: Policy, registration: Registration, past: Registration) -> Finding:
    def say() -> tuple[str, tuple[Citation, ...]]:
        renamed = past.account_name and past.account_name != registration.account_name
        account, called = facts.account_name(registration.judged_account_id), f" as {past.account_name}" * bool(renamed)
        text = f"{facts.name_of(past.claimant)} registered {account}{called} before, on {wording.on(past.submitted_at)}"
        return f"{text}, and was rejected.", (cite_registration(facts, registration), cite_registration(facts, past))

    return Finding(
        kind="resubmission",
        registration_id=registration.id,
        against_kind="registration",
        against_id=past.id,
        against_ref=past.ref,
        blocking=policy.findings["resubmission"].blocks == "always",
        told=Sentence(say),
        identity_confirmed=_meeting_accounts(registration, past) is True,
    )
