"""What a person supposes (other numbers, a partner that left, a territory in two hands), as a trial that can be begun."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from conflicts import rows
from conflicts.backtest.supposing import NotSupposableError, TerritorySplit, gone_as_json, split_as_json, with_numbers
from conflicts.facts import DIRECT
from conflicts.load import territory_as_rule
from conflicts.models import TrialKind
from conflicts.services import policy_in_force
from conflicts.trials import Wanted
from partners.models import Partner, Program, Territory
from partners.services import NotPossibleError

# The numbers that can be supposed: their place in the document, and how people call them.
NUMBERS = {
    "protection.days": "Days of protection on approval",
    "parameters.margin": "Points of lead that decide",
    "parameters.follow_up_days": "Days within which work counts as going on",
    "parameters.direct_freshness_days": "Days after which an untouched direct deal no longer counts",
    "parameters.closed_won_days": "Days that a won deal counts for",
}


@dataclass(frozen=True)
class Split:
    """A part of a territory in another one's hands; no partner: the direct team's."""

    territory: Territory
    dimension: str
    values: frozenset[str]
    partner: Partner | None = None


@dataclass(frozen=True)
class Supposition:
    """What is supposed, all together."""

    numbers: dict[str, int]
    gone: Partner | None = None
    split: Split | None = None
    most: int | None = None


def number_in(document: dict[str, Any], path: str) -> int:
    """A number of a policy document by its place."""
    place: Any = document
    for step in path.split("."):
        place = place[step]
    return int(place)


def supposed(program: Program, supposition: Supposition) -> Wanted:
    """The live policy with other numbers, on facts that are otherwise."""
    live = policy_in_force(program).row.document
    numbers = {path: value for path, value in supposition.numbers.items() if value != number_in(live, path)}
    try:
        document = with_numbers(live, numbers)
        changes = list(_changes(supposition))
    except NotSupposableError as error:
        raise NotPossibleError(str(error)) from None
    if not numbers and not changes:
        raise NotPossibleError("Everything is as it is now: change a number, or suppose something.")
    said = [f"{NUMBERS[path].lower()}: {value} instead of {number_in(live, path)}" for path, value in numbers.items()]
    text = "; ".join([*said, *(change["text"] for change in changes)])
    return Wanted(document, f"{text[:1].upper()}{text[1:]}", None, TrialKind.WHATIF, changes, supposition.most)


def _changes(supposition: Supposition) -> Iterable[dict[str, Any]]:
    if supposition.gone is not None:
        yield gone_as_json(rows.partner(supposition.gone))
    if supposition.split is not None:
        split, partner = supposition.split, supposition.split.partner
        record = rows.partner(partner) if partner else None
        held = TerritorySplit(
            territory_as_rule(split.territory), split.dimension, split.values, record.id if record else DIRECT, record
        )
        yield split_as_json(held, partner.name if partner else "the direct team")
