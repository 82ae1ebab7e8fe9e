"""The rules of a program as they are and as a draft would have them, on the day that it goes live."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import prefetch_related_objects

from conflicts import facts as f
from conflicts.drafting.values import LABELS, Values, as_rule, differences, values_of
from conflicts.load import load_territories
from conflicts.models import ChangeKind, TerritoryChange, TerritoryDraft
from conflicts.standing import stand
from conflicts.territories import Change, TerritoryOverlap, territory_overlaps
from conflicts.windows import day
from partners.identity import standing_partners
from partners.models import Account, Partner, ProductLine, Program, Territory
from partners.services import NotPossibleError

NEW = "new:"  # begins the id of a rule that exists in a draft only


@dataclass(frozen=True)
class Wish:
    """One rule of a draft, typed or kept: the id of the rule (NEW... for a new one) and its values after (None: as it is)."""

    key: str
    values: Values


@dataclass(frozen=True)
class Rules:
    """Both sets of rules with the ids of those that differ, and the moment that they are compared for."""

    program: Program
    change: Change
    keys: frozenset[str]
    at: datetime

    @property
    def on(self) -> date:
        """The day that the draft goes live."""
        return self.change.on


def live_day(draft: TerritoryDraft | None, today: date) -> date:
    """When a draft would go live: its day, or today if that has passed or none is set."""
    return max(draft.live_on or today, today) if draft else today


def ended(before: Mapping[str, Any], on: date) -> Values:
    """A rule that ends with the day before `on`; one that has not begun by then is refused."""
    last = on - timedelta(days=1)
    begins, ends = before.get("valid_from"), before.get("valid_until")
    if begins and begins > last.isoformat():
        raise NotPossibleError(
            f"{before['name']} begins on {begins} only, so it cannot end before {on.isoformat()}:"
            " change its first and last day instead."
        )
    return {**before, "valid_until": min(filter(None, (last.isoformat(), ends)))}


def wish_of(change: TerritoryChange, on: date) -> Wish:
    """A kept change as what it wishes for."""
    key = str(change.territory_id) if change.territory_id else f"{NEW}{change.pk}"
    return Wish(key, ended(change.before, on) if change.kind == ChangeKind.END else values_in(change.after))


def values_in(document: Mapping[str, Any]) -> Values:
    """The rule's own entries of what a draft keeps."""
    return {name: document[name] for name in LABELS}


def rules_of(program: Program, wishes: Iterable[Wish], at: datetime, on: date) -> Rules:
    """The program's rules before and after these wishes; merged accounts and partners count as those they stand for."""
    asked = {wish.key: wish.values for wish in wishes}
    refs = {
        ref for values in asked.values() for name in ("named_accounts", "excluded_accounts") for ref in values[name]
    }
    known = Account.objects.filter(program=program, external_id__in=refs) if refs else Account.objects.none()
    ids = {ref: str(pk) for pk, ref in known.values_list("pk", "external_id")}
    wished = [as_rule(key, values, ids) for key, values in asked.items()]
    stored = load_territories(program)
    stood = _stand(program, (*stored, *wished), at)
    before, new = stood[: len(stored)], {rule.id: rule for rule in stood[len(stored) :]}
    after = [new.pop(rule.id, rule) for rule in before]
    lines = tuple(ProductLine.objects.filter(program=program).order_by("code").values_list("code", flat=True))
    moment = max(at, datetime.combine(on, time(), UTC))
    return Rules(program, Change(before, (*after, *new.values()), on, lines), frozenset(asked), moment)


def _stand(program: Program, rules: tuple[f.Territory, ...], at: datetime) -> tuple[f.Territory, ...]:
    named = {
        i for rule in rules for i in rule.named_account_ids | rule.excluded_account_ids if not i.startswith("unknown")
    }
    rows = Account.objects.filter(pk__in=named, merged_into__isnull=False) if named else Account.objects.none()
    accounts = {str(one): str(other) for one, other in rows.values_list("pk", "merged_into")}
    partners = {str(one): str(other) for one, other in standing_partners(program.pk).items()}
    owner = f.Program(str(program.pk), program.code, program.name, program.currency)
    facts = stand(f.Facts(at, owner, territories=rules), accounts, partners)
    return facts.territories


@dataclass(frozen=True)
class Shown:
    """One change of a draft for people: what it does to which rule, field by field, and whether it is stale."""

    row: TerritoryChange
    lines: list[tuple[str, str, str]]
    stale: list[tuple[str, str, str]]
    is_stale: bool


def show_changes(draft: TerritoryDraft, on: date) -> list[Shown]:
    """The changes of a draft in words, and what others changed in these rules meanwhile."""
    rows = list(draft.changes.select_related("territory").order_by("made_at", "pk"))
    names = partner_names(draft.program_id, [one for row in rows for one in (row.before, row.after)])
    now = current_values([row.territory for row in rows if row.territory]) if draft.status in OPEN else {}
    names |= partner_names(draft.program_id, [values for _, values in now.values()])
    return [_shown(row, now.get(row.territory_id), names, on) for row in rows]


OPEN = ("draft", "awaiting", "scheduled")


def _shown(row: TerritoryChange, now: tuple[int, Values] | None, names: Mapping[str, str], on: date) -> Shown:
    stale = is_stale(row, now) if now else False
    try:
        after = ended(row.before, on) if row.kind == ChangeKind.END else row.after
    except NotPossibleError:
        after = row.before
    theirs = differences(row.before, now[1], names) if stale and now else []
    return Shown(row, differences(row.before, after, names), theirs, stale)


def is_stale(row: TerritoryChange, now: tuple[int, Values]) -> bool:
    """Whether the rule is another than the change saw: its version, or who works it."""
    return now[0] != row.seen_version or now[1]["assignments"] != row.before.get("assignments")


def current_values(territories: Iterable[Territory]) -> dict[uuid.UUID, tuple[int, Values]]:
    """Version and values of rules as they are stored; one query for the assignments."""
    rows = list(territories)
    prefetch_related_objects(rows, "assignments")
    return {row.pk: (row.version, values_of(row, list(row.assignments.all()))) for row in rows}


def partner_names(program_id: uuid.UUID, documents: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of the partners that these values assign."""
    ids = {one["partner"] for document in documents for one in document.get("assignments", ()) if one.get("partner")}
    rows = Partner.objects.filter(program_id=program_id, pk__in=ids) if ids else Partner.objects.none()
    return {str(pk): name for pk, name in rows.values_list("pk", "name")}


def overlaps_made(draft: TerritoryDraft, at: datetime) -> list[TerritoryOverlap]:
    """The overlaps that a draft would make, over the day that it goes live."""
    on = live_day(draft, day(at))
    rules = rules_of(draft.program, [wish_of(change, on) for change in draft.changes.order_by("pk")], at, on)
    before = {_pair(o) for o in territory_overlaps(rules.change.before, rules.at, rules.keys)}
    return [o for o in territory_overlaps(rules.change.after, rules.at, rules.keys) if _pair(o) not in before]


def _pair(overlap: TerritoryOverlap) -> tuple[str, str]:
    first, second = sorted((overlap.first_id, overlap.second_id))
    return first, second
