"""index_accounts: what accounts are found by, made anew after a change of spelling; and counts of words that stay right."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections, transaction

from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts.identity.candidates import candidates
from conflicts.identity.party import Party
from partners import indexing, lookup
from partners.models import Account, AccountKey, AccountMark, AccountName, NameToken
from partners.services import record_account
from tests import factories

NAMES = {"A-1": "Zephyr Pneumatics Inc.", "A-2": "Zephyr Marine", "A-3": "Northgate Filtration GmbH"}


@pytest.fixture
def stock(cast):
    """Three accounts besides Orion, in a town."""
    with cast.scope():
        for ref, name in NAMES.items():
            factories.account(cast, ref, name, city="Austin")
        yield cast


def counts() -> dict[str, int]:
    return dict(NameToken.objects.exclude(names=0).values_list("token", "names"))


def exact(cast) -> dict[str, int]:
    """Counted by hand, from the names."""
    found: dict[str, int] = {}
    for name in AccountName.objects.select_related("account"):
        town = lookup.town_word(name.account.city)
        for word in ["", *lookup.counted(lookup.words_of(name.key), town)]:
            found[word] = found.get(word, 0) + 1
    return found


def index(*arguments: str) -> None:
    call_command("index_accounts", *arguments)


def test_counts_follow_names_that_come_change_and_go(stock, at) -> None:
    assert counts() == exact(stock)
    assert (counts()["zephyr"], counts()["@austin"], counts()[""]) == (2, 3, 4)
    AccountName.objects.get(name=NAMES["A-2"]).delete()
    assert counts() == exact(stock)
    assert counts()["zephyr"] == 1
    account = Account.objects.get(external_id="A-1")
    account.city, account.name = "Dallas", "Zephyr Air Tools"
    record_account(account=account, by=None, at=at + timedelta(days=1))
    assert counts() == exact(stock)
    assert counts()["@dallas"] == 2  # the name of before still stands for it
    assert "marine" not in counts()


def test_a_rebuild_mends_whatever_is_wrong(stock) -> None:
    program = stock.program
    before = list(AccountKey.objects.order_by("name").values_list("name", "tokens")), counts()
    AccountKey.objects.filter(account__external_id="A-1").delete()
    AccountKey.objects.filter(account__external_id="A-2").update(made_by=0, tokens=[1], core=2)
    AccountName.objects.filter(account__external_id="A-3").update(key="of yesterday")
    AccountKey.objects.filter(account__external_id="A-3").update(made_by=0)
    AccountMark.objects.filter(account__external_id="A-3").update(mark=3)
    NameToken.objects.filter(token="zephyr").update(names=99)
    assert indexing.is_stale(program)
    index()
    assert (list(AccountKey.objects.order_by("name").values_list("name", "tokens")), counts()) == before
    assert AccountName.objects.get(name=NAMES["A-3"]).key == "northgate filtration"
    assert not indexing.is_stale(program)
    with staff_of(program.pk):
        assert len(candidates(program.pk, Party.of("", domain="a-3.example"))) == 1


def test_what_is_of_today_is_left_alone_and_all_is_made_anew(stock) -> None:
    def made() -> list[str]:
        return list(AccountKey.objects.order_by("pk").extra(select={"row": "ctid::text"}).values_list("row", flat=True))

    before = made()
    index()
    assert made() == before
    index("--all", "--program", stock.program.code)
    assert not set(made()) & set(before)
    assert counts() == exact(stock)


def test_two_names_that_are_one_spelling_now_are_one_name(stock) -> None:
    account = Account.objects.get(external_id="A-1")
    other = AccountName.objects.create(program=stock.program, account=account, name="ZEPHYR PNEUMATICS", key="zp old")
    empty = AccountName.objects.create(program=stock.program, account=account, name="...", key="dots")
    index()
    assert [name.name for name in account.names.all()] == [NAMES["A-1"]]
    gone = AccountName.history.filter(id__in=[other.pk, empty.pk], history_type="-")
    assert {row.history_change_reason for row in gone} == {"account_name.respelled"}
    assert counts() == exact(stock)


def test_another_spelling_is_noticed(stock, monkeypatch, capsys) -> None:
    index("--check")
    monkeypatch.setattr(indexing, "SPELLING", lookup.SPELLING + 1)
    with pytest.raises(CommandError, match=f"older spelling: {stock.program.code}"):
        index("--check")
    with pytest.raises(CommandError, match="There is no program"):
        index("--program", "nobody")


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_the_database_check_says_so(committed_cast, monkeypatch) -> None:
    assert indexing.keys_are_of_today(databases=[OWNER_ALIAS]) == []
    monkeypatch.setattr(indexing, "SPELLING", lookup.SPELLING + 1)
    (told,) = indexing.keys_are_of_today(databases=[OWNER_ALIAS])
    assert told.hint == "Run: manage.py index_accounts"
    assert indexing.keys_are_of_today(databases=["default"]) == []


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_what_somebody_else_writes_is_left_to_the_next_run(committed_cast) -> None:
    cast = committed_cast
    with cast.scope():
        factories.account(cast, "A-1", NAMES["A-1"])
        AccountKey.objects.update(made_by=0)
    owner = connections[OWNER_ALIAS]
    with transaction.atomic(using=OWNER_ALIAS), owner.cursor() as cursor:
        cursor.execute("select from partners_account where external_id = 'A-1' for update")
        with pytest.raises(CommandError, match="1 accounts were being written by others"):
            index()
    with cast.scope():
        assert AccountKey.objects.filter(made_by=0).count() == 1
    index()
    with cast.scope():
        assert not AccountKey.objects.filter(made_by=0).exists()


def test_it_goes_on_where_it_was_stopped(stock, monkeypatch) -> None:
    monkeypatch.setattr(indexing, "CHUNK", 1)
    AccountKey.objects.update(made_by=0)
    steps = indexing.remake(stock.program)
    next(steps), next(steps)
    steps.close()
    assert AccountKey.objects.filter(made_by=0).count() == 2
    *_, done = indexing.remake(stock.program)
    assert (done.accounts, done.held) == (2, 0)
    assert not connection.needs_rollback
