"""The back-test's engine: it says what the recommender says, whatever it shares between two policies, and it adds up."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.backtest import NO_CASE, NOBODY_LEFT, Given, PastCase, Sides, Trial, judge, replay
from conflicts.backtest.judging import UNKNOWN
from conflicts.backtest.supposing import (
    NotSupposableError,
    OtherProtection,
    PartnerGone,
    TerritorySplit,
    gone_as_json,
    split_as_json,
    supposed_of,
    with_numbers,
)
from conflicts.claims import claim_sets
from conflicts.detectors import detect, makes_case, narrow
from conflicts.facts import DIRECT, Facts, to_memo
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import recommend
from reviews.backtest import apart
from reviews.backtest.apart import ApartError, Setup, judged
from reviews.routing import route
from tests.conflicts.build import POLICY, World, ago, chain_world, key, world
from tests.conflicts.test_exercises_pure import FILES, read
from tests.conflicts.test_properties import worlds


def draft(**numbers: Any) -> Policy:
    """The standard policy with other parameters."""
    document = copy.deepcopy(STANDARD)
    document["parameters"] |= numbers
    return Policy.from_document(document)


def blocking(kind: str, blocks: str) -> Policy:
    document = copy.deepcopy(STANDARD)
    next(item for item in document["findings"] if item["kind"] == kind)["blocks"] = blocks
    return Policy.from_document(document)


def past(facts: Facts, number: int = 1, **more: Any) -> PastCase:
    return PastCase(f"id-{number}", f"CF-{number}", json.dumps(to_memo(facts)), Given("award"), **more)


def cases_of(facts: Facts) -> list[Facts]:
    """The facts of each case that the standard policy makes."""
    found = []
    for claim_set in claim_sets(facts, POLICY):
        one = narrow(facts, claim_set)
        if claim_set.registration_ids and makes_case(detect(one, POLICY), POLICY):
            found.append(one)
    return found


def rivals() -> World:
    """Alpha came first, Beta has worked it: the score decides."""
    return (
        world()
        .registration("R-1", "ALPHA", 20, amount=40000)
        .registration("R-2", "BETA", 9, amount=60000)
        .activity("R-1", "first_contact", 19)
        .activity("R-2", "technical_validation", 2)
    )


# --- it says what the recommender says ---


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_policy_changes_nothing_in_any_exercise(path) -> None:
    facts = read(json.loads(path.read_text()))
    cases = [past(one, number) for number, one in enumerate(cases_of(facts))]
    trial = replay(cases, Sides(POLICY, POLICY, route))
    assert (trial.total, trial.changed, trial.routes, trial.arise, trial.vanish) == (len(cases), 0, 0, 0, 0)
    for one, case in zip(cases_of(facts), cases, strict=True):
        answer = recommend(one, detect(one, POLICY), POLICY)
        said = judge(case, Sides(POLICY, POLICY, route)).before
        assert (said.action, said.owner, said.support, said.shares, said.rule_id) == (
            answer.action, answer.owner, answer.support, answer.shares, answer.rule_id,
        )  # fmt: skip


PARAMETERS = st.sampled_from([
    {"margin": 0}, {"margin": 60}, {"follow_up_days": 10}, {"closed_won_days": 5}, {"proof_needed": "proposal"},
    {"lookback_days": 20}, {"price_tolerance_pct": 50}, {"reserved_segments": ["standard"]},
    {"reserved_segments": ["strategic"], "margin": 40}, {"direct_freshness_days": 10},
])  # fmt: skip
BLOCKS = st.tuples(
    st.sampled_from([item["kind"] for item in STANDARD["findings"]]),
    st.sampled_from(["always", "never", "when_others_cover"]),
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(), PARAMETERS | BLOCKS)
def test_what_is_shared_between_the_sides_changes_no_answer(made: World, change: Any) -> None:
    """Each side alone, from scratch, says the same: detection anew, every rule asked, the route of its own."""
    after = draft(**change) if isinstance(change, dict) else blocking(*change)
    sides = Sides(POLICY, after, route)
    for facts in cases_of(made.facts()):
        found = judge(past(facts), sides)
        for said, told, policy in (
            (found.before, found.route_before, POLICY),
            (found.after, found.route_after, after),
        ):
            alone = _alone(facts, policy)
            assert said.given.standing == alone[0].standing
            assert said.rule_id == alone[0].rule_id
            assert told in ((), alone[1])
        assert found.route_before != found.route_after or _alone(facts, POLICY)[1] == _alone(facts, after)[1]


def _alone(facts: Facts, policy: Policy) -> tuple[Given, tuple[str, ...]]:
    sets = [item for item in claim_sets(facts, policy) if item.registration_ids]
    if not sets:
        return Given(NOBODY_LEFT), ()
    if len(sets) > 1:
        facts = narrow(
            facts, min(sets, key=lambda s: min((c.since, c.ref) for c in s.claims if c.kind == "registration"))
        )
    findings = detect(facts, policy)
    if not makes_case(findings, policy):
        return Given(NO_CASE, rule_id="no_conflict"), ()
    answer = recommend(facts, findings, policy)
    shares = {claimant: str(share) for claimant, share in answer.shares.items()}
    given_ = Given(answer.action, answer.owner, answer.support, shares, answer.rule_id)
    return given_, route(facts, findings, answer, policy)


# --- who wins, who loses ---


def test_a_wider_margin_takes_the_deal_from_the_leader() -> None:
    facts = rivals().facts()
    leader = recommend(facts, detect(facts, POLICY), POLICY)
    assert leader.action == "award"
    sides = Sides(POLICY, draft(margin=90), route)
    found = judge(past(facts, decided=Given("award", leader.owner)), sides)
    assert found.changed
    assert (found.gained, found.lost) == (frozenset(), {leader.owner})
    trial = replay([past(facts, decided=Given("award", leader.owner))], sides)
    assert (trial.changed, trial.decided, trial.matched_before, trial.matched_after) == (1, 1, 1, 0)
    row = trial.partners[leader.owner]
    assert (row.cases, row.before, row.after, row.gained, row.lost) == (1, 1, 0, 0, 1)
    assert trial.sides["partners"].lost == trial.regions["US-TX"].lost == trial.tiers["Gold"].lost == 1
    assert trial.amounts["50,000 to 250,000"].lost == trial.segments["standard"].lost == 1
    (change,) = trial.changes
    assert (change.ref, change.lost, change.matched_before, change.matched_after) == (
        "CF-1",
        [facts.name_of(leader.owner)],
        True,
        False,
    )
    assert change.before_rule == leader.rule_id != change.after_rule
    assert trial.moves == {f"{change.before_rule} {change.after_rule}": 1}


def test_a_case_that_a_finding_no_longer_makes_vanishes_and_everybody_is_approved() -> None:
    document = copy.deepcopy(STANDARD)
    for item in document["findings"]:
        item["makes_case"] = False
    facts = rivals().facts()
    trial = replay([past(facts)], Sides(POLICY, Policy.from_document(document), route))
    assert (trial.vanish, trial.arise, trial.actions[NO_CASE]) == (1, 0, [0, 1])
    assert {row.after for row in trial.partners.values()} == {1}
    back = replay([past(facts)], Sides(Policy.from_document(document), POLICY, route))
    assert (back.vanish, back.arise) == (0, 1)


def test_with_automation_off_routine_ones_arise() -> None:
    document = copy.deepcopy(STANDARD)
    document["automation"]["approve_without_finding"] = False
    facts = world().registration("R-1", "ALPHA", 3).facts()
    trial = replay([past(facts)], Sides(POLICY, Policy.from_document(document), route))
    assert (trial.arise, trial.vanish, trial.actions) == (1, 0, {NO_CASE: [1, 0], "award": [0, 1]})


def test_who_may_compete_is_counted_by_registration_and_by_what_blocks() -> None:
    made = rivals().partner("GAMMA", tier="silver").registration("R-3", "GAMMA", 4, amount=900_000)
    facts = made.facts()
    before = detect(facts, POLICY)
    assert [item.kind for item in before if item.blocking] == ["tier_insufficient"]
    trial = replay([past(facts)], Sides(POLICY, blocking("tier_insufficient", "never"), route))
    assert (trial.eligible_now, trial.ineligible_now, trial.blocking) == (1, 0, {"tier_insufficient": [1, 0]})
    back = replay([past(facts)], Sides(blocking("tier_insufficient", "never"), POLICY, route))
    assert (back.eligible_now, back.ineligible_now) == (0, 1)


def test_another_authority_matrix_sends_it_to_other_people() -> None:
    document = copy.deepcopy(STANDARD)
    document["routing"]["table"] = [{"amount_at_least": 0, "findings": [], "actions": [], "roles": ["revenue_lead"]}]
    trial = replay([past(rivals().facts())], Sides(POLICY, Policy.from_document(document), route))
    assert (trial.changed, trial.routes, trial.roles) == (0, 1, {"revenue_lead": [1, 0], "channel_lead": [0, 1]})


def test_a_record_that_cannot_be_replayed_is_told_apart() -> None:
    facts = rivals().facts()
    answer = recommend(facts, detect(facts, POLICY), POLICY)
    kept = replace(past(facts, of_base=True), was=Given(answer.action, answer.owner))
    assert replay([kept], Sides(POLICY, POLICY, route)).unlike_record == 0
    assert replay([replace(kept, was=Given("mediate"))], Sides(POLICY, POLICY, route)).unlike_record == 1
    assert replay([replace(kept, was=Given("mediate"), of_base=False)], Sides(POLICY, POLICY, route)).unlike_record == 0


def test_a_memo_that_cannot_be_read_is_counted_as_that() -> None:
    broken = [replace(past(rivals().facts()), facts=text) for text in ("[]", "{", '{"at": 5}')]
    trial = replay([*broken, past(rivals().facts())], Sides(POLICY, POLICY, route))
    assert (trial.unreadable, trial.total) == (3, 1)


def test_what_nobody_knows_has_its_own_line() -> None:
    facts = rivals().facts()
    bare = replace(facts, accounts=tuple(replace(a, subdivision="", country="", segment="") for a in facts.accounts))
    bare = replace(bare, registrations=tuple(replace(r, amount=None, currency="JPY") for r in bare.registrations))
    trial = replay([past(bare)], Sides(POLICY, POLICY, route))
    assert set(trial.regions) == set(trial.segments) == set(trial.amounts) == {UNKNOWN}


# --- it adds up ---


def crowd() -> list[PastCase]:
    made = [
        rivals().facts(),
        rivals().activity("R-1", "sow_signed", 1).facts(),
        world().registration("R-1", "ALPHA", 3).ownership("BETA", last_activity_at=ago(5)).facts(),
        chain_world().registration("R-1", "ALPHA", 3).opportunity("O-1", created_at=ago(9)).facts(),
    ]
    return [past(facts, number, decided=Given("award", key("ALPHA"))) for number, facts in enumerate(made)]


def test_parts_add_up_to_the_whole_and_survive_being_kept() -> None:
    cases, sides = crowd(), Sides(POLICY, draft(margin=60), route)
    whole, parts = replay(cases, sides), Trial()
    for case in cases:
        parts.add(Trial.from_json(json.loads(json.dumps(replay([case], sides).as_json()))))
    assert parts == whole
    assert whole.total == 4
    assert whole.changed >= 1


def test_processes_of_their_own_count_the_same() -> None:
    pages = [crowd()] * 5
    setup = Setup(STANDARD, with_numbers(STANDARD, {"parameters.margin": 60}))
    here, there = ([part.as_json() for part in judged(setup, pages, n)] for n in (1, 2))
    assert here == there
    assert len(here) == 5


def test_a_process_that_dies_is_told(monkeypatch) -> None:
    started = apart._started

    def dying() -> Any:
        process = started()
        process.kill()
        process.wait()
        return process

    monkeypatch.setattr(apart, "_started", dying)
    with pytest.raises(ApartError, match="ended before its work"):
        list(judged(Setup(STANDARD, STANDARD), [crowd()] * 9, 2))
    send = apart._send

    def and_dies(pipe: Any, content: bytes) -> None:
        send(pipe, content)
        next(p for p in alive if p.stdin is pipe).kill()

    alive: list[Any] = []
    monkeypatch.setattr(apart, "_started", lambda: alive.append(started()) or alive[-1])
    monkeypatch.setattr(apart, "_send", and_dies)
    with pytest.raises(ApartError, match="ended before its work"):
        list(judged(Setup(STANDARD, STANDARD), [crowd()] * 9, 2))


# --- what if ---


def test_a_shorter_protection_ends_a_deal_that_was_protected() -> None:
    facts = (
        world()
        .registration("R-1", "ALPHA", 70, status="approved")
        .activity("R-1", "meeting", 5)
        .registration("R-2", "BETA", 3)
        .facts()
    )
    assert judge(past(facts), Sides(POLICY, POLICY, route)).before.winners == {key("ALPHA")}
    shorter = Policy.from_document(with_numbers(STANDARD, {"protection.days": 60}))
    found = judge(past(facts), Sides(POLICY, shorter, route))
    assert found.after.winners == {key("BETA")}
    assert (found.gained, found.lost) == ({key("BETA")}, {key("ALPHA")})


@pytest.mark.parametrize(("days", "renewal", "left", "expected"), [
    (60, 90, 90, 60), (120, 90, 90, 120), (60, 90, 180, 150), (60, 30, 180, 90), (60, 90, 30, 30), (10, 90, 30, 10),
    (60, 90, 104, 74),
])  # fmt: skip
def test_a_protection_is_as_long_as_it_would_have_been(days: int, renewal: int, left: int, expected: int) -> None:
    """90 days and renewals of 90: also one that was renewed, ended early, or extended."""
    numbers = {"protection.days": days, "protection.renewal_days": renewal}
    other = Policy.from_document(with_numbers(STANDARD, numbers)).protection
    begun = ago(100)
    facts = (
        world()
        .registration(
            "R-1", "ALPHA", status="approved", at=begun, protected_from=begun, protected_until=ago(100 - left)
        )
        .facts()
    )
    (changed,) = OtherProtection(POLICY.protection, other)(facts).registrations
    assert (changed.protected_until - changed.protected_from).days == expected


def test_without_the_partner_its_deals_go_to_the_others() -> None:
    facts = rivals().ownership("ALPHA", last_activity_at=ago(3)).facts()
    gone = supposed_of([gone_as_json(facts.partner(key("ALPHA")))])
    found = judge(past(facts), Sides(POLICY, POLICY, route, gone))
    assert found.before.winners == {key("ALPHA")}
    assert found.after.winners == {key("BETA")}
    alone = world().registration("R-1", "ALPHA", 3).ownership("BETA").facts()
    nobody = judge(past(alone), Sides(POLICY, POLICY, route, (PartnerGone(key("ALPHA")),)))
    assert (nobody.after.action, nobody.after.winners) == (NOBODY_LEFT, frozenset())


def test_a_partner_that_left_is_nowhere_in_the_facts() -> None:
    made = chain_world().registration("R-1", "ALPHA", 3).territory("T-1", "ALPHA")
    facts = made.opportunity("O-1", co_sell="ALPHA").facts()
    for partner in facts.partners:
        assert partner.id not in json.dumps(to_memo(PartnerGone(partner.id)(facts)))


def test_a_territory_in_two_hands_leaves_the_first_one_outside() -> None:
    facts = world().registration("R-1", "ALPHA", 3).registration("R-2", "BETA", 2).territory("T-1", "ALPHA").facts()
    (rule,) = facts.territories
    split = TerritorySplit(rule, "subdivisions", frozenset({"US-TX"}), key("BETA"), facts.partner(key("BETA")))
    found = judge(past(facts), Sides(POLICY, POLICY, route, supposed_of([split_as_json(split, "Beta")])))
    assert "out_of_territory" not in found.before.kinds
    assert "out_of_territory" in found.after.kinds
    elsewhere = TerritorySplit(rule, "subdivisions", frozenset({"US-OK"}), DIRECT)
    same = judge(past(facts), Sides(POLICY, POLICY, route, (elsewhere,)))
    assert (same.after.kinds, same.changed) == (same.before.kinds, False)


def test_only_a_part_of_a_territory_can_be_split_off() -> None:
    rule = replace(world().territory("T-1", "ALPHA").facts().territories[0], postal_prefixes=frozenset({"77"}))
    inside = TerritorySplit(rule, "postal_prefixes", frozenset({"770"}), DIRECT)
    assert split_as_json(inside, "the direct team")["text"].endswith("begin with 770 go to the direct team")
    for split in (
        replace(inside, values=frozenset({"80"})), replace(inside, values=frozenset()), replace(inside, dimension="priority"),
    ):  # fmt: skip
        with pytest.raises(NotSupposableError):
            split_as_json(split, "the direct team")


def test_only_numbers_that_the_policy_has_can_be_supposed() -> None:
    assert with_numbers(STANDARD, {"parameters.margin": 3})["parameters"]["margin"] == 3
    assert STANDARD["parameters"]["margin"] == 15
    with pytest.raises(NotSupposableError):
        with_numbers(STANDARD, {"parameters.luck": 3})


def test_claims_that_fall_apart_are_judged_by_the_first_registration() -> None:
    """The line that links them goes with the partner: two cases would have been made."""
    facts = (
        world()
        .partner("GAMMA")
        .registration("R-1", "ALPHA", 20, "pumps")
        .registration("R-2", "BETA", 10, "pumps valves")
        .registration("R-3", "GAMMA", 5, "valves")
        .facts()
    )
    found = judge(past(facts), Sides(POLICY, POLICY, route, (PartnerGone(key("BETA")),)))
    assert found.fell_apart
    assert (found.after.action, found.after.winners) == (NO_CASE, {key("ALPHA")})
