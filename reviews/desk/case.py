"""The case page: everything that a decision needs, as one frozen value made of one read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conflicts.models import Finding
from conflicts.wording import listing, money
from reviews.desk import told
from reviews.desk.advice import Advice, advice
from reviews.desk.claims import ClaimTable, claim_table
from reviews.desk.decide import Panel, panel
from reviews.desk.family import FamilyCard, family_card
from reviews.desk.material import Material, claimant_of, gather
from reviews.desk.timeline import Timeline, timeline
from reviews.desk.words import Chip, ClockView, clock_of, kind_chip, products_text
from reviews.models import Case


@dataclass(frozen=True)
class Side:
    """A party as the forms offer it: who may get the deal, and who may be asked."""

    claimant: str
    name: str
    party_id: str
    registration: str


@dataclass(frozen=True)
class Found:
    """A finding: what it is, a sentence, and the registrations against which it stands."""

    chip: Chip
    sentence: str
    against: str
    blocking: bool
    confirmed: bool


@dataclass(frozen=True)
class CasePage:
    """What the template draws."""

    case: Case
    title: str
    products: str
    kind: Chip
    clock: ClockView
    amount: str
    policy: str
    status: str
    table: ClaimTable
    findings: list[Found]
    timeline: Timeline
    letters: list[told.Letter]
    messages: list[told.Spoken]
    notes: list[told.Spoken]
    acts: list[told.Act]
    advice: Advice
    family: FamilyCard
    support: list[str]
    panel: Panel
    changed: list[told.Act]
    ended: list[str]


def case_page(user: Any, case: Case, now: datetime, *, seen_version: int | None = None) -> CasePage:
    """The page of `case` (from `material.cases`) for `user`; with a seen version also what changed since."""
    m = gather(user, case, now)
    return CasePage(
        case=case,
        title=case.account.name,
        products=products_text(case.product_lines, m.lines),
        kind=kind_chip(case.kind, long=True),
        clock=clock_of(case, now, m.calendar, told.waits_for(m)),
        amount=money(case.amount, m.currency) if case.amount is not None else "amount unknown",
        policy=f"policy v{m.advice.policy.number}",
        status=case.get_status_display(),
        table=claim_table(m),
        findings=_findings(m),
        timeline=timeline(m),
        letters=told.letters(m),
        messages=told.messages(m),
        notes=told.notes(m),
        acts=told.acts(m),
        advice=advice(m),
        family=family_card(m),
        support=[row.partner.name if row.partner else "Direct team" for row in m.support],
        panel=panel(m),
        changed=told.changed_since(m, seen_version) if seen_version is not None else [],
        ended=told.protections_ended(m),
    )


def sides_of(case: Case) -> list[Side]:
    """The parties that are in a case now, in the order in which they joined."""
    return [
        Side(claimant_of(party), party.name, str(party.pk), party.registration.ref if party.registration else "")
        for party in case.parties.all()
    ]


def _findings(m: Material) -> list[Found]:
    """What stands against registrations; the same thing against several of them is said once."""
    said: dict[tuple[str, str, bool, bool], list[Finding]] = {}
    for finding in m.findings:
        key = (finding.kind, finding.sentence, finding.blocking, finding.identity_confirmed)
        said.setdefault(key, []).append(finding)
    return [
        Found(
            chip=Chip(kind.replace("_", " "), "bad" if blocking else "", "cross" if blocking else "info"),
            sentence=sentence,
            against=listing(f"{f.registration.claimant_name} {f.registration.ref}" for f in rows),
            blocking=blocking,
            confirmed=confirmed,
        )
        for (kind, sentence, blocking, confirmed), rows in said.items()
    ]
