"""The map data that ships with the product: every place has its ISO code, and paths that a browser can draw."""

import json
import re
from pathlib import Path

from conflicts.drafting import maps
from conflicts.drafting.convert_maps import WIDTH
from partners.places import COUNTRIES, SUBDIVISIONS

SHAPES = json.loads(Path(maps.__file__).with_name("shapes.json").read_text(encoding="utf-8"))


def test_every_shape_is_a_place_that_rules_may_name() -> None:
    assert set(SHAPES["us"]["paths"]) == {code for code in SUBDIVISIONS if code.startswith("US-")}
    assert set(SHAPES["world"]["paths"]) - set(COUNTRIES) == {"", "XK"}
    assert "AQ" not in SHAPES["world"]["paths"]
    assert len(SHAPES["world"]["paths"]) > 170


def test_paths_stay_on_the_map_and_no_ring_runs_across_it() -> None:
    for which in maps.MAPS:
        height = SHAPES[which]["height"]
        for code, path in SHAPES[which]["paths"].items():
            assert re.fullmatch(r"(M\d+ \d+[lhv][-\d lhv]*z)+", path), code
            x, y, _ = maps._middle(path)
            assert 0 <= x <= WIDTH, code
            assert 0 <= y <= height, code
            steps = re.findall(r"-?\d+", re.sub(r"M\d+ \d+", "", path))
            assert max(map(abs, map(int, steps)), default=0) < WIDTH / 4, code


def test_the_licence_ships_with_the_shapes() -> None:
    text = Path(maps.__file__).with_name("MAPS-LICENCE.txt").read_text(encoding="utf-8")
    assert "Michael Bostock" in text
    assert "Permission to use, copy, modify" in text
