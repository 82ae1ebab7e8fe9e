"""Wall two: what the database shows to whom, whatever the code above it asks for (TRUST 1)."""

import threading
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, connections, models, transaction
from django.http import HttpRequest, HttpResponse
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from channelconflict.database.policies import declaration
from channelconflict.database.rights import THIRD_PARTY
from channelconflict.scope import NOBODY, Scope, ScopeMiddleware, acting, current, staff_of
from channelconflict.tasks import nudge
from partners.models import Activity, Evidence, Membership, Partner, PartnerUserPermission, Program, Registration
from partners.permissions import entitlements, scope_of
from reviews.models import Case, Notice
from tests import factories

# Readable before any scope exists (TRUST 1): who signs in, and into what. No partner data.
BEFORE_SCOPE = {
    "channelconflict_user", "partners_program", "partners_membership", "partners_programuserpermission",
    "partners_programgrouppermission", "partners_partneruserpermission", "partners_partnergrouppermission",
    # their histories and links, where app_login writes the table itself
    "partners_historicalprogram", "channelconflict_user_groups", "channelconflict_user_user_permissions",
}  # fmt: skip
MODELS = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]
PARTNER_DATA = [m for m in MODELS if m._meta.db_table not in BEFORE_SCOPE | set(THIRD_PARTY)]


def portal_of(*partners: Partner, user: Any = None) -> Scope:
    return Scope(
        role="portal",
        partner_ids=frozenset(p.pk for p in partners),
        program_ids=frozenset(p.program_id for p in partners),
        user_id=getattr(user, "pk", None),
    )


def rows_seen(model: type[models.Model]) -> int:
    """How many rows the present role counts; no right to look is 0."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege(current_user, %s, 'SELECT')", [f'"{table}"'])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(f'select count(*) from "{table}"')
        return int(cursor.fetchone()[0])


@pytest.fixture
def two(db):
    """Two programs with a case each."""
    north, south = factories.make_cast(), factories.make_cast("southwind")
    factories.conflict_case(north)
    factories.conflict_case(south)
    return north, south


# --- what is declared is what stands ---


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_model_says_who_may_see_its_rows(model: type[models.Model]) -> None:
    rows = declaration(model)
    if model in PARTNER_DATA:
        assert rows.login in ("", "false"), "app_login itself may not read partner data"
    if model._meta.app_label in ("partners", "conflicts", "reviews"):
        for predicate in (rows.portal, rows.staff):
            harmless = model._meta.db_table in BEFORE_SCOPE
            assert harmless or predicate != "true", "every row for everybody is for tables without partner data"


def test_every_table_in_the_database_is_held_by_row_security(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not (relrowsecurity and relforcerowsecurity)"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        )
        assert cursor.fetchall() == [], "views must be security_invoker, and materialised ones are not for app_login"
        cursor.execute(
            "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
            " and has_function_privilege('app_login', oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == [], "a SECURITY DEFINER function that app_login may call is a hole in the wall"


# --- no scope, no rows ---


def test_without_a_scope_there_are_no_rows(two) -> None:
    with acting(NOBODY):
        assert {m._meta.label: n for m in PARTNER_DATA if (n := rows_seen(m))} == {}
    for role in ("portal", "staff"):  # a role without ids: forgotten settings show nothing either
        with acting(Scope(role=role)):
            seen = {m._meta.label for m in PARTNER_DATA if rows_seen(m)}
        assert seen == set()


def test_the_login_role_cannot_read_a_partners_table(two) -> None:
    with acting(NOBODY), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Registration.objects.count()


def test_staff_see_their_program_and_a_partner_its_own_rows(two) -> None:
    north, south = two
    with north.scope():
        assert {c.program_id for c in Case.objects.all()} == {north.program.pk}
        assert not Partner.objects.filter(program=south.program).exists()
    with acting(portal_of(north.alpha, user=north.acme_rep)):
        assert [p.pk for p in Partner.objects.all()] == [north.alpha.pk]
        assert {r.partner_id for r in Registration.objects.all()} == {north.alpha.pk}
        seen = {m._meta.label for m in PARTNER_DATA if rows_seen(m)}
        for label in ("reviews.Case", "conflicts.Claim", "conflicts.Finding", "conflicts.Recommendation",
                      "partners.Account", "partners.Territory", "reviews.Decision", "reviews.Outbox"):  # fmt: skip
            assert label not in seen
        assert not {label for label in seen if "Historical" in label and "Case" in label}


def test_a_scope_shows_only_rows_that_carry_its_ids(two) -> None:
    """Every table with a partner or program column, counted by its own columns: nothing else is in view."""
    north, _ = two
    for scope, column, ids in (
        (portal_of(north.alpha, user=north.acme_rep), "partner_id", {north.alpha.pk}),
        (Scope(role="staff", program_ids=frozenset({north.program.pk})), "program_id", {north.program.pk}),
    ):
        for model in PARTNER_DATA:
            if column not in {f.column for f in model._meta.concrete_fields}:
                continue
            with acting(scope), connection.cursor() as cursor:
                if not rows_seen(model):
                    continue
                cursor.execute(f'select distinct "{column}" from "{model._meta.db_table}"')
                assert {value for (value,) in cursor.fetchall()} <= ids, model._meta.label


# --- when a scope ends ---


@pytest.mark.django_db(transaction=True)
def test_a_scope_ends_with_its_transaction() -> None:
    program = uuid.uuid4()
    with staff_of(program):
        assert asked("current_user") == "staff"
        assert asked("current_setting('app.program_ids')") == f"{{{program}}}"
    assert asked("current_user") == "app_login"
    assert not asked("current_setting('app.program_ids', true)")
    with pytest.raises(RuntimeError, match="halfway"), staff_of(program):
        raise RuntimeError("halfway")
    assert asked("current_user") == "app_login"
    assert current() == NOBODY


def test_the_outer_scope_is_back_after_a_nested_one(db) -> None:
    outer, inner = Scope(role="staff", program_ids=frozenset({uuid.uuid4()})), Scope(role="portal")
    with acting(outer):
        with acting(inner):
            assert (asked("current_user"), current()) == ("portal", inner)
        assert (asked("current_user"), current()) == ("staff", outer)
        with pytest.raises(RuntimeError, match="halfway"), acting(inner):
            raise RuntimeError("halfway")
        assert (asked("current_user"), current()) == ("staff", outer)
        with pytest.raises(DatabaseError), acting(inner):
            asked("1 / 0")
        assert (asked("current_user"), current()) == ("staff", outer)
        assert asked("current_setting('app.program_ids')") == "{" + str(next(iter(outer.program_ids))) + "}"


@pytest.mark.django_db(transaction=True)
def test_scopes_of_threads_do_not_mix() -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    barrier, seen = threading.Barrier(2, timeout=20), {}

    def work(program: uuid.UUID) -> None:
        with staff_of(program):
            barrier.wait()
            seen[program] = (asked("current_setting('app.program_ids')"), current().program_ids)
            barrier.wait()
        connection.close()

    threads = [threading.Thread(target=work, args=[p]) for p in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert seen == {p: (f"{{{p}}}", frozenset({p})) for p in (first, second)}


def asked(expression: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"select {expression}")
        return cursor.fetchone()[0]


# --- requests and tasks ---


@pytest.mark.parametrize(("who", "role"), [("acme_rep", "portal"), ("ada", "staff"), ("audrey", "staff")])
def test_a_request_runs_as_its_user(cast, rf, who: str, role: str) -> None:
    seen: dict[str, Any] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(role=asked("current_user"), user=asked("current_setting('app.user_id')"))
        return HttpResponse()

    request = rf.get("/")
    request.user = getattr(cast, who)
    ScopeMiddleware(view)(request)
    assert seen == {"role": role, "user": str(request.user.pk)}
    assert asked("current_user") == "app_login"


def test_rights_decide_the_scope(cast) -> None:
    rep, ada = cast.acme_rep, cast.ada
    assert scope_of(rep) == portal_of(cast.alpha, user=rep)
    assert scope_of(ada) == Scope(role="staff", program_ids=frozenset({cast.program.pk}), user_id=ada.pk)
    rep.is_active = False
    rep.__dict__.pop("_entitlements")
    assert scope_of(rep) == NOBODY
    with cast.scope():
        stranger = type(rep)(username="stranger")
        stranger.save()
    assert scope_of(stranger) == NOBODY
    assert not entitlements(stranger).partners


@pytest.mark.django_db(transaction=True)
def test_a_queued_task_holds_ids_only_and_only_the_login_role_reads_it(settings) -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    with staff_of(one):
        nudge("reviews.tasks.process_registration", one, two)
        assert rows_seen(OrmQ) == 0  # neither before the commit, nor for staff
    queued = SignedPackage.loads(OrmQ.objects.get().payload)
    assert (queued["func"], queued["args"]) == ("reviews.tasks.process_registration", (str(one), str(two)))
    assert not queued["kwargs"]
    for role in ("portal", "staff"):
        with acting(Scope(role=role, program_ids=frozenset({one}))):
            assert rows_seen(OrmQ) == 0


def test_nothing_is_queued_by_what_was_rolled_back(cast, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as kept, transaction.atomic():
        nudge("reviews.tasks.deliver", cast.program.pk)
        transaction.set_rollback(True)
    assert kept == []


# --- writes of a partner, by SQL of its own ---


@pytest.fixture
def rivals(cast):
    """Alpha's and Beta's registrations in one program, and Alpha's scope."""
    factories.conflict_case(cast)
    with cast.scope():
        mine = Registration.objects.get(partner=cast.alpha)
        others = Registration.objects.get(partner=cast.beta)
    return cast, mine, others, portal_of(cast.alpha, user=cast.acme_rep)


def refused(scope: Scope, sql: str, values: list[Any]) -> str:
    """The database's words about a statement that must fail; "" = it touched no row."""
    try:
        with acting(scope), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            assert cursor.rowcount == 0, f"{cursor.rowcount} rows were written: {sql}"
    except DatabaseError as error:
        return str(error)
    return ""


def test_a_partner_cannot_write_a_row_of_another_partner(rivals) -> None:
    cast, mine, others, scope = rivals
    for table, columns in {
        "partners_activity": {"kind": "meeting", "occurred_on": "2026-03-01", "note": ""},
        "partners_evidence": {
            "kind": "note",
            "note": "",
            "verified": False,
            "withdrawn_because": "",
            "added_at": factories.AT,
        },
    }.items():
        row = {"id": uuid.uuid4(), "program_id": cast.program.pk, "registration_id": others.pk, **columns}
        names = ", ".join([*row, "partner_id"])
        sql = f"insert into {table} ({names}) values ({', '.join(['%s'] * (len(row) + 1))})"
        assert "row-level security" in refused(scope, sql, [*row.values(), cast.beta.pk])
    copy = "insert into partners_registration select * from jsonb_populate_record(null::partners_registration, %s)"
    with cast.scope(), connection.cursor() as cursor:
        cursor.execute("select to_jsonb(r) || %s from partners_registration r where id = %s", ["{}", others.pk])
        theirs = cursor.fetchone()[0]
    assert "row-level security" in refused(scope, copy, [theirs.replace(str(others.pk), str(uuid.uuid4()))])
    assert "row-level security" in refused(
        scope, "update partners_registration set partner_id = %s where id = %s", [cast.beta.pk, mine.pk]
    )


def test_a_partner_cannot_touch_another_partners_row(rivals) -> None:
    cast, _, others, scope = rivals
    assert refused(scope, "update partners_registration set note = 'x' where id = %s", [others.pk]) == ""
    for table in ("partners_registration", "partners_activity", "reviews_notice"):
        assert "permission denied" in refused(scope, f"delete from {table}", [])
    for table in ("partners_partner", "partners_agreement", "partners_account", "partners_territory", "reviews_case",
                  "reviews_party", "channelconflict_chainhead"):  # fmt: skip
        key = "sequence" if table == "channelconflict_chainhead" else "program_id"
        assert "permission denied" in refused(scope, f"update {table} set {key} = {key}", [])
    # An admin of a partner writes its memberships, and nobody else does (tests/partners/test_people.py).
    assert "row-level security" in refused(scope, "update partners_membership set role = 'partner_admin'", [])
    with cast.scope():
        others.refresh_from_db()
        assert others.note == ""


def test_of_a_notice_a_partner_writes_only_when_it_was_read(rivals) -> None:
    cast, mine, _, scope = rivals
    with cast.scope():
        notice = Notice.objects.create(
            program=cast.program, partner=cast.alpha, registration=mine, kind="approved", subject="s", body="b",
            sent_at=factories.AT,
        )  # fmt: skip
    assert "permission denied" in refused(scope, "update reviews_notice set body = 'x'", [])
    with acting(scope), connection.cursor() as cursor:
        cursor.execute("update reviews_notice set read_at = now() where id = %s", [notice.pk])
        assert cursor.rowcount == 1


def test_a_partner_cannot_give_itself_rights(rivals) -> None:
    cast, _, _, scope = rivals
    right = "insert into partners_partneruserpermission (user_id, content_object_id, permission_id) values (%s, %s, %s)"
    given = PartnerUserPermission.objects.filter(user=cast.acme_rep).values_list("permission_id", flat=True)[0]
    assert "row-level security" in refused(scope, right, [cast.acme_rep.pk, cast.beta.pk, given])
    for table in ("partners_programuserpermission", "channelconflict_user_groups"):
        assert "permission denied" in refused(scope, f"insert into {table} default values", [])
    for user in (cast.acme_rep, cast.pat, cast.rival_rep):
        for column in ("is_superuser", "is_staff", "is_active"):
            sql = f"update channelconflict_user set {column} = not {column} where id = %s"
            assert "permission denied" in refused(scope, sql, [user.pk]), "not with SQL of its own either"


def test_a_role_cannot_step_out_of_its_scope(rivals) -> None:
    _, _, _, scope = rivals
    for statement in (
        "set role app_owner",
        "set local role postgres",
        "alter table partners_partner no force row level security",
        "grant staff to portal",
        "create table mine (id int)",
    ):
        assert refused(scope, statement, []), statement


def test_the_owner_alias_is_not_what_requests_use() -> None:
    assert connections["default"].settings_dict["USER"] == "app_login"
    assert connections["owner"].settings_dict["USER"] != "app_login"


def test_models_with_a_partner_column_are_all_walked() -> None:
    walked = {m._meta.label for m in PARTNER_DATA}
    for model in (Activity, Evidence, Registration, Notice, Case):
        assert model._meta.label in walked
        history = getattr(model, "history", None)
        assert history is None or history.model._meta.label in walked
    assert {Program._meta.label, Membership._meta.label}.isdisjoint(walked)
