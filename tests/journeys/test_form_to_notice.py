"""From a partner's form to the manager's decision to both partners' notices, and out to the target, once."""

import json
import re

import pytest
from playwright.sync_api import expect

from partners import models as m
from partners import services
from partners.models import Registration
from reviews.models import Attempt, Case, Outbox, OutboxStatus, Party
from tests import factories
from tests.journeys.steps import add_proof, fill_in, follow, submit, until


@pytest.fixture
def outside(cast):
    """Alpha has a territory, and Texas is not in it: a person looks at its deal instead of the rule approving it."""
    with cast.scope():
        oklahoma = m.Territory(program=cast.program, name="Oklahoma", external_id="T-OK", subdivisions=["US-OK"])
        oklahoma = services.record_territory(territory=oklahoma, by=None, at=factories.AT)
        theirs = m.TerritoryAssignment(program=cast.program, territory=oklahoma, partner=cast.alpha)
        services.record_assignment(assignment=theirs, by=None, at=factories.AT)


def test_two_partners_want_one_deal_and_both_read_why(cast, outside, page_of, worker, settings):
    acme = page_of(cast.acme_rep)
    number = _a_draft_is_kept_and_finished(cast, acme)
    case = until(lambda: _only_case(cast), "a case is open")
    rival = page_of(cast.rival_rep)
    follow(rival, rival.get_by_role("link", name="Register a deal").first)
    fill_in(rival, name="ORION CHEMICALS, INCORPORATED", domain="https://www.a-orion.example/contact")
    submit(rival)
    expect(rival.get_by_text("You hear from us by").first).to_be_visible()
    until(lambda: _parties(cast) == {"Alpha Flow", "Beta Industrial"}, "Beta's claim has joined the case")

    _ada_approves(page_of(cast.ada), case)

    _alpha_reads_that_it_is_protected(acme, number)
    _beta_reads_why_and_nothing_of_alpha(rival)
    _the_target_has_both_writes_once(cast, settings)


def _a_draft_is_kept_and_finished(cast, page):
    """Keep a draft, finish it, press twice: one registration, with a receipt."""
    follow(page, page.get_by_role("link", name="Register a deal").first)
    page.get_by_label("Customer's legal name").fill("Orion Chem")
    page.get_by_label("Pumps").check()
    follow(page, page.get_by_role("button", name="Keep as draft"))
    expect(page.get_by_text("Kept as a draft")).to_be_visible()
    follow(page, page.get_by_role("link", name="Finish the draft"))
    fill_in(page)
    add_proof(page)
    page.get_by_role("button", name="Submit").dblclick()
    received = page.get_by_text(re.compile(r"Received: \S+\. You hear from us by \w+day \d+ \w+, \d\d:\d\d UTC\."))
    expect(received).to_be_visible()
    number = re.search(r"Received: (\S+)\.", received.inner_text())[1]
    expect(page.get_by_text("Answer by")).to_be_visible()
    with cast.scope():
        assert list(Registration.objects.values_list("number", "account_name")) == [(number, "Orion Chemicals Inc.")]
    return number


def _ada_approves(page, case):
    """Find the case, compare the claims, read the recommendation, press 1."""
    row = page.get_by_role("row").filter(has_text=case.ref)
    expect(row).to_contain_text("Award to Alpha Flow")
    follow(page, row.get_by_role("link"))
    claims = page.get_by_role("table").filter(has=page.get_by_role("rowheader", name="Account as typed"))
    for words in ("Alpha Flow recommended", "Beta Industrial", "Orion Chemicals Inc.", "ORION CHEMICALS, INCORPORATED"):
        expect(claims).to_contain_text(words)
    expect(claims.get_by_role("row", name="Proof of work")).to_contain_text("Meeting")
    advice = page.get_by_role("region", name=re.compile("^Recommendation"))
    expect(advice).to_contain_text("Award to Alpha Flow")
    expect(advice).to_contain_text("Why not Beta Industrial")
    with page.expect_navigation():
        page.keyboard.press("1")
    expect(page.get_by_text(f"{case.ref} is decided")).to_be_visible()


def _alpha_reads_that_it_is_protected(page, number):
    page.goto("/portal/")
    follow(page, page.get_by_role("link", name=f"Registration {number} is approved"))
    expect(page.get_by_text("is approved.")).to_be_visible()
    expect(page.get_by_text("The deal is protected until")).to_be_visible()
    follow(page, page.get_by_role("link", name=f"Open {number}"))
    expect(page.get_by_text("Protected", exact=True).first).to_be_visible()
    assert "Beta" not in page.content()


def _beta_reads_why_and_nothing_of_alpha(page):
    page.goto("/portal/")
    read = [page.content()]
    follow(page, page.get_by_role("link", name=re.compile("is not approved$")))
    expect(page.get_by_text("Another claim had priority.")).to_be_visible()
    expect(page.get_by_text("Decided under rule")).to_be_visible()
    read.append(page.content())
    follow(page, page.get_by_role("link", name=re.compile("^Open ")))
    read.append(page.content())
    page.goto("/portal/notices/")
    read.append(page.content())
    for word in ("alpha", "acme", "meeting of", "40,000", "25,000"):
        assert not any(word in text.lower().replace("10,000 – 25,000 usd", "") for text in read), word


def _the_target_has_both_writes_once(cast, settings):
    def delivered():
        with cast.scope():
            return list(Outbox.objects.values_list("status", flat=True)) == [OutboxStatus.DELIVERED] * 2

    until(delivered, "both writes are delivered")
    with cast.scope():
        assert list(Attempt.objects.values_list("result", flat=True)) == ["written", "written"]
        numbers = dict(Registration.objects.values_list("number", "status"))
    lines = (settings.FILE_TARGET_DIR / "northwind-outcomes.jsonl").read_text().splitlines()
    written = [json.loads(line) for line in lines]
    assert {line["object"]: line["fields"]["status"]["after"] for line in written} == numbers
    assert len({line["key"] for line in written}) == len(written) == 2


def _only_case(cast):
    with cast.scope():
        found = list(Case.objects.all())
    assert len(found) < 2
    return found[0] if found else None


def _parties(cast):
    with cast.scope():
        return {party.name for party in Party.objects.filter(left_at=None).select_related("partner")}
