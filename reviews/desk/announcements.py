"""The last change of the rules that partners were told of: who has acknowledged it, who has not, who was reminded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from channelconflict.models import User
from conflicts.models import PolicySummary
from conflicts.policy.differing import Change
from partners.models import Partner
from partners.permissions import may
from reviews.announcements import acknowledged, changes_of, latest_announcements, told
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.queue import Link
from reviews.models import PolicyAcknowledgement, PolicyReminder
from reviews.scorecard import share
from reviews.services.announcing import REMIND_RIGHT, why_no_reminder

PAGE = 50
REMINDERS_SHOWN = 5
FILTERS = {"": "Not yet", "done": "Acknowledged"}


@dataclass(frozen=True)
class Row:
    """A partner, and who acknowledged when (empty = nobody yet)."""

    partner: Partner
    who: str
    when: datetime | None


@dataclass(frozen=True)
class AnnouncementPage:
    """The page as the template draws it; without a `summary` nothing was ever announced."""

    chosen: Chosen
    summary: PolicySummary | None
    before: PolicySummary | None
    changes: list[Change]
    partners: int
    done: int
    share: str
    filters: list[Link]
    asked: str
    words: str
    rows: list[Row]
    page: Page | None
    query: str
    reminders: list[PolicyReminder]
    may_remind: bool
    why_no_reminder: str


def announcement_page(user: Any, data: Mapping[str, str], now: datetime) -> AnnouncementPage:
    """How far the latest announced change of a program's rules has come."""
    chosen = chosen_program(user, data)
    program = chosen.program
    latest = latest_announcements({program.pk}).get(program.pk)
    if latest is None:
        return AnnouncementPage(chosen, None, None, [], 0, 0, "", [], "", "", [], None, "", [], False, "")
    asked, words = ("done" if data.get("show") == "done" else ""), data.get("q", "").replace("\x00", "").strip()[:200]
    partners = told(program).annotate(done=acknowledged(latest))
    total, done = partners.count(), partners.filter(done=True).count()
    found = partners.filter(done=asked == "done")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(external_id__istartswith=words))
    page = Paginator(found.order_by("name", "pk"), PAGE).get_page(data.get("page"))
    before, changes = changes_of(latest)
    kept = "".join(
        f"{name}={value}&" for name, value in (("program", program.code), ("show", asked), ("q", words)) if value
    )
    return AnnouncementPage(
        chosen=chosen, summary=latest, before=before, changes=changes, partners=total, done=done, share=share(done, total),
        filters=[Link(f"{label} ({number})", f"?program={program.code}&show={key}", key == asked)
                 for (key, label), number in zip(FILTERS.items(), (total - done, done), strict=True)],
        asked=asked, words=words, rows=_rows(list(page), latest), page=page, query=kept,
        reminders=list(PolicyReminder.objects.filter(summary=latest).order_by("-asked_at", "-pk")[:REMINDERS_SHOWN]),
        may_remind=may(user, REMIND_RIGHT, program) and done < total, why_no_reminder=why_no_reminder(program, now),
    )  # fmt: skip


def _rows(partners: list[Partner], latest: PolicySummary) -> list[Row]:
    rows = PolicyAcknowledgement.objects.filter(summary=latest, partner__in=partners)
    by_partner = {row.partner_id: row for row in rows}
    people = User.objects.in_bulk([row.acknowledged_by_id for row in by_partner.values()])
    found = []
    for partner in partners:
        row = by_partner.get(partner.pk)
        who = people.get(row.acknowledged_by_id) if row else None
        found.append(Row(partner, str(who or ""), row.acknowledged_at if row else None))
    return found
