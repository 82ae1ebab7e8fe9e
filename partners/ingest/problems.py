"""What is wrong with a row, a file or a map: sentences for the person who brought it."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 50


@dataclass(frozen=True)
class RowError:
    """One thing wrong with one row. `row` is the line of the file (0 = no single row), `problem` ends the sentence."""

    row: int
    column: str
    problem: str
    value: str = ""

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}, column {self.column}: {self.problem}" if self.column else f"{place}: {self.problem}"


class UnreadableFileError(Exception):
    """The file (or its map) cannot be used at all; the text is a sentence for people."""


class BadRowsError(Exception):
    """Some rows are bad, so none was loaded."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(errors)
        self.errors = list(errors)

    def __str__(self) -> str:
        return "\n".join(sentences(self.errors))


def sentences(errors: Sequence[RowError]) -> list[str]:
    """The first errors as sentences, and how many more there are."""
    lines = [str(error) for error in errors[:SHOWN]]
    if len(errors) > SHOWN:
        lines.append(f"... and {len(errors) - SHOWN:,} more.")
    return lines


def quoted(value: object) -> str:
    """A value as it may stand in a sentence: quoted, without line breaks, not longer than a glance."""
    text = value if isinstance(value, str) else str(value)
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:81])
    return f"'{text[:80]}...'" if len(text) > 80 else f"'{text}'"
