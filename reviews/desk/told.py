"""What each side is told and has said: previews of the notices, messages, internal notes, and the record of acts."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from partners.forms import AnswerForm
from reviews.desk.material import Material
from reviews.desk.words import Chip, stamp
from reviews.frames import DECISIONS
from reviews.models import NoticeKind
from reviews.services.agreed import choice_of_proposal
from reviews.services.decisions import choice_of, recommended_choice
from reviews.services.frames import templates_of
from reviews.services.statements import preview

_TONES = {NoticeKind.APPROVED: "good", NoticeKind.SHARED: "good", NoticeKind.SUPPORT: "acc"}
ACTS = {
    "case.opened": "opened",
    "case.reassessed": "reassessed: facts changed",
    "case.recommendation_changed": "recommendation changed: approvals start again",
    "case.claimed": "taken",
    "case.released": "given back",
    "case.first_opinion": "a first opinion said, before the recommendation showed",
    "case.noted": "note added",
    "case.concern_joined": "a concern was raised about it",
    "case.item_done": "an item of the playbook done",
    "case.item_undone": "an item of the playbook not done after all",
    "case.lesson_written": "a lesson written",
    "case.viewed": "opened for reading",
    "case.information_requested": "information requested",
    "case.resumed": "the clock runs again",
    "case.findings_snoozed": "findings snoozed",
    "case.findings_woke": "snoozed findings count again",
    "case.snoozed": "snoozed: the clock stands",
    "case.escalated": "escalated to the next role",
    "case.asked_to_settle": "the sides were asked to settle: the clock stands",
    "case.mediation_opened": "mediation begun: the clock stands",
    "case.outcome_proposed": "an outcome proposed to every side",
    "case.proposal_withdrawn": "the proposal taken back",
    "case.proposal_declined": "a side declined the proposal",
    "case.proposal_accepted": "every side accepted the proposal",
    "case.agreed": "the talks ended in an agreement",
    "case.talks_ended": "the talks ended without an agreement",
    "case.mediation_noted": "the mediation's papers added to",
    "case.mediation_ticked": "a fact or an action item ticked",
    "case.step_approved": "step approved",
    "case.decided": "decided: nothing has left yet",
    "case.undone": "undone: in review again",
    "decision.taken_back": "the decision is taken back",
    "case.not_sent": "did not leave: the facts changed",
    "case.settled": "left: parties told, protection and writes follow",
    "case.protection_ended": "a protection ended",
    "case.dissolved": "dissolved: nothing stands against anybody",
    "case.appealed": "an appeal was taken up",
    "case.appeal_step": "the appeal was answered: a second person stands behind it",
    "case.appeal_answered": "the appeal was answered",
    "case.held": "all claims put on hold",
    "case.hold_ended": "the hold ended",
    "case.answered_on_hold": "a question was answered while on hold",
    "case.final": "final: the appeal window has passed",
    "case.closed": "closed: all writes are confirmed",
    "outbox.delivered": "written to a target",
    "outbox.dead": "a write needs a person",
}


@dataclass(frozen=True)
class Letter:
    """What one party reads (templates draw it by the filter `letter`); without a text nothing changes for it."""

    to: str
    ref: str
    chip: Chip
    subject: str
    body: str


@dataclass(frozen=True)
class Spoken:
    """A message to or from a party, or an internal note."""

    when: str
    who: str
    to: str
    body: str
    asked: str
    state: str


@dataclass(frozen=True)
class Act:
    """One link of the case's record."""

    what: str
    who: str
    when: str
    version: int | None


def letters(m: Material) -> list[Letter]:
    """The notices: as they would be sent on what stands or is recommended; of a decided case as they were sent."""
    if m.case.decided_at:
        return [
            _letter(str(n.partner or "Direct team"), n.registration_id, m, NoticeKind(n.kind), n.subject, n.body)
            for n in m.notices
        ]
    agreed = choice_of_proposal(m.stages.agreed) if m.stages.agreed and not m.standing else None
    choice = choice_of(m.standing) if m.standing else agreed or recommended_choice(m.advice)
    if choice is None or not (m.undecided or m.leaving):
        return []
    blocking: dict[Any, list[str]] = defaultdict(list)
    for finding in m.findings:
        if finding.blocking:
            blocking[finding.registration_id].append(finding.kind)
    claims = [claim for claim in m.claims.values() if claim.conflict_id == m.case.conflict_id]
    told = preview(
        choice=choice, recommendation=m.advice, claims=claims, blocking=blocking, at=m.case.settles_at or m.now,
        is_override=bool(m.standing and m.standing.is_override),
        templates=templates_of(m.case.program, DECISIONS),
        agreed=bool(agreed or (m.standing and m.standing.agreed_in_id)),
    )  # fmt: skip
    return [
        _letter(
            item.registration.claimant_name,
            item.registration.pk,
            m,
            item.kind,
            item.text.subject if item.text else "Nothing changes: its registration stays as it is.",
            item.text.body if item.text else "",
        )
        for item in told
    ]


def _letter(to: str, registration_id: Any, m: Material, kind: NoticeKind, subject: str, body: str) -> Letter:
    claim = m.claims.get(str(registration_id))
    ref = claim.registration.ref if claim and claim.registration else ""
    return Letter(to, ref, Chip(kind.label.lower(), _TONES.get(kind, "")), subject, body)


def messages(m: Material) -> list[Spoken]:
    """What was asked and answered, the earlier first."""
    return [
        Spoken(
            when=stamp(item.sent_at),
            who=item.party.name if item.from_party else m.person(item.author_id),
            to="" if item.from_party else item.party.name,
            body=item.body,
            asked=", ".join(dict.fromkeys(_field(name) for name in item.requested_fields)),
            state=""
            if item.from_party
            else f"answered {stamp(item.answered_at)}"
            if item.answered_at
            else "waits for an answer",
        )
        for item in m.messages
    ]


def waits_for(m: Material) -> list[str]:
    """The parties that owe an answer."""
    return list(dict.fromkeys(i.party.name for i in m.messages if not i.from_party and i.answered_at is None))


def _field(column: str) -> str:
    field = AnswerForm.base_fields.get(column)
    return str(field.label).lower() if field else column.removeprefix("account_").replace("_", " ")


def notes(m: Material) -> list[Spoken]:
    """Internal notes, the earlier first."""
    return [
        Spoken(stamp(n.written_at), "you" if n.author_id == m.user.pk else str(n.author), "", n.text, "", "")
        for n in m.notes
    ]


def acts(m: Material) -> list[Act]:
    """The case's record, the latest first."""
    found = []
    for event in m.events:
        version = json.loads(event.body).get("facts", {}).get("version")
        what = ACTS.get(event.action, event.action.replace(".", ": ").replace("_", " "))
        found.append(Act(what, m.person(event.actor_id), stamp(event.at), version))
    return found


def changed_since(m: Material, seen_version: int) -> list[Act]:
    """What happened to a case after the version that somebody saw, the earlier first."""
    return [act for act in reversed(acts(m)) if act.version is not None and act.version > seen_version]


def protections_ended(m: Material) -> list[str]:
    """Whose protection ended while the case was open: those who waited behind it are judged without it."""
    if not m.undecided:
        return []
    events = [event for event in m.events if event.action == "case.protection_ended"]
    whose = [event.private.get("whose", {}).get("value", "a registration") for event in events]
    return [
        f"The protection of {name} ended ({stamp(event.at)}): the claims are looked at without it."
        for event, name in zip(events, whose, strict=True)
    ]
