"""What the static checks take for granted about facts is so in the exercises, as production reads them from the database."""

import os

import pytest

from conflicts.detectors import detect
from conflicts.facts import from_memo
from conflicts.models import Recommendation
from conflicts.policy import STANDARD, Policy
from conflicts.recommend.weigh import Case
from reviews import exercises
from reviews.training import shelf
from tests.conflicts.test_policy_background import holds_of

NAMES = list(shelf.library())[:: 1 if os.environ.get("PROVE") else 12]


def memos(program, done):
    return list(Recommendation.objects.filter(program=program).order_by("pk").values_list("facts", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("first", range(2))
def test_it_is_so_in_the_exercises(first):
    policy, seen = Policy.from_document(STANDARD), 0
    for name in NAMES[first::2]:
        for memo in exercises.play(shelf.exercise(name), memos):
            facts = from_memo(memo)
            holds_of(Case(facts, tuple(detect(facts, policy)), policy))
            seen += 1
    assert seen > 4
