"""Whose a lead is: by who holds the account, then by the territory rules; a tie and nobody are said."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from conflicts import facts as f
from conflicts.leads import following, ranked
from conflicts.policy import STANDARD, Policy

AT = datetime(2026, 3, 20, 10, tzinfo=UTC)
POLICY = Policy.from_document(STANDARD)
ORION = f.Account("a", "A-ORION", "Orion", country="US", subdivision="US-TX", segment="standard")
PUMPS = frozenset({"pumps"})


def territory(ref, owners, **extra):
    assigned = tuple(f.Assignment(owner, owner, assignee=owner, role="owner") for owner in owners)
    return f.Territory(id=ref, ref=ref, name=ref, assignments=assigned, **extra)


def facts(**parts):
    return f.Facts(at=AT, program=f.Program("p", "p", "P", "USD"), accounts=(ORION,), **parts)


def who(groups):
    return [[candidate.claimant for candidate in group] for group in groups]


TX = {"countries": frozenset({"US"}), "subdivisions": frozenset({"US-TX"})}
RULES = (
    territory("T-US", ["low"], countries=frozenset({"US"}), priority=5),
    territory("T-TX", ["more-dimensions"], priority=5, **TX),
    territory("T-HIGH", ["priority"], countries=frozenset({"US"}), priority=9),
    territory("T-EXCLUSIVE", ["exclusive"], exclusive=True, countries=frozenset({"US"})),
    territory("T-NAMED", ["named"], named_account_ids=frozenset({"a"})),
    territory("T-ELSEWHERE", ["elsewhere"], countries=frozenset({"DE"}), exclusive=True),
)


def test_territories_rank_as_the_policy_says():
    groups = ranked(facts(territories=RULES), ORION, PUMPS, POLICY)
    assert who(groups) == [["named"], ["exclusive"], ["priority"], ["more-dimensions"], ["low"]]
    assert groups[1][0].reason == "The territory T-EXCLUSIVE covers it (exclusive, priority 0 and 1 dimension set)."
    assert groups[1][0].evidence == ("T-EXCLUSIVE",)


def test_who_was_asked_is_passed_over_and_a_tie_is_for_a_person():
    groups = ranked(facts(territories=RULES), ORION, PUMPS, POLICY)
    assert following(groups, frozenset()).claimant == "named"
    assert following(groups, frozenset({"named", "exclusive"})).claimant == "priority"
    assert following(groups, frozenset({"named", "exclusive", "priority", "more-dimensions", "low"})) is None
    tied = ranked(
        facts(territories=(territory("T-1", ["one"], **TX), territory("T-2", ["two"], **TX))), ORION, PUMPS, POLICY
    )
    assert who(tied) == [["one", "two"]]
    assert following(tied, frozenset()) is None
    assert following(tied, frozenset({"one"})) is None
    assert ranked(facts(), ORION, PUMPS, POLICY) == []


def test_an_owner_comes_before_any_territory_and_a_protected_deal_before_an_owner():
    owner = f.Ownership(id="o", ref="o", account_id="a", owner="owner", valid_from=date(2025, 1, 1))
    held = f.Registration(
        id="r", ref="R-1", claimant="protected", account_id="a", product_lines=PUMPS, status="approved", currency="USD",
        submitted_at=AT, protected_from=datetime(2026, 3, 1, tzinfo=UTC), protected_until=datetime(2026, 5, 1, tzinfo=UTC),
    )  # fmt: skip
    all_ = facts(territories=RULES, ownerships=(owner,), registrations=(held,))
    assert who(ranked(all_, ORION, PUMPS, POLICY))[:3] == [["protected"], ["owner"], ["named"]]
    assert who(ranked(all_, ORION, frozenset({"valves"}), POLICY))[:2] == [["owner"], ["named"]]
    asked = replace(held, status="submitted", protected_from=None, protected_until=None)
    assert who(ranked(replace(all_, registrations=(asked,)), ORION, PUMPS, POLICY))[0] == ["owner"]


def test_a_customer_whom_nobody_knows_is_only_a_place():
    stranger = replace(ORION, id="", ref="")
    owner = f.Ownership(id="o", ref="o", account_id="a", owner="owner", valid_from=date(2025, 1, 1))
    found = who(ranked(facts(territories=RULES, ownerships=(owner,)), stranger, PUMPS, POLICY))
    assert found == [["exclusive"], ["priority"], ["more-dimensions"], ["low"]]


def exception(**extra):
    values = {"id": "x", "ref": "X-1", "account_id": "a", "lifts": frozenset({"reserved_account"}), "reason": "Agreed."}
    return f.AccountException(**values | extra)


@pytest.mark.parametrize("segment", ["strategic", "house", "named"])
def test_a_reserved_account_is_the_direct_teams_unless_an_exception_says_otherwise(segment):
    account = replace(ORION, segment=segment)
    found = replace(facts(territories=RULES), accounts=(account,))
    assert who(ranked(found, account, PUMPS, POLICY))[0] == [f.DIRECT]
    given = replace(found, exceptions=(exception(party="chosen"),))
    assert who(ranked(given, account, PUMPS, POLICY))[0] == ["chosen"]
    for all_ in (replace(found, exceptions=(exception(),)),):
        assert who(ranked(all_, account, PUMPS, POLICY))[0] == ["named"]
    late = replace(found, exceptions=(exception(party="chosen", valid_until=date(2026, 3, 19)),))
    assert who(ranked(late, account, PUMPS, POLICY))[0] == [f.DIRECT]
