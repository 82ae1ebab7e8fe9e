"""Coverage in SQL is the coverage of the pure code: for random rules and accounts, and for whose lead each account is."""

import uuid
from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conflicts import facts as f
from conflicts.drafting.where import Cells, covered
from conflicts.facts import ALL
from conflicts.territories import SPACES, Change, Ground, covers, fold, lead_among, live, shift
from partners.models import Account

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
IDS = [str(uuid.UUID(int=n)) for n in range(1, 7)]
PLACES = st.sampled_from(["", "US", "us", "Us", "GB", "g", " U", "ß", "DE"])
STATES = st.sampled_from(["", "US-TX", "us-tx", "US-CA", "us- tx"])
POSTAL = st.sampled_from(["", "77", "770 02", "SW1A 1AA", "sw1a1aa", "SW\u00a01", "8", " ", "77-1", "éé1"])
INDUSTRY = st.sampled_from(["", "325", "3254", "3 2", "chem", "CHEM 1", "öl", "%"])
SIZES = st.none() | st.integers(0, 6)
ACCOUNTS = st.lists(
    st.builds(
        dict, country=PLACES, subdivision=STATES, postal_code=POSTAL, industry=INDUSTRY, employees=SIZES,
    ),
    min_size=1, max_size=len(IDS),
)  # fmt: skip


def few(values):
    return st.frozensets(values, max_size=2)


RULES = st.builds(
    f.Territory,
    id=st.uuids().map(str), ref=st.sampled_from(["T-1", "T-2", "T-3"]), name=st.just("T"),
    countries=few(PLACES), subdivisions=few(STATES),
    postal_prefixes=few(st.sampled_from(["7", "77", "sw1", "SW1A 1", "", "é", "8"])),
    industries=few(st.sampled_from(["3", "32", "3254", "CH", "öl", "%"])),
    employees_min=SIZES, employees_max=SIZES, product_lines=few(st.sampled_from(["pumps", "valves"])),
    named_account_ids=few(st.sampled_from([*IDS[:3], "unknown:A-9"])), excluded_account_ids=few(st.sampled_from(IDS)),
    exclusive=st.booleans(), priority=st.integers(1, 2),
    valid_until=st.sampled_from([None, None, date(2026, 3, 1), date(2026, 3, 2)]),
    assignments=st.lists(st.sampled_from(["x", "y"]), max_size=2).map(
        lambda who: tuple(f.Assignment(w, w, w) for w in who)
    ),
)  # fmt: skip


def stored(cast, rows):
    """The accounts in the database, and as facts."""
    made = [
        Account(id=IDS[n], program=cast.program, external_id=f"A-{n}", name=f"Account {n}", **row)
        for n, row in enumerate(rows)
    ]
    Account.objects.bulk_create(made)
    return [
        f.Account(
            str(a.pk), a.external_id, a.name, a.country, a.subdivision, "", a.postal_code, a.industry, a.employees
        )
        for a in made
    ]


@pytest.fixture
def empty(cast):
    """A program without accounts, as its staff; each example is rolled back."""
    with cast.scope():
        Account.objects.filter(program=cast.program).update(merged_into=None)
        yield cast


SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(rows=ACCOUNTS, rule=RULES)
def test_a_rule_covers_the_same_accounts_in_sql(empty, rows, rule) -> None:
    with transaction.atomic():
        accounts = stored(empty, rows)
        found = {str(key) for key in covered(empty.program.pk, rule)} & set(IDS)
        assert found == {a.id for a in accounts if covers(rule, a, ALL)}
        transaction.set_rollback(True)


@SETTINGS
@given(rows=ACCOUNTS, rules=st.lists(RULES, min_size=1, max_size=5), new=RULES, at=st.integers(0, 4))
def test_cells_move_as_their_accounts_do(empty, rows, rules, new, at) -> None:
    old = rules[at % len(rules)]
    change = Change(tuple(rules), tuple(new if r is old else r for r in rules), DAY, ("pumps", "valves"))
    with transaction.atomic():
        accounts = stored(empty, rows)
        cells = Cells(empty.program.pk, change.changed(), change.concerned())
        found = shift(change, cells.read()) if cells.changed else shift(change, [])
        moved = naive(change, accounts)
        listed = cells.accounts({m.key for m in found.moves}, limit=50) if found.moves else []
        told = {(str(key), line) for key, *_, cell in listed for m in found.moves if m.key == cell for line in m.lines}
        transaction.set_rollback(True)
    ours = {(key, line) for key, line in told if key in IDS}
    assert ours == moved


def naive(change: Change, accounts: list[f.Account]) -> set[tuple[str, str]]:
    """(account, product line) that change hands: every account against every rule."""
    found = set()
    for account in accounts:
        for line in change.catalogue:
            scope = frozenset({line})
            before, after = (
                lead_among([r for r in rules if live(r, DAY) and covers(r, account, scope)], DAY)
                for rules in (change.before, change.after)
            )
            if not before.same_as(after):
                found.add((account.id, line))
    return found


@settings(deadline=None)
@given(
    rules=st.lists(RULES, max_size=6),
    account=st.builds(
        f.Account, id=st.sampled_from(IDS), ref=st.just("A"), name=st.just("A"), country=PLACES, subdivision=STATES,
        postal_code=POSTAL, industry=INDUSTRY, employees=SIZES,
    ),
)  # fmt: skip
def test_rules_filed_by_dimension_are_found_as_when_each_is_asked(rules, account) -> None:
    found = Ground.of(rules).covering(account)
    assert {id(r) for r in found} == {id(r) for r in rules if covers(r, account, ALL)}


def test_codes_are_compared_in_capitals_and_without_blanks() -> None:
    assert fold("sw1a\u00a01 aa\t\u202f") == "SW1A1AA"
    assert all(space.isspace() for space in SPACES)


def test_a_merged_account_is_judged_as_the_one_that_it_counts_as(cast) -> None:
    with cast.scope():
        first, second = stored(cast, [{"country": "US"}, {"country": "US"}])
        Account.objects.filter(pk=second.id).update(merged_into=first.id)
        rule = f.Territory(id="t", ref="T", name="T", countries=frozenset({"US"}))
        assert {str(key) for key in covered(cast.program.pk, rule)} & set(IDS) == {first.id}
        assert covered(cast.program.pk, replace(rule, named_account_ids=frozenset({"unknown:A-9"}))) == []
