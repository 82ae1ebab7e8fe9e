"""Reading an exercise file: everything that can be wrong with its shape, as a sentence for whoever wrote it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from partners.ingest import KINDS


class BadExerciseError(ValueError):
    """The file is not an exercise; the text says what is wrong, a line for each."""


@dataclass(frozen=True)
class Exercise:
    """The records of a small program, a moment, and what the policy must make of them."""

    name: str
    title: str
    at: datetime
    program: dict[str, Any]  # the arguments of reviews.programs.create_program, without a code
    records: dict[str, list[Any]]
    expect: Mapping[str, Any]


def read_file(path: Path) -> Exercise:
    """The exercise that a file holds."""
    try:
        return read_text(path.read_bytes())
    except OSError as error:
        raise BadExerciseError(f"The file cannot be read: {error.strerror}.") from None


def read_text(content: bytes) -> Exercise:
    """The exercise that the bytes of a file hold."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise BadExerciseError(f"The file is not UTF-8 text (byte {error.start + 1}).") from None
    except json.JSONDecodeError as error:
        raise BadExerciseError(f"Line {error.lineno} is not JSON: {error.msg}.") from None
    except UnicodeEncodeError:
        raise BadExerciseError("The file holds half a character (a lone surrogate like \\ud800).") from None
    except RecursionError:
        raise BadExerciseError("The file is nested too deeply to be an exercise.") from None
    if "\x00" in content.decode("utf-8-sig") or b"\\u0000" in content:
        raise BadExerciseError("The file holds NUL characters, which no record may.")
    return read(document)


def read(document: Any) -> Exercise:
    """The exercise that a parsed document holds."""
    _object(document, "An exercise")
    for key in ("name", "as_of", "program", "records", "expect"):
        if key not in document:
            raise BadExerciseError(f"An exercise needs '{key}'.")
    name = str(document["name"])
    return Exercise(
        name=name,
        title=str(document.get("title") or name),
        at=_moment(document["as_of"]),
        program=_program(document["program"], name),
        records=_records(document["records"]),
        expect=_expect(document["expect"]),
    )


def _moment(text: Any) -> datetime:
    """A time; one without a zone is UTC, as for `detect --as-of`."""
    try:
        if not isinstance(text, str) or len(text) <= len("2026-03-20"):
            raise ValueError
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadExerciseError(f"'as_of': {_shown(text)} is not a time, like 2026-03-20T10:00:00Z.") from None
    if not 1970 < at.year < 2200:
        raise BadExerciseError(f"'as_of': {_shown(text)} is not between 1971 and 2199.")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _program(given: Any, name: str) -> dict[str, Any]:
    _object(given, "'program'")
    zone, days = given.get("timezone") or "UTC", given.get("open_weekdays") or []
    if zone not in available_timezones():
        raise BadExerciseError(f"'program': {_shown(zone)} is not a time zone, like Europe/Berlin.")
    if not isinstance(days, list) or not all(isinstance(day, int) for day in days):
        raise BadExerciseError("'program': open_weekdays are numbers from 1 (Monday) to 7.")
    try:
        holidays = [date.fromisoformat(day) for day in given.get("holidays") or []]
    except (TypeError, ValueError):
        raise BadExerciseError("'program': holidays are days, like 2026-12-25.") from None
    return {
        "name": str(given.get("name") or name),
        "currency": str(given.get("currency") or "USD"),
        "timezone": zone,
        "open_weekdays": days,
        "holidays": holidays,
    }


def _records(given: Any) -> dict[str, list[Any]]:
    _object(given, "'records'")
    unknown = sorted(set(given) - set(KINDS))
    if unknown:
        raise BadExerciseError(f"'records' knows no {', '.join(unknown)}; its kinds are {', '.join(KINDS)}.")
    return {kind: _list(given.get(kind), f"'records': {kind}") for kind in KINDS}


def _expect(given: Any) -> Mapping[str, Any]:
    _object(given, "'expect'")
    _list(given.get("approved"), "'expect': approved", _text)
    for pair in _list(given.get("territory_overlaps"), "'expect': territory_overlaps", _pair):
        _list(pair, "'expect': an overlap", _text)
    for case in _list(given.get("cases"), "'expect': cases", _object):
        _list(case.get("registrations"), "'expect': the registrations of a case", _text)
        for finding in _list(case.get("findings"), "'expect': the findings of a case", _object):
            for key in ("kind", "registration"):
                _text(finding.get(key), f"'expect': the {key} of a finding")
            _text(finding.get("against") or "", "'expect': what a finding is against")
        for key in ("support", "route"):
            _list(case.get(key), f"'expect': the {key} of a case", _text)
        _object(case.get("shares") or {}, "'expect': the shares of a case")
    return dict(given)


def _list(given: Any, what: str, check: Callable[[Any, str], None] | None = None) -> list[Any]:
    """A list whose items all pass the check; an absent one is empty."""
    if not isinstance(given, list | None):
        raise BadExerciseError(f"{what}: {_shown(given)} is not a list.")
    for item in given or [] if check else []:
        check(item, f"{what}, an item")
    return given or []


def _object(given: Any, what: str) -> None:
    if not isinstance(given, Mapping):
        raise BadExerciseError(f"{what}: {_shown(given)} is not an object in braces.")


def _text(given: Any, what: str) -> None:
    if not isinstance(given, str):
        raise BadExerciseError(f"{what}: {_shown(given)} is not a text in quotes.")


def _pair(given: Any, what: str) -> None:
    if not isinstance(given, list) or len(given) != 2:
        raise BadExerciseError(f"{what}: {_shown(given)} is not a pair.")


def _shown(given: Any) -> str:
    text = json.dumps(given, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}..."
