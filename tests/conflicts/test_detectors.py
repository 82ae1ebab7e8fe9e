"""Claim against claim: one table row a sentence of the policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conflicts.facts import DIRECT
from tests.conflicts.build import NOW, World, ago, chain_world, on, world

FAMILY = {"parent": "ACME"}


def two() -> World:
    """Alpha's R-1 of five days ago and the world around it."""
    return world().registration("R-1", "ALPHA", 5)


# -- duplicate_registration ------------------------------------------------------------------------------------


def test_an_earlier_live_registration_of_the_partner_itself_is_a_duplicate_and_blocks() -> None:
    made = two().registration("R-0", "ALPHA", 9)
    assert made.kinds("R-1") == [("duplicate_registration", "R-0")]
    assert made.kinds("R-0") == []
    assert made.blocked() == {"duplicate_registration"}


def test_each_earlier_one_is_named() -> None:
    made = two().registration("R-0", "ALPHA", 9).registration("R-00", "ALPHA", 12)
    assert made.kinds("R-1") == [("duplicate_registration", "R-0"), ("duplicate_registration", "R-00")]
    assert made.kinds("R-0") == [("duplicate_registration", "R-00")]


def test_of_two_at_the_same_instant_exactly_one_is_a_duplicate() -> None:
    made = two().registration("R-2", "ALPHA", 5)
    assert made.kinds("R-1") == []
    assert made.kinds("R-2") == [("duplicate_registration", "R-1")]


@pytest.mark.parametrize(
    "more",
    [
        {"lines": "valves"},
        {"account": "OTHER"},
        {"status": "rejected"},
        {"status": "withdrawn"},
        {"status": "expired"},
        {"status": "approved", "protected_from": ago(95), "protected_until": NOW},
    ],
)
def test_other_products_other_accounts_and_dead_registrations_are_no_duplicates(more: dict) -> None:
    made = two().account("OTHER").registration("R-0", "ALPHA", 400, **more)
    assert "duplicate_registration" not in dict(made.kinds("R-1"))


# -- resubmission ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "holds"), [(5 + 366, True), (5 + 367, False), (6, True), (4, False)])
def test_a_rejected_registration_within_the_lookback_is_a_resubmission(days: int, holds: bool) -> None:
    made = two().registration("R-0", "ALPHA", days, status="rejected", account_name="Akme")
    assert made.kinds("R-1") == ([("resubmission", "R-0")] if holds else [])
    assert made.blocked() == set()


def test_the_lookback_counts_whole_days() -> None:
    begin = ago(5).replace(hour=1)
    made = world().registration("R-1", "ALPHA", at=begin)
    made.registration("R-0", "ALPHA", at=(begin - timedelta(days=366)).replace(hour=0), status="rejected")
    assert made.kinds("R-1") == [("resubmission", "R-0")]


@pytest.mark.parametrize(
    ("partner", "more"), [("BETA", {}), ("ALPHA", {"lines": "valves"}), ("ALPHA", {"account": "OTHER"})]
)
def test_no_resubmission_of_others_other_products_other_accounts(partner: str, more: dict) -> None:
    made = two().account("OTHER", **FAMILY).registration("R-0", partner, 30, status="rejected", **more)
    assert made.kinds("R-1") == []


# -- competing_registration, same_chain ------------------------------------------------------------------------


def test_both_sides_of_a_competition_get_the_finding() -> None:
    made = two().registration("R-2", "BETA", 3)
    assert made.kinds("R-1") == [("competing_registration", "R-2")]
    assert made.kinds("R-2") == [("competing_registration", "R-1")]
    assert made.blocked() == set()


@pytest.mark.parametrize(
    ("status", "live"),
    [
        ("submitted", True),
        ("in_review", True),
        ("action_required", True),
        ("approved", True),
        ("draft", False),
        ("rejected", False),
        ("withdrawn", False),
        ("expired", False),
        ("converted", False),
        ("revoked", False),
        ("closed_lost", False),
    ],
)
def test_which_registrations_are_live(status: str, live: bool) -> None:
    made = two().registration("R-2", "BETA", 30, status=status)
    assert bool(made.kinds("R-1")) is live
    assert bool(made.kinds("R-2")) is live  # findings are made for every live registration, approved ones included


@pytest.mark.parametrize(
    ("begins", "ends", "live"),
    [
        (NOW, ago(-1), True),
        (NOW + timedelta(seconds=1), ago(-90), False),
        (ago(90), NOW + timedelta(seconds=1), True),
        (ago(90), NOW, False),
        (None, ago(-1), False),
        (ago(1), None, False),
    ],
)
def test_an_approved_one_is_live_from_its_first_protected_moment_until_before_its_last(begins, ends, live) -> None:
    made = two().registration("R-2", "BETA", 91, status="approved", protected_from=begins, protected_until=ends)
    assert bool(made.kinds("R-1")) is live


def test_scopes_overlap_when_they_share_a_line() -> None:
    made = two().registration("R-2", "BETA", 3, "valves controls").registration("R-3", "BETA", 2, "pumps valves")
    assert made.kinds("R-1") == [("competing_registration", "R-3")]


def test_a_chain_is_one_claim_with_two_parties() -> None:
    made = chain_world().registration("R-1", "DELTA", 5).registration("R-2", "GAMMA", 3)
    assert made.kinds("R-1") == [("same_chain", "R-2")]
    assert made.kinds("R-2") == [("same_chain", "R-1")]


def test_two_resellers_of_one_distributor_compete() -> None:
    made = chain_world().registration("R-1", "DELTA", 5).registration("R-2", "EPSILON", 3)
    assert made.kinds("R-1") == [("competing_registration", "R-2")]


# -- account_owned ---------------------------------------------------------------------------------------------


def test_another_partners_ownership_stands_against_it() -> None:
    assert two().ownership("BETA").kinds("R-1") == [("account_owned", "ACME:BETA")]


@pytest.mark.parametrize(
    ("more", "live"),
    [
        ({"valid_until": on(0)}, True),
        ({"valid_until": on(1)}, False),
        ({"valid_from": on(0)}, True),
        ({"valid_from": on(-1)}, False),
        ({"valid_from": None}, True),
        ({"role": "support"}, False),
        ({"lines": "valves"}, False),
        ({"lines": "pumps"}, True),
        ({"account": "OTHER"}, False),
    ],
)
def test_an_ownership_is_live_within_its_dates_both_included(more: dict, live: bool) -> None:
    made = two().account("OTHER").ownership("BETA", **more)
    assert bool(made.kinds("R-1")) is live


@pytest.mark.parametrize("owner", ["DELTA", "GAMMA"])
def test_neither_the_owner_itself_nor_its_chain_is_against_it(owner: str) -> None:
    made = chain_world().registration("R-1", "DELTA", 5).ownership(owner)
    assert made.kinds("R-1") == []
    assert chain_world().registration("R-1", "GAMMA", 5).ownership("DELTA").kinds("R-1") == []


def test_a_sibling_of_the_chain_is_against_it() -> None:
    made = chain_world().registration("R-1", "DELTA", 5).ownership("EPSILON")
    assert made.kinds("R-1") == [("account_owned", "ACME:EPSILON")]


# -- direct_engagement, co_sell --------------------------------------------------------------------------------


def test_direct_stands_against_a_partner_by_ownership_opportunity_and_registration() -> None:
    made = two().ownership(DIRECT).opportunity("O-1").registration("R-D", DIRECT, 2)
    assert made.kinds("R-1") == [("direct_engagement", ref) for ref in ("ACME:direct", "O-1", "R-D")]
    assert made.kinds("R-D") == [("competing_registration", "R-1")]


@pytest.mark.parametrize(
    ("more", "live"),
    [
        ({"last_activity_at": ago(60)}, True),
        ({"last_activity_at": ago(61)}, False),
        ({"last_activity_at": ago(60).replace(hour=0)}, True),
        ({"last_activity_at": ago(-1)}, False),
        ({"created_at": ago(60)}, True),
        ({"created_at": ago(61)}, False),
        ({"created_at": ago(400), "last_activity_at": ago(1)}, True),
        ({"created_at": ago(1), "last_activity_at": ago(61)}, False),
        ({"created_at": None}, False),
        ({"stage": "closed_won"}, False),
        ({"stage": "closed_lost"}, False),
        ({"lines": "valves"}, False),
        ({"lines": ""}, True),
        ({"account": "OTHER"}, False),
        ({"owner": "BETA"}, False),
    ],
)
def test_an_open_and_fresh_direct_opportunity_stands_against_a_partner(more: dict, live: bool) -> None:
    made = two().account("OTHER").opportunity("O-1", **more)
    assert made.kinds("R-1") == ([("direct_engagement", "O-1")] if live else [])


def test_co_sell_replaces_the_engagement_for_the_named_partner_only() -> None:
    made = two().registration("R-2", "BETA", 3).opportunity("O-1", co_sell="ALPHA")
    assert made.kinds("R-1") == [("co_sell", "O-1"), ("competing_registration", "R-2")]
    assert made.kinds("R-2") == [("competing_registration", "R-1"), ("direct_engagement", "O-1")]


def test_a_direct_registration_has_no_entitlement_findings() -> None:
    made = world().account("BIG", segment="strategic").territory("T", "BETA", exclusive=True)
    made.registration("R-D", DIRECT, 2, amount=10**7).registration("R-E", DIRECT, 1, account="BIG")
    assert made.findings() == []


def test_direct_meets_partners_but_never_itself() -> None:
    made = world().registration("R-D", DIRECT, 2).ownership("BETA").ownership(DIRECT).opportunity("O-1")
    assert made.kinds("R-D") == [("account_owned", "ACME:BETA")]


# -- reserved_account ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "holds"), [("strategic", True), ("house", True), ("named", True), ("standard", False), ("", False)]
)
def test_some_segments_are_reserved(segment: str, holds: bool) -> None:
    made = world().account("BIG", segment=segment).registration("R-1", "ALPHA", account="BIG")
    assert made.kinds("R-1") == ([("reserved_account", "BIG")] if holds else [])
    assert made.blocked() == set()


# -- corporate_family ------------------------------------------------------------------------------------------


def family() -> World:
    made = two().account("CHILD", parent="ACME").account("GRANDCHILD", parent="CHILD")
    return made.account("SISTER", parent="ACME")


def test_claims_on_other_accounts_of_the_family_are_family_findings() -> None:
    made = family().registration("R-2", "BETA", 3, account="GRANDCHILD").ownership("BETA", "SISTER")
    made.opportunity("O-1", account="CHILD")
    assert made.kinds("R-1") == [("corporate_family", ref) for ref in ("O-1", "R-2", "SISTER:BETA")]
    assert made.kinds("R-2") == [("corporate_family", "O-1"), ("corporate_family", "R-1")]


def test_sisters_are_family_too_and_strangers_are_not() -> None:
    made = family().account("STRANGER").registration("R-2", "ALPHA", 3, account="SISTER")
    made.registration("R-3", "BETA", 2, account="CHILD").registration("R-4", "BETA", 1, account="STRANGER")
    assert made.kinds("R-2") == [("corporate_family", "R-3")]
    assert made.kinds("R-4") == []


def test_within_a_family_neither_duplicates_nor_chains_nor_other_products_count() -> None:
    made = chain_world().account("CHILD", parent="ACME").registration("R-1", "DELTA", 5)
    made.registration("R-2", "GAMMA", 4, account="CHILD").registration("R-3", "DELTA", 3, account="CHILD")
    made.registration("R-4", "ALPHA", 2, "valves", account="CHILD")
    assert made.kinds("R-1") == []
    assert made.kinds("R-3") == [("same_chain", "R-2")]


def test_a_co_seller_is_not_against_it_in_the_family_either() -> None:
    assert family().opportunity("O-1", account="CHILD", co_sell="ALPHA").kinds("R-1") == []


def test_accounts_that_are_each_others_parents_are_one_family() -> None:
    made = world().account("A", parent="B").account("B", parent="A")
    made.registration("R-1", "ALPHA", 5, account="A").registration("R-2", "BETA", 4, account="B")
    assert made.kinds("R-1") == [("corporate_family", "R-2")]


# -- identity --------------------------------------------------------------------------------------------------


def test_a_possible_match_makes_the_finding_it_would_make_marked_unconfirmed() -> None:
    made = two().account("NEW").registration("R-2", "BETA", 3, account="NEW", possible="ACME")
    found = [(item.kind, item.against_ref, item.identity_confirmed) for item in made.findings()]
    assert found == [("competing_registration", "R-2", False), ("competing_registration", "R-1", False)]


def test_two_on_the_same_new_account_are_confirmed_whatever_it_may_be() -> None:
    made = world().account("NEW").registration("R-1", "ALPHA", 5, account="NEW", possible="ACME")
    made.registration("R-2", "BETA", 3, account="NEW", possible="ACME")
    assert all(item.identity_confirmed for item in made.findings())


def test_the_rules_look_at_the_possible_account() -> None:
    made = world().account("BIG", segment="house").account("NEW", segment="")
    made.registration("R-1", "ALPHA", 5, account="NEW", possible="BIG")
    found = made.findings()
    assert [(item.kind, item.against_ref, item.identity_confirmed) for item in found] == [
        ("reserved_account", "BIG", False)
    ]


def test_a_possible_family_is_unconfirmed() -> None:
    made = family().account("NEW").registration("R-2", "BETA", 3, account="NEW", possible="CHILD")
    found = {(item.kind, item.identity_confirmed) for item in made.findings()}
    assert found == {("corporate_family", False)}


def test_every_finding_cites_records_and_ends_as_a_sentence() -> None:
    made = family().registration("R-2", "BETA", 3).ownership("BETA", "SISTER").opportunity("O-1", co_sell="ALPHA")
    made.registration("R-0", "ALPHA", 90, status="rejected").registration("R-3", "ALPHA", 2)
    for item in made.findings():
        assert item.sentence[0].isupper()
        assert item.sentence.endswith(".")
        assert "id-" not in item.sentence
        assert item.evidence
        assert all(citation.source_id and citation.text for citation in item.evidence)
