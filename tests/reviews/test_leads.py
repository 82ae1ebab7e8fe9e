"""Leads: whose they are, offers, answers in the partner's own scope, and what time does. Nothing of anybody else is seen."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from partners import services
from partners.ingest import load_rows
from partners.leads import accept_offer, decline_offer
from partners.models import Lead, LeadContact, LeadOffer, Ownership, Registration, Territory, TerritoryAssignment
from partners.permissions import scope_of
from partners.services import NotPossibleError, StaleRowError
from reviews import leads, pipeline
from reviews.models import Notice
from reviews.permissions import NotAllowedError
from reviews.services.leads import close_lead, offer_lead, take_offer_back
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def rule(cast, ref, partner, **extra):
    with cast.scope():
        row = Territory(program=cast.program, external_id=ref, name=ref, countries=["US"], **extra)
        services.record_territory(territory=row, by=None, at=AT)
        services.record_assignment(
            assignment=TerritoryAssignment(program=cast.program, territory=row, partner=partner, direct=partner is None),
            by=None, at=AT,
        )  # fmt: skip


@pytest.fixture
def rules(cast):
    """Alpha's territory comes first, Beta's second."""
    rule(cast, "T-ALPHA", cast.alpha, priority=9)
    rule(cast, "T-BETA", cast.beta, priority=5)


def new(cast, name="Vega Works", **extra):
    with cast.scope():
        return factories.lead(cast, name, **extra)


def give(cast, lead, partner, *, reason="", by=None, at=AT):
    with cast.scope():
        return offer_lead(lead=lead, partner=partner, reason=reason, by=by or cast.olga, at=at)


def fresh(cast, row):
    with cast.scope():
        return type(row).objects.get(pk=row.pk)


def offers(cast, lead):
    with cast.scope():
        return list(LeadOffer.objects.filter(lead=lead).select_related("partner").order_by("offered_at", "pk"))


def told(cast, partner):
    with cast.scope():
        return list(Notice.objects.filter(partner=partner).order_by("sent_at", "pk").values_list("kind", flat=True))


# Whose it is


def test_a_lead_that_nobody_covers_is_with_sales_operations_and_one_with_a_tie_too(cast):
    assert new(cast).status == "sales_ops"
    rule(cast, "T-1", cast.alpha)
    rule(cast, "T-2", cast.beta)
    tied = new(cast, "Lyra Optik")
    assert (tied.status, tied.note) == ("sales_ops", "Several are entitled alike: a person says who gets it.")


def test_the_customer_is_resolved_and_its_owner_comes_first(cast, rules):
    with cast.scope():
        known = factories.account(cast, "A-VEGA", "Vega Works Ltd", domain="vega-works.example")
        services.save_row(
            Ownership(program=cast.program, account=known, partner=cast.beta, valid_from=AT.date()),
            by=None, at=AT, action="test.owned",
        )  # fmt: skip
    lead = new(cast)
    assert lead.account_id == known.pk
    with pytest.raises(NotPossibleError, match="not whom the rules recommend"):
        give(cast, lead, cast.alpha)
    assert give(cast, lead, cast.beta).status == "offered"


def test_who_may_not_sell_it_is_passed_over(client, cast, rules):
    with cast.scope():
        paper = cast.alpha.agreements.get()
        paper.status = "suspended"
        services.record_agreement(agreement=paper, by=None, at=AT)
    lead = new(cast)
    client.force_login(cast.olga)
    page = text_of(client.get(reverse("review:lead", args=[lead.pk])))
    assert "Alpha Flow is passed over. It has no active agreement for these products." in page
    assert give(cast, lead, cast.beta).status == "offered"


def test_leads_of_a_file_are_routed_by_the_sweep(cast, rules):
    rows = [
        {"external_id": f"L-{n}", "customer_name": name, "country": country, "product_lines": ["pumps"],
         "received_at": "2026-03-01T09:00:00Z"}
        for n, (name, country) in enumerate([("Vega Works", "US"), ("Lyra Optik", "DE")])
    ]  # fmt: skip
    with cast.scope():
        load_rows(kind="leads", rows=rows, program=cast.program, by=cast.olga, at=AT, source_name="leads.csv")
    assert leads.look_after(cast.program, AT) == 2
    assert leads.look_after(cast.program, AT) == 0
    with cast.scope():
        found = list(Lead.objects.order_by("external_id").values_list("external_id", "status"))
    assert found == [("L-0", "open"), ("L-1", "sales_ops")]


# Answers


def test_an_accepted_lead_is_registered_and_protected_as_the_policy_says(cast, rules):
    lead = new(cast)
    give(cast, lead, cast.alpha)
    (offer,) = offers(cast, lead)
    with acting(scope_of(cast.acme_rep)):
        assert not LeadContact.objects.exists()  # the database keeps it back until then
        made = accept_offer(offer=offer, by=cast.acme_rep, at=AT + HOUR)
        assert LeadContact.objects.get().contact_email == "jo@vega-works.example"
        with pytest.raises(ProgrammingError), transaction.atomic():
            Lead.objects.exists()  # no right to the table at all
    leads.look_after(cast.program, AT + HOUR)
    pipeline.detect(cast.program, AT + HOUR)
    assert fresh(cast, lead).status == "accepted"
    registration = fresh(cast, made)
    assert (registration.partner_id, registration.status) == (cast.alpha.pk, "approved")
    assert (registration.account_name, registration.contact_email) == ("Vega Works", "jo@vega-works.example")
    assert registration.protected_until - registration.protected_from == timedelta(days=90)
    with cast.scope():
        acts = set(AuditEvent.objects.filter(subject_type__startswith="lead").values_list("action", flat=True))
    assert {"lead.recorded", "lead.routed", "lead.offered", "offer.made", "offer.accepted", "lead.accepted"} <= acts


def test_a_declined_lead_goes_to_the_next_and_then_to_sales_operations(cast, rules):
    lead = new(cast)
    give(cast, lead, cast.alpha)
    with acting(scope_of(cast.acme_rep)):
        decline_offer(offer=LeadOffer.objects.get(), reason="Too far away.", by=cast.acme_rep, at=AT + HOUR)
    leads.look_after(cast.program, AT + HOUR)
    first, second = offers(cast, lead)
    assert (first.status, second.status, second.partner) == ("declined", "offered", cast.beta)
    with acting(scope_of(cast.rival_rep)):
        assert [offer.partner_id for offer in LeadOffer.objects.all()] == [cast.beta.pk]
        decline_offer(offer=LeadOffer.objects.get(), reason="No people.", by=cast.rival_rep, at=AT + 2 * HOUR)
    leads.look_after(cast.program, AT + 2 * HOUR)
    after = fresh(cast, lead)
    assert (after.status, after.note) == (
        "sales_ops", "Beta Industrial declined: No people. No rule and no owner covers it.",
    )  # fmt: skip


def test_an_offer_is_reminded_of_and_expires_after_the_programs_open_hours(cast, rules):
    """AT is a Monday 10:00: 48 open hours later is Wednesday 10:00; the reminder comes after 36."""
    lead = new(cast)
    give(cast, lead, cast.alpha)
    (offer,) = offers(cast, lead)
    assert (offer.due_at, offer.remind_at) == (AT + 48 * HOUR, AT + 36 * HOUR)
    assert leads.look_after(cast.program, AT + 35 * HOUR) == 0
    assert leads.look_after(cast.program, AT + 36 * HOUR) == 1
    assert leads.look_after(cast.program, AT + 37 * HOUR) == 0
    assert leads.look_after(cast.program, AT + 48 * HOUR) == 1
    assert told(cast, cast.alpha) == ["lead_offered", "lead_reminder", "lead_gone"]
    assert told(cast, cast.beta) == ["lead_offered"]
    with acting(scope_of(cast.acme_rep)), pytest.raises(NotPossibleError, match="no longer offered"):
        accept_offer(offer=LeadOffer.objects.get(), by=cast.acme_rep, at=AT + 48 * HOUR)
    assert [offer.status for offer in offers(cast, lead)] == ["expired", "offered"]


def test_a_late_answer_is_refused_before_the_sweep_has_come(cast, rules):
    lead = new(cast)
    give(cast, lead, cast.alpha)
    with acting(scope_of(cast.acme_rep)), pytest.raises(NotPossibleError, match="no longer offered"):
        accept_offer(offer=LeadOffer.objects.get(), by=cast.acme_rep, at=AT + 48 * HOUR)
    with cast.scope():
        assert not Registration.objects.exists()


def test_the_calendar_of_the_program_counts(cast, rules):
    friday = AT + timedelta(days=4)
    lead = new(cast)
    with cast.scope():
        cast.program.lead_offer_hours = 12
        cast.program.save()
    give(cast, lead, cast.alpha, at=friday + 10 * HOUR)  # Friday 20:00: four open hours are left of the day
    assert offers(cast, lead)[0].due_at == AT + timedelta(days=7) - 2 * HOUR


def test_the_direct_team_takes_a_lead_and_a_won_deal_converts_it(cast):
    lead = new(cast)
    assert give(cast, lead, None, reason="A fair's visitor.").status == "direct"
    lead = new(cast, "Lyra Optik")
    give(cast, lead, cast.alpha, reason="They know each other.")
    with acting(scope_of(cast.acme_rep)):
        made = accept_offer(offer=LeadOffer.objects.get(), by=cast.acme_rep, at=AT)
    leads.look_after(cast.program, AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        made.refresh_from_db()
        made.status = "converted"
        services.save_row(made, by=None, at=AT, action="test.converted")
    leads.look_after(cast.program, AT)
    assert fresh(cast, lead).status == "converted"


# Who may what


def test_staff_without_the_right_and_stale_pages_are_refused(cast, rules):
    lead = new(cast)
    with cast.scope():
        for who in (cast.audrey, cast.lena):
            with pytest.raises(NotAllowedError):
                offer_lead(lead=lead, partner=cast.alpha, reason="", by=who, at=AT)
        with pytest.raises(StaleRowError):
            close_lead(lead=lead, reason="Gone.", by=cast.olga, at=AT, seen_version=99)
        with pytest.raises(NotPossibleError):
            close_lead(lead=lead, reason=" ", by=cast.olga, at=AT, seen_version=lead.version)
        offer_lead(lead=lead, partner=cast.alpha, reason="", by=cast.olga, at=AT)
        with pytest.raises(NotPossibleError, match="is offered: it cannot be offered now"):
            offer_lead(lead=lead, partner=cast.beta, reason="x", by=cast.olga, at=AT)
        seen = Lead.objects.get(pk=lead.pk).version
        assert take_offer_back(lead=lead, reason="A mistake.", by=cast.olga, at=AT, seen_version=seen).status == "open"
    assert told(cast, cast.alpha) == ["lead_offered", "lead_gone"]


def test_a_partner_changes_nothing_of_its_offer_but_the_answer(cast, rules):
    lead = new(cast)
    give(cast, lead, cast.alpha)
    with acting(scope_of(cast.acme_rep)):
        for change in ({"due_at": AT + timedelta(days=90)}, {"customer_name": "Mine"}, {"partner_id": cast.beta.pk}):
            with pytest.raises(ProgrammingError), transaction.atomic():
                LeadOffer.objects.update(**change)
    with acting(scope_of(cast.rival_rep)):
        assert not LeadOffer.objects.exists()
        assert LeadOffer.objects.update(status="accepted") == 0


# Pages


def portal(name, offer=None):
    return reverse(f"portal:{name}", args=[offer.pk] if offer else [])


def test_by_the_pages_offered_read_and_accepted(client, cast, rules):
    client.force_login(cast.olga)
    form = {"customer_name": "Vega Works", "place": "US-TX", "product_lines": ["pumps"], "contact_email": "jo@vega.example",
            "employees": "20"}  # fmt: skip
    response = client.post(reverse("review:new_lead"), form)
    with cast.scope():
        lead = Lead.objects.get()
    assert response["Location"] == reverse("review:lead", args=[lead.pk])
    page = client.get(response["Location"])
    assert "Alpha Flow recommended" in text_of(page)
    assert "The territory T-ALPHA covers it (priority 9 and 1 dimension set)." in text_of(page)
    done = client.post(
        reverse("review:offer_lead", args=[lead.pk]), {"whom": cast.alpha.pk, "seen_version": lead.version}
    )
    assert done.status_code == 302
    (offer,) = offers(cast, lead)

    client.force_login(cast.acme_rep)
    assert "Vega Works" in text_of(client.get(portal("lead_offers")))
    page = text_of(client.get(portal("lead_offer", offer)))
    assert "Texas" in page
    for hidden in ("jo@vega.example", "T-ALPHA", "Beta", "Olga"):
        assert hidden not in page
    assert "Say in a sentence why" in text_of(client.post(portal("decline_lead", offer), {}))
    client.post(portal("accept_lead", offer))
    page = text_of(client.get(portal("lead_offer", offer)))
    assert "jo@vega.example" in page
    assert "You have accepted this lead." in page
    again = client.post(portal("accept_lead", offer), follow=True)
    assert "You have accepted this lead." in text_of(again)
    with cast.scope():
        assert Registration.objects.count() == 1

    client.force_login(cast.rival_rep)
    assert client.get(portal("lead_offer", offer)).status_code == 404
    assert client.post(portal("accept_lead", offer)).status_code == 404
    assert client.get(reverse("review:leads")).status_code == 404


def test_what_is_missing_is_said_beside_the_field(client, cast):
    client.force_login(cast.olga)
    refused = client.post(reverse("review:new_lead"), {"customer_name": "", "employees": "-1"})
    assert refused.status_code == 400
    page = text_of(refused)
    for sentence in (
        "Enter the customer&#x27;s legal name.",
        "Choose where the customer is.",
        "Choose at least one product.",
    ):
        assert sentence in page
    client.force_login(cast.audrey)
    assert client.get(reverse("review:new_lead")).status_code == 404
    lead = new(cast)
    assert "Your role reads leads" in text_of(client.get(reverse("review:lead", args=[lead.pk])))


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len([q for q in found if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_the_pages_take_as_many_queries_for_many_as_for_few(client, cast, rules):
    counts = []
    for number in (2, 12):
        for n in range(number):
            give(cast, new(cast, f"Customer {number} {n}"), cast.alpha, at=timezone.now())
            new(cast, f"Waiting {number} {n}")
        client.force_login(cast.olga)
        staff = queries(client, reverse("review:leads")), queries(client, reverse("review:leads") + "?view=offered")
        with cast.scope():
            lead, offer = Lead.objects.filter(status="open").first(), LeadOffer.objects.first()
        one = queries(client, reverse("review:lead", args=[lead.pk]))
        client.force_login(cast.acme_rep)
        counts.append(
            (*staff, one, queries(client, portal("lead_offers")), queries(client, portal("lead_offer", offer)))
        )
    assert counts[0] == counts[1]
    assert max(counts[1][:2]) <= 12
    assert counts[1][2] <= 50
    assert max(counts[1][3:]) <= 14
