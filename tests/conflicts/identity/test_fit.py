"""Learning weights from reviewed queries: the right signs, what is kept stays, and nothing to learn from is no error."""

from __future__ import annotations

import random

from conflicts.identity.evidence import SIGNS
from conflicts.identity.fit import Reviewed, fit
from conflicts.identity.score import probability
from conflicts.identity.weights import SHIPPED


def queries(count: int) -> list[Reviewed]:
    """Equal names are right in nine of ten, other countries in one of twenty."""
    chance, made = random.Random(5), []
    for _ in range(count):
        right = chance.random() < 0.7
        good = {"name_exact": 1.0, "country_same": 1.0} if right else {"name_exact": float(chance.random() < 0.1)}
        bad = {"name_alien": 1.0, ("country_differs" if chance.random() < 0.9 else "country_same"): 1.0}
        made.append(Reviewed([good, bad], 0 if right else -1))
    return made


def test_learned_weights_have_the_signs_that_keep_the_score_monotone() -> None:
    learned = fit(queries(300), version="t", kept={"postal_same": 3.0})
    assert learned.bits["name_exact"] > 1
    assert learned.bits["country_differs"] <= 0
    assert learned.bits["postal_same"] == 3.0
    assert all(SIGNS[fact] * bits >= 0 for fact, bits in learned.bits.items())
    assert probability(learned.start + learned.bits["name_exact"] + learned.bits["country_same"]) > 0.8


def test_the_shipped_weights_are_whole_and_monotone() -> None:
    assert set(SHIPPED.bits) == set(SIGNS)
    assert all(SIGNS[fact] * bits >= 0 for fact, bits in SHIPPED.bits.items())


def test_nothing_to_learn_from() -> None:
    assert set(fit([], version="t", kept={}).bits.values()) == {0.0}
    assert fit([Reviewed([], -1)], version="t", kept={}).version == "t"
