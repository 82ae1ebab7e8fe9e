"""recordlinkage: its comparisons of the candidates that it is handed, weighed by its unsupervised ECM classifier."""

import numpy
import pandas
import recordlinkage

from benchmarks.identity.peers.given import Given, Row, Scored

FIELDS = ("country", "city", "domain", "phone", "postal_code")
LEVELS = (0.8, 0.9)


def prepare(given: Given) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Both sides as tables; what is not known is None."""
    return _table(given.left), _table(given.right)


def score(given: Given, prepared: tuple[pandas.DataFrame, pandas.DataFrame]) -> Scored:
    """The log odds that ECM learns; among equal ones the likest name is first."""
    found = _compared(given, *prepared)
    likeness = (found.pop("jarowinkler") + found.pop("qgram")) / 2
    for level in LEVELS:
        found[f"name {level}"] = likeness >= level
    told = found.loc[:, found.nunique() > 1].astype(int)
    learned = recordlinkage.ECMClassifier(max_iter=200)
    learned.fit(told)
    chance = learned.prob(told).to_numpy()
    with numpy.errstate(divide="ignore"):
        odds = numpy.clip(numpy.log(chance) - numpy.log1p(-chance), -50, 50)
    for (a, b), bits, near in zip(given.candidates, odds, likeness, strict=True):
        yield a, b, round(float(bits + near / 500), 6)


def _compared(given: Given, left: pandas.DataFrame, right: pandas.DataFrame) -> pandas.DataFrame:
    """A row of likenesses and equalities a pair."""
    compare = recordlinkage.Compare()
    for method in ("jarowinkler", "qgram"):
        compare.string("core", "core", method=method, label=method)
    for field in (field for field in FIELDS if left[field].notna().any()):
        compare.exact(field, field, label=field, missing_value=0)
        # Unknown is neither equal nor different, so that difference is a feature of its own.
        compare.exact(field, field, label=f"{field} differs", disagree_value=1, agree_value=0, missing_value=0)
    if left["address"].notna().any():
        compare.string("address", "address", method="jarowinkler", threshold=0.85, missing_value=0, label="address")
    return compare.compute(pandas.MultiIndex.from_tuples(given.candidates), left, right)


def _table(rows: dict[str, Row]) -> pandas.DataFrame:
    return pandas.DataFrame.from_dict(rows, orient="index").replace("", None)
