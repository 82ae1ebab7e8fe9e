"""The facts of a case in words: what holds or not, the records that show it, and what of it is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from conflicts import wording
from conflicts.claims import amount_of
from conflicts.detectors.finding import Citation, Finding, cite_account, cite_claim, cite_ownership, cite_registration
from conflicts.facts import DIRECT, Facts, Registration
from conflicts.policy.catalogue import FACTS, KINDS
from conflicts.recommend import derived
from conflicts.recommend.derived import Derived, Values
from conflicts.recommend.weigh import Case, Standing, cite_activity, cite_last_active, last_active

Told = tuple[str, tuple[Citation, ...], tuple[str, ...]]  # sentence, records, what is not known


def derive(case: Case, names: Iterable[str] = tuple(FACTS), values: Values | None = None) -> dict[str, Derived]:
    """These facts of a case, with their words. One that is unknown always says what is missing."""
    values = Values(case) if values is None else values
    found = {}
    for name in names:
        value = values[name]
        sentence, cited, unknown = TELLING[name](case)
        if value is None and not unknown:
            unknown = (sentence,)
        found[name] = Derived(value, wording.sentence(sentence), cited, tuple(map(wording.sentence, unknown)))
    return found


def unsure_of(facts: Facts, registration: Registration) -> str:
    """What a person has yet to say about the account of a registration; empty where nothing is open."""
    typed = f"{registration.account_name or facts.account_name(registration.account_id)} ({registration.ref})"
    if not registration.identity_confirmed:
        known = facts.account_name(registration.possible_account_id)
        return f"Whether {typed} is the same company as {known}: a person says first."
    if registration.related_account_id:
        return f"Whether {typed} is a relative of {facts.account_name(registration.related_account_id)}."
    return ""


def amount_missing(facts: Facts, registration: Registration) -> str:
    """That an amount is unknown in the program's currency; empty where it is known."""
    if amount_of(registration, facts.program.currency) is not None:
        return ""
    return f"The amount of {registration.ref} in {facts.program.currency} is unknown."


# --- claimants and findings ---


def _eligible_claimants(case: Case) -> Told:
    names = [case.facts.name_of(item.id) for item in case.claimants]
    blocking = [item for item in case.findings if item.blocking]
    if not names:
        why = " ".join(dict.fromkeys(item.sentence for item in blocking))
        return f"No claim is eligible. {why}".strip(), _evidence(blocking), ()
    cited = tuple(cite_claim(case.facts, claim) for claim in case.eligible)
    if len(names) > 1:
        return f"{wording.listing(names)} {'all' if len(names) > 2 else 'both'} have an eligible claim.", cited, ()
    chain = wording.listing(case.facts.name_of(item) for item in case.claimants[0].members[1:])
    with_chain = f" (with {chain}, one chain)" if chain else ""
    return f"Only {names[0]} has an eligible claim{with_chain}.", cited, ()


def _claimants(case: Case) -> Told:
    names = wording.listing(case.facts.name_of(item.id) for item in case.everybody)
    text = f"{names} {'claim' if len(case.everybody) > 1 else 'claims'} the account, eligible or not."
    return text, tuple(cite_claim(case.facts, claim) for claim in case.claims), ()


def _blocked_registrations(case: Case) -> Told:
    blocking = [item for item in case.findings if item.blocking]
    out = wording.listing(sorted({case.facts.name_of(derived.claimant_of(case, item)) for item in blocking}))
    text = f"A registration of {out} is not eligible." if out else "Every claim is eligible."
    return text, _evidence(blocking), ()


def _amount(case: Case) -> Told:
    currency = case.facts.program.currency
    known = [claim for claim in case.claims if claim.amount is not None]
    registrations = (case.facts.registration(claim.id) for claim in case.claims if claim.kind == "registration")
    unknown = tuple(filter(None, (amount_missing(case.facts, item) for item in registrations if item)))
    if not known:
        return "No amount is known among the claims.", (), unknown
    largest = max(known, key=lambda claim: (claim.amount or 0, claim.ref, claim.id))
    text = f"The largest amount among the claims is {wording.money(largest.amount, currency)}."
    return text, (cite_claim(case.facts, largest),), unknown


def _identity_confirmed(case: Case) -> Told:
    open_ = [unsure_of(case.facts, item) for item in derived.unsure(case)]
    return " ".join(open_) or "Every account was recognised for sure.", (), ()


def _finding(kind: str) -> Callable[[Case], Told]:
    def tell(case: Case) -> Told:
        found, title = case.findings_of(kind), case.policy.findings[kind].title
        if not found:
            return f'No eligible registration has the finding "{title}".', (), ()
        return " ".join(dict.fromkeys(item.sentence for item in found)), _evidence(found), ()

    return tell


def _evidence(findings: Iterable[Finding]) -> tuple[Citation, ...]:
    return tuple(citation for item in findings for citation in item.evidence)


# --- reserved, co-sell, protection, owner ---


def _reserved_account(case: Case) -> Told:
    found = case.findings_of("reserved_account")
    if not found:
        return "No eligible registration is on a reserved account.", (), ()
    return " ".join(dict.fromkeys(item.sentence for item in found)), _evidence(found), ()


def _reserved_workers(case: Case) -> Told:
    workers = derived.reserved_workers(case)
    if not workers:
        return f"No partner has shown {needed(case)} or more on a reserved account.", (), ()
    names = wording.listing(case.facts.name_of(partner) for partner in workers)
    proofs = (derived.best_activity(case, partner) for partner in workers)
    cited = tuple(cite_activity(case.facts, item) for item in proofs if item is not None)
    return f"{names} {'have' if len(workers) > 1 else 'has'} shown {needed(case)} or more.", cited, ()


def _co_sell_named(case: Case) -> Told:
    first = derived.co_sell_finding(case)
    if first is None:
        text = "The direct team has named no partner with an eligible registration as its co-sell partner."
        return text, (), ()
    name = case.facts.name_of(derived.claimant_of(case, first))
    return f"The direct team has named {name} as its co-sell partner on this account.", first.evidence, ()


def _protection_active(case: Case) -> Told:
    held, approved = derived.protected(case), derived.approved(case)
    if held:
        item, last = held
        name, until = case.facts.name_of(item.claimant), wording.on(item.protected_until)
        text = f"{name} holds protection until {until} and was active on it on {wording.on(last.occurred_on)}."
        return text, (cite_registration(case.facts, item), cite_activity(case.facts, last)), ()
    if not approved:
        return "No eligible registration is approved and protected.", (), ()
    names = wording.listing(sorted({case.facts.name_of(item.claimant) for item in approved}))
    days, cited = case.policy.parameters.follow_up_days, tuple(cite_registration(case.facts, i) for i in approved)
    return f"{names} holds protection without an activity in the last {days} days.", cited, ()


def _owner_working(case: Case) -> Told:
    first, owned = derived.working(case), derived.owned(case)
    if first is not None:
        name, account = case.facts.name_of(first.owner), case.facts.account_name(first.account_id)
        return f"{name} owns {account} and works it.", (cite_ownership(case.facts, first),), ()
    if not owned:
        return "No partner owns the account.", (), ()
    names = wording.listing(sorted({case.facts.name_of(item.owner) for item in owned}))
    unknown = tuple(
        f"The last activity of {case.facts.name_of(item.owner)} as owner of "
        f"{case.facts.account_name(item.account_id)} is unknown."
        for item in owned
        if item.last_activity_at is None
    )
    text = f"{names} owns the account, but is not known to work it ({case.policy.parameters.follow_up_days} days)."
    return text, tuple(cite_ownership(case.facts, item) for item in owned), unknown


# --- the score ---


def _of_two(tell: Callable[[Case, Standing, Standing], Told]) -> Callable[[Case], Told]:
    """What compares the two leading claimants; unknown where there are not two."""

    def told(case: Case) -> Told:
        if len(case.standings) < 2:
            return "There are no two claimants with an eligible claim to compare.", (), ()
        return tell(case, *case.standings[:2])

    return told


def _lead(case: Case, top: Standing, second: Standing) -> Told:
    lead, names = top.total - second.total, [case.facts.name_of(item.claimant.id) for item in (top, second)]
    unknown = tuple(row.sentence for item in case.standings for row in item.rows if not row.known)
    totals = f"({top.total} to {second.total})"
    cited = tuple(citation for row in top.rows if row.points for citation in row.cited)
    if lead >= case.policy.parameters.margin:
        return f"{names[0]} leads {names[1]} by {lead} points {totals}.", cited, unknown
    apart = f"are {lead} points apart {totals}" if lead else f"have {top.total} points each"
    return f"{names[0]} and {names[1]} {apart}.", cited, unknown


def _best_proof(case: Case) -> Told:
    if not case.standings:
        return "No claimant has an eligible claim, so no proof of work counts.", (), ()
    best = max(case.standings, key=lambda item: item.proof)
    most = next(row for row in best.rows if row.criterion == "proof")
    if best.proof < case.policy.proof_points_needed:
        shown = f" The most: {most.sentence}" if best.proof else ""
        return f"Nobody has shown {needed(case)} or more.{shown}", _proofs(case.standings), ()
    return f"{case.facts.name_of(best.claimant.id)} has shown {needed(case)} or more.", most.cited, ()


def _lesser_proof(case: Case, top: Standing, second: Standing) -> Told:
    both = (top, second)
    idle = [item for item in both if item.proof < case.policy.proof_points_needed]
    names = wording.listing(case.facts.name_of(item.claimant.id) for item in idle or both)
    return f"{names} {'has not' if idle else 'have both'} shown {needed(case)} or more.", _proofs(both), ()


def _proofs(standings: Iterable[Standing]) -> tuple[Citation, ...]:
    return tuple(c for item in standings for row in item.rows if row.criterion == "proof" for c in row.cited)


def _direct_leads(case: Case, top: Standing, second: Standing) -> Told:
    partner = derived.top_partner(case)
    if not any(item.claimant.id == DIRECT for item in (top, second)):
        return "The direct team is not one of the two leading claimants.", (), ()
    cited = tuple(cite_claim(case.facts, item.claimant.claims[0]) for item in (top, second))
    return f"{case.facts.name_of(partner)} and the direct team are the two leading claimants.", cited, ()


def _top_tier(case: Case) -> Told:
    partner = derived.top_partner(case)
    tier = case.facts.tier_of(partner)
    if not partner:
        return "No partner is among the two leading claimants.", (), ()
    name = case.facts.name_of(partner)
    return (f"{name} is of tier {tier.name}." if tier else f"The tier of {name} is unknown."), (), ()


def _last_activity(case: Case) -> Told:
    if not case.standings:
        return "No claimant has an eligible claim.", (), ()
    leader = case.standings[0].claimant
    moment, cited = last_active(case.facts, leader), cite_last_active(case.facts, leader)
    name = case.facts.name_of(leader.id)
    if moment is None:
        return f"No activity of {name} is known.", (), ()
    return f"{name} was last active on {wording.on(moment)}.", cited, ()


def _first_claim(case: Case) -> Told:
    first = derived.first_moment(case)
    if first is None:
        return "When the earliest claim began is unknown.", (), ()
    claim = next(item for item in case.claims if item.since == first)
    name = case.facts.name_of(claim.claimant)
    undated = [item for item in case.claims if item.since is None]
    unknown = tuple(f"When the claim of {case.facts.name_of(item.claimant)} began is unknown." for item in undated)
    return f"The earliest claim is that of {name}, of {wording.on(first)}.", (cite_claim(case.facts, claim),), unknown


# --- the account ---


def _account(word: str, values: Callable[[Case], Iterable[object]]) -> Callable[[Case], Told]:
    def tell(case: Case) -> Told:
        known = sorted(
            {
                f"{value:,}" if isinstance(value, int) else str(value)
                for value in values(case)
                if value not in (None, "")
            }
        )
        cited = tuple(cite_account(item) for item in derived.accounts(case))
        names = wording.listing(item.name for item in derived.accounts(case)) or "the account"
        if not known:
            return f"The {word} of {names} is unknown.", cited, ()
        if len(known) > 1:
            return f"The accounts of the case differ in {word}: {wording.listing(known)}.", cited, ()
        return f"The {word} of {names} is {known[0]}.", cited, ()

    return tell


def needed(case: Case) -> str:
    """The proof of work from which on a claimant has worked the account, in words."""
    return wording.proof(case.policy.parameters.proof_needed)


TELLING: Mapping[str, Callable[[Case], Told]] = {
    "eligible_claimants": _eligible_claimants,
    "claimants": _claimants,
    "blocked_registrations": _blocked_registrations,
    "amount": _amount,
    "reserved_account": _reserved_account,
    "reserved_workers": _reserved_workers,
    "co_sell_named": _co_sell_named,
    "protection_active": _protection_active,
    "owner_working": _owner_working,
    "lead": _of_two(_lead),
    "best_proof": _best_proof,
    "lesser_proof": _of_two(_lesser_proof),
    "direct_leads": _of_two(_direct_leads),
    "top_tier": _top_tier,
    "account_segment": _account("segment", lambda c: (i.segment for i in derived.accounts(c))),
    "account_industry": _account("industry", lambda c: (i.industry for i in derived.accounts(c))),
    "account_region": _account("region", derived.places),
    "account_employees": _account("number of employees", lambda c: (i.employees for i in derived.accounts(c))),
    "first_claim": _first_claim,
    "last_activity": _last_activity,
    "identity_confirmed": _identity_confirmed,
} | {f"finding_{kind}": _finding(kind) for kind in KINDS}
