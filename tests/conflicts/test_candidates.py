"""Candidates on the real database as staff: what the cascade finds, that indexes alone do it, and that scopes hold."""

import uuid

import pytest
from django.db import connection

from channelconflict.scope import staff_of
from conflicts.identity.candidates import candidates
from conflicts.identity.party import Party
from conflicts.identity.scratch import load_accounts, scratch_program
from conflicts.identity.stock import LiveStock
from partners.lookup import index_accounts
from partners.models import Account, AccountKey, AccountMark, NameToken
from partners.services import record_account
from tests import factories

WORDS = "global solutions services systems trading industrial partners capital energy digital".split()


def row(ref: str, name: str, **rest: str) -> dict[str, str]:
    return {"id": ref, "name": name, **rest}


STOCK = [
    row("A1", "Zephyr Pneumatics Incorporated", country="US", city="Austin", domain="zephyr.example"),
    row("A2", "Northgate Water Filtration GmbH", country="DE", phone="+49 30 1234567"),
    row("A3", "Quillfeather Micro Soft Ltd", country="GB"),
    row("A4", "Global Trading Solutions", country="FR", lei="5493001KJTIIGC8Y1R12"),
    row("A5", "Hanseatic Marine Brokerage", country="DE", city="Bremen"),
]


@pytest.fixture
def stock(db, at):
    """Five accounts to be found among 3,000 of common words."""
    with scratch_program(at) as program:
        noise = (row(f"N{i}", f"{WORDS[i % 10]} {WORDS[i // 10 % 10]} {i:04d}x holding") for i in range(3000))
        refs = load_accounts(program, [*STOCK, *noise])
        yield lambda party: [refs[key] for key in candidates(program.pk, party)]


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        (Party.of("ZEPHYR PNEUMATICS, INC."), "A1"),
        (Party.of("Zephyr Pnuematics"), "A1"),
        (Party.of("Zephir Pneumatics"), "A1"),
        (Party.of("Pneumatics Zephyr"), "A1"),
        (Party.of("ZephyrPneumatics"), "A1"),
        (Party.of("Filtration Water Northgate"), "A2"),
        (Party.of("Something else", country="DE", phone="030 1234567"), "A2"),
        (Party.of("", country="US", domain="www.zephyr.example"), "A1"),
        (Party.of("", email="buyer@zephyr.example"), "A1"),
        (Party.of("Quillfeather Microsoft"), "A3"),
        (Party.of("Global Solutions Trading"), "A4"),
        (Party.of("Global Trading Solutons"), "A4"),
        (Party.of("Nobody", identifiers={"lei": "5493001KJTIIGC8Y1R12"}), "A4"),
        (Party.of("HMB"), "A5"),
        (Party.of("ZephyrPnuematics"), "A1"),
        (Party.of("Something Marine", city="Bremen"), "A5"),
    ],
)
def test_the_cascade_finds_what_was_typed_otherwise(stock, party: Party, expected: str) -> None:
    assert expected in stock(party)


@pytest.mark.parametrize(
    "name", ["", "x", "🚀🚀", "x" * 10_000, "שלום חברה", "a b c d e f g h i j k l m n o p q r s t"]
)
def test_any_name_has_an_answer(stock, name: str) -> None:
    assert len(stock(Party.of(name))) <= 30


def test_no_table_is_scanned(db, at) -> None:
    with scratch_program(at) as program:
        load_accounts(program, (row(str(i), f"{WORDS[i % 10]} {WORDS[i // 10 % 10]} {i}q") for i in range(5000)))
        before = scans()
        for name in ("Global Solutions 77q", "Globl Solutons", "Energy Digital", "Nothing Like It", "EnergyDigital"):
            found = candidates(program.pk, Party.of(name, domain="x.example", phone="+1 512 555 0100"))
            LiveStock(program.pk).corpus([Party.of(name)])
            assert found or name.startswith("Nothing")
        assert scans() == before


EQUAL = 20_000
SHARED = {"country": "DE", "domain": "global.example", "phone": "+49 30 1234567"}


def test_twenty_thousand_equal_names_are_looked_up_in_bounds(db, at) -> None:
    """One name, domain and phone, in ten towns; among them one account with a word of its own."""
    with scratch_program(at) as program:
        rows = (row(str(i), "Global Business Solutions GmbH", **SHARED, city=town(i % 10)) for i in range(EQUAL))
        refs = load_accounts(program, [*rows, row("own", "Global Business Solutions Zebra", city=town(3))])
        for party in EQUALLY:
            assert_bounded(program.pk, party)
        for name in (
            "Global Business Solutions Zebra",
            "Zbra Global Solutions",
            "global business solutions zebra gmbh",
        ):
            assert refs[next(iter(candidates(program.pk, Party.of(name))))] == "own"
        before, scanned = rows_read(), scans()
        load_accounts(program, [row("more", "Global Business Solutions GmbH", **SHARED, city=town(1))])
        assert rows_read() - before < 50
        assert scans() == scanned


EQUALLY = [
    Party.of("Global Business Solutions"),
    Party.of("Globl Busness Solutions Ltd"),
    Party.of("Solutions Global"),
    Party.of("GlobalBusinessSolutions"),
    Party.of("GBS"),
    Party.of("Global Business Solutions", country="DE", city="bbbbville"),
    Party.of("Global Business Solutions", domain="global.example", phone="+49 30 1234567"),
    Party.of("Something else", domain="www.global.example"),
]


def assert_bounded(program_id: uuid.UUID, party: Party) -> None:
    before, scanned = rows_read(), scans()
    found = candidates(program_id, party)
    assert rows_read() - before < 1500
    stock = LiveStock(program_id)
    stock.corpus([party, *stock.parties(list(found)).values()])
    assert rows_read() - before < 1500 + 2 * 2000  # counting names and domains stops at 2,000 of each
    assert len(found) <= 30
    assert scans() == scanned


@pytest.mark.parametrize(
    "party",
    [
        Party.of(""),
        Party.of("Zephyr"),
        Party.of(["Zephyr Pneumatics", "Kalotrading", "Global Solutions"], city="Austin"),
    ],
)
def test_a_lookup_is_two_queries(stock, party: Party, django_assert_num_queries) -> None:
    with django_assert_num_queries(2 if party.names else 1):
        stock(party)


def town(number: int) -> str:
    return "".join("bcdfghjklm"[int(digit)] for digit in f"{number:04d}") + "ville"


def scans() -> dict[str, int]:
    return _statistics("seq_scan")


def rows_read() -> int:
    """Rows of the lookup tables that were read in this transaction."""
    return sum(_statistics("idx_tup_fetch").values())


def _statistics(column: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select relname, {column} from pg_stat_xact_user_tables"
            " where relname in ('partners_accountkey', 'partners_accountmark', 'partners_nametoken')"
        )
        return dict(cursor.fetchall())


def test_equal_names_without_end_are_told_by_their_town(db, at) -> None:
    with scratch_program(at) as program:
        rows = [row(str(i), "Global Solutions", country="DE", city=town(i)) for i in range(3000)]
        refs = load_accounts(program, rows)
        found = candidates(program.pk, Party.of("Global Solutions GmbH", country="DE", city=town(1234)))
        assert refs[next(iter(found))] == "1234"
        assert len(found) <= 30


def test_of_equal_names_those_of_the_country_come_first(db, at) -> None:
    with scratch_program(at) as program:
        many = [row(f"A{n}", "Technologies Industries", country="DE", city=f"Town {n}") for n in range(150)]
        at_home = [row(f"S{n}", "Technologies Industries", country="SE", city=f"Town {n}") for n in range(9)]
        refs = load_accounts(
            program, [*many[:75], *at_home, *many[75:], row("J", "Industries Technologies", country="SE")]
        )
        found = [refs[key] for key in candidates(program.pk, Party.of("Technologies Industries AB", country="SE"))]
        assert set(found[:9]) == {f"S{n}" for n in range(9)}
        assert len(found) == 30
        anywhere = candidates(program.pk, Party.of("Technologies Industries AB"))
        assert len(anywhere) == 30


def test_another_programs_accounts_never_come_out(cast, at) -> None:
    other = factories.make_cast("southwind")
    orion = Party.of("Orion Chemicals", domain="a-orion.example")
    with staff_of(cast.program.pk):
        mine = candidates(cast.program.pk, orion)
        assert len(mine) == 1
        assert not candidates(other.program.pk, orion)  # named, but out of scope
    with staff_of(other.program.pk):
        theirs = candidates(other.program.pk, orion)
        assert len(theirs) == 1
        assert not set(mine) & set(theirs)


def test_the_write_path_keeps_keys_in_step(cast, at) -> None:
    with cast.scope():
        account = factories.account(
            cast, "A-X", "Zephyr Pneumatics Inc.", domain="zephyr.example", city="Austin", phone="+1 512 234 5678"
        )
        assert NameToken.objects.get(token="zephyr").names == 1
        assert set(AccountMark.objects.filter(account=account).values_list("kind", flat=True)) == {
            "domain", "brand", "phone",
        }  # fmt: skip
        before = AccountKey.objects.get(account=account)
        account.city, account.phone = "Dallas", ""
        record_account(account=account, by=None, at=at, aliases=("ZP Tools",))
        after = AccountKey.objects.get(name=before.name)
        assert (after.core, after.placed != before.placed) == (before.core, True)
        assert AccountKey.objects.filter(account=account).count() == 2
        assert not AccountMark.objects.filter(account=account, kind="phone").exists()
        assert list(candidates(cast.program.pk, Party.of("zp tools"))) == [account.pk]
        index_accounts(cast.program.pk, [account.pk])
        assert NameToken.objects.get(token="zephyr").names == 1


def test_what_was_merged_is_the_account_that_stands_with_all_names(cast, django_assert_num_queries) -> None:
    with cast.scope():
        standing = factories.account(cast, "A-S", "Zephyr Pneumatics Inc.", domain="zephyr.example")
        merged = factories.account(cast, "A-M", "Meridian Air Tools Ltd", domain="southern.example")
        alone = factories.account(cast, "A-L", "Quillfeather Brokerage")
        Account.objects.filter(pk=merged.pk).update(merged_into=standing)
        with django_assert_num_queries(1):
            found = LiveStock(cast.program.pk).parties([merged.pk, alone.pk])
    assert set(found) == {standing.pk, alone.pk}
    assert [name.core for name in found[standing.pk].names] == ["zephyr pneumatics", "meridian air tools"]
    assert found[standing.pk].domain == "zephyr.example"
