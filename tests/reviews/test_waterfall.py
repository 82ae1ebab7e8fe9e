"""The bars of "why": each begins where the one before ended, on one scale, and the last is their sum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conflicts.identity.waterfall import waterfall

BITS = st.lists(st.floats(-30, 30).map(lambda x: round(x, 2)), min_size=1, max_size=9)


def reason(bits: float | None, field: str = "legal_form") -> dict:
    return {"field": field, "bits": bits, "sentence": "It says so."}


@given(BITS)
def test_bars_lie_end_to_end_inside_the_picture(worth):
    bars = waterfall([reason(bits) for bits in worth])
    assert all(bar.start >= -0.1 and bar.start + bar.width <= 100.2 for bar in bars)
    assert bars[-1].total
    assert abs(bars[-1].bits - sum(worth)) < 1e-6
    for before, after, bits in zip(bars, bars[1:-1], worth[1:], strict=False):
        ends = before.start + (before.width if before.bits > 0 else 0)
        begins = after.start + (after.width if bits < 0 else 0)
        assert abs(ends - begins) < 0.3


def test_what_bars_say():
    bars = waterfall([reason(-5.6, "start"), reason(9.8, "name"), reason(4.6, "legal_form"), reason(1.1)])
    assert [bar.field for bar in bars] == ["start", "name", "legal form", "legal form", "together"]
    assert bars[-1].sentence == "955 to 1 that it is this company, looked at alone."
    assert waterfall([reason(-4.0)])[-1].sentence == "16 to 1 against this company, looked at alone."
    assert waterfall([reason(0.2)])[-1].sentence == "As likely this company as not."
    assert waterfall([reason(40.0)])[-1].sentence.startswith("More than 1,000 to 1")


def test_what_a_person_said_has_no_bars():
    bars = waterfall([reason(None, "person")])
    assert [(bar.bits, bar.total) for bar in bars] == [(None, False)]
