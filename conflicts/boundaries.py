"""When time alone may change what is found or recommended: until then, looking again is of no use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from conflicts.facts import Facts
from conflicts.policy import Policy
from conflicts.windows import day


def next_change(facts: Facts, policy: Policy) -> datetime | None:
    """The first moment after `facts.at` at which some finding or recommendation on these facts may differ (UTC).

    It may be early, never late: each date of a live record counts with each window of the policy. None: never again.
    """
    windows = _windows(policy)
    moments = (moment for value in _dates(facts) for moment in _moments(value, windows))
    return min((moment for moment in moments if moment > facts.at), default=None)


def _windows(policy: Policy) -> frozenset[int]:
    """All numbers of days that the policy counts from the time of evaluation."""
    numbers = policy.parameters
    return frozenset(
        {numbers.direct_freshness_days, numbers.follow_up_days, numbers.closed_won_days}
        | {step.days for step in policy.scoring.last_activity}
    )


def _dates(facts: Facts) -> Iterator[datetime | date]:
    """Every date that is compared with the time of evaluation, not with the submission."""
    for r in facts.registrations:
        yield from _known(r.protected_from, r.protected_until)
    for other in facts.other_registrations:
        yield from _known(other.protected_from, other.protected_until)
    for a in facts.activities:
        yield from _known(a.occurred_on)
    for o in facts.ownerships:
        yield from _known(o.valid_from, o.valid_until, o.last_activity_at)
    for p in facts.opportunities:
        yield from _known(p.created_at, p.closed_at, p.last_activity_at)


def _known(*values: datetime | date | None) -> Iterable[datetime | date]:
    return [value for value in values if value is not None]


def _moments(value: datetime | date, windows: frozenset[int]) -> Iterator[datetime]:
    """The moment itself, and the midnights (UTC) after which it lies one day further back than a window reaches."""
    on = day(value) if isinstance(value, datetime) else value
    if isinstance(value, datetime):
        yield value
        yield value + timedelta(microseconds=1)  # "not after" and "before" part here
    for days in (-1, 0, *windows):
        yield datetime.combine(on, time(), UTC) + timedelta(days=days + 1)
