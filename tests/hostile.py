"""Files that mean harm, and good ones beside them: made here, so that nobody has to keep them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from openpyxl import Workbook

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/x.xml" ContentType="{main}"/>{more}</Types>'
)
DOCX_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
XLSX_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(wide: int = 1, high: int = 1) -> bytes:
    """A whole PNG, at least as far as its chunks."""
    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def jpeg(comment: bytes = b"hello", tail: bytes = b"") -> bytes:
    """A JPEG: a comment, a frame of 1 x 1, a scan."""
    note = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
    frame = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    return b"\xff\xd8" + note + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" + b"\xff\xd9" + tail


def packed(entries: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    """An archive."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = comment
        for name, content in entries.items():
            archive.writestr(name, content)
    return kept.getvalue()


def docx(
    extra: Mapping[str, bytes] | None = None, main: str = DOCX_MAIN, more: str = "", comment: bytes = b""
) -> bytes:
    """A Word document, with something in it."""
    types = TYPES.format(main=main, more=more).encode()
    return packed({"[Content_Types].xml": types, "x.xml": b"<a/>", **(extra or {})}, comment)


def xlsx(rows: list[list[object]] | None = None) -> bytes:
    """A workbook as people save it."""
    book = Workbook()
    for row in rows or [["a", "b"], [1, "x"]]:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def bomb(size: int) -> bytes:
    """A workbook whose sheet unpacks to so many bytes."""
    return docx({"xl/worksheets/sheet1.xml": b"<sheetData>" + b" " * size + b"</sheetData>"}, main=XLSX_MAIN)


def wide_sheet(reference: str) -> bytes:
    """A workbook that says that it spans these cells."""
    sheet = f'<worksheet><dimension ref="{reference}"/><sheetData/></worksheet>'.encode()
    return docx({"xl/worksheets/sheet1.xml": sheet}, main=XLSX_MAIN)


def mail(attachment: bytes = b"", kind: str = "application/pdf", name: str = "a.pdf") -> bytes:
    """A mail, with one thing attached."""
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@orion.example", "b@alpha.example", "Pumps"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    message.set_content("We want your pumps.")
    if attachment:
        main, sub = kind.split("/")
        message.add_attachment(attachment, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]><l>&a11;</l>"
).encode()

GOOD = {
    "letter.pdf": PDF, "photo.png": png(), "photo.jpg": jpeg(), "PHOTO.JPEG": jpeg(tail=b"preview"),
    "notes.txt": "Zeile eins\nZeile zwei: größer".encode(), "old.txt": "gr\xf6\xdfer".encode("latin-1"),
    "utf16.txt": "größer".encode("utf-16"), "letter.docx": docx(), "prices.xlsx": xlsx(), "mail.eml": mail(),
    "mail2.eml": mail(PDF),
}  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
MACRO = '<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'

# name -> (content, a part of what is said)
HOSTILE = {
    "empty.pdf": (b"", "0 bytes"),
    "bomb.xlsx": (bomb(80 * 1024**2), "unpacks to"),
    "nested.docx": (docx({"word/embeddings/a.bin": packed({"b": b"c"})}), "holds another file"),
    "nested.zip": (packed({"a.zip": packed({"b": b"c"})}), "no Word document"),
    "many.docx": (docx({f"e{n}": b"" for n in range(2_100)}), "entries"),
    "huge.xlsx": (wide_sheet("A1:XFD1048576"), "spans A1:XFD1048576"),
    "laughs.docx": (docx({"word/document.xml": LAUGHS}), "document type"),
    "macro.docx": (docx({"word/vbaProject.bin": b"\xd0\xcf"}, more=MACRO), "macros"),
    "docm.docx": (docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"), "macros"),
    "out.docx": (docx({"../../etc/passwd": b"x"}), "outside"),
    "slash.docx": (docx({"/etc/passwd": b"x"}), "outside"),
    "object.docx": (docx({"word/embeddings/o.bin": b"\xd0\xcf\x11\xe0"}), "holds another file"),
    "program.docx": (docx({"word/media/a.png": b"MZ" + b"\0" * 60}), "holds another file"),
    "comment.docx": (docx(comment=b"<script>"), "something else"),
    "front.docx": (b"PK\x03\x04" + b"x" * 30 + docx(), "something else"),
    "ole.docx": (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "password"),
    "page.pdf": (PDF.replace(b"1 0 obj", b"<script>alert(1)</script> 1 0 obj"), "web page"),
    "archive.pdf": (PDF + docx() + b"%%EOF", "archive"),
    "tail.pdf": (PDF + b"x" * 5_000, "behind its end"),
    "cut.pdf": (PDF[:30], "no whole PDF"),
    "late.pdf": (b"<html>" + PDF, "a web page"),
    "drawing.png": (SVG, "a web page, a drawing"),
    "text.png": (b"hello", "plain text by its content"),
    "pdf.png": (PDF, "a PDF by its content"),
    "cut.png": (png()[:-20], "no whole PNG"),
    "tail.png": (png() + b"<html>", "behind its end"),
    "sum.png": (png().replace(b"IDAT", b"IDAX"), "no whole PNG"),
    "wide.png": (png(60_000, 60_000), "pixels"),
    "page.jpg": (jpeg(comment=b"<html >"), "web page"),
    "cut.jpg": (jpeg()[:20], "no whole JPEG"),
    "page.txt": (b"  <!DOCTYPE html><html><script>1</script></html>", "a web page"),
    "drawing.txt": (SVG, "a web page"),
    "xml.txt": (b'<?xml version="1.0"?><a/>', "a web page"),
    "nul.txt": (b"a\0b", "of no kind"),
    "program.txt": (b"MZ\x90\0\3\0\0\0\4", "of no kind"),
    "program.exe": (b"MZ\x90\0\3\0\0\0\4", "of no kind"),
    "script.sh": (b"#!/bin/sh\nrm -rf /\n", "plain text by its content"),
    "noending": (PDF, "has no ending"),
    "zip.eml": (mail(packed({"a": b"b"}), "application/zip", "a.zip"), "attachment a.zip"),
    "exe.eml": (mail(b"MZ\0\1", "application/octet-stream", "a.pdf"), "attachment a.pdf"),
    "page.eml": (mail(b"<html></html>", "text/html", "a.html"), "attachment a.html"),
    "none.eml": (b"just words", "no mail"),
}  # fmt: skip
