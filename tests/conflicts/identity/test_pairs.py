"""The verdict on pairs: what merges, what goes to a person, what is family; and that the score behaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts.identity.likeness import name_likeness
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import DIFFERENT, FAMILY, POSSIBLE, SAME, decide, match
from partners.naming import read_name

COMMON = {"global": 4000, "sol": 3000, "intl": 5000, "grp": 4000, "europe": 900, "services": 3000, "tech": 5000}
STOCK = Corpus(1_000_000, COMMON)


def party(name: str, **known: str) -> Party:
    return Party.of(name, **known)  # type: ignore[arg-type]


ORION = party("Orion Chemicals Inc.", country="US", city="Boston", domain="orionchem.com", phone="+1 617 555 2671")


def test_a_second_spelling_with_the_domain_is_the_same() -> None:
    found = match(party("ORION CHEMICALS, INCORPORATED", country="US", domain="www.orionchem.com"), ORION, STOCK)
    assert found.verdict == SAME
    assert found.bits == pytest.approx(sum(reason.bits for reason in found.reasons), abs=0.1)
    assert {"start", "name", "domain", "country"} <= {reason.field for reason in found.reasons}
    assert all(reason.sentence.endswith(".") for reason in found.reasons)


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [
        (party("Orion Chemicals Ltd", country="GB", city="Leeds"), {FAMILY, POSSIBLE}),
        (party("Orion Chemicals Europe", country="DE", domain="orionchem.com"), {FAMILY, POSSIBLE}),
        (party("Zebra Foods", domain="orionchem.com"), {POSSIBLE, DIFFERENT, FAMILY}),
        (party("Zebra Foods", country="US", city="Boston"), {DIFFERENT}),
        (party("", country="US", domain="orionchem.com"), {POSSIBLE, DIFFERENT}),
        (party("😀"), {DIFFERENT}),
        (party("x"), {DIFFERENT}),
        (party("a" * 10_000), {DIFFERENT}),
        (party("\u202eشركة المثال"), {DIFFERENT}),
    ],
)
def test_what_must_not_merge(typed: Party, allowed: set[str]) -> None:
    assert match(typed, ORION, STOCK).verdict in allowed


def test_a_slip_with_the_phone_is_the_same() -> None:
    assert match(party("Orion Chemcals", phone="+16175552671", country="US"), ORION, STOCK).verdict == SAME


@pytest.mark.parametrize(
    ("typed", "verdicts"),
    [
        (party("Orion Chemicals Inc", country="US"), {SAME}),  # a rare name that one account bears, in its country
        (party("Orion Chemicals Inc", country="US", city="Denver"), {SAME}),  # companies have several cities
        (party("Orion Chemcals Inc"), {SAME, POSSIBLE}),
        (party("Orion Chemicals Inc", country="US", domain="zeta.com"), {POSSIBLE}),  # the domain of another account
        (party("Orion Chemicals Europe", country="US", city="Boston", domain="orionchem.com"), {FAMILY, POSSIBLE}),
        (party("Orion Chemicals 2", country="US", city="Boston", domain="orionchem.com"), {FAMILY, POSSIBLE}),
        (party("Orion Chemicals", country="CA", domain="orionchem.com"), {FAMILY, POSSIBLE}),
        (party("Orion Foods Canada", country="CA"), {DIFFERENT}),  # one common word is no family
    ],
)
def test_few_columns(typed: Party, verdicts: set[str]) -> None:
    stock = replace(STOCK, tokens={**COMMON, "orion": 600, "foods": 9000}, domains={"zeta.com": 1, "orionchem.com": 1})
    assert match(typed, ORION, stock).verdict in verdicts


def test_another_phone_speaks_against_a_name_that_is_only_near() -> None:
    stock = replace(STOCK, tokens={**COMMON, "orion": 1, "halcyon": 1})
    account = party("Orion Halcyon Chemicals Inc", country="US", phone="+1 617 555 0123")
    other, slip = "+1 212 555 0188", "Orion Halcyom Chemicals"
    assert match(party(slip, country="US"), account, stock).verdict == SAME
    assert match(party(slip, country="US", phone=other), account, stock).verdict == POSSIBLE
    assert match(party("Orion Halcyon Chemicals", country="US", phone=other), account, stock).verdict == SAME


def test_a_name_that_several_bear_needs_more() -> None:
    several = Corpus(1_000_000, {"orion": 9}, {"orion chem": 3})
    assert match(party("Orion Chemicals", country="US"), ORION, several).verdict != SAME
    assert match(party("Orion Chemicals", country="US", city="Boston"), ORION, several).verdict == SAME


@pytest.mark.parametrize(
    ("left", "right", "least"),
    [
        ("VYC Development", "VTC Development", 0.5), ("University of New Jersey", "University of NJ", 0.9),
        ("Radh Eindustries Kanpur", "Radhe Industries Kanpur", 0.9), ("Micro Soft Europe", "Microsoft Europe", 0.9),
        ("Thomson Telecomunications", "Thomson Telecommunications", 0.9),
    ],
)  # fmt: skip
def test_slips_and_short_cuts_are_seen(left: str, right: str, least: float) -> None:
    assert name_likeness(read_name(left), read_name(right), Corpus(1000)).share >= least


def test_a_million_equal_names_never_merge_by_name() -> None:
    many = Corpus(1_000_000, {"global": 1_000_000, "sol": 1_000_000}, {"global sol": 1_000_000})
    typed, ours = party("Global Solutions"), party("Global Solutions Ltd")
    assert match(typed, ours, many).verdict != SAME
    assert match(party("Global Solutions", country="US"), replace(ours, country="US"), many).verdict != SAME


def test_identifiers_decide_and_veto() -> None:
    lei, other = {"lei": "213800I3ZA8U8E3DLO51"}, {"lei": "5493001KJTIIGC8Y1R12"}
    ours = Party.of("Orion Chemicals", domain="orionchem.com", identifiers=lei)
    assert match(Party.of("Something else", identifiers=lei), ours, STOCK).verdict == SAME
    assert Party.of("Orion", identifiers={"lei": "213800I3ZA8U8E3DLO52"}).identifiers == ()
    against = match(Party.of("Orion Chemicals", domain="orionchem.com", identifiers=other), ours, STOCK)
    assert against.verdict == FAMILY
    assert against.probability < 0.01


def test_two_that_cannot_be_told_apart_go_to_a_person() -> None:
    typed = party("Orion Chemicals", domain="orionchem.com")
    found = match(typed, ORION, STOCK)
    assert found.verdict == SAME
    decision = decide([("a", found), ("b", found)])
    assert decision.verdict == POSSIBLE
    assert decision.margin == 0
    assert decide([("a", found)]).verdict == SAME
    assert decide([]).verdict == DIFFERENT


names = st.lists(
    st.sampled_from("orion chemicals zeta kappa global europe intl 42 viii".split()), min_size=1, max_size=5
).map(" ".join)
known = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["US", "DE"]),
        "city": st.sampled_from(["Boston", "Bonn"]),
        "domain": st.sampled_from(["orion.com", "orion.de", "zeta.com"]),
        "phone": st.sampled_from(["617555267", "301234567"]),
    },
)  # fmt: skip
AGREEING = {"country": "US", "city": "boston", "domain": "orion.com", "phone": "617555267", "postal_code": "02110"}


@given(names, names)
def test_likeness_is_symmetric(left: str, right: str) -> None:
    one = name_likeness(read_name(left), read_name(right), STOCK)
    two = name_likeness(read_name(right), read_name(left), STOCK)
    assert one.share == pytest.approx(two.share)
    assert one.exact == two.exact


@given(names, names, known, known, st.sampled_from(sorted(AGREEING)))
def test_agreeing_evidence_never_lowers_the_probability(
    left: str, right: str, ours: dict[str, str], theirs: dict[str, str], field: str
) -> None:
    ours.pop(field, None)
    theirs.pop(field, None)
    query, candidate = party(left, **ours), party(right, **theirs)
    value = AGREEING[field]
    more = match(replace(query, **{field: value}), replace(candidate, **{field: value}), STOCK)
    assert more.bits >= match(query, candidate, STOCK).bits - 1e-6


@given(st.text(max_size=120), st.text(max_size=120))
def test_no_name_raises(left: str, right: str) -> None:
    assert 0 <= match(party(left), party(right), STOCK).probability <= 1
