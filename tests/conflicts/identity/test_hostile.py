"""Whatever is typed: an answer in bounded time, never an exception, never `same` without evidence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import SAME, decide, match

MILLION = Corpus(1_000_000, {"global": 1_000_000, "sol": 1_000_000, "grp": 40_000}, {"global sol": 1_000_000})
NOTHING_SAID = [
    "", " ", "x", "X.", "1", "😀", "🏭🏭🏭", "\x00\x07\x1b", "\u202e\u202d", "GmbH", "Ltd", "S.A.", "株式会社", "ООО", "The",
    "Global", "Group International Services", "&&&", "-", "N/A", "null", "None", "unknown", "NaN",
]  # fmt: skip
LONG = ["a" * 10_000, "a b " * 2_500, "漢" * 10_000, "ß" * 10_000, "GmbH " * 2_000, "(" * 10_000, "é́" * 5_000,
        "שלום " * 2_000, "12 34 " * 1_600, "Ã©" * 5_000, "d/b/a " * 1_600, "i.b.m." * 1_600]  # fmt: skip
text = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([*NOTHING_SAID, "Orion", "Müller", "شركة", "日立", "42", "viii"]), max_size=6).map(
        " ".join
    ),
)
fields = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("country", "city", "postal_code", "domain", "email", "phone"), text)
)
identifiers = st.dictionaries(st.sampled_from(["lei", "vat", "duns", "crm"]), text, max_size=3)


@given(text, text, fields, fields, identifiers, identifiers)
def test_nothing_that_is_typed_raises(
    left: str, right: str, ours: dict[str, str], theirs: dict[str, str], one: dict[str, str], two: dict[str, str]
) -> None:
    query = Party.of(left, **ours, identifiers=one)  # type: ignore[arg-type]
    candidate = Party.of([right, left], **theirs, identifiers=two)  # type: ignore[arg-type]
    found = match(query, candidate, MILLION)
    assert 0 <= found.probability <= 1
    assert all(reason.sentence.endswith(".") for reason in found.reasons)
    assert decide([("a", found)]).verdict == found.verdict


@pytest.mark.parametrize("name", NOTHING_SAID)
@pytest.mark.parametrize("stock", [MILLION, Corpus(2), Corpus(0)], ids=["a million", "two", "none"])
def test_a_name_that_says_nothing_is_never_the_same(name: str, stock: Corpus) -> None:
    assert match(Party.of(name), Party.of(name), stock).verdict != SAME


@pytest.mark.parametrize("name", NOTHING_SAID[:20])
def test_nor_with_a_country(name: str) -> None:
    assert match(Party.of(name, country="US"), Party.of(name, country="US"), MILLION).verdict != SAME


@pytest.mark.parametrize("name", LONG, ids=lambda name: name[:6])
def test_long_names_are_answered_in_time(name: str) -> None:
    began = time.process_time()
    query, candidate = Party.of(name), Party.of(name[: len(name) // 2] + " Orion Chemicals")
    assert 0 <= match(query, candidate, MILLION).probability <= 1
    assert time.process_time() - began < 10  # some milliseconds: what grows with the square would take minutes


def test_a_name_that_a_million_bear_needs_more() -> None:
    typed, ours = Party.of("Global Solutions", country="US"), Party.of("Global Solutions Ltd", country="US")
    alone = match(typed, ours, MILLION)
    assert alone.verdict != SAME
    assert decide([(n, alone) for n in range(30)]).verdict != SAME


@pytest.mark.parametrize(
    "wrong",
    [{"lei": "213800I3ZA8U8E3DLO52"}, {"vat": "DE136695975"}, {"duns": "000000000"}, {"lei": ""}, {"duns": "12"}],
)
def test_wrong_identifiers_decide_nothing(wrong: dict[str, str]) -> None:
    found = match(Party.of("Zeta", identifiers=wrong), Party.of("Orion", identifiers=wrong), MILLION)
    assert found.verdict != SAME
    assert not any(reason.field == "identifier" for reason in found.reasons)
