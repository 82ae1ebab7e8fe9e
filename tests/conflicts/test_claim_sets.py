"""One claim set for each account family and linked products; narrowing one keeps its findings and its answer."""

from __future__ import annotations

import pytest

from conflicts.claims import claim_sets
from conflicts.detectors import detect, makes_case
from conflicts.facts import DIRECT
from conflicts.narrow import narrow
from conflicts.recommend import recommend
from tests.conflicts.build import POLICY, World, ago, chain_world, key, on, world


def sets(made: World) -> list[list[str]]:
    """The refs of each claim set."""
    return sorted(sorted(claim.ref for claim in item.claims) for item in claim_sets(made.facts(), POLICY))


def test_all_live_claims_on_an_account_and_its_products_are_one_set() -> None:
    made = world().registration("R-1", "ALPHA").registration("R-2", "BETA").ownership("BETA").opportunity("O-1")
    made.registration("R-3", "BETA", status="rejected").opportunity("O-2", "BETA").opportunity(
        "O-3", stage="closed_won"
    )
    assert sets(made) == [["ACME:BETA", "O-1", "R-1", "R-2"]]


def test_products_link_transitively() -> None:
    made = world().registration("R-1", "ALPHA", lines="pumps").registration("R-2", "BETA", lines="valves")
    assert sets(made) == [["R-1"], ["R-2"]]
    assert sets(made.registration("R-3", "BETA", lines="pumps valves")) == [["R-1", "R-2", "R-3"]]


def test_a_claim_for_all_products_links_everything() -> None:
    made = world().registration("R-1", "ALPHA", lines="pumps").registration("R-2", "BETA", lines="valves")
    assert sets(made.ownership(DIRECT)) == [["ACME:direct", "R-1", "R-2"]]


def test_a_family_is_one_set_and_strangers_are_another() -> None:
    made = world().account("CHILD", parent="ACME").account("SISTER", parent="ACME").account("OTHER")
    for number, account in enumerate(("CHILD", "SISTER", "OTHER", "CHILD")):
        lines = "valves" if number == 3 else "pumps"
        made.registration(f"R-{number}", "ALPHA", account=account, lines=lines)
    assert sets(made) == [["R-0", "R-1"], ["R-2"], ["R-3"]]


def test_a_possible_match_joins_both_families() -> None:
    made = world().account("NEW").registration("R-1", "ALPHA").registration("R-2", "BETA", account="NEW")
    assert sets(made) == [["R-1"], ["R-2"]]
    made.registration("R-3", "BETA", account="NEW", possible="ACME")
    assert sets(made) == [["R-1", "R-2", "R-3"]]


def test_registrations_without_an_account_stand_alone() -> None:
    made = world().registration("R-1", "ALPHA", account="").registration("R-2", "BETA", account="")
    assert sets(made) == [["R-1"], ["R-2"]]
    assert made.findings() == []


def test_a_set_knows_its_accounts_products_and_registrations() -> None:
    made = world().registration("R-1", "ALPHA", 9, "pumps valves").opportunity("O-1", lines="pumps controls")
    (found,) = claim_sets(made.facts(), POLICY)
    assert found.product_lines == {"pumps", "valves", "controls"}
    assert found.account_ids == {key("ACME")}
    assert found.registration_ids == (key("R-1"),)
    (found,) = claim_sets(made.ownership("BETA").facts(), POLICY)
    assert found.product_lines == frozenset()


@pytest.mark.parametrize(
    ("made", "case"),
    [
        (world().registration("R-1", "ALPHA"), False),
        (world().registration("R-1", "ALPHA").registration("R-0", "ALPHA", 90, status="rejected"), False),
        (chain_world().registration("R-1", "DELTA").registration("R-2", "GAMMA"), False),
        (world().registration("R-1", "ALPHA").registration("R-2", "BETA"), True),
        (world().registration("R-1", "ALPHA").opportunity("O-1", co_sell="ALPHA"), True),
        (world().ownership("ALPHA").ownership("BETA"), False),
    ],
)
def test_only_some_findings_make_a_case(made: World, case: bool) -> None:
    assert makes_case(made.findings(), POLICY) is case


def crowded() -> World:
    """Three claim sets that know of one another: capacity, territories, exceptions, family, quotes, history."""
    made = chain_world().partner("OMEGA", tier="silver").account("CHILD", parent="ACME").account("OTHER")
    made.registration("R-1", "OMEGA", 5).registration("R-2", "OMEGA", 9, "valves").elsewhere("R-3", "OMEGA", 8)
    made.registration("R-4", "BETA", 3, account="CHILD").registration("R-5", "DELTA", 4, account="OTHER")
    made.registration("R-6", "GAMMA", 3, account="OTHER").registration("R-7", "ALPHA", 2, account="OTHER")
    made.registration("R-0", "OMEGA", 80, status="rejected").ownership("BETA", "OTHER", last_activity_at=ago(3))
    made.territory("T-1", "GAMMA", subdivisions="US-CA").territory("T-2", "ALPHA", exclusive=True, named="OTHER")
    made.territory("T-3", "BETA", countries="GB").exception("competing_registration", "OTHER", "ALPHA")
    made.quote("Q-1", "OMEGA", 100).quote("Q-2", "BETA", 200).quote("Q-3", "ALPHA", 5, account="OTHER")
    made.opportunity("O-W", "ALPHA", "OTHER", stage="closed_won", closed_at=ago(9)).opportunity("O-1", account="CHILD")
    return (
        made.activity("R-1", "meeting").activity("R-7", "proposal").letter("R-5").ownership("OMEGA", valid_until=on(1))
    )


def test_a_narrowed_set_has_the_same_findings_and_the_same_answer() -> None:
    facts = crowded().facts()
    everything = {(item.registration_id, item.kind, item.against_id): item for item in detect(facts, POLICY)}
    seen = {}
    for found in claim_sets(facts, POLICY):
        case = narrow(facts, found)
        mine = detect(case, POLICY)
        assert claim_sets(case, POLICY) == [found]
        assert narrow(case, found) == case
        seen |= {(item.registration_id, item.kind, item.against_id): item for item in mine}
        assert recommend(case, mine, POLICY).action
    assert seen == everything
    assert {kind for _, kind, _ in seen} >= {"capacity_reached", "resubmission", "corporate_family", "price_overlap"}


def test_many_claims_are_linked_in_one_pass() -> None:
    made = world()
    for number in range(400):
        made.account(f"A{number}").registration(f"R-{number}", "ALPHA", account=f"A{number}")
    assert len(claim_sets(made.facts(), POLICY)) == 400
