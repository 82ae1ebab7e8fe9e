"""The decide card: its buttons and why one is disabled, the route, what waits for a second person, the outcome."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from conflicts.wording import listing
from partners.permissions import Role
from reviews.desk.decided import is_decided
from reviews.desk.material import Material
from reviews.desk.stage_card import why_not_hand_on, why_not_mediate, why_not_while_talking
from reviews.desk.words import Chip, choice_title, stamp, title_case
from reviews.models import Approval, Decision, Outbox, OutboxStatus
from reviews.permissions import label, why_no_lead, why_only_reads
from reviews.services.agreed import choice_of_proposal
from reviews.services.decisions import choice_of, recommended_choice
from reviews.states import ACTIVE, Act, CaseStatus, WrongStateError, check_can

_PAUSED = "A question is open: the clock is paused until it is answered."
_ASLEEP = "Everything that makes this a case is snoozed: wake it to decide."


@dataclass(frozen=True)
class Button:
    """A decision for the template: what it says, where it leads, and why it cannot be pressed."""

    label: str
    url: str
    key: str = ""
    why: str = ""

    @property
    def disabled(self) -> bool:
        """There is a reason against it."""
        return bool(self.why)


@dataclass(frozen=True)
class RouteStep:
    """One approval of the route: done, next or to come."""

    label: str
    state: str
    note: str


@dataclass(frozen=True)
class Chosen:
    """What somebody chose: as what, when, and, if it differs from the recommendation, why."""

    title: str
    by: str
    role: str
    when: str
    override: bool
    reason: str
    text: str
    number: int
    agreed: bool = False


@dataclass(frozen=True)
class Write:
    """One write to a target: field by field before and after, and how far it is."""

    target: str
    object_ref: str
    chip: Chip
    fields: list[tuple[str, str, str]]
    note: str


@dataclass(frozen=True)
class Outcome:
    """A decided case: what, by whom, on which facts, and the writes."""

    chosen: Chosen
    rule: str
    when: str
    snapshot: str
    version: int
    writes: list[Write]


@dataclass(frozen=True)
class Panel:
    """The whole card."""

    approve: Button
    owner: Button
    share: Button
    ask: Button
    take_back: Button | None
    claim: Button | None
    release: Button | None
    holder: str
    why: str
    route: list[RouteStep]
    route_note: str
    waiting: Chosen | None
    outcome: Outcome | None
    act: dict[str, str]
    snooze: Button
    wake: Button | None
    mediate: Button
    escalate: Button
    skip: Button | None
    skips: str
    assigned: str
    assign: str


def panel(m: Material) -> Panel:
    """The decide card of a case for its reader."""
    act = {name: reverse(f"review:{name}", args=[m.case.pk]) for name in ("decide", "ask", "note", "identity")}
    why = _why_not_decide(m)
    standing = choice_of(m.standing) if m.standing else None
    agreed = choice_of_proposal(m.stages.agreed) if m.stages.agreed else None
    choice = standing or agreed or recommended_choice(m.advice)
    no_outcome = "" if choice else "The rules recommend no outcome: choose one yourself, or ask for evidence."
    title = choice_title(choice, m.name) if choice else ""
    mine, others = _holder(m)
    return Panel(
        approve=Button(
            f"Approve: {title}" if title else "Approve",
            reverse("review:approve", args=[m.case.pk]),
            "1",
            why or no_outcome,
        ),
        owner=Button("Another owner…", act["decide"], "2", why),
        share=Button("Split or co-sell…", act["decide"], "3", why),
        ask=Button("Ask for evidence…", act["ask"], "5", _why_not_ask(m)),
        take_back=_take_back(m),
        claim=None
        if mine or not m.undecided or m.case.status == CaseStatus.SNOOZED
        else Button("Take case", reverse("review:claim", args=[m.case.pk]), "t", _only_reads(m)),
        release=Button("Give it back", reverse("review:release", args=[m.case.pk])) if mine and m.undecided else None,
        holder="you are deciding" if mine else f"{others} is deciding" if others else "",
        why=why,
        route=_route(m),
        route_note=_route_note(m),
        waiting=_chosen(m, m.standing) if m.standing and m.undecided else None,
        outcome=_outcome(m) if is_decided(m.case) and m.decisions else None,
        act=act,
        snooze=Button("Snooze…", reverse("review:snooze_findings", args=[m.case.pk]), "h", _why_not_snooze(m, why)),
        wake=_wake(m),
        mediate=Button("Mediate…", reverse("review:mediate", args=[m.case.pk]), "4", why_not_mediate(m)),
        escalate=Button("Escalate…", reverse("review:escalate", args=[m.case.pk]), "e", why_not_hand_on(m)),
        skip=None if why else Button("Skip…", reverse("review:skip", args=[m.case.pk]), "n"),
        skips=_skips(m),
        assigned=("you" if m.case.assignee_id == m.user.pk else str(m.case.assignee or "")) if m.undecided else "",
        assign=_assign_url(m),
    )


def _assign_url(m: Material) -> str:
    """Where a lead gives the case to somebody."""
    may = m.case.status in ACTIVE and not why_no_lead(m.user, m.case.program_id)
    return reverse("review:assign", args=[m.case.pk]) if may else ""


def _skips(m: Material) -> str:
    """Who passed the case by, how often, and why the last time."""
    if not m.skips:
        return ""
    last = {skip.user_id: skip for skip in m.skips}.values()
    who = [f"{'you' if s.user_id == m.user.pk else s.user} ({s.text or s.get_reason_display()})" for s in last]
    times = f"{len(m.skips)} times" if len(m.skips) > 1 else "once"
    return f"Skipped {times}: {listing(who)}."


def _why_not_snooze(m: Material, why: str) -> str:
    if why or any(m.policy.makes_case(finding.kind) and not finding.snoozed_until for finding in m.findings):
        return why
    return "There is nothing to snooze: no finding makes this a case."


def _wake(m: Material) -> Button | None:
    """The way back for whatever sleeps: whoever may decide may wake."""
    if not m.undecided or m.asleep_until is None:
        return None
    return Button("Wake now", reverse("review:wake_findings", args=[m.case.pk]), "w", _only_reads(m) or m.step.why_not)


def _take_back(m: Material) -> Button | None:
    if m.case.status != CaseStatus.AWAITING_INFORMATION:
        return None
    return Button("Take the question back", reverse("review:take_back", args=[m.case.pk]), "", _only_reads(m))


def _holder(m: Material) -> tuple[bool, str]:
    if m.holder is None or not m.undecided:
        return False, ""
    if m.holder.user_id == m.user.pk:
        return True, ""
    return False, str(m.holder.user) if m.holder.lease_until > m.now else ""


def _only_reads(m: Material) -> str:
    return why_only_reads(m.user, m.case)


def _why_not_decide(m: Material) -> str:
    if m.case.status == CaseStatus.AWAITING_INFORMATION:
        return _PAUSED
    if m.case.status == CaseStatus.SNOOZED:
        return _ASLEEP
    return why_not_while_talking(m) or _wrong_state(m, Act.COMPLETE) or _only_reads(m) or m.step.why_not


def _why_not_ask(m: Material) -> str:
    if m.case.status == CaseStatus.AWAITING_INFORMATION:
        return _PAUSED
    if m.case.status == CaseStatus.SNOOZED:
        return _ASLEEP
    return why_not_while_talking(m) or _wrong_state(m, Act.ASK) or _only_reads(m)


def _wrong_state(m: Material, act: Act) -> str:
    try:
        check_can(m.case.status, act)
    except WrongStateError as error:
        return str(error)
    return ""


def _route(m: Material) -> list[RouteStep]:
    """Who has approved what stands, whose turn it is, and who comes after."""
    done = [
        RouteStep(title_case(label(item.role)), "done", f"{item.approved_by} · {stamp(item.approved_at)}")
        for item in _approvals_of(m.approvals, m.standing)
    ]
    left = m.case.pending if m.undecided else []
    to_come = [
        RouteStep(title_case(label(step)), "next" if number == 0 else "to come", "next" if number == 0 else "to come")
        for number, step in enumerate(left)
    ]
    return [*done, *to_come]


def _approvals_of(approvals: Iterable[Approval], decision: Decision | None) -> list[Approval]:
    return [item for item in approvals if decision and item.decision_id == decision.pk]


def _route_note(m: Material) -> str:
    """Why the route is as it is: the row of the authority matrix that applied."""
    amount, kinds = m.case.amount or 0, {finding.kind for finding in m.findings}
    row = next((row for row in m.policy.routing.table if _applies(row, amount, kinds, m.advice.action)), None)
    if row is None:
        return ""
    if row.amount_at_least and amount >= row.amount_at_least:
        return f"Since {row.amount_at_least:,} {m.currency} or more is at stake."
    if kinds & set(row.findings):
        return "Since the account is reserved."
    if m.advice.action in row.actions:
        return f"Since the recommendation is to {m.advice.action.replace('_', ' ')}."
    return ""


def _applies(row: Any, amount: Any, kinds: set[str], action: str) -> bool:
    return amount >= row.amount_at_least or bool(kinds & set(row.findings)) or action in row.actions


def _chosen(m: Material, decision: Decision) -> Chosen:
    return Chosen(
        title=choice_title(choice_of(decision), m.name),
        by="you" if decision.decided_by_id == m.user.pk else str(decision.decided_by or "the product"),
        role=Role(decision.decided_as).label.lower() if decision.decided_as in Role.values else decision.decided_as,
        when=stamp(decision.decided_at),
        override=decision.is_override,
        reason=decision.get_reason_code_display() if decision.reason_code else "",
        text=decision.reason_text,
        number=decision.number,
        agreed=decision.agreed_in_id is not None,
    )


def _outcome(m: Material) -> Outcome:
    decision = m.decisions[-1]
    rule = f"{m.answer.rule_id} of policy v{m.advice.policy.number}"
    return Outcome(
        chosen=_chosen(m, decision),
        rule=rule,
        when=stamp(max(m.case.decided_at, decision.decided_at))
        if m.case.decided_at
        else f"leaves at {m.case.settles_at:%H:%M} UTC",
        snapshot=decision.snapshot_sha256,
        version=decision.case_version,
        writes=[_write(row) for row in m.outbox],
    )


def _write(row: Outbox) -> Write:
    chips = {
        OutboxStatus.WAITING: Chip("waiting", "", "clock"),
        OutboxStatus.SENDING: Chip("being sent", "", "send"),
        OutboxStatus.DELIVERED: Chip("written", "good", "check"),
        OutboxStatus.DEAD: Chip("needs a person", "bad", "alert"),
    }
    last = max(row.attempts.all(), key=lambda attempt: attempt.number, default=None)
    notes = [stamp(row.delivered_at)] if row.delivered_at else []
    if last and not row.delivered_at:
        notes.append(f"try {last.number}: {last.detail or last.result}")
    fields = [(name.replace("_", " "), _shown(before), _shown(after)) for name, before, after in row.preview]
    return Write(row.target.name, row.object_ref, chips[OutboxStatus(row.status)], fields, " · ".join(notes))


def _shown(value: str) -> str:
    """A written value; a moment as people read it."""
    if len(value) < len("2026-01-01T00:00"):
        return value.replace("_", " ")
    try:
        return stamp(datetime.fromisoformat(value))
    except ValueError:
        return value
