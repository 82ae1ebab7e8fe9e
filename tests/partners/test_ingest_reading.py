"""Files of every form come in with their line numbers; what is no table says so."""

import gzip
import json
import zipfile
from datetime import datetime

import openpyxl
import pytest

from partners.ingest import UnreadableFileError
from partners.ingest import reading as rooms
from partners.ingest.reading import open_table

CELL = datetime.fromisoformat("2026-03-02T09:00:00")  # a cell of a workbook has no zone


def read(path, **options):
    return [(row.line, row.values) for row in open_table(path, **options)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"id,name\n1,Zo\xc3\xab\n"),
        ("a.csv", b"\xef\xbb\xbfid;name\r\n1;Zo\xc3\xab\r\n"),
        ("a.csv", b"id;name\n1;Zo\xeb\n"),  # Windows-1252
        ("a.csv", "id\tname\n1\tZoë\n".encode("utf-16")),
        ("a.tsv", "id\tname\n1\tZoë\n".encode()),
        ("a.psv", "id|name\n1|Zoë\n".encode()),
        ("a.txt", '"id","name"\n"1","Zoë"\n'.encode()),
        ("a.csv.gz", gzip.compress("id,name\n1,Zoë\n".encode(), mtime=0)),
    ],
)
def test_delimited_text(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path) == [(2, {"id": "1", "name": "Zoë"})]


def test_line_numbers_survive_blank_lines_and_cells_of_several_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,note\n\n1,"two\nlines"\n2,x\n')
    assert read(path) == [(3, {"id": "1", "note": "two\nlines"}), (5, {"id": "2", "note": "x"})]


def test_a_row_of_another_length_is_a_problem_of_that_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,a,b\n2\n3,c,,\n")
    problems = [row.problem for row in open_table(path)]
    assert problems == ["has 3 columns, the header has 2", "has 1 columns, the header has 2", ""]


def test_xlsx_keeps_numbers_and_dates(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "at", "amount", None])
    book.active.append([1, CELL, 12.5])
    book.active.append([None, None, None])
    book.active.append([2, None, None])
    other = book.create_sheet("second")
    other.append(["id"])
    other.append(["x"])
    book.save(tmp_path / "a.xlsx")
    first = {"id": 1, "at": CELL, "amount": 12.5}
    assert read(tmp_path / "a.xlsx") == [(2, first), (4, {"id": 2, "at": None, "amount": None})]
    assert read(tmp_path / "a.xlsx", sheet="second") == [(2, {"id": "x"})]


def test_json_lines_and_documents(tmp_path):
    rows = [{"id": "1", "lines": ["a"]}, {"id": "2"}]
    (tmp_path / "a.jsonl").write_text("\n\n".join(json.dumps(row) for row in rows))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(rows[0]).encode()))
    (tmp_path / "c.json").write_text(json.dumps(rows))
    (tmp_path / "d.json").write_text(json.dumps({"name": "exercise", "records": {"partners": rows}}))
    assert read(tmp_path / "a.jsonl") == [(1, rows[0]), (3, rows[1])]
    assert read(tmp_path / "b.jsonl.gz") == [(1, rows[0])]
    assert read(tmp_path / "c.json") == read(tmp_path / "d.json", kind="partners") == [(1, rows[0]), (2, rows[1])]
    assert read(tmp_path / "d.json", kind="tiers") == []


@pytest.mark.parametrize("line", ['{"id": NaN}', "{", "[" * 100_000, '"text"'])
def test_a_bad_json_line_is_a_problem_of_that_line(tmp_path, line):
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"id": "1"}}\n{line}\n')
    good, bad = open_table(path)
    assert not good.problem
    assert bad.line == 2
    assert bad.problem


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "has no header"),
        ("a.csv", b"id,,name\n1,2,3\n", "column 2 of the header has no name"),
        ("a.csv", b"id,id\n1,2\n", "names the column 'id' twice"),
        ("a.csv", b'id,name\n1,"never ends\n2,x\n', "line 2: unexpected end of data"),
        ("a.csv", b"id,name\n1,\x81\xff\n", "neither UTF-8 nor Windows-1252"),
        ("a.xls", b"x", "is of no known form"),
        ("a.xlsx", b"no zip", "is not an .xlsx workbook"),
        ("a.csv.gz", b"no gzip", "cannot be read"),
        ("a.csv.gz", gzip.compress(b"id\n" + b"1\n" * 999, mtime=0)[:-9], "cannot be read"),
        ("a.json", b"{", "is not JSON"),
        ("a.json", b"{}", "is neither a list of objects nor"),
    ],
)
def test_a_file_that_is_no_table_says_why(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError) as error:
        read(path)
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_absent_and_foreign_things(tmp_path):
    with pytest.raises(UnreadableFileError, match="No such file"):
        open_table(tmp_path / "none.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(UnreadableFileError, match="is a directory"):
        open_table(tmp_path / "d.csv")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")
    with pytest.raises(UnreadableFileError, match=r"not a sound \.xlsx"):
        open_table(tmp_path / "a.xlsx")


def test_limits_are_checked_before_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(rooms, "MAX_BYTES", 1000)
    monkeypatch.setattr(rooms, "MAX_DOCUMENT", 1000)
    (tmp_path / "a.csv").write_text("id\n" + "1\n" * 999)
    with pytest.raises(UnreadableFileError, match="the limit is 1,000"):
        open_table(tmp_path / "a.csv")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"id\n" + b"1\n" * 999, mtime=0))  # packs well
    with pytest.raises(UnreadableFileError, match="holds more than 1,000 bytes"):
        open_table(tmp_path / "b.csv.gz")
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", "x" * 5000)
    with pytest.raises(UnreadableFileError, match="unpacks to 5,000 bytes"):
        open_table(tmp_path / "c.xlsx")
    (tmp_path / "d.csv").write_text("id\n1\n2\n3\n")
    with pytest.raises(UnreadableFileError, match="more than 2 rows"):
        read(tmp_path / "d.csv", max_rows=2)
