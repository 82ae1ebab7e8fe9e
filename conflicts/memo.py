"""A frozen dataclass tree as plain JSON and back, bit-equal: what a decision keeps so that it can be replayed."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


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


@cache
def _hints(kind: Any) -> dict[str, Any]:
    """The types of a dataclass's fields; finding them costs more than reading most values."""
    return typing.get_type_hints(kind)


def load(kind: type[T], data: Any) -> T:
    """The dataclass that `dump` took apart."""
    if not isinstance(data, dict):
        raise MemoError(f"{kind.__name__}: expected an object, found {type(data).__name__}.")
    hints, names = _hints(kind), _names(kind)  # type: ignore[arg-type]
    unknown = sorted(set(data) - set(names))
    if unknown:
        raise MemoError(f"{kind.__name__}: unknown keys {', '.join(unknown)}.")
    return kind(**{name: _value(hints[name], data[name]) for name in names if name in data})


def _value(hint: Any, data: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if data is None:
            return None
        return _value(next(item for item in arguments if item is not types.NoneType), data)
    if origin is tuple:
        return tuple(_value(arguments[0], item) for item in data)
    if origin is frozenset:
        return frozenset(_value(arguments[0], item) for item in data)
    if origin is dict:
        return {key: _value(arguments[1], item) for key, item in data.items()}
    if dataclasses.is_dataclass(hint):
        return load(typing.cast(type[Any], hint), data)
    if hint is datetime:
        return datetime.fromisoformat(data)
    if hint is date:
        return date.fromisoformat(data)
    return Decimal(data) if hint is Decimal else data
