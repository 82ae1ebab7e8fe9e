"""The record: whoever bends it is found out, and the acts of every service stand in it (TRUST 3)."""

import json
import os
import random
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from channelconflict.audit import link_hash, record, verify
from channelconflict.database.policies import declaration
from channelconflict.locked import LockedModel, LockedRowError
from channelconflict.models import AuditEvent, ChainHead
from channelconflict.scope import Scope, acting, staff_of
from partners.models import Partner
from reviews.models import Approval, Decision
from reviews.services import add_note, approve, claim_case
from tests import factories

TAMPERINGS = 1000 if os.environ.get("PROVE") else 100
EVENTS, HEADS = AuditEvent._meta.db_table, ChainHead._meta.db_table
both = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def decided(transactional_db):
    """A case that went its whole way, committed: chains of one program, one case and the product."""
    cast = factories.make_cast()
    case = factories.conflict_case(cast)
    with cast.scope():
        claim_case(case=case, by=cast.bob, at=factories.AT)
        add_note(case=case, text="Called the customer.", by=cast.bob, at=factories.AT)
        case.refresh_from_db()
        approve(case=case, by=cast.bob, at=factories.AT, seen_version=case.version)
    return cast, case


# --- bending the record ---


class Bender:
    """Somebody with all rights on the database, who bends the record at random places."""

    def __init__(self, cursor: Any, dice: random.Random) -> None:
        self.cursor, self.dice = cursor, dice
        cursor.execute(f"select chain, max(sequence) from {EVENTS} group by chain order by chain")
        chains = cursor.fetchall()
        self.chain, self.length = dice.choice([c for c in chains if c[1] >= 3])
        self.at = dice.randint(1, self.length)

    def run(self, sql: str, *values: Any) -> None:
        self.cursor.execute(sql, values)
        assert self.cursor.rowcount, f"nothing was bent by {sql}"

    def events(self, change: str, *values: Any, where: str = "sequence = %s", at: tuple[Any, ...] = ()) -> None:
        self.run(f"update {EVENTS} set {change} where chain = %s and {where}", *values, self.chain, *(at or (self.at,)))

    def one(self, column: str, at: int) -> Any:
        self.cursor.execute(f"select {column} from {EVENTS} where chain = %s and sequence = %s", [self.chain, at])
        return self.cursor.fetchone()[0]

    # each of these is one way to bend it

    def edit_body(self) -> None:
        body = self.one("body", self.at)
        spot = self.dice.randrange(len(body))
        self.events("body = %s", body[:spot] + ("x" if body[spot] != "x" else "y") + body[spot + 1 :])

    def edit_body_and_its_hash(self) -> None:
        body = self.one("body", self.at).replace('"action":"', '"action":"un')
        self.events("body = %s, hash = %s", body, link_hash(self.one("previous_hash", self.at), self.at, body))

    def rewrite_to_the_end(self) -> None:
        body, previous = self.one("body", self.at).replace('"facts":{', '"facts":{"x":1,', 1), ""
        for number in range(1, self.length + 1):
            if number >= self.at:
                text = body if number == self.at else self.one("body", number)
                values = (text, previous, link_hash(previous, number, text))
                self.events("body = %s, previous_hash = %s, hash = %s", *values, at=(number,))
            previous = self.one("hash", number)

    def edit_column(self) -> None:
        column, value = self.dice.choice(
            [("action", "nothing.happened"), ("actor_id", uuid.uuid4()), ("at", factories.AT - timedelta(days=9)),
             ("program_id", uuid.uuid4()), ("subject_type", "pump"), ("subject_id", uuid.uuid4()),
             ("subject_id", None), ("program_id", None)]
        )  # fmt: skip
        self.events(f"{column} = %s", value)

    def edit_hash(self) -> None:
        column = self.dice.choice(["hash", "previous_hash"])
        self.events(f"{column} = %s", f"{self.dice.getrandbits(256):064x}")

    def add_private_text(self) -> None:
        self.events("private = %s::jsonb", '{"text": {"salt": "00", "value": "I never said that."}}')

    def delete_one(self) -> None:
        self.run(f"delete from {EVENTS} where chain = %s and sequence = %s", self.chain, self.at)

    def delete_the_last(self) -> None:
        self.run(f"delete from {EVENTS} where chain = %s and sequence >= %s", self.chain, self.at)

    def delete_the_chain(self) -> None:
        self.run(f"delete from {EVENTS} where chain = %s", self.chain)

    def close_the_gap(self) -> None:
        self.delete_one()
        if self.at < self.length:
            self.events("sequence = sequence + 10000", where="sequence > %s")
            self.events("sequence = sequence - 10001", where="sequence > 10000 and sequence > %s")

    def insert_one(self) -> None:
        self.events("sequence = sequence + 10000", where="sequence >= %s")
        self.events("sequence = sequence - 9999", where="sequence > 10000 and sequence > %s")
        self.copy(self.at + 1, self.chain, self.at)

    def append_one(self) -> None:
        self.copy(self.at, self.chain, self.length + 1)

    def make_a_chain(self) -> None:
        self.copy(1, f"case:{uuid.uuid4()}", 1)

    def copy(self, source: int, chain: str, sequence: int) -> None:
        self.run(
            f"insert into {EVENTS} select (jsonb_populate_record(e, jsonb_build_object("
            f"'id', gen_random_uuid(), 'chain', %s::text, 'sequence', %s::int))).* from {EVENTS} e"
            " where chain = %s and sequence = %s",
            chain, sequence, self.chain, source,
        )  # fmt: skip

    def swap_two(self) -> None:
        other = self.dice.choice([n for n in range(1, self.length + 1) if n != self.at])
        self.events("sequence = 10000", at=(self.at,))
        self.events("sequence = %s", self.at, at=(other,))
        self.events("sequence = %s", other, at=(10000,))

    def move_to_another_chain(self) -> None:
        self.events("chain = %s, sequence = 777", "system:all:2026-03-02")

    def delete_the_head(self) -> None:
        self.run(f"delete from {HEADS} where chain = %s", self.chain)

    def edit_the_head(self) -> None:
        change = self.dice.choice(["sequence = sequence - 1", "sequence = sequence + 1", "hash = repeat('0', 64)"])
        self.run(f"update {HEADS} set {change} where chain = %s", self.chain)


WAYS = [
    name
    for name, value in vars(Bender).items()
    if callable(value) and name not in ("__init__", "run", "events", "one", "copy")
]


@contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor of the tables' owner with every trigger off, in a transaction that is rolled back."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(f"alter table {EVENTS} disable trigger user")
        yield cursor
        transaction.set_rollback(True, using="owner")


@both
def test_every_way_of_bending_the_record_is_found(decided) -> None:
    links, flaws = verify("owner")
    assert (links > 30, flaws) == (True, [])
    missed = []
    for number in range(TAMPERINGS):
        dice = random.Random(number)
        way = WAYS[number % len(WAYS)]
        with as_owner() as cursor:
            bender = Bender(cursor, dice)
            getattr(bender, way)()
            _, flaws = verify("owner")
        if not flaws:
            missed.append(f"{way} at link {bender.at} of {bender.length}")
    assert missed == []
    print(f"\n{TAMPERINGS} of {TAMPERINGS} ways of bending the record were found")  # noqa: T201
    assert verify("owner") == (links, [])


@both
def test_a_flaw_says_where_and_what(decided, capsys) -> None:
    _, case = decided
    with as_owner() as cursor:
        cursor.execute(f"delete from {EVENTS} where chain = %s and sequence = 2", [f"case:{case.pk}"])
        _, flaws = verify("owner")
    assert [(f.chain, f.sequence, f.sentence) for f in flaws] == [(f"case:{case.pk}", 3, "link 2 is missing")]
    call_command("verify_audit")
    assert "every chain whole" in capsys.readouterr().out


@both
def test_the_command_fails_on_a_bent_record(decided, capsys) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"update {HEADS} set sequence = sequence + 1")
    with pytest.raises(CommandError, match="the record was changed"):
        call_command("verify_audit", "--most", "1")
    assert len(capsys.readouterr().err.splitlines()) == 1


@both
def test_private_text_can_be_erased_and_not_exchanged(decided) -> None:
    cast, _ = decided
    with cast.scope():
        event = AuditEvent.objects.get(action="case.noted")
    assert "Called the customer." not in event.body
    kept = event.private["text"]
    assert kept["value"] == "Called the customer."
    erase, forge = {}, {"text": {"salt": kept["salt"], "value": "Called nobody."}}
    for private, whole in ((erase, True), (forge, False)):
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(f"update {EVENTS} set private = %s where id = %s", [json.dumps(private), event.pk])
            assert (verify("owner")[1] == []) is whole
            transaction.set_rollback(True, using="owner")
    staff = Scope(role="staff", program_ids=frozenset({cast.program.pk}))
    with acting(staff):
        assert "permission denied" in refusal(f"update {EVENTS} set private = '{{}}'", "default")


@both
def test_four_writers_at_once_make_whole_chains(transactional_db) -> None:
    program, case, each = uuid.uuid4(), uuid.uuid4(), 25
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(each):
                with staff_of(program):
                    subject = Partner(pk=uuid.UUID(int=number))
                    said = {"action": f"writer.{number}", "by": None, "at": factories.AT, "subject": subject}
                    record(**said, program_id=program, case_id=case, facts={"step": step})
                    record(**said, program_id=program, facts={"step": step})
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    assert verify("owner") == (4 * each * 2, [])
    with staff_of(program):
        numbers = (
            AuditEvent.objects.filter(chain=f"case:{case}").order_by("sequence").values_list("sequence", flat=True)
        )
        assert list(numbers) == list(range(1, 4 * each + 1))


@both
def test_an_act_that_failed_leaves_no_link(transactional_db) -> None:
    program = uuid.uuid4()
    said: dict[str, Any] = {"by": None, "at": factories.AT, "subject": Partner(), "program_id": program}
    with staff_of(program):
        record(action="half.done", **said)
        transaction.set_rollback(True)
    with staff_of(program):
        record(action="whole.done", **said)
    assert verify("owner") == (1, [])


# --- rows that nobody changes ---

TABLES = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
LOCKED = [AuditEvent, *(m for m in TABLES if declaration(m).insert_only)]  # of AuditEvent, private text can be erased


def test_the_record_is_what_it_should_be() -> None:
    names = {m.__name__ for m in LOCKED}
    assert {"Decision", "Approval"} <= names
    assert (declaration(AuditEvent).locked_when, declaration(AuditEvent).locked_except) == ("true", ("private",))
    histories = {m.__name__ for m in apps.get_models() if m.__name__.startswith("Historical")}
    assert histories <= names
    assert len(histories) > 15


@both
def test_no_role_changes_or_deletes_a_record_not_even_the_owner(decided) -> None:
    cast, _ = decided
    scopes = {
        "staff": Scope(role="staff", program_ids=frozenset({cast.program.pk}), user_id=cast.bob.pk),
        "portal": Scope("portal", frozenset({cast.alpha.pk}), frozenset({cast.program.pk}), cast.acme_rep.pk),
        "none": Scope(),
    }
    filled = 0
    for model in LOCKED:
        table = model._meta.db_table
        column = model._meta.pk.column
        statements = (f'update "{table}" set "{column}" = null', f'delete from "{table}"', f'truncate "{table}"')
        with connections["owner"].cursor() as cursor:
            cursor.execute(f'select count(*) from "{table}"')
            has_rows = cursor.fetchone()[0] > 0
            filled += has_rows
            trigger = "cc_lock" if model is AuditEvent else "cc_insert_only"
            cursor.execute(
                "select tgenabled from pg_trigger where tgname = %s and tgrelid = %s::regclass", [trigger, table]
            )
            assert cursor.fetchone() == ("O",), table
        for statement in statements[:2] if has_rows else ():
            assert re.search("never changed or deleted|can no longer be changed", refusal(statement, "owner")), table
        for scope in scopes.values():
            for statement in statements:
                with acting(scope):
                    assert "permission denied" in refusal(statement, "default"), statement
    assert filled > 10


def refusal(statement: str, alias: str) -> str:
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True, using=alias)
    except DatabaseError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("model", [AuditEvent, Decision, Approval], ids=lambda m: m.__name__)
def test_python_refuses_before_the_database_does(model: type[LockedModel]) -> None:
    row = model()
    row._state.adding = False
    acts: list[Callable[[], Any]] = [
        row.save,
        row.delete,
        lambda: model.objects.all().update(action="x"),
        lambda: model.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(LockedRowError, match="cannot be"):
            act()


def test_every_history_row_says_why_and_people_stand_in_theirs(cast) -> None:
    case = factories.conflict_case(cast)
    with cast.scope():
        approve(case=case, by=cast.bob, at=factories.AT, seen_version=case.version)
        for model in apps.get_models():
            if not model.__name__.startswith("Historical"):
                continue
            for row in model.objects.all():
                assert row.history_change_reason, f"{model.__name__} {row.history_type} of {row} does not say why"
        histories = case.history.filter(history_change_reason="case.decided")
        assert [row.history_user for row in histories] == [cast.bob]
        assert case.history.earliest("history_date").history_user is None  # the product opened it
        assert AuditEvent.objects.filter(action="case.decided", actor_id=cast.bob.pk).count() == 1
