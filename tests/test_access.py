"""Nobody sees or changes what is not theirs: a crawl over every address as everybody, with both walls, with either one
and with none. `PROVE=1` makes it 10,000 reads and 2,000 writes; otherwise it is a sample that still touches every address.
"""

import logging
import os
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, connections
from django.http import Http404
from django.test import Client, override_settings
from django.views import View

from channelconflict.database.policies import apply_rights
from channelconflict.models import User
from partners import permissions, services
from partners.models import Membership, Registration
from partners.places import COUNTRIES, SUBDIVISIONS
from reviews import views as desk
from reviews.programs import staff_user
from tests import canary, factories
from tests.crawl import Judge, Probe, Role, Tally, World, ask, read_probes, routes, told
from tests.crawl_writes import blind_writes, fingerprints, form_writes
from tests.factories import Cast
from tests.furniture import furnish
from tests.pseudo import bracketed, never_marked, words_of

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "owner"]), pytest.mark.slow]
FULL = bool(os.environ.get("PROVE"))
# How many probes (one or two requests each): both walls, reading and writing; then with one wall or none.
READS, WRITES, LEANER = (14_000, 4_000, 5_000) if FULL else (1_700, 400, 400)
STAFF = ("ada", "carl", "olga", "lena", "rita", "pat", "audrey")
OWN = 6
THOROUGH = {"alpha user", "pat"}  # these touch every address even in the sample


class Everything:
    """The two programs, marked, and everybody who crawls."""

    def __init__(self) -> None:
        self.north, self.south = furnish("northwind"), furnish("southwind")
        self.marked = canary.Marker([self.north, self.south]).mark()
        self.world = World(self.marked, per_owner=2 if FULL else 1)
        self.roles = list(self._roles())

    def _roles(self) -> Iterator[Role]:
        north, south = self.north, self.south
        yield Role("nobody", Client(raise_request_exception=False), frozenset(), partner=True)
        yield self._role("alpha user", north.acme_rep, "alp", "n")
        yield self._role("alpha admin", north.acme_admin, "alp", "n")
        yield self._role("beta user", north.rival_rep, "bet", "n")
        yield from (self._role(name, north.staff[name], "stf", "n") for name in STAFF)
        yield self._role("southwind pat", south.pat, "stf", "s")
        yield self._role("southwind alpha user", south.acme_rep, "alp", "s")
        root = User.objects.create(username="root", is_staff=True, is_superuser=True)
        yield Role("superuser without a role", _signed_in(root), frozenset())

    def _role(self, name: str, user: User, kind: str, letter: str) -> Role:
        kinds = ("alp", "bet", "stf") if kind == "stf" else (kind,)
        allowed = frozenset(f"{k}{letter}" for k in (*kinds, "shr", "prg"))
        return Role(name, _signed_in(user), allowed, partner=kind != "stf")

    def crawlers(self, judge: Judge) -> list[Role]:
        """Everybody; in the sample with a wall off only those who touch every address, and two more."""
        few = judge.one_wall and not FULL
        return [role for role in self.roles if not few or role.name in THOROUGH | {"beta user", "ada"}]


def _signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.fixture
def _django_db_helper() -> None:
    """In place of pytest-django's, which would empty the tables after each test: the rows stay for the whole module."""


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Everything]:
    """Really committed rows and real requests, as app_login; emptied afterwards."""
    folder = str(tmp_path_factory.mktemp("crawl"))
    hasher = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL)  # thousands of refusals would be logged
    with (
        django_db_blocker.unblock(),
        override_settings(FILE_TARGET_DIR=folder, STATIC_ROOT=folder, PASSWORD_HASHERS=hasher),
    ):
        assert str(connection.settings_dict["NAME"]).startswith("test_")
        yield Everything()
        call_command("flush", interactive=False, verbosity=0)
    logging.disable(logging.NOTSET)


# --- what is crawled ---


def sampled(probes: Iterable[Probe], role: Role, most: int, everywhere: bool = False) -> list[Probe]:
    """The same sample of the questions each time; some roles come first to addresses where they have not been.
    `everywhere`: they touch every one of them, whatever `most` says."""
    found = list(probes)
    dice = random.Random(role.name)
    dice.shuffle(found)
    if role.name in THOROUGH:
        rank = _first_of_its_route(found)
        found.sort(key=rank)
        most = max(most, OWN + sum(rank(probe) == 0 for probe in found)) if everywhere else most
    if len(found) <= most:
        return found
    # A small sample may hold nothing of the role's own: a few pages of its own rows are in it for certain.
    own = [probe for probe in found[most:] if probe.method == "GET" and _of_a_row_of_its_own(probe, role)][:OWN]
    return [*found[: most - len(own)], *own]


def _of_a_row_of_its_own(probe: Probe, role: Role) -> bool:
    here = probe.route.path.startswith("portal") == role.partner  # partners are sent away from everything else
    return here and bool(probe.route.params) and probe.variants[0][0] == "own"


def _first_of_its_route(probes: list[Probe]) -> Callable[[Probe], int]:
    """The first reading of each address and kind of row comes before anything else; the rest stays shuffled."""
    seen: set[tuple[str, str]] = set()
    first = set()
    for probe in probes:
        key = (probe.route.path, probe.variants[0][0])
        if key not in seen and probe.method in ("GET", "POST"):
            seen.add(key)
            first.add(id(probe))
    return lambda probe: 0 if id(probe) in first else 1


def crawl_reads(everything: Everything, judge: Judge, most: int) -> None:
    roles = everything.crawlers(judge)
    share = {role.name: 4 if role.name in THOROUGH else 1 for role in roles}
    for role in roles:
        wanted = most * share[role.name] // sum(share.values())
        for probe in sampled(read_probes(everything.world, role), role, wanted, everywhere=not judge.one_wall):
            judge.run(role, probe)


def assert_nobody_was_blind(tally: Tally) -> None:
    """Whoever crawled did see what is theirs: an empty page leaks nothing either."""
    blind = {name for name, times in tally.sighted.items() if not times}
    assert blind <= {"nobody", "superuser without a role"}


def crawl_writes(everything: Everything, judge: Judge, most: int) -> list[str]:
    """Write as everybody; returns the foreign tables that changed."""
    changed = []
    roles = everything.crawlers(judge)
    each = most // len(roles) // 2
    for role in roles:
        before = everything_written()
        blind = list(blind_writes(everything.world, role))
        forms = form_writes(everything.world, role, random.Random(role.name), 4 + each // 3)
        always = [probe for probe in blind if probe.route.name == "withdraw" and probe.method == "POST"]
        for probe in [*always, *sampled(blind, role, each), *sampled(forms, role, each)]:
            judge.run(role, probe)
        changed += foreign_changes(everything, role, before, everything_written())
    return changed


# Written by every request, by design: the record of acts, sessions, the queue. None of them shows in a page of a partner.
ALWAYS = {"channelconflict_auditevent", "channelconflict_chainhead", "channelconflict_user"}


def everything_written() -> dict[tuple[str, ...], str]:
    tables = {m._meta.db_table: [f.column for f in m._meta.concrete_fields] for m in canary.all_models()}
    with connections["owner"].cursor() as cursor:
        return fingerprints(cursor, sorted(set(tables) - ALWAYS), tables.__getitem__)


def foreign_changes(everything: Everything, role: Role, before: Any, after: Any) -> list[str]:
    """Which rows changed that are not the role's to change."""
    own = {pk for cast in (everything.north, everything.south) for pk in _own_ids(cast, role)}
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    return [f"{role.name} changed {key}" for key in changed if not own & set(key[1:])]


def _own_ids(cast: Cast, role: Role) -> Iterator[str]:
    letter = "n" if cast.program.code.endswith("northwind") else "s"
    if not role.partner and f"stf{letter}" in role.allowed:
        yield str(cast.program.pk)
    for partner, code in ((cast.alpha, f"alp{letter}"), (cast.beta, f"bet{letter}")):
        if code in role.allowed:
            yield str(partner.pk)


def report(what: str, tally: Tally, capsys: Any) -> None:
    with capsys.disabled():
        print(f"\n{what}: {tally}")  # noqa: T201
        for leak, times in tally.leaking.most_common(25):
            print(f"    {times} x {leak}")  # noqa: T201


# --- the tests ---


def test_the_crawl_knows_every_address_and_every_text(everything) -> None:
    paths = {route.path for route in routes()}
    assert {"portal/register/", "portal/registrations/%(pk)s/", "admin/partners/partner/"} <= paths
    for route in routes():
        assert list(everything.world.fill(route)), f"nothing to ask for at {route.path}"
    assert everything.marked.unmarked == [], "these texts carry no marker"
    for model in canary.all_models():
        for f in canary.text_fields(model):
            name = f"{model._meta.label}.{f.name}"
            if canary.excused(model, f.name):
                continue
            owners = everything.marked.fields.get(name, set())
            assert {owner[-1] for owner in owners} == {"n", "s"}, f"{name} has no marked text: furnish it"
            if canary.original(model) in canary.OF_PARTNERS:
                assert {"alpn", "betn"} <= owners, f"{name} has no marked text of both partners"


def test_with_both_walls_nothing_foreign_is_read(everything, capsys) -> None:
    tally = Tally()
    crawl_reads(everything, Judge(everything.marked, tally), READS)
    report("Both walls, reading", tally, capsys)
    assert tally.broken == []
    assert tally.leaks == []
    assert_nobody_was_blind(tally)
    assert tally.unlike == [], "foreign and absent ids must be answered alike"
    assert tally.routes == {route.path for route in routes()}
    assert tally.statuses[200] > tally.reads / 10, "hardly anything was seen"
    assert not FULL or tally.reads >= 10_000


def test_with_both_walls_nothing_foreign_is_written(everything, capsys) -> None:
    tally = Tally()
    changed = crawl_writes(everything, Judge(everything.marked, tally), WRITES)
    report("Both walls, writing", tally, capsys)
    assert changed == []
    assert tally.broken == []
    assert tally.leaks == []
    assert tally.unlike == []
    assert not FULL or tally.writes >= 2_000
    assert_rows_stay_in_their_program(everything)


def assert_rows_stay_in_their_program(everything: Everything) -> None:
    """No row of one program names a row of another."""
    with connections["owner"].cursor() as cursor:
        for model in canary.all_models():
            fields = model._meta.concrete_fields
            if "program_id" not in {f.attname for f in fields} or model is not canary.original(model):
                continue
            for f in fields:
                target = f.related_model
                if target is None or "program_id" not in {x.attname for x in target._meta.concrete_fields}:
                    continue
                cursor.execute(
                    f'select count(*) from "{model._meta.db_table}" a join "{target._meta.db_table}" b'
                    f' on b.id = a."{f.column}" where a.program_id <> b.program_id'
                )
                assert cursor.fetchone() == (0,), f"{model._meta.label}.{f.name} crosses programs"


def test_the_portal_says_nothing_that_no_translator_can_reach(everything) -> None:
    """Every page of the portal, in a language of brackets; what stands outside of them must be words of the rows."""
    admin = next(role for role in everything.roles if role.name == "alpha admin")
    names = ("channelconflict", "USD", *dict(settings.LANGUAGES).values(), *SUBDIVISIONS.values(), *COUNTRIES.values())
    data = words_of(everything.marked, {"alpn", "shrn", "prgn"}, *names)
    world = World(everything.marked, per_owner=6)
    asked = [(route, found) for route in routes() if route.path.startswith("portal/") for found in world.fill(route)]
    wrong, seen = set(), 0
    with bracketed():
        for route, path in ((route, path) for route, (owner, path) in asked if owner in ("", "absent", "alpn")):
            response = ask(admin, "GET", path, ())
            for close in response._resource_closers:  # response.close() would end the connection as well
                close()
            if response.headers.get("Content-Type", "").startswith("text/html"):
                seen += response.status_code == 200
                wrong |= {(route.path, text) for text in never_marked(response.content.decode(), data)}
    assert not wrong, "\n".join(f"{path}: {text}" for path, text in sorted(wrong))
    assert seen > 50


def test_with_wall_one_off_the_database_still_shows_nothing(everything, capsys, monkeypatch) -> None:
    take_wall_one_down(monkeypatch, everything)
    tally = Tally()
    judge = Judge(everything.marked, tally, wall_one=False)
    crawl_reads(everything, judge, LEANER)
    changed = crawl_writes(everything, judge, LEANER // 5)
    report("Wall one off", tally, capsys)
    assert tally.leaks == []
    assert_nobody_was_blind(tally)
    assert changed == []
    assert tally.statuses[200] > tally.reads / 10


def test_with_wall_two_off_the_pages_still_show_nothing(everything, capsys) -> None:
    tally = Tally()
    with wall_two_down():
        judge = Judge(everything.marked, tally, wall_two=False)
        crawl_reads(everything, judge, LEANER)
        changed = crawl_writes(everything, judge, LEANER // 5)
    report("Wall two off", tally, capsys)
    assert tally.leaks == []
    assert_nobody_was_blind(tally)
    assert changed == []
    assert tally.broken == []


def test_with_both_walls_off_the_crawl_finds_leaks(everything, capsys, monkeypatch) -> None:
    take_wall_one_down(monkeypatch, everything)
    tally = Tally()
    with wall_two_down():
        judge = Judge(everything.marked, tally, wall_one=False, wall_two=False)
        crawl_reads(everything, judge, LEANER // 2)
        changed = crawl_writes(everything, judge, LEANER // 4)
    report("Both walls off", tally, capsys)
    assert changed, "no foreign row was changed where nothing protects them: the writes prove nothing"
    assert len(tally.leaks) > 50, "the crawl finds nothing where everything is open: it proves nothing"
    assert any(leak.startswith("alpha user") and " bet" in leak for leak in tally.leaks)
    assert any(leak.startswith("pat") and re_foreign_program(leak) for leak in tally.leaks)


def re_foreign_program(leak: str) -> bool:
    return any(f" {kind}s " in leak for kind in ("alp", "bet", "stf"))


def take_wall_one_down(monkeypatch: pytest.MonkeyPatch, everything: Everything) -> None:
    """Every question of partners.permissions is answered with yes; the scope alone stays."""
    programs = frozenset({everything.north.program.pk, everything.south.program.pk})
    partners = frozenset(p.pk for cast in (everything.north, everything.south) for p in (cast.alpha, cast.beta))

    def first(user: Any, rows: Any, right: str = "", **lookup: Any) -> Any:
        try:
            return rows.get(**lookup)
        except (rows.model.DoesNotExist, ValueError):
            raise Http404("Not found.") from None

    open_doors: dict[str, Callable[..., Any]] = {
        "visible": lambda _user, rows, *_, **__: rows,
        "may": lambda *_, **__: True,
        "get_or_404": first,
        "programs_of": lambda *_, **__: programs,
        "partners_of": lambda *_, **__: partners,
        "roles_in": lambda *_, **__: frozenset(permissions.DECIDING_ROLES),
    }
    closed = {name: getattr(permissions, name) for name in open_doors}
    ours = [module for name, module in sys.modules.items() if name.split(".")[0] in canary.ROOMS]
    for module in ours:
        for name, function in closed.items():
            if getattr(module, name, None) is function:
                monkeypatch.setattr(module, name, open_doors[name])
    monkeypatch.setattr(admin.site, "has_permission", lambda request: request.user.is_authenticated)
    monkeypatch.setattr(desk.DeskView, "dispatch", View.dispatch)


@contextmanager
def wall_two_down() -> Iterator[None]:
    """Row-level security is off and every role may do everything; the rights are given anew afterwards."""
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute(
            "select quote_ident(relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"alter table {table} disable row level security")
        cursor.execute("grant select, insert, update, delete on all tables in schema public to portal, staff")
        try:
            yield
        finally:
            apply_rights(owner, force=True)
            connection.close()


def test_a_revoked_right_bites_on_the_next_request(everything) -> None:
    north, mine = everything.north, everything.world.rows(Registration, "alpn")[0]
    with north.scope():
        rep = factories.rep(north.alpha, "leaver")
        role = permissions.Role.CHANNEL_LEAD
        lead = staff_user(username="leader", password="", program=north.program, role=role, at=factories.AT)
    pages = {rep: ["/portal/", f"/portal/registrations/{mine}/"], lead: ["/admin/partners/partner/", "/review/"]}
    clients = {user: _signed_in(user) for user in pages}
    for user, paths in pages.items():
        for path in paths:
            assert canary.MARKER.search(clients[user].get(path).content.decode()), f"{path} shows nothing"
    with north.scope():
        member = Membership.objects.get(user=rep)
        services.remove_member(member=member, by=north.pat, at=factories.AT)
        lead.groups.clear()
    for user, paths in pages.items():
        for path in paths:
            response = clients[user].get(path)
            assert not canary.MARKER.search(told(response)), path
            assert response.status_code in (403, 404) or path == "/review/", path
    User.objects.filter(pk=lead.pk).update(is_active=False)
    assert clients[lead].get("/review/").status_code == 302  # to the sign-in page
