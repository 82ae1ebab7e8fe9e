"""Early warning at the desk: who sees and does what, filters, the page with its chart, and how many queries it takes."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conflicts.models import Signal
from conflicts.services import policy_in_force
from conflicts.signals import services
from conflicts.signals.measure import KINDS, Measure
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import said, text_of

pytestmark = pytest.mark.django_db
ACTS = ("acknowledge", "snooze", "close", "reopen")
DAY = AT.date()


def measure(**changes) -> Measure:
    series = tuple(((DAY - timedelta(days=7 * ago + 6)).isoformat(), float(ago % 3)) for ago in reversed(range(26)))
    known = {"kind": "ticket_surge", "key": "line:pumps", "unit": "support tickets", "observed": 9, "expected": 2, "spread": 1.1,
             "score": 6.4, "threshold": 4, "since": DAY - timedelta(days=27), "until": DAY, "sentence": "Nine, not two.",
             "series": series} | changes  # fmt: skip
    return Measure(**known)


@pytest.fixture
def keep(cast):
    def kept(*measures):
        with cast.scope():
            in_force = policy_in_force(cast.program)
            services.keep_signals(program=cast.program, measures=measures, in_force=in_force, at=AT)
            return list(Signal.objects.filter(program=cast.program).order_by("found_at", "pk"))

    return kept


@pytest.fixture
def signal(cast, keep):
    return keep(measure(key=f"partner:{cast.alpha.pk}", partner=str(cast.alpha.pk), stake=300_000.0))[0]


def url(name, signal):
    return reverse(f"review:{name}", args=[signal.pk])


def listed(client, query=""):
    return text_of(client.get(reverse("review:signals") + query))


def test_nobody_but_staff_of_the_program_gets_there(client, cast, signal):
    addresses = [reverse("review:signals"), url("signal", signal), *(url(act, signal) for act in ACTS)]
    assert all(client.get(address).status_code == 302 for address in addresses)
    client.force_login(cast.acme_rep)
    assert {client.get(address).status_code for address in addresses} == {404}
    assert {client.post(address).status_code for address in addresses} == {404}
    other = factories.make_cast("southwind")
    client.force_login(other.ada)
    assert "Alpha" not in listed(client, "?status=all")
    assert {client.get(address).status_code for address in addresses[1:]} == {404}
    assert {client.post(address, {"outcome": "true"}).status_code for address in addresses[2:]} == {404}


def test_the_list_has_one_line_a_signal_and_the_navigation_counts_them(client, cast, signal):
    client.force_login(cast.ada)
    response = client.get(reverse("review:signals"))
    page = text_of(response)
    for shown in (
        "Support tickets rise · Alpha Flow",
        "Nine, not two.",
        "1 act today",
        "Partner manager",
        "Open",
        "2 Mar 2026",
    ):
        assert shown in page
    assert "1 to do" in page
    assert "1 to act on today" in page
    assert re.search(r"<span>Early warning</span><b>1</b>", response.content.decode())


def test_filters_by_kind_severity_owner_and_status(client, cast, keep):
    keep(
        measure(key=f"partner:{cast.alpha.pk}", partner=str(cast.alpha.pk), stake=300_000.0, sentence="Alphas."),
        measure(key=f"partner:{cast.beta.pk}", partner=str(cast.beta.pk), sentence="Betas."),
        measure(kind="fishing", key="region:DE", region="DE", score=4.1, sentence="Germanys."),
    )
    client.force_login(cast.ada)

    def shown(query):
        page = listed(client, query)
        return [name for name in ("Alphas", "Betas", "Germanys") if f"{name}." in page]

    assert shown("") == shown("?status=open") == shown("?status=nonsense") == ["Alphas", "Betas", "Germanys"]
    assert shown("?kind=fishing") == ["Germanys"]
    assert shown("?severity=1") == ["Alphas"]
    assert shown("?owner=partner_manager") == shown("?owner=mine") == ["Alphas"]
    assert shown("?owner=channel_lead") == ["Betas", "Germanys"]
    assert shown("?status=closed") == []
    assert "See everything to do" in listed(client, "?status=closed")
    client.force_login(cast.carl)
    assert shown("?owner=mine") == ["Betas", "Germanys"]
    assert shown("?owner=mine&kind=fishing&severity=3") == ["Germanys"]


def test_an_empty_list_says_what_will_come(client, cast):
    client.force_login(cast.ada)
    assert "Nothing stands out" in listed(client)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_every_kind_shows_numbers_chart_table_and_playbook(client, cast, keep, kind):
    series = (("usual gap", 21.0), ("this gap", 90.0)) if kind in ("dormant_wakes", "no_follow_up") else None
    (row,) = keep(measure(kind=kind, **({"series": series, "unit": "days without activity"} if series else {})))
    client.force_login(cast.ada)
    response = client.get(url("signal", row))
    page, source = text_of(response), response.content.decode()
    for shown in ("Nine, not two.", "Observed", "Expected", "Spread", "Score", "Threshold", "Window", "policy v1",
                  "Look at", "Ask", "As a table", "Acknowledge", "found"):  # fmt: skip
        assert shown in page, shown
    assert source.count("<rect") >= (2 if series else 26)
    assert 'data-key="a"' in source
    assert "style=" not in source


def test_the_acts_go_through_and_say_so(client, cast, signal):
    client.force_login(cast.ada)
    day = (timezone.now() + timedelta(days=3)).date()

    def done(act, **data):
        response = client.post(url(act, signal), data)
        assert response.status_code == 302, text_of(response)
        return said(response)[-1]

    assert "you look into it" in done("acknowledge")
    assert "Snoozed until" in done("snooze", until=day.isoformat(), reason="The fair.")
    page = text_of(client.get(url("signal", signal)))
    assert "Snoozed until" in page
    assert "The fair." in page
    assert "snoozed Ada" in page
    assert "open again" in done("reopen")
    assert "Closed." in done("close", outcome="false_alarm")
    assert "Closed: false alarm" in listed(client, "?status=closed")
    assert "Nothing stands out" not in listed(client, "?status=all")


def test_what_was_typed_is_kept_when_it_is_refused(client, cast, signal):
    client.force_login(cast.ada)
    response = client.post(url("snooze", signal), {"until": "", "reason": "The fair is on."})
    assert response.status_code == 400
    assert "The fair is on." in response.content.decode()
    late = client.post(url("snooze", signal), {"until": "2020-01-01", "reason": "The fair is on."})
    assert late.status_code == 409
    assert "has to lie ahead" in text_of(late)
    assert client.post(url("close", signal), {}).status_code == 400
    assert client.post(url("reopen", signal)).status_code == 409


def test_who_decides_nothing_only_reads(client, cast, signal):
    client.force_login(cast.audrey)
    page = client.get(url("signal", signal))
    assert "takes a role that decides" in text_of(page)
    assert 'data-key="a"' not in page.content.decode()
    assert client.post(url("acknowledge", signal)).status_code == 403


def test_what_is_gone_can_only_be_read(client, cast, keep, signal):
    keep()
    client.force_login(cast.ada)
    assert "there is nothing left to do" in text_of(client.get(url("signal", signal)))
    assert client.post(url("acknowledge", signal)).status_code == 409
    again = keep(measure(key=f"partner:{cast.alpha.pk}", partner=str(cast.alpha.pk)))[-1]
    assert "Earlier ones about the same" in text_of(client.get(url("signal", again)))


def test_a_signal_on_a_registration_leads_to_its_case(client, cast, keep):
    case = factories.conflict_case(cast)
    with cast.scope():
        registration = case.parties.filter(partner=cast.alpha).get().registration
    (row,) = keep(measure(kind="no_follow_up", key=f"registration:{registration.pk}", partner=str(cast.alpha.pk)))
    client.force_login(cast.ada)
    assert reverse("review:case", args=[case.pk]) in client.get(url("signal", row)).content.decode()


def test_the_list_takes_as_many_queries_for_forty_signals_as_for_two(client, cast, keep):
    counts = []
    client.force_login(cast.ada)
    for number in (2, 40):
        keep(*(measure(key=f"partner:{cast.alpha.pk}:line:{n}", partner=str(cast.alpha.pk)) for n in range(number)))
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("review:signals"))
        assert len(response.context["page"].rows) == number
        counts.append(len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    assert counts[0] == counts[1] <= 12


def test_a_page_takes_few_queries(client, cast, signal):
    client.force_login(cast.ada)
    with CaptureQueriesContext(connection) as queries:
        client.get(url("signal", signal))
    assert len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 15
