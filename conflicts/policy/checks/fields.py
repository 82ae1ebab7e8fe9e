"""What differs between two policy documents, field by field, with names for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conflicts.policy.catalogue import CALLED, FACTS
from conflicts.policy.conditions import read_condition, shown
from conflicts.policy.reading import Reader
from conflicts.policy.saying import words

GONE = "(not there)"
BOOKKEEPING = ("version",)  # it differs between any two versions
KEYS = {"rules": "id", "findings": "kind"}  # by which the objects of a list are told apart; others by their place
LABELS = {
    "title": "Title",
    "id": "Identifier",
    "parameters": "Parameters",
    "lookback_days": "look-back for earlier registrations (days)",
    "direct_freshness_days": "freshness of the direct team's opportunities (days)",
    "follow_up_days": "follow-up (days)",
    "closed_won_days": "look-back for won deals (days)",
    "price_tolerance_pct": "price tolerance (%)",
    "margin": "margin that decides (points)",
    "reserved_segments": "segments reserved for the direct team",
    "proof_needed": "proof of work needed",
    "abstain_below": "recommend no outcome below a confidence of (%)",
    "findings": "Finding",
    "blocks": "blocks a registration",
    "makes_case": "makes a case",
    "rules": "Rule",
    "priority": "priority",
    "reason": "reason",
    "when": "condition",
    "then": "outcome",
    "action": "action",
    "owner": "owner",
    "support": "support",
    "between": "shared between",
    "scoring": "Points",
    "earliest": "for the earliest claim",
    "proof": "for proof of work",
    "first_contact": "first contact",
    "meeting": "meeting",
    "technical_validation": "technical validation",
    "proposal": "proposal",
    "sow_signed": "signed statement of work",
    "last_activity": "for the last activity, window",
    "days": "days",
    "points": "points",
    "own_territory": "inside the own territory",
    "closed_won": "for a won deal",
    "customer_letter": "for a letter of the customer",
    "routing": "Routing",
    "ranks": "order of the roles",
    "first": "who joins first",
    "before_last": "who joins before the last",
    "role": "role",
    "table": "row",
    "amount_at_least": "from an amount of",
    "actions": "for the actions",
    "roles": "roles",
    "automation": "Automation",
    "approve_without_finding": "approve what nothing stands against",
    "rule": "rule",
    "cases": "cases of low risk",
    "approve": "approve them without a person",
    "kinds": "findings that may stand",
    "confidence_at_least": "confidence of at least (%)",
    "amount_at_most": "amount of at most",
    "fresh_days": "latest sign of each claim within (days)",
    "a_day": "at most so many a day",
    "checks": "spot checks",
    "share_pct": "share that is looked at (%)",
    "wrong_pct": "alarm above a share of wrong ones (%)",
    "weeks": "weeks that count for the alarm",
    "clock": "Clock",
    "hours": "hours until a decision",
    "at_risk_pct": "at risk from (%)",
    "protection": "Protection",
    "renewal_days": "days of a renewal",
    "renewals": "renewals",
    "renewal_activity_days": "activity needed within (days)",
    "reminder_days": "reminders before the end (days)",
    "extensions": "extensions",
    "extension_days": "days of an extension",
    "extension_opens_days": "an extension may be asked for (days before the end)",
    "signals": "Early warning",
    "score": "from so many spreads",
    "least": "the least that matters",
}
PARAMETER_NAMES: Mapping[str, Any] = {  # in conditions they stand by name: their numbers are fields of their own
    "margin": "the margin",
    "proof_points_needed": "the points of the proof of work needed",
    "lookback_days": "the look-back",
    "direct_freshness_days": "the freshness of the direct team's opportunities",
    "follow_up_days": "the follow-up",
}
# Which facts come out otherwise when a part of the document changes, by where it stands.
FEEDS = {
    "scoring.proof": (
        "best_proof",
        "lesser_proof",
        "lead",
        "direct_leads",
        "reserved_workers",
        "top_tier",
        "last_activity",
    ),
    "scoring": ("lead", "direct_leads", "lesser_proof", "top_tier", "last_activity"),
    "parameters.follow_up_days": ("protection_active", "owner_working"),
    "parameters.direct_freshness_days": ("claimants", "eligible_claimants", "finding_direct_engagement"),
    "parameters.closed_won_days": ("lead", "direct_leads"),
    "parameters.reserved_segments": ("reserved_account", "reserved_workers", "finding_reserved_account"),
    "parameters.proof_needed": ("reserved_workers",),
    "parameters.lookback_days": ("finding_resubmission",),
    "parameters.price_tolerance_pct": ("finding_price_overlap",),
    "findings": ("eligible_claimants", "blocked_registrations"),
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. `facts`: those that may come out otherwise because of it; only a back-test shows of which cases."""

    path: str
    label: str
    before: str
    after: str
    facts: tuple[str, ...] = ()


def find_changes(old: Any, new: Any) -> list[FieldChange]:
    """All fields that differ, in the order of the new document."""
    return list(_changes(old, new, "", ()))


def _changes(old: Any, new: Any, path: str, labels: tuple[str, ...]) -> Iterator[FieldChange]:
    if old == new:
        return
    last = path.rsplit(".", 1)[-1]
    if last != "when" and isinstance(old, dict | None) and isinstance(new, dict | None) and (old or new):
        before, after = old or {}, new or {}
        for key in dict.fromkeys((*after, *before)):
            if path or key not in BOOKKEEPING:
                label = str(LABELS.get(key, key))
                yield from _changes(before.get(key), after.get(key), f"{path}.{key}".lstrip("."), (*labels, label))
    elif _objects(old) or _objects(new):
        before, after = _keyed(last, old or []), _keyed(last, new or [])
        for key in dict.fromkeys((*after, *before)):
            was, will = before.get(key), after.get(key)
            named, place = (*labels[:-1], f"{labels[-1]} {_name(key, will or was)}"), f"{path}[{key}]"
            if was is None or will is None:
                yield FieldChange(place, _label(named), _object_told(was), _object_told(will), _feeds(place))
            else:
                yield from _changes(was, will, place, named)
    else:
        yield FieldChange(path, _label(labels), _told(last, old), _told(last, new), _feeds(path))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _keyed(name: str, items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The objects of a list by what tells them apart."""
    return {str(item.get(KEYS.get(name, ""), number)): item for number, item in enumerate(items, start=1)}


def _object_told(item: dict[str, Any] | None) -> str:
    """All of a new or dropped object in one line, without what its label says already."""
    if item is None:
        return GONE
    said = {key: value for key, value in item.items() if key not in ("id", "kind", "title")}
    return "; ".join(f"{LABELS.get(key, key)}: {_told(key, value)}" for key, value in said.items())


def _name(key: str, item: dict[str, Any] | None) -> str:
    title = item.get("title") if item else None
    if not item or not title:
        return key
    return f'{key} "{title}"' if "when" in item else f'"{title}"'


def _label(labels: tuple[str, ...]) -> str:
    first, *rest = labels
    return f"{first}: {', '.join(rest)}" if rest else first


def _told(name: str, value: Any) -> str:
    if value is None:
        return GONE
    if name == "when":
        return _condition(value)
    if isinstance(value, dict):
        return ", ".join(f"{LABELS.get(key, key)} {_told(key, part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(_told(name, item) for item in value) or "none"
    if isinstance(value, str):
        return CALLED.get(value, value) if name in ("owner", "support", "between") else value.replace("_", " ")
    return str(value) if isinstance(value, float) else shown(value)


def _condition(value: Any) -> str:
    """In words, or as it stands where it is no condition."""
    reader = Reader(value)
    condition = read_condition(reader)
    return str(value) if reader.problems else words(condition, PARAMETER_NAMES)


def _feeds(path: str) -> tuple[str, ...]:
    found = max((place for place in FEEDS if path.startswith(place)), key=len, default="")
    if found == "findings" and not path.endswith(".blocks"):
        return ()
    kind = path.partition("[")[2].partition("]")[0] if found == "findings" else ""
    return tuple(name for name in (*FEEDS.get(found, ()), f"finding_{kind}") if name in FACTS)
