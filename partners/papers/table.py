"""The rows of a CSV or XLSX that a partner brings: limited on every side before they are kept (runs in the child)."""

import csv
import io
import sys
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from partners.papers.looking import decoded
from partners.papers.refusing import RefusedFileError

MOST_COLUMNS = 60
LONGEST_CELL = 6_000  # characters
MOST_CHARACTERS = 12_000_000
MOST_BLANK = 100_000  # rows without anything, which spreadsheets leave behind
Rows = list[tuple[int, list[str]]]  # the line in the file, and its cells; the first is the header


def table(data: bytes, most_rows: int) -> Rows:
    """The header and the rows of a file, each with its line; blank rows are left out."""
    if not data:
        raise RefusedFileError("is empty (0 bytes): choose another one.")
    if data.startswith(b"PK\x03\x04"):
        found = _workbook(data)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedFileError("is an old .xls, or is protected with a password: save it as .xlsx or .csv.")
    else:
        found = _text(data)
    rows: Rows = []
    total = 0
    for line, cells in found:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise RefusedFileError(f"has {len(cells):,} columns in line {line}; at most {MOST_COLUMNS} are expected.")
        longest = max(map(len, cells))
        if longest > LONGEST_CELL:
            raise RefusedFileError(
                f"has a cell of {longest:,} characters in line {line}; {LONGEST_CELL:,} are allowed."
            )
        total += sum(map(len, cells))
        if total > MOST_CHARACTERS:
            raise RefusedFileError(f"holds more than {MOST_CHARACTERS:,} characters: split it.")
        if len(rows) > most_rows:
            raise RefusedFileError(f"has more than {most_rows:,} rows: split it.")
        rows.append((line, cells))
    if not rows:
        raise RefusedFileError("has no header: its first line names the columns.")
    return rows


def _text(data: bytes) -> Iterator[tuple[int, list[str]]]:
    found = decoded(data)
    if found is None or any(letter < " " and letter not in "\t\n\r\f" for letter in found):
        raise RefusedFileError("is neither a .csv nor an .xlsx: it is no text, or holds control characters.")
    found = found.removeprefix("\ufeff")
    header = "".join(found.split("\n", 1)[0][:100_000].split('"')[::2])
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(10 * LONGEST_CELL)
    reader, line = csv.reader(io.StringIO(found, newline=""), delimiter=delimiter, strict=True), 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RefusedFileError(f"cannot be read in line {line} ({error}): look at the quotes there.") from None


def _workbook(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from partners.papers.office import office

    form, _ = office(data)
    if form != "xlsx":
        raise RefusedFileError("is a Word document: bring a .csv or an .xlsx.")
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it for nothing, at many times the memory
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and drop-downs, which are not read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book[book.sheetnames[0]]
            sheet.reset_dimensions()  # what the file says of its own size is often wrong
            blank = 0
            for line, values in enumerate(sheet.iter_rows(values_only=True), 1):
                if any(value is not None for value in values):
                    yield line, [_cell(value) for value in values]
                    continue
                blank += 1
                if blank > MOST_BLANK:
                    raise RefusedFileError("has more than 100,000 empty rows: delete them, and save it again.")
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile):
        raise RefusedFileError("is no sound .xlsx workbook: open it and save it again, or save it as .csv.") from None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r\f")
