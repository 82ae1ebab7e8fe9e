"""What reviewers say of what a case page tells them: the buttons beside each output, and what they have said so far."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from conflicts.learning.services import Output
from conflicts.models import Feedback, FeedbackVerdict, OutputPart
from partners.models import Program
from partners.permissions import programs_of, visible
from reviews.desk.own_view import hidden_from
from reviews.desk.words import Chip, stamp
from reviews.models import Case
from reviews.practice import rule_titles

PAGE = 50
RIGHT = "change_rules"  # who reads what all have said: those who can change what is wrong
BUTTONS = ((FeedbackVerdict.USEFUL, "check"), (FeedbackVerdict.WRONG, "cross"), (FeedbackVerdict.UNCLEAR, "question"))
TONES = {"useful": "good", "wrong": "bad", "unclear": "warn", "taken_back": "quiet"}
FILTERS = {"": "Everything", "wrong": "Wrong", "unclear": "Unclear", "useful": "Useful"}
SPLIT = "."


@dataclass(frozen=True)
class Button:
    """One of three: what it sends, what it says, whether it is pressed."""

    value: str
    label: str
    icon: str
    pressed: bool


@dataclass(frozen=True)
class Asked:
    """An output with its buttons, and what the reader has said of it."""

    output: Output
    label: str
    said: str
    text: str

    @property
    def key(self) -> str:
        """What tells it from the other outputs of the page."""
        return self.output.subject

    @property
    def buttons(self) -> list[Button]:
        """A pressed one takes it back."""
        return [
            Button(
                f"{FeedbackVerdict.TAKEN_BACK if verdict == self.said else verdict}{SPLIT}{self.key}",
                str(verdict.label), icon, verdict == self.said,
            )
            for verdict, icon in BUTTONS
        ]  # fmt: skip


Said = Mapping[str, Feedback]  # what one reader has said of a recommendation, by the output's key


def said_by(user: Any, recommendation: uuid.UUID) -> Said:
    """One query a page."""
    rows = Feedback.objects.filter(recommendation=recommendation, reviewer=user)
    return {row.subject: row for row in rows.exclude(verdict=FeedbackVerdict.TAKEN_BACK)}


def ask(said: Said, part: OutputPart, about: str, told: str) -> Asked:
    """The buttons of one output. The same words are the same output, however often a page is made."""
    subject = hashlib.sha256(f"{part}\n{told}".encode()).hexdigest()[:16]
    mine = said.get(subject)
    return Asked(
        output=Output(part, about, told, subject),
        label=f"{part.label}: {told[:60]}",
        said=mine.verdict if mine else "",
        text=mine.text if mine else "",
    )


@dataclass(frozen=True)
class Tally:
    """What was said of all outputs that came from one thing."""

    part: str
    about: str
    useful: int
    wrong: int
    unclear: int
    program: str = ""

    @property
    def total(self) -> int:
        """How often anything was said."""
        return self.useful + self.wrong + self.unclear


@dataclass(frozen=True)
class SaidRow:
    """One thing said."""

    verdict: Chip
    part: str
    told: str
    text: str
    who: str
    when: str
    case: str
    url: str


@dataclass(frozen=True)
class FeedbackPage:
    """The summary as the template draws it."""

    tallies: list[Tally]
    rows: list[SaidRow]
    page: Page
    filters: list[tuple[str, str, bool]]
    asked: str
    query: str
    total: int


def feedback_page(user: Any, data: Mapping[str, str]) -> FeedbackPage:
    """What reviewers said, in the programs whose rules `user` may change."""
    given = visible(user, Feedback.objects.exclude(verdict=FeedbackVerdict.TAKEN_BACK), RIGHT)
    given = given.exclude(recommendation__conflict__in=hidden_from(user))
    asked = data.get("verdict", "")
    asked = asked if asked in FILTERS else ""
    tallies = _tallies(user, given)
    rows = given.filter(verdict=asked) if asked else given
    order = rows.select_related("reviewer", "recommendation").defer("recommendation__facts", "recommendation__result")
    page = Paginator(order.order_by("-said_at", "-pk"), PAGE).get_page(data.get("page"))
    return FeedbackPage(
        tallies=tallies,
        rows=_rows(user, list(page)),
        page=page,
        filters=[(f"?verdict={key}" if key else "?", text, key == asked) for key, text in FILTERS.items()],
        asked=asked,
        query=f"verdict={asked}&" if asked else "",
        total=sum(tally.total for tally in tallies),
    )


def _tallies(user: Any, given: QuerySet[Feedback]) -> list[Tally]:
    """By what it came from, what is called wrong or unclear most often first."""
    counts = {name: Count("pk", filter=Q(verdict=name)) for name in ("useful", "wrong", "unclear")}
    found = list(given.order_by().values("program", "part", "about").annotate(**counts))
    programs = {p.pk: p for p in visible(user, Program.objects.all(), RIGHT)}
    titles = {pk: rule_titles(programs[pk]) for pk in {row["program"] for row in found}}
    rows = [
        Tally(
            part=OutputPart(row["part"]).label,
            about=_about(row["about"], titles[row["program"]]),
            useful=row["useful"], wrong=row["wrong"], unclear=row["unclear"],
            program=programs[row["program"]].name if len(programs_of(user, RIGHT)) > 1 else "",
        )
        for row in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-(row.wrong + row.unclear), -row.total, row.part, row.about))


def _about(code: str, titles: Mapping[str, str]) -> str:
    return f"{code} {titles[code]}" if code in titles else code.replace("_", " ")


def _rows(user: Any, said: list[Feedback]) -> list[SaidRow]:
    conflicts = {row.recommendation.conflict_id for row in said}
    cases = visible(user, Case.objects.filter(conflict__in=conflicts)).order_by("opened_at", "pk")
    latest = {case.conflict_id: case for case in cases}
    return [_row(row, latest.get(row.recommendation.conflict_id)) for row in said]


def _row(row: Feedback, case: Case | None) -> SaidRow:
    icons = {str(verdict): icon for verdict, icon in BUTTONS}
    return SaidRow(
        verdict=Chip(str(row.get_verdict_display()), TONES[row.verdict], icons.get(row.verdict, "")),
        part=str(row.get_part_display()),
        told=row.told,
        text=row.text,
        who=str(row.reviewer),
        when=stamp(row.said_at),
        case=case.ref if case else "",
        url=reverse("review:case", args=[case.pk]) if case else "",
    )
