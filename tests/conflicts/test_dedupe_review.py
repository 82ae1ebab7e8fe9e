"""Accepting and rejecting proposals, in the services and on the staff site."""

import pytest
from django.urls import reverse

from conflicts import scanning
from conflicts.duplicates import (
    accept_cluster,
    accept_clusters,
    members_of,
    reject_cluster,
    seen_now,
    start_scan,
    undo_cluster,
)
from conflicts.models import ClusterStatus, DuplicateCluster, DuplicateScan, KeptApart
from partners.identity import merge_accounts, standing_partners
from partners.models import Account
from partners.services import NotPossibleError, save_row
from tests import factories
from tests.factories import AT
from tests.staff_site import address, as_

pytestmark = pytest.mark.django_db


def found(cast, names: dict[str, int], **options) -> list[DuplicateCluster]:
    """Clusters of accounts of these names, so many of each."""
    with cast.scope():
        for phone, (name, number) in enumerate(names.items()):
            for i in range(number):
                reference = f"A-{name[:4]}{i}" if i else ""
                domain = f"{name.split()[0].lower()}.example"
                factories.account(cast, reference, name, domain=domain, city="Austin", phone=f"+1 512 555 01{phone:02}")
        scan = start_scan(program=cast.program, by=None, at=AT, in_background=False, **options)
    scanning.work(cast.program, scan.pk)
    with cast.scope():
        return list(DuplicateCluster.objects.filter(scan=scan).order_by("title"))


@pytest.fixture
def zenith(cast) -> DuplicateCluster:
    """One cluster of three; the oldest has no reference."""
    [cluster] = found(cast, {"Zenith Boilers": 3})
    return cluster


def members(cast, cluster) -> list[Account]:
    with cast.scope():
        return members_of([cluster])[cluster.pk]


def test_the_one_with_a_reference_most_claims_and_age_stays(cast, zenith) -> None:
    with cast.scope():
        registration = factories.submitted(cast, cast.alpha, account_name="Zenith Boilers", account_city="Austin",
                                           account_domain="zenith.example")  # fmt: skip
    from reviews.pipeline import detect

    detect(cast.program, AT)
    first, second, third = members(cast, zenith)
    assert third.external_id == "", "whoever has no reference comes last"
    with cast.scope():
        claim = registration.claim
    assert first.claims_held == (1 if claim.account_id == first.pk else 0)
    assert (first.claims_held, second.claims_held) == tuple(sorted((first.claims_held, second.claims_held))[::-1])


def test_accepting_merges_and_can_be_undone(cast, zenith) -> None:
    stays, *others = members(cast, zenith)
    with cast.scope():
        accept_cluster(cluster=zenith, by=cast.olga, at=AT)
        zenith.refresh_from_db()
        assert (zenith.status, len(zenith.changes), zenith.decided_by_id) == ("accepted", 2, cast.olga.pk)
        assert {a.merged_into_id for a in Account.objects.filter(pk__in=[o.pk for o in others])} == {stays.pk}
        with pytest.raises(NotPossibleError, match="accepted meanwhile"):
            accept_cluster(cluster=zenith, by=cast.olga, at=AT)
        undo_cluster(cluster=zenith, by=cast.olga, at=AT)
        zenith.refresh_from_db()
        assert zenith.status == ClusterStatus.PROPOSED
        assert not Account.objects.filter(merged_into__isnull=False).exists()
        with pytest.raises(NotPossibleError, match="Nobody has decided"):
            undo_cluster(cluster=zenith, by=cast.olga, at=AT)


def test_whoever_is_left_out_is_kept_apart(cast, zenith) -> None:
    first, second, third = members(cast, zenith)
    with cast.scope():
        accept_cluster(cluster=zenith, by=cast.olga, at=AT, survivor=second.pk, members={first.pk, second.pk})
        first.refresh_from_db()
        assert first.merged_into_id == second.pk
        kept = {frozenset(pair) for pair in KeptApart.objects.values_list("left_id", "right_id")}
    assert kept == {frozenset({third.pk, first.pk}), frozenset({third.pk, second.pk})}


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (lambda first, *_: {"members": {first}}, "two at least"),
        (lambda a, b, c: {"members": {a, b}, "survivor": c}, "must be one"),
    ],
)
def test_half_a_choice_is_refused(cast, zenith, choice, sentence) -> None:
    with cast.scope(), pytest.raises(NotPossibleError, match=sentence):
        accept_cluster(cluster=zenith, by=cast.olga, at=AT, **choice(*[row.pk for row in members(cast, zenith)]))
    with cast.scope():
        assert not Account.objects.filter(merged_into__isnull=False).exists()


def test_rejecting_keeps_all_of_them_apart(cast, zenith) -> None:
    with cast.scope():
        reject_cluster(cluster=zenith, by=cast.olga, at=AT)
        assert KeptApart.objects.count() == 3


def test_of_many_those_that_changed_are_refused_and_the_others_go_through(cast) -> None:
    one, two, three = found(cast, {"Amber Works": 2, "Basalt Works": 2, "Cobalt Works": 2})
    with cast.scope():
        rows = members_of([one, two, three])
        seen = [(cluster, seen_now(cluster, rows[cluster.pk])) for cluster in (one, two, three)]
        changed = rows[one.pk][0]
        changed.domain = "another.example"
        save_row(changed, by=None, at=AT, action="account.recorded")
        merge_accounts(subject=rows[two.pk][0], target=rows[three.pk][0], by=None, at=AT)
        results = accept_clusters(clusters=seen, by=cast.olga, at=AT)
    assert ["changed since you looked" in r.refused for r in results] == [True, True, False]
    assert [r.cluster.status for r in results] == ["proposed", "proposed", "accepted"]


def test_partners_are_merged_by_the_same_page(cast) -> None:
    with cast.scope():
        twin = factories.partner(cast, "P-ALPHA2", "Alpha Flow LLC", domain="alphaflow.example")
        cast.alpha.domain = "alphaflow.example"
        save_row(cast.alpha, by=None, at=AT, action="partner.recorded")
    [cluster] = found(cast, {}, of_partners=True)
    page = address(DuplicateCluster, "change", cluster.pk)
    client = as_(cast.olga)
    assert "Alpha Flow LLC" in client.get(page).content.decode()
    client.post(page, {"act": "accept", "member": [cast.alpha.pk, twin.pk], "survivor": cast.alpha.pk})
    with cast.scope():
        assert standing_partners(cast.program.pk) == {twin.pk: cast.alpha.pk}


def test_the_page_shows_what_differs_and_why(cast, zenith) -> None:
    with cast.scope():
        row = members_of([zenith])[zenith.pk][1]
        row.city = "Waco"
        save_row(row, by=None, at=AT, action="account.recorded")
    body = as_(cast.olga).get(address(DuplicateCluster, "change", zenith.pk)).content.decode()
    line = next(part for part in body.split("<tr") if "City" in part)
    assert 'class="differs"' in line
    assert "Waco" in line
    assert "The phone number is the same." in body
    assert body.count('name="member"') == 3


def test_a_decision_on_the_site(cast, zenith) -> None:
    client, page = as_(cast.olga), address(DuplicateCluster, "change", zenith.pk)
    rows = members(cast, zenith)
    seen = client.get(page).context["seen"]
    answer = client.post(page, {"act": "reject", "seen": "0" * 16}, follow=True)
    assert "changed since you looked" in answer.content.decode()
    chosen = {"act": "accept", "seen": seen, "member": [row.pk for row in rows], "survivor": rows[1].pk}
    answer = client.post(page, chosen, follow=True)
    assert "3 are one company now" in answer.content.decode()
    with cast.scope():
        assert Account.objects.filter(merged_into=rows[1]).count() == 2
    assert "taken back" in client.post(page, {"act": "undo"}, follow=True).content.decode()
    assert "Choose what" in client.post(page, {"act": "dance"}, follow=True).content.decode()


@pytest.mark.parametrize("who", ["ada", "lena", "audrey"])
def test_who_may_not_change_accounts_looks_only(cast, zenith, who) -> None:
    client, page = as_(cast.staff[who]), address(DuplicateCluster, "change", zenith.pk)
    body = client.get(page).content.decode()
    assert "Zenith" in body
    assert "People who may edit accounts" in body
    client.post(page, {"act": "reject"})
    client.post(reverse("admin:conflicts_duplicatecluster_accept"), {"cluster": zenith.pk, "seen": ""})
    client.post(reverse("admin:conflicts_duplicatescan_start"), {"program": cast.program.pk, "of": "accounts",
                                                                 "threshold": "0.5", "engine": "index"})  # fmt: skip
    with cast.scope():
        assert DuplicateCluster.objects.get().status == "proposed"
        assert DuplicateScan.objects.count() == 1


def test_all_above_a_probability_with_a_preview(cast) -> None:
    clusters = found(cast, {"Amber Works": 2, "Basalt Works": 2, "Cobalt Works": 2})
    with cast.scope():
        DuplicateCluster.objects.filter(pk=clusters[2].pk).update(probability=0.6)
    client, page = as_(cast.olga), reverse("admin:conflicts_duplicatecluster_accept")
    shown = client.get(page, {"above": "0.7"})
    assert (shown.context["total"], len(shown.context["rows"])) == (2, 2)
    form = {"above": "0.7", "of": "accounts", "cluster": [str(row.pk) for row, _, _ in shown.context["rows"]],
            "seen": [seen for _, _, seen in shown.context["rows"]]}  # fmt: skip
    with cast.scope():
        row = shown.context["rows"][0][1][0]
        row.name = "Amber Works Holding"
        save_row(row, by=None, at=AT, action="account.recorded")
    answer = client.post(page, form)
    assert sorted(bool(result.refused) for result in answer.context["results"]) == [False, True]
    assert client.post(page, {"cluster": ["x", str(cast.program.pk)], "seen": [""]}).context["results"] == []
    with cast.scope():
        assert sorted(DuplicateCluster.objects.values_list("status", flat=True)) == ["accepted", "proposed", "proposed"]


def test_the_list_asks_the_same_number_of_questions_for_any_length(cast, django_assert_max_num_queries) -> None:
    found(cast, {f"{word} Works": 2 for word in "Amber Basalt Cobalt Dolomite Umbra Feldspar".split()})
    client = as_(cast.olga)
    with django_assert_max_num_queries(24):
        body = client.get(address(DuplicateCluster, "changelist")).content.decode()
    assert body.count("<small>and ") == 0
    assert all(word in body for word in ("Amber Works", "Feldspar Works"))
    with cast.scope():
        DuplicateCluster.objects.exclude(title="Amber Works").update(status="rejected")
    with django_assert_max_num_queries(24):
        body = client.get(address(DuplicateCluster, "changelist")).content.decode()
    assert "Feldspar" not in body
    assert "Feldspar" in client.get(address(DuplicateCluster, "changelist"), {"status": "rejected"}).content.decode()


def test_a_look_is_begun_watched_and_cancelled_on_the_site(cast) -> None:
    client, page = as_(cast.pat), reverse("admin:conflicts_duplicatescan_start")
    wanted = {"program": cast.program.pk, "of": "accounts", "threshold": "0.5", "engine": "auto"}
    assert "less than or equal to 1" in client.post(page, wanted | {"threshold": "2"}).content.decode()
    begun = client.post(page, wanted)
    body = client.get(begun.url).content.decode()
    assert 'http-equiv="refresh"' in body
    assert "<progress" in body
    assert "is under way" in client.post(page, wanted).content.decode()
    assert "Cancelled" in client.post(begun.url, follow=True).content.decode()
    assert 'http-equiv="refresh"' not in client.get(begun.url).content.decode()
    assert "ended already" in client.post(begun.url, follow=True).content.decode()


def test_foreign_and_absent_proposals_are_answered_alike(cast, zenith) -> None:
    other = factories.make_cast("southwind")
    client = as_(other.olga)
    absent = str(cast.program.pk)
    for method in (client.get, client.post):
        answers = [method(address(DuplicateCluster, "change", key)).status_code for key in (zenith.pk, absent)]
        assert answers == [404, 404]
    page = reverse("admin:conflicts_duplicatecluster_accept")
    assert client.post(page, {"cluster": [str(zenith.pk)], "seen": [""]}).context["results"] == []
    with cast.scope():
        zenith.refresh_from_db()
    assert zenith.status == "proposed"
