"""A partner brings files on a phone, with and without JavaScript, and staff fetch one from the case's page."""

import pytest
from playwright.sync_api import expect

from partners.models import EvidenceFile
from tests.hostile import PDF, SVG, png
from tests.journeys.steps import collide, follow, no_wider_than_the_screen, open_case

PHONE = {"width": 390, "height": 844}


def file(name, content, kind="application/octet-stream"):
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_pdf_is_brought_on_a_phone_and_fetched_at_the_desk(cast, page_of, scripts):
    case = collide(cast)
    acme = page_of(cast.acme_rep, viewport=PHONE, java_script_enabled=scripts)
    follow(acme, acme.get_by_role("link", name="Orion Chemicals Inc."))
    follow(acme, acme.get_by_role("link", name="Add proof of work"))
    papers = acme.get_by_role("region", name="Papers")
    papers.get_by_label("Kind").select_option("customer_letter")
    papers.get_by_label("What it says").fill("Mrs Ortiz prefers us.")
    papers.get_by_label("Files").set_input_files([file("letter.pdf", PDF), file("drawing.png", SVG)])
    follow(acme, papers.get_by_role("button", name="Add the papers"))
    expect(acme.get_by_role("alert")).to_contain_text("drawing.png is a web page, a drawing or a document in disguise")
    expect(papers.get_by_label("What it says")).to_have_value("Mrs Ortiz prefers us.")
    assert no_wider_than_the_screen(acme)
    papers.get_by_label("Files").set_input_files([file("letter.pdf", PDF), file("photo.png", png())])
    follow(acme, papers.get_by_role("button", name="Add the papers"))
    expect(acme.get_by_text("2 files added.")).to_be_visible()
    assert no_wider_than_the_screen(acme)
    with acme.expect_download() as own:
        acme.get_by_role("link", name="letter.pdf").click()
    assert own.value.path().read_bytes() == PDF

    ada = page_of(cast.ada)
    open_case(ada, case)
    claims = ada.get_by_role("row", name="Papers")
    expect(claims).to_contain_text("Letter from the customer")
    with ada.expect_download() as fetched:
        claims.get_by_role("link", name="letter.pdf").first.click()
    assert fetched.value.suggested_filename == "letter.pdf"
    assert fetched.value.path().read_bytes() == PDF
    follow(ada, claims.get_by_role("link", name="Withdraw photo.png"))
    ada.get_by_label("Why it counts no more").fill("It shows another plant.")
    follow(ada, ada.get_by_role("button", name="Withdraw the paper"))
    expect(ada.get_by_role("row", name="Papers")).to_contain_text("It shows another plant.")

    acme.reload()
    expect(acme.get_by_text("It shows another plant.")).to_be_visible()
    rival = page_of(cast.rival_rep, viewport=PHONE)
    with cast.scope():
        key = EvidenceFile.objects.get(name="letter.pdf").pk
    assert rival.request.get(f"/portal/evidence-files/{key}/").status == 404
    assert "letter.pdf" not in rival.content()
