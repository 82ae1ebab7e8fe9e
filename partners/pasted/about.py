"""What reading may know of the program and of who pastes, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from partners.naming import name_key


@dataclass(frozen=True)
class About:
    """The program's choices, and the names and domains of those who write: they are never the customer."""

    products: Mapping[str, str]  # code -> name
    currency: str
    today: date
    quarters: tuple[date, ...]  # their last days
    bands: tuple[int, ...]  # upper ends, rising
    places: Mapping[str, str]  # code (US, US-TX) -> name
    own_names: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()

    def is_own(self, name: str) -> bool:
        """The name of the partner itself, or of the vendor."""
        return name_key(name) in {name_key(own) for own in self.own_names}


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as the form takes it (lists separated by commas), and the line that it was read from."""

    value: str
    quote: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, by field, and sentences about what was seen and not taken."""

    readings: Mapping[str, Reading]
    notes: tuple[str, ...] = ()

    def kept(self) -> dict[str, dict[str, str]]:
        """The readings as plain JSON."""
        return {field: {"value": item.value, "quote": item.quote} for field, item in self.readings.items()}
