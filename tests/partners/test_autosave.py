"""The form keeps itself: one draft, nothing lost, nothing written over, no flood of the record, nothing of anybody else."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channelconflict.models import AuditEvent
from partners import drafts, services
from partners import models as m
from partners.completeness import OF_EIGHT, OF_PROOF, WHY, weigh
from partners.forms import EIGHT
from partners.models import Registration, Unfinished
from tests import factories
from tests.partners.test_portal import count, only, queries, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def autosave(client, form, pk=None):
    """What the script sends, and the answer."""
    return client.post(reverse("portal:autosave", args=[pk]) if pk else reverse("portal:autosave_new"), form)


def drafted(cast):
    """How many acts of drafting the record holds, and how many versions the history."""
    with cast.scope():
        acts = AuditEvent.objects.filter(action="registration.drafted").count()
        return acts, Registration.history.count()


def test_the_first_keeping_makes_the_draft_and_the_next_ones_the_same(cast, portal):
    form = typed(portal)
    first = autosave(portal, {**form, "account_name": "Orion Chem"}).json()
    second = autosave(portal, {**form, "seen": first["seen"]}, first["id"]).json()
    again = autosave(portal, form).json()  # an answer that was lost on its way: the form's token finds its draft
    row = only(cast)
    assert {first["id"], second["id"], again["id"]} == {str(row.pk)}
    assert (row.status, row.account_name, row.band_upper) == ("draft", "Orion Chemicals Inc.", 100_000)
    assert re.fullmatch(r"Saved \d\d:\d\d", second["said"])
    assert second["complete"] == OF_EIGHT
    assert [missing["field"] for missing in second["missing"]] == ["proof"]
    assert drafted(cast) == (1, 1)


def test_nothing_is_kept_before_a_customer_is_named(cast, portal):
    answer = autosave(portal, typed(portal, account_name=" ")).json()
    assert not answer["kept"]
    assert answer["missing"][0]["field"] == "account_name"
    assert count(cast) == 0


def test_a_colleague_who_goes_on_with_it_is_in_the_history(cast, portal, client):
    kept = autosave(portal, typed(portal)).json()
    with cast.scope():
        colleague = factories.rep(cast.alpha, "acme_two")
    client.force_login(colleague)
    assert "Continue your draft for Orion" in client.get(reverse("portal:registrations")).content.decode()
    form = typed(client, stage="proposal") | {"seen": kept["seen"]}
    autosave(client, form, kept["id"])
    autosave(client, {**form, "seen": "", "stage": "negotiation"}, kept["id"])
    assert drafted(cast) == (2, 2)
    assert only(cast).stage == "negotiation"


def test_what_does_not_fit_yet_is_kept_and_shown_again(cast, portal):
    half = typed(
        portal, account_domain="orion chem", contact_email="j.ortiz@", activity_kind="meeting", activity_on="2026-0"
    )
    answer = autosave(portal, half).json()
    assert "website or mail domain" in answer["hints"]["account_domain"][0]
    row = only(cast)
    assert (row.account_domain, row.contact_email) == ("", "")
    page = portal.get(answer["edit"]).content.decode()
    for value in ("orion chem", "j.ortiz@", "2026-0"):
        assert f'value="{value}"' in page
    assert '<option value="meeting" selected>' in page
    portal.post(answer["edit"], typed(portal, activity_kind="meeting", activity_on="2026-01-15"))
    with cast.scope():
        assert not Unfinished.objects.exists()
        assert only(cast).activities.count() == 1
    assert only(cast).status == "submitted"


def test_proof_is_filed_once_the_form_is_sent_and_not_while_it_is_typed(cast, portal):
    for day in ("2026-01-01", "2026-01-11", "2026-01-12"):
        autosave(portal, typed(portal, form_token=str(uuid.UUID(int=7)), activity_kind="meeting", activity_on=day))
    with cast.scope():
        assert not m.Activity.objects.exists()


def test_a_draft_that_another_page_changed_is_not_written_over(cast, portal):
    kept = autosave(portal, typed(portal)).json()
    here = typed(portal) | {"seen": kept["seen"]}
    autosave(portal, {**here, "note": "from the phone"}, kept["id"])
    refused = autosave(portal, {**here, "note": "from the desk"}, kept["id"])
    assert refused.status_code == 409
    assert "another page or device" in refused.json()["sentence"]
    assert refused.json()["url"] == kept["edit"]
    page = portal.post(kept["edit"], {**here, "note": "from the desk"}).content.decode()
    assert "another page or device" in page
    assert "from the desk" in page
    assert only(cast).note == "from the phone"
    assert only(cast).status == "draft"
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    portal.post(kept["edit"], {**here, "note": "from the desk", "seen": seen})
    assert (only(cast).note, only(cast).status) == ("from the desk", "submitted")


def test_two_pages_that_say_the_same_are_not_in_each_others_way(cast, portal):
    kept = autosave(portal, typed(portal)).json()
    later = typed(portal, stage="proposal") | {"seen": kept["seen"]}
    assert [autosave(portal, later, kept["id"]).status_code for _ in range(2)] == [200, 200]


def test_what_was_submitted_is_kept_no_further(cast, portal):
    form = typed(portal)
    kept = autosave(portal, form).json()
    portal.post(kept["edit"], form)
    for answer in (autosave(portal, form), autosave(portal, form, kept["id"])):
        assert answer.status_code == 409
        assert answer.json()["url"] == reverse("portal:registration", args=[kept["id"]])
    assert only(cast).status == "submitted"


def test_submitting_beats_the_draft_that_the_form_kept_a_moment_before(cast):
    """Both were under way at once: the submission finds the row of its token, and it is that row, submitted."""
    token = uuid.uuid4()
    with cast.scope():
        draft = factories.draft(cast, cast.alpha, form_token=token, account_name="Orion")
        services.save_draft(registration=draft, by=cast.acme_rep, at=factories.AT)
        sent = factories.draft(cast, cast.alpha, form_token=token)
        services.submit_registration(registration=sent, by=cast.acme_rep, at=factories.AT)
    row = only(cast)
    assert (row.pk, row.number, row.status, row.account_name) == (
        draft.pk,
        draft.number,
        "submitted",
        "Orion Chemicals",
    )


@pytest.mark.parametrize("name", ["autosave", "amend", "resubmit", "receipt"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_and_absent_look_the_same(cast, client, name, method):
    foreign = factories.submitted(cast, cast.alpha)
    client.force_login(cast.rival_rep)
    answers = [getattr(client, method)(reverse(f"portal:{name}", args=[pk])) for pk in (foreign.pk, uuid.uuid4())]
    if answers[0].status_code != 405:
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_the_answers_are_the_same_whether_or_not_somebody_works_the_customer(cast, client):
    """Beta registered Orion, which is an account of the vendor's, owned by Beta; nobody knows Zephyr."""
    factories.submitted(cast, cast.beta, account_domain="orionchem.example")
    with cast.scope():
        account = m.Account.objects.get(external_id="A-ORION")
        own = m.Ownership(program=cast.program, account=account, partner=cast.beta)
        services.save_row(own, by=None, at=factories.AT, action="ownership.recorded")
    client.force_login(cast.acme_rep)
    told = []
    for name, domain in (("Orion Chemicals", "orionchem.example"), ("Zephyr Chemicals", "zephyrchem.example")):
        answer = autosave(client, typed(client, account_name=name, account_domain=domain, contact_email=f"a@{domain}"))
        page = client.get(answer.json()["edit"]).content.decode()
        row = only(cast, account_name=name, partner=cast.alpha)
        for text in (answer.content.decode(), page):
            for varying in (str(row.pk), row.number, name, domain, str(row.form_token), answer.json()["seen"]):
                text = text.replace(varying, "-")
            fresh = r'csrfmiddlewaretoken\\?" value=\\?"\w+|\d{4}-\d\d-\d\dT[\d:.+]+|\d\d:\d\d'
            told.append(re.sub(fresh, "", text))
    assert told[0] == told[2]
    assert told[1] == told[3]


# --- hints ---


def hints(client, **changes):
    """The hints for a form, by field."""
    return autosave(client, typed(client, **changes)).json()["hints"]


@pytest.mark.parametrize(("domain", "words"), [
    ("gmail.com", "gmail.com gives addresses to everybody"), ("mail.gmx.de", "gmx.de gives addresses"),
    ("linkedin.com", "Many have a page on linkedin.com"), ("orionchem.example", ""),
])  # fmt: skip
def test_a_domain_that_says_nothing_of_the_customer(portal, cast, domain, words):
    found = hints(portal, account_domain=domain).get("account_domain", [])
    assert found == [] if not words else words in found[0]


def test_the_contacts_mail_suggests_the_domain(portal, cast):
    form = typed(portal, account_domain="")
    answer = autosave(portal, form).json()
    assert "Is it orionchem.example?" in answer["hints"]["account_domain"][0]
    assert 'data-fill="orionchem.example"' in answer["parts"]["hints-account_domain"]
    assert only(cast).account_domain == ""
    assert 'value="orionchem.example"' in portal.get(answer["edit"]).content.decode()  # without a script too
    page = portal.post(answer["edit"], form).content.decode()
    assert "Check that it is the customer" in page
    assert 'name="account_domain" value="orionchem.example"' in page
    assert only(cast).status == "draft"
    assert hints(portal, account_domain="", contact_email="jo@gmail.com").get("account_domain") is None


def test_an_own_registration_of_the_deal_is_named(cast, portal):
    other = factories.submitted(
        cast, cast.alpha, account_name="ORION CHEMICALS, INCORPORATED", account_domain="x.example"
    )
    assert other.number in hints(portal)["account_name"][0]
    assert "account_name" not in hints(portal, product_lines=["controls"])
    assert "account_name" not in hints(portal, account_name="Zephyr", account_domain="zephyr.example")
    assert other.number in hints(portal, account_name="Zephyr", account_domain="x.example")["account_name"][0]
    with cast.scope():
        services.withdraw_registration(registration=other, by=cast.acme_rep, at=factories.AT)
    found = hints(portal)["account_name"]
    assert "Your company has a draft for it" in found[0]


def test_a_place_outside_of_the_own_territories(cast, portal):
    assert "place" not in hints(portal)
    with cast.scope():
        for name, partner, places in (("Oklahoma", cast.alpha, ["US-OK"]), ("Texas", cast.beta, ["US-TX"])):
            rule = m.Territory(program=cast.program, name=name, external_id=name, countries=["US"], subdivisions=places)
            rule = services.record_territory(territory=rule, by=None, at=factories.AT)
            theirs = m.TerritoryAssignment(program=cast.program, territory=rule, partner=partner)
            services.record_assignment(assignment=theirs, by=None, at=factories.AT)
    (found,) = hints(portal)["place"]
    assert found == "Texas is outside of your territories (Oklahoma). You can register it all the same."
    assert "place" not in hints(portal, place="US-OK")


def test_products_beyond_the_own_papers(cast, portal):
    with cast.scope():
        paper = m.Agreement.objects.get(partner=cast.alpha)
        paper.product_lines = ["pumps"]
        services.record_agreement(agreement=paper, by=None, at=factories.AT)
        line = m.ProductLine.objects.get(code="pumps")
        line.required_certification = "P-1"
        services.save_row(line, by=None, at=factories.AT, action="product_line.recorded")
    assert hints(portal)["product_lines"] == [
        "Pumps asks for the certification P-1, which we do not have from you.",
        "Valves is in none of your agreements in force today.",
    ]
    page = portal.get(reverse("portal:register")).content.decode()
    assert re.search(r'value="pumps"[^>]* checked', page)  # the one that it may sell
    assert not re.search(r'value="valves"[^>]* checked', page)


def test_a_value_above_the_tier(cast, portal):
    assert "band" not in hints(portal)
    with cast.scope():
        tier = m.Tier.objects.get(program=cast.program)
        tier.max_deal_amount = 50_000
        services.save_row(tier, by=None, at=factories.AT, action="tier.recorded")
    assert "band" not in hints(portal, band="50000")
    (found,) = hints(portal, band="100000")["band"]
    assert found == "Your tier Gold registers deals up to 50,000 USD. You can register it all the same."
    assert (
        found
        in portal.post(reverse("portal:register"), typed(portal, band="100000", account_domain="")).content.decode()
    )


def test_what_is_known_is_filled_in(cast, portal):
    with cast.scope():
        cast.alpha.country = "DE"
        services.record_partner(partner=cast.alpha, by=None, at=factories.AT)
    page = portal.get(reverse("portal:register")).content.decode()
    assert '<option value="DE" selected>' in page
    assert f'name="claimant" value="{cast.alpha.pk}"' in page
    assert "USD" in page


# --- completeness ---


@given(st.dictionaries(st.sampled_from(sorted(WHY)), st.just(True)))
def test_every_thing_counts_and_what_is_missing_is_named(there):
    has = {name: there.get(name, False) for name in WHY}
    found = weigh(has)
    assert {missing.field for missing in found.missing} == {name for name in WHY if not has[name]}
    assert all(missing.why.endswith(".") for missing in found.missing)
    assert 0 <= found.percent <= 100
    for name in WHY:
        assert weigh({**has, name: True}).percent > weigh({**has, name: False}).percent
    assert (found.percent == 100) == all(has.values())
    assert weigh({name: name in EIGHT for name in WHY}).percent == OF_EIGHT == 100 - OF_PROOF


def test_a_registrations_page_says_what_can_still_be_added(cast, portal):
    address = reverse("portal:registration", args=[factories.submitted(cast, cast.alpha).pk])
    assert "It counts if someone else asks for the same deal." in portal.get(address).content.decode()
    with cast.scope():
        row = only(cast)
        services.withdraw_registration(registration=row, by=cast.acme_rep, at=factories.AT)
    assert "complete-title" not in portal.get(address).content.decode()


# --- how much it asks ---


def test_query_counts(cast, portal):
    kept = autosave(portal, typed(portal)).json()
    for _ in range(12):
        factories.submitted(cast, cast.alpha, account_name="Orion Chemicals Limited")
    assert len(queries(portal, kept["edit"])) <= 17, "\n".join(queries(portal, kept["edit"]))


def test_marks_of_a_draft_follow_what_is_typed():
    row = Registration(account_name="A", product_lines=["pumps"], created_at=timezone.now())
    mark = drafts.version_of(row, {})
    row.created_at = row.submitted_at = timezone.now()
    assert drafts.version_of(row, {}) == mark
    assert drafts.version_of(row, {"activity_on": "2026"}) != mark
    row.stage = "proposal"
    assert drafts.version_of(row, {}) != mark
