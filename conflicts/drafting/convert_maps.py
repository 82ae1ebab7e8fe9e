"""Makes shapes.json anew from npm's world-atlas and us-atlas (a developer's tool, never run by the product):

    python -m conflicts.drafting.convert_maps world-atlas/countries-110m.json us-atlas/states-albers-10m.json

TopoJSON is decoded, the world drawn in Equal Earth (Savric, Patterson, Jenny 2018), points that a pixel cannot tell
apart left out. Rings that cross 180 degrees are split there; Antarctica is left out.
"""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from partners.places import COUNTRIES, SUBDIVISIONS

Point = tuple[float, float]
SHAPES = Path(__file__).with_name("shapes.json")
WIDTH = 960  # of either map, in the units of its paths
# Natural Earth shortens names; the product's are those of ISO 3166.
SHORTENED = {
    "W. Sahara": "EH", "United States of America": "US", "Dem. Rep. Congo": "CD", "Dominican Rep.": "DO", "Falkland Is.": "FK",
    "Fr. S. Antarctic Lands": "TF", "Bosnia and Herz.": "BA", "Congo": "CG", "Eq. Guinea": "GQ", "eSwatini": "SZ",
    "Central African Rep.": "CF", "S. Sudan": "SS", "Solomon Is.": "SB", "Macedonia": "MK", "Turkey": "TR", "Côte d'Ivoire": "CI",
    "Kosovo": "XK", "N. Cyprus": "", "Somaliland": "", "Antarctica": "-", "Palestine": "PS", "Timor-Leste": "TL",
}  # fmt: skip
_FIPS = ("01 AL|02 AK|04 AZ|05 AR|06 CA|08 CO|09 CT|10 DE|11 DC|12 FL|13 GA|15 HI|16 ID|17 IL|18 IN|19 IA|20 KS|21 KY|22 LA|"
         "23 ME|24 MD|25 MA|26 MI|27 MN|28 MS|29 MO|30 MT|31 NE|32 NV|33 NH|34 NJ|35 NM|36 NY|37 NC|38 ND|39 OH|40 OK|41 OR|"
         "42 PA|44 RI|45 SC|46 SD|47 TN|48 TX|49 UT|50 VT|51 VA|53 WA|54 WV|55 WI|56 WY")  # fmt: skip
FIPS = {entry[:2]: f"US-{entry[3:]}" for entry in _FIPS.split("|")}


def main(world: Path, states: Path) -> None:
    """Read the two files, write shapes.json."""
    by_name = {name: code for code, name in COUNTRIES.items()}
    codes = lambda shape: SHORTENED.get(shape["properties"]["name"], by_name.get(shape["properties"]["name"]))  # noqa: E731
    made: dict[str, Any] = {
        "licence": "world-atlas 2.0.2 and us-atlas 3.0.1, Copyright 2013-2019 Michael Bostock, ISC; see MAPS-LICENCE.txt",
        "world": _drawn(json.loads(world.read_text()), "countries", codes, _equal_earth, 1.2),
        "us": _drawn(json.loads(states.read_text()), "states", lambda shape: FIPS.get(shape["id"]), None, 1.0),
    }
    assert set(made["us"]["paths"]) == {code for code in SUBDIVISIONS if code.startswith("US-")}
    SHAPES.write_text(json.dumps(made, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n")


def _drawn(
    topology: Any, name: str, code_of: Callable[[Any], str | None], project: Any, least: float
) -> dict[str, Any]:
    arcs = list(_arcs(topology))
    found: dict[str, list[list[Point]]] = {}
    for shape in topology["objects"][name]["geometries"]:
        code = code_of(shape)
        if code is None and shape["type"] and name == "countries":
            raise SystemExit(f"No code for {shape['properties']['name']}: add it to SHORTENED.")
        if code not in (None, "-"):
            found.setdefault(str(code), []).extend(_rings(shape, arcs, split=project is not None))
    rings = [[project(p) if project else p for p in ring] for several in found.values() for ring in several]
    left, top = min(x for r in rings for x, _ in r), min(y for r in rings for _, y in r)
    scale = WIDTH / (max(x for r in rings for x, _ in r) - left)
    height = math.ceil((max(y for r in rings for _, y in r) - top) * scale)
    place = lambda p: ((p[0] - left) * scale, (p[1] - top) * scale)  # noqa: E731
    paths = {
        code: "".join(_path([place(project(p) if project else p) for p in ring], least) for ring in several)
        for code, several in found.items()
    }
    return {"height": height, "paths": paths}


def _arcs(topology: Any) -> Iterator[list[Point]]:
    """Arcs are stored as differences of whole numbers."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def _rings(shape: Any, arcs: list[list[Point]], *, split: bool) -> Iterator[list[Point]]:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    for ring in (ring for polygon in polygons for ring in polygon):
        points: list[Point] = []
        for index in ring:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += arc[1:] if points else arc
        yield from _split(points) if split else [points]


def _split(points: list[Point]) -> Iterable[list[Point]]:
    """A ring that jumps from 180 to -180 degrees is two: one on either side."""
    if all(abs(a[0] - b[0]) < 180 for a, b in pairwise(points)):
        return [points]
    sides: list[list[Point]] = [[], []]
    for x, y in points:
        sides[x < 0].append((x, y))
    return [side for side in sides if len(side) > 2]


def _equal_earth(point: Point) -> Point:
    a1, a2, a3, a4, m = 1.340264, -0.081106, 0.000893, 0.003796, math.sqrt(3) / 2
    lon, lat = math.radians(point[0]), math.radians(point[1])
    t = math.asin(m * math.sin(lat))
    x = lon * math.cos(t) / (m * (a1 + 3 * a2 * t**2 + t**6 * (7 * a3 + 9 * a4 * t**2)))
    return x, -t * (a1 + a2 * t**2 + t**6 * (a3 + a4 * t**2))


def _path(points: list[Point], least: float) -> str:
    """Whole numbers, each point relative to the one before; a speck stays as a little square."""
    kept = [points[0]]
    for point in points[1:]:
        if math.dist(point, kept[-1]) >= least:
            kept.append(point)
    if len(kept) < 3:
        return f"M{round(points[0][0])} {round(points[0][1])}h1v1h-1z"
    whole = [(round(x), round(y)) for x, y in kept]
    steps = [(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(whole)]
    parts, first = [f"M{whole[0][0]} {whole[0][1]}l"], True
    for dx, dy in steps:
        if dx or dy:
            parts.append(f"{'' if first or dx < 0 else ' '}{dx}{'' if dy < 0 else ' '}{dy}")
            first = False
    return "".join(parts) + "z" if not first else f"M{whole[0][0]} {whole[0][1]}h1v1h-1z"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
