"""Saved views as the queue and their own page show them: a link each, one's own first."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from partners.permissions import visible
from reviews.desk.queue import SORTS, VIEWS, Asked, QueuePage
from reviews.desk.words import kind_chip
from reviews.models import SavedView


@dataclass(frozen=True)
class ViewLine:
    """One saved view: its link, what it holds in words, and whether it is the reader's own."""

    view: SavedView
    url: str
    query: str
    words: str
    own: bool


def views_of(user: Any) -> QuerySet[SavedView]:
    """The views that `user` may open: their own, and those that colleagues share."""
    return visible(user, SavedView.objects.filter(Q(owner=user) | Q(shared=True))).select_related("owner")


def view_lines(user: Any) -> list[ViewLine]:
    """All of them, one's own first."""
    lines = [_line(view, user) for view in views_of(user).order_by("name", "pk")]
    return sorted(lines, key=lambda line: not line.own)


def query_of(data: Any) -> str:
    """What an address asks of the queue, as it is kept."""
    return urlencode(Asked.of(data).params())


def _line(view: SavedView, user: Any) -> ViewLine:
    asked = Asked.of(QueryDict(view.query))
    return ViewLine(view, asked.url(), urlencode(asked.params()), _words(asked), view.owner_id == user.pk)


def _words(asked: Asked) -> str:
    """What it holds, as in "High value · competing · by clock"."""
    parts = [VIEWS[asked.view]]
    if asked.kind:
        parts.append(kind_chip(asked.kind).text)
    if asked.words:
        parts.append(f"'{asked.words}'")
    if asked.sort:
        parts.append(f"by {SORTS[asked.sort].lower()}")
    return " · ".join(parts)


def saved_for(user: Any, page: QueuePage) -> dict[str, Any]:
    """What the queue shows of them: the links, which one it is showing, and whether it can be saved."""
    lines, query = view_lines(user), urlencode(page.asked.params())
    return {
        "saved": lines,
        "asked_query": query,
        "can_save": bool(query) and query not in {line.query for line in lines if line.own},
        "save_programs": page.programs,
    }
