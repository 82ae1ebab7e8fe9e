"""A crawl over every address of the resolver: which requests there are, what they answer, and what may not be in it."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.utils.regex_helper import normalize
from uuid_utils.compat import uuid7

from tests.canary import MARKER, ROOMS, Marked, field_of

ABSENT = str(uuid7())


def absent_like(key: str) -> str:
    """An id of nobody from the same moment as this one: ids are in the order of time, and pages go by that."""
    return key[:-12] + ABSENT[-12:]


UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
# A page draws these anew each time.
FRESH = re.compile(r'name="(csrfmiddlewaretoken|form_token)" value="[^"]*"|value="[^"]*" name="csrfmiddlewaretoken"')
UNSTEADY_HEADERS = {"Content-Length", "Set-Cookie", "Expires", "Last-Modified", "Date", "ETag"}


@dataclass(frozen=True)
class Route:
    """One address of the resolver, as a format with named parameters."""

    path: str
    params: tuple[str, ...]
    name: str
    model: type[models.Model] | None

    @property
    def listing(self) -> bool:
        """Whether it stands for many rows (or none), not for one."""
        return not self.params


@dataclass
class Role:
    """Somebody who crawls: whose markers may be seen, and the browser."""

    name: str
    client: Client
    allowed: frozenset[str]
    partner: bool = False

    def own(self, owner: str) -> bool:
        """Whether rows of this owner are the role's to see."""
        return owner in self.allowed


@dataclass(frozen=True)
class Probe:
    """One request, or several that must be answered alike: label -> (path, data). `foreign` and `absent` are compared."""

    route: Route
    method: str
    variants: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.variants[0][1]}"


@dataclass
class Tally:
    """What a crawl found."""

    reads: int = 0
    writes: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    routes: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)
    leaking: Counter[str] = field(default_factory=Counter)
    sighted: Counter[str] = field(default_factory=Counter)  # answers with something of the role's own
    broken: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.reads} reads, {self.writes} writes on {len(self.routes)} addresses: {len(self.leaks)} leaks, "
            f"{len(self.unlike)} told apart, {len(self.broken)} broken; statuses {dict(sorted(self.statuses.items()))}"
        )


# --- which addresses ---


@cache
def routes() -> list[Route]:
    """Every address of the resolver, in its own order."""
    return [_route(*found) for found in _walk(get_resolver().url_patterns, "", ())]


def _walk(patterns: Any, prefix: str, params: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for pattern in patterns:
        for text, names in normalize(pattern.pattern.regex.pattern.removeprefix("^")):
            if isinstance(pattern, URLPattern):
                yield prefix + text, (*params, *names), str(pattern.name or "")
            else:
                yield from _walk(pattern.url_patterns, prefix + text, (*params, *names))


def _route(path: str, params: tuple[str, ...], name: str) -> Route:
    return Route(path, params, name, _model_of(path) if params else _model_of_admin(path))


def _model_of_admin(path: str) -> type[models.Model] | None:
    found = re.match(r"admin/(\w+)/(\w+)/", path)
    return apps.get_model(*found.groups()) if found and found.group(1) in ROOMS else None


def _model_of(path: str) -> type[models.Model] | None:
    """Of which model the id in the address is: the admin's own, else the noun before it (`registrations/<id>/`)."""
    noun = re.match(r".*?([a-z_-]+)/%\(", path)
    known = {str(m._meta.verbose_name_plural).replace(" ", "-"): m for m in apps.get_models()}
    return _model_of_admin(path) or (known.get(noun.group(1)) if noun else None)


@dataclass
class World:
    """The rows to ask for, and the values of every other parameter."""

    marked: Marked
    per_owner: int = 1

    def rows(self, model: type[models.Model], owner: str) -> list[str]:
        """Some ids of rows of this owner, the oldest and the newest first."""
        found = [str(key) for key in self.marked.rows.get(model, {}).get(owner, [])]
        half = (self.per_owner + 1) // 2
        return list(dict.fromkeys([*found[:half], *found[max(half, len(found) - half) :]]))[: self.per_owner]

    def fill(self, route: Route) -> Iterator[tuple[str, str]]:
        """The addresses of a route: (owner of the row, path); "absent" = of nobody. Unknown parameters are an error."""
        if route.params in ((), ("url",)):
            yield "", "/" + route.path % dict.fromkeys(route.params, "nowhere")
        elif route.params == ("app_label",):
            yield from (("", "/" + route.path % {"app_label": label}) for label in ("partners", "reviews", "auth"))
        elif route.params == ("name",):  # an exercise of the library
            yield "", "/" + route.path % {"name": "08-territory-rules-overlap"}
        elif route.params == ("kind",):  # of a notice, of a case
            yield "", "/" + route.path % {"kind": "approved" if "notice" in route.path else "competing_registration"}
        elif route.params == ("token",):  # of an invitation
            yield "", "/" + route.path % {"token": "nothing"}
        elif route.model and route.params in (("pk",), ("object_id",)):
            for owner in (*self.marked.rows[route.model], "absent"):
                for key in self.rows(route.model, owner) if owner != "absent" else [ABSENT]:
                    yield owner, "/" + route.path % {route.params[0]: key}
        elif route.model and route.params == ("_0", "_1"):
            yield from self._histories(route)
        else:
            raise AssertionError(f"The crawl does not know how to fill {route.path}: teach it (tests/crawl.py).")

    def _histories(self, route: Route) -> Iterator[tuple[str, str]]:
        """A row's address with a past state: its own, another row's, and none."""
        past: Any = route.model.history.model  # type: ignore[union-attr]
        pairs = {owner: (self.rows(route.model, owner), self.rows(past, owner)) for owner in self.marked.rows[past]}
        for owner, (now, then) in pairs.items():
            for key, state in zip(now, then, strict=False):
                yield owner, "/" + route.path % {"_0": key, "_1": state}
                yield "absent", "/" + route.path % {"_0": ABSENT, "_1": state}


# --- which questions ---


def read_probes(world: World, role: Role) -> Iterator[Probe]:
    """Everything that this role reads: each address with own, foreign and absent ids, and lists with their questions."""
    for route in routes():
        filled = list(world.fill(route))
        own = [path for owner, path in filled if owner in ("", *role.allowed)]
        foreign = [path for owner, path in filled if owner not in ("", "absent", *role.allowed)]
        absent = [path for owner, path in filled if owner == "absent"][:1]
        for method in ("GET", "HEAD", "OPTIONS"):
            yield from (Probe(route, method, (("own", path, ()),)) for path in own)
            for path in foreign:
                yield Probe(route, method, (("foreign", path, ()), *(("absent", p, ()) for p in absent)))
        if route.listing:
            for values in _questions(world, role, route):
                yield Probe(route, "GET", tuple((label, "/" + route.path, data) for label, data in values))


def _questions(world: World, role: Role, route: Route) -> Iterator[list[tuple[str, tuple[tuple[str, str], ...]]]]:
    """Query strings: searches for foreign words, filters with foreign ids, orders and formats."""
    owners = sorted({owner for rows in world.marked.rows.values() for owner in rows} - role.allowed)
    for owner in owners:
        found = ("foreign", (("q", f"cnry{owner}"),))
        yield [found, ("absent", (("q", "cnryzzzz"),))]
    for plain in ("o=1.-2", "o=-1", "all=", "p=1", "e=1", "_popup=1", "_to_field=id", "format=json", "format=csv",
                  "format=api", "sort=amount", "view=mine", "before=x", "page=2", "q=%00"):  # fmt: skip
        yield [("own", (tuple(plain.split("=", 1)),))]  # type: ignore[list-item]
    for name in _filters(route):
        ids = _foreign_ids(world, role, name, route)
        for key in ids:
            yield [("foreign", ((name, key),)), ("absent", ((name, absent_like(key)),))]
    if route.name == "autocomplete":
        yield from _autocompletes(owners)


def _filters(route: Route) -> Iterator[str]:
    yield from ("program", "partner", "claimant", "account", "case", "registration", "before", "after")
    if route.model:
        for f in route.model._meta.concrete_fields:
            if isinstance(f, models.ForeignKey):
                yield from (f"{f.name}__id__exact", f"{f.name}__exact", f"{f.name}__program__id__exact")


def _foreign_ids(world: World, role: Role, name: str, route: Route) -> list[str]:
    """Ids of rows that the role may not see, of the model that the filter's name speaks of."""
    known = {"program": "partners.Program", "partner": "partners.Partner", "claimant": "partners.Partner",
             "account": "partners.Account", "case": "reviews.Case", "before": "partners.Registration"}  # fmt: skip
    first = name.split("__")[0]
    if "__program__" in name:
        first = "program"
    if route.model and first in {f.name for f in route.model._meta.concrete_fields} and "__program__" not in name:
        related = route.model._meta.get_field(first).related_model
    else:
        related = apps.get_model(known.get(first, "partners.Registration"))
    return [world.rows(related, owner)[0] for owner in world.marked.rows.get(related, {}) if not role.own(owner)][:2]


def _autocompletes(owners: list[str]) -> Iterator[list[tuple[str, tuple[tuple[str, str], ...]]]]:
    """Search-as-you-type for every relation of every model that the staff site knows."""
    for model in admin.site._registry:
        for f in model._meta.concrete_fields:
            if isinstance(f, models.ForeignKey):
                ask = (("app_label", model._meta.app_label), ("model_name", str(model._meta.model_name)))
                asked = (*ask, ("field_name", f.name))
                yield [("own", (*asked, ("term", "")))]
                for owner in owners:
                    yield [("foreign", (*asked, ("term", f"cnry{owner}"))), ("absent", (*asked, ("term", "cnryzzzz")))]


# --- what they answer ---


def ask(role: Role, method: str, path: str, data: tuple[tuple[str, str], ...]) -> HttpResponse:
    """One request; a crash of the page is an answer too."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return role.client.generic(method, f"{path}?{urlencode(data)}" if data else path)
    kind = "application/x-www-form-urlencoded"
    return role.client.generic(method, path, urlencode(data), content_type=kind)


def told(response: HttpResponse) -> str:
    """Everything that an answer says: body, headers, and messages that the next page would show."""
    try:
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    except Exception:  # a stream that breaks off is an error of the server, as a page that raises
        response.status_code, body = 500, b""
    waiting = getattr(getattr(response, "wsgi_request", None), "_messages", None)
    said = [str(message) for message in getattr(waiting, "_queued_messages", [])]
    headers = [f"{name}: {value}" for name, value in response.headers.items()]
    return "\n".join([body.decode("utf-8", "replace"), *headers, response.cookies.output(), *said])


def masked(response: HttpResponse, values: list[str]) -> tuple[int, str]:
    """An answer without what was asked for and what is fresh each time: equal answers tell nothing."""
    text = response.content.decode("utf-8", "replace") if not response.streaming else "stream"
    headers = [f"{k}: {v}" for k, v in sorted(response.headers.items()) if k not in UNSTEADY_HEADERS]
    found = FRESH.sub("FRESH", "\n".join([*headers, text]))
    for value in values:
        found = found.replace(value, "ASKED")
    return response.status_code, found


class Judge:
    """Looks at every answer: no foreign marker, id or case number in it, no crash, foreign and absent alike."""

    # What wall two alone lets through, by design (TRUST 1): tables that are readable before any scope exists.
    OPEN = ("partners.Program.",)
    OPEN_TO_STAFF = ("channelconflict.User.",)

    def __init__(self, marked: Marked, tally: Tally, *, wall_one: bool = True, wall_two: bool = True) -> None:
        self.marked, self.tally, self.walls_down = marked, tally, not wall_one
        self.one_wall = not (wall_one and wall_two)
        only_two = wall_two and not wall_one
        self.spared = self.OPEN if only_two else ()
        self.spared_for_staff = self.OPEN_TO_STAFF if only_two else ()
        cases = "|".join(str(number) for number in sorted(marked.case_numbers))
        self.cases = re.compile(rf"CF-({cases})\b")

    def run(self, role: Role, probe: Probe) -> None:
        """Send one probe and note what was found."""
        answers = self._answers(role, probe)
        if self.walls_down or len(answers) < 2:
            return
        if answers["foreign"] != answers["absent"]:
            again = self._answers(role, probe)  # a clock may have struck in between
            if again["foreign"] != again["absent"]:
                first, second = (again[label] for label in ("foreign", "absent"))
                self.tally.unlike.append(
                    f"{role.name}: {probe}: {first[0]} or {second[0]} {_difference(first[1], second[1])}"
                )

    def _answers(self, role: Role, probe: Probe) -> dict[str, Any]:
        found = {}
        values = [
            text
            for _, path, data in probe.variants
            for text in (*UUID.findall(path), *(v for _, v in data if len(v) > 6))
        ]
        for label, path, data in probe.variants:
            response = ask(role, probe.method, path, data)
            self._count(role, probe, response, path)
            text = told(response)
            self.tally.sighted[role.name] += any(owner.lower() in role.allowed for owner, _ in MARKER.findall(text))
            for leak in self._leaks(role, text, {v.lower() for v in values}):
                self.tally.leaking[f"{role.name}: {leak.split(' id ')[0]}"] += 1
                self.tally.leaks.append(
                    f"{role.name}: {probe.method} {path} {dict(data) or ''} -> {response.status_code}: {leak}"
                )
            found[label] = masked(response, values)
            role.client.cookies.pop("messages", None)
        return found

    def _count(self, role: Role, probe: Probe, response: HttpResponse, path: str) -> None:
        reading = probe.method in ("GET", "HEAD", "OPTIONS")
        self.tally.reads += reading
        self.tally.writes += not reading
        self.tally.routes.add(probe.route.path)
        self.tally.statuses[response.status_code] = self.tally.statuses.get(response.status_code, 0) + 1
        if response.status_code >= 500:
            error = getattr(response, "exc_info", None)
            self.tally.broken.append(f"{role.name}: {probe.method} {path}: {error and repr(error[1])[:300]}")

    def _leaks(self, role: Role, text: str, asked: set[str]) -> Iterator[str]:
        for owner, number in set(MARKER.findall(text)):
            if owner.lower() not in role.allowed and not self._spared(role, field_of(number)):
                yield f"{owner} {field_of(number)}"
        for key in {key.lower() for key in UUID.findall(text)} - asked:
            owner, model = self.marked.owner_of.get(uuid.UUID(key), ("", None))
            if owner and owner not in role.allowed and not self._spared(role, f"{model}."):
                yield f"{owner} id {key}"
        if role.partner:
            yield from (f"case number {found}" for found in set(self.cases.findall(text)))

    def _spared(self, role: Role, name: str) -> bool:
        spared = self.spared if role.partner else self.spared + self.spared_for_staff
        return name.startswith(spared)


def _difference(first: str, second: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return f"...{first[max(0, at - 60) : at + 80]!r} against ...{second[max(0, at - 60) : at + 80]!r}"
