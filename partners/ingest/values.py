"""The types of columns: each reads one cell (text, or what JSON and XLSX give) or says in words what was expected."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from partners.countries import COUNTRIES
from partners.naming import registered_domain

DIRECT = "direct"  # in a party column: the vendor's own team
_TRUE, _FALSE = {"true", "yes", "y", "1", "t"}, {"false", "no", "n", "0", "f"}


class BadValueError(Exception):
    """A cell is not what its column takes; the text says what was expected and follows the quoted value."""


@dataclass(frozen=True)
class Reading:
    """How this file writes times: the zone of times without one, and formats to try before ISO 8601."""

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    date_formats: tuple[str, ...] = ()


class ValueType(Protocol):
    """What a column takes: `about` for the reference, `empty` for an empty cell, `read` for all others."""

    @property
    def about(self) -> str: ...

    @property
    def empty(self) -> Any: ...

    def read(self, value: Any, reading: Reading) -> Any: ...


def plain_text(value: Any) -> str:
    """A cell as trimmed text; whole floats (XLSX has no integers) lose their point."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | dict | list) or value is None:
        raise BadValueError("is not a text")
    return str(value)


def is_empty(value: Any) -> bool:
    """Whether a cell holds nothing: null, blank text or an empty list."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True)
class Text:
    """Any text up to a length."""

    length: int = 0
    empty: str = ""

    @property
    def about(self) -> str:
        return f"text, up to {self.length} characters" if self.length else "text"

    def read(self, value: Any, reading: Reading) -> str:
        text = plain_text(value)
        if self.length and len(text) > self.length:
            raise BadValueError(f"is {len(text)} characters long; {self.length} are allowed")
        return text


@dataclass(frozen=True)
class Pattern:
    """A short text of one form; `change` brings spellings of it together first."""

    about: str
    form: str
    change: Callable[[str], str] = str
    empty: str = ""

    def read(self, value: Any, reading: Reading) -> str:
        text = self.change(plain_text(value))
        if not re.fullmatch(self.form, text):
            raise BadValueError(f"is not {self.about}")
        return text


@dataclass(frozen=True)
class Country:
    """An ISO 3166-1 country."""

    about: str = "a two-letter ISO country code (like DE)"
    empty: str = ""

    def read(self, value: Any, reading: Reading) -> str:
        text = plain_text(value).upper()
        if text not in COUNTRIES:
            raise BadValueError(f"is not {self.about}")
        return text


@dataclass(frozen=True)
class Email:
    """One mail address."""

    about: str = "an e-mail address"
    empty: str = ""

    def read(self, value: Any, reading: Reading) -> str:
        text = plain_text(value)
        try:
            validate_email(text)
        except ValidationError:
            raise BadValueError(f"is not {self.about}") from None
        if len(text) > 254:
            raise BadValueError("is longer than the 254 characters of an e-mail address")
        return text


@dataclass(frozen=True)
class Domain:
    """A website or mail domain, stored as the domain that somebody registered."""

    about: str = "a domain, web or mail address (stored as its registered domain)"
    empty: str = ""

    def read(self, value: Any, reading: Reading) -> str:
        text = plain_text(value).lower()
        domain = registered_domain(text) or text
        if len(domain) > 253:
            raise BadValueError("is longer than the 253 characters of a domain")
        return domain


@dataclass(frozen=True)
class Choice:
    """One of a few words; case, spaces and hyphens do not matter."""

    options: tuple[str, ...]
    empty: str = ""

    @property
    def about(self) -> str:
        return "one of " + ", ".join(self.options)

    def read(self, value: Any, reading: Reading) -> str:
        word = as_word(plain_text(value))
        if word not in self.options:
            raise BadValueError(f"is not {self.about}")
        return word


@dataclass(frozen=True)
class DealStage:
    """A CRM's stage, any word; that a deal is over must be said in our words, or it would count as open."""

    about: str = "the CRM's stage; a deal that is over is closed_won or closed_lost"
    empty: str = ""

    def read(self, value: Any, reading: Reading) -> str:
        word = as_word(plain_text(value))
        if word in {"won", "lost", "closed", "close", "win", "loss"}:
            raise BadValueError("says that the deal is over: write closed_won or closed_lost")
        if len(word) > 40:
            raise BadValueError(f"is {len(word)} characters long; 40 are allowed")
        return word


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    about: str = "true or false"
    empty: bool = False

    def read(self, value: Any, reading: Reading) -> bool:
        word = str(value).strip().lower() if isinstance(value, bool | int | float) else plain_text(value).lower()
        word = word.removesuffix(".0")
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise BadValueError(f"is not {self.about}")


@dataclass(frozen=True)
class Number:
    """A decimal number in a range, with so many places, all together `digits` long."""

    digits: int
    places: int
    lowest: int = 0
    highest: int | None = None
    default: int | None = None

    @property
    def empty(self) -> int | None:
        return self.default

    @property
    def about(self) -> str:
        kind = f"a number with up to {self.places} decimals" if self.places else "a whole number"
        if self.highest is None:
            return kind if self.lowest < 0 else f"{kind}, {self.lowest} or more"
        return f"{kind} from {self.lowest} to {self.highest}"

    def read(self, value: Any, reading: Reading) -> Decimal | int:
        number = self._number(value)
        high = self.highest if self.highest is not None else 10 ** (self.digits - self.places) - 1
        if not self.lowest <= number <= high:
            raise BadValueError(f"is out of range: {self.about} is expected")
        exact = number.quantize(Decimal(1).scaleb(-self.places))
        if exact != number:
            raise BadValueError(f"is not {self.about}")
        return exact if self.places else int(exact)

    def _number(self, value: Any) -> Decimal:
        try:
            if isinstance(value, bool | list | dict | date):
                raise InvalidOperation
            # 15 digits are what a float holds of a decimal number;
            # fullmatch keeps out 1_000, infinities and digits of other scripts, which Decimal would take.
            text = format(value, ".15g") if isinstance(value, float) else str(value).strip()
            if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII) or len(text) > 60:
                raise InvalidOperation
            number = Decimal(text)
            if abs(number) >= Decimal(10) ** 30:
                raise InvalidOperation
        except InvalidOperation:
            written = " (written like 1234.56)" if self.places else ""
            raise BadValueError(f"is not {self.about}{written}") from None
        return number


@dataclass(frozen=True)
class Day:
    """A calendar day."""

    about: str = "a date (like 2026-03-31)"
    empty: None = None

    def read(self, value: Any, reading: Reading) -> date:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        return _moment(value, reading, self.about).date()


@dataclass(frozen=True)
class Moment:
    """A point in time, stored as UTC. Without a zone it is the program's; a day alone begins it."""

    about: str = "a date and time (like 2026-03-31T09:00:00Z; without a zone the program's)"
    empty: None = None

    def read(self, value: Any, reading: Reading) -> datetime:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        moment = value if isinstance(value, datetime) else _moment(value, reading, self.about)
        if not 1900 <= moment.year < 9999:
            raise BadValueError("is not between the years 1900 and 9998")
        return (moment if moment.tzinfo else moment.replace(tzinfo=reading.timezone)).astimezone(UTC)


def _moment(value: Any, reading: Reading, about: str) -> datetime:
    formats = reading.date_formats
    expected = f"is not {about}" + (f", nor of the map's date_format {' or '.join(formats)}" if formats else "")
    if not isinstance(value, str):
        raise BadValueError(expected)
    text = value.strip()
    for form in formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a zone is added by the caller
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadValueError(expected) from None


@dataclass(frozen=True)
class Reference:
    """Another record, named by its external id (or code)."""

    kind: str
    empty: None = None

    @property
    def about(self) -> str:
        names = {"product_lines": "code of a product line", "tiers": "code of a tier"}
        return names.get(self.kind, f"external_id of {self.kind}")

    def read(self, value: Any, reading: Reading) -> str:
        return Text(200).read(value, reading)


@dataclass(frozen=True)
class Party:
    """A partner by its external id, or the vendor's own team."""

    about: str = "external_id of partners, or direct"
    empty: None = None

    def read(self, value: Any, reading: Reading) -> str:
        text = Text(200).read(value, reading)
        return DIRECT if text.lower() == DIRECT else text


@dataclass(frozen=True)
class ListOf:
    """Several values: a JSON list, or text separated by semicolons. Said twice counts once."""

    inner: ValueType

    @property
    def about(self) -> str:
        return f"list (separated by ;): {self.inner.about}"

    @property
    def empty(self) -> list[Any]:
        return []

    def read(self, value: Any, reading: Reading) -> list[Any]:
        cells = value if isinstance(value, list) else plain_text(value).split(";")
        read: dict[Any, None] = {}
        for cell in cells:
            if not is_empty(cell):
                try:
                    read[self.inner.read(cell, reading)] = None
                except BadValueError as error:
                    raise BadValueError(f"has an entry that {error}") from None
        return list(read)


def as_word(text: str) -> str:
    """'Closed Won' and 'closed-won' as closed_won."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())
