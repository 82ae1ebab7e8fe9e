"""One place with its surroundings, cut out of the maps: where an account lies, and how far a rule reaches there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from conflicts.drafting.maps import shapes
from conflicts.territories import fold
from partners.places import place_name

HERE, REACHED, OTHER = "here", "reached", "other"
LEAST = 60  # units of the map that are drawn at the least
MARGIN = 0.35  # of the place's own size, on each side
SPECK = 1 / 50  # of the cut's width: what is smaller is left out


@dataclass(frozen=True)
class Land:
    """One country or state in the cut: what it is to the account, in a word and as a class of the drawing."""

    code: str
    name: str
    path: str
    kind: str


@dataclass(frozen=True)
class Around:
    """The cut: the place last, so that its outline lies on top, and the middle of it."""

    view: str
    lands: list[Land]
    x: int
    y: int
    radius: int


def around(country: str, subdivision: str, reaches: Callable[[str, str], bool]) -> Around | None:
    """The cut around a US state, else around a country; None for places that the maps do not draw.

    `reaches(country, subdivision)` says whether a rule holds in all of a place.
    """
    which, code = ("us", fold(subdivision)) if fold(subdivision).startswith("US-") else ("world", fold(country))
    boxes, paths = _boxes(which), _paths(which)
    if code not in boxes:
        return None
    left, top, right, bottom = boxes[code]
    side = max((right - left), (bottom - top)) * (1 + 2 * MARGIN)
    width = max(LEAST, side)
    height = width * 0.75
    x, y = (left + right) / 2 - width / 2, (top + bottom) / 2 - height / 2
    cut, speck = (x, y, x + width, y + height), width * SPECK
    near = [other for other, box in boxes.items() if other == code or (_meets(box, cut) and _size(box) > speck)]
    lands = [
        Land(other, place_name(*_parts(other)), paths[other], _kind(other, code, reaches))
        for other in sorted(near, key=lambda other: (other == code, other))
    ]
    view = f"{x:.0f} {y:.0f} {width:.0f} {height:.0f}"
    return Around(view, lands, (left + right) // 2, (top + bottom) // 2, max(2, round(width / 60)))


def _kind(other: str, code: str, reaches: Callable[[str, str], bool]) -> str:
    if other == code:
        return HERE
    return REACHED if reaches(*_parts(other)) else OTHER


def _parts(code: str) -> tuple[str, str]:
    return (code[:2], code) if "-" in code else (code, "")


def _size(box: tuple[int, int, int, int]) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _meets(box: tuple[int, int, int, int], cut: tuple[float, float, float, float]) -> bool:
    return box[0] < cut[2] and box[2] > cut[0] and box[1] < cut[3] and box[3] > cut[1]


@cache
def _paths(which: str) -> dict[str, str]:
    return {code: path for code, path in shapes()[which]["paths"].items() if code}


@cache
def _boxes(which: str) -> dict[str, tuple[int, int, int, int]]:
    """The box of each place's largest ring: islands far away do not widen the cut."""
    found = {code: [_box(ring) for ring in path.split("z") if ring] for code, path in _paths(which).items()}
    return {code: max(boxes, key=lambda b: (b[2] - b[0]) * (b[3] - b[1])) for code, boxes in found.items()}


def _box(ring: str) -> tuple[int, int, int, int]:
    x = y = 0
    xs, ys = [], []
    for letter, numbers in re.findall(r"([Mlhv])([-\d ]+)", ring):
        steps = [int(number) for number in re.findall(r"-?\d+", numbers)]
        if letter in "hv":
            pairs = [(step, 0) if letter == "h" else (0, step) for step in steps]
        else:
            pairs = list(zip(steps[::2], steps[1::2], strict=True))
        for dx, dy in pairs:
            x, y = (dx, dy) if letter == "M" else (x + dx, y + dy)
            xs.append(x)
            ys.append(y)
    return min(xs), min(ys), max(xs), max(ys)
