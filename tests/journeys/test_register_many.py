"""Three deals from one file on a phone: one row is mended in the file of bad rows, and all are registered."""

import csv
import io
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from partners.models import Registration
from tests.journeys.steps import follow, no_wider_than_the_screen

PHONE = {"width": 390, "height": 844}


def test_three_deals_and_a_row_to_mend(cast, page_of, worker):
    page = page_of(cast.acme_rep, viewport=PHONE)
    follow(page, page.get_by_role("link", name="Register a deal").first)
    follow(page, page.get_by_role("link", name="Bring a file"))
    assert no_wider_than_the_screen(page)
    with page.expect_download() as template:
        page.get_by_role("link", name="CSV", exact=True).click()
    header = next(csv.reader(io.StringIO(template.value.path().read_text(encoding="utf-8-sig"))))
    closes = (timezone.localdate() + timedelta(days=200)).isoformat()
    _bring(page, header, [_deal(header, name, closes) for name in ("Vega Works", "Lyra Works", "Mira Works")])
    expect(page.get_by_text("2 of 3 rows will be registered.")).to_be_visible()
    expect(page.get_by_text("Contact's e-mail: Enter a whole e-mail address")).to_be_visible()
    assert no_wider_than_the_screen(page)
    with page.expect_download() as bad:
        page.get_by_role("link", name="Rows to mend as CSV").click()
    follow(page, page.get_by_role("button", name="Register 2 deals"))
    expect(page.get_by_text("2 deals registered.")).to_be_visible(timeout=30_000)

    header, row = list(csv.reader(io.StringIO(bad.value.path().read_text(encoding="utf-8-sig"))))
    row[header.index("Contact's e-mail")] = "buyer@mira.example"
    follow(page, page.get_by_role("link", name="Bring another file"))
    _bring(page, header, [row])
    follow(page, page.get_by_role("button", name="Register 1 deal"))
    expect(page.get_by_text("1 deal registered.")).to_be_visible(timeout=30_000)
    follow(page, page.get_by_role("link", name="Mira Works"))
    expect(page.get_by_text("buyer@mira.example")).to_be_visible()
    with cast.scope():
        made = Registration.objects.filter(partner=cast.alpha).order_by("pk").values_list("account_name", flat=True)
        assert list(made) == ["Vega Works", "Lyra Works", "Mira Works"]
    page.goto("/portal/")
    with page.expect_download() as own:
        page.get_by_role("link", name="All deals as CSV").click()
    assert len(own.value.path().read_text(encoding="utf-8-sig").splitlines()) == 4


def _deal(header, name, closes):
    domain = f"{name.split()[0].lower()}.example"
    said = {
        "Customer's legal name": name, "Website or mail domain": domain, "Country and state": "US-TX",
        "Contact's e-mail": "nobody" if name == "Mira Works" else f"buyer@{domain}", "Product": "Pumps", "Value": "30000",
        "Closes in": closes, "Stage": "Qualified",
    }  # fmt: skip
    return [said.get(column, "") for column in header]


def _bring(page, header, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    content = {"name": "deals.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}
    page.get_by_label("File", exact=True).set_input_files([content])
    follow(page, page.get_by_role("button", name="Look at the rows"))
