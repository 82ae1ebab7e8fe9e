"""The page that explains the score shows what the score says."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.identity.picture import COLOURS, FOLDER, draw, judged


@pytest.mark.parametrize("theme", sorted(COLOURS))
def test_the_picture_is_what_the_shipped_weights_say(theme: str) -> None:
    kept = (FOLDER / f"identity-why-{theme}.svg").read_text(encoding="utf-8")
    assert kept == draw(judged(), COLOURS[theme]), "run: python -m benchmarks.identity.picture"
    words = " ".join(ElementTree.fromstring(kept).itertext())
    assert all(reason.sentence.split()[0] in words for reason in judged().reasons)


def test_its_numbers_add_up_and_it_shows_both_sides() -> None:
    found = judged()
    assert sum(round(reason.bits, 1) for reason in found.reasons) == pytest.approx(found.bits, abs=0.15)
    assert {reason.bits > 0 for reason in found.reasons} == {True, False}
    assert len(found.reasons) >= 4


def test_the_page_is_one_page_and_shows_the_picture() -> None:
    page = (FOLDER.parent / "identity.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 60
    for theme in COLOURS:
        assert f"images/identity-why-{theme}.svg" in page
        assert Path(FOLDER / f"identity-why-{theme}.svg").exists()
