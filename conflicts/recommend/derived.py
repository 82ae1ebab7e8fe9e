"""What rules may ask of a case: the value of every fact of the catalogue, and whom the selectors name. A value is only
looked up when a rule asks for it; its words are in `telling`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from conflicts.claims import registration_live
from conflicts.detectors.finding import Citation, Finding
from conflicts.facts import DIRECT, Account, Activity, Ownership, Registration
from conflicts.policy.catalogue import KINDS
from conflicts.policy.conditions import Value
from conflicts.recommend.weigh import Case, Claimant, last_active, proof_of
from conflicts.windows import day, within_days


@dataclass(frozen=True, slots=True)
class Derived:
    """One fact of a case: its value (None where unknown), in words, the records, and what of it is not known."""

    value: Value | None
    sentence: str
    cited: tuple[Citation, ...] = ()
    unknown: tuple[str, ...] = ()


class Values(Mapping[str, "Value | None"]):
    """The values of a case by fact, each found when it is first asked for."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._found: dict[str, Value | None] = {}

    def __getitem__(self, fact: str) -> Value | None:
        if fact not in self._found:
            self._found[fact] = VALUES[fact](self.case)
        return self._found[fact]

    def __iter__(self) -> Iterator[str]:
        return iter(VALUES)

    def __len__(self) -> int:
        return len(VALUES)


# --- what stands behind several facts ---


def claimant_of(case: Case, finding: Finding) -> str:
    """Who registered what the finding is on."""
    registration = case.facts.registration(finding.registration_id)
    return registration.claimant if registration else ""


def reserved_workers(case: Case) -> tuple[str, ...]:
    """The partners with an eligible registration on a reserved account who have shown the proof of work needed."""
    partners = dict.fromkeys(claimant_of(case, item) for item in case.findings_of("reserved_account"))
    return tuple(partner for partner in partners if best_activity(case, partner) is not None)


def best_activity(case: Case, partner: str) -> Activity | None:
    """The activity by which a partner has worked the account, if what it proves is enough."""
    best = proof_of(case, [item.id for item in case.registrations() if item.claimant == partner])
    if best is None or case.policy.scoring.proof[best.kind] < case.policy.proof_points_needed:
        return None
    return best


def co_sell_finding(case: Case) -> Finding | None:
    """The co-sell finding on the earliest eligible registration."""
    order = {item.id: number for number, item in enumerate(case.registrations())}
    return min(case.findings_of("co_sell"), key=lambda item: order[item.registration_id], default=None)


def approved(case: Case) -> list[Registration]:
    """The eligible registrations that are approved."""
    return [item for item in case.registrations() if item.status == "approved"]


def protected(case: Case) -> tuple[Registration, Activity] | None:
    """The first eligible registration that is protected and was worked within the follow-up days, with its last activity."""
    days = case.policy.parameters.follow_up_days
    for item in approved(case):
        recent = [a for a in case.facts.activities_of(item.id) if within_days(a.occurred_on, days, case.facts.at)]
        if recent and registration_live(item, case.facts.at):
            return item, max(recent, key=lambda found: (str(found.occurred_on), found.ref, found.id))
    return None


def owned(case: Case) -> list[Ownership]:
    """Live ownerships of partners, the earlier first."""
    live = {item.id for item in case.eligible if item.kind == "ownership" and item.claimant != DIRECT}
    rank = {item.id: number for number, item in enumerate(case.claims)}
    return sorted((item for item in case.facts.ownerships if item.id in live), key=lambda item: rank[item.id])


def working(case: Case) -> Ownership | None:
    """The earliest ownership of a partner that works the account."""
    days, at = case.policy.parameters.follow_up_days, case.facts.at
    return next(
        (
            item
            for item in owned(case)
            if within_days(item.last_activity_at, days, at) or within_days(item.valid_from, days, at)
        ),
        None,
    )


def top_partner(case: Case) -> str:
    """The first partner of the two leading claimants."""
    return next((item.claimant.id for item in case.standings[:2] if item.claimant.id != DIRECT), "")


def unsure(case: Case) -> list[Registration]:
    """Registrations of the case of which a person has yet to say who the account is."""
    found = (case.facts.registration(claim.id) for claim in case.claims if claim.kind == "registration")
    return [item for item in found if item and (not item.identity_confirmed or item.related_account_id)]


def accounts(case: Case) -> list[Account]:
    """The accounts of the case, possible ones included."""
    found = (case.facts.account(key) for key in case.account_ids)
    return sorted((item for item in found if item is not None), key=lambda item: (item.ref, item.id))


def places(case: Case) -> set[str]:
    """Where the accounts are, as closely as is known; a country is left out where its subdivision is known too."""
    found = {item.subdivision or item.country for item in accounts(case)} - {""}
    return {code for code in found if not any(other.startswith(f"{code}-") for other in found)}


def first_moment(case: Case) -> datetime | None:
    """When the earliest claim began, as far as known."""
    return min((claim.since for claim in case.claims if claim.since), default=None)


# --- values ---


def _owner_working(case: Case) -> bool | None:
    if working(case) is not None:
        return True
    return None if any(item.last_activity_at is None for item in owned(case)) else False


def _lead(case: Case) -> int | None:
    top = case.standings[:2]
    return top[0].total - top[1].total if len(top) == 2 else None


def _lesser_proof(case: Case) -> int | None:
    top = case.standings[:2]
    return min(item.proof for item in top) if len(top) == 2 else None


def _direct_leads(case: Case) -> bool | None:
    top = case.standings[:2]
    return any(item.claimant.id == DIRECT for item in top) if len(top) == 2 else None


def _top_tier(case: Case) -> str | None:
    tier = case.facts.tier_of(top_partner(case))
    return tier.ref if tier else None


def _only(values: Iterable[str | int | None]) -> str | int | None:
    """The one value that is known; none where several are."""
    known = {value for value in values if value not in (None, "")}
    return known.pop() if len(known) == 1 else None


def _amount(case: Case) -> Decimal | None:
    return max((claim.amount for claim in case.claims if claim.amount is not None), default=None)


def _days_ago(case: Case, moment: datetime | date | None) -> int | None:
    """Whole days that have passed; a moment in the future is not known."""
    if moment is None:
        return None
    on = day(moment) if isinstance(moment, datetime) else moment
    days = (day(case.facts.at) - on).days
    return days if days >= 0 else None


def _last_activity(case: Case) -> int | None:
    if not case.standings:
        return None
    return _days_ago(case, last_active(case.facts, case.standings[0].claimant))


def _blocked(case: Case) -> int:
    mine = {claim.id for claim in case.claims if claim.kind == "registration"}
    return len(mine & {item.registration_id for item in case.findings if item.blocking})


def _holds(kind: str) -> Callable[[Case], Value | None]:
    return lambda case: bool(case.findings_of(kind))


VALUES: dict[str, Callable[[Case], Value | None]] = {
    "eligible_claimants": lambda case: len(case.claimants),
    "claimants": lambda case: len(case.everybody),
    "blocked_registrations": _blocked,
    "amount": _amount,
    "reserved_account": _holds("reserved_account"),
    "reserved_workers": lambda case: len(reserved_workers(case)),
    "co_sell_named": _holds("co_sell"),
    "protection_active": lambda case: protected(case) is not None,
    "owner_working": _owner_working,
    "lead": _lead,
    "best_proof": lambda case: max((item.proof for item in case.standings), default=None),
    "lesser_proof": _lesser_proof,
    "direct_leads": _direct_leads,
    "top_tier": _top_tier,
    "account_segment": lambda case: _only(item.segment for item in accounts(case)),
    "account_industry": lambda case: _only(item.industry for item in accounts(case)),
    "account_region": lambda case: _only(places(case)),
    "account_employees": lambda case: _only(item.employees for item in accounts(case)),
    "first_claim": lambda case: _days_ago(case, first_moment(case)),
    "last_activity": _last_activity,
    "identity_confirmed": lambda case: not unsure(case),
} | {f"finding_{kind}": _holds(kind) for kind in KINDS}


# --- whom an outcome names ---


def _first(parties: Iterable[Claimant]) -> str:
    return next((item.id for item in parties), "")


def _protection_holder(case: Case) -> str:
    held = protected(case)
    return held[0].claimant if held else ""


def _working_owner(case: Case) -> str:
    found = working(case)
    return found.owner if found else ""


def _co_sell_partner(case: Case) -> str:
    found = co_sell_finding(case)
    return claimant_of(case, found) if found else ""


WHO: dict[str, Callable[[Case], str]] = {
    "direct": lambda _: DIRECT,
    "only_claimant": lambda case: _first(case.claimants) if len(case.claimants) == 1 else "",
    "top_claimant": lambda case: _first(item.claimant for item in case.standings),
    "protection_holder": _protection_holder,
    "working_owner": _working_owner,
    "co_sell_partner": _co_sell_partner,
    "top_partner": top_partner,
}
GROUPS: dict[str, Callable[[Case], tuple[str, ...]]] = {
    "direct": lambda _: (DIRECT,),
    "reserved_workers": reserved_workers,
    "top_two": lambda case: tuple(item.claimant.id for item in case.standings[:2]),
}
