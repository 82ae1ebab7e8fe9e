"""Files that partners bring: what is taken, what is refused and in which words; never much memory, never long."""

import csv
import io
import re
import subprocess
import sys
import tempfile
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channelconflict.spreadsheet import as_was, csv_lines, inert
from partners.papers import child
from partners.papers.apart import ROOT, look_apart, table_apart
from partners.papers.looking import look
from partners.papers.names import LONGEST, clean_name
from partners.papers.office import cells_in
from partners.papers.refusing import FLAGS, RefusedFileError
from partners.papers.table import table
from tests import hostile
from tests.hostile import GOOD, HOSTILE, PDF, docx, jpeg, mail, xlsx

MEBIBYTES = 256
HEAVY = {"bomb.xlsx", "many.docx", "laughs.docx", "huge.xlsx", "nested.docx"}


def apart(content, ask, argument):
    """In the child process, which may have 256 MiB and ten seconds."""
    begun = time.monotonic()
    try:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            return ask(file, argument)
    finally:
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize("name", GOOD)
def test_good_files_are_taken(name):
    ending = name.lower().rsplit(".", 1)[-1]
    assert apart(GOOD[name], look_apart, name).form == {"jpg": "jpeg"}.get(ending, ending)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_a_reason(name):
    content, words = HOSTILE[name]
    with pytest.raises(RefusedFileError, match=re.escape(words)):
        apart(content, look_apart, name) if name in HEAVY else look(content, name)


@pytest.mark.parametrize(
    ("name", "content", "flags"),
    [
        ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/OpenAction 2 0 R/JavaScript 3 0 R"), ("script",)),
        ("a.pdf", PDF.replace(b"/Catalog", b"/Catalog/EmbeddedFiles 2 0 R"), ("attached",)),
        ("a.pdf", PDF.replace(b"/Root", b"/Encrypt 3 0 R/Root"), ("protected",)),
        ("a.jpg", jpeg(tail=b"more"), ("tail",)),
        ("a.eml", mail(PDF), ("attached",)),
        ("a.docx", docx({"word/_rels/x.rels": b'<R><Relationship TargetMode="External" Type="x/attachedTemplate"/></R>'}),
         ("outside",)),
        ("a.docx", docx({"word/_rels/x.rels": b'<R><Relationship TargetMode="External" Type="x/hyperlink"/></R>'}), ()),
    ],
)  # fmt: skip
def test_what_is_strange_about_a_file_is_flagged(name, content, flags):
    assert look(content, name)[1] == list(flags)
    assert set(flags) <= set(FLAGS)


def test_the_child_holds_itself_to_its_limits():
    script = "from partners.papers.child import limit; limit(); x = bytearray(300 * 1024**2)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, cwd=ROOT)
    assert b"MemoryError" in done.stderr
    assert child.MEMORY == MEBIBYTES * 1024**2


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr("partners.papers.apart.SECONDS", 0.01)
    with pytest.raises(RefusedFileError, match="seconds to read"):
        apart(PDF, look_apart, "a.pdf")


@pytest.mark.parametrize(
    ("raw", "clean", "flags"),
    [
        ("letter.pdf", "letter.pdf", ()),
        ("../../etc/passwd", "passwd", ("path",)),
        ("C:\\temp\\a.pdf", "a.pdf", ("path",)),
        ("invoice\u202efdp.exe", "invoicefdp.exe", ("right_to_left",)),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf", ("control",)),
        ("\0.pdf", "pdf", ("control",)),
        ("מסמך.pdf", "מסמך.pdf", ("right_to_left",)),
        ("", "file", ()),
        ("..", "file", ("path",)),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf", ()),
    ],
)
def test_names_are_cleaned(raw, clean, flags):
    assert clean_name(raw) == (clean, flags)


@given(st.text())
def test_a_cleaned_name_is_harmless_and_stays_so(raw):
    name, flags = clean_name(raw)
    assert 0 < len(name) <= LONGEST
    assert not re.search(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]", name)
    assert clean_name(name)[0] == name
    assert set(flags) <= set(FLAGS)


# --- tables ---


def read(content):
    """In the child process."""
    return apart(content, table_apart, 1_000)


def test_a_table_is_read_from_csv_and_xlsx_alike():
    rows = [(1, ["Name", "Value"]), (2, ["Orion, Inc.", "25000"]), (4, ["Größe", "1"])]
    text = 'Name;Value\r\n"Orion, Inc.";25000\r\n\r\nGröße;1\r\n'
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert table(text.encode(encoding), 1_000) == rows
    assert read(xlsx([["Name", "Value"], ["Orion, Inc.", 25_000], [None, None], ["Größe", 1.0]])) == rows


TABLES = {
    "empty": (b"", "0 bytes"),
    "nul": (b"a,b\n1,\0\n", "control characters"),
    "columns": (b",".join([b"a"] * 10_000), "10,000 columns"),
    "rows": (b"a\n" + b"1\n" * 1_001, "more than 1,000 rows"),
    "cell": (b"a\n" + b"x" * 7_000, "7,000 characters"),
    "quote": (b'a,b\n"never ends\n1,2\n', "look at the quotes"),
    "picture": (hostile.png(), "neither"),
    "word": (docx(), "Word document"),
    "old": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old .xls"),
    "bomb": (hostile.bomb(80 * 1024**2), "unpacks to"),
    "dimensions": (hostile.wide_sheet("A1:XFD1048576"), "spans"),
    "no sheet": (docx(main=hostile.XLSX_MAIN), "no sound .xlsx"),
    "laughs": (docx({"xl/worksheets/sheet1.xml": hostile.LAUGHS}, main=hostile.XLSX_MAIN), "document type"),
    "blank": (b"\n\n\n", "no header"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_hostile_tables_are_refused_with_a_reason(name):
    content, words = TABLES[name]
    with pytest.raises(RefusedFileError, match=re.escape(words)):
        read(content) if content.startswith(b"PK") else table(content, 1_000)


def test_a_string_that_a_workbook_repeats_does_not_grow_without_end():
    """13 million characters in a file of 40 kB."""
    book = xlsx([["Name", *("x" * 5_900 for _ in range(40))] for _ in range(55)])
    with pytest.raises(RefusedFileError, match="characters"):
        read(book)


@pytest.mark.parametrize(
    ("reference", "cells"), [("A1:B2", 4), ("A1", 0), ("A1:XFD1048576", 16384 * 1048576), ("x", 0)]
)
def test_how_many_cells_a_sheet_spans(reference, cells):
    assert cells_in(reference) == cells


# --- cells that no spreadsheet takes for a formula ---


@pytest.mark.parametrize("start", [*"=+-@\t\r\0", "＝", "＋", "－", "＠", "'=", "''+"])
def test_formulas_are_inert_and_come_back(start):
    text = f"{start}1+1"
    assert inert(text) == f"'{text}"
    assert as_was(inert(text)) == text


@given(st.text(alphabet="'=+-@\t\r＝＋－＠ aé1\n\"", max_size=12))
def test_every_text_comes_back_unchanged(text):
    assert as_was(inert(text)) == text
    assert not re.match("[=+\\-@\t\r＝＋－＠]", inert(text))


@given(
    st.lists(st.lists(st.text(alphabet="=+-@'\tab,;\"é\n", max_size=8), min_size=2, max_size=2), min_size=1, max_size=5)
)
def test_rows_written_as_csv_are_read_back(rows):
    text = "".join(csv_lines(rows)).removeprefix("\ufeff")
    assert [[as_was(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))] == rows
