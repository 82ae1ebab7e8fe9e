"""What a back-test comes to: counts that add up over parts of the cases, so that two processes can share the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from conflicts.backtest.past import NO_CASE, NOBODY_LEFT, Given, Judged, Said
from conflicts.facts import DIRECT

LISTED = 1000  # changed cases that are kept one by one
TABLES = ("partners", "tiers", "regions", "segments", "amounts", "sides")
NAMED = ("partners", "tiers", "sides")  # tables a claimant has its row in; in the others a case has


@dataclass(slots=True)
class Row:
    """A line of a table: cases it is about, how many of them changed, deals won before and after, won and lost anew.

    Where the line is a place or a size, deals won are those of partners: what is not theirs is the direct team's.
    """

    label: str
    cases: int = 0
    changed: int = 0
    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0

    def add(self, other: Row) -> None:
        """Count another part in."""
        self.cases += other.cases
        self.changed += other.changed
        self.before += other.before
        self.after += other.after
        self.gained += other.gained
        self.lost += other.lost


@dataclass(slots=True)
class Change:
    """A case with another outcome: what each side says by which rule, who gains, who loses, what people decided."""

    case_id: str
    ref: str
    account: str
    before: str
    before_rule: str
    after: str
    after_rule: str
    gained: list[str]
    lost: list[str]
    decided: str = ""
    matched_before: bool = False
    matched_after: bool = False
    region: str = ""


@dataclass(slots=True)
class Trial:
    """The whole result. Tables map a key (a partner's id, a region ...) to its line; a pair is [before, after]."""

    total: int = 0
    unreadable: int = 0
    unlike_record: int = 0
    fell_apart: int = 0
    changed: int = 0
    rules: dict[str, list[int]] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)  # "R-08 R-06": decided by the one before, by the other after
    actions: dict[str, list[int]] = field(default_factory=dict)
    arise: int = 0
    vanish: int = 0
    eligible_now: int = 0  # registrations
    ineligible_now: int = 0
    blocking: dict[str, list[int]] = field(default_factory=dict)
    routes: int = 0
    roles: dict[str, list[int]] = field(default_factory=dict)  # [joins, leaves] a case's route
    partners: dict[str, Row] = field(default_factory=dict)
    tiers: dict[str, Row] = field(default_factory=dict)
    regions: dict[str, Row] = field(default_factory=dict)
    segments: dict[str, Row] = field(default_factory=dict)
    amounts: dict[str, Row] = field(default_factory=dict)
    sides: dict[str, Row] = field(default_factory=dict)
    decided: int = 0
    matched_before: int = 0
    matched_after: int = 0
    by_rule: int = 0  # cases of low risk, that the tried version would let the product approve
    by_rule_decided: int = 0  # of those, decided by people
    by_rule_otherwise: int = 0  # and decided otherwise than the product would have
    changes: list[Change] = field(default_factory=list)

    def count(self, judged: Judged) -> None:
        """Take one case in."""
        self.total += 1
        self.unlike_record += judged.unlike_record
        self.fell_apart += judged.fell_apart
        before, after, changed = judged.before, judged.after, judged.changed
        _pair(self.rules, before.rule_id, after.rule_id)
        _pair(self.actions, before.action, after.action)
        if before.rule_id != after.rule_id:
            move = f"{before.rule_id} {after.rule_id}"
            self.moves[move] = self.moves.get(move, 0) + 1
        self.arise += after.is_case and not before.is_case
        self.vanish += before.is_case and not after.is_case
        self._eligibility(before, after)
        self._routes(judged)
        self._tables(judged, changed)
        if judged.decided is not None:
            self.decided += 1
            self.matched_before += before.same_as(judged.decided)
            self.matched_after += after.same_as(judged.decided)
        if judged.by_rule:
            self.by_rule += 1
            self.by_rule_decided += judged.decided is not None
            self.by_rule_otherwise += judged.decided is not None and not after.same_as(judged.decided)
        if changed:
            self.changed += 1
            if len(self.changes) < LISTED:
                self.changes.append(_change(judged))

    def _eligibility(self, before: Said, after: Said) -> None:
        if before is after or (before.eligible == after.eligible and before.blocking == after.blocking):
            for kind in before.blocking:
                _pair(self.blocking, kind, kind)
            return
        self.eligible_now += len(after.eligible & before.blocked)
        self.ineligible_now += len(before.eligible & after.blocked)
        for place, said in enumerate((before, after)):
            for kind in said.blocking:
                self.blocking.setdefault(kind, [0, 0])[place] += 1

    def _routes(self, judged: Judged) -> None:
        if judged.route_before == judged.route_after:
            return
        self.routes += 1
        for place, roles in enumerate(
            (set(judged.route_after) - set(judged.route_before), set(judged.route_before) - set(judged.route_after))
        ):
            for role in roles:
                self.roles.setdefault(role, [0, 0])[place] += 1

    def _tables(self, judged: Judged, changed: bool) -> None:
        before, after = judged.before.winners, judged.after.winners
        for claimant in judged.claimants:
            key = claimant.id
            won, wins = key in before, key in after
            side = DIRECT if key == DIRECT else "partners"
            for table, row, label in (
                (self.partners, key, claimant.name),
                (self.tiers, claimant.tier, claimant.tier),
                (self.sides, side, "Direct team" if key == DIRECT else "Partners"),
            ):
                _line(table, row, label, changed, won, wins, wins and not won, won and not wins)
        won, wins = bool(before - {DIRECT}), bool(after - {DIRECT})
        gained, lost = len(judged.gained - {DIRECT}), len(judged.lost - {DIRECT})
        for table, row in (
            (self.regions, judged.region), (self.segments, judged.segment), (self.amounts, judged.band),
        ):  # fmt: skip
            _line(table, row, row, changed, won, wins, gained, lost)

    def add(self, other: Trial) -> None:
        """Count another part of the cases in."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("rules", "actions", "blocking", "roles"):
            mine = getattr(self, name)
            for key, (one, two) in getattr(other, name).items():
                pair = mine.setdefault(key, [0, 0])
                pair[0] += one
                pair[1] += two
        self.moves = dict(Counter(self.moves) + Counter(other.moves))
        for name in TABLES:
            mine = getattr(self, name)
            for key, row in getattr(other, name).items():
                mine.setdefault(key, Row(row.label)).add(row)
        self.changes += other.changes[: max(0, LISTED - len(self.changes))]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, for the row that keeps it."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Trial:
        """What `as_json` wrote."""
        return msgspec.convert(kept, cls)


_NUMBERS = (
    "total", "unreadable", "unlike_record", "fell_apart", "changed", "arise", "vanish", "eligible_now", "ineligible_now",
    "routes", "decided", "matched_before", "matched_after", "by_rule", "by_rule_decided", "by_rule_otherwise",
)  # fmt: skip


def _pair(pairs: dict[str, list[int]], before: str, after: str) -> None:
    pairs.setdefault(before, [0, 0])[0] += 1
    pairs.setdefault(after, [0, 0])[1] += 1


def _line(
    table: dict[str, Row], key: str, label: str, changed: bool, won: int, wins: int, gained: int, lost: int
) -> None:
    row = table.get(key)
    if row is None:
        row = table[key] = Row(label)
    row.cases += 1
    row.changed += changed
    row.before += won
    row.after += wins
    row.gained += gained
    row.lost += lost


def _change(judged: Judged) -> Change:
    names = {claimant.id: claimant.name for claimant in judged.claimants}
    decided = judged.decided
    return Change(
        case_id=judged.id,
        ref=judged.ref,
        account=judged.account,
        before=in_words(judged.before.given, names),
        before_rule=judged.before.rule_id,
        after=in_words(judged.after.given, names),
        after_rule=judged.after.rule_id,
        gained=sorted(names.get(key, key) for key in judged.gained),
        lost=sorted(names.get(key, key) for key in judged.lost),
        decided=in_words(decided, names) if decided else "",
        matched_before=decided is not None and judged.before.same_as(decided),
        matched_after=decided is not None and judged.after.same_as(decided),
        region=judged.region,
    )


def in_words(given: Given, names: dict[str, str]) -> str:
    """An outcome in a few words."""
    owner = names.get(given.owner, "another claimant")
    beside = _listed(names, given.support)
    shares = " and ".join(
        f"{names.get(key, 'another')} {float(share):g} %" for key, share in sorted(given.shares.items())
    )
    return {
        "award": f"{owner} gets it",
        "split": f"Split: {shares}",
        "co_sell": f"{owner} with {beside}",
        "direct_retained": "The direct team keeps it",
        "reject_all": "Nobody gets it",
        "request_information": "Information is asked for",
        "mediate": "A person mediates",
        NO_CASE: "Approved without a case",
        NOBODY_LEFT: "Nobody claims it",
    }.get(given.action, given.action)


def _listed(names: dict[str, str], ids: Iterable[str]) -> str:
    return " and ".join(sorted(names.get(key, "another") for key in ids))
