"""Looking through the stock on the real database: what is proposed, what is never proposed again, kills and cancelling."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channelconflict.models import AuditEvent
from conflicts import scanning
from conflicts.duplicates import cancel_scan, reject_cluster, start_scan, undo_cluster
from conflicts.identity.bulk import installed, search
from conflicts.models import Claim, ClusterStatus, DuplicateCluster, DuplicatePair, DuplicateScan, KeptApart
from partners.identity import merge_accounts, say, undo_change
from partners.models import Account, Verdict
from partners.services import NotPossibleError, save_row
from reviews import tasks
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db
ENGINES = [
    "index",
    pytest.param("splink", marks=pytest.mark.skipif(not installed(), reason="THE EXTRA bulk IS MISSING")),
]


@pytest.fixture
def stock(cast):
    """Three spellings of one company, two of another, a relative abroad, and ten that nobody else is."""
    made = {}
    with cast.scope():
        for key, name, extra in (
            ("Z1", "Zenith Boilers Inc.", {"city": "Austin", "phone": "+1 512 555 0100"}),
            ("Z2", "ZENITH BOILERS LLC", {"city": "Austin"}),
            ("Z3", "Zenith Boilrs", {"city": "Austin", "phone": "+1 512 555 0100"}),
            ("Q1", "Quarry Conveyors", {"city": "Waco"}),
            ("Q2", "Quarry Conveyors Ltd", {"city": "Waco"}),
            ("ZD", "Zenith Boilers GmbH", {"country": "DE", "subdivision": "", "city": "Berlin"}),
        ):
            domain = {"Z": "zenithboilers.example", "Q": "quarry.example"}[key[0]]
            made[key] = factories.account(cast, f"A-{key}", name, **{"domain": domain, **extra})
        for word in "Amber Basalt Cobalt Dolomite Umbra Feldspar Granite Heather Indigo Jasper".split():
            made[word] = factories.account(cast, f"A-{word}", f"{word} Works", city="Dallas")
    return made


def look(cast, **options) -> DuplicateScan:
    with cast.scope():
        scan = start_scan(program=cast.program, by=None, at=AT, in_background=False, **options)
    done = scanning.work(cast.program, scan.pk)
    assert done is not None
    return done


def proposed(cast) -> set[frozenset[str]]:
    with cast.scope():
        names = dict(Account.objects.values_list("pk", "external_id")) | {cast.alpha.pk: "alpha"}
        names |= {p.pk: p.external_id for p in type(cast.alpha).objects.all()}
        found = {}
        for cluster, left, right in DuplicatePair.objects.filter(cluster__status=ClusterStatus.PROPOSED).values_list(
            "cluster_id", "left_id", "right_id"
        ):
            found.setdefault(cluster, set()).update({names[left], names[right]})
    return {frozenset(members) for members in found.values()}


ZENITH, QUARRY = frozenset({"A-Z1", "A-Z2", "A-Z3"}), frozenset({"A-Q1", "A-Q2"})


@pytest.mark.parametrize("engine", ENGINES)
def test_spellings_of_one_company_are_proposed_and_relatives_are_not(cast, stock, engine) -> None:
    scan = look(cast, engine=engine)
    assert proposed(cast) == {ZENITH, QUARRY}
    assert (scan.done, scan.error, bool(scan.finished_at), scan.weights != "") == (scan.total, "", True, True)
    with cast.scope():
        pair = DuplicatePair.objects.order_by("-bits")[0]
        assert round(sum(reason["bits"] for reason in pair.reasons), 1) == round(pair.bits, 1)
        acts = set(AuditEvent.objects.filter(subject_id=scan.pk).values_list("action", flat=True))
    assert acts == {"duplicates.search_started", "duplicates.searched"}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_people_kept_apart_is_never_proposed_again(cast, stock, engine) -> None:
    look(cast, engine=engine)
    with cast.scope():
        quarry = DuplicateCluster.objects.get(size=2)
        reject_cluster(cluster=quarry, by=cast.olga, at=AT)
        one, other = sorted((stock["Z1"].pk, stock["Z3"].pk))
        KeptApart.objects.create(program=cast.program, cluster=quarry, left_id=one, right_id=other, said_at=AT)
    look(cast, engine=engine)
    assert len(proposed(cast)) == 1
    assert next(iter(proposed(cast))) < ZENITH, "two of three, as the other two are not one company"
    with cast.scope():
        undo_cluster(cluster=quarry, by=cast.olga, at=AT)
    look(cast, engine=engine)
    assert proposed(cast) == {ZENITH, QUARRY}


def test_neither_parents_nor_merges_that_were_undone_are_proposed(cast, stock) -> None:
    with cast.scope():
        stock["Q2"].parent = stock["Q1"]
        save_row(stock["Q2"], by=None, at=AT, action="account.recorded")
        change = merge_accounts(subject=stock["Z1"], target=stock["Z2"], by=cast.olga, at=AT)
        undo_change(change=change, by=cast.olga, at=AT)
    look(cast)
    assert QUARRY not in proposed(cast)
    assert not any({"A-Z1", "A-Z2"} <= cluster for cluster in proposed(cast))


@pytest.mark.parametrize("engine", ENGINES)
def test_merged_accounts_are_one_with_all_names(cast, stock, engine) -> None:
    with cast.scope():
        merge_accounts(subject=stock["Z2"], target=stock["Z1"], by=cast.olga, at=AT)
    scan = look(cast, engine=engine)
    assert proposed(cast) == {frozenset({"A-Z1", "A-Z3"}), QUARRY}
    assert scan.total == len(stock)  # and Orion, less the merged one


def test_what_was_said_of_a_merged_one_holds_for_the_one_that_stands(cast, stock) -> None:
    look(cast)
    with cast.scope():
        cluster, (one, other) = DuplicateCluster.objects.get(size=2), sorted((stock["Z1"].pk, stock["Z3"].pk))
        KeptApart.objects.create(program=cast.program, cluster=cluster, left_id=one, right_id=other, said_at=AT)
        merge_accounts(subject=stock["Z3"], target=stock["Z2"], by=cast.olga, at=AT)
    look(cast)
    assert proposed(cast) == {QUARRY}


def test_what_a_registration_was_said_not_to_be_is_not_proposed(cast, stock) -> None:
    with cast.scope():
        row = factories.submitted(
            cast, cast.alpha, account_name="Quarry Conveyors", account_domain="", account_city="Waco"
        )
        own = factories.account(cast, "", "Quarry Conveyor", domain="quarry.example", city="Waco")
        Claim.objects.create(program=cast.program, source="registration", registration=row, partner=cast.alpha,
                             account=own, projected_at=AT)  # fmt: skip
        for key in ("Q1", "Q2"):
            say(registration=row, account=stock[key], verdict=Verdict.DIFFERENT, by=cast.bob, at=AT)
    look(cast)
    assert proposed(cast) == {ZENITH, QUARRY}, "and the new one is in neither"


def test_another_identifier_splits_a_cluster(cast, stock) -> None:
    with cast.scope():
        for key, lei in (("Z1", "5493001KJTIIGC8Y1R12"), ("Z2", "529900T8BM49AURSDO55")):
            stock[key].lei = lei
            save_row(stock[key], by=None, at=AT, action="account.recorded")
    look(cast)
    assert not any({"A-Z1", "A-Z2"} <= cluster for cluster in proposed(cast))
    assert any("A-Z3" in cluster for cluster in proposed(cast))


def test_a_newer_look_takes_the_place_of_what_nobody_decided(cast, stock) -> None:
    look(cast)
    look(cast, threshold=0.6)
    with cast.scope():
        assert sorted(DuplicateCluster.objects.values_list("status", flat=True)) == ["outdated"] * 2 + ["proposed"] * 2
    look(cast)
    with cast.scope():
        assert DuplicateCluster.objects.count() == 4, "those of the look before the last are gone"


def test_one_look_at_a_time(cast, stock) -> None:
    with cast.scope():
        start_scan(program=cast.program, by=cast.olga, at=AT)
        with pytest.raises(NotPossibleError, match="is under way"):
            start_scan(program=cast.program, by=cast.olga, at=AT)
        start_scan(program=cast.program, by=cast.olga, at=AT, of_partners=True)


@pytest.mark.parametrize("threshold", [0, -1, 1.2])
def test_a_threshold_is_a_probability(cast, threshold) -> None:
    with cast.scope(), pytest.raises(NotPossibleError, match="above 0 and at most 1"):
        start_scan(program=cast.program, by=None, at=AT, threshold=threshold)


def test_a_killed_look_goes_on_where_it_was(cast, stock, monkeypatch) -> None:
    monkeypatch.setattr(search, "STEP", 5)
    with cast.scope():
        scan = start_scan(program=cast.program, by=None, at=AT)
    scanning.work(cast.program, scan.pk, seconds=0.0)
    taken = scanning._take(cast.program, scan.pk)  # a worker that took it, did one step, and was killed
    scanning._step(cast.program, taken, search.search_of(taken))
    assert (taken.done, taken.resume_at != "") == (5, True)
    assert scanning.work(cast.program, scan.pk) is None, "it is somebody else's until the lease ends"
    with cast.scope():
        DuplicateScan.objects.filter(pk=scan.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    looked = []
    done = scanning.work(cast.program, scan.pk, tell=lambda s: looked.append(s.done))
    assert looked[0] == 10, "the first five are not looked at again"
    assert done is not None
    assert proposed(cast) == {ZENITH, QUARRY}


def test_the_worker_goes_on_and_the_sweep_finds_what_was_left_lying(cast, stock, monkeypatch) -> None:
    queued = []
    monkeypatch.setattr(scanning, "nudge", lambda _task, *ids: queued.append(ids))
    with cast.scope():
        scan = start_scan(program=cast.program, by=None, at=AT)
    scanning.resume_scans(cast.program)
    assert queued == [(cast.program.pk, scan.pk)]
    tasks.look_for_duplicates(str(cast.program.pk), str(scan.pk))
    assert proposed(cast) == {ZENITH, QUARRY}
    tasks.look_for_duplicates(str(cast.program.pk), str(scan.pk))  # twice does nothing
    scanning.resume_scans(cast.program)
    assert len(queued) == 1


def test_a_cancelled_look_leaves_what_was_proposed_before(cast, stock, monkeypatch) -> None:
    look(cast)
    monkeypatch.setattr(search, "STEP", 2)
    with cast.scope():
        scan = start_scan(program=cast.program, by=cast.olga, at=AT)

    def cancel(after: DuplicateScan) -> None:
        if after.cancelled_at is None:
            with cast.scope():
                cancel_scan(scan=after, by=cast.olga, at=timezone.now())

    done = scanning.work(cast.program, scan.pk, tell=cancel)
    assert (done.done, bool(done.finished_at)) == (2, True)
    assert proposed(cast) == {ZENITH, QUARRY}
    with cast.scope():
        assert not done.pairs.exists()
        with pytest.raises(NotPossibleError, match="ended already"):
            cancel_scan(scan=done, by=cast.olga, at=AT)


def test_a_failure_ends_the_look_with_a_sentence(cast, stock, monkeypatch) -> None:
    def broken(self, resume_at):
        raise RuntimeError("no")

    monkeypatch.setattr(search.IndexSearch, "step", broken)
    with cast.scope():
        scan = start_scan(program=cast.program, by=None, at=AT)
    with pytest.raises(RuntimeError):
        scanning.work(cast.program, scan.pk)
    with cast.scope():
        scan.refresh_from_db()
    assert (scan.error, bool(scan.finished_at)) == ("It failed (RuntimeError). The log of the worker says more.", True)


def test_partners_are_resolved_by_the_same_code(cast) -> None:
    with cast.scope():
        factories.partner(cast, "P-ALPHA2", "ALPHA FLOW LLC", domain="alphaflow.example")
        factories.partner(cast, "P-DIST", "Beta Industrial Supply", distributor=cast.beta)
        cast.alpha.domain = "alphaflow.example"
        save_row(cast.alpha, by=None, at=AT, action="partner.recorded")
    look(cast, of_partners=True)
    assert proposed(cast) == {frozenset({"P-ALPHA", "P-ALPHA2"})}


def test_programs_do_not_meet(cast, stock) -> None:
    other = factories.make_cast("southwind")
    with other.scope():
        factories.account(other, "A-Z9", "Zenith Boilers Inc.", domain="zenithboilers.example", city="Austin")
    look(other)
    assert proposed(other) == set()
    with connection.cursor() as cursor:
        cursor.execute("select rolbypassrls or rolsuper from pg_roles where rolname = session_user")
        assert cursor.fetchone() == (False,)


def test_the_command_says_what_it_found(cast, stock, capsys) -> None:
    call_command("dedupe_accounts", "--json")
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert (found["clusters"], found["members"], found["engine"], found["looked_at"]) == (2, 5, "index", len(stock) + 1)
    assert "100%" in told.err
    with pytest.raises(CommandError, match="above 0"):
        call_command("dedupe_accounts", threshold=7.0)
    with cast.scope():
        scan = start_scan(program=cast.program, by=None, at=AT)
    call_command("dedupe_accounts")  # goes on with it
    assert "possible duplicates of 5 accounts" in capsys.readouterr().out
    with cast.scope():
        scan.refresh_from_db()
    assert scan.finished_at
