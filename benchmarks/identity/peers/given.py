"""What a peer is given: rows without labels and, if it has no search of its own, this resolver's candidates."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

Row = dict[str, str]
Scored = Iterable[tuple[str, str, float]]


@dataclass(frozen=True)
class Given:
    """A labelled set without its labels, in a folder. Without accounts the records are compared among themselves."""

    folder: Path
    variant: str = ""

    @property
    def linking(self) -> bool:
        """Queries against accounts?"""
        return (self.folder / "right.csv").exists()

    @cached_property
    def left(self) -> dict[str, Row]:
        """Queries, or the records of the one list."""
        return self._rows("left")

    @cached_property
    def right(self) -> dict[str, Row]:
        """Accounts, or the same records again."""
        return self._rows("right") if self.linking else self.left

    @cached_property
    def candidates(self) -> list[tuple[str, str]]:
        """The pairs that this resolver would look at."""
        with (self.folder / "candidates.csv").open(encoding="utf-8", newline="") as lines:
            return [(left, right) for left, right in csv.reader(lines)]

    def _rows(self, name: str) -> dict[str, Row]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            return {row["id"]: row for row in csv.DictReader(lines)}
