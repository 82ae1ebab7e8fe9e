"""Playbooks as the desk shows them: the foldable block of a case, the list of kinds, and one kind with its history."""

from dataclasses import dataclass
from typing import Any

from channelconflict.models import User
from partners.models import Program
from partners.permissions import may
from reviews.desk.material import Material
from reviews.desk.words import stamp
from reviews.models import Playbook, PlaybookTick
from reviews.permissions import why_only_reads
from reviews.playbooks import STANDARD_PLAYS, Play, written
from reviews.services.playbooks import of_row, standard

HISTORY_SHOWN = 20


@dataclass(frozen=True)
class Item:
    """A line of the checklist: done or not, and who said so when."""

    text: str
    done: bool
    said: str
    earlier: bool = False  # ticked under words that the playbook does not have any more


@dataclass(frozen=True)
class PartyTexts:
    """The texts to one party, with its own names filled in."""

    party_id: str
    name: str
    question: str
    notice: str
    can_ask: bool


@dataclass(frozen=True)
class PlayCard:
    """The playbook block of a case page."""

    title: str
    kind: str
    own: bool
    items: list[Item]
    weigh: tuple[str, ...]
    texts: list[PartyTexts]
    why_not: str

    @property
    def done(self) -> int:
        """How many items of the present checklist are done."""
        return sum(item.done for item in self.items if not item.earlier)

    @property
    def of(self) -> int:
        """Of how many."""
        return sum(not item.earlier for item in self.items)


@dataclass(frozen=True)
class KindRow:
    """One kind in the list."""

    kind: str
    title: str
    items: int
    changed: str


@dataclass(frozen=True)
class PlayPage:
    """One kind's playbook, its versions, and whether `user` may change it."""

    play: Play
    version: int
    changed: str
    versions: list[tuple[int, str, str, str]]
    why_not: str
    is_standard: bool


def play_card(m: Material) -> PlayCard:
    """What the playbook of this kind says, and what of it was done: two queries, three when somebody ticked."""
    own = Playbook.objects.filter(program=m.case.program_id, kind=m.case.kind).first()
    play = of_row(own) if own else standard(m.case.kind)
    why_not = why_only_reads(m.user, m.case)
    if not why_not and not m.undecided:
        why_not = "The case is decided: its checklist stays as it was."
    return PlayCard(
        title=play.title,
        kind=play.kind,
        own=own is not None,
        items=_items(m, play),
        weigh=play.weigh,
        texts=_texts(m, play),
        why_not=why_not,
    )


def _items(m: Material, play: Play) -> list[Item]:
    ticks = list(PlaybookTick.objects.filter(case=m.case).order_by("said_at", "pk"))
    people = User.objects.in_bulk({tick.said_by_id for tick in ticks})
    by_item = {tick.item: tick for tick in ticks}

    def item(text: str, earlier: bool = False) -> Item:
        tick = by_item.get(text)
        if tick is None or not tick.done:
            return Item(text, False, "", earlier)
        who = "you" if tick.said_by_id == m.user.pk else str(people.get(tick.said_by_id, "somebody"))
        return Item(text, True, f"{who}, {stamp(tick.said_at)}", earlier)

    before = [tick.item for tick in ticks if tick.done and tick.item not in play.gather]
    return [*(item(text) for text in play.gather), *(item(text, earlier=True) for text in before)]


def _texts(m: Material, play: Play) -> list[PartyTexts]:
    found = []
    for party in m.parties:
        registration = party.registration
        if registration is None:
            continue
        names = {
            "partner": party.name,
            "customer": registration.account_name,
            "registration": registration.ref,
            "products": ", ".join(m.lines.get(code, code) for code in registration.product_lines),
            "program": m.case.program.name,
        }
        can_ask = m.undecided and m.case.paused_at is None
        question, notice = written(play.question, names), written(play.notice, names)
        found.append(PartyTexts(str(party.pk), party.name, question, notice, can_ask))
    return found


def kind_rows(program: Program) -> list[KindRow]:
    """Every kind of case, with whose playbook is in force."""
    own = {row.kind: row for row in Playbook.objects.filter(program=program)}
    rows = []
    for kind, play in STANDARD_PLAYS.items():
        mine = own.get(kind)
        changed = f"version {mine.version}, {stamp(mine.changed_at)}" if mine else ""
        items = len(mine.gather) if mine else len(play.gather)
        rows.append(KindRow(kind, play.title, items, changed))
    return rows


def play_page(user: Any, program: Program, kind: str) -> PlayPage | None:
    """One kind's playbook; None where there is no such kind."""
    if kind not in STANDARD_PLAYS:
        return None
    own = Playbook.objects.filter(program=program, kind=kind).first()
    may_change = may(user, "change_rules", program)
    return PlayPage(
        play=of_row(own) if own else standard(kind),
        version=own.version if own else 0,
        changed=stamp(own.changed_at) if own else "",
        versions=versions_of(own, "playbook.changed") if own else [],
        why_not="" if may_change else "Program admins and sales operations change playbooks.",
        is_standard=own is None or of_row(own) == standard(kind),
    )


def versions_of(own: Any, unsaid: str) -> list[tuple[int, str, str, str]]:
    """The latest versions of a program's own words: number, when, who and why; `unsaid` stands where nobody said why."""
    past = own.history.select_related("history_user").order_by("-history_date", "-history_id")[:HISTORY_SHOWN]
    return [
        (row.version, stamp(row.history_date), str(row.history_user or "the product"),
         "" if row.history_change_reason in (None, unsaid) else row.history_change_reason)
        for row in past
    ]  # fmt: skip
