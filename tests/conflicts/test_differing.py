"""What changes from one summary of the rules to the next: by a table, and by what must hold for any two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts.policy.differing import ORDER, Change, changes_between
from conflicts.policy.readable import summary_of
from conflicts.policy.standard import STANDARD


def part(title="Time", note="", **lines):
    """A part of a summary."""
    return {"title": title, "note": note, "lines": [{"label": k, "text": v} for k, v in lines.items()]}


@pytest.mark.parametrize(
    ("before", "now", "found"),
    [
        ([part(a="1")], [part(a="1")], []),
        ([part(a="1")], [part(a="2")], [Change("Time", "a", "1", "2")]),
        ([part(a="1")], [part(a="1", b="2")], [Change("Time", "b", "", "2")]),
        ([part(a="1", b="2")], [part(a="1")], [Change("Time", "b", "2", "")]),
        ([part(a="1")], [], [Change("Time", "a", "1", "")]),
        ([], [part(a="1")], [Change("Time", "a", "", "1")]),
        ([part(note="x")], [part(note="y")], [Change("Time", "Of all of this", "x", "y")]),
        ([part(a="1", b="2")], [part(b="2", a="1")], [Change("Time", ORDER, "a, then b", "b, then a")]),
    ],
)
def test_the_difference_of_two_summaries(before, now, found) -> None:
    assert changes_between(before, now) == found


def test_two_lines_of_one_label_are_told_apart() -> None:
    twice = {"title": "T", "lines": [{"label": "a", "text": "1"}, {"label": "a", "text": "2"}]}
    once = {"title": "T", "lines": [{"label": "a", "text": "1"}]}
    assert changes_between([twice], [once]) == [Change("T", "a", "2", "")]
    assert changes_between([twice], [twice]) == []


LINES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("123")), max_size=5)
PARTS = st.lists(st.tuples(st.sampled_from("XYZ"), LINES), max_size=3, unique_by=lambda p: p[0]).map(
    lambda parts: [{"title": t, "note": "", "lines": [{"label": k, "text": v} for k, v in lines]} for t, lines in parts]
)


@given(PARTS, PARTS)
def test_nothing_changes_just_where_all_says_the_same(before, now) -> None:
    same = {p["title"]: p["lines"] for p in before if p["lines"]} == {p["title"]: p["lines"] for p in now if p["lines"]}
    assert (changes_between(before, now) == []) == same
    there, back = changes_between(before, now), changes_between(now, before)
    assert sorted((c.part, c.label, c.before, c.now) for c in there) == sorted(
        (c.part, c.label, c.now, c.before) for c in back
    )


def test_of_the_standard_policy_a_shorter_protection_is_one_line() -> None:
    changed = {**STANDARD, "protection": {**STANDARD["protection"], "days": 45}}
    (found,) = changes_between(summary_of(STANDARD)["parts"], summary_of(changed)["parts"])
    assert (found.part, found.label) == ("What an approval gives", "Approved")
    assert "90 days" in found.before
    assert "45 days" in found.now
