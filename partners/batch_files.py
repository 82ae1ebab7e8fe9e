"""Files that go out for registering many deals: the template, with every value it takes, and the rows to mend."""

import io
import re
import zipfile
from collections.abc import Iterator

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from channelconflict.spreadsheet import csv_lines, inert
from partners.batch_rows import BAD_COLUMNS, COLUMNS, Reader, example
from partners.models import RegistrationBatch, RowState

TO_MEND = (RowState.BAD, RowState.FAILED)
WORST_FIRST = Case(
    When(state=RowState.BAD, then=Value(0)), When(state=RowState.FAILED, then=Value(1)),
    When(state=RowState.DUPLICATE, then=Value(2)), default=Value(3), output_field=IntegerField(),
)  # fmt: skip


def csv_template(reader: Reader) -> Iterator[str]:
    """The header, and an example that is left out when it comes back."""
    row = example(reader)
    return csv_lines([list(COLUMNS.values()), [row.get(name, "") for name in COLUMNS]])


def xlsx_template(reader: Reader) -> bytes:
    """The same as a workbook, with the values of each column on a second sheet."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    deals, values = book.active, book.create_sheet(_("Allowed values"))
    row = example(reader)
    deals.title = _("Deals")
    deals.append(list(COLUMNS.values()))
    deals.append([inert(row.get(name, "")) for name in COLUMNS])
    allowed = allowed_values(reader)
    values.append([label for label, listed in allowed])
    for at in range(max(len(listed) for label, listed in allowed)):
        values.append([inert(listed[at]) if at < len(listed) else None for label, listed in allowed])
    for sheet in (deals, values):
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = 26
    kept = io.BytesIO()
    book.save(kept)
    return _undated(kept.getvalue())


def _undated(book: bytes) -> bytes:
    """The same workbook without the moments at which it was made: asked twice, it is the same file."""
    undated = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return undated.getvalue()


def allowed_values(reader: Reader) -> list[tuple[str, list[str]]]:
    """Each column that takes only some values, and these values as people read them."""
    found = {name: [label for value, label in listed if value] for name, listed in reader.choices.items()}
    found["product_lines"] = [line.name for line in reader.products]
    return [(label, found[name]) for name, label in COLUMNS.items() if name in found]


def rows_to_mend(batch: RegistrationBatch) -> Iterator[str]:
    """The bad rows as they stood, with what is wrong beside them: mended, the file can be brought as it is."""
    kept = [at for at, column in enumerate(batch.columns) if column not in BAD_COLUMNS]
    yield from csv_lines(_rows(batch, kept))


def _rows(batch: RegistrationBatch, kept: list[int]) -> Iterator[list[str]]:
    yield [*BAD_COLUMNS, *(batch.columns[at] for at in kept)]
    for row in batch.lines.filter(state__in=TO_MEND).order_by("line"):
        yield [str(row.line), row.told, *(row.cells[at] if at < len(row.cells) else "" for at in kept)]
