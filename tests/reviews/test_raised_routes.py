"""Routes that are handed on: whose steps they are then. Pure."""

from itertools import permutations

import pytest

from reviews.routing import BESIDE, ROLE_ORDER, SECOND, above, higher_of, raised, role_for

STEPS = [*ROLE_ORDER, *BESIDE, *(f"{SECOND}{role}" for role in ROLE_ORDER)]


@pytest.mark.parametrize(("step", "following"), [
    ("partner_manager", "channel_lead"), ("channel_lead", "revenue_lead"), ("revenue_lead", ""), ("legal", ""),
    ("sales_ops", ""), ("second:partner_manager", "channel_lead"), ("second:revenue_lead", ""),
])  # fmt: skip
def test_who_stands_above_a_step(step, following):
    assert above(step) == following


@pytest.mark.parametrize(("steps", "to", "then"), [
    (["partner_manager"], "channel_lead", ["channel_lead"]),
    (["partner_manager"], "", ["partner_manager"]),
    (["channel_lead", "revenue_lead"], "revenue_lead", ["revenue_lead"]),
    (["sales_ops", "legal", "partner_manager"], "channel_lead", ["sales_ops", "legal", "channel_lead"]),
    (["revenue_lead"], "channel_lead", ["revenue_lead"]),
    (["second:partner_manager"], "channel_lead", ["second:channel_lead"]),
])  # fmt: skip
def test_a_raised_route(steps, to, then):
    assert raised(steps, to) == then


@pytest.mark.parametrize("to", ["", *ROLE_ORDER])
def test_raising_takes_steps_from_lower_roles_only_and_twice_is_once(to):
    for steps in (route for length in range(4) for route in permutations(STEPS, length)):
        once = raised(steps, to)
        assert raised(once, to) == once
        assert [s for s in once if s in BESIDE] == [s for s in steps if s in BESIDE]
        for role in ROLE_ORDER:
            takes = {role_for({role}, step) for step in once} - {""}
            assert takes <= {role_for({role}, step) for step in steps}
            assert not takes or not to or ROLE_ORDER.index(role) >= ROLE_ORDER.index(to)


def test_the_higher_of_two():
    assert higher_of("", "channel_lead") == higher_of("channel_lead", "partner_manager") == "channel_lead"
