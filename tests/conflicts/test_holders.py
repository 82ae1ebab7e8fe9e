"""Leaving out holders of a rule who do not matter changes no finding, no sentence, no collision and no route."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.claims import claim_sets, live_claims
from conflicts.detectors import detect
from conflicts.facts import DIRECT, Assignment, Facts, Territory
from conflicts.narrow import narrow
from conflicts.recommend import recommend
from conflicts.territories import Holders, territory_overlaps
from conflicts.windows import day
from reviews.routing import route
from tests.conflicts.build import NOW, POLICY, TODAY, World, chain_world, key, on

CLAIMANTS = ("ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON")
CROWD = tuple(f"MANY-{number}" for number in range(12))


def crowded(rule: Territory, assigned: list[tuple[str, str, date | None, date | None]]) -> Territory:
    many = tuple(Assignment(f"{rule.id}-{n}", rule.ref, key(who), role, begins, ends)
                 for n, (who, role, begins, ends) in enumerate(assigned))  # fmt: skip
    return replace(rule, assignments=many)


@st.composite
def vendors(draw: st.DrawFn) -> Facts:
    """Rules with up to a dozen holders each, some of one chain, some for a time only, some called alike."""
    made: World = chain_world().account("OTHER", country="DE").account("HOUSE", subdivision="US-CA")
    for number, who in enumerate(CROWD):
        made.partner(who, distributor=draw(st.sampled_from(("", "", "", *CLAIMANTS))), agreement=False)
        if number % 4 == 0:
            made.lists["partners"][-1] = replace(made.lists["partners"][-1], name="Namesake")
    for number in range(draw(st.integers(1, 4))):
        made.registration(
            f"R-{number}", draw(st.sampled_from((*CLAIMANTS, DIRECT))), draw(st.integers(0, 40)) + number / 100,
            draw(st.sampled_from(("pumps", "valves", "pumps valves"))),
            account=draw(st.sampled_from(("ACME", "OTHER", "HOUSE"))), status=draw(st.sampled_from(("submitted", "approved"))),
        )  # fmt: skip
    days = st.none() | st.integers(-5, 45).map(on)
    part = st.tuples(st.sampled_from((*CLAIMANTS, *CROWD, *CROWD, DIRECT)), st.sampled_from(("owner", "owner", "support")), days,
                     st.none() | st.integers(-60, 30).map(on))  # fmt: skip
    same = draw(st.lists(part, max_size=14))
    for number in range(draw(st.integers(1, 5))):
        made.territory(
            f"T-{number}", countries=draw(st.sampled_from(("", "US", "DE"))), lines=draw(st.sampled_from(("", "pumps"))),
            exclusive=draw(st.booleans()), priority=draw(st.sampled_from((1, 2))),
            valid_from=draw(st.none() | st.just(TODAY + timedelta(days=3))),
        )  # fmt: skip
        rule = made.lists["territories"][-1]
        made.lists["territories"][-1] = crowded(rule, draw(st.just(same) | st.lists(part, max_size=14)))
    return made.facts()


def cut(facts: Facts) -> Facts:
    """As conflicts.load cuts: for everybody who claims something here."""
    people = {item.id: item for item in facts.partners}
    judged: dict[str, set[date]] = {claim.claimant: set() for claim in live_claims(facts, POLICY)}
    for claim in live_claims(facts, POLICY):
        if claim.since:
            judged[claim.claimant].add(day(claim.since))
    rules = Holders(people, facts.at).cut(facts.territories, judged, people)
    kept = set(judged) | {one.assignee for rule in rules for one in rule.assignments}
    kept |= {item.distributor_id for item in facts.partners if item.id in kept}
    return replace(facts, territories=rules, partners=tuple(item for item in facts.partners if item.id in kept))


def pairs(facts: Facts) -> list[tuple[str, str, str]]:
    return [(*found.refs, found.sentence) for found in territory_overlaps(facts.territories, NOW)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(vendors())
def test_what_is_left_out_changes_nothing(facts: Facts) -> None:
    fewer = cut(facts)
    assert detect(fewer, POLICY) == detect(facts, POLICY)
    assert pairs(fewer) == pairs(facts)
    for claim_set in claim_sets(facts, POLICY):
        case = narrow(facts, claim_set)
        assert narrow(fewer, claim_set) == case
        assert narrow(case, claim_set) == case
        mine = [f for f in detect(facts, POLICY) if f.registration_id in claim_set.registration_ids]
        assert detect(case, POLICY) == mine
        whole = replace(case, territories=facts.territories, partners=facts.partners)
        said = recommend(case, mine, POLICY)
        assert said == recommend(whole, mine, POLICY)
        assert route(case, mine, said, POLICY) == route(whole, mine, said, POLICY)


def test_of_many_holders_three_are_named_and_few_are_kept() -> None:
    made = chain_world().registration("R-1", "ALPHA")
    crowd = [f"P{number:03}" for number in range(400)]
    for who in crowd:
        made.partner(who, agreement=False)
    facts = made.territory("T-1", " ".join(crowd), countries="US", exclusive=True).facts()
    (claim_set,) = claim_sets(facts, POLICY)
    case = narrow(facts, claim_set)
    (found,) = detect(case, POLICY)
    assert found.sentence == "Acme lies in Territory T-1, the exclusive territory of P000, P001, P002 and others."
    assert found.evidence[-1].text == (
        "T-1: exclusive territory Territory T-1, P000 (owner), P001 (owner), P002 (owner) and others"
    )
    assert [item.assignee for item in case.territories[0].assignments] == [key(who) for who in crowd[:4]]
    assert len(case.partners) == 5


def test_two_rules_that_one_of_many_tells_apart_still_collide() -> None:
    crowd = [f"P{number}" for number in range(10, 20)]
    made = chain_world().registration("R-1", "ALPHA").registration("R-2", "BETA", 4)
    for who in (*crowd, "P99"):
        made.partner(who, agreement=False)
    made.territory("T-1", " ".join(crowd), countries="US").territory("T-2", " ".join((*crowd, "P99")), countries="US")
    facts = made.facts()
    (claim_set,) = claim_sets(facts, POLICY)
    case = narrow(facts, claim_set)
    assert pairs(case) == pairs(facts)
    assert len(pairs(case)) == 1
    assert max(len(rule.assignments) for rule in case.territories) == 5
    said = recommend(case, detect(case, POLICY), POLICY)
    assert route(case, detect(case, POLICY), said, POLICY)[0] == "sales_ops"


def test_the_resellers_of_the_claimant_are_not_the_others() -> None:
    made, resellers = chain_world().registration("R-1", "ALPHA"), [f"P{number}" for number in range(10, 20)]
    for who in resellers:
        made.partner(who, agreement=False, distributor="ALPHA")
    made.partner("P99", agreement=False)
    facts = made.territory("T-1", " ".join((*resellers, "P99")), countries="US", exclusive=True).facts()
    (claim_set,) = claim_sets(facts, POLICY)
    (found,) = detect(narrow(facts, claim_set), POLICY)
    assert found.sentence == "Acme lies in Territory T-1, the exclusive territory of P99."
    assert [found] == detect(facts, POLICY)
