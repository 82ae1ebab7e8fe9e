"""Where outcomes are written to: one file a kind of target, all of the same shape, and the registry."""

from collections.abc import Mapping
from typing import Any, Protocol

from reviews.models import TargetKind
from reviews.writeback.targets import file


class TargetModule(Protocol):
    """What a target offers: apply a write once in effect, whatever its key's earlier tries came to."""

    def apply(self, *, name: str, key: str, write: Mapping[str, Any]) -> str:
        """Carry out the write; returns what happened (`written` or `already there`)."""


REGISTRY: dict[str, TargetModule] = {TargetKind.FILE: file}
