"""The portal: registering, following, answering; nothing lost, nothing twice, nothing of anybody else."""

import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.scope import acting
from partners import services
from partners.forms import quarter_ends
from partners.models import Activity, Evidence, ProductLine, Program, Registration
from partners.permissions import scope_of
from reviews.models import Message, Notice, NoticeKind
from reviews.services import request_information
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def typed(client, address="portal:register", **changes):
    """What a person sends: the form as it was shown, filled in."""
    page = client.get(reverse(address)).content.decode()
    found = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("form_token", "claimant")}
    hidden = {name: match[1] for name, match in found.items() if match}
    return {
        **hidden, "account_name": "Orion Chemicals Inc.", "account_domain": "https://www.OrionChem.example/about",
        "place": "US-TX", "contact_email": "j.ortiz@orionchem.example", "product_lines": ["pumps", "valves"],
        "band": "100000", "closes": quarter_ends(timezone.localdate())[1].isoformat(), "stage": "qualified", **changes,
    }  # fmt: skip


def send(client, form):
    """Post the registration form."""
    return client.post(reverse("portal:register"), form)


def only(cast, **wanted):
    """The one registration of the program that fits."""
    with cast.scope():
        return Registration.objects.get(program=cast.program, **wanted)


def count(cast):
    """How many registrations there are."""
    with cast.scope():
        return Registration.objects.filter(program=cast.program).count()


def test_submitting_stores_what_was_typed_and_promises_a_time(cast, portal):
    answer = send(portal, typed(portal, activity_kind="meeting", activity_on="2026-01-15", incumbent="Somebody Ltd"))
    row = only(cast)
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("portal:receipt", args=[row.pk])
    assert (row.partner_id, row.status, row.created_by_id) == (cast.alpha.pk, "submitted", cast.acme_rep.pk)
    assert (row.account_domain, row.account_country, row.account_subdivision) == ("orionchem.example", "US", "US-TX")
    assert (row.band_upper, row.currency, row.product_lines) == (100_000, "USD", ["pumps", "valves"])
    assert row.due_at == cast.program.calendar.add_hours(row.submitted_at, 48)
    with cast.scope():
        assert list(Activity.objects.values_list("kind", "occurred_on")) == [("meeting", date(2026, 1, 15))]
    page = portal.get(answer.headers["Location"]).content.decode()
    assert row.number in page
    assert "You hear from us by" in page


def test_the_same_form_sent_twice_makes_one_registration(cast, portal):
    form = typed(portal, activity_kind="meeting", activity_on="2026-01-15")
    first, second = send(portal, form), send(portal, form)
    assert count(cast) == 1
    assert first.headers["Location"] == second.headers["Location"]
    with cast.scope():
        assert Activity.objects.count() == 1


def test_a_draft_needs_a_name_and_a_product_and_is_finished_later(cast, portal):
    bare = dict.fromkeys(("account_domain", "place", "contact_email", "band", "closes", "stage"), "")
    form = typed(portal, draft="1", **bare)
    send(portal, form)
    row = only(cast)
    assert (row.status, row.submitted_at) == ("draft", None)
    edit = reverse("portal:edit", args=[row.pk])
    assert "Orion Chemicals Inc." in portal.get(edit).content.decode()
    refused = portal.post(edit, {**form, "draft": ""} | {"draft": "1", "account_name": ""})
    assert "Enter the customer" in refused.content.decode()
    whole = typed(portal)
    portal.post(edit, whole)
    row = only(cast)
    assert row.status == "submitted"
    portal.post(edit, {**whole, "account_name": "Changed afterwards"})
    assert only(cast).account_name == "Orion Chemicals Inc."


def test_back_after_keeping_a_draft_submits_that_draft(cast, portal):
    form = typed(portal)
    send(portal, {**form, "draft": "1"})
    send(portal, {**form, "draft": "1", "stage": "proposal"})
    send(portal, form)
    assert count(cast) == 1
    assert only(cast).status == "submitted"


def test_a_bad_form_names_every_field_and_loses_nothing(cast, portal):
    form = typed(
        portal, account_domain="not a domain", contact_email="nobody", product_lines=[], band="", closes="1999-12-31",
        place="XX", activity_on="2999-01-01", note="kept <b>words</b>",
    )  # fmt: skip
    page = send(portal, form).content.decode()
    assert count(cast) == 0
    for sentence in (
        "Enter a website or mail domain", "Enter a whole e-mail address", "Choose at least one product",
        "Choose what the deal is worth", "1999-12-31 is not one of the available choices", "XX is not one of",
        "This day is still to come",
    ):  # fmt: skip
        assert sentence in page
    assert 'href="#id_contact_email"' in page
    assert 'value="not a domain"' in page
    assert "kept &lt;b&gt;words&lt;/b&gt;" in page
    assert re.search(r"<details[^>]* open", page)
    assert form["form_token"] in page


@pytest.mark.parametrize("changes", [
    {"account_name": "x" * 501}, {"account_name": "nul\x00"}, {"form_token": "no uuid"}, {"product_lines": ["nope"]},
    {"band": "1e99"}, {"place": "US"}, {"account_domain": "a" * 400}, {"account_domain": "…"},
    {"activity_kind": "meeting"}, {"activity_on": "2026-01-01"}, {"note": "x" * 6000}, {"claimant": "nobody"},
])  # fmt: skip
def test_odd_input_is_refused_in_words(cast, portal, changes):
    answer = send(portal, typed(portal, **changes))
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert count(cast) == 0


def test_nobody_registers_as_another_partner(cast, portal):
    send(portal, typed(portal, claimant=str(cast.beta.pk)))
    send(portal, typed(portal, claimant="direct"))
    send(portal, typed(portal, partner=str(cast.beta.pk), direct="1", status="approved"))
    row = only(cast)
    assert (row.partner_id, row.direct, row.status) == (cast.alpha.pk, False, "submitted")


def test_somebody_of_two_partners_chooses_among_them(cast, portal):
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Process")
        services.add_member(partner=gamma, user=cast.acme_rep, role="partner_user", by=None, at=factories.AT)
    form = typed(portal)
    assert "claimant" not in form
    assert "Choose for whom you register" in send(portal, form).content.decode()
    send(portal, {**form, "claimant": str(gamma.pk)})
    assert only(cast).partner_id == gamma.pk
    page = portal.get(reverse("portal:registrations")).content.decode()
    assert "Gamma Process" in page
    assert "Beta" not in page


ACTS = ("registration", "edit", "withdraw", "proof", "answer")


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_foreign_and_absent_registrations_look_the_same(cast, client, name, method):
    foreign = factories.submitted(cast, cast.alpha)
    client.force_login(cast.rival_rep)
    answers = [getattr(client, method)(reverse(f"portal:{name}", args=[pk])) for pk in (foreign.pk, uuid.uuid4())]
    if answers[0].status_code == 405:
        return
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert answers[0].headers.items() >= {("Content-Type", answers[1].headers["Content-Type"])}


def test_a_rival_sees_nothing(cast, client):
    row = factories.submitted(cast, cast.alpha)
    told = notice(cast, row)
    client.force_login(cast.rival_rep)
    for address in ("portal:registrations", "portal:notices", "portal:register"):
        page = client.get(reverse(address)).content.decode()
        for word in (row.number, "Orion", "Alpha", told.subject):
            assert word not in page
    assert client.get(reverse("portal:notice", args=[told.pk])).status_code == 404
    assert client.get(reverse("portal:registrations") + "?q=Orion").status_code == 200


def test_the_receipt_is_the_same_whether_or_not_somebody_works_the_account(cast, client):
    factories.submitted(cast, cast.beta)
    pages = []
    for name in ("Orion Chemicals", "Zephyr Chemicals"):
        client.force_login(cast.acme_rep)
        answer = send(client, typed(client, account_name=name))
        page = client.get(answer.headers["Location"]).content.decode()
        assert len(re.findall(r"\b[0-9a-f]{64}\b", page)) == 1
        page = re.sub(r"\b[0-9a-f]{64}\b", "head", page)
        page += client.get(answer.headers["Location"].replace("receipt/", "")).content.decode()
        row = only(cast, account_name=name, partner=cast.alpha)
        for varying in (str(row.pk), row.number, name):
            page = page.replace(varying, "-")
        pages.append(re.sub(r"csrfmiddlewaretoken\" value=\"\w+|\d\d:\d\d(:\d\d)?", "", page))
    assert pages[0] == pages[1]


def notice(cast, row, kind=NoticeKind.APPROVED):
    """A notice about a registration."""
    with cast.scope():
        return Notice.objects.create(
            program=cast.program, partner_id=row.partner_id, registration=row, kind=kind,
            subject=f"Registration {row.number} is approved", body="Approved.\n\nBecause.", sent_at=factories.AT,
        )  # fmt: skip


def test_a_notice_is_read_when_it_is_opened(cast, portal):
    told = notice(cast, factories.submitted(cast, cast.alpha))
    assert told.subject in portal.get(reverse("portal:registrations")).content.decode()
    page = portal.get(reverse("portal:notice", args=[told.pk])).content.decode()
    assert "<p>Because.</p>" in page
    with cast.scope():
        assert Notice.objects.get(pk=told.pk).read_at is not None
    assert "New for you" not in portal.get(reverse("portal:registrations")).content.decode()


def test_withdrawing_asks_first_and_happens_once(cast, portal):
    row = factories.submitted(cast, cast.alpha)
    address = reverse("portal:withdraw", args=[row.pk])
    assert "Withdraw" in portal.get(address).content.decode()
    assert only(cast).status == "submitted"
    portal.post(address)
    assert only(cast).status == "withdrawn"
    again = portal.post(address, follow=True).content.decode()
    assert "cannot be withdrawn" in again
    assert "portal:withdraw" not in again


def test_proof_of_work_is_added_once(cast, portal):
    row = factories.submitted(cast, cast.alpha)
    address = reverse("portal:proof", args=[row.pk])
    activity = {
        "activity": "1",
        "activity-kind": "meeting",
        "activity-occurred_on": "2026-01-15",
        "activity-note": "Met.",
    }
    assert portal.post(address, activity).status_code == 302
    assert "recorded already" in portal.post(address, activity).content.decode()
    assert "Enter the day" in portal.post(address, {**activity, "activity-occurred_on": ""}).content.decode()
    portal.post(
        address,
        {"paper": "1", "paper-kind": "customer_letter", "paper-note": "They prefer us.", "verified": "on"},
    )
    with cast.scope():
        assert Activity.objects.count() == 1
        assert list(Evidence.objects.values_list("kind", "verified")) == [("customer_letter", False)]
    page = portal.get(reverse("portal:registration", args=[row.pk])).content.decode()
    assert "Letter from the customer" in page
    assert "Met." in page


def test_only_what_was_asked_for_can_be_answered(cast, portal):
    case = factories.conflict_case(cast)
    row = only(cast, partner=cast.alpha)
    with cast.scope():
        request_information(
            case=case, parties=[case.parties.get(partner=cast.alpha)], fields=["stage", "contact_email"],
            body="How far are you?", by=cast.carl, at=factories.AT,
        )  # fmt: skip
    address = reverse("portal:answer", args=[row.pk])
    page = portal.get(address).content.decode()
    assert "How far are you?" in page
    assert 'name="stage"' in page
    assert 'name="account_name"' not in page
    answer = {"stage": "proposal", "contact_email": "cfo@orionchem.example", "account_name": "Somebody else"}
    assert "Write a sentence" in portal.post(address, answer).content.decode()
    portal.post(
        address, {**answer, "body": "We sent a proposal.", "activity_kind": "proposal", "activity_on": "2026-01-20"}
    )
    row = only(cast, partner=cast.alpha)
    assert (row.stage, row.contact_email, row.account_name) == ("proposal", "cfo@orionchem.example", "Orion Chemicals")
    assert (row.status, row.requested_fields) == ("submitted", [])
    with cast.scope():
        assert Message.objects.filter(registration=row, from_party=True).get().body == "We sent a proposal."
        assert Activity.objects.filter(registration=row, kind="proposal").exists()
    assert "We sent a proposal." in portal.get(reverse("portal:registration", args=[row.pk])).content.decode()


def test_a_party_never_reads_who_else_asks(cast, portal):
    case = factories.conflict_case(cast)
    row = only(cast, partner=cast.alpha)
    pages = [reverse("portal:registrations"), reverse("portal:registration", args=[row.pk]), reverse("portal:notices")]
    for page in (portal.get(address).content.decode() for address in pages):
        for word in ("Beta", case.ref, "INCORPORATED", "conflict ", "competing"):
            assert word not in page


def test_the_list_is_filtered_searched_and_paged(cast, portal):
    for number in range(30):
        factories.submitted(cast, cast.alpha, account_name=f"Customer {number:02}")
    with cast.scope():
        services.withdraw_registration(
            registration=only(cast, account_name="Customer 07"), by=cast.acme_rep, at=factories.AT
        )
    first = portal.get(reverse("portal:registrations")).content.decode()
    older = re.search(r'href="([^"]*before=[^"]*)"', first)[1].replace("&amp;", "&")
    second = portal.get(reverse("portal:registrations") + older).content.decode()
    seen = [re.findall(r"Customer \d\d", page) for page in (first, second)]
    assert [len(names) for names in seen] == [25, 5]
    assert not set(seen[0]) & set(seen[1])
    assert re.findall(
        r"Customer \d\d", portal.get(reverse("portal:registrations") + "?status=ended").content.decode()
    ) == ["Customer 07"]
    found = portal.get(reverse("portal:registrations") + "?q=customer+2").content.decode()
    assert len(re.findall(r"Customer \d\d", found)) == 10
    assert "Nothing found" in portal.get(reverse("portal:registrations") + "?q=100%25&before=nonsense").content.decode()


def test_an_empty_list_says_what_will_come(cast, portal):
    assert "No deals yet" in portal.get(reverse("portal:registrations")).content.decode()


def queries(client, address):
    """The statements that a page takes, without savepoints and without the tests' return to the outer scope."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    plumbing = ("SAVEPOINT", "RELEASE", "select set_config('role', 'none'")
    return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(plumbing)]


@pytest.mark.parametrize(("name", "limit"), [("registrations", 11), ("register", 11), ("notices", 8)])
def test_query_counts(cast, portal, name, limit):
    for _ in range(12):
        notice(cast, factories.submitted(cast, cast.alpha))
    asked = queries(portal, reverse(f"portal:{name}"))
    assert len(asked) <= limit, "\n".join(asked)


def test_the_detail_page_asks_little(cast, portal):
    address = reverse("portal:registration", args=[factories.submitted(cast, cast.alpha).pk])
    asked = queries(portal, address)
    assert len(asked) <= 15, "\n".join(asked)


def test_who_may_come_in(cast, client):
    assert client.get(reverse("portal:registrations")).headers["Location"].startswith(reverse("login"))
    client.force_login(cast.ada)
    assert client.get(reverse("portal:registrations")).headers["Location"] == reverse("home")
    client.force_login(cast.acme_rep)
    assert client.get(reverse("review:register")).status_code == 403
    assert client.get(reverse("home")).headers["Location"] == reverse("portal:registrations")
    with cast.scope():
        services.remove_member(member=cast.acme_rep.memberships.get(), by=None, at=factories.AT)
    refused = client.get(reverse("portal:registrations"))
    assert refused.status_code == 403
    assert "not linked to a partner" in refused.content.decode()


def test_signing_in_and_out(cast, client):
    entered = client.post(reverse("login"), {"username": "acme_rep", "password": factories.PASSWORD})
    assert entered.headers["Location"] == reverse("home")
    assert client.get(reverse("login")).headers["Location"] == reverse("home")
    assert client.post(reverse("logout")).headers["Location"] == reverse("login")
    assert client.get(reverse("portal:registrations")).status_code == 302


def test_the_portal_room_reads_as_the_portal_role(cast, portal, monkeypatch):
    factories.submitted(cast, cast.beta)
    with acting(scope_of(cast.acme_rep)):
        assert Registration.objects.count() == 0
        assert Program.objects.count() >= 1
        assert ProductLine.objects.count() == 3
