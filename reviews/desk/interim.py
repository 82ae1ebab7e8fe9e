"""The appeal and the hold of a case as its page shows them: grounds, new evidence, who may answer, who speaks."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from channelconflict.models import User
from partners.models import Activity
from partners.permissions import DECIDING_ROLES, Role, staff_in
from reviews.choices import DIRECT
from reviews.desk.decide import Button
from reviews.desk.material import Material
from reviews.desk.words import choice_title, day_of, stamp
from reviews.models import Appeal, AppealStatus, Case, Hold, Party, PartyOutcome
from reviews.permissions import label
from reviews.services.appeals import answering_step, choice_in, confirming_step
from reviews.services.holds import HOLD_DAYS, why_no_hold
from reviews.states import Act, CaseStatus, WrongStateError, check_can

HOURS_A_DAY = 24


@dataclass(frozen=True)
class Ground:
    """One appeal: who, why, what it says, the work that came with it, and how it was answered."""

    number: str
    who: str
    ground: str
    text: str
    filed: str
    work: list[str]
    state: str
    told: str


@dataclass(frozen=True)
class Waiting:
    """An answer that waits for a second person, or the one that was settled."""

    outcome: str
    title: str
    by: str
    role: str
    when: str
    reasons: str
    told: str


@dataclass(frozen=True)
class HoldView:
    """A running hold."""

    until: str
    speaks: str
    by: str
    since: str
    reason: str


@dataclass(frozen=True)
class Interim:
    """Both cards, and what their forms are filled with."""

    appealed: bool
    grounds: list[Ground]
    waiting: Waiting | None
    settled: Waiting | None
    answer: Button
    confirm: Button | None
    file: Button | None
    may_appeal: list[tuple[str, str]]
    appeal_until: str
    held: HoldView | None
    hold: Button | None
    end_hold: Button | None
    people: list[tuple[str, str]]
    hold_until: date


def interim_card(m: Material) -> Interim:
    """What the page of a case shows of its appeals and its hold."""
    may_appeal = sides_that_may_appeal(m.case, m.now, {appeal.party_id for appeal in m.appeals})
    held = next((hold for hold in m.holds if hold.ended_at is None), None)
    hold, end = _hold_buttons(m, held)
    ends = max((p.appeal_until for p in m.parties if p.appeal_until), default=None)
    return Interim(
        appealed=m.case.status == CaseStatus.APPEALED,
        grounds=_grounds(m),
        waiting=_waiting(m),
        settled=_settled(m),
        answer=Button("Answer", reverse("review:answer_appeal", args=[m.case.pk]), "", _why_no_answer(m)),
        confirm=_confirm(m),
        file=_file(m) if may_appeal else None,
        may_appeal=may_appeal,
        appeal_until=day_of(ends) if ends and m.now <= ends else "",
        held=_held(m, held) if held else None,
        hold=hold,
        end_hold=end,
        people=_people(m) if hold and not hold.disabled else [],
        hold_until=(m.calendar.add_hours(m.now, HOLD_DAYS * HOURS_A_DAY) - timedelta(seconds=1)).date(),
    )


def sides_that_may_appeal(case: Case, now: datetime, appealed: Iterable[Any] | None = None) -> list[tuple[str, str]]:
    """The sides for which an appeal can still be filed: id and name."""
    if case.status not in (CaseStatus.DECIDED, CaseStatus.APPEALED):
        return []
    parties = [party for party in case.parties.all() if _may_appeal(party, now)]
    done = (
        set(Appeal.objects.filter(party__in=parties).values_list("party", flat=True))
        if appealed is None
        else set(appealed)
    )
    return [(str(party.pk), party.name) for party in parties if party.pk not in done]


def _may_appeal(party: Party, now: datetime) -> bool:
    lost = party.outcome not in (PartyOutcome.OPEN, PartyOutcome.OWNER) and party.registration_id
    return bool(lost and party.appeal_until and now <= party.appeal_until)


def _people(m: Material) -> list[tuple[str, str]]:
    """As `deciders`, but from those who might facilitate, where the page has them: a thousand people are read once."""
    among = m.stages.candidates
    if not among:
        return deciders(m.case.program_id)
    return [(str(one.user.pk), str(one.user)) for one in among if one.roles & set(DECIDING_ROLES)]


def deciders(program_id: uuid.UUID) -> list[tuple[str, str]]:
    """The staff who may speak to a buyer: everybody with a deciding role, by name."""
    people = ((str(user.pk), str(user)) for user in staff_in(program_id, DECIDING_ROLES).only(*User.NAMED))
    return sorted(people, key=lambda row: (row[1], row[0]))


def _grounds(m: Material) -> list[Ground]:
    wanted = [key for appeal in m.appeals for key in appeal.activities]
    work = {a.pk: a for a in Activity.objects.filter(pk__in=wanted)} if wanted else {}
    return [_ground(appeal, work) for appeal in m.appeals]


def _ground(appeal: Appeal, work: dict[uuid.UUID, Activity]) -> Ground:
    added = sorted((work[k] for k in appeal.activities if k in work), key=lambda a: (a.occurred_on, str(a.pk)))
    return Ground(
        number=appeal.number,
        who=appeal.party.name,
        ground=str(appeal.get_ground_display()),
        text=appeal.text,
        filed=stamp(appeal.filed_at),
        work=[f"{a.get_kind_display()}, {day_of(a.occurred_on)}{f': {a.note}' if a.note else ''}" for a in added],
        state=str(appeal.get_status_display()) if appeal.answered_at else "",
        told=appeal.answer,
    )


def _pending(m: Material) -> Any:
    unsettled = [answer for answer in m.answers if answer.settled_at is None]
    return unsettled[-1] if unsettled and m.case.status == CaseStatus.APPEALED and m.case.pending else None


def _waiting(m: Material) -> Waiting | None:
    pending = _pending(m)
    return _shown(m, pending) if pending else None


def _settled(m: Material) -> Waiting | None:
    settled = [answer for answer in m.answers if answer.settled_at]
    return _shown(m, settled[-1]) if settled else None


def _shown(m: Material, answer: Any) -> Waiting:
    choice = choice_in(answer)
    outcome = AppealStatus(answer.outcome).label
    return Waiting(
        outcome=str(outcome),
        title=choice_title(choice, m.name) if choice else "Nothing changes",
        by="you" if answer.answered_by_id == m.user.pk else str(answer.answered_by),
        role=Role(answer.role).label.lower(),
        when=stamp(answer.answered_at),
        reasons=answer.reasons,
        told=answer.told,
    )


def _open(m: Material) -> list[Appeal]:
    return [appeal for appeal in m.appeals if appeal.status == AppealStatus.OPEN]


def _why_no_answer(m: Material) -> str:
    return answering_step(m.user, m.case, _open(m), m.approvals).why_not


def _confirm(m: Material) -> Button | None:
    pending = _pending(m)
    if pending is None:
        return None
    why = confirming_step(m.user, m.case, pending, _open(m), m.approvals).why_not
    who = label(m.case.pending[0])
    return Button(f"Stand behind it, as {who}", reverse("review:confirm_appeal", args=[m.case.pk]), "1", why)


def _file(m: Material) -> Button:
    return Button("File an appeal for a side…", reverse("review:file_appeal", args=[m.case.pk]))


def _hold_buttons(m: Material, held: Hold | None) -> tuple[Button | None, Button | None]:
    why = why_no_hold(m.user, m.case)
    if held:
        return None, Button("End the hold now", reverse("review:end_hold", args=[m.case.pk]), "", why)
    try:
        check_can(m.case.status, Act.HOLD)
    except WrongStateError:
        return None, None
    return Button("Put all claims on hold…", reverse("review:hold", args=[m.case.pk]), "", why), None


def _held(m: Material, hold: Hold) -> HoldView:
    return HoldView(
        until=stamp(hold.until),
        speaks=speaker_of(hold),
        by="you" if hold.begun_by_id == m.user.pk else str(hold.begun_by),
        since=stamp(hold.begun_at),
        reason=hold.reason,
    )


def speaker_of(hold: Hold) -> str:
    """Who speaks to the buyer, as staff read it."""
    return hold.party.name if hold.party else str(hold.coordinator)


def events_of(m: Material) -> list[tuple[str, datetime, str, str, str]]:
    """What the timeline tells of appeals and holds: claimant, when, what, source, and who in words."""
    found = [(str(a.partner_id or DIRECT), a.filed_at, "appeal filed", a.number, a.party.name) for a in m.appeals]
    for hold in m.holds:
        found.append((DIRECT, hold.begun_at, f"on hold until {day_of(hold.until)}", "hold", "The vendor"))
        if hold.ended_at:
            found.append((DIRECT, hold.ended_at, "hold ended", "hold", "The vendor"))
    return found
