"""The case page: everything that a decision needs, as one frozen value made of one read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conflicts.models import Finding, OutputPart, Recommendation
from conflicts.policy import Policy
from conflicts.wording import listing, money
from partners.permissions import roles_in
from reviews.desk import told
from reviews.desk.advice import Advice, advice
from reviews.desk.claims import ClaimTable, claim_table
from reviews.desk.decide import Panel, panel
from reviews.desk.family import FamilyCard, family_card
from reviews.desk.feedback import Asked
from reviews.desk.first_opinions import Opinion, opinions_said
from reviews.desk.ground import GroundCard, ground_card
from reviews.desk.interim import Interim, interim_card
from reviews.desk.leaving import Leaving, leaving, never_left
from reviews.desk.material import Material, claimant_of, gather
from reviews.desk.playbooks import PlayCard, play_card
from reviews.desk.precedents import PrecedentCard, precedent_card
from reviews.desk.stage_card import StageCard, stage_card
from reviews.desk.timeline import Timeline, timeline
from reviews.desk.words import Chip, ClockView, clock_of, kind_chip, products_text, stamp, title_case
from reviews.facilitators import Candidate
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
    asked: Asked
    snoozed: str = ""
    why: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """What the template draws."""

    case: Case
    title: str
    products: str
    kind: Chip
    clock: ClockView
    amount: str
    status: str
    table: ClaimTable
    findings: list[Found]
    timeline: Timeline
    letters: list[told.Letter]
    messages: list[told.Spoken]
    notes: list[told.Spoken]
    acts: list[told.Act]
    advice: Advice
    precedents: PrecedentCard
    playbook: PlayCard
    family: FamilyCard
    ground: GroundCard
    support: list[str]
    panel: Panel
    changed: list[told.Act]
    ended: list[str]
    leaving: Leaving | None
    never_left: str
    snoozable: list[tuple[str, str]]
    recommendation: Recommendation
    may_say: bool
    interim: Interim
    stages: StageCard
    facilitators: list[Candidate]
    untold: str
    opinions: list[Opinion]

    @property
    def barred(self) -> list[Candidate]:
        """Who may not facilitate."""
        return [one for one in self.facilitators if one.why_not]

    @property
    def asked(self) -> list[Asked]:
        """Everything that reviewers can say a word on; whatever is shown with buttons is here."""
        second = self.advice.opinion
        summary = [second.asked] if second.asked else []
        others: list[Any] = [*self.advice.reasons, *second.reasons, *self.precedents.rows, *self.findings]
        return [self.advice.asked, *summary, *(item.asked for item in others)]


def case_page(user: Any, case: Case, now: datetime, *, seen_version: int | None = None) -> CasePage:
    """The page of `case` (from `material.cases`) for `user`; with a seen version also what changed since."""
    m = gather(user, case, now)
    return CasePage(
        case=case,
        title=case.account.name,
        products=products_text(case.product_lines, m.lines),
        kind=kind_chip(case.kind, long=True),
        clock=clock_of(case, now, m.calendar, told.waits_for(m), m.asleep_until),
        amount=money(case.amount, m.currency) if case.amount is not None else "amount unknown",
        status=case.get_status_display(),
        table=claim_table(m),
        findings=_findings(m),
        timeline=timeline(m),
        letters=told.letters(m),
        messages=told.messages(m),
        notes=told.notes(m),
        acts=told.acts(m),
        advice=advice(m),
        precedents=precedent_card(m),
        playbook=play_card(m),
        family=family_card(m),
        ground=ground_card(m),
        support=[row.partner.name if row.partner else "Direct team" for row in m.support],
        panel=panel(m),
        changed=told.changed_since(m, seen_version) if seen_version is not None else [],
        ended=told.protections_ended(m),
        leaving=leaving(m),
        never_left=never_left(m),
        snoozable=can_be_snoozed(m.findings, m.policy) if m.undecided else [],
        recommendation=m.advice,
        may_say=bool(roles_in(user, case.program_id)),
        interim=interim_card(m),
        stages=stage_card(m),
        facilitators=m.stages.candidates,
        untold=listing(party.name for party in m.parties if party.partner_id and party.registration_id is None),
        opinions=opinions_said(m),
    )


def sides_of(case: Case) -> list[Side]:
    """The parties that are in a case now, in the order in which they joined."""
    return [
        Side(claimant_of(party), party.name, str(party.pk), party.registration.ref if party.registration else "")
        for party in case.parties.all()
    ]


def _findings(m: Material) -> list[Found]:
    """What stands against registrations; the same thing against several of them is said once."""
    said: dict[tuple[Any, ...], list[Finding]] = {}
    for f in m.findings:
        key = (f.kind, f.sentence, f.blocking, f.identity_confirmed, f.snoozed_until, f.snooze_reason)
        said.setdefault(key, []).append(f)
    return [_found(rows, m) for rows in said.values()]


def _found(rows: list[Finding], m: Material) -> Found:
    """Findings that say the same; a snoozed one says until when, by whom and why."""
    first = rows[0]
    by = "you" if first.snoozed_by_id == m.user.pk else first.snoozed_by
    against = listing(f"{f.registration.claimant_name} {f.registration.ref}" for f in rows)
    words = f"{first.sentence} ({'blocks' if first.blocking else 'against'} {against})"
    return Found(
        chip=Chip(first.kind.replace("_", " "), "bad" if first.blocking else "", "cross" if first.blocking else "info"),
        sentence=first.sentence,
        against=against,
        blocking=first.blocking,
        confirmed=first.identity_confirmed,
        asked=m.ask(OutputPart.FINDING, first.kind, words),
        snoozed=f"snoozed until {stamp(first.snoozed_until)} by {by}" if first.snoozed_until else "",
        why=first.snooze_reason,
        ids=tuple(str(f.pk) for f in rows),
    )


def can_be_snoozed(findings: Iterable[Finding], policy: Policy) -> list[tuple[str, str]]:
    """The findings that make a case and are awake: their ids (those that say the same together) and their sentence."""
    said: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        if policy.makes_case(finding.kind) and finding.snoozed_until is None:
            said.setdefault((finding.kind, finding.sentence), []).append(str(finding.pk))
    return [(" ".join(ids), f"{title_case(kind.replace('_', ' '))}: {text}") for (kind, text), ids in said.items()]
