"""The statistics of early warning: what must never alarm, what must, and what the score may not depend on."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.histories import STRENGTHS, World
from benchmarks.plain_limits import plain_alarms
from conflicts.policy import STANDARD, Policy, PolicyError, SignalLimit
from conflicts.signals import counts, fishing, gaps, prices, robust
from conflicts.signals.facts import WEEKS, ClaimState, Gaps, Histories, Probing, Seller
from conflicts.signals.forest import Forest, cuts
from conflicts.signals.look import look
from conflicts.signals.measure import CALM, KINDS, Measure
from conflicts.signals.playbooks import PLAYBOOKS
from conflicts.signals.triage import certainty, impact, severity

LIMITS = {kind: SignalLimit(**numbers) for kind, numbers in STANDARD["signals"].items()}
finite = st.floats(-1e6, 1e6, allow_nan=False)
histories = st.lists(st.integers(0, 30), min_size=WEEKS, max_size=WEEKS)


# Robust statistics


@given(st.lists(finite, min_size=1, max_size=30), st.floats(0.1, 50), finite)
def test_median_distance_and_midmean_follow_scale_and_shift(values, times, shift) -> None:
    centre = robust.midmean(values)
    moved = [value * times + shift for value in values]
    assert robust.midmean(moved) == pytest.approx(centre * times + shift, rel=1e-6, abs=1e-3)
    assert robust.mad(moved, centre * times + shift) == pytest.approx(
        robust.mad(values, centre) * times, rel=1e-6, abs=1e-3
    )


@given(st.lists(st.floats(0, 100), min_size=8, max_size=40), st.floats(1e3, 1e9))
def test_one_wild_value_hardly_moves_them(values, wild) -> None:
    assert max(robust.midmean([*values, wild]), robust.midmean(values)) <= max(values)
    assert abs(robust.slope([*values, wild])) <= 1 + (max(values) - min(values))


@given(st.floats(-20, 20), st.floats(-5, 5), st.integers(2, 15))
def test_the_slope_of_a_line_is_its_slope(start, step, length) -> None:
    assert robust.slope([start + step * i for i in range(length)]) == pytest.approx(step, abs=1e-9)


@given(st.floats(0, 1e6))
def test_the_stable_scale_goes_there_and_back(count) -> None:
    assert robust.counted(robust.stable(count)) == pytest.approx(count, rel=1e-9, abs=1e-9)


@given(st.floats(0.5, 1e4), st.floats(0, 1e4), st.floats(0.1, 1e3))
def test_beyond_rises_with_what_was_seen_and_falls_with_what_was_due(due, seen, more) -> None:
    assert robust.beyond(seen + more, due) > robust.beyond(seen, due)
    assert robust.beyond(seen, due + more) < robust.beyond(seen, due)
    assert robust.beyond(due, due) == pytest.approx(0, abs=1e-9)


# Counts


@given(st.integers(0, 40), st.integers(16, WEEKS))
def test_a_constant_history_never_alarms(level, weeks) -> None:
    surge = counts.surges({"a": [level] * weeks})["a"]
    assert surge.score < 1
    assert surge.expected == pytest.approx(level * surge.weeks, rel=0.05, abs=0.6)


@given(histories, st.integers(1, 60), st.integers(1, 60))
def test_more_of_a_burst_scores_higher_and_a_planted_one_is_found(values, some, more) -> None:
    def score(extra: int) -> float:
        return counts.surges({"a": [*values[:-1], values[-1] + extra]})["a"].score

    assert score(some) >= score(0)
    assert score(some + more) > score(some)


@given(st.lists(st.integers(0, 3), min_size=WEEKS - 4, max_size=WEEKS - 4))
def test_eighty_in_a_month_alarm_whoever_has_a_few_a_week(before) -> None:
    found = counts.surges({"a": [*before, 20, 20, 20, 20]})["a"]
    assert found.score > LIMITS["registration_burst"].score


def test_who_is_young_is_not_judged() -> None:
    assert counts.surges({"a": [9] * 15}) == {}
    assert "a" in counts.surges({"a": [9] * 16})


def test_what_all_peers_do_at_once_is_their_season() -> None:
    peers = {f"p{i}": [4] * (WEEKS - 4) + [8] * 4 for i in range(40)}
    alone = {**{key: [4] * WEEKS for key in peers}, "p0": peers["p0"]}
    assert counts.surges(peers)["p0"].score < 2 < counts.surges(alone)["p0"].score


def test_a_steady_rise_is_carried_on() -> None:
    rising = [round(4 * 1.02**week) for week in range(WEEKS)]
    risen = counts.surges({"a": rising})["a"]
    level = counts.surges({"a": [round(sum(rising[:-4]) / 52)] * (WEEKS - 4) + rising[-4:]})["a"]
    assert risen.score < 2 < level.score


# Prices, gaps, fishing


@given(st.floats(0, 60), st.integers(2, 40))
def test_a_constant_price_never_swings(discount, weeks) -> None:
    quotes = dict.fromkeys(range(weeks), (discount, 2))
    assert all(swing.score == pytest.approx(0, abs=1e-9) for swing in prices.swings({("a", "pumps"): quotes}).values())


@given(st.floats(5, 40), st.booleans())
def test_a_price_swings_either_way(points, down) -> None:
    before = {week: (30.0 + week % 3, 2) for week in range(4, 30)}
    quotes = {**before, **dict.fromkeys(range(4), (30.0 + (-points if down else points), 2))}
    swing = prices.swings({("a", "pumps"): quotes})["a", "pumps"]
    assert swing.score > 3
    assert (swing.observed < swing.expected) is down


def test_a_price_that_all_peers_change_is_no_swing() -> None:
    moved = {week: (35.0 if week < 4 else 20.0, 1) for week in range(30)}
    everybody = {(f"p{i}", "pumps"): moved for i in range(6)}
    assert max(swing.score for swing in prices.swings(everybody).values()) < 1


def claim(**changes) -> ClaimState:
    values = {"source": "registration", "id": "r", "ref": "R-1", "partner": "p", "account": "", "account_name": "Orion",
              "idle": 10, "line": "pumps", "region": "US"} | changes  # fmt: skip
    return ClaimState(**values)


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_longer_gap_scores_higher(days, more) -> None:
    usual = gaps.usual(claim(), {})
    assert usual.score(days + more) > usual.score(days)


def test_few_own_gaps_borrow_from_the_peers_and_many_do_not() -> None:
    peers = {("", "", ""): Gaps(500, math.log(16), math.log(21), math.log(29))}
    own = math.log(6), math.log(8), math.log(11)
    few = gaps.usual(claim(), {**peers, ("p", "", ""): Gaps(2, *own)})
    many = gaps.usual(claim(), {**peers, ("p", "", ""): Gaps(200, *own)})
    assert many.days < 8 < few.days < 21
    assert gaps.longest(many, 4.0) < gaps.longest(few, 4.0)


@given(st.integers(1, 30), st.integers(0, 30))
def test_who_does_as_its_peers_is_not_fishing(registered, neither) -> None:
    neither = min(neither, registered)
    found = fishing.hauls({f"p{i}": Probing(registered, neither, neither) for i in range(8)})
    assert all(haul.score < 2 for haul in found.values())
    if 0.05 <= neither / registered <= 0.95:
        assert all(haul.score == pytest.approx(0, abs=1e-6) for haul in found.values())


def test_who_registers_much_and_works_none_of_it_is() -> None:
    peers = {f"p{i}": Probing(20, 4 + i % 3, 2) for i in range(20)}
    haul = fishing.hauls({**peers, "f": Probing(30, 29, 18)})["f"]
    assert haul.score > LIMITS["fishing"].score
    assert haul.expected == pytest.approx(30 * 5 / 20, rel=0.3)


# The forest


def test_the_forest_sets_apart_what_is_unlike_the_rest() -> None:
    dice = random.Random(1)
    rows = [[dice.gauss(0, 1), dice.gauss(0, 1)] for _ in range(600)]
    forest = Forest(rows)
    usual = sorted(forest.score(row) for row in rows)
    assert forest.score([6.0, -6.0]) > usual[-6]
    assert forest.score([0.0, 0.0]) < usual[300]
    assert forest.score([6.0, -6.0]) == Forest(rows).score([6.0, -6.0])


def test_the_forest_knows_its_limits() -> None:
    assert Forest([]).score([1.0]) == 0.5
    assert Forest([[1.0]] * 50).score([9.0]) == Forest([[1.0]] * 50).score([1.0])
    assert cuts(2) == 1.0
    assert cuts(256) == pytest.approx(10.24, abs=0.01)  # as in the paper: 2 H(255) - 2 * 255 / 256


# The whole look


def partners(number: int = 30) -> dict[str, Seller]:
    return {f"p{i:02}": Seller(f"p{i:02}", f"Partner {i}", "US", 10_000) for i in range(number)}


def steady(**changes) -> Histories:
    sellers = partners()
    values = {
        "day": date(2026, 3, 1),
        "sellers": sellers,
        "registrations": {key: [2] * WEEKS for key in sellers},
        "tickets": {key: [1] * WEEKS for key in sellers},
        "activities": {key: [3] * WEEKS for key in sellers},
        "quotes": {(key, "pumps"): dict.fromkeys(range(WEEKS), (20.0, 2)) for key in sellers},
        "probing": {key: Probing(20, 3, 2) for key in sellers},
        "lines": {"pumps": [25] * WEEKS},
        "regions": {"US": [25] * WEEKS},
    } | changes
    return Histories(**values)


def test_nothing_stands_out_where_nothing_changes() -> None:
    assert look(steady(), LIMITS) == []


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("registration_burst", {"registrations": {"p00": [2] * 52 + [9, 9, 9, 9]}}),
        ("ticket_surge", {"tickets": {"p00": [1] * 55 + [14]}}),
        ("ticket_surge", {"escalated": {"p00": [0] * 54 + [4, 5]}}),
        ("price_swing", {"quotes": {("p00", "pumps"): {w: (20.0 if w > 3 else 38.0, 2) for w in range(WEEKS)}}}),
        ("no_follow_up", {"claims": [claim(partner="p00", idle=400)]}),
        ("dormant_wakes", {"claims": [claim(partner="p00", idle=3, gap=400)]}),
        ("fishing", {"probing": {"p00": Probing(40, 39, 30)}}),
    ],
)
def test_each_kind_is_seen_with_its_numbers(kind, changes) -> None:
    plain = steady()
    merged = {}
    for name, value in changes.items():
        known = getattr(plain, name)
        merged[name] = {**known, **value} if isinstance(value, dict) else value
    (found,) = [m for m in look(steady(**merged), LIMITS) if m.alarms]
    assert (found.kind, found.partner) == (kind, "p00")
    assert found.score >= found.threshold == LIMITS[kind].score
    assert found.observed > found.expected
    assert found.since <= found.until <= date(2026, 3, 1)
    assert found.series
    assert found.sentence.endswith(".")
    assert 1 <= severity(found, [50_000, 250_000]) <= 3


def test_many_partners_at_once_are_a_burst_of_the_line_not_of_each() -> None:
    sellers = partners(60)
    calm = {key: [1, 0] * (WEEKS // 2) for key in sellers}
    found = look(
        steady(sellers=sellers, registrations=calm, tickets={}, activities={}, quotes={}, probing={},
               lines={"pumps": [5, 6] * 26 + [30, 31, 33, 30]}, regions={}, names={"pumps": "Pumps"}), LIMITS
    )  # fmt: skip
    assert [(m.key, m.line, m.partner) for m in found] == [("line:pumps", "pumps", "")]
    assert found[0].sentence.startswith("Pumps: ")


def test_what_is_too_small_to_matter_keeps_no_signal_from_standing_but_raises_none() -> None:
    (measure,) = [m for m in look(steady(tickets={"p00": [0] * 55 + [4]}), LIMITS) if m.kind == "ticket_surge"]
    assert measure.observed < LIMITS["ticket_surge"].least
    assert measure.stands
    assert not measure.alarms


def test_a_pattern_is_told_only_where_no_single_figure_is() -> None:
    dice = random.Random(5)
    sellers = partners(40)
    calm = {key: [dice.choice((1, 2, 2, 3)) for _ in range(WEEKS)] for key in sellers}
    work = {key: [dice.choice((3, 4, 5)) for _ in range(WEEKS)] for key in sellers}
    odd = {"p07": [2] * 52 + [4, 4, 4, 4]}
    facts = {"sellers": sellers, "registrations": {**calm, **odd}, "tickets": {**calm, **odd}, "quotes": {}, "probing": {},
             "activities": {**work, "p07": [4] * 52 + [0, 0, 0, 0]}, "refused": {"p07": [0] * 52 + [1, 1, 1, 1]}}  # fmt: skip
    limits = {**LIMITS, "unusual_pattern": SignalLimit(2, 2)}
    found = [m for m in look(steady(**facts), limits) if m.alarms and m.partner == "p07"]
    assert [m.kind for m in found] == ["unusual_pattern"]
    loud = {**facts, "registrations": {**calm, "p07": [2] * 52 + [9, 9, 9, 9]}}
    kinds = [m.kind for m in look(steady(**loud), limits) if m.partner == "p07" and m.alarms]
    assert kinds == ["registration_burst"]


# Triage, playbooks, policy


@given(st.floats(0, 1e6), st.booleans(), st.floats(1, 5))
def test_severity_follows_stake_and_certainty(stake, contested, beyond) -> None:
    def measure(**changes) -> Measure:
        day = date(2026, 3, 1)
        known = {"stake": stake, "contested": contested, "score": 4 * beyond} | changes
        return Measure("fishing", "k", "u", 1, 1, 1, threshold=4, since=day, until=day, sentence="s.", **known)

    amounts = [0, 50_000, 250_000]
    now = severity(measure(), amounts)
    assert now in (1, 2, 3)
    assert severity(measure(stake=stake + 250_000), amounts) <= now
    assert severity(measure(score=4 * beyond + 4), amounts) <= now
    assert severity(measure(contested=True), amounts) <= now
    assert 1 <= impact(measure(), amounts) <= 3
    assert 1 <= certainty(measure()) <= 3


def test_every_kind_has_a_playbook_and_limits() -> None:
    assert set(PLAYBOOKS) == set(KINDS) == set(STANDARD["signals"])
    for playbook in PLAYBOOKS.values():
        assert all([playbook.title, playbook.means, playbook.look, playbook.do, playbook.ask, playbook.method])


def test_a_policy_without_signals_has_the_standard_ones_and_may_change_some() -> None:
    document = {key: value for key, value in STANDARD.items() if key != "signals"}
    assert Policy.from_document(document).signals == LIMITS
    changed = Policy.from_document({**document, "signals": {"fishing": {"score": 2.5, "least": 4}}}).signals
    assert changed == {**LIMITS, "fishing": SignalLimit(2.5, 4)}
    assert "signals" not in document


@pytest.mark.parametrize(
    ("signals", "field"),
    [
        ({"fishing": {"score": 0, "least": 4}}, "signals.fishing.score: expected a number above 0"),
        ({"fishing": {"score": 3, "least": 1.5}}, "signals.fishing.least: expected a whole number"),
        ({"fisching": {"score": 3, "least": 1}}, "signals.fisching: no such field"),
        ([], "signals: expected an object"),
    ],
)
def test_a_wrong_limit_is_named(signals, field) -> None:
    with pytest.raises(PolicyError) as error:
        Policy.from_document({**STANDARD, "signals": signals})
    assert field in str(error.value)


# The simulator


def test_the_simulated_world_is_the_same_each_time_and_plants_every_kind() -> None:
    one, two = World(150, 104, 52, 3), World(150, 104, 52, 3)
    assert one.events == two.events
    assert one.histories(70) == two.histories(70)
    assert {(event.kind, event.strength) for event in one.events} == {(k, s) for k in KINDS for s in STRENGTHS}
    facts = one.histories(70)
    assert all(len(values) == WEEKS for values in facts.registrations.values())
    measures = look(facts, LIMITS)
    assert {m.key for m in measures if m.alarms} <= {m.key for m in measures if m.score >= CALM * m.threshold}
    assert len(plain_alarms(facts)) > len([m for m in measures if m.alarms])
