"""A made-up program for `bench portal`: many partners with their registrations, proof of work, protection and notices.

One registration is made as a partner makes it and approved by the pipeline; the others are copies of its rows, told apart
by partner, customer, number and time. One partner has far more of them than the others.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connections

from benchmarks.desk_stock import BATCH, PASSWORD, Say, copy_statement
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.models import Account, Agreement, MemberRole, Partner, ProductLine, Program, Registration, Tier
from partners.services import (
    add_activity,
    add_member,
    record_account,
    record_agreement,
    record_partner,
    save_row,
    submit_registration,
)
from reviews import pipeline
from reviews.programs import create_program
from reviews.sample import reset

READERS = 8  # partners whose people read; the first is the one with most registrations


@dataclass(frozen=True)
class Size:
    """How many registrations in all, of how many partners, and how many of them belong to the largest."""

    registrations: int
    partners: int
    largest: int


@dataclass(frozen=True)
class Stock:
    """The program and the people who read: one of the largest partner, and one of each of some others."""

    program: Program
    people: list[User]


@contextmanager
def stock(size: Size, at: datetime, say: Say) -> Iterator[Stock]:
    """A program of this size, which is removed at the end."""
    code = f"bench-{uuid.uuid4().hex[:12]}"
    try:
        program = create_program(code=code, name="Benchmark", at=at - timedelta(days=800))
        first = _first(program, at)
        partners = _copies(program, first, size, at, say)
        people = _people(program, [first.partner_id, *partners[: READERS - 1]], code, at)
        yield Stock(program, people)
    finally:
        say("removing it")
        reset(code)
        with connections[OWNER_ALIAS].cursor() as cursor:
            cursor.execute(
                "delete from partners_partneruserpermission where user_id in"
                " (select id from channelconflict_user where username like %s)",
                [f"{code}-%"],
            )
            cursor.execute("delete from channelconflict_user where username like %s", [f"{code}-%"])


def _first(program: Program, at: datetime) -> Registration:
    """The registration that the others are copies of: worked, approved, protected, told."""
    with staff_of(program.pk):
        save_row(ProductLine(program=program, code="pumps", name="Pumps"), by=None, at=at, action="bench")
        tier = save_row(Tier(program=program, code="gold", name="Gold", rank=1), by=None, at=at, action="bench")
        record_account(account=Account(program=program, external_id="A-1", name="Orion Chemicals Inc.",
                                       domain="a-1.example", country="US"), by=None, at=at)  # fmt: skip
        partner = record_partner(
            partner=Partner(program=program, external_id="P-1", name="Partner 1", tier=tier, country="US"),
            by=None,
            at=at,
        )
        paper = Agreement(
            program=program, partner=partner, external_id="AG-1", valid_from=(at - timedelta(days=700)).date()
        )
        record_agreement(agreement=paper, by=None, at=at)
        deal = Registration(
            program=program, partner=partner, account_name="Orion Chemicals Inc.", account_domain="a-1.example",
            account_country="US", product_lines=["pumps"], amount=40_000, currency="USD", stage="qualified",
            contact_email="buyer@a-1.example", created_at=at, expected_close_on=(at + timedelta(days=90)).date(),
        )  # fmt: skip
        made = submit_registration(registration=deal, by=None, at=at - timedelta(days=3))
        add_activity(registration=made, kind="meeting", occurred_on=(at - timedelta(days=5)).date(), by=None, at=at)
    pipeline.detect(program, at)
    return made


def _people(program: Program, partners: list[uuid.UUID], code: str, at: datetime) -> list[User]:
    password, found = make_password(PASSWORD), []
    with staff_of(program.pk):
        for number, key in enumerate(partners):
            user = User.objects.create(username=f"{code}-{number}", display_name=f"Person {number}", password=password)
            add_member(partner=Partner.objects.get(pk=key), user=user, role=MemberRole.USER, by=None, at=at)
            found.append(user)
    return found


_NEW = """
create temp table bench_new as
select n, gen_random_uuid() as deal,
       case when n < %(largest)s then %(first)s::uuid else (%(partners)s::uuid[])[1 + mod(n, %(few)s)] end as partner,
       mod(abs(hashint4(n)::bigint), 63072000) * interval '1 second' as ago
  from generate_series(%(begin)s::int, %(end)s::int) n
"""
_DEAL = """'number', 'R-' || lpad(to_hex(n.n), 5, '0') || '-BENCH', 'account_name', 'Customer ' || n.n || ' Works',
 'account_domain', 'c-' || n.n || '.example', 'form_token', gen_random_uuid(),
 'submitted_at', t.submitted_at - n.ago, 'created_at', t.created_at - n.ago, 'decided_at', t.decided_at - n.ago,
 'status', case when mod(n.n, 4) = 0 then 'approved' else 'expired' end"""
_TABLES = (
    ("partners_registration", "id", _DEAL),
    ("partners_activity", "registration_id", "'id', gen_random_uuid()"),
    ("partners_protectionterms", "registration_id", "'id', gen_random_uuid()"),
    (
        "reviews_notice",
        "registration_id",
        "'id', gen_random_uuid(), 'sent_at', t.sent_at - n.ago, 'read_at', t.sent_at - n.ago",
    ),
)


def _copies(program: Program, first: Registration, size: Size, at: datetime, say: Say) -> list[uuid.UUID]:
    """Make the others; returns the ids of the other partners."""
    old = {"deal": first.pk, "partner": first.partner_id}
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table, *_ in _TABLES:
            cursor.execute(f"alter table {table} disable trigger user")
        try:
            partners = _partners(cursor, first.partner_id, size.partners - 1)
            values: dict[str, Any] = {
                "partners": partners,
                "few": len(partners),
                "first": first.partner_id,
                "largest": size.largest,
            }
            for begin in range(0, size.registrations - 1, BATCH):
                end = min(begin + BATCH, size.registrations - 1) - 1
                cursor.execute(_NEW, values | {"begin": begin, "end": end})
                for table, key, own in _TABLES:
                    cursor.execute(copy_statement(table, key, own, "", old), {"rows": [first.pk]})
                cursor.execute("drop table bench_new")
                say(f"{end + 2:,} of {size.registrations:,} registrations")
        finally:
            for table, *_ in _TABLES:
                cursor.execute(f"alter table {table} enable trigger user")
        for table in (*(table for table, *_ in _TABLES), "partners_partner"):
            cursor.execute(f"vacuum (analyze) {table}")
    return partners


def _partners(cursor: Any, one: uuid.UUID, count: int) -> list[uuid.UUID]:
    cursor.execute(
        "insert into partners_partner select (jsonb_populate_record(null::partners_partner, to_jsonb(t) || jsonb_build_object("
        "'id', gen_random_uuid(), 'external_id', 'B-' || n, 'name', 'Reseller ' || n))).*"
        " from partners_partner t, generate_series(1, %s) n where t.id = %s returning id",
        [count, one],
    )
    return [key for (key,) in cursor.fetchall()]
