"""What must not matter: the order of records, whose side is whose, what anybody is called."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import DIRECT, Facts
from conflicts.narrow import narrow
from conflicts.recommend import Recommendation, recommend
from reviews.routing import route
from tests.conflicts.build import POLICY, World, ago, chain_world, key, on

WHO = ("ALPHA", "BETA", "GAMMA", "DELTA", "EPSILON")
ACCOUNTS = ("ACME", "CHILD", "OTHER", "HOUSE")
KINDS = ("first_contact", "meeting", "technical_validation", "proposal", "sow_signed", "phone_call")
LINES = ("pumps", "valves", "pumps valves")
AGES = st.sampled_from([0, 1, 14, 15, 30, 31, 60, 61, 100, 200])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A program with a few claims of every sort; no two claims at one instant."""
    made = chain_world().account("CHILD", parent="ACME").account("OTHER").account("HOUSE", segment="house")
    pick = lambda items: draw(st.sampled_from(items))  # noqa: E731
    for number in range(draw(st.integers(1, 5))):
        ref, status = f"R-{number}", pick(("submitted", "approved", "action_required", "rejected"))
        days = draw(AGES) + number / 100
        made.registration(
            ref,
            pick((*WHO, DIRECT)),
            days,
            pick(LINES),
            account=pick(ACCOUNTS),
            status=status,
            amount=pick((1000, 60000)),
        )
        if draw(st.booleans()):
            made.activity(ref, pick(KINDS), int(draw(AGES)))
        if draw(st.integers(0, 4)) == 0:
            made.letter(ref, draw(st.booleans()))
    for number in range(draw(st.integers(0, 2))):
        begins = on(draw(AGES) + 500 + number)
        active = draw(st.none() | AGES.map(ago))
        made.ownership(
            pick((*WHO, DIRECT)), pick(ACCOUNTS), pick(("", *LINES)), valid_from=begins, last_activity_at=active
        )
    for number in range(draw(st.integers(0, 2))):
        created, co_sell = ago(draw(AGES) + number / 70 + 0.001), pick((None, None, *WHO))
        made.opportunity(
            f"O-{number}", pick((DIRECT, *WHO)), pick(ACCOUNTS), pick(LINES), created_at=created, co_sell=co_sell
        )
    for number in range(draw(st.integers(0, 2))):
        made.territory(f"T-{number}", pick((*WHO, DIRECT)), named=pick(("", *ACCOUNTS)), exclusive=draw(st.booleans()))
    if draw(st.booleans()):
        made.exception(
            "exclusive_territory account_owned", pick(ACCOUNTS), pick(("", *WHO)), family=draw(st.booleans())
        )
    return made


def answers(facts: Facts) -> list[tuple[Recommendation, tuple[str, ...]]]:
    found = []
    for claim_set in claim_sets(facts, POLICY):
        case = narrow(facts, claim_set)
        said = recommend(case, detect(case, POLICY), POLICY)
        found.append((said, route(case, detect(case, POLICY), said, POLICY)))
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(), st.integers())
def test_the_order_of_records_does_not_matter(made: World, seed: int) -> None:
    facts, random = made.facts(), Random(seed)
    mixed = {kind: tuple(random.sample(items, len(items))) for kind, items in made.lists.items()}
    turned = replace(facts, **mixed)
    assert detect(turned, POLICY) == detect(facts, POLICY)
    assert answers(turned) == answers(facts)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_names_ids_and_refs_do_not_matter(made: World) -> None:
    facts = made.facts()
    renamed = _renamed(facts)
    before = [(_shape(item), route_) for item, route_ in answers(facts)]
    after = [(_shape(item, _back), route_) for item, route_ in answers(renamed)]
    assert sorted(after, key=repr) == sorted(before, key=repr)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_sides_swapped_swap_the_answer(made: World) -> None:
    """Alpha and Beta exchange everything they have: so does the answer."""
    facts = made.facts()
    swap = {key("ALPHA"): key("BETA"), key("BETA"): key("ALPHA")}
    swapped = _mapped(
        facts, lambda text: swap.get(text, text), only={"claimant", "owner", "co_sell_partner_id", "assignee"}
    )
    swapped = _mapped(swapped, lambda text: swap.get(text, text), only={"party"})
    before = [(_shape(item), route_) for item, route_ in answers(facts)]
    after = [(_shape(item, lambda who: swap.get(who, who)), route_) for item, route_ in answers(swapped)]
    assert sorted(after, key=repr) == sorted(before, key=repr)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_every_answer_stands_on_the_facts(made: World) -> None:
    for said, route_ in answers(made.facts()):
        assert route_
        assert all(reason.cites for reason in said.reasons)
        assert [item.applied for item in said.trace].count(True) == 1
        if said.action == "award":
            assert said.owner
        assert not said.shares or sum(said.shares.values()) == 100


def _shape(said: Recommendation, back: Any = lambda who: who) -> tuple:
    shares = sorted((back(who), share) for who, share in said.shares.items())
    points = sorted((back(row.claimant), row.criterion, row.points) for row in said.score_rows)
    return said.action, back(said.owner), sorted(map(back, said.support)), shares, said.rule_id, points, said.confidence


def _renamed(facts: Facts) -> Facts:
    """Every id that begins with `id-` becomes another, in an order of its own; refs and names too."""
    return _mapped(facts, lambda text: f"{text[::-1]}~" if text.startswith("id-") else text, names=True)


def _back(text: str) -> str:
    return text[:-1][::-1] if text.endswith("~") else text


def _mapped(value: Any, change: Any, only: set[str] | None = None, names: bool = False, field: str = "") -> Any:
    if hasattr(value, "__dataclass_fields__"):
        fields = {name: _mapped(getattr(value, name), change, only, names, name) for name in value.__dataclass_fields__}
        return replace(value, **fields)
    if isinstance(value, tuple | frozenset):
        return type(value)(_mapped(item, change, only, names, field) for item in value)
    if isinstance(value, str) and (only is None or field in only):
        return f"{value[::-1]}" if names and field == "name" else change(value)
    return value
