"""A policy document as a file: read with a sentence for whatever is wrong, and written so that people can compare two."""

from __future__ import annotations

import json
from typing import Any

LARGEST = 1_000_000  # characters


class BadFileError(ValueError):
    """The file holds no document; the text says why."""


def from_text(text: str) -> dict[str, Any]:
    """The document of a file. Whether it is a policy that can be kept is asked elsewhere (Policy.from_document)."""
    if len(text) > LARGEST:
        raise BadFileError("The file is larger than any policy.")
    try:
        found = json.loads(text, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise BadFileError(f"The file is no JSON: {error.msg}, line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise BadFileError("The file is no JSON that can be kept.") from None
    if not isinstance(found, dict):
        raise BadFileError("The file holds no object with named fields.")
    return found


def to_text(document: dict[str, Any]) -> str:
    """The document as a file, fields in the order in which the standard has them."""
    return json.dumps(_ordered(document), indent=2, ensure_ascii=False) + "\n"


_FIRST = ("id", "version", "title", "parameters", "findings", "rules", "scoring", "routing", "automation", "clock",
          "protection", "signals", "kind", "priority", "reason", "when", "then", "fact", "op", "value")  # fmt: skip


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
