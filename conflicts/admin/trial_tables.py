"""A trial's counts as tables with bars: what a page shows, worked out before the template sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from conflicts.backtest import NO_CASE, NOBODY_LEFT, Change, Row, Trial
from conflicts.models import PolicyTrial
from conflicts.policy import STANDARD

SHOWN = 40  # lines of a table
PAGE = 50  # cases of a page
ACTIONS = {
    "award": "One gets it", "split": "Split", "co_sell": "Sold together", "direct_retained": "The direct team keeps it",
    "reject_all": "Nobody gets it", "request_information": "Information asked for", "mediate": "Mediated",
    NO_CASE: "Approved without a case", NOBODY_LEFT: "Nobody claims it",
}  # fmt: skip
TITLES: dict[str, str] = {item["kind"]: item["title"] for item in STANDARD["findings"]}


@dataclass(frozen=True)
class Line:
    """A line: how many before and after, and the ends of its two bars in hundredths of the longest."""

    label: str
    code: str
    before: int
    after: int
    was: float
    now: float
    gained: int = 0
    lost: int = 0
    cases: int = 0

    @property
    def changes(self) -> bool:
        """Something is otherwise."""
        return self.before != self.after or bool(self.gained or self.lost)

    @property
    def by(self) -> str:
        """The difference with its sign."""
        return f"{self.after - self.before:+,}" if self.after != self.before else "0"


@dataclass(frozen=True)
class Table:
    """A table of such lines; `wins` says that its lines win and lose deals."""

    key: str
    title: str
    note: str
    head: str
    lines: list[Line] = field(default_factory=list)
    wins: bool = False
    more: int = 0


def tables(trial: PolicyTrial, found: Trial) -> list[Table]:
    """All tables that have something to say, those that people ask for first."""
    rules = _rule_titles(trial)
    shown = [
        _pairs("rules", "By rule", "cases that the rule decides", "Rule", found.rules, rules),
        _pairs("actions", "By outcome", "cases", "Outcome", found.actions, ACTIONS),
        _rows("partners", "By partner", "deals won; in a split each counts", "Partner", found.partners),
        _rows("tiers", "By tier", "deals won", "Tier", found.tiers),
        _rows("sides", "Partners and the direct team", "deals won", "Who", found.sides),
        _rows("regions", "By region", "deals that a partner wins", "Region", found.regions),
        _rows("segments", "By segment", "deals that a partner wins", "Segment", found.segments),
        _rows("amounts", "By amount", "deals that a partner wins", "Amount", found.amounts),
        _pairs("blocking", "What blocks", "registrations out of the race for this", "Finding", found.blocking, TITLES),
    ]
    return [table for table in shown if table.lines]


def _pairs(
    key: str, title: str, note: str, head: str, pairs: Mapping[str, list[int]], called: Mapping[str, str]
) -> Table:
    top = max((max(pair) for pair in pairs.values()), default=0) or 1
    lines = [
        Line(
            called.get(code, code.replace("_", " ") or "No rule"),
            code,
            before,
            after,
            _share(before, top),
            _share(after, top),
        )
        for code, (before, after) in sorted(pairs.items())
    ]
    return Table(key, title, note, head, lines)


def _rows(key: str, title: str, note: str, head: str, rows: Mapping[str, Row]) -> Table:
    """Those with most at stake first."""
    top = max((max(row.before, row.after) for row in rows.values()), default=0) or 1
    order = sorted(rows.items(), key=lambda item: (-(item[1].gained + item[1].lost), -item[1].cases, item[1].label))
    lines = [
        Line(
            row.label,
            code,
            row.before,
            row.after,
            _share(row.before, top),
            _share(row.after, top),
            row.gained,
            row.lost,
            row.cases,
        )
        for code, row in order[:SHOWN]
    ]
    return Table(key, title, note, head, lines, wins=True, more=max(0, len(order) - SHOWN))


def _share(number: int, top: int) -> float:
    return round(100 * number / top, 1)


def _rule_titles(trial: PolicyTrial) -> dict[str, str]:
    """The rules of both versions by their ids; one that reads otherwise is called as the tried one calls it."""
    titles: dict[str, str] = {}
    for document in (trial.held_against.document, trial.document):
        titles |= {rule["id"]: rule["title"] for rule in document["rules"]}
        titles[document["automation"]["rule"]] = "Approved without a case"
    return titles | {"": "Nobody claims it"}


@dataclass(frozen=True)
class Moves:
    """The cases that another rule decides: from one to the other."""

    before: str
    after: str
    number: int


def moves(trial: PolicyTrial, found: Trial) -> list[Moves]:
    """The most frequent first."""
    titles = _rule_titles(trial)
    pairs = [(key.partition(" "), number) for key, number in found.moves.items()]
    told = [Moves(_rule(titles, one), _rule(titles, other), number) for (one, _, other), number in pairs]
    return sorted(told, key=lambda move: (-move.number, move.before, move.after))[:SHOWN]


def _rule(titles: Mapping[str, str], rule_id: str) -> str:
    title = titles.get(rule_id, "")
    return f"{rule_id} {title}".strip() if rule_id.startswith("R-") else title or rule_id


@dataclass(frozen=True)
class Listed:
    """A page of changed cases."""

    changes: list[Change]
    page: int
    pages: int
    number: int  # that fit what is searched
    kept: int  # all that are listed one by one


def listed(found: Trial, wanted: str, page: int) -> Listed:
    """The changed cases that name what is wanted, a page of them."""
    word = wanted.casefold()
    fitting = [
        change for change in found.changes if not word or any(word in text.casefold() for text in _texts(change))
    ]
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(page, 1), pages)
    return Listed(fitting[(page - 1) * PAGE : page * PAGE], page, pages, len(fitting), len(found.changes))


def _texts(change: Change) -> Iterable[str]:
    yield from (
        change.ref,
        change.account,
        change.region,
        change.before_rule,
        change.after_rule,
        change.before,
        change.after,
    )
    yield from (*change.gained, *change.lost)


@dataclass(frozen=True)
class Figure:
    """A number that stands for itself, with what it counts."""

    label: str
    value: str
    note: str = ""


def figures(found: Trial) -> list[Figure]:
    """What a page says first."""
    shown = [
        Figure("Outcomes that change", f"{found.changed:,}", f"of {found.total:,} cases"),
        Figure("Decided by other people", f"{found.routes:,}", _roles(found)),
        Figure("Registrations", f"+{found.eligible_now:,} −{found.ineligible_now:,}", "that may compete now, that may not now"),
        Figure("Cases", f"+{found.arise:,} −{found.vanish:,}", "that would have been as well, that would not have been"),
    ]  # fmt: skip
    if found.decided:
        by = found.matched_after - found.matched_before
        note = f"of {found.decided:,} decisions of people; {found.matched_before:,} by the live version"
        shown.insert(1, Figure("As people decided", f"{found.matched_after:,} ({by:+,})", note))
    if found.by_rule:
        note = f"cases of low risk; of {found.by_rule_decided:,} that people decided, {found.by_rule_otherwise:,} otherwise"
        shown.append(Figure("Without a person", f"{found.by_rule:,}", note))
    return shown


def _roles(found: Trial) -> str:
    told = [f"{role.replace('_', ' ')} +{one:,} −{two:,}" for role, (one, two) in sorted(found.roles.items())]
    return ", ".join(told) or "nobody joins or leaves a route"


@dataclass(frozen=True)
class Beside:
    """A number of two trials."""

    label: str
    one: Any
    other: Any

    @property
    def differs(self) -> bool:
        """They are not the same."""
        return bool(self.one != self.other)


def beside(one: Trial, other: Trial) -> list[Beside]:
    """Two trials in numbers."""
    asked = (
        ("Cases", "total"), ("Outcomes that change", "changed"), ("As people decided", "matched_after"),
        ("Cases that would not have been", "vanish"), ("Cases that would have been as well", "arise"),
        ("Registrations in the race now", "eligible_now"), ("Registrations out of it now", "ineligible_now"),
        ("Decided by other people", "routes"), ("Approved without a person", "by_rule"),
        ("Of these, people decided otherwise", "by_rule_otherwise"),
    )  # fmt: skip
    return [Beside(label, getattr(one, name), getattr(other, name)) for label, name in asked]


def partners_beside(one: Trial, other: Trial) -> list[Beside]:
    """What each partner wins on balance in both; those who fare most differently first."""
    names = {key: row.label for found in (one, other) for key, row in found.partners.items()}
    told = [Beside(label, _net(one, key), _net(other, key)) for key, label in names.items()]
    told = [row for row in told if row.one or row.other]
    return sorted(told, key=lambda row: (-abs(row.one - row.other), row.label))[:SHOWN]


def _net(found: Trial, key: str) -> int:
    row = found.partners.get(key)
    return row.gained - row.lost if row else 0


def cases_beside(one: Trial, other: Trial) -> list[tuple[Change | None, Change | None]]:
    """Cases that do not change alike in both, of those that are listed."""
    left = {change.case_id: change for change in one.changes}
    right = {change.case_id: change for change in other.changes}
    pairs = ((left.get(key), right.get(key)) for key in dict.fromkeys((*left, *right)))
    return [(a, b) for a, b in pairs if a is None or b is None or a.after != b.after][:PAGE]
