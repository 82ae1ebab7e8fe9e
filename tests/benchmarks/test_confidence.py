"""bench confidence on a few made-up cases: measured, told, and honest about who decided."""

from benchmarks import confidence


def test_a_few_cases_are_measured(monkeypatch):
    monkeypatch.setitem(confidence.CASES, "small", 40)
    report = confidence.run("small", lambda _line: None, only=[])
    assert report["simulated"]
    assert report["cases"] >= 38
    assert report["calibration"]["labelled"] <= report["cases"]
    assert not report["calibration"]["met"]  # too few to say
    assert 0 <= report["abstention"]["abstain_below"] <= 100
    assert next(iter(confidence.lines(report))).startswith("SIMULATED")
    assert confidence.run("small", lambda _line: None, only=["calibration"]).keys() == {
        "cases", "simulated", "calibration", "seconds",
    }  # fmt: skip


def test_the_same_seed_decides_the_same():
    people = [confidence._person(number) for number in range(confidence.PEOPLE)]
    assert list(confidence.cases(6, people)) == list(confidence.cases(6, people))
