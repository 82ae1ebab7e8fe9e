"""DOCX and XLSX: an archive that is looked through before anything is unpacked whole; no macros, no archive in it."""

import io
import re
import zipfile
import zlib
from typing import Any
from xml.parsers import expat

from partners.papers.refusing import RefusedFileError
from partners.papers.refusing import mark as _

MOST_ENTRIES = 2_000
MOST_BYTES = 64 * 1024**2  # unpacked, all together
MOST_CELLS = 10_000_000  # that a sheet says it spans
MAIN = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_TYPES = "[Content_Types].xml"
_BLOCK = 64 * 1024
# What an entry may not begin with: archives, programs, and the old form that macros and embedded objects have.
_NOT_INSIDE = (
    b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MZ", b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_MACRO = re.compile(r"macroenabled|vbaproject|vbadata|activex|ms-office\.intel|xlmacro|macrosheet", re.IGNORECASE)


def office(data: bytes) -> tuple[str, list[str]]:
    """The form (docx, xlsx) and the flags of a document, or why it cannot be taken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _look_through(archive, data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, expat.ExpatError, ValueError):
        raise RefusedFileError(_("is no whole Word document or Excel workbook: it is damaged.")) from None


def _look_through(archive: zipfile.ZipFile, data: bytes) -> tuple[str, list[str]]:
    entries = archive.infolist()
    check_entries(entries)
    if min((entry.header_offset for entry in entries), default=1) or data[-22:-18] != b"PK\x05\x06":
        raise RefusedFileError(_("is an archive with something else before or behind it."))
    names = {entry.filename for entry in entries}
    if _TYPES not in names:
        raise RefusedFileError(_("is an archive, and no Word document or Excel workbook."))
    declared: set[str] = set()
    _parse(archive, _TYPES, lambda _tag, said: declared.add(said.get("ContentType", "")))
    if any(_MACRO.search(text) for text in (*declared, *names)):
        raise RefusedFileError(_("holds macros: save it without them, or as PDF."))
    form = next((form for form, kind in MAIN.items() if kind in declared), "")
    if not form:
        raise RefusedFileError(_("is an archive, and no Word document or Excel workbook."))
    outside = False
    for entry in entries:
        outside |= _look_at(archive, entry)
    return form, ["outside"] if outside else []


def check_entries(entries: list[zipfile.ZipInfo]) -> None:
    """How many entries there are, how large they unpack, and what they are called: before any is unpacked."""
    if len(entries) > MOST_ENTRIES:
        text = _("is an archive of %(entries)s entries; %(most)s are allowed.")
        raise RefusedFileError(text, entries=len(entries), most=MOST_ENTRIES)
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise RefusedFileError(_("unpacks to %(size)s bytes; %(most)s are allowed."), size=size, most=MOST_BYTES)
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise RefusedFileError(_("is an archive that names an entry twice."))
    for entry in entries:
        name = entry.orig_filename
        if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
            raise RefusedFileError(_("is an archive whose entries would lie outside it."))
        if entry.flag_bits & 1:
            raise RefusedFileError(_("is protected with a password: save it without one."))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RefusedFileError(_("is an archive that is packed in an unusual way."))


def _look_at(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Read one entry to its end; True = it refers to a file elsewhere."""
    name = entry.filename.lower()
    if name.endswith(".rels"):
        return _loads_from_outside(archive, entry)
    if name.endswith((".xml", ".vml")):
        _check_dimension(archive, entry)
        return False
    with archive.open(entry) as file:
        if file.read(16).startswith(_NOT_INSIDE):
            text = _("holds another file (%(name)s): save it as PDF, or send that on its own.")
            raise RefusedFileError(text, name=entry.filename[:80])
        while file.read(_BLOCK):
            pass
    return False


def _loads_from_outside(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a relation other than a link that people click leads out of the document."""
    found = []

    def start(_tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("TargetMode") == "External" and not attributes.get("Type", "").endswith("/hyperlink"):
            found.append(attributes)

    _parse(archive, entry, start)
    return bool(found)


def _check_dimension(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A sheet that says it spans millions of cells is refused; the rest of it is read without looking."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rsplit(":", 1)[-1] == "dimension" and cells_in(attributes.get("ref", "")) > MOST_CELLS:
            text = _("has a sheet that spans %(cells)s: delete its empty rows and columns, and save it again.")
            raise RefusedFileError(text, cells=attributes["ref"][:30])
        if tag.rsplit(":", 1)[-1] in ("sheetData", "body"):
            parser.StartElementHandler = None

    parser = _parser()
    parser.StartElementHandler = start
    _feed(parser, archive, entry)


def cells_in(reference: str) -> int:
    """How many cells a reference like A1:XFD1048576 spans; 0 = it is none."""
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
    if not match:
        return 0
    left, top, right, bottom = match.groups()
    return (_column(right) - _column(left) + 1) * (int(bottom) - int(top) + 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _parse(archive: zipfile.ZipFile, entry: Any, start: Any) -> None:
    parser = _parser()
    parser.StartElementHandler = start
    _feed(parser, archive, entry)


def _parser() -> Any:
    """An XML parser that takes no document type: no entities, so none that grow."""

    def refuse(*_said: Any) -> None:
        raise RefusedFileError(_("holds XML with a document type of its own, which is not allowed."))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _feed(parser: Any, archive: zipfile.ZipFile, entry: Any) -> None:
    with archive.open(entry) as file:
        while block := file.read(_BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)
