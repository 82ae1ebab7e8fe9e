"""The rules of the standard policy, in order: a table row a sentence of it. An outcome reads `action owner +support`."""

from __future__ import annotations

import pytest

from conflicts.facts import DIRECT
from tests.conflicts.build import World, ago, chain_world, key, on, world


def rivals(**more: object) -> World:
    """Alpha registered 20 days ago, Beta 10 days ago."""
    return world().registration("R-1", "ALPHA", 20, **more).registration("R-2", "BETA", 10)


# -- 1 eligibility ---------------------------------------------------------------------------------------------


def test_1_without_any_eligible_claim_all_are_rejected() -> None:
    made = world("ALPHA", "BETA", "OMEGA").territory("T", "OMEGA", exclusive=True)
    made.registration("R-1", "ALPHA").registration("R-2", "BETA")
    assert made.outcome() == ("R-01", "reject_all")


def test_1_a_blocked_registration_loses_to_any_other_claim() -> None:
    made = rivals().territory("T", "BETA", exclusive=True).activity("R-1", "sow_signed")
    assert made.outcome() == ("R-07", "award BETA")
    assert made.exception("exclusive_territory").outcome()[1] == "award ALPHA"


def test_1_ownerships_and_direct_opportunities_are_always_eligible() -> None:
    made = world().territory("T", "BETA", exclusive=True).registration("R-1", "ALPHA")
    assert made.outcome() == ("R-01", "reject_all")
    assert made.opportunity("O-1").outcome() == ("R-07", "award direct")
    assert made.ownership("BETA", last_activity_at=ago(1)).outcome() == ("R-06", "award BETA")


# -- 2 reserved account ----------------------------------------------------------------------------------------


def reserved() -> World:
    return world().account("BIG", segment="house").registration("R-1", "ALPHA", 20, account="BIG")


@pytest.mark.parametrize(
    ("kinds", "outcome"),
    [
        ([], "direct_retained direct"),
        (["first_contact"], "direct_retained direct"),
        (["meeting"], "co_sell direct +ALPHA"),
        (["first_contact", "sow_signed"], "co_sell direct +ALPHA"),
        (["phone_call"], "direct_retained direct"),
    ],
)
def test_2_direct_keeps_a_reserved_account_with_those_in_support_that_worked_it(kinds: list, outcome: str) -> None:
    made = reserved()
    for kind in kinds:
        made.activity("R-1", kind, 300)
    assert made.outcome() == ("R-02" if "+" in outcome else "R-03", outcome)


def test_2_every_partner_that_worked_it_supports() -> None:
    made = reserved().partner("OMEGA").registration("R-2", "BETA", 10, account="BIG")
    made.registration("R-3", "OMEGA", 9, account="BIG").activity("R-3", "proposal").activity("R-1", "meeting")
    assert made.outcome() == ("R-02", "co_sell direct +ALPHA +OMEGA")


def test_2_an_activity_without_a_date_or_in_the_future_proves_nothing() -> None:
    made = reserved().activity("R-1", "meeting", None).activity("R-1", "proposal", -1)
    assert made.outcome() == ("R-03", "direct_retained direct")
    assert any("If a meeting of Alpha" in line for line in made.recommend().would_change)


def test_2_only_an_eligible_registration_counts() -> None:
    made = reserved().registration("R-2", "ALPHA", 10, account="BIG").activity("R-2", "meeting")
    assert made.outcome() == ("R-03", "direct_retained direct")  # R-2 is a duplicate
    made = world().account("BIG", segment="house").territory("T", "BETA", exclusive=True)
    assert made.registration("R-1", "ALPHA", 20, account="BIG").outcome() == ("R-01", "reject_all")


def test_2_comes_before_co_sell_and_protection() -> None:
    made = reserved().opportunity("O-1", account="BIG", co_sell="ALPHA")
    assert made.outcome()[0] == "R-03"


# -- 3 co-sell agreed ------------------------------------------------------------------------------------------


def test_3_a_named_partner_sells_with_direct() -> None:
    assert rivals().opportunity("O-1", co_sell="BETA").outcome() == ("R-04", "co_sell BETA +direct")


def test_3_of_several_named_the_first_registrant() -> None:
    made = rivals().opportunity("O-1", co_sell="BETA").opportunity("O-2", co_sell="ALPHA")
    assert made.outcome() == ("R-04", "co_sell ALPHA +direct")


def test_3_not_for_an_ineligible_registration() -> None:
    made = rivals().opportunity("O-1", co_sell="ALPHA").territory("T", "BETA", exclusive=True)
    assert made.outcome()[0] == "R-08"


# -- 4 protection held -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "days", "rule"),
    [
        ({"status": "approved"}, 60, "R-05"),
        ({"status": "approved"}, 61, "R-08"),
        ({"status": "approved"}, None, "R-08"),
        ({"status": "submitted"}, 60, "R-08"),
    ],
)
def test_4_a_protected_deal_with_an_activity_of_its_own_stays(more: dict, days: int | None, rule: str) -> None:
    made = world().registration("R-1", "ALPHA", 70, **more).registration("R-2", "BETA", 80)
    made.activity("R-2", "first_contact", 40).activity("R-1", "first_contact", days)
    assert made.outcome()[0] == rule
    assert (made.outcome()[1] == "award ALPHA") is (rule == "R-05")


def test_4_the_activity_must_be_its_own() -> None:
    made = world().registration("R-1", "ALPHA", 70, status="approved").registration("R-2", "BETA", 80)
    assert made.activity("R-2", "first_contact", 1).outcome()[0] != "R-05"


def test_4_comes_before_an_owner_and_after_eligibility() -> None:
    made = world().registration("R-1", "ALPHA", 70, status="approved").activity("R-1", "meeting")
    assert made.ownership("BETA", last_activity_at=ago(1)).outcome() == ("R-05", "award ALPHA")
    assert made.territory("T", "BETA", exclusive=True).outcome() == ("R-06", "award BETA")


# -- 5 owner working -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "works"),
    [
        ({"last_activity_at": ago(60)}, True),
        ({"last_activity_at": ago(61)}, False),
        ({"valid_from": on(60)}, True),
        ({"valid_from": on(61)}, False),
        ({"last_activity_at": ago(-1)}, False),
        ({"last_activity_at": ago(1), "valid_until": on(1)}, False),
        ({"last_activity_at": ago(1), "role": "support"}, False),
    ],
)
def test_5_a_partner_that_owns_and_works_the_account_keeps_it(more: dict, works: bool) -> None:
    assert (rivals().ownership("BETA", **more).outcome() == ("R-06", "award BETA")) is works


def test_5_of_several_the_earliest_and_never_direct() -> None:
    made = rivals().partner("OMEGA").ownership(DIRECT, last_activity_at=ago(1), valid_from=on(900))
    made.ownership("BETA", last_activity_at=ago(1)).ownership("OMEGA", last_activity_at=ago(50), valid_from=on(500))
    assert made.outcome() == ("R-06", "award OMEGA")


# -- 6 only one ------------------------------------------------------------------------------------------------


def test_6_the_only_claimant_wins() -> None:
    made = world().registration("R-1", "ALPHA").territory("T", "ALPHA", subdivisions="US-CA")
    assert made.outcome() == ("R-07", "award ALPHA")
    assert world().registration("R-1", "ALPHA", 9).registration("R-2", "ALPHA").outcome() == ("R-07", "award ALPHA")


def test_6_a_chain_is_one_claimant_named_by_its_first_registrant() -> None:
    made = chain_world().registration("R-1", "GAMMA", 5).registration("R-2", "DELTA", 9).ownership("GAMMA")
    made.territory("T", "DELTA", countries="GB")
    assert made.outcome() == ("R-07", "award DELTA")
    assert "Gamma" in made.recommend().sentence


def test_6_an_ineligible_first_registrant_does_not_name_the_chain() -> None:
    made = chain_world().registration("R-1", "GAMMA", 5).registration("R-2", "DELTA", 9, "controls pumps")
    made.partner("OLD", distributor="GAMMA", agreement=False).registration("R-0", "OLD", 20)
    assert made.outcome() == ("R-07", "award DELTA")


def test_6_two_resellers_of_one_distributor_are_two_claimants() -> None:
    made = chain_world().registration("R-1", "DELTA", 9).registration("R-2", "EPSILON", 5)
    assert made.outcome() == ("R-08", "award DELTA")
    assert len(made.registration("R-3", "GAMMA", 3).recommend().score_rows) == 12


def test_6_a_partners_own_opportunity_is_no_claim() -> None:
    made = world().registration("R-1", "ALPHA").territory("T", "ALPHA", countries="GB").opportunity("O-1", "BETA")
    assert made.outcome() == ("R-07", "award ALPHA")


# -- 8 to 11 ---------------------------------------------------------------------------------------------------


def close(first: str, second: str, **more: object) -> World:
    """Alpha came first but long ago, Beta later and lately: 30 + proof against proof + 15."""
    made = world().registration("R-1", "ALPHA", 200, **more).registration("R-2", "BETA", 100)
    made.activity("R-1", first, 190) if first else None
    return made.activity("R-2", second, 14) if second else made


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("", "", ("R-08", "award ALPHA")),
        ("", "first_contact", ("R-09", "request_information")),
        ("first_contact", "first_contact", ("R-08", "award ALPHA")),
        ("first_contact", "meeting", ("R-12", "mediate")),
        ("meeting", "technical_validation", ("R-11", "split ALPHA:50 BETA:50")),
        ("meeting", "meeting", ("R-08", "award ALPHA")),
        ("meeting", "sow_signed", ("R-11", "split ALPHA:50 BETA:50")),
    ],
)
def test_8_10_11_close_calls(first: str, second: str, outcome: tuple) -> None:
    assert close(first, second).outcome() == outcome


def test_8_is_asked_of_every_claim() -> None:
    made = close("", "first_contact").partner("OMEGA").registration("R-3", "OMEGA", 90).activity("R-3", "meeting", 80)
    assert made.outcome() == ("R-12", "mediate")


def test_9_a_partner_and_direct_close_together_sell_together() -> None:
    made = world().registration("R-1", "ALPHA", 9).activity("R-1", "meeting")
    made.opportunity("O-1", created_at=ago(10), last_activity_at=ago(1))
    assert made.outcome() == ("R-08", "award direct")
    made.activity("R-1", "proposal")
    assert made.outcome() == ("R-10", "co_sell ALPHA +direct")


def test_9_counts_a_registration_of_the_direct_team() -> None:
    made = world().registration("R-1", "ALPHA", 9).registration("R-D", DIRECT, 10).activity("R-D", "meeting")
    made.activity("R-1", "sow_signed")
    assert made.outcome() == ("R-08", "award direct")  # 30 + 10 + 15 to 25 + 15
    assert made.territory("T", "ALPHA").outcome() == ("R-10", "co_sell ALPHA +direct")


def test_9_only_of_the_two_top_claims() -> None:
    made = close("meeting", "sow_signed").opportunity("O-1", created_at=ago(50), last_activity_at=ago(50))
    assert made.outcome() == ("R-11", "split ALPHA:50 BETA:50")


def test_rejected_and_draft_registrations_weigh_nothing() -> None:
    made = rivals().activity("R-1", "meeting").registration("R-0", "BETA", 90, status="rejected")
    made.activity("R-0", "sow_signed").letter("R-0")
    assert made.outcome() == ("R-08", "award ALPHA")


# -- the words -------------------------------------------------------------------------------------------------

WORLDS = {
    "rejected": lambda: world().territory("T", "BETA", exclusive=True).registration("R-1", "ALPHA"),
    "reserved": reserved,
    "co_sell": lambda: rivals().opportunity("O-1", co_sell="BETA"),
    "protected": lambda: rivals(status="approved").activity("R-1", "meeting"),
    "owned": lambda: rivals().ownership("BETA", last_activity_at=ago(1)),
    "alone": lambda: world().registration("R-1", "ALPHA").territory("T", "ALPHA", countries="GB"),
    "score": lambda: rivals().activity("R-1", "proposal"),
    "nothing": lambda: close("", "first_contact"),
    "direct": lambda: world().registration("R-1", "ALPHA", 9).activity("R-1", "proposal").opportunity("O-1"),
    "split": lambda: close("meeting", "sow_signed"),
    "mediate": lambda: close("first_contact", "meeting"),
    "unknown": lambda: rivals().ownership("BETA", valid_from=None).account("NEW"),
}


@pytest.mark.parametrize("name", WORLDS)
def test_every_answer_is_whole(name: str) -> None:
    said = WORLDS[name]().recommend()
    labels = [item.ref for item in said.evidence]
    assert labels == [f"E{number}" for number in range(1, len(labels) + 1)]
    for reason in said.reasons:
        assert reason.cites, reason.sentence
        assert set(reason.cites) <= set(labels)
    for row in said.score_rows:
        assert set(row.cites) <= set(labels)
        assert row.points == 0 or row.cites
    assert [item.chosen for item in said.options].count(True) == 1
    assert {item.action for item in said.options} >= {"award", "split", "co_sell", "mediate", "reject_all"}
    for option in said.options:
        assert option.chosen or (option.why_not.endswith(".") and option.would_change.endswith("."))
    assert [item.applied for item in said.trace].count(True) == 1
    assert len(said.trace) == 12
    assert 0.05 <= said.confidence <= 1
    assert said.abstained is (said.action in ("request_information", "mediate"))


@pytest.mark.parametrize("name", WORLDS)
def test_the_words_name_people_and_not_ids(name: str) -> None:
    said = WORLDS[name]().recommend()
    words = [said.sentence, *said.would_change, *said.missing, *(item.sentence for item in said.reasons)]
    words += [text for item in said.options for text in (item.title, item.why_not, item.would_change) if text]
    words += [item.sentence for item in (*said.trace, *said.score_rows)] + [item.text for item in said.evidence]
    for text in words:
        assert text[0].isupper(), text
        assert "id-" not in text, text
        assert not [ugly for ugly in ("  ", "..", "None") if ugly in text], text


def test_confidence_falls_from_rule_to_abstention() -> None:
    sure, split, unsure = (WORLDS[name]().recommend().confidence for name in ("protected", "split", "nothing"))
    assert sure == 0.95
    assert sure > split > unsure


def test_what_would_change_it_really_would() -> None:
    made = rivals().activity("R-1", "proposal")
    option = next(item for item in made.recommend().options if item.owner == key("BETA"))
    proved = "Beta showed a signed statement of work dated today"
    assert option.would_change == f"If {proved} and the customer preferred Beta in writing, verified."
    assert made.activity("R-2", "sow_signed", 0).letter("R-2").outcome() == ("R-08", "award BETA")


def test_unknown_facts_are_named() -> None:
    made = rivals().ownership("BETA", valid_from=None).letter("R-2", verified=False)
    said = made.recommend()
    assert next(item for item in said.trace if item.rule_id == "R-06").state == "unknown"
    assert "The last activity of Beta as owner of Acme is unknown." in said.missing
    assert any("worked the account it owns lately" in line for line in said.would_change)


def test_an_unconfirmed_identity_is_missing_and_lowers_confidence() -> None:
    made = world().account("NEW").registration("R-1", "ALPHA", 20, status="approved").activity("R-1", "meeting")
    made.registration("R-2", "BETA", 10, account="NEW", possible="ACME")
    said = made.recommend()
    assert said.confidence == 0.75
    assert said.missing == ("Whether New (R-2) is the same company as Acme: a person says first.",)


def test_without_a_live_claim_there_is_nothing_to_recommend() -> None:
    with pytest.raises(ValueError, match="no live claim"):
        world().recommend()
