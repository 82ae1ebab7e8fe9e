"""First opinions on a case page that is open to its reader: who would have done what, and whether that was recommended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews.choices import DIRECT
from reviews.desk.material import Material
from reviews.desk.words import stamp
from reviews.models import OpinionAction


@dataclass(frozen=True)
class Opinion:
    """What one person said; `agreed` in words."""

    who: str
    mine: bool
    title: str
    agreed: str
    text: str
    when: str
    at: datetime


def opinions_said(m: Material) -> list[Opinion]:
    """The first opinions on a case that comes from `material.cases`."""
    return [_opinion(m, row) for row in getattr(m.case, "opinions", [])]


def opinion_events(m: Material) -> list[tuple[datetime, str, str]]:
    """When who said what: (moment, who, what), for the timeline."""
    return [(one.at, "You" if one.mine else one.who, f"first opinion: {one.title}") for one in opinions_said(m)]


def _opinion(m: Material, row: dict[str, Any]) -> Opinion:
    at = datetime.fromisoformat(row["said_at"])
    return Opinion(
        who=row["name"],
        mine=row["user_id"] == str(m.user.pk),
        title=_title(m, row),
        agreed=_agreed(row),
        text=row["text"],
        when=stamp(at),
        at=at,
    )


def _title(m: Material, row: dict[str, Any]) -> str:
    if row["action"] != OpinionAction.AWARD:
        return str(OpinionAction(row["action"]).label)
    name = m.name(DIRECT if row["owner_direct"] else row["owner_id"])
    return f"{name} (Claimant {row['letter']})" if row["letter"] else name


def _agreed(row: dict[str, Any]) -> str:
    if row["agreed"] is None:
        return "not to be compared" if row["action"] == OpinionAction.UNSURE else "no outcome was recommended"
    return "as recommended" if row["agreed"] else "other than recommended"
