"""A question to a model and what can come of it; apart from the client, which takes half a second to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is."""

    key: str
    url: str
    model: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may take: seconds of a call and of all its calls, bytes of an answer, tokens of an answer, seconds
    to wait before the one retry."""

    call_seconds: float = 20.0
    seconds: float = 45.0
    bytes: int = 262_144
    tokens: int = 1500
    pause: float = 2.0


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked: `accept` makes the typed answer of a text, or raises schema.NotAcceptableError."""

    purpose: str
    system: str
    user: str
    schema: Mapping[str, Any]
    accept: Callable[[str], T]


@dataclass(frozen=True, slots=True)
class Told:
    """One call as it went, for the ledger."""

    outcome: str  # "answered", or a code of why.SENTENCES
    format: str
    seconds: float
    http_status: int | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    request_id: str = ""
    model: str = ""
    request_sha256: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """The typed answer."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer; `why` is a code of why.SENTENCES, `problems` what was wrong with the last answer."""

    why: str
    problems: tuple[str, ...] = ()


class NotNowError(Exception):
    """The ledger allows no call now; `why` is a code of why.SENTENCES."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Ledger(Protocol):
    """Asked before each call, told after it."""

    def begin(self, purpose: str) -> Any:
        """Note a call that is about to be made; raises NotNowError if it may not."""

    def end(self, call: Any, told: Told) -> None:
        """Note how the call went."""
