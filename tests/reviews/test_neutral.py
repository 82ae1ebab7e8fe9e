"""The wording linter: others, judgement, claims beyond the record, foreign figures, and how easily a text reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.neutral import HARDEST, About, flaws, hard_flaws, reading_grade

OTHERS = About(own=("Orion Chemicals", "R-1203"), others=("Alpha Flow", "R-1188", "80,000 USD", "Orion Chemicals"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Your registration R-1203 for Orion Chemicals is approved.", ""),
        ("We need the day of your meeting.", ""),
        ("It went to Alpha  FLOW instead.", "‘Alpha Flow’ is not this party's"),
        ("See R-1188 for more.", "‘R-1188’ is not this party's"),
        ("R-11887 is another number.", ""),
        ("A competitor was first.", "‘competitor’ tells of others"),
        ("Your rivals were first.", "‘rival’ tells of others"),
        ("You were arrived at first.", ""),
        ("This is a violation of the rules.", "‘violat’ is not neutral"),
        ("You stole the deal.", "‘stole’ is not neutral"),
        ("The default is open.", ""),
        ("You were at fault.", "‘at fault’ is not neutral"),
        ("The customer clearly prefers you.", "‘clearly’ claims more"),
        ("You probably met later.", "‘probably’ claims more"),
        ("The price was $12,500.", "‘$12,500’ is an amount"),
        ("It was 15 % off.", "‘15 %’ is an amount"),
        ("It was worth 80,000 USD.", "‘80,000 USD’ is not this party's"),
    ],
)
def test_what_is_wrong_is_named(text, found):
    problems = flaws(text, OTHERS)
    assert (not problems) if not found else any(problem.startswith(found) for problem in problems), problems


def test_own_figures_are_no_leak_however_they_are_written():
    for own in ("50,000.00 USD", "50000 USD", "$50,000"):
        assert flaws("The deal is worth 50,000 USD.", About(own=(own,))) == []
    assert flaws("Your share is 45 %.", About(own=("45 %",))) == []


def test_a_person_s_text_is_refused_for_others_and_judgement_alone():
    assert hard_flaws("You probably met later, for $5.") == []
    assert len(hard_flaws("Your rival cheated, says Alpha Flow.", OTHERS)) == 3


def test_the_grade_is_the_index_of_senter_and_smith():
    # 4 words, 15 characters, 1 sentence: 4.71 * 15 / 4 + 0.5 * 4 - 21.43 = -1.77: the first year.
    assert reading_grade("We read your note.") == 1.0
    # 10 words, 60 characters, 1 sentence: 28.26 + 5 - 21.43.
    assert reading_grade(" ".join(["abcdef"] * 10) + ".") == pytest.approx(11.83)
    assert reading_grade("") == reading_grade("R-1203 2026-03-04") == 1.0
    hard = "Notwithstanding aforementioned circumstances, determination necessitates supplementary documentation."
    assert reading_grade(hard) > HARDEST
    assert any("school year" in problem for problem in flaws(hard))


def test_names_are_nobody_s_wording():
    name = "Bundesarchitektenkammerverwaltungsgesellschaft"
    assert reading_grade(f"{name} is approved.", (name,)) == reading_grade("It is approved.")


@given(st.text(max_size=40), st.text(max_size=40), st.text(alphabet="abcdefghijk", min_size=3, max_size=12))
def test_a_planted_name_is_always_found(before, after, name):
    text = f"{before} {name} {after}"
    assert any(name in problem for problem in hard_flaws(text, About(others=(name,))))


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text):
    assert isinstance(flaws(text), list)
    assert reading_grade(text) >= 1
