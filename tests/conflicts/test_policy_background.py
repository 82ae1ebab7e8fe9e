"""What the static checks take for granted about facts is so in every case that we have or can make up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import Facts
from conflicts.narrow import narrow
from conflicts.policy import STANDARD, Policy
from conflicts.policy.background import _LEFT, HIDDEN, against, background, finds, ordinary
from conflicts.policy.catalogue import BETWEEN, FACTS, GROUPS, WHO
from conflicts.policy.conditions import TRUE, Value, state_of
from conflicts.policy.rules import Then
from conflicts.recommend import derived
from conflicts.recommend.rules import outcome_of
from conflicts.recommend.weigh import Case
from reviews.training.shelf import FOLDER
from tests.conflicts.build import World
from tests.conflicts.test_exercises_pure import read
from tests.conflicts.test_properties import worlds

POLICY = Policy.from_document(STANDARD)
FILES = sorted(FOLDER.glob("*.json"))
EVERYBODY = (
    *(Then("award", owner=owner) for owner in WHO),
    *(Then("co_sell", owner=owner, support=support) for owner, support in product(WHO, GROUPS)),
    *(Then("split", between=between) for between in BETWEEN),
)


def cases(facts: Facts, policy: Policy) -> Iterator[Case]:
    for claim_set in claim_sets(facts, policy):
        narrowed = narrow(facts, claim_set)
        yield Case(narrowed, tuple(detect(narrowed, policy)), policy)


def values_of(case: Case) -> dict[str, Value | None]:
    """The facts of a real case, the hidden ones too."""
    values: dict[str, Value | None] = dict(derived.Values(case))
    values["partner_leads"] = bool(derived.top_partner(case))
    for owner, support in _LEFT:
        left = set(derived.GROUPS[support](case)) - {derived.WHO[owner](case)}
        values[f"left_{owner}_{support}"] = bool(left)
    assert set(values) == {*FACTS, *HIDDEN}
    return values


def holds_of(case: Case) -> None:
    """No axiom is broken, and who is found is found."""
    values = values_of(case)
    assert against(values, case.policy) == [], values
    for then in EVERYBODY:
        assert (outcome_of(case, then) is not None) == (state_of(finds(then), values, {}) == TRUE), (then, values)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_so_in_the_exercises(path: object) -> None:
    facts = read(json.loads(path.read_text()))  # type: ignore[attr-defined]
    for case in cases(facts, POLICY):
        holds_of(case)


BLOCKS = st.sampled_from(["always", "never"])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """The standard with other points, segments and findings that block."""
    points = st.integers(0, 30)
    proof = {kind: draw(points) for kind in STANDARD["scoring"]["proof"]}
    kinds = {kind: replace(item, blocks=draw(BLOCKS)) for kind, item in POLICY.findings.items()}
    parameters = replace(
        POLICY.parameters,
        proof_needed=draw(st.sampled_from(sorted(proof))),
        reserved_segments=draw(st.sampled_from([("strategic", "house", "named"), ("house",), ()])),
    )
    scoring = replace(POLICY.scoring, proof=proof, earliest=draw(points), closed_won=draw(points))
    return replace(POLICY, scoring=scoring, parameters=parameters, findings=kinds)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(), st.just(POLICY) | policies())
def test_it_is_so_in_cases_that_were_made_up(made: World, policy: Policy) -> None:
    for case in cases(made.facts(), policy):
        holds_of(case)


def test_an_ordinary_case_can_be_and_every_statement_can_be_broken() -> None:
    """An axiom that no values go against would say nothing."""
    usual = ordinary(POLICY)
    assert set(usual) == {*FACTS, *HIDDEN}
    assert against(usual, POLICY) == []
    broken = [
        usual | {"claimants": 0, "eligible_claimants": 0},
        usual | {"eligible_claimants": 3},
        usual | {"reserved_workers": 1},
        usual | {"lead": 400},
        usual | {"lead": None},
        usual | {"lesser_proof": 25},
        usual | {"best_proof": 7},
        usual | {"finding_tier_insufficient": True},
        usual | {"reserved_account": True},
        usual | {"co_sell_named": True},
        usual | {"partner_leads": False},
        usual | {"amount": -1},
        usual | {"claimants": None},
    ]
    assert all(against(values, POLICY) for values in broken)
    assert all(axiom.reason.endswith(".") for axiom in background(POLICY))
