"""The eleven steps of the policy, in its order; the first that applies decides. Nothing here is a matter of taste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conflicts import wording
from conflicts.claims import registration_live
from conflicts.detectors.finding import Citation, Finding, cite_ownership, cite_registration
from conflicts.facts import DIRECT, Ownership, Registration
from conflicts.recommend.answer import DECIDES, HOLDS_NOT, NOT_REACHED, UNKNOWN, Outcome, TraceStep
from conflicts.recommend.weigh import Case, Standing, cite_activity, proof_of
from conflicts.windows import within_days


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one step says: an outcome, or why it does not hold and which facts it misses."""

    sentence: str
    outcome: Outcome | None = None
    cited: tuple[Citation, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome, the step that gave it and the trace of all steps."""

    outcome: Outcome
    step: str
    verdict: Verdict
    trace: tuple[TraceStep, ...]


def decide(case: Case) -> Decided:
    """Ask the steps in order."""
    trace: list[TraceStep] = []
    decided: tuple[str, Verdict, Outcome] | None = None
    for name, ask in STEPS.items():
        rule = case.policy.rules[name]
        if decided is not None:
            trace.append(TraceStep(rule.id, name, rule.title, NOT_REACHED, "An earlier rule decides."))
            continue
        verdict = ask(case)
        state = DECIDES if verdict.outcome else UNKNOWN if verdict.unknown else HOLDS_NOT
        trace.append(TraceStep(rule.id, name, rule.title, state, wording.sentence(verdict.sentence), verdict.unknown))
        decided = (name, verdict, verdict.outcome) if verdict.outcome else None
    assert decided is not None  # the last step always decides
    step, verdict, outcome = decided
    return Decided(outcome, step, verdict, tuple(trace))


def _eligibility(case: Case) -> Verdict:
    blocking = [item for item in case.findings if item.blocking]
    cited = tuple(citation for item in blocking for citation in item.evidence)
    if not case.eligible:
        why = " ".join(dict.fromkeys(item.sentence for item in blocking))
        return Verdict(f"No claim is eligible. {why}".strip(), Outcome("reject_all"), cited)
    out = sorted({_who(case, item) for item in blocking})
    if not out:
        return Verdict("Every claim is eligible.", cited=cited)
    return Verdict(f"A registration of {wording.listing(out)} is not eligible; other claims are.", cited=cited)


def _reserved_account(case: Case) -> Verdict:
    found = case.findings_of("reserved_account")
    if not found:
        return Verdict("No eligible registration is on a reserved account.")
    partners = list(dict.fromkeys(_claimant(case, item) for item in found))
    worked = tuple(partner for partner in partners if _has_worked(case, partner))
    cited = tuple(citation for item in found for citation in item.evidence)
    reserved = " ".join(dict.fromkeys(item.sentence for item in found))
    if not worked:
        text = f"{reserved} No partner has shown {_needed(case)} or more, so the direct team keeps it."
        return Verdict(text, Outcome("direct_retained", DIRECT), cited)
    names = wording.listing(case.facts.name_of(partner) for partner in worked)
    text = f"{reserved} {names} has shown {_needed(case)} or more and supports the direct team."
    proofs = (proof_of(case, _registrations_of(case, partner)) for partner in worked)
    cited += tuple(cite_activity(case.facts, item) for item in proofs if item is not None)
    return Verdict(text, Outcome("co_sell", DIRECT, worked), cited)


def _co_sell_agreed(case: Case) -> Verdict:
    found = case.findings_of("co_sell")
    order = {item.id: number for number, item in enumerate(case.registrations())}
    first = min(found, key=lambda item: order[item.registration_id], default=None)
    if first is None:
        return Verdict("The direct team has named no partner with an eligible registration as its co-sell partner.")
    partner = _claimant(case, first)
    text = f"The direct team has named {case.facts.name_of(partner)} as its co-sell partner on this account."
    return Verdict(text, Outcome("co_sell", partner, (DIRECT,)), first.evidence)


def _protection_held(case: Case) -> Verdict:
    approved = [item for item in case.registrations() if item.status == "approved"]
    if not approved:
        return Verdict("No eligible registration is approved and protected.")
    days = case.policy.parameters.follow_up_days
    for item in approved:
        recent = [
            activity
            for activity in case.facts.activities_of(item.id)
            if within_days(activity.occurred_on, days, case.facts.at)
        ]
        if recent and registration_live(item, case.facts.at):
            last = max(recent, key=lambda activity: (str(activity.occurred_on), activity.ref, activity.id))
            name, until = case.facts.name_of(item.claimant), wording.on(item.protected_until)
            text = f"{name} holds protection until {until} and was active on it on {wording.on(last.occurred_on)}."
            held = (cite_registration(case.facts, item), cite_activity(case.facts, last))
            return Verdict(text, Outcome("award", item.claimant), held)
    names = _names(case, approved)
    cited = tuple(cite_registration(case.facts, item) for item in approved)
    return Verdict(f"{names} holds protection without an activity in the last {days} days.", cited=cited)


def _owner_working(case: Case) -> Verdict:
    live = {item.id for item in case.eligible if item.kind == "ownership" and item.claimant != DIRECT}
    rank = {item.id: number for number, item in enumerate(case.claims)}
    owned = sorted((item for item in case.facts.ownerships if item.id in live), key=lambda item: rank[item.id])
    if not owned:
        return Verdict("No partner owns the account.")
    working = [item for item in owned if _works(case, item)]
    cited = tuple(cite_ownership(case.facts, item) for item in owned)
    if working:
        first = working[0]
        name, account = case.facts.name_of(first.owner), case.facts.account_name(first.account_id)
        return Verdict(
            f"{name} owns {account} and works it.",
            Outcome("award", first.owner),
            (cite_ownership(case.facts, first),),
        )
    days, names = (
        case.policy.parameters.follow_up_days,
        wording.listing(sorted({case.facts.name_of(item.owner) for item in owned})),
    )
    unknown = tuple(
        f"The last activity of {case.facts.name_of(item.owner)} as owner of "
        f"{case.facts.account_name(item.account_id)} is unknown."
        for item in owned
        if item.last_activity_at is None
    )
    return Verdict(f"{names} owns the account, but is not known to work it ({days} days).", None, cited, unknown)


def _only_one(case: Case) -> Verdict:
    if len(case.claimants) != 1:
        names = wording.listing(case.facts.name_of(item.id) for item in case.claimants)
        return Verdict(f"{names} {'all' if len(case.claimants) > 2 else 'both'} have an eligible claim.")
    only = case.claimants[0]
    chain = wording.listing(case.facts.name_of(item) for item in only.members[1:])
    text = f"Only {case.facts.name_of(only.id)} has an eligible claim{f' (with {chain}, one chain)' if chain else ''}."
    return Verdict(text, Outcome("award", only.id))


def _score(case: Case) -> Verdict:
    top, second = case.standings[:2]
    lead, margin = top.total - second.total, case.policy.parameters.margin
    names = case.facts.name_of(top.claimant.id), case.facts.name_of(second.claimant.id)
    unknown = tuple(row.sentence for item in case.standings for row in item.rows if not row.known)
    if lead >= margin:
        text = (
            f"{names[0]} leads {names[1]} by {lead} points ({top.total} to {second.total}); a lead of {margin} decides."
        )
        cited = tuple(citation for row in top.rows if row.points for citation in row.cited)
        return Verdict(text, Outcome("award", top.claimant.id), cited, unknown)
    apart = f"are {lead} points apart ({top.total} to {second.total})" if lead else f"have {top.total} points each"
    text = f"{names[0]} and {names[1]} {apart}; a lead of {margin} would decide."
    return Verdict(text, unknown=unknown)


def _no_proof(case: Case) -> Verdict:
    if all(item.proof < case.policy.proof_points_needed for item in case.standings):
        text = f"Nobody has shown {_needed(case)} or more, so all are asked for information."
        return Verdict(text, Outcome("request_information"))
    return Verdict(f"Some claimant has shown {_needed(case)} or more.")


def _partner_and_direct(case: Case) -> Verdict:
    top = [item.claimant.id for item in case.standings[:2]]
    if DIRECT not in top:
        return Verdict("The direct team is not one of the two leading claimants.")
    partner = next(item for item in top if item != DIRECT)
    text = f"{case.facts.name_of(partner)} and the direct team are close together, so they sell together."
    return Verdict(text, Outcome("co_sell", partner, (DIRECT,)))


def _both_worked(case: Case) -> Verdict:
    top = case.standings[:2]
    idle = [item for item in top if item.proof < case.policy.proof_points_needed]
    if idle:
        return Verdict(f"{_listed(case, idle)} has not shown {_needed(case)} or more.")
    shares = dict.fromkeys(sorted(item.claimant.id for item in top), 50)
    return Verdict(f"Both {_listed(case, list(top))} have worked the account alike.", Outcome("split", shares=shares))


def _otherwise(case: Case) -> Verdict:
    return Verdict("The records do not decide between the leading claimants, so a person mediates.", Outcome("mediate"))


STEPS: dict[str, Callable[[Case], Verdict]] = {
    "eligibility": _eligibility,
    "reserved_account": _reserved_account,
    "co_sell_agreed": _co_sell_agreed,
    "protection_held": _protection_held,
    "owner_working": _owner_working,
    "only_one": _only_one,
    "score": _score,
    "no_proof": _no_proof,
    "partner_and_direct": _partner_and_direct,
    "both_worked": _both_worked,
    "otherwise": _otherwise,
}


def _works(case: Case, ownership: Ownership) -> bool:
    days, at = case.policy.parameters.follow_up_days, case.facts.at
    return within_days(ownership.last_activity_at, days, at) or within_days(ownership.valid_from, days, at)


def _claimant(case: Case, finding: Finding) -> str:
    registration = case.facts.registration(finding.registration_id)
    return registration.claimant if registration else ""


def _who(case: Case, finding: Finding) -> str:
    return case.facts.name_of(_claimant(case, finding))


def _registrations_of(case: Case, partner: str) -> list[str]:
    return [item.id for item in case.registrations() if item.claimant == partner]


def _has_worked(case: Case, partner: str) -> bool:
    best = proof_of(case, _registrations_of(case, partner))
    return best is not None and case.policy.scoring.proof[best.kind] >= case.policy.proof_points_needed


def _needed(case: Case) -> str:
    return wording.proof(case.policy.parameters.proof_needed)


def _names(case: Case, registrations: list[Registration]) -> str:
    return wording.listing(sorted({case.facts.name_of(item.claimant) for item in registrations}))


def _listed(case: Case, standings: list[Standing]) -> str:
    return wording.listing(case.facts.name_of(item.claimant.id) for item in standings)
