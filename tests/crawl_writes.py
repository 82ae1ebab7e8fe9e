"""What the crawl writes: every method on foreign rows, and every form it is offered with foreign ids in it."""

import random
import uuid
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.http import HttpResponse

from tests.crawl import UUID, Probe, Role, Route, World, absent_like, routes

# Not written to: they end or change the crawler's own session.
NOT_WRITTEN = {"logout", "login", "password_change"}


def blind_writes(world: World, role: Role) -> Iterator[Probe]:
    """Every method that writes, with nothing in it, to every foreign address."""
    for route in routes():
        if route.name in NOT_WRITTEN:
            continue
        filled = list(world.fill(route))
        absent = [path for owner, path in filled if owner == "absent"][:1]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for owner, path in filled:
                if owner not in ("absent", *role.allowed) and (owner or method != "POST"):
                    beside = tuple(("absent", p, ()) for p in absent)
                    yield Probe(route, method, (("foreign", path, ()), *beside))


class _Forms(HTMLParser):
    """The forms of a page: (action, method, fields with what a browser would send)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self._fields: dict[str, list[str]] | None = None
        self._select, self._textarea = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, or read a control of one."""
        a = {key: value or "" for key, value in attrs}
        if tag == "form" and a.get("method", "").lower() == "post":
            self._fields = {}
            self.found.append((a.get("action", ""), self._fields))
        if self._fields is None or not (a.get("name") or tag == "option"):
            return
        if tag == "input":
            self._input(a)
        elif tag == "select":
            self._select = a["name"]
            self._fields.setdefault(a["name"], [])
        elif tag == "option" and self._select:
            if "selected" in a or not self._fields[self._select] or not self._fields[self._select][0]:
                self._fields[self._select] = [a.get("value", "")]
        elif tag == "textarea":
            self._fields[a["name"]] = ["zz"]

    def _input(self, a: dict[str, str]) -> None:
        kind, name = a.get("type", "text"), a["name"]
        assert self._fields is not None
        if name.endswith("-DELETE"):  # the crawler's own friends stay members
            return
        if kind in ("checkbox", "radio"):
            if "checked" in a or name not in self._fields:
                self._fields[name] = [a.get("value", "on")]
        elif kind not in ("submit", "button", "file"):
            blank = {"number": "1", "date": "2026-06-30", "email": "z@example.com", "hidden": ""}.get(kind, "zz")
            self._fields[name] = [a.get("value") or blank]

    def handle_endtag(self, tag: str) -> None:
        """End a form or a select."""
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = ""


def forms_on(response: HttpResponse) -> list[tuple[str, dict[str, list[str]]]]:
    """The forms of a page that are posted: where to, and what a browser would send."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.found


def form_writes(world: World, role: Role, dice: random.Random, most: int) -> Iterator[Probe]:
    """The forms that the role is offered on its own pages, sent to foreign rows and with foreign ids in their fields."""
    pages = [
        (route, path)
        for route in routes()
        if route.name not in NOT_WRITTEN
        for path in [path for owner, path in world.fill(route) if owner in ("", *role.allowed)][:3]
    ]
    for route, path in dice.sample(pages, min(most, len(pages))):
        yield from _of_page(world, role, route, path)


def _of_page(world: World, role: Role, route: Route, path: str) -> Iterator[Probe]:
    response = role.client.get(path)
    if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
        return
    for action, fields in forms_on(response):
        if not any(f"/{name.replace('_', '-')}/" in action for name in ("sign_out", *NOT_WRITTEN)):
            yield from _sent_elsewhere(world, role, route, action or path, fields)


def _sent_elsewhere(
    world: World, role: Role, route: Route, action: str, fields: dict[str, list[str]]
) -> Iterator[Probe]:
    def data(change: dict[str, str]) -> tuple[tuple[str, str], ...]:
        kept = {**fields, **{name: [value] for name, value in change.items()}}
        return tuple((name, value) for name, values in kept.items() for value in values)

    inside = [key for key in UUID.findall(action) if role.own(world.marked.owner_of.get(uuid.UUID(key), ("", ""))[0])]
    for key in inside:
        for other in _others(world, role, key):
            variants = (
                ("foreign", action.replace(key, other), data({})),
                ("absent", action.replace(key, absent_like(other)), data({})),
            )
            yield Probe(route, "POST", variants)
    for name, values in fields.items():
        if not any(UUID.fullmatch(value) for value in values) and name not in ("program", "partner", "claimant"):
            continue
        if name == "form_token":
            continue
        for other in _others(world, role, next(iter(values), "")):
            variants = (("foreign", action, data({name: other})), ("absent", action, data({name: absent_like(other)})))
            yield Probe(route, "POST", variants)


def _others(world: World, role: Role, key: str) -> list[str]:
    """Foreign rows of the same model as this one (of partners, if the id says nothing)."""
    known = uuid.UUID(key) if UUID.fullmatch(key) else None
    model = next((m for m, rows in world.marked.rows.items() if any(known in keys for keys in rows.values())), None)
    model = model or apps.get_model("partners.Partner")
    foreign = [owner for owner in world.marked.rows[model] if not role.own(owner)]
    return [world.rows(model, owner)[0] for owner in foreign][: 2 * world.per_owner]


# --- what was written ---


def fingerprints(cursor: Any, tables: list[str], columns: Callable[[str], list[str]]) -> dict[tuple[str, ...], str]:
    """(table, program, partner) -> a digest of these rows."""
    found = {}
    for table in tables:
        has = columns(table)
        partner = "content_object_id" if "content_object_id" in has else "partner_id"
        parts = [f"coalesce({c}::text, '')" if c in has else "''" for c in ("program_id", partner)]
        cursor.execute(
            f"select {', '.join(parts)}, md5(string_agg(md5(t::text), '' order by md5(t::text)))"
            f' from "{table}" t group by 1, 2'
        )
        found |= {(table, program, partner): digest for program, partner, digest in cursor.fetchall()}
    return found
