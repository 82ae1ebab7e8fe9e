"""What Splink is told of companies: one model for its DuckDB and its Spark backend, over the columns that `keys` makes.

It only proposes: m and u are set by hand, coarsely, so that recall is high. conflicts.identity.score judges what it finds.
"""

import splink.comparison_level_library as level
from splink import SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator
from splink.internals.comparison_library import CustomComparison

# (m, u): how often a level holds between records of one company, and between records of two.
_NAMES: tuple[tuple[ComparisonLevelCreator, float, float], ...] = (
    (level.ExactMatchLevel("core", term_frequency_adjustments=True), 0.45, 1e-6),
    (level.ExactMatchLevel("ordered", term_frequency_adjustments=True), 0.05, 1e-6),
    (level.ExactMatchLevel("joined", term_frequency_adjustments=True), 0.05, 1e-6),
    (level.JaroWinklerLevel("joined", 0.95), 0.15, 2e-5),
    (level.JaroWinklerLevel("joined", 0.9), 0.1, 2e-4),
    (level.ArrayIntersectLevel("tokens", 2), 0.1, 1e-3),
    (level.JaroWinklerLevel("joined", 0.8), 0.05, 1e-2),
    (level.ElseLevel(), 0.05, 0.98),
)
LIKELY_ENOUGH = -9.0  # bits; a pair below is not worth the scorer's time


def settings(*, records: int, across: bool = False) -> SettingsCreator:
    """The model for so many records; `across` links two sides (queries to accounts), else one table is deduplicated."""
    rule = "l.keys = r.keys" + (" and l.side <> r.side" if across else " and l.owner <> r.owner")
    return SettingsCreator(
        # One table of both sides in either case: integers are compared instead of texts that name their table.
        link_type="dedupe_only",
        comparisons=[
            _compare("core", "name", *(_worth(*row) for row in _NAMES)),
            _compare("rarest", "rarest", _worth(_equal("rarest", 0.5), 0.6, 1e-3), _worth(level.ElseLevel(), 0.4, 0.9)),
            _same_or_not("domain", 0.85, 1e-5, adjusted=True),
            _same_or_not("phone", 0.6, 1e-6),
            _same_or_not("city", 0.8, 0.05),
            _same_or_not("country", 0.95, 0.15),
            _compare(
                "identifiers", "identifiers",
                _worth(level.ArrayIntersectLevel("identifiers", 1), 0.9, 1e-9), _worth(level.ElseLevel(), 0.1, 0.9),
            ),
        ],
        blocking_rules_to_generate_predictions=[CustomRule(rule, arrays_to_explode=["keys"])],
        probability_two_random_records_match=1 / max(100, records),  # about one like it for each
        retain_matching_columns=False,
    )  # fmt: skip


def _equal(column: str, weight: float) -> ComparisonLevelCreator:
    return level.ExactMatchLevel(column, term_frequency_adjustments=True).configure(tf_adjustment_weight=weight)


def _worth(found: ComparisonLevelCreator, m: float, u: float) -> ComparisonLevelCreator:
    return found.configure(m_probability=m, u_probability=u)


def _compare(column: str, title: str, *levels: ComparisonLevelCreator) -> ComparisonCreator:
    return CustomComparison(output_column_name=title, comparison_levels=[level.NullLevel(column), *levels])


def _same_or_not(column: str, m: float, u: float, *, adjusted: bool = False) -> ComparisonCreator:
    same = level.ExactMatchLevel(column, term_frequency_adjustments=adjusted)
    return _compare(column, column, _worth(same, m, u), _worth(level.ElseLevel(), 1 - m, 1 - u))
