"""A frozen dataclass tree as plain JSON and back, bit-equal: what a decision keeps so that it can be replayed."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
Reader = Callable[[Any], Any]


class MemoError(ValueError):
    """The memo does not describe the facts that it was said to describe."""


def dump(value: Any) -> Any:
    """Plain JSON of a value; sets are sorted, so equal facts give equal bytes."""
    if value is None or isinstance(value, str | int | float | bool):  # most are: asked first
        return value
    if names := _names(value.__class__):
        return {name: dump(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(dump(item) for item in value)
    if isinstance(value, tuple | list):
        return [dump(item) for item in value]
    if isinstance(value, dict):
        return {str(key): dump(item) for key, item in value.items()}
    raise MemoError(f"A {type(value).__name__} cannot stand in a memo.")


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass, () of anything else."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def load_text(kind: type[T], text: str) -> T:
    """The same from the JSON itself, some ten times as fast; keys that we never wrote are not looked for."""
    try:
        loaded: T = _decoder(kind).decode(text)  # type: ignore[arg-type]
    except (msgspec.DecodeError, ValueError) as error:
        raise MemoError(f"{kind.__name__}: {error}") from None
    return loaded


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def load(kind: type[T], data: Any) -> T:
    """The dataclass that `dump` took apart."""
    loaded: T = _reader(kind)(data)  # type: ignore[arg-type]
    return loaded


@cache
def _reader(kind: Any) -> Reader:
    """How a dataclass is put together; found once, since asking for the types of its fields is slow."""
    hints = typing.get_type_hints(kind)
    fields = {name: _reader_of(hints[name]) for name in _names(kind)}
    known = fields.keys()

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise MemoError(f"{kind.__name__}: expected an object, found {type(data).__name__}.")
        if not data.keys() <= known:
            raise MemoError(f"{kind.__name__}: unknown keys {', '.join(sorted(data.keys() - known))}.")
        return kind(**{name: value if (one := fields[name]) is None else one(value) for name, value in data.items()})

    return read


def _reader_of(hint: Any) -> Reader | None:
    """How a value of this type is read; None: as it stands."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return _or_none(_reader_of(next(item for item in arguments if item is not types.NoneType)))
    if origin in (tuple, frozenset):
        return _several(origin, _reader_of(arguments[0]))
    if origin is dict:
        one = _reader_of(arguments[1])
        return lambda data: {key: item if one is None else one(item) for key, item in data.items()}
    if dataclasses.is_dataclass(hint):
        kinds: Any = hint
        return lambda data: _reader(kinds)(data)  # found when it is needed: a kind may hold its own kind
    readers: dict[Any, Reader] = {datetime: datetime.fromisoformat, date: date.fromisoformat, Decimal: Decimal}
    return readers.get(hint)


def _or_none(one: Reader | None) -> Reader | None:
    return None if one is None else lambda data: None if data is None else one(data)


def _several(origin: Reader, one: Reader | None) -> Reader:
    return origin if one is None else lambda data: origin([one(item) for item in data])
