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
from partners.papers.refusing import mark as _

MOST_COLUMNS = 60
LONGEST_CELL = 6_000  # characters
MOST_CHARACTERS = 12_000_000
MOST_BLANK = 100_000  # rows without anything, which spreadsheets leave behind
Rows = list[tuple[int, list[str]]]  # the line in the file, and its cells; the first is the header


def table(data: bytes, most_rows: int) -> Rows:
    """The header and the rows of a file, each with its line; blank rows are left out."""
    if not data:
        raise RefusedFileError(_("is empty (0 bytes): choose another one."))
    if data.startswith(b"PK\x03\x04"):
        found = _workbook(data)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedFileError(_("is an old .xls, or is protected with a password: save it as .xlsx or .csv."))
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
            text = _("has %(columns)s columns in line %(line)s; at most %(most)s are expected.")
            raise RefusedFileError(text, columns=len(cells), line=line, most=MOST_COLUMNS)
        longest = max(map(len, cells))
        if longest > LONGEST_CELL:
            text = _("has a cell of %(n)s characters in line %(line)s; %(most)s are allowed.")
            raise RefusedFileError(text, n=longest, line=line, most=LONGEST_CELL)
        total += sum(map(len, cells))
        if total > MOST_CHARACTERS:
            raise RefusedFileError(_("holds more than %(most)s characters: split it."), most=MOST_CHARACTERS)
        if len(rows) > most_rows:
            raise RefusedFileError(_("has more than %(most)s rows: split it."), most=most_rows)
        rows.append((line, cells))
    if not rows:
        raise RefusedFileError(_("has no header: its first line names the columns."))
    return rows


def _text(data: bytes) -> Iterator[tuple[int, list[str]]]:
    found = decoded(data)
    if found is None or any(letter < " " and letter not in "\t\n\r\f" for letter in found):
        raise RefusedFileError(_("is neither a .csv nor an .xlsx: it is no text, or holds control characters."))
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
        text = _("cannot be read in line %(line)s (%(error)s): look at the quotes there.")
        raise RefusedFileError(text, line=line, error=str(error)) from None


def _workbook(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from partners.papers.office import office

    form, _flags = office(data)
    if form != "xlsx":
        raise RefusedFileError(_("is a Word document: bring a .csv or an .xlsx."))
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
                    text = _("has more than %(most)s empty rows: delete them, and save it again.")
                    raise RefusedFileError(text, most=MOST_BLANK)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile):
        raise RefusedFileError(
            _("is no sound .xlsx workbook: open it and save it again, or save it as .csv.")
        ) from None


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
