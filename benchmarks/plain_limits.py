"""What a user would pick instead: an alarm above the mean and three standard deviations, for each figure by itself."""

from collections.abc import Iterator, Sequence
from statistics import fmean, pstdev

from conflicts.signals.facts import Histories
from conflicts.signals.measure import BURST, FISHING, NO_FOLLOW_UP, PRICE, TICKETS, WAKES

Alarm = tuple[tuple[str, str], str]
SIGMAS = 3


def plain_alarms(histories: Histories) -> dict[tuple[str, str], str]:
    """(kind, key) -> partner."""
    return dict([*_counts(histories), *_prices(histories), *_claims(histories), *_fishing(histories)])


def _beyond(value: float, before: Sequence[float]) -> bool:
    return len(before) > 1 and value > fmean(before) + SIGMAS * pstdev(before)


def _counts(histories: Histories) -> Iterator[Alarm]:
    for kind, series in ((BURST, histories.registrations), (TICKETS, histories.tickets)):
        for partner, values in series.items():
            blocks = [sum(values[i : i + 4]) for i in range(len(values) % 4, len(values), 4)]
            if _beyond(blocks[-1], blocks[:-1]):
                yield (kind, f"partner:{partner}"), partner


def _prices(histories: Histories) -> Iterator[Alarm]:
    for (partner, line), weeks in histories.quotes.items():
        now = [discount for week, (discount, _) in weeks.items() if week < 4]
        before = [discount for week, (discount, _) in weeks.items() if week >= 4]
        if now and len(before) > 1 and abs(fmean(now) - fmean(before)) > SIGMAS * pstdev(before):
            yield (PRICE, f"partner:{partner}:line:{line}"), partner


def _claims(histories: Histories) -> Iterator[Alarm]:
    gaps = [claim.gap for claim in histories.claims if claim.gap is not None]
    if len(gaps) < 2:
        return
    limit = fmean(gaps) + SIGMAS * pstdev(gaps)
    for claim in histories.claims:
        if claim.idle > limit:
            yield (NO_FOLLOW_UP, f"{claim.source}:{claim.id}"), claim.partner
        if claim.gap is not None and claim.gap > limit and claim.idle <= 28:
            yield (WAKES, f"{claim.source}:{claim.id}"), claim.partner


def _fishing(histories: Histories) -> Iterator[Alarm]:
    shares = {key: found.neither / found.registered for key, found in histories.probing.items() if found.registered}
    for key, share in shares.items():
        if _beyond(share, list(shares.values())):
            yield (FISHING, f"partner:{key}"), key
