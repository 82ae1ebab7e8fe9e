"""A made-up program for `bench desk`: cases of which a few are open, each with its parties, findings and recommendation.

One case is made as a partner makes it, by the services and the pipeline; the others are copies of its rows, told apart by
account, partners, amount and time. Decided ones keep a case, its parties and its end, but no memo.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connections

from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.models import Account, Agreement, Partner, ProductLine, Program, Registration, Tier
from partners.permissions import Role, role_group
from partners.services import (
    add_activity,
    record_account,
    record_agreement,
    record_partner,
    save_row,
    submit_registration,
)
from reviews import pipeline
from reviews.models import Case
from reviews.programs import create_program
from reviews.sample import reset

Say = Callable[[str], None]
OPEN_EACH = 40  # open cases a person of the staff
PARTNERS, BATCH = 400, 50_000
PASSWORD = "bench"  # of people who are gone when it ends
ROLES = (Role.PARTNER_MANAGER,) * 7 + (Role.CHANNEL_LEAD, Role.SALES_OPS, Role.LEGAL)


@dataclass(frozen=True)
class Size:
    """How many cases in all, and how many people work on them."""

    cases: int
    staff: int

    @property
    def open(self) -> int:
        """Cases that are not decided yet."""
        return min(self.staff * OPEN_EACH, self.cases)


@contextmanager
def desk(size: Size, at: datetime, say: Say) -> Iterator[Program]:
    """A program of this size, which is removed at the end."""
    code = f"bench-{uuid.uuid4().hex[:12]}"
    try:
        program = create_program(
            code=code, name="Benchmark", at=at - timedelta(days=400), opinion_share=0, opinion_high_impact=False
        )
        first = _first_case(program, at)
        _people(program, size, code)
        _copies(program, first, size, at, say)
        yield program
    finally:
        say("removing it")
        reset(code)
        _remove_people(code)


def _first_case(program: Program, at: datetime) -> Case:
    with staff_of(program.pk):
        save_row(ProductLine(program=program, code="pumps", name="Pumps"), by=None, at=at, action="bench")
        tier = save_row(Tier(program=program, code="gold", name="Gold", rank=1), by=None, at=at, action="bench")
        record_account(account=Account(program=program, external_id="A-1", name="Orion Chemicals Inc.",
                                       domain="a-1.example", country="US"), by=None, at=at)  # fmt: skip
        first, second = (_register(program, tier, number, at) for number in (1, 2))
        for row in (first, second):
            add_activity(registration=row, kind="meeting", occurred_on=(at - timedelta(days=9)).date(), by=None, at=at)
        add_activity(registration=first, kind="proposal", occurred_on=(at - timedelta(days=4)).date(), by=None, at=at)
    pipeline.detect(program, at)
    with staff_of(program.pk):
        return Case.objects.get(program=program)


def _register(program: Program, tier: Tier, number: int, at: datetime) -> Registration:
    partner = record_partner(
        partner=Partner(program=program, external_id=f"P-{number}", name=f"Partner {number}", tier=tier, country="US"),
        by=None, at=at,
    )  # fmt: skip
    paper = Agreement(
        program=program, partner=partner, external_id=f"AG-{number}", valid_from=(at - timedelta(days=300)).date()
    )
    record_agreement(agreement=paper, by=None, at=at)
    deal = Registration(
        program=program, partner=partner, account_name="Orion Chemicals Inc.", account_domain="a-1.example",
        account_country="US", product_lines=["pumps"], amount=40_000, currency="USD", stage="qualified", created_at=at,
        expected_close_on=(at + timedelta(days=90)).date(),
    )  # fmt: skip
    return submit_registration(registration=deal, by=None, at=at - timedelta(days=3 - number))


def _people(program: Program, size: Size, code: str) -> None:
    """Staff in the roles of the desk, as many of each as a program has."""
    password = make_password(PASSWORD)
    with staff_of(program.pk):
        people = User.objects.bulk_create(
            [
                User(username=f"{code}-{n}", display_name=f"Person {n}", is_staff=True, password=password)
                for n in range(size.staff)
            ]
        )
        groups = {role: role_group(program, role) for role in ROLES}
        member: Any = User.groups.through
        member.objects.bulk_create(
            member(user_id=person.pk, group_id=groups[ROLES[n % len(ROLES)]].pk) for n, person in enumerate(people)
        )


def _remove_people(code: str) -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        mine = "(select id from channelconflict_user where username like %(code)s)"
        for table in ("channelconflict_user_groups", "partners_partneruserpermission"):
            cursor.execute(f"delete from {table} where user_id in {mine}", {"code": f"{code}-%"})
        cursor.execute("delete from channelconflict_user where username like %(code)s", {"code": f"{code}-%"})


# --- copies ---

# A copy is the row as text with the old ids replaced: that reaches memos, too. Then columns of its own.
_COPY = """
insert into {table}
select (jsonb_populate_record(null::{table}, {renamed}::jsonb || jsonb_build_object({own}))).*
  from {table} t, bench_new n where t.{key} = any(%(rows)s) {only}
"""
_NEW = """
create temp table bench_new as
select n, gen_random_uuid() as account, gen_random_uuid() as conflict, gen_random_uuid() as "case",
       gen_random_uuid() as first, gen_random_uuid() as second, gen_random_uuid() as advice,
       (%(partners)s::uuid[])[1 + mod(n, %(few)s)] as one, (%(partners)s::uuid[])[1 + mod(n * 7 + 1, %(few)s)] as two,
       1000 + mod(abs(hashint4(n)::bigint), 250000) as amount, n < %(open)s as open,
       case when mod(n, 2) = 0 then (%(people)s::uuid[])[1 + mod(n, %(staff)s)] end as assignee,
       case when n < %(open)s then %(at)s::timestamptz + (mod(abs(hashint4(n + 7)::bigint), 5760) - 720) * interval '1 minute'
            else %(at)s::timestamptz - mod(abs(hashint4(n + 7)::bigint), 525600) * interval '1 minute' end as due
  from generate_series(%(begin)s::int, %(end)s::int) n
"""
_CASE = """'number', nextval('reviews_case_number_seq'), 'amount', n.amount, 'due_at', n.due,
 'at_risk_at', n.due - interval '12 hours', 'opened_at', n.due - interval '48 hours', 'assignee_id', n.assignee,
 'status', case when n.open then t.status else 'closed' end, 'decided_at', case when not n.open then n.due end,
 'closed_at', case when not n.open then n.due + interval '14 days' end"""
_NAME = "'Customer ' || n.n || ' Works'"
# Table, column that the copied rows are found by, columns of their own, which of them ("" = all).
_TABLES = (
    ("partners_account", "id", f"'external_id', 'B-' || n.n, 'name', {_NAME}, 'domain', 'b-' || n.n || '.example'", ""),
    ("conflicts_conflict", "id", "'status', case when n.open then t.status else 'settled' end", ""),
    ("partners_registration", "id", f"'number', 'B-' || n.n || '-' || right(t.number, 4), 'account_name', {_NAME}", "and n.open"),
    ("partners_activity", "registration_id", "'id', gen_random_uuid()", "and n.open"),
    ("conflicts_claim", "registration_id", "'id', gen_random_uuid()", "and n.open"),
    ("conflicts_finding", "registration_id", "'id', gen_random_uuid()", "and n.open"),
    ("conflicts_recommendation", "conflict_id", "'id', n.advice", "and n.open"),
    ("reviews_case", "id", _CASE, ""),
    ("reviews_party", "case_id", "'id', gen_random_uuid()", "and n.open"),
    ("reviews_party", "case_id", "'id', gen_random_uuid(), 'registration_id', null", "and not n.open"),
)  # fmt: skip


def _copies(program: Program, first: Case, size: Size, at: datetime, say: Say) -> None:
    with staff_of(program.pk):
        deals = list(Registration.objects.filter(program=program).order_by("submitted_at"))
        people = list(
            User.objects.filter(groups__name=f"{program.code}: {Role.PARTNER_MANAGER.label}").values_list(
                "pk", flat=True
            )
        )
    old = {"account": first.account_id, "conflict": first.conflict_id, '"case"': first.pk, "first": deals[0].pk,
           "second": deals[1].pk, "one": deals[0].partner_id, "two": deals[1].partner_id}  # fmt: skip
    rows = {
        "account": [first.account_id],
        "conflict": [first.conflict_id],
        "case": [first.pk],
        "deals": [d.pk for d in deals],
    }
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table, *_ in _TABLES:
            cursor.execute(f"alter table {table} disable trigger user")
        try:
            partners = _partners(cursor, program)
            values: dict[str, Any] = {"partners": partners, "few": len(partners), "people": people, "staff": len(people),
                                      "open": size.open - 1, "at": at}  # fmt: skip
            for begin in range(0, size.cases - 1, BATCH):
                end = min(begin + BATCH, size.cases - 1) - 1
                cursor.execute(_NEW, values | {"begin": begin, "end": end})
                for table, key, own, only in _TABLES:
                    cursor.execute(copy_statement(table, key, own, only, old), {"rows": rows[_found_by(table, key)]})
                cursor.execute("drop table bench_new")
                say(f"{end + 2:,} of {size.cases:,} cases")
        finally:
            for table, *_ in _TABLES:
                cursor.execute(f"alter table {table} enable trigger user")
        for table in (*(table for table, *_ in _TABLES), "channelconflict_user", "partners_partner"):
            cursor.execute(f"vacuum (analyze) {table}")


def copy_statement(table: str, key: str, own: str, only: str, old: dict[str, Any]) -> str:
    """SQL that copies rows of a table once for each row of `bench_new`: `old` values become that row's columns."""
    renamed = "to_jsonb(t)::text"
    for column, before in old.items():
        renamed = f"replace({renamed}, '{before}', n.{column}::text)"
    return _COPY.format(table=table, renamed=renamed, own=own, key=key, only=only)


def _found_by(table: str, key: str) -> str:
    """Which of the first case's rows a table is copied from."""
    if key == "registration_id" or table == "partners_registration":
        return "deals"
    if table == "partners_account":
        return "account"
    return "case" if table.startswith("reviews_") else "conflict"


def _partners(cursor: Any, program: Program) -> list[uuid.UUID]:
    cursor.execute("select id from partners_partner where program_id = %s order by external_id limit 1", [program.pk])
    (one,) = cursor.fetchone()
    cursor.execute(
        "insert into partners_partner select (jsonb_populate_record(null::partners_partner, to_jsonb(t) || jsonb_build_object("
        "'id', gen_random_uuid(), 'external_id', 'B-' || n, 'name', 'Reseller ' || n))).*"
        " from partners_partner t, generate_series(1, %s) n where t.id = %s",
        [PARTNERS, one],
    )
    # Not the two of the first case: a copy's partner that is one of them would be replaced a second time.
    cursor.execute(
        "select id from partners_partner where program_id = %s and external_id like 'B-%%' order by external_id",
        [program.pk],
    )
    return [key for (key,) in cursor.fetchall()]
