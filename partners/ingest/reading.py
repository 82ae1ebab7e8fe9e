"""Files -> rows with their line numbers: CSV and its kin, XLSX, JSON and JSON lines, the text ones gzipped too.

A table can be read again and again; nothing but an XLSX's shared strings and a .json document is held in memory.
"""

import codecs
import csv
import gzip
import hashlib
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

import openpyxl

from partners.ingest.parsing import SourceRow
from partners.ingest.problems import UnreadableFileError, quoted
from partners.ingest.values import is_empty

MAX_BYTES = 1024**3  # of a file, and of what it unpacks to
MAX_DOCUMENT = 256 * 1024**2  # of what is read in one piece: a .json document, an unpacked workbook
MAX_ROWS = 1_000_000
DELIMITED = {".csv": "", ".txt": "", ".tsv": "\t", ".psv": "|"}
# The file of bad rows has these two beside the row's own cells; mended, it loads as it is.
BAD_COLUMNS = ("bad_row", "bad_because")
_BLOCK = 1024**2


@dataclass(frozen=True)
class Table:
    """A file that was looked at and can be read; iterating reads it anew."""

    path: Path
    form: str  # .csv, .xlsx, .jsonl, .json
    sha256: str
    encoding: str = "utf-8"
    delimiter: str = ""
    sheet: str = ""
    kind: str = ""
    max_rows: int = MAX_ROWS
    columns: tuple[str, ...] = field(default=())  # of the header; empty where each row names its own

    def __iter__(self) -> Iterator[SourceRow]:
        reader = {".xlsx": _workbook_rows, ".jsonl": _json_lines, ".json": _json_document}.get(
            self.form, _delimited_rows
        )
        try:
            for count, row in enumerate(reader(self), 1):
                if count > self.max_rows:
                    raise UnreadableFileError(
                        f"{self.path.name} has more than {self.max_rows:,} rows: split it, or raise --max-rows."
                    )
                yield row
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFileError(f"{self.path.name} cannot be read to its end ({_reason(error)}).") from error


def open_table(path: Path, *, delimiter: str = "", sheet: str = "", kind: str = "", max_rows: int = MAX_ROWS) -> Table:
    """Look at a file: is it there, not too large, of a known form, and in which encoding."""
    packed = path.suffix.lower() == ".gz"
    form = Path(path.stem).suffix.lower() if packed else path.suffix.lower()
    form = {".ndjson": ".jsonl"}.get(form, form)
    if form not in (*DELIMITED, ".jsonl", ".json", ".xlsx") or (packed and form == ".xlsx"):
        raise UnreadableFileError(
            f"{path.name} is of no known form: give a .csv, .tsv, .psv, .txt, .jsonl or .json file (each also as .gz)"
            " or an .xlsx workbook."
        )
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFileError(f"{path.name} has {size:,} bytes; the limit is {MAX_BYTES:,}. Split it.")
        table = Table(path, form, _sha256(path), delimiter=delimiter, sheet=sheet, kind=kind, max_rows=max_rows)
        return _looked_at(table)
    except IsADirectoryError:
        raise UnreadableFileError(f"{path.name} is a directory, not a file.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"{path} cannot be read ({_reason(error)}).") from error


def _looked_at(table: Table) -> Table:
    """The table with its encoding, delimiter and header."""
    if table.form == ".xlsx":
        _check_workbook(table.path)
        return _with(table, columns=_header(next(_cells_of_workbook(table), (1, []))[1], table))
    encoding = _encoding(table.path, MAX_DOCUMENT if table.form == ".json" else MAX_BYTES)
    table = _with(table, encoding=encoding)
    if table.form not in DELIMITED:
        return table
    if not table.delimiter:
        table = _with(table, delimiter=DELIMITED[table.form] or _guess_delimiter(table))
    return _with(table, columns=_header(next(_cells_of_text(table), (1, []))[1], table))


def _with(table: Table, **changes: Any) -> Table:
    return Table(**{**table.__dict__, **changes})


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _encoding(path: Path, limit: int) -> str:
    """UTF-8 (with or without a mark), UTF-16 with its mark, else Windows-1252; the whole file decides."""
    with _open(path) as file:
        start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        tried: tuple[str, ...] = ("utf-16",)
    else:
        tried = ("utf-8-sig", "cp1252")
    for encoding in tried:
        decoder, total = codecs.getincrementaldecoder(encoding)(), 0
        try:
            with _open(path) as file:
                while block := file.read(_BLOCK):
                    total += len(block)
                    if total > limit:
                        raise UnreadableFileError(
                            f"{path.name} holds more than {limit:,} bytes. Split it, or bring JSON as .jsonl."
                        )
                    decoder.decode(block)
                decoder.decode(b"", final=True)
            return encoding
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError(f"{path.name} is not text: neither UTF-8 nor Windows-1252. Save it as UTF-8.")


def _lines(table: Table) -> IO[str]:
    return io.TextIOWrapper(_open(table.path), encoding=table.encoding, newline="")


def _guess_delimiter(table: Table) -> str:
    with _lines(table) as lines:
        header = lines.readline(_BLOCK)
    unquoted = "".join(header.split('"')[::2])
    return max(",;\t|", key=unquoted.count)


def _header(cells: list[Any], table: Table) -> tuple[str, ...]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise UnreadableFileError(f"{table.path.name} has no header: its first line names the columns.")
    if "" in names:
        raise UnreadableFileError(f"{table.path.name}: column {names.index('') + 1} of the header has no name.")
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        raise UnreadableFileError(f"{table.path.name}: the header names the column {quoted(twice)} twice.")
    return tuple(names)


def _row(line: int, cells: list[Any], columns: tuple[str, ...]) -> SourceRow:
    while len(cells) > len(columns) and is_empty(cells[-1]):
        cells.pop()
    values = {name: cell for name, cell in zip(columns, cells, strict=False) if name not in BAD_COLUMNS}
    problem = ""
    if len(cells) != len(columns):
        problem = f"has {len(cells)} columns, the header has {len(columns)}"
        values |= {f"column {number}": cells[number - 1] for number in range(len(columns) + 1, len(cells) + 1)}
    return SourceRow(line, values, values, problem)


def _cells_of_text(table: Table) -> Iterator[tuple[int, list[Any]]]:
    """Each record's first line and cells, blank ones left out; a quote that never ends is an error, not a huge cell."""
    with _lines(table) as lines:
        reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise UnreadableFileError(
                f"{table.path.name}, line {line}: {error}. Look at the quotes there and at the delimiter"
                f" ({quoted(table.delimiter)})."
            ) from error


def _delimited_rows(table: Table) -> Iterator[SourceRow]:
    cells = _cells_of_text(table)
    next(cells, None)
    for line, row in cells:
        yield _row(line, row, table.columns)


def _check_workbook(path: Path) -> None:
    """How large it unpacks, before anything unpacks it."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise UnreadableFileError(
            f"{path.name} is not an .xlsx workbook (an old .xls or a protected one is not): save it as .xlsx or .csv."
        ) from None
    if size > MAX_DOCUMENT:
        raise UnreadableFileError(
            f"{path.name} unpacks to {size:,} bytes; the limit is {MAX_DOCUMENT:,}. Save it as .csv."
        )


def _cells_of_workbook(table: Table) -> Iterator[tuple[int, list[Any]]]:
    book = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and drop-downs, which are not read
            book = openpyxl.load_workbook(table.path, read_only=True, data_only=True)
            if table.sheet and table.sheet not in book.sheetnames:
                raise UnreadableFileError(
                    f"{table.path.name} has no sheet {quoted(table.sheet)}, only {', '.join(book.sheetnames)}."
                )
            sheet = book[table.sheet or book.sheetnames[0]]
            sheet.reset_dimensions()  # what the file says of its own size is often wrong
            for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if not all(is_empty(cell) for cell in cells):
                    yield line, list(cells)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(f"{table.path.name} is not a sound .xlsx workbook ({_reason(error)}).") from error
    finally:
        if book is not None:
            book.close()


def _workbook_rows(table: Table) -> Iterator[SourceRow]:
    cells = _cells_of_workbook(table)
    next(cells, None)
    for line, row in cells:  # empty cells at a row's end are not in the file
        yield _row(line, row + [None] * (len(table.columns) - len(row)), table.columns)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _object(line: int, value: Any) -> SourceRow:
    if isinstance(value, dict):
        return SourceRow(line, value, value)
    return SourceRow(line, {}, {"row": value}, "is not an object with the columns as its keys")


def _json_lines(table: Table) -> Iterator[SourceRow]:
    with _lines(table) as lines:
        for line, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                yield _object(line, json.loads(text, parse_constant=_no_constant))
            except (ValueError, RecursionError) as error:
                yield SourceRow(line, {}, {"row": text[:2000]}, f"is not JSON ({_reason(error)})")


def _json_document(table: Table) -> Iterator[SourceRow]:
    """A list of objects, or an exercise: {"records": {kind: [...]}}."""
    with _lines(table) as lines:
        try:
            found = json.load(lines, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(f"{table.path.name} is not JSON ({_reason(error)}).") from error
    if isinstance(found, dict) and isinstance(found.get("records"), dict):
        found = found["records"].get(table.kind) or []
    if not isinstance(found, list):
        raise UnreadableFileError(f'{table.path.name} is neither a list of objects nor {{"records": {{...}}}}.')
    for number, value in enumerate(found, 1):
        yield _object(number, value)
