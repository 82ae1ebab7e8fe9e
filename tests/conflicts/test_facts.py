"""Facts: days and windows, look-ups, and the memo that gives the same facts back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts import memo, wording
from conflicts.facts import DIRECT, from_memo, from_memo_text, overlap, to_memo
from conflicts.recommend import Recommendation
from conflicts.windows import day, in_force, within_days
from tests.conflicts.build import NOW, ago, key, money, on, world
from tests.conflicts.test_claim_sets import crowded


def test_a_memo_gives_the_same_facts_back_to_the_bit() -> None:
    facts = crowded().facts()
    facts.account(key("ACME"))  # a warm cache changes nothing
    written = json.dumps(to_memo(facts), sort_keys=True)
    again = from_memo(json.loads(written))
    assert again == facts
    assert json.dumps(to_memo(again), sort_keys=True) == written
    assert from_memo_text(written) == facts
    assert json.dumps(to_memo(from_memo_text(written)), sort_keys=True) == written


def test_an_answer_can_be_kept_and_read_again() -> None:
    made = world().registration("R-1", "ALPHA", 20).registration("R-2", "BETA", 9).activity("R-1", "meeting")
    said = made.recommend()
    assert memo.load(Recommendation, json.loads(json.dumps(memo.dump(said)))) == said


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False), st.datetimes(timezones=st.just(UTC)))
def test_amounts_and_times_survive_the_memo(amount, at) -> None:
    facts = world().registration("R-1", "ALPHA", at=at, amount=str(amount)).facts()
    written = json.dumps(to_memo(facts))
    for read in (from_memo(json.loads(written)), from_memo_text(written)):
        (kept,) = read.registrations
        assert (kept.submitted_at, str(kept.amount)) == (at, str(amount))


@pytest.mark.parametrize("data", [[], {"at": NOW.isoformat(), "gossip": 1}])
def test_a_foreign_memo_is_refused(data) -> None:
    with pytest.raises(memo.MemoError):
        from_memo(data)
    if not isinstance(data, dict):
        with pytest.raises(memo.MemoError):
            from_memo_text(json.dumps(data))


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(memo.MemoError, match="object cannot stand in a memo"):
        memo.dump(object())


def test_a_day_is_a_utc_day() -> None:
    assert day(datetime(2026, 3, 1, 23, tzinfo=timezone(timedelta(hours=-5)))) == date(2026, 3, 2)


@pytest.mark.parametrize(("days", "within"), [(0, True), (59, True), (60, True), (61, False), (-1, False)])
def test_windows_count_whole_days_and_include_the_last(days: int, within: bool) -> None:
    assert within_days(on(days), 60, NOW) is within
    assert within_days(ago(days), 60, NOW) is within
    late = NOW.replace(hour=0, minute=1)
    assert within_days(ago(days, late.replace(hour=23)) if days > 0 else ago(days, late), 60, late) is within
    assert not within_days(None, 60, NOW)


def test_a_moment_later_on_the_same_day_is_not_before() -> None:
    assert not within_days(NOW + timedelta(seconds=1), 60, NOW)


@pytest.mark.parametrize(
    ("begins", "ends", "holds"), [(None, None, True), (on(0), on(0), True), (on(-1), None, False), (None, on(1), False)]
)
def test_dates_include_both_ends_and_empty_is_open(begins, ends, holds: bool) -> None:
    assert in_force(begins, ends, on(0)) is holds


def test_scopes() -> None:
    pumps, valves = frozenset({"pumps"}), frozenset({"valves"})
    assert overlap(frozenset(), pumps)
    assert overlap(pumps, frozenset())
    assert overlap(pumps, pumps | valves)
    assert not overlap(pumps, valves)


def test_names_and_refs() -> None:
    facts = world().facts()
    assert facts.name_of(DIRECT) == "the direct team"
    assert facts.ref_of(DIRECT) == DIRECT
    assert (facts.name_of(key("ALPHA")), facts.ref_of(key("ALPHA"))) == ("Alpha", "ALPHA")
    assert facts.name_of("gone") == "an unknown partner"
    assert facts.account_name("gone") == "an unknown account"
    assert facts.account("gone") is facts.partner(DIRECT) is facts.tier_of(DIRECT) is None


def test_the_root_is_the_loaders_or_found_by_the_parents() -> None:
    made = world().account("CHILD", parent="ACME").account("LOST", parent="GONE").account("GIVEN", root_id="r")
    facts = made.facts()
    roots = {ref: facts.root_of(key(ref)) for ref in ("ACME", "CHILD", "LOST", "GIVEN")}
    assert roots == {"ACME": key("ACME"), "CHILD": key("ACME"), "LOST": key("GONE"), "GIVEN": "r"}


def test_wording() -> None:
    assert wording.money(money("1234567"), "USD") == "USD 1,234,567"
    assert wording.money(money("19.9"), "EUR") == "EUR 19.90"
    assert wording.percent(money("12.50")) == "12.5 %"
    assert wording.percent(money("10")) == "10 %"
    assert wording.listing(["a", "b", "c"]) == "a, b and c"
    assert wording.products(world().facts(), frozenset({"valves", "pumps", "odd"})) == "Pumps, Valves and odd"
