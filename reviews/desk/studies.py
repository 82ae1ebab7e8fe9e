"""Studies as the desk shows them: the search, and one decided case told as a study. Fixed query counts."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Prefetch

from conflicts.claims import live_claims
from conflicts.wording import money
from partners.models import Partner, Program
from partners.permissions import roles_in, visible
from reviews.desk import told
from reviews.desk.material import Material
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.words import Chip, choice_title, day_of, kind_chip, products_text, stamp
from reviews.models import Case, Decision, Lesson, OverrideReason, Study
from reviews.services.decisions import choice_of
from reviews.services.studies import LEADS, folded, why_no_lesson

PAGE = 25
MOST_WORDS = 12
_SEARCH = "select study_id from study_search(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; whatever cannot be read is left out."""

    words: str = ""
    kind: str = ""
    action: str = ""
    reason: str = ""
    region: str = ""
    product: str = ""
    tier: str = ""
    since: date | None = None
    until: date | None = None
    before: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> "Wanted":
        """Read GET data."""

        def plain(name: str, most: int = 60) -> str:
            return data.get(name, "").replace("\x00", "").strip()[:most]

        return cls(
            plain("q", 200), plain("kind"), plain("outcome"), plain("reason"), plain("region"), plain("product"),
            plain("tier"), _day(plain("since")), _day(plain("until")), plain("before", 100),
        )  # fmt: skip

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but the words."""
        return any((self.kind, self.action, self.reason, self.region, self.product, self.tier, self.since, self.until))

    @property
    def query(self) -> str:
        """The words as a tsquery: each is the beginning of a word, all must be there."""
        words = folded(self.words).split()[:MOST_WORDS]
        return " & ".join(f"'{word}':*" for word in dict.fromkeys(words))

    @property
    def cursor(self) -> tuple[datetime, uuid.UUID] | tuple[None, None]:
        """Where the page before ended: the moment of its last study, and its id."""
        moment, _, key = self.before.partition("~")
        try:
            at = datetime.fromisoformat(moment)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)), uuid.UUID(key)
        except ValueError:
            return None, None


@dataclass(frozen=True)
class StudyRow:
    """A study in the list."""

    url_id: uuid.UUID
    account: str
    ref: str
    products: str
    kind: Chip
    outcome: str
    override: str
    when: str
    amount: str
    lesson: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class StudiesPage:
    """One page of studies, the latest first; `older` is where the next page begins."""

    program: Chosen
    wanted: Wanted
    rows: list[StudyRow]
    older: str


@dataclass(frozen=True)
class Spoke:
    """What spoke for one claimant."""

    name: str
    points: str
    lines: list[str]


@dataclass(frozen=True)
class LessonView:
    """A lesson as it is shown, and whether the reader may put it in other words."""

    lesson: Lesson
    by: str
    when: str
    may_change: bool


@dataclass(frozen=True)
class StudyPage:
    """A decided case told as a study."""

    study: Study
    case: Case
    title: str
    kind: Chip
    decided: str
    stake: list[tuple[str, str]]
    spoke: list[Spoke]
    recommended: str
    outcome: str
    override: str
    why: str
    by: list[str]
    came: list[tuple[str, str]]
    lessons: list[LessonView]
    why_no_lesson: str
    tags: list[str] = field(default_factory=list)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def studies_page(user: Any, data: Mapping[str, str]) -> StudiesPage:
    """The studies that the address asks for, found by one indexed search and read in five queries."""
    chosen, wanted = chosen_program(user, data), Wanted.of(data)
    keys = _found(chosen.program, wanted)
    lessons = Prefetch("case__lessons", Lesson.objects.order_by("-written_at", "-pk"))
    rows = visible(user, Study.objects.filter(pk__in=keys[:PAGE], case__decided_at__isnull=False))
    studies = list(rows.select_related("case__account").prefetch_related(lessons).order_by("-decided_at", "-pk"))
    decisions = {
        decision.case_id: decision
        for decision in Decision.objects.filter(case__in=[s.case_id for s in studies])
        .defer("snapshot")
        .order_by("number")
    }
    names = _names(decisions.values())
    lines = dict(chosen.program.product_lines.values_list("code", "name"))
    cursor = f"{studies[-1].decided_at.isoformat()}~{studies[-1].pk}" if studies and len(keys) > PAGE else ""
    told_rows = [_row(s, decisions[s.case_id], names, lines, chosen.program.currency) for s in studies]
    return StudiesPage(chosen, wanted, told_rows, cursor)


def _found(program: Program, wanted: Wanted) -> list[uuid.UUID]:
    """The ids of a page and one more, by the search that runs as the tables' owner (migration 0010)."""
    if wanted.words and not wanted.query:
        return []
    since, until = (_begin(program, day) for day in (wanted.since, _next(wanted.until)))
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            [program.pk, wanted.query, wanted.kind, wanted.action, wanted.reason, wanted.region, wanted.product, wanted.tier,
             since, until, *wanted.cursor, PAGE + 1],
        )  # fmt: skip
        return [key for (key,) in cursor.fetchall()]


def _begin(program: Program, day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(program.timezone)) if day else None


def _next(day: date | None) -> date | None:
    return date.fromordinal(min(day.toordinal() + 1, date.max.toordinal())) if day else None


def _names(decisions: Any) -> dict[str, str]:
    wanted = {who for d in decisions for who in (*d.shares, *d.support, str(d.owner_id or ""))} - {"", "direct"}
    return {str(pk): name for pk, name in Partner.objects.filter(pk__in=wanted).values_list("pk", "name")}


def _row(
    study: Study, decision: Decision, names: Mapping[str, str], lines: Mapping[str, str], currency: str
) -> StudyRow:
    case = study.case
    lesson = next(iter(case.lessons.all()), None)
    return StudyRow(
        url_id=study.pk,
        account=case.account.name,
        ref=case.ref,
        products=products_text(case.product_lines, lines),
        kind=kind_chip(study.kind),
        outcome=choice_title(choice_of(decision), lambda who: names.get(who, "the direct team")),
        override=OverrideReason(study.reason_code).label if study.reason_code else "",
        when=day_of(study.decided_at),
        amount=money(case.amount, currency) if case.amount is not None else "–",
        lesson=lesson.text if lesson else "",
        tags=tuple(study.tags),
    )


def study_page(study: Study, m: Material) -> StudyPage:
    """One decided case as a study: what was at stake, what spoke for whom, what was decided and why, what came of it."""
    case, decision = m.case, m.decisions[-1]
    chosen = next(option for option in m.answer.options if option.chosen)
    return StudyPage(
        study=study,
        case=case,
        title=case.account.name,
        kind=kind_chip(case.kind, long=True),
        decided=stamp(case.decided_at),
        stake=_stake(m),
        spoke=_spoke(m),
        recommended=chosen.title,
        outcome=choice_title(choice_of(decision), m.name),
        override=OverrideReason(decision.reason_code).label if decision.is_override else "",
        why=decision.reason_text if decision.is_override else m.answer.sentence,
        by=[f"{a.approved_by} as {a.role.replace('second:', 'second of ').replace('_', ' ')}" for a in m.approvals
            if a.decision_id == decision.pk],
        came=_came(m),
        lessons=_lessons(m),
        why_no_lesson=why_no_lesson(m.user, case),
        tags=list(study.tags),
    )  # fmt: skip


def _stake(m: Material) -> list[tuple[str, str]]:
    claims = live_claims(m.facts, m.policy)
    return [
        ("Products", products_text(m.case.product_lines, m.lines)),
        ("Amount", money(m.case.amount, m.currency) if m.case.amount is not None else "not known"),
        (
            "Claims",
            "; ".join(f"{m.name(c.claimant)} ({c.kind}, {day_of(c.since) or 'date not known'})" for c in claims),
        ),
        ("Found", ", ".join(sorted({f.kind.replace("_", " ") for f in m.findings})) or "nothing by rule"),
        ("Policy", f"version {m.advice.policy.number}"),
    ]


def _spoke(m: Material) -> list[Spoke]:
    """By claimant, the criteria that gave it points; without a score, the reasons of the recommendation."""
    found = []
    for claimant in m.claimants:
        rows = [row for row in m.answer.score_rows if row.claimant == claimant]
        lines = [row.sentence for row in rows if row.points]
        points = f"{sum(row.points for row in rows)} points" if rows else "not scored"
        found.append(Spoke(m.name(claimant), points, lines))
    return found


def _came(m: Material) -> list[tuple[str, str]]:
    """What the record says happened from the decision on, the earlier first, and where the registrations are now."""
    after = [event for event in m.events if m.case.decided_at and event.at >= m.case.decided_at]
    acts = [
        (told.ACTS.get(e.action, e.action.replace(".", ": ").replace("_", " ")), stamp(e.at))
        for e in reversed(after)
        if e.action not in ("case.viewed", "case.lesson_written")
    ]
    now = [
        (f"{claim.registration.claimant_name} {claim.registration.ref}",
         f"{claim.registration.get_status_display().lower()}"
         + (f", protected until {day_of(claim.registration.protected_until)}" if claim.registration.protected_until else ""))
        for claim in m.claims.values()
        if claim.registration
    ]  # fmt: skip
    return [*acts, *now]


def _lessons(m: Material) -> list[LessonView]:
    lead = bool(roles_in(m.user, m.case.program_id) & set(LEADS))
    rows = m.case.lessons.select_related("written_by").order_by("written_at", "pk")
    return [
        LessonView(lesson, "you" if lesson.written_by_id == m.user.pk else str(lesson.written_by), stamp(lesson.written_at),
                   lead or lesson.written_by_id == m.user.pk)
        for lesson in rows
    ]  # fmt: skip
