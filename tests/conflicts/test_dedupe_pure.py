"""The pure half of looking for duplicates: clusters with cannot-links, pairs judged both ways, blocks in memory."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.identity.bulk.blocks import corpus_of, pairs_of
from conflicts.identity.bulk.clusters import MOST_MEMBERS, gather_clusters
from conflicts.identity.bulk.judging import judge_pair, vetoed, without_itself, worth_proposing
from conflicts.identity.party import Corpus, Party

LEI, OTHER_LEI = "5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55"
links = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.floats(0.5, 1)), max_size=40)


def never(one: object, other: object) -> bool:
    return False


def party(name: str, **extra) -> Party:
    return Party.of(name, **{"country": "US", **extra})


def test_what_is_linked_is_one_cluster_as_sure_as_its_weakest_link() -> None:
    [cluster] = gather_clusters([("a", "b", 0.9), ("b", "c", 0.6), ("a", "c", 0.8)], never)
    assert (set(cluster.members), cluster.probability) == ({"a", "b", "c"}, 0.8)


def test_of_two_that_may_not_meet_the_surer_link_holds() -> None:
    def apart(one: str, other: str) -> bool:
        return {one, other} == {"a", "c"}

    [cluster] = gather_clusters([("a", "b", 0.7), ("b", "c", 0.9)], apart)
    assert set(cluster.members) == {"b", "c"}


@settings(max_examples=200, deadline=None)
@given(links, st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12))))
def test_clusters_are_disjoint_and_hold_nobody_that_is_apart(pairs, kept) -> None:
    def apart(one: int, other: int) -> bool:
        return (one, other) in kept or (other, one) in kept

    found = gather_clusters([pair for pair in pairs if pair[0] != pair[1]], apart)
    members = [key for cluster in found for key in cluster.members]
    assert len(members) == len(set(members))
    for cluster in found:
        assert len(cluster.members) > 1
        assert not any(apart(a, b) for a, b in combinations(cluster.members, 2))


def test_a_cluster_stays_small_enough_to_be_looked_through() -> None:
    found = gather_clusters([(0, number, 0.9) for number in range(1, 500)], never)
    assert max(len(cluster.members) for cluster in found) == MOST_MEMBERS


def test_a_pair_is_judged_alike_both_ways_round_and_by_the_more_doubtful_way() -> None:
    one, other = party("Zenith Boilers of Ohio", city="Austin"), party("Zenith Boilers", city="Austin")
    corpus = without_itself(corpus_of({1: one, 2: other}))
    assert judge_pair(one, other, corpus) == judge_pair(other, one, corpus)


def test_what_asks_is_not_counted_among_those_that_share_its_name() -> None:
    one, other = party("Zenith Boilers", city="Austin"), party("Zenith Boilers Inc", city="Austin")
    counted = Corpus(1000, {"zenith": 2, "boilers": 2}, {"zenith boilers": 2}, {})
    assert judge_pair(one, other, without_itself(counted)).bits > judge_pair(one, other, counted).bits
    assert worth_proposing(judge_pair(one, other, without_itself(counted)), 0.5)


def test_a_thousand_equal_names_are_no_duplicates_by_name_alone() -> None:
    one, other = party("Global Solutions"), party("Global Solutions")
    counted = Corpus(100_000, {"global": 5000, "sol": 5000}, {"global sol": 1000}, {})
    assert not worth_proposing(judge_pair(one, other, without_itself(counted)), 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs", "veto"),
    [({"lei": LEI}, {"lei": OTHER_LEI}, True), ({"lei": LEI}, {"lei": LEI}, False), ({"lei": LEI}, {}, False)],
)
def test_another_identifier_is_a_veto(ours: dict, theirs: dict, veto: bool) -> None:
    assert vetoed(party("Zenith", identifiers=ours), party("Zenith", identifiers=theirs)) is veto


def test_in_memory_a_slip_or_a_domain_is_enough_to_be_looked_at() -> None:
    parties = {
        1: party("Zenith Boilers"), 2: party("Zenit Boilers"), 3: party("Quarry", domain="quarry.example"),
        4: party("QRY", domain="quarry.example"), 5: party("Somebody Else"), 6: party(""),
    }  # fmt: skip
    assert {frozenset(pair) for pair in pairs_of(parties)} == {frozenset({1, 2}), frozenset({3, 4})}
