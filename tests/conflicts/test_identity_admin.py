"""Merging on the staff site: who gets in, what the preview shows, and that nothing is done unseen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners import models as m
from partners.services import record_account, save_row
from reviews import pipeline
from tests import factories
from tests.conflicts.who_is_who import ask, confirm, furnish, held_in, said
from tests.factories import AT
from tests.reviews.at_the_desk import text_of
from tests.staff_site import address, as_

pytestmark = pytest.mark.django_db
MAY, MAY_NOT = ("pat", "olga"), ("ada", "carl", "lena", "rita", "audrey")


# Who gets in


def pages_of(cast, orion, old, change):
    return [
        ask(orion, old), address(m.Account, "merge", orion.pk), address(m.Account, "split", orion.pk),
        f"{address(m.Partner, 'merge', cast.alpha.pk)}?other={cast.beta.pk}",
        address(m.IdentityChange, "changelist"), address(m.IdentityChange, "change", change.pk),
        address(m.IdentityChange, "undo", change.pk),
    ]  # fmt: skip


@pytest.mark.parametrize(("names", "wanted"), [(MAY, 200), (MAY_NOT, 404)], ids=["may", "may not"])
def test_those_who_edit_accounts_say_who_is_who_and_for_others_it_is_not_there(cast, orion, old, merged, names, wanted):
    for name in names:
        client = as_(cast.staff[name])
        for page in pages_of(cast, orion, old, merged):
            assert client.get(page).status_code == wanted, (name, page)
            if wanted == 404:
                assert client.post(page, {"other": str(old.pk), "reason": "Mine.", "seen": ""}).status_code == 404
        menu = client.get(address(m.Account, "changelist")).content.decode()
        assert ("Merges and splits" in menu) == ("Merge the two" in menu) == (wanted == 200)
        assert ("Merge into another" in client.get(address(m.Account, "change", orion.pk)).content.decode()) == (
            wanted == 200
        )


def test_partners_and_other_programs_get_nowhere(cast, orion, old, merged):
    other = factories.make_cast("southsea")
    for page in pages_of(cast, orion, old, merged):
        assert as_(cast.acme_rep).get(page).status_code == 302
        assert as_(other.pat).get(page).status_code in (404, 200), page
    for page in (*pages_of(cast, orion, old, merged)[:4], *pages_of(cast, orion, old, merged)[5:]):
        assert as_(other.pat).get(page).status_code == 404
    assert "Old Star" not in as_(other.pat).get(address(m.IdentityChange, "changelist")).content.decode()


def test_the_other_of_another_program_or_of_nobody_is_refused_alike(cast, pat, orion):
    other = factories.make_cast("southsea")
    with other.scope():
        foreign = m.Account.objects.get(external_id="A-ORION")
    page = address(m.Account, "merge", orion.pk)
    for key in (foreign.pk, orion.pk, "01900000-0000-7000-8000-000000000000", "none-such", ""):
        answer = pat.get(page, {"other": str(key)})
        assert answer.status_code == 200
        assert answer.context["choice"].errors, key
        assert pat.post(page, {"other": str(key), "reason": "Mine.", "seen": ""}).context["choice"].errors
    with other.scope(), cast.scope():
        assert not m.IdentityChange.objects.exists()


# Merging accounts


def test_the_preview_of_a_merge_shows_everything_that_will_count(cast, pat, orion, old, registered):
    furnish(cast, orion, old)
    page = pat.get(ask(old, orion))
    shown = held_in(page.context["preview"])
    first, second = registered
    assert shown["registrations"] == (
        [f"{second.ref} · Beta Industrial · “Old Star Chemistry” · approved"],
        [f"{first.ref} · Alpha Flow · “Orion Chemicals” · approved"],
    )
    assert shown["ownerships"][0] == ["Beta Industrial (owner) · from 1 January 2025"]
    assert shown["opportunities"][0] == ["O-1 · Direct team · qualified"]
    assert shown["quotes"][0] == ["Q-1 · Beta Industrial · pumps"]
    assert shown["exceptions"][0] == ["X-9 · for everybody · lifts account owned"]
    assert shown["children"] == (["Old Star Water"], [])
    assert shown["names"] == (["Old Star Chemistry"], ["Orion Chemicals Inc."])
    assert {kind: len(one) for kind, (one, _) in shown.items()}["protections"] == 1
    text = text_of(page)
    for sentence in (
        "1 registration of Old Star Chemistry will count for Orion Chemicals Inc.",
        "Old Star Water will be of the family of Orion Chemicals Inc.",
        "are both protected on pumps",
        "imports go on writing to it",
    ):
        assert sentence in text, sentence


def test_different_numbers_and_countries_are_a_loud_warning(cast, pat, orion, old):
    with cast.scope():
        for account, lei, country in ((orion, "5493001KJTIIGC8Y1R12", "US"), (old, "529900T8BM49AURSDO55", "DE")):
            account.lei, account.country, account.subdivision = lei, country, ""
            record_account(account=account, by=None, at=AT)
    preview = pat.get(ask(old, orion)).context["preview"]
    assert [fact.label for fact in preview.facts if fact.loud and fact.differs] == ["Country", "LEI"]
    assert any("different countries (Germany, United States)" in warning for warning in preview.warnings)
    assert any("LEIs differ (529900T8BM49AURSDO55, 5493001KJTIIGC8Y1R12)" in warning for warning in preview.warnings)


def test_a_merge_is_done_as_it_was_shown_and_says_how_to_undo_it(cast, pat, orion, old, registered):
    done = confirm(pat, old, orion)
    with cast.scope():
        change = m.IdentityChange.objects.get()
        assert (change.subject_id, change.target_id, change.reason) == (old.pk, orion.pk, "Renamed in 2019.")
        assert change.made_by_id == cast.pat.pk
        old.refresh_from_db()
        assert old.merged_into_id == orion.pk
    assert done.url == address(m.IdentityChange, "change", change.pk)
    assert "Old Star Chemistry counts as Orion Chemicals Inc. from now on. 2 registrations are being looked at" in said(
        done
    )
    page = pat.get(done.url)
    assert address(m.IdentityChange, "undo", change.pk) in page.content.decode()
    assert "being looked at again" in text_of(page)
    pipeline.process_change(cast.program, change.pk, AT)
    assert "looked at again" in text_of(pat.get(done.url))
    assert "being looked at again" not in text_of(pat.get(done.url))


def test_what_changed_since_the_preview_is_refused_and_shown_afresh(cast, pat, orion, old):
    before = pat.get(ask(old, orion)).context["preview"].seen
    with cast.scope():
        record_account(account=old, by=None, at=AT, aliases=("Vetus Stella",))
    refused = confirm(pat, old, orion, seen=before)
    assert refused.status_code == 409
    assert "Something changed since you looked" in text_of(refused)
    assert "Vetus Stella" in text_of(refused)
    assert 'value="Renamed in 2019."' in refused.content.decode()
    with cast.scope():
        assert not m.IdentityChange.objects.exists()
    assert confirm(pat, old, orion).status_code == 302


def test_a_merge_needs_a_reason_and_two_that_can_be_merged(cast, pat, orion, old, merged):
    assert confirm(pat, orion, old, reason=" ").status_code == 200
    with cast.scope():
        water = factories.account(cast, "A-W", "Orion Water", parent=orion)
        third = factories.account(cast, "A-3", "Third Works")
    for row, other, sentence in (
        (old, third, "Old Star Chemistry counts as Orion Chemicals Inc. already"),
        (water, orion, "relatives are not the same"),
    ):
        page = pat.get(ask(row, other))
        assert sentence in text_of(page)
        assert "Merge: " not in text_of(page)
        assert confirm(pat, row, other).status_code == 409
    with cast.scope():
        assert m.IdentityChange.objects.count() == 1


def test_either_may_stay(pat, orion, old):
    page = pat.get(ask(old, orion))
    assert page.context["swap"] == ask(orion, old)
    swapped = pat.get(page.context["swap"]).context["preview"]
    assert (swapped.left, swapped.right) == ("Orion Chemicals Inc.", "Old Star Chemistry")


def test_two_ticked_accounts_are_merged_and_no_other_number(cast, pat, orion, old):
    with cast.scope():
        third = factories.account(cast, "A-3", "Third Works")
    page = address(m.Account, "changelist")

    def tick(*rows):
        return pat.post(page, {"action": "merge_two", "_selected_action": [str(row.pk) for row in rows]})

    assert tick(old, orion).url == ask(old, orion)  # what another system has a number for stays
    assert "you ticked one" in said(tick(orion))
    assert "more than two" in said(tick(orion, old, third))
    assert "delete_selected" not in pat.get(page).content.decode()


def test_accounts_that_look_like_it_are_offered_first(cast, pat, orion):
    with cast.scope():
        twin = factories.account(cast, "A-TWIN", "ORION CHEMICALS, Incorporated", domain="a-orion.example")
    page = pat.get(address(m.Account, "merge", orion.pk))
    assert [other for _, other, _ in page.context["alike"]] == [twin]
    assert f"?other={twin.pk}" in page.content.decode()


def test_a_merged_account_says_what_it_counts_as(cast, pat, orion, old, merged):
    page = pat.get(address(m.Account, "change", old.pk))
    assert "counts as Orion Chemicals Inc. since 2 March 2026" in text_of(page)
    assert address(m.IdentityChange, "change", merged.pk) in page.content.decode()
    assert "Merge into another" not in text_of(page)
    assert "counts as Orion Chemicals Inc." in text_of(pat.get(address(m.Account, "changelist")))
    found = pat.get(reverse("admin:autocomplete"), {
        "app_label": "partners", "model_name": "account", "field_name": "parent", "term": "old star",
    }).json()["results"]  # fmt: skip
    assert [option["text"].endswith("· merged") for option in found] == [True]


def test_the_accounts_page_draws_the_family(cast, pat, orion, old, merged):
    with cast.scope():
        factories.account(cast, "A-W", "Orion Water", parent=orion, unit=m.Unit.BRANCH)
    tree = pat.get(address(m.Account, "change", orion.pk)).context["family"]
    assert [(node.name, node.relation, node.marks) for node in tree.roots[0].children] == [
        ("Old Star Chemistry", "counts as Orion Chemicals Inc.", ("1 registration",)),
        ("Orion Water", "branch", ()),
    ]


def test_protections_that_do_not_meet_raise_no_alarm(cast, pat, orion, old, registered):
    with cast.scope():
        mine = m.Protection.objects.get(account=old)
        mine.period = DateTimeTZRange(AT + timedelta(days=4000), AT + timedelta(days=4001))
        save_row(mine, by=None, at=AT, action="protection.moved")
    assert "both protected" not in text_of(pat.get(ask(old, orion)))


def test_the_pages_cost_the_same_however_much_there_is(cast, pat, orion, old, registered):
    def cost(url):
        pat.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert pat.get(url).status_code == 200
        return len(queries)

    pages = [ask(old, orion), address(m.Account, "split", old.pk), address(m.Account, "change", orion.pk)]
    before = [cost(page) for page in pages]
    for number in range(4):
        with cast.scope():
            partner = factories.partner(cast, f"P-{number}", f"Partner {number}")
            save_row(
                m.PriceQuote(program=cast.program, account=old, partner=partner, external_id=f"Q-{number}", product_line="pumps"),
                by=None, at=AT, action="recorded",
            )  # fmt: skip
        factories.submitted(cast, partner, account_name="Old Star Chemistry", account_domain="oldstar.example")
    pipeline.detect(cast.program, AT)
    assert [cost(page) for page in pages] == before
    assert max(before) <= 34
