"""The reasons of a match as a picture: bars that begin where the one before ended, and what they come to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any


@dataclass(frozen=True)
class Bits:
    """What one field says of a match: in bits (None = it is said, not weighed), and where its bar lies (0-100)."""

    field: str
    sentence: str
    bits: float | None = None
    start: float = 0.0
    width: float = 0.0
    total: bool = False  # the sum of those above


def waterfall(reasons: Sequence[Any]) -> tuple[Bits, ...]:
    """The reasons of a match as bars that begin where the one before ended, on one scale, and what they come to."""
    weighed = [reason["bits"] for reason in reasons if reason["bits"] is not None]
    ends = [0.0, *accumulate(weighed)]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0

    def bar(field: str, sentence: str, start: float, bits: float, total: bool = False) -> Bits:
        left, width = min(start, start + bits) - low, abs(bits)
        return Bits(field, sentence, bits, round(left / span * 100, 1), round(width / span * 100, 1), total)

    bars, reached = [], 0.0
    for reason in reasons:
        field, bits = reason["field"].replace("_", " "), reason["bits"]
        bars.append(Bits(field, reason["sentence"]) if bits is None else bar(field, reason["sentence"], reached, bits))
        reached += bits or 0.0
    if weighed:
        bars.append(bar("together", _odds(reached), 0.0, reached, total=True))
    return tuple(bars)


def _odds(bits: float) -> str:
    """What a sum of bits means for this pair on its own."""
    odds = 2 ** min(abs(bits), 40)
    if odds < 1.5:
        return "As likely this company as not."
    told = f"{odds:,.0f}" if odds < 1000 else "More than 1,000"
    return f"{told} to 1 {'that it is' if bits > 0 else 'against'} this company, looked at alone."
