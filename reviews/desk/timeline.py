"""The order of events as one axis, drawn by the server: first touch, registrations, activities, CRM, protection."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from conflicts.windows import instant
from partners.models import ActivityKind
from reviews.desk.claims import mark_of, side_of
from reviews.desk.first_opinions import opinion_events
from reviews.desk.interim import events_of
from reviews.desk.material import Material
from reviews.desk.stage_card import stage_events
from reviews.desk.words import day_of, stamp

LEFT, RIGHT, LETTER = 16, 684, 6.6  # the drawing is 700 wide; a letter of a label is about so wide
BELOW, ABOVE = ("bottom", "bottom2"), ("top", "top2")  # work goes below the axis, claims above it
DRAWN = 12
CLAIM, WORK, OTHER = 3, 2, 1  # how telling an event is


@dataclass(frozen=True)
class Event:
    """One thing that happened; `x` and `lane` place its label."""

    at: datetime
    side: str
    party: str
    label: str
    when: str
    source: str
    weight: int = OTHER
    x: float = 0
    lane: str = ""
    anchor: str = "middle"
    mark: str = ""
    url: str = ""


@dataclass(frozen=True)
class Span:
    """A protection, from when to when."""

    x: float
    width: float
    side: str
    label: str


@dataclass(frozen=True)
class Timeline:
    """What is drawn, and the whole of it as a table."""

    events: list[Event]
    spans: list[Span]
    everything: list[Event]
    parties: list[tuple[str, str, str]]
    left_out: int


def timeline(m: Material) -> Timeline:
    """The events of a case in order of time; what does not fit into the drawing stands in the table."""
    everything = sorted(_events(m), key=lambda event: (event.at, event.party, event.label))
    drawn = _most_telling(everything)
    places = _places([event.at for event in drawn])
    events = _laid_out([replace(event, x=x) for event, x in zip(drawn, places, strict=True)])
    parties = [(side_of(m, claimant), m.name(claimant), mark_of(m, claimant)) for claimant in m.claimants]
    return Timeline(events, _spans(m, drawn, places), everything, parties, len(everything) - len(drawn))


def _events(m: Material) -> list[Event]:
    found: list[Event] = []
    for claim in m.live:
        if claim.since is not None:
            what = {"registration": claim.ref, "ownership": "owner", "opportunity": f"{claim.ref} opened"}[claim.kind]
            source = {"registration": "registration", "ownership": "our records", "opportunity": "CRM"}[claim.kind]
            found.append(_event(m, claim.claimant, claim.since, what, source, CLAIM))
        for number, activity in enumerate(sorted(m.facts.activities_of(claim.id), key=lambda a: str(a.occurred_on))):
            label = ActivityKind(activity.kind).label.lower() if activity.kind in ActivityKind.values else activity.kind
            cited = m.label("activity", activity.id)
            first = "first touch: " if number == 0 else ""
            source = f"activity [{cited}]" if cited else "activity"
            found.append(_event(m, claim.claimant, activity.occurred_on, f"{first}{label}", source, WORK))
    records: list[Any] = [*m.facts.ownerships, *m.facts.opportunities]
    known = {claim.id: claim for claim in m.live}
    for record in records:
        claim = known.get(record.id)
        if claim and record.last_activity_at:
            found.append(_event(m, claim.claimant, record.last_activity_at, "CRM activity", claim.ref, OTHER))
    found += [
        _event(m, claimant, item.protected_from, f"protected until {day_of(item.protected_until)}", item.ref, OTHER)
        for claimant, item in _protected(m)
    ]
    for claimant, at, label, source, who in events_of(m):
        found.append(replace(_event(m, claimant, at, label, source, OTHER), party=who))
    found += [Event(at, "desk", "Review desk", what, stamp(at), source) for at, what, source in stage_events(m)]
    found += [Event(at, "desk", who, what, stamp(at), "first opinion") for at, who, what in opinion_events(m)]
    return found


def _event(m: Material, claimant: str, at: Any, label: str, source: str, weight: int) -> Event:
    when = stamp(at) if isinstance(at, datetime) else day_of(at)
    mark = mark_of(m, claimant)
    return Event(instant(at), side_of(m, claimant), m.name(claimant), label, when, source, weight, mark=mark)


def _protected(m: Material) -> list[tuple[str, Any]]:
    live = {claim.id for claim in m.live}
    return [(r.claimant, r) for r in m.facts.registrations if r.id in live and r.protected_from and r.protected_until]


def _most_telling(events: list[Event]) -> list[Event]:
    """So many as can be read: registrations first, then activities, the later ones first."""
    ranked = sorted(range(len(events)), key=lambda i: (-events[i].weight, -i))[:DRAWN]
    return [events[i] for i in sorted(ranked)]


def _places(moments: list[datetime]) -> list[float]:
    """Half by time, half by order: always in order, never on one heap when one event lies far back."""
    if len(moments) < 2:
        return [(LEFT + RIGHT) / 2 for _ in moments]
    whole = (moments[-1] - moments[0]).total_seconds() or 1
    shares = [(at - moments[0]).total_seconds() / whole for at in moments]
    last = len(moments) - 1
    return [round(LEFT + (RIGHT - LEFT) * (share + i / last) / 2, 1) for i, share in enumerate(shares)]


def _laid_out(events: list[Event]) -> list[Event]:
    """Put each label into the first lane where it touches no other; one that fits nowhere goes unlabelled."""
    ends = dict.fromkeys((*BELOW, *ABOVE), -100.0)
    placed = []
    for event in events:
        short = replace(event, when=f"{event.at:%-d %b}", label=event.label.removeprefix("first touch: "))
        width = len(f"{short.when} {short.label}") * LETTER
        begin, anchor = event.x - width / 2, "middle"
        if begin < 0:
            begin, anchor = event.x - 8, "start"
        elif begin + width > RIGHT + LEFT:
            begin, anchor = event.x + 8 - width, "end"
        x = event.x
        lanes = (*ABOVE, *BELOW) if event.weight == CLAIM else (*BELOW, *ABOVE)
        lane = next((lane for lane in lanes if ends[lane] + 10 <= begin), "none")
        if lane in ends:
            ends[lane] = begin + width
        placed.append(replace(short, x=x, lane=lane, anchor=anchor))
    return placed


def _spans(m: Material, drawn: list[Event], places: list[float]) -> list[Span]:
    """Protection from its beginning to the end of the axis (it lasts beyond today, or it would not be live)."""
    found = []
    for claimant, item in _protected(m):
        begin = next((x for event, x in zip(drawn, places, strict=True) if event.at >= item.protected_from), LEFT)
        label = f"{m.name(claimant)}: protected {day_of(item.protected_from)} – {day_of(item.protected_until)}"
        found.append(Span(begin, round(RIGHT - begin, 1), side_of(m, claimant), label))
    return found
