"""Every page of the staff and of the portal, full, empty and refusing: axe finds nothing, light and dark, 1280 and 390 wide.

The addresses are the resolver's, so a new page is looked at without being named here. In the suite each answer is
looked at in one of the four looks, in turn, and of the admin's pages and of refusals a part; with PROVE=1 all, in all four.
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import expect

from channelconflict.scope import acting
from partners.permissions import scope_of
from reviews.models import Case
from tests import canary, factories
from tests.crawl import ABSENT, Route, World, routes
from tests.furniture import furnish
from tests.journeys.axe import LOOKS, RUN, SOURCE, Answer, Eye
from tests.journeys.steps import collide, open_case

pytestmark = pytest.mark.django_db
FULL = bool(os.environ.get("PROVE"))
HEAVIEST = 100_000  # bytes of a portal page with its styles and scripts, nothing compressed
# No pages: files, scripts and answers for programs; and what only ends or begins a session.
NO_PAGES = ("admin/jsi18n/", "admin/autocomplete/", "review/find/hits/", "admin/logout/", "admin/login/")


@dataclass(frozen=True)
class Who:
    """Whose pages are walked: the people (the first who may open a page does), and where their addresses begin."""

    people: tuple[str, ...]
    places: tuple[str, ...]
    typed: tuple[tuple[str, dict[str, Any]], ...]  # who sends what to each form

    @property
    def routes(self) -> list[Route]:
        """Every address of theirs."""
        return [r for r in routes() if r.path.startswith(self.places) and not r.path.startswith(NO_PAGES)]


STAFF = Who(
    ("carl", "pat", "olga", "audrey"), ("review/", "admin/"),
    (("carl", {}), ("carl", {"seen_version": 0}), ("audrey", {"seen_version": 1}), ("pat", {})),
)  # fmt: skip
PARTNER = Who(("acme_rep", "acme_admin"), ("portal/",), (("acme_rep", {}), ("acme_admin", {})))
ALONE = Who(("acme_rep",), PARTNER.places, ())


class Walk:
    """Answers of the application to people of a program, each asked in a savepoint that is rolled back."""

    def __init__(self, cast: Any, who: Who = STAFF) -> None:
        self.cast, self.clients, self.who = cast, {}, who
        for name in who.people:
            self.clients[name] = Client(raise_request_exception=False)
            self.clients[name].force_login(getattr(cast, name))
        with cast.scope() if who is STAFF else acting(scope_of(getattr(cast, who.people[-1]))):
            models = {route.model for route in who.routes if route.model}
            if who is STAFF:  # the portal shows no history, and may not read most of it
                models |= {model.history.model for model in models if hasattr(model, "history")}
            rows = {model: {"own": list(_of_each_state(model))} for model in models}
        self.world = World(canary.Marked(rows=rows), per_owner=99)

    def ask(self, name: str, method: str, path: str, what: str, **data: Any) -> Answer:
        """One request of somebody; nothing that it changes stays."""
        with transaction.atomic():
            response = getattr(self.clients[name], method)(path, data)
            for close in response._resource_closers if response.streaming else ():  # a file; closing the answer itself
                close()  # would end the connection, too
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
            transaction.set_rollback(True)
        return Answer(f"{what}, {name}:", path, response)

    def paths(self, route: Route) -> Iterator[str]:
        """The addresses of a route, one a state of what stands there."""
        yield from (path for owner, path in self.world.fill(route) if owner != "absent")

    def full(self) -> Iterator[Answer]:
        """Each page that some of the staff may open."""
        for route in self.who.routes:
            for path in self.paths(route):
                tries = (self.ask(name, "get", path, "full") for name in self.who.people)
                answer = next((one for one in tries if one.response.status_code == 200), None)
                if answer is not None and answer.drawn:
                    yield answer

    def lists(self) -> Iterator[Answer]:
        """Each page that needs no row."""
        for route in self.who.routes:
            if route.listing:
                yield self.ask(self.who.people[:2][-1], "get", "/" + route.path, "empty")

    def refusals(self) -> Iterator[Answer]:
        """What each form says to whoever sends nothing, something old, or may not send it; and pages that are not there."""
        seen = set()
        for route in self.who.routes:
            for path in list(self.paths(route))[: None if FULL else 1]:
                for name, data in self.who.typed:
                    answer = self.ask(name, "post", path, f"posted {data}", **data)
                    key = route.path, answer.response.status_code
                    if key not in seen and answer.drawn and answer.response.status_code not in (404, 405):
                        seen.add(key)
                        yield answer
        place = "review/cases" if self.who is STAFF else "portal/registrations"
        yield self.ask(self.who.people[0], "get", f"/{place}/{ABSENT}/", "absent")


def _of_each_state(model: Any) -> list[Any]:
    """The newest row of each status or stage, else the newest row; in the suite one row, and of cases two."""
    names = {f.name for f in model._meta.concrete_fields}
    key = next((name for name in ("status", "stage") if name in names and model is canary.original(model)), None)
    if key is None or (not FULL and model is not Case):
        return list(model._base_manager.order_by("-pk").values_list("pk", flat=True)[:1])
    return list(model._base_manager.order_by(key, "-pk").distinct(key).values_list("pk", flat=True))


@pytest.fixture
def eye(browser) -> Iterator[Eye]:
    made = Eye(browser)
    yield made
    made.close()


def looked_at(eye: Eye, answers: Iterator[Answer], desk: int = 2, admin: int = 4) -> tuple[int, list[str]]:
    """How many answers were looked at, and what was found; in the suite each `desk`-th of the desk, `admin`-th of the admin."""
    turn, found, count = cycle(LOOKS), [], 0
    numbers: Counter[bool] = Counter()
    for answer in answers:
        of_desk = answer.path.startswith(("/review/", "/portal/"))
        numbers[of_desk] += 1
        if answer.drawn and (FULL or numbers[of_desk] % (desk if of_desk else admin) == 0):
            count += 1
            found += eye.looks_at(answer, LOOKS if FULL else (next(turn),))
    return count, found


@pytest.mark.slow
def test_every_page_of_the_staff(eye, db, tmp_path, settings):
    settings.FILE_TARGET_DIR = tmp_path
    full = Walk(furnish("northwind"))
    asked, found = looked_at(eye, full.full())
    assert asked >= 40
    refused, faults = looked_at(eye, full.refusals(), desk=4, admin=8)
    assert refused >= 10
    assert found + faults == []


def test_every_page_of_a_program_in_which_nothing_has_happened(eye, db):
    asked, found = looked_at(eye, Walk(factories.make_cast()).lists(), desk=2, admin=8)
    assert asked >= 15
    assert found == []


@pytest.mark.slow
def test_every_page_of_the_portal(eye, db, tmp_path, settings):
    settings.FILE_TARGET_DIR = tmp_path
    walk = Walk(furnish("northwind"), PARTNER)
    answers = list(walk.full())
    assert len({answer.path.split("/")[2] for answer in answers}) >= 8
    assert [one.path for one in answers if weight_of(one) > HEAVIEST] == []
    assert [one.path for one in answers if FOREIGN.search(one.response.content.decode())] == []
    asked, found = looked_at(eye, iter(answers), desk=2)
    refused, faults = looked_at(eye, walk.refusals(), desk=3)
    assert min(asked, refused) >= 5
    assert found + faults == []


def test_every_page_of_a_portal_in_which_nothing_has_happened(eye, db):
    asked, found = looked_at(eye, Walk(factories.make_cast(), ALONE).lists(), desk=2)
    assert asked >= 4
    assert found == []


FOREIGN = re.compile(r"""\b(?:src|href|action|srcset|poster)=["']?(?:https?:)?//""")
_PARTS = re.compile(r"""<(?:script|link|img)[^>]*\b(?:src|href)="/static/([^"?]+)""")


def weight_of(answer: Answer) -> int:
    """Bytes of a page, its styles, scripts and pictures, each once, nothing compressed."""
    content = answer.response.content
    parts = {Path(found) for name in _PARTS.findall(content.decode()) if (found := finders.find(name))}
    return len(content) + sum(part.stat().st_size for part in parts)


def test_pages_of_errors(eye):
    errors = (400, 403, 404, 500)
    found = []
    for status in errors:
        response = type("Drawn", (), {"status_code": status, "headers": {"Content-Type": "text/html"}})()
        response.content = render_to_string(f"{status}.html").encode()
        found += eye.looks_at(Answer("error", f"/{status}", response))
    assert project.DEBUG is False
    assert found == []


def test_dialogs_and_menus_that_are_open(cast, page_of):
    case = collide(cast)
    page = page_of(cast.ada)
    open_case(page, case)
    page.evaluate(SOURCE)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        page.keyboard.press("Control+k")
        page.keyboard.type("orion")
        expect(page.get_by_role("group", name="Cases")).to_be_visible()
        assert page.evaluate(RUN) == [], (scheme, width, "palette")
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        assert page.evaluate(RUN) == [], (scheme, width, "keys")
        page.keyboard.press("Escape")
