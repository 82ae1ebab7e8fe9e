"""Merged accounts and partners: wherever facts name one, they name the one that it counts as."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings

from conflicts.facts import Facts, from_memo, to_memo
from conflicts.standing import stand
from tests.conflicts.build import World, key, world
from tests.conflicts.test_properties import worlds


def renamed(facts: Facts, one: str, other: str) -> Facts:
    """The same by another way: every mention in the memo replaced, the merged row dropped."""
    left = replace(
        facts,
        accounts=tuple(a for a in facts.accounts if a.id != one),
        partners=tuple(p for p in facts.partners if p.id != one),
    )
    text = json.dumps(to_memo(left)).replace(f'"{one}"', f'"{other}"')
    found = from_memo(json.loads(text))
    return replace(
        found,
        accounts=tuple(replace(a, parent_id="" if a.parent_id == a.id else a.parent_id) for a in found.accounts),
        partners=tuple(
            replace(p, distributor_id="" if p.distributor_id == p.id else p.distributor_id) for p in found.partners
        ),
    )


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_every_mention_of_a_merged_account_is_the_one_that_stands(made: World) -> None:
    facts = made.facts()
    assert stand(facts, {key("OTHER"): key("ACME")}, {}) == renamed(facts, key("OTHER"), key("ACME"))
    assert stand(facts, {key("ACME"): key("CHILD")}, {}) == renamed(facts, key("ACME"), key("CHILD"))


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_every_mention_of_a_merged_partner_is_the_one_that_stands(made: World) -> None:
    facts = made.facts()
    for one, other in (("BETA", "ALPHA"), ("DELTA", "GAMMA")):
        assert stand(facts, {}, {key(one): key(other)}) == renamed(facts, key(one), key(other))


def test_nothing_merged_is_nothing_changed() -> None:
    facts = world().registration("R-1", "ALPHA").facts()
    assert stand(facts, {}, {}) is facts


def test_two_names_of_one_partner_do_not_compete() -> None:
    made = world().registration("R-1", "ALPHA", 9).registration("R-2", "BETA", 5)
    assert ("competing_registration", "R-1") in made.kinds("R-2")
    facts = stand(made.facts(), {}, {key("BETA"): key("ALPHA")})
    made.lists["registrations"] = list(facts.registrations)
    assert made.kinds("R-2") == [("duplicate_registration", "R-1")]


def test_an_unconfirmed_relative_is_found_and_marked() -> None:
    made = world().account("PERHAPS").registration("R-1", "ALPHA", 9)
    made.registration("R-2", "BETA", 5, account="PERHAPS", related_account_id=key("ACME"))
    (finding,) = [f for f in made.findings() if f.registration_id == key("R-2")]
    assert (finding.kind, finding.against_ref, finding.identity_confirmed) == ("corporate_family", "R-1", False)
    assert any("a relative of Acme" in line for line in made.recommend().missing)
