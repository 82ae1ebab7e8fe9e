"""bench detection on a tiny vendor: everything is measured, told, and removed again."""

import pytest

from benchmarks import detection, vendor
from channelconflict.database.creation import OWNER_ALIAS
from partners.models import Program

TINY = vendor.Size(accounts=300, registrations=400, partners=60, territories=60)


@pytest.mark.django_db(transaction=True, databases=["default", OWNER_ALIAS])
def test_a_tiny_vendor_is_measured_and_removed(monkeypatch):
    monkeypatch.setitem(vendor.SIZES, "small", TINY)
    monkeypatch.setattr(detection, "SUBMISSIONS", 6)
    monkeypatch.setattr(detection, "WARM", 1)
    monkeypatch.setattr(detection, "SAMPLE", 20)
    told: list[str] = []
    report = detection.run("small", told.append, only=["everything", "verdict", "naive"])
    assert report["counts"]["accounts"] == 300
    assert report["counts"]["claims"] > report["counts"]["registrations"] > 350
    first, again, verdict, naive = (report[part] for part in ("first_look", "everything", "verdict", "naive"))
    assert (again["claim_sets"], again["cases"]) == (first["claim_sets"], first["cases"])
    assert 0 < again["cases"] < again["claim_sets"]
    assert again["peak_mb"] > 30
    assert verdict["submissions"] == 6
    assert verdict["with_a_case"] >= 3
    assert 0 < verdict["p50"] <= verdict["p95"] <= verdict["most"]
    assert naive["seconds"] > 0 < naive["one_against_all"]
    assert set(report["ratios"]) == {"all_pairs_to_everything", "one_against_all_to_verdict_p50"}
    text = "\n".join(detection.lines(report))
    assert "verdict p95, s" in text
    assert "everything again, s" in text
    assert not Program.objects.exists()


def test_what_was_given_up_is_told_by_its_sample():
    naive = {"patience": 60, "seconds": None, "sample": 1000, "sample_seconds": 2.0, "seconds_by_the_sample": 200.0,
             "one_against_all": None}  # fmt: skip
    report = {"counts": {}, "load_seconds": 1, "first_look": {"seconds": 1, "cases": 1}, "naive": naive,
              "everything": {"seconds": 400, "processes": 2, "peak_mb": 100}}  # fmt: skip
    report["ratios"] = detection._ratios(report)
    assert report["ratios"] == {"all_pairs_to_everything": 0.5}
    text = "\n".join(detection.lines(report))
    assert "given up after 60 s" in text
    assert "NOT MET" in text
