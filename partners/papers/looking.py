"""Which of the allowed forms a file has, by its first bytes and its structure; what it holds besides is flagged or refused.

Runs in the child process (`child`): standard library alone.
"""

import io
import re
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from partners.papers.refusing import RefusedFileError
from partners.papers.refusing import mark as _

ENDINGS = {
    "pdf": (".pdf",), "png": (".png",), "jpeg": (".jpg", ".jpeg"), "txt": (".txt",), "docx": (".docx",),
    "xlsx": (".xlsx",), "eml": (".eml",),
}  # fmt: skip
CALLED = {
    "pdf": _("a PDF"), "png": _("a PNG image"), "jpeg": _("a JPEG image"), "txt": _("plain text"),
    "docx": _("a Word document"), "xlsx": _("an Excel workbook"), "eml": _("a mail"),
}  # fmt: skip
WIDEST = 20_000  # pixels of an image
PAGE = re.compile(rb"<html[\s>]|<script[\s>]|<!doctype\s+html|<svg[\s>]|<iframe[\s>]", re.IGNORECASE)
_PAGE_IN_PDF = re.compile(rb"<html[\s>]|<script[\s>]|<!doctype\s+html", re.IGNORECASE)
_SNIFFED = 1024  # bytes in which a browser looks for what a file is
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
Look = tuple[str, list[str]]  # the form, and the flags


def look(data: bytes, name: str) -> Look:
    """The form and the flags of a file, or RefusedFileError; its ending must be one of its form's."""
    if not data:
        raise RefusedFileError(_("is empty (0 bytes): choose another one."))
    form, flags = _form_of(data, name)
    ending = PurePosixPath(name.lower()).suffix
    if ending not in ENDINGS[form]:
        text = (
            _("is %(form)s by its content, whatever its name says: name it %(ending)s.")
            if ending
            else _("has no ending: its content is %(form)s, so name it %(ending)s.")
        )
        raise RefusedFileError(text, form=(CALLED[form], {}), ending=ENDINGS[form][0])
    return form, flags


def _form_of(data: bytes, name: str) -> Look:
    if data.startswith(b"%PDF-"):
        return "pdf", pdf(data)
    if data.startswith(_PNG):
        return "png", png(data)
    if data.startswith(_JPEG):
        return "jpeg", jpeg(data)
    if data.startswith(b"PK\x03\x04"):
        from partners.papers.office import office

        return office(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedFileError(_("is an old .doc or .xls, or is protected with a password: save it as PDF."))
    if name.lower().endswith(".eml"):
        from partners.papers.mail import mail

        return "eml", mail(data)
    return "txt", text(data)


def pdf(data: bytes) -> list[str]:
    """A PDF from its first byte to its last; never a web page or an archive as well."""
    end = data.rfind(b"%%EOF")
    if not re.match(rb"%PDF-[12]\.\d", data) or end < 0 or b"startxref" not in data:
        raise RefusedFileError(_("is no whole PDF: it is cut off or damaged."))
    if len(data) - end > _SNIFFED:
        raise RefusedFileError(_("is a PDF with something else behind its end."))
    if _PAGE_IN_PDF.search(data):
        raise RefusedFileError(_("is a PDF and a web page at once."))
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise RefusedFileError(_("is a PDF and an archive at once."))
    found = {
        "script": rb"/JavaScript\b|/JS\b|/OpenAction\b|/AA\b|/Launch\b",
        "attached": rb"/EmbeddedFile\b|/EmbeddedFiles\b",
        "protected": rb"/Encrypt\b",
    }
    return [flag for flag, pattern in found.items() if re.search(pattern, data)]


def png(data: bytes) -> list[str]:
    """A PNG: every chunk with its checksum, from IHDR to IEND, and nothing behind."""
    at, first = len(_PNG), True
    while True:
        if at + 12 > len(data):
            raise RefusedFileError(_("is no whole PNG image: it is cut off or damaged."))
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if len(check) < 4 or struct.pack(">I", zlib.crc32(kind + body)) != check or first != (kind == b"IHDR"):
            raise RefusedFileError(_("is no whole PNG image: it is cut off or damaged."))
        if first:
            _check_size(*struct.unpack(">II", body[:8]))
        at, first = at + 12 + length, False
        if kind == b"IEND":
            break
    if at != len(data):
        raise RefusedFileError(_("is a PNG image with something else behind its end."))
    return []


def jpeg(data: bytes) -> list[str]:
    """A JPEG: its segments up to the image, which ends; a web page in its comments is refused."""
    at = 2
    while True:
        if at + 4 > len(data) or data[at] != 0xFF:
            raise RefusedFileError(_("is no whole JPEG image: it is cut off or damaged."))
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and at + 9 <= len(data):
            _check_size(*struct.unpack(">HH", data[at + 5 : at + 9]))
        at += 2 + length
        if marker == 0xDA:  # the image itself
            break
    end = data.rfind(b"\xff\xd9")
    if end < at:
        raise RefusedFileError(_("is no whole JPEG image: it is cut off or damaged."))
    tail = data[end + 2 :]
    if PAGE.search(data[:at]) or PAGE.search(tail):
        raise RefusedFileError(_("is a JPEG image and a web page at once."))
    if zipfile.is_zipfile(io.BytesIO(data)):
        raise RefusedFileError(_("is a JPEG image and an archive at once."))
    return ["tail"] if tail else []  # telephones write previews there


def _check_size(*sides: int) -> None:
    if max(sides) > WIDEST:
        text = _("is %(wide)s by %(tall)s pixels; %(most)s either way are allowed.")
        raise RefusedFileError(text, wide=sides[0], tall=sides[1], most=WIDEST)


def text(data: bytes) -> list[str]:
    """Text as people write it: no control characters, and nothing that a browser would take for a page."""
    found = decoded(data)
    if found is None or any(letter < " " and letter not in "\t\n\r\f" for letter in found):
        raise RefusedFileError(_("is of no kind that can be kept: send PDF, PNG, JPEG, TXT, DOCX, XLSX or EML."))
    start = found.lstrip("\ufeff \t\r\n")[:_SNIFFED]
    if PAGE.search(start.encode()) or start.lower().startswith("<?xml") or "%PDF-" in start:
        raise RefusedFileError(_("is a web page, a drawing or a document in disguise: save it as PDF."))
    return []


def decoded(data: bytes) -> str | None:
    """UTF-8, UTF-16 with its mark, else Windows-1252; None = no text."""
    tried = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "cp1252")
    for encoding in tried:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None
