"""Cells for spreadsheets: what a program would take for a formula is inert in it, and comes back unchanged."""

import csv
import re
from collections.abc import Iterable, Iterator

# How a formula begins, the full-width forms included, also behind apostrophes that we or others put there.
_STARTS = re.compile("'*[=+\\-@\t\r\0\uff1d\uff0b\uff0d\uff20]")


def inert(text: str) -> str:
    """The text as it may stand in a cell: an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if _STARTS.match(text) else text


def as_was(cell: str) -> str:
    """The text that `inert` made this cell of."""
    return cell[1:] if cell.startswith("'") and _STARTS.match(cell[1:]) else cell


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows as lines of a CSV, every cell inert; the first begins with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    for number, row in enumerate(rows):
        yield ("" if number else "\ufeff") + str(writer.writerow([inert(cell) for cell in row]))
