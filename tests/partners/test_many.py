"""Many deals from one file: what a row would do, and what it does; nothing twice, nothing of anybody else."""

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from channelconflict.scope import acting
from channelconflict.spreadsheet import inert
from partners import services
from partners.batch_rows import COLUMNS, EXAMPLE_NAME, Reader
from partners.batch_work import forget_previews, resume_batches, work_on_batch
from partners.forms import quarter_ends
from partners.models import BatchRow, Membership, ProductLine, Registration, RegistrationBatch
from partners.permissions import scope_of
from reviews.tasks import register_many
from tests import factories
from tests.hostile import xlsx

pytestmark = pytest.mark.django_db
HEADER = list(COLUMNS.values())
CLOSES = "Q4 " + str(timezone.localdate().year + 1)


@pytest.fixture
def portal(cast, client):
    """acme_rep, signed in."""
    client.force_login(cast.acme_rep)
    return client


def row(name="Orion Chemicals Inc.", **changes):
    """A good row, by the columns of the template."""
    domain = "".join(letter for letter in name.lower() if letter.isalnum())[:40]
    said = {
        "account_name": name, "account_domain": f"{domain}.example", "place": "US-TX",
        "contact_email": f"buyer@{domain}.example", "product_lines": "Pumps; valves", "band": "25,000 – 50,000 USD",
        "closes": CLOSES, "stage": "Qualified", **changes,
    }  # fmt: skip
    return [str(said.get(column, "")) for column in COLUMNS]


def as_csv(*rows, header=HEADER):
    """A file of these rows."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def bring(client, content, name="deals.csv"):
    """Upload a file, and follow to what is said of it."""
    page = client.get(reverse("portal:many"))
    claimant = page.context["form"]["claimant"].value()
    data = {"claimant": claimant, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("portal:many"), data, follow=True)


def batch_of(answer):
    """The batch that an upload led to."""
    return answer.context["batch"]


def states(cast, batch):
    """Line, state and words of each row."""
    with cast.scope():
        return list(BatchRow.objects.filter(batch=batch).order_by("line").values_list("line", "state", "told"))


def registered(cast):
    """The customers of Alpha's registrations."""
    with cast.scope():
        return list(
            Registration.objects.filter(partner=cast.alpha).order_by("pk").values_list("account_name", flat=True)
        )


def test_a_file_is_previewed_sent_and_registered(cast, portal):
    factories.submitted(cast, cast.alpha, account_name="Known Works", account_domain="known.example")
    factories.submitted(cast, cast.beta, account_name="Theirs Ltd", account_domain="theirs.example")
    content = as_csv(
        row("Orion Chemicals Inc.", activity_kind="Meeting", activity_on="2026-01-15", note="=1+1 is a note"),
        row("Vega Works", contact_email="nobody", place="Atlantis", band="0"),
        row("KNOWN works", account_domain="elsewhere.example"),
        row("Theirs Ltd", account_domain="theirs.example"),
        row("Orion chemicals, inc", account_domain="other.example"),
        row(EXAMPLE_NAME),
    )
    answer = bring(portal, content)
    page, batch = answer.content.decode(), batch_of(answer)
    found = states(cast, batch)
    assert [(line, state) for line, state, _ in found] == [
        (2, "new"), (3, "bad"), (4, "duplicate"), (5, "new"), (6, "duplicate"),
    ]  # fmt: skip
    told = found[1][2]
    assert "Country and state: ‘Atlantis’ is not known. Expected: a code such as DE or US-TX," in told
    assert "Contact's e-mail: Enter a whole e-mail address" in told
    assert "Value: ‘0’ is not known. Expected: Up to 10,000 USD;" in told
    assert "the same deal as row 2" in found[4][2]
    assert "2 of 5 rows will be registered" in page
    assert "Nothing is registered yet" in page
    assert registered(cast) == ["Known Works"]

    address = reverse("portal:batch", args=[batch.pk])
    for _ in range(2):  # a double click
        assert portal.post(address).status_code == 302
    assert "rows are done" in portal.get(address).content.decode()
    register_many(str(cast.program.pk), str(batch.pk))
    register_many(str(cast.program.pk), str(batch.pk))
    assert registered(cast) == ["Known Works", "Orion Chemicals Inc.", "Theirs Ltd"]
    with cast.scope():
        first = Registration.objects.get(account_name="Orion Chemicals Inc.")
        assert (first.status, first.created_by_id, first.note) == ("submitted", cast.acme_rep.pk, "=1+1 is a note")
        assert (first.band_upper, first.account_subdivision, first.product_lines) == (
            50_000,
            "US-TX",
            ["pumps", "valves"],
        )
        assert first.activities.get().kind == "meeting"
    page = portal.get(address).content.decode()
    assert "2 deals registered." in page
    assert first.ref in page


def test_rows_to_mend_come_as_a_file_that_can_be_brought_back(cast, portal):
    bad = row("=Evil & Co", contact_email="nobody", note="+49 221 1")
    batch = batch_of(bring(portal, as_csv(row("Vega Works"), bad)))
    fetched = portal.get(reverse("portal:to_mend", args=[batch.pk]))
    assert fetched["Content-Disposition"] == 'attachment; filename="to-mend.csv"'
    text = fetched.content.decode().removeprefix("\ufeff")
    header, only = list(csv.reader(io.StringIO(text, newline="")))
    assert header == ["bad_row", "bad_because", *HEADER]
    assert only[0] == "3"
    assert only[2] == inert("=Evil & Co") == "'=Evil & Co"
    only[header.index("Contact's e-mail")] = "buyer@evil.example"
    again = batch_of(bring(portal, as_csv(only, header=header)))
    assert [state for _, state, _ in states(cast, again)] == ["new"]
    portal.post(reverse("portal:batch", args=[again.pk]))
    work_on_batch(cast.program, again.pk)
    with cast.scope():
        made = Registration.objects.get(partner=cast.alpha)
        assert (made.account_name, made.note) == ("=Evil & Co", "+49 221 1")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "a.csv is empty (0 bytes)"),
        (b"a,b\n1,2\n", "a.csv", "has a column that is not known: ‘a’"),
        (as_csv(header=["Product"]), "a.csv", "has no column ‘Customer&#x27;s legal name’"),
        (as_csv(header=["Stage", "stage", "account_name"]), "a.csv", "names the column ‘Stage’ twice"),
        (as_csv(), "a.csv", "has no deals below its header"),
        (as_csv(*[row()] * 1_001), "a.csv", "has more than 1,000 rows"),
        (b"\x89PNG\r\n\x1a\n\0", "a.png", "is neither a .csv nor an .xlsx"),
    ],
)
def test_files_that_cannot_be_read_say_why(cast, portal, content, name, words):
    assert words in bring(portal, content, name).content.decode()
    with cast.scope():
        assert not RegistrationBatch.objects.exists()


def test_nothing_is_sent_where_no_row_is_good(cast, portal):
    batch = batch_of(bring(portal, as_csv(row(stage="soon"))))
    answer = portal.post(reverse("portal:batch", args=[batch.pk]), follow=True).content.decode()
    assert "No row can be registered: mend the file and bring it again." in answer
    assert registered(cast) == []


def test_the_templates_can_be_brought_as_they_are_once_the_example_has_another_name(cast, portal):
    text = portal.get(reverse("portal:many_csv")).content.decode().removeprefix("\ufeff")
    header, example = list(csv.reader(io.StringIO(text)))
    assert header == HEADER
    assert "has no deals below its header" in bring(portal, as_csv(example)).content.decode()
    assert [s for _, s, _ in states(cast, batch_of(bring(portal, as_csv(["Vega Works", *example[1:]]))))] == ["new"]
    book = load_workbook(io.BytesIO(portal.get(reverse("portal:many_xlsx")).content))
    with zipfile.ZipFile(io.BytesIO(portal.get(reverse("portal:many_xlsx")).content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-01-01T00:00:00Z" in archive.read("docProps/core.xml")
        assert not re.search(rb"T(?!00:00:00Z)[\d:]+Z", archive.read("docProps/core.xml"))
    deals, values = book["Deals"], book["Allowed values"]
    assert [cell.value for cell in deals[1]] == HEADER
    assert {"Pumps", "Valves", "Controls"} <= {cell.value for column in values.columns for cell in column}
    rows = [[cell.value for cell in line] for line in deals.iter_rows()]
    rows[1][0] = "Vega Works"
    assert [s for _, s, _ in states(cast, batch_of(bring(portal, xlsx(rows), "deals.xlsx")))] == ["new"]


@pytest.mark.parametrize(
    ("column", "written", "kept"),
    [
        ("place", "de", ("account_country", "DE")),
        ("place", "United States · Texas", ("account_subdivision", "US-TX")),
        ("place", "Texas · United States", ("account_subdivision", "US-TX")),
        ("product_lines", "VALVES, pumps", ("product_lines", ["valves", "pumps"])),
        ("band", "42,000", ("band_upper", 50_000)),
        ("band", "999999999", ("band_upper", 100_000_000)),
        ("band", "10000", ("band_upper", 10_000)),
        ("stage", "technical validation", ("stage", "technical_validation")),
        ("account_domain", "https://www.Orion.example/x", ("account_domain", "orion.example")),
    ],
)
def test_values_may_be_written_as_people_do(cast, column, written, kept):
    with cast.scope():
        products = list(ProductLine.objects.filter(program=cast.program).order_by("name"))
        form = Reader(cast.alpha, products, timezone.localdate(), HEADER).form(row(**{column: written}))
        assert form.is_valid(), form.errors
        assert form.changes()[kept[0]] == kept[1]


def test_quarters_may_be_written_as_people_do(cast):
    ends = quarter_ends(timezone.localdate())
    with cast.scope():
        reader = Reader(cast.alpha, list(ProductLine.objects.all()), timezone.localdate(), HEADER)
        written = [ends[2].isoformat(), f"Q{ends[2].month // 3} {ends[2].year}", f"{ends[2].year}-Q{ends[2].month // 3}",
                   (ends[2] - timedelta(days=20)).isoformat()]  # fmt: skip
        for word in written:
            form = reader.form(row(closes=word))
            assert form.is_valid(), word
            assert form.changes()["expected_close_on"] == ends[2]


def test_whoever_left_registers_nothing_and_what_ended_meanwhile_is_told(cast, portal):
    batch = batch_of(bring(portal, as_csv(row("Vega Works"), row("Lyra Works"))))
    portal.post(reverse("portal:batch", args=[batch.pk]))
    factories.submitted(cast, cast.alpha, account_name="Vega Works", account_domain="")
    with cast.scope():
        kept = BatchRow.objects.get(batch=batch, line=3)
        kept.cells[list(COLUMNS).index("closes")] = "Q1 2020"  # a quarter that ended since
        kept.save(update_fields=["cells"])
    work_on_batch(cast.program, batch.pk)
    found = states(cast, batch)
    assert [state for _, state, _ in found] == ["duplicate", "failed"]
    assert "Closes in: ‘Q1 2020’ is not known" in found[1][2]

    other = batch_of(bring(portal, as_csv(row("Mira Works"))))
    portal.post(reverse("portal:batch", args=[other.pk]))
    with cast.scope():
        services.remove_member(member=Membership.objects.get(user=cast.acme_rep), by=cast.pat, at=timezone.now())
    work_on_batch(cast.program, other.pk)
    assert [(state, "bring it again" in told) for _, state, told in states(cast, other)] == [("failed", True)]


def test_a_lost_nudge_is_found_and_one_row_keeps_no_other_waiting(cast, portal, monkeypatch):
    batch = batch_of(bring(portal, as_csv(row("Vega Works"), row("Lyra Works"))))
    portal.post(reverse("portal:batch", args=[batch.pk]))
    submit = services.submit_registration

    def fails_once(*, registration, **words):
        if registration.account_name == "Vega Works":
            raise RuntimeError("a bug")
        return submit(registration=registration, **words)

    monkeypatch.setattr("partners.batches.submit_registration", fails_once)
    resume_batches(cast.program)
    found = states(cast, batch)
    assert [state for _, state, _ in found] == ["failed", "done"]
    assert found[0][2] == "It could not be registered. Register it alone, or tell the vendor."
    with cast.scope():
        batch.refresh_from_db()
        assert batch.finished_at


def test_previews_that_nobody_sent_are_forgotten(cast, portal):
    batch = batch_of(bring(portal, as_csv(row("Vega Works"))))
    with cast.scope():
        forget_previews(cast.program, timezone.now() + timedelta(days=6))
        assert RegistrationBatch.objects.filter(pk=batch.pk).exists()
        forget_previews(cast.program, timezone.now() + timedelta(days=8))
        assert not BatchRow.objects.exists()


def test_others_find_nothing(cast, portal, client):
    batch = batch_of(bring(portal, as_csv(row("Vega Works"))))
    client.force_login(cast.rival_rep)
    for name in ("batch", "to_mend"):
        foreign, absent = (client.get(reverse(f"portal:{name}", args=[key])) for key in (batch.pk, cast.alpha.pk))
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert client.post(reverse("portal:batch", args=[batch.pk])).status_code == 404
    assert "deals.csv" not in client.get(reverse("portal:many")).content.decode()
    with acting(scope_of(cast.rival_rep)):
        assert not BatchRow.objects.exists()


def test_a_thousand_rows_are_judged_and_shown_in_a_fixed_number_of_questions(cast, portal):
    few = _asked(portal, as_csv(*(row(f"Works {n}") for n in range(3))))
    many = _asked(portal, as_csv(*(row(f"Plant {n}") for n in range(300))))
    assert many == few


def _asked(client, content):
    with CaptureQueriesContext(connection) as seen:
        page = bring(client, content)
    assert page.status_code == 200
    assert len(page.content) < 100_000
    return len(seen)
