"""The authority matrix, row by row; and who may second whom."""

from __future__ import annotations

import pytest

from conflicts.facts import DIRECT
from reviews.routing import ROLE_ORDER, case_amount, has_interest, may_second, owner_differs, route
from tests.conflicts.build import POLICY, World, ago, chain_world, key, money, on, world

HIGH = ("channel_lead", "revenue_lead")


def routed(made: World) -> tuple[str, ...]:
    return route(made.facts(), made.findings(), made.recommend(), POLICY)


def rivals(**more: object) -> World:
    """Alpha wins by the score, so that only the amount decides."""
    made = (
        world().registration("R-1", "ALPHA", 20, amount=1000).registration("R-2", "BETA", 10, **({"amount": 1} | more))
    )
    return made.activity("R-1", "proposal")


@pytest.mark.parametrize(
    ("more", "roles"),
    [
        ({"amount": "49999.99"}, ("partner_manager",)),
        ({"amount": 50000}, ("channel_lead",)),
        ({"amount": "249999.99"}, ("channel_lead",)),
        ({"amount": 250000}, HIGH),
        ({"amount": None, "amount_band_max": 250000}, HIGH),
        ({"amount": 40000, "amount_band_max": 250000}, ("partner_manager",)),
        ({"amount": 900000, "currency": "EUR"}, ("partner_manager",)),
        ({"amount": None}, ("partner_manager",)),
    ],
)
def test_the_largest_known_amount_in_the_programs_currency_decides(more: dict, roles: tuple) -> None:
    assert routed(rivals(**more)) == roles


def test_opportunities_and_ineligible_claims_count_towards_the_amount() -> None:
    assert routed(rivals().opportunity("O-1", amount=60000)) == ("channel_lead",)
    assert routed(rivals().opportunity("O-1", amount=60000, currency="EUR")) == ("partner_manager",)
    assert routed(rivals().registration("R-3", "BETA", 5, amount=250000)) == HIGH  # a duplicate
    assert routed(rivals().registration("R-3", "BETA", 90, amount=250000, status="rejected")) == ("partner_manager",)
    assert case_amount(world().registration("R-1", "ALPHA", amount=None).facts(), POLICY) is None


def test_a_reserved_account_goes_up_whatever_the_amount() -> None:
    made = world().account("BIG", segment="house").registration("R-1", "ALPHA", account="BIG", amount=1)
    assert routed(made) == HIGH
    made.exception("reserved_account", "BIG").registration("R-2", "BETA", 1, account="BIG", amount=1)
    assert routed(made) == ("partner_manager",)


@pytest.mark.parametrize(
    ("made", "action"),
    [
        (rivals().opportunity("O-1", co_sell="BETA", amount=1), "co_sell"),
        (
            world()
            .registration("R-1", "ALPHA", 20, amount=1)
            .registration("R-2", "BETA", 10, amount=1)
            .activity("R-1", "meeting", 90)
            .activity("R-2", "sow_signed"),
            "split",
        ),
        (
            world()
            .registration("R-1", "ALPHA", 20, amount=1)
            .registration("R-2", "BETA", 10, amount=1)
            .activity("R-2", "meeting"),
            "mediate",
        ),
    ],
)
def test_some_actions_need_the_channel_lead(made: World, action: str) -> None:
    assert made.recommend().action == action
    assert routed(made) == ("channel_lead",)


def test_requests_and_rejections_stay_with_the_partner_manager() -> None:
    made = world().registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 10).activity("R-2", "first_contact")
    assert (made.recommend().action, routed(made)) == ("request_information", ("partner_manager",))


def test_legal_joins_before_the_last_decider() -> None:
    made = world().territory("T", "BETA", exclusive=True)
    assert routed(made.registration("R-1", "ALPHA")) == ("legal", "partner_manager")
    assert routed(made.registration("R-2", "ALPHA", 4, amount=50000)) == ("legal", "channel_lead")
    assert routed(made.registration("R-3", "ALPHA", 3, amount=250000)) == ("channel_lead", "legal", "revenue_lead")
    assert routed(made.exception("exclusive_territory")) == HIGH


def test_sales_ops_comes_first_where_two_rules_collide_over_the_deal() -> None:
    made = rivals().territory("T-1", "ALPHA", subdivisions="US-TX").territory("T-2", "BETA", industries="325")
    assert routed(made) == ("sales_ops", "partner_manager")
    made = rivals().territory("T-1", "ALPHA", exclusive=True).territory("T-2", "BETA", exclusive=True)
    assert routed(made) == ("sales_ops", "legal", "partner_manager")


@pytest.mark.parametrize(
    "more",
    [{"priority": 3}, {"subdivisions": "US-CA"}, {"lines": "valves"}, {"valid_until": on(1)}, {"owners": "ALPHA"}],
)
def test_not_where_they_do_not_collide_or_do_not_cover_it(more: dict) -> None:
    more = dict(more)
    made = rivals().territory("T-1", "ALPHA", countries="US").territory("T-2", more.pop("owners", "BETA"), **more)
    assert routed(made)[0] != "sales_ops"


def test_sales_ops_comes_first_where_the_crm_names_another_owner() -> None:
    made = world().account("CRM", crm_owner=key("ALPHA")).registration("R-1", "ALPHA", account="CRM", amount=1)
    made.registration("R-2", "BETA", account="CRM", amount=1)
    assert routed(made)[0] != "sales_ops"  # our records name no owner
    assert routed(made.ownership("BETA", "CRM", last_activity_at=ago(1))) == ("sales_ops", "partner_manager")
    assert routed(made.ownership("ALPHA", "CRM")) == ("partner_manager",)
    assert not owner_differs(made.facts(), [])


def test_direct_retained_goes_up_with_its_reserved_account() -> None:
    made = chain_world().account("BIG", segment="named").registration("R-1", "DELTA", account="BIG", amount=1)
    assert made.outcome()[1] == f"direct_retained {DIRECT}"
    assert routed(made) == HIGH
    assert money(None) is None


@pytest.mark.parametrize(
    ("first", "seconds"),
    [
        ("partner_manager", {"partner_manager", "channel_lead", "revenue_lead"}),
        ("channel_lead", {"channel_lead", "revenue_lead"}),
        ("revenue_lead", {"revenue_lead"}),
        ("sales_ops", {"sales_ops"}),
        ("legal", {"legal"}),
        ("auditor", set()),
    ],
)
def test_who_may_second_whom(first: str, seconds: set) -> None:
    everybody = (*ROLE_ORDER, "sales_ops", "legal", "auditor", "program_admin")
    assert {role for role in everybody if may_second(first, role)} == seconds


@pytest.mark.parametrize(
    ("managed", "parties", "interest"),
    [
        ("ab", "ab", False),
        ("a", "ab", True),
        ("", "ab", False),
        ("c", "ab", False),
        ("abc", "ab", False),
        ("a", "a", False),
    ],
)
def test_who_manages_one_side_only_has_an_interest(managed: str, parties: str, interest: bool) -> None:
    assert has_interest(set(managed), set(parties)) is interest
