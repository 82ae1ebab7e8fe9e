"""Routing a lead: its customer is resolved as a registration's would be, then its candidates are ranked (leads.py)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from conflicts.facts import DIRECT
from conflicts.facts import Account as AccountFacts
from conflicts.identity.resolve import Resolution, resolve
from conflicts.leads import Candidate, following, ranked
from conflicts.load import load_facts, rules_bearing
from conflicts.services import policy_in_force
from conflicts.territories import looked_up
from partners.models import Agreement, AgreementStatus, Lead, Partner, PartnerStatus, Registration

NO_PAPER = "It has no active agreement for these products."


@dataclass(frozen=True)
class Routed:
    """Who a lead may be offered to, the best first, with names; `recommended` is None for a tie or for nobody."""

    resolution: Resolution
    candidates: tuple[tuple[Candidate, str], ...]  # with the claimant's name
    passed_over: tuple[tuple[str, str], ...]  # name and why
    recommended: Candidate | None
    tie: bool

    def name_of(self, claimant: str) -> str:
        """How a candidate is called."""
        return next((name for candidate, name in self.candidates if candidate.claimant == claimant), "")


def route_lead(lead: Lead, at: datetime, *, without: Iterable[uuid.UUID] = ()) -> Routed:
    """Find a lead's candidates at `at`; `without` are partners that had it already. A fixed number of queries."""
    found = resolve(_as_registration(lead))
    account = lead.account or found.same
    facts = load_facts(lead.program, [account.pk] if account else [], at)
    known = facts.account(str(account.merged_into_id or account.pk)) if account else None
    asked = _filled(known, lead)
    # By what the lead says too, as it may know more of its place than we do.
    keys = looked_up((asked.id, asked.ref), asked.country, asked.subdivision, asked.postal_code)
    facts = replace(facts, territories=rules_bearing(lead.program, keys))
    groups = ranked(facts, asked, frozenset(lead.product_lines), policy_in_force(lead.program).policy)
    names, unable = _able(lead, groups, at)
    able = [tuple(c for c in group if c.claimant not in unable) for group in groups]
    recommended = following([group for group in able if group], frozenset(str(pk) for pk in without))
    left = [c for group in able for c in group]
    return Routed(
        resolution=found,
        candidates=tuple((c, names.get(c.claimant, "Direct team")) for c in left),
        passed_over=tuple((names[c.claimant], NO_PAPER) for group in groups for c in group if c.claimant in unable),
        recommended=recommended,
        tie=recommended is None and any(c.claimant not in {str(pk) for pk in without} for c in left),
    )


def _as_registration(lead: Lead) -> Registration:
    """What the customer is known by, in the words of a registration: nothing of it is saved."""
    return Registration(
        program=lead.program, direct=True, account_name=lead.customer_name, account_domain=lead.customer_domain,
        account_country=lead.country, account_subdivision=lead.subdivision, account_city=lead.city,
        account_postal_code=lead.postal_code, contact_email=lead.contact_email, created_at=lead.received_at,
    )  # fmt: skip


def _filled(known: AccountFacts | None, lead: Lead) -> AccountFacts:
    """The account as we know it, its gaps filled by what the lead says; a new customer is only what the lead says."""
    said: dict[str, Any] = {
        "country": lead.country, "subdivision": lead.subdivision, "city": lead.city, "postal_code": lead.postal_code,
        "industry": lead.industry, "employees": lead.employees,
    }  # fmt: skip
    if known is None:
        return AccountFacts(id="", ref="", name=lead.customer_name, **said)
    return replace(known, **{name: value for name, value in said.items() if getattr(known, name) in ("", None)})


def _able(lead: Lead, groups: list[tuple[Candidate, ...]], at: datetime) -> tuple[dict[str, str], set[str]]:
    """The names of the candidates, and those that may not sell what is asked for: inactive, or without a paper."""
    ids = [c.claimant for group in groups for c in group if c.claimant != DIRECT]
    partners = {str(p.pk): p for p in Partner.objects.filter(pk__in=ids)}
    papers = Agreement.objects.filter(partner_id__in=ids, status=AgreementStatus.ACTIVE).in_force_on(at.date())
    sells: dict[str, list[list[str]]] = {}
    for partner_id, lines in papers.values_list("partner_id", "product_lines"):
        sells.setdefault(str(partner_id), []).append(lines)
    unable = {key for key, partner in partners.items() if partner.status != PartnerStatus.ACTIVE}
    unable |= {key for key in partners if not _covered(lead.product_lines, sells.get(key, []))}
    return {key: partner.name for key, partner in partners.items()}, unable


def _covered(lines: list[str], papers: list[list[str]]) -> bool:
    return any(not paper for paper in papers) or (bool(papers) and set(lines) <= {line for p in papers for line in p})
