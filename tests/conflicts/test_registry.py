"""The registry of detectors says truly what each finds and which numbers of the policy it looks at: a back-test asks only
those that may find otherwise."""

from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts.detectors import REGISTRY
from conflicts.policy import KINDS
from tests.conflicts.build import POLICY, World
from tests.conflicts.test_backtest import draft
from tests.conflicts.test_properties import worlds

OTHER = {"proof_needed": "sow_signed", "reserved_segments": ["standard"]}
PARAMETERS = sorted(item.name for item in fields(POLICY.parameters))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds(), st.sampled_from(PARAMETERS))
def test_a_detector_looks_at_no_parameter_but_its_own(made: World, name: str) -> None:
    facts, other = made.facts(), draft(**{name: OTHER.get(name, 1)})
    for detector in REGISTRY:
        found = detector.ask(facts, POLICY)
        assert {item.kind for item in found} <= detector.kinds
        if name not in detector.reads:
            assert detector.ask(facts, other) == found


def test_every_kind_that_is_found_has_one_detector_and_what_it_reads_are_parameters() -> None:
    kinds = [kind for detector in REGISTRY for kind in detector.kinds]
    assert sorted(kinds) == sorted(set(kinds))
    assert set(kinds) <= set(KINDS)
    assert {name for detector in REGISTRY for name in detector.reads} <= set(PARAMETERS)
