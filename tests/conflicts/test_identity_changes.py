"""Splitting and undoing on the staff site, the list of what was said, and partners under two names."""

import pytest

from conflicts.models import Claim
from partners import models as m
from partners.identity import merge_accounts
from partners.services import record_account, save_row
from reviews import pipeline
from tests import factories
from tests.conflicts.who_is_who import ask, confirm, furnish, held_in, said, split_form
from tests.factories import AT
from tests.reviews.at_the_desk import text_of
from tests.staff_site import address, as_

pytestmark = pytest.mark.django_db


# Splitting


def test_a_split_takes_what_was_ticked_and_is_shown_first(cast, pat, orion, old, registered):
    furnish(cast, orion, old)
    with cast.scope():
        record_account(account=old, by=None, at=AT, aliases=("Nova Pumps",))
    boxes, (_, second) = split_form(pat, old), registered
    assert list(boxes["names"]) == ["Nova Pumps"]  # its own name cannot leave
    typed = {"name": "Nova Pumps Inc.", "reason": "Sold in 2024.", "names": list(boxes["names"].values()),
             "ownerships": list(boxes["ownerships"].values())}  # fmt: skip
    typed["registrations"] = list(boxes["registrations"].values())
    url = address(m.Account, "split", old.pk)
    shown = pat.post(url, {**typed, "step": "preview"})
    preview = shown.context["preview"]
    assert held_in(preview)["names"] == (["Old Star Chemistry"], ["Nova Pumps"])
    assert held_in(preview)["quotes"][1] == []
    assert "Nova Pumps: no longer a name of Old Star Chemistry." in preview.follows
    assert "1 registration will name Nova Pumps Inc. and not Old Star Chemistry" in text_of(shown)
    again = pat.post(url, {**typed, "step": "change"})
    assert 'value="Nova Pumps Inc."' in again.content.decode()
    assert pat.post(url, {**typed, "step": "confirm", "seen": "stale"}).status_code == 409
    done = pat.post(url, {**typed, "step": "confirm", "seen": preview.seen})
    with cast.scope():
        change = m.IdentityChange.objects.get()
        nova = m.Account.objects.get(name="Nova Pumps Inc.")
        assert nova.ownerships.count() == 1
        assert not old.ownerships.exists()
    assert done.url == address(m.IdentityChange, "change", change.pk)
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        assert Claim.objects.get(registration=second).account_id == nova.pk


def test_a_split_names_a_company_and_something_that_is_its(pat, orion, registered):
    url, boxes = address(m.Account, "split", orion.pk), split_form(pat, orion)
    ticked = {"registrations": list(boxes["registrations"].values())}
    for typed, sentence in (
        ({"name": "", "reason": "x", **ticked}, "This field is required"),
        ({"name": "☃", "reason": "x", **ticked}, "A name needs letters or digits"),
        ({"name": "Nova", "reason": "x"}, "Tick at least one thing"),
        ({"name": "Nova", "reason": "x", "registrations": ["01900000-0000-7000-8000-000000000000"]}, "valid choice"),
    ):
        page = pat.post(url, {**typed, "step": "confirm", "seen": ""})
        assert sentence in text_of(page), sentence
        assert "preview" not in page.context


# What was done, and the way back


def test_the_changes_are_told_in_names(cast, pat, orion, old, registered):
    furnish(cast, orion, old)
    boxes = split_form(pat, old)
    typed = {"name": "Nova Pumps", "reason": "Sold.", "quotes": list(boxes["quotes"].values()),
             "registrations": list(boxes["registrations"].values())}  # fmt: skip
    url = address(m.Account, "split", old.pk)
    seen = pat.post(url, {**typed, "step": "preview"}).context["preview"].seen
    done = pat.post(url, {**typed, "step": "confirm", "seen": seen})
    listed, page = text_of(pat.get(address(m.IdentityChange, "changelist"))), text_of(pat.get(done.url))
    for words in (
        "Split of accounts",
        "Old Star Chemistry gave away Nova Pumps",
        "Pat",
        "Sold.",
        "1 registration, 1 quote",
    ):
        assert words in listed, words
    for words in (
        "Nova Pumps is another company than Old Star Chemistry",
        "Q-1 · Beta Industrial · pumps",
        registered[1].ref,
    ):
        assert words in page, words
    for one in boxes["quotes"].values():
        assert one not in page


def test_undoing_is_shown_first_and_done_as_shown(cast, pat, orion, old, merged, registered):
    url = address(m.IdentityChange, "undo", merged.pk)
    page = pat.get(url)
    preview = page.context["preview"]
    assert held_in(preview)["registrations"] == (
        [f"{registered[1].ref} · Beta Industrial · “Old Star Chemistry” · approved"],
        [f"{registered[0].ref} · Alpha Flow · “Orion Chemicals” · approved"],
    )
    assert "Old Star Chemistry is an account of its own again." in preview.follows
    assert pat.post(url, {"seen": "stale"}).status_code == 409
    done = pat.post(url, {"seen": preview.seen})
    assert said(done).startswith("Undone.")
    with cast.scope():
        old.refresh_from_db()
        assert old.merged_into_id is None
    assert "undone by Pat" in text_of(pat.get(done.url))
    assert "This was undone already." in text_of(pat.get(url))
    assert pat.post(url, {"seen": pat.get(url).context["preview"].seen}).status_code == 409


def test_a_later_change_is_undone_first(cast, pat, orion, old, merged):
    with cast.scope():
        third = factories.account(cast, "A-3", "Third Works")
        merge_accounts(subject=third, target=orion, by=cast.olga, at=AT)
    page = pat.get(address(m.IdentityChange, "undo", merged.pk))
    assert "Undo the later merge of Third Works first." in text_of(page)
    assert "Undo it" not in text_of(page)


@pytest.mark.parametrize("looked_at", [True, False], ids=["after the worker", "before the worker"])
def test_a_split_is_undone(cast, pat, orion, registered, looked_at):
    boxes, url = split_form(pat, orion), address(m.Account, "split", orion.pk)
    typed = {"name": "Orion Pumps", "reason": "Sold.", "registrations": list(boxes["registrations"].values())}
    seen = pat.post(url, {**typed, "step": "preview"}).context["preview"].seen
    pat.post(url, {**typed, "step": "confirm", "seen": seen})
    with cast.scope():
        change = m.IdentityChange.objects.get()
    if looked_at:
        pipeline.process_change(cast.program, change.pk, AT)
    undo = address(m.IdentityChange, "undo", change.pk)
    preview = pat.get(undo).context["preview"]
    assert "counts as Orion Chemicals Inc. again" in " ".join(preview.follows)
    assert pat.post(undo, {"seen": preview.seen}).status_code == 302
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        assert Claim.objects.get(registration=registered[0]).standing_account_id == orion.pk


# Partners


def test_two_partners_are_merged_and_their_people_see_what_they_saw(cast, pat, registered):
    with cast.scope():
        tier = m.Tier(program=cast.program, code="silver", name="Silver", rank=1)
        save_row(tier, by=None, at=AT, action="tier.recorded")
        cast.beta.tier = tier
        save_row(cast.beta, by=None, at=AT, action="partner.recorded")
    preview = pat.get(ask(cast.beta, cast.alpha)).context["preview"]
    assert "Tier: Silver and Gold. What Alpha Flow has is what counts." in preview.warnings
    shown = held_in(preview)
    assert shown["people"] == (["rival_rep (Partner user)"], ["acme_rep (Partner user)"])
    assert shown["agreements"][0][0].startswith("AG-P-BETA · active")
    assert len(shown["registrations"][0]) == len(shown["registrations"][1]) == 1
    assert any("keep seeing only what each registered" in sentence for sentence in preview.follows)
    done = confirm(pat, cast.beta, cast.alpha)
    with cast.scope():
        change = m.IdentityChange.objects.get()
        assert change.of_partners
    pipeline.process_change(cast.program, change.pk, AT)
    assert "Merge of partners" in text_of(pat.get(address(m.IdentityChange, "changelist")))
    assert "Beta Industrial counts as Alpha Flow" in text_of(pat.get(done.url))
    assert "counts as Alpha Flow since" in text_of(pat.get(address(m.Partner, "change", cast.beta.pk)))
    for user, own, foreign in ((cast.acme_rep, registered[0], registered[1]), (cast.rival_rep, *registered[::-1])):
        seen = as_(user).get("/portal/").content.decode()
        assert own.ref in seen
        assert foreign.ref not in seen
    undo = address(m.IdentityChange, "undo", change.pk)
    assert pat.post(undo, {"seen": pat.get(undo).context["preview"].seen}).status_code == 302


def test_a_reseller_and_its_distributor_are_two(cast, pat):
    with cast.scope():
        cast.beta.distributor = cast.alpha
        save_row(cast.beta, by=None, at=AT, action="partner.recorded")
    page = pat.get(ask(cast.beta, cast.alpha))
    assert "reseller and distributor" in text_of(page)
    assert confirm(pat, cast.beta, cast.alpha).status_code == 409
