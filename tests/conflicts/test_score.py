"""Step 7: what each claimant has to show, window boundaries included."""

from __future__ import annotations

import pytest

from conflicts.facts import DIRECT
from tests.conflicts.build import World, ago, chain_world, key, on, world


def points(made: World, partner: str) -> dict[str, int]:
    """The criteria in which a claimant has points."""
    rows = made.recommend().score_rows
    return {row.criterion: row.points for row in rows if row.claimant == key(partner) and row.points}


def rivals() -> World:
    return world().registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 10)


def test_the_earliest_claim_has_thirty_and_ties_share_none() -> None:
    assert points(rivals(), "ALPHA") == {"earliest": 30}
    assert points(rivals(), "BETA") == {}
    made = world().registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 20)
    assert points(made, "ALPHA") == points(made, "BETA") == {}


def test_equal_scores_rank_by_the_earlier_claim() -> None:
    made = world().registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 20).partner("OMEGA")
    made.registration("R-3", "OMEGA", 300)
    for ref in ("R-1", "R-2"):
        made.activity(ref, "technical_validation", 14)
    ranked = dict.fromkeys(row.claimant for row in made.recommend().score_rows)
    assert list(ranked) == [key("OMEGA"), key("ALPHA"), key("BETA")]  # 30, 30 and 30
    assert made.outcome() == ("R-12", "mediate")


def test_earliest_counts_created_at_and_valid_from() -> None:
    made = rivals().opportunity("O-1", created_at=ago(21))
    assert points(made, DIRECT) == {"earliest": 30}
    assert points(made.ownership("BETA", valid_from=on(70)), "BETA") == {"earliest": 30}
    assert points(rivals().ownership("BETA", valid_from=None), "ALPHA") == {"earliest": 30}


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["first_contact"], 5),
        (["meeting"], 10),
        (["technical_validation"], 15),
        (["proposal"], 20),
        (["sow_signed"], 25),
        (["sow_signed", "meeting"], 25),
        (["phone_call"], 0),
    ],
)
def test_proof_of_work_counts_the_highest_activity_however_old(kinds: list, expected: int) -> None:
    made = rivals()
    for kind in kinds:
        made.activity("R-2", kind, 900)
    assert points(made, "BETA").get("proof", 0) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(0, 15), (14, 15), (15, 10), (30, 10), (31, 5), (60, 5), (61, 0), (-1, 0)]
)
def test_last_activity_counts_whole_days_inclusive(days: int, expected: int) -> None:
    assert points(rivals().activity("R-2", "phone_call", days), "BETA").get("last_activity", 0) == expected
    made = rivals().ownership("BETA", valid_from=on(900), last_activity_at=ago(days).replace(hour=1))
    if days > 60 or days < 0:  # within 60 days step 5 decides, but the score is shown all the same
        assert made.outcome()[0] != "R-06"
    assert points(made, "BETA").get("last_activity", 0) == expected


def test_last_activity_of_an_opportunity_is_its_own_and_its_creation_is_none() -> None:
    assert points(rivals().opportunity("O-1", last_activity_at=ago(15)), DIRECT) == {"last_activity": 10}
    assert points(rivals().opportunity("O-1"), DIRECT) == {}


def test_the_latest_of_all_claims_counts() -> None:
    made = rivals().activity("R-2", "phone_call", 50).ownership("BETA", last_activity_at=ago(20), lines="pumps")
    assert points(made, "BETA")["last_activity"] == 10


@pytest.mark.parametrize(
    ("owner", "support", "more", "expected"),
    [
        ("BETA", "", {"subdivisions": "US-TX"}, 15),
        ("", "BETA", {"subdivisions": "US-TX"}, 15),
        ("BETA", "", {"subdivisions": "US-CA"}, 0),
        ("BETA", "", {"lines": "valves"}, 0),
        ("BETA", "", {"valid_until": on(10)}, 15),
        ("BETA", "", {"valid_until": on(11)}, 0),
        ("", "", {}, 0),
    ],
)
def test_inside_own_territory_is_judged_at_submission(owner: str, support: str, more: dict, expected: int) -> None:
    assert points(rivals().territory("T", owner, support, **more), "BETA").get("own_territory", 0) == expected


def test_a_distributors_territory_is_the_resellers_own_and_direct_has_none() -> None:
    made = chain_world().registration("R-1", "ALPHA", 20).registration("R-2", "DELTA", 10).opportunity("O-1")
    made.territory("T", "GAMMA direct")
    assert points(made, "DELTA") == {"own_territory": 15}
    assert points(made, DIRECT) == {}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"closed_at": ago(730)}, 15),
        ({"closed_at": ago(731)}, 0),
        ({"closed_at": ago(730).replace(hour=0)}, 15),
        ({"closed_at": ago(-1)}, 0),
        ({"closed_at": None}, 0),
        ({"closed_at": ago(5), "stage": "closed_lost"}, 0),
        ({"closed_at": ago(5), "account": "CHILD"}, 0),
        ({"closed_at": ago(5), "lines": "controls"}, 15),
    ],
)
def test_closed_won_on_a_cases_account_within_24_months(more: dict, expected: int) -> None:
    made = rivals().account("CHILD", parent="ACME")
    made.opportunity("O-W", "BETA", **({"stage": "closed_won", "created_at": ago(900)} | more))
    assert points(made, "BETA").get("closed_won", 0) == expected
    assert "closed_won" not in points(made, "ALPHA")


def test_closed_won_on_another_account_of_the_case_counts() -> None:
    made = rivals().account("CHILD", parent="ACME").opportunity("O-1", account="CHILD")
    made.opportunity("O-W", "BETA", account="CHILD", stage="closed_won", closed_at=ago(5))
    assert points(made, "BETA") == {"closed_won": 15}
    assert points(made.opportunity("O-X", stage="closed_won", closed_at=ago(5)), DIRECT) == {"closed_won": 15}


@pytest.mark.parametrize(
    ("kind", "verified", "expected"),
    [("customer_letter", True, 40), ("customer_letter", False, 0), ("purchase_order", True, 0)],
)
def test_only_a_verified_letter_of_the_customer_counts(kind: str, verified: bool, expected: int) -> None:
    assert points(rivals().letter("R-2", verified, kind), "BETA").get("customer_letter", 0) == expected


def test_all_eligible_claims_of_one_claimant_count_together() -> None:
    made = rivals().ownership("BETA", valid_from=on(300)).registration("R-3", "BETA", 5, "valves")
    made.registration("R-4", "ALPHA", 4, "valves").activity("R-3", "meeting", 40).letter("R-2")
    assert points(made, "BETA") == {"earliest": 30, "proof": 10, "last_activity": 5, "customer_letter": 40}


def test_a_chain_counts_together_and_is_named_by_its_first_registrant() -> None:
    made = chain_world().registration("R-1", "ALPHA", 20).registration("R-2", "GAMMA", 30)
    made.registration("R-3", "DELTA", 10).activity("R-3", "meeting", 1).letter("R-3")
    made.opportunity("O-W", "DELTA", stage="closed_won", closed_at=ago(5))
    expected = {"earliest": 30, "proof": 10, "last_activity": 15, "closed_won": 15, "customer_letter": 40}
    assert points(made, "GAMMA") == expected
    assert made.outcome() == ("R-08", "award GAMMA")


def test_claims_that_are_not_eligible_do_not_count() -> None:
    made = rivals().registration("R-3", "BETA", 5).activity("R-3", "sow_signed").letter("R-3")
    assert points(made, "BETA") == {}  # R-3 is a duplicate of R-2


@pytest.mark.parametrize(("kind", "outcome"), [("phone_call", "award ALPHA"), ("first_contact", "request_information")])
def test_a_lead_of_the_margin_itself_is_enough(kind: str, outcome: str) -> None:
    made = rivals().activity("R-2", kind, 14)  # 30 to 15, and 30 to 20
    assert made.outcome()[1] == outcome


def test_an_unknown_fact_of_the_account_is_shown_as_unknown() -> None:
    made = world().account("BARE", industry="").registration("R-1", "ALPHA", 20, account="BARE")
    made.registration("R-2", "BETA", 10, account="BARE").territory("T", "BETA", industries="325")
    row = next(
        item
        for item in made.recommend().score_rows
        if (item.claimant, item.criterion) == (key("BETA"), "own_territory")
    )
    assert not row.known
    assert "unknown without its industry" in row.sentence
