"""One look at the histories of a program: every measure that alarms, or that keeps a standing signal up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from conflicts.policy import SignalLimit
from conflicts.signals import counts, fishing, gaps, patterns, prices
from conflicts.signals.facts import ClaimState, Histories, Weekly
from conflicts.signals.measure import BURST, FISHING, NO_FOLLOW_UP, PATTERN, PRICE, TICKETS, WAKES, Measure
from conflicts.signals.wording import (
    ago,
    claim_sentence,
    fishing_sentence,
    pattern_sentence,
    price_sentence,
    surge_sentence,
)

Limits = Mapping[str, SignalLimit]
HALF_YEAR, FRESH = 26 * 7, 28  # days
LEAST_SHARE = 0.5  # of registrations neither worked nor won


def look(histories: Histories, limits: Limits) -> list[Measure]:
    """Measures with at least the score that keeps a signal standing; only those that `alarms` raise a new one."""
    looked = _Look(histories, limits)
    found = [*looked.bursts(), *looked.tickets(), *looked.prices(), *looked.claims(), *looked.fishing()]
    named = {m.partner for m in found if m.alarms and m.kind in (BURST, TICKETS, PRICE)}
    odd = (m for m in looked.patterns() if m.partner not in named)  # one thing is not told twice
    return [measure for measure in (*found, *odd) if measure.stands]


class _Look:
    def __init__(self, histories: Histories, limits: Limits) -> None:
        self.facts, self.limits = histories, limits
        self.regions = {key: seller.region for key, seller in histories.sellers.items()}
        self.lives = {
            key: max(
                len(_living(s.get(key, ()))) for s in (histories.registrations, histories.tickets, histories.activities)
            )
            for key in histories.sellers
        }
        self.registered = self._surges(histories.registrations)
        self.helped = self._surges(histories.tickets)
        self.swings = prices.swings(histories.quotes)

    def _surges(self, series: Mapping[str, Weekly]) -> dict[str, counts.Surge]:
        """A partner's life begins with its first event of any sort; what it had none of counts as 0 since then."""
        return counts.surges(self.lived(series), self.regions)

    def lived(self, series: Mapping[str, Weekly]) -> dict[str, list[int]]:
        """The partners' series since they were first heard of."""
        return {key: _since(series.get(key, ()), weeks) for key, weeks in self.lives.items() if weeks}

    def bursts(self) -> Iterator[Measure]:
        """Of registrations by partner, and of partners that register by product line and by country."""
        yield from self._of_partners(BURST, self.registered, self.facts.registrations, "registrations")
        for sort, series in (("line", self.facts.lines), ("region", self.facts.regions)):
            living = {key: _living(values) for key, values in series.items()}
            for key, surge in counts.surges(living, like=self.lived(self.facts.registrations)).items():
                name = self.facts.names.get(key, key)
                line, region = (key, "") if sort == "line" else ("", key)
                yield self._surge(
                    BURST, f"{sort}:{key}", surge, series[key], "partners that register", name, line=line, region=region
                )

    def tickets(self) -> Iterator[Measure]:
        """Of all tickets or of escalated ones, whichever rose more."""
        everything = {m.key: m for m in self._of_partners(TICKETS, self.helped, self.facts.tickets, "support tickets")}
        escalated = self._surges(self.facts.escalated)
        for m in self._of_partners(TICKETS, escalated, self.facts.escalated, "escalated tickets"):
            other = everything[m.key]
            everything[m.key] = max(m, other, key=lambda found: (found.alarms, found.score))
        yield from everything.values()

    def _of_partners(
        self, kind: str, found: Mapping[str, counts.Surge], series: Mapping[str, Weekly], unit: str
    ) -> Iterator[Measure]:
        for key, surge in found.items():
            seller = self.facts.sellers[key]
            values = series.get(key, ())
            yield self._surge(kind, f"partner:{key}", surge, values, unit, seller.name, partner=key, stake=seller.stake)

    def _surge(
        self, kind: str, key: str, surge: counts.Surge, values: Weekly, unit: str, name: str,
        partner: str = "", line: str = "", region: str = "", stake: float = 0.0,
    ) -> Measure:  # fmt: skip
        limit, facts = self.limits[kind], self.facts
        return Measure(
            kind=kind, key=key, unit=unit, observed=surge.observed, expected=surge.expected, spread=surge.spread,
            score=surge.score, threshold=limit.score, since=facts.week(surge.weeks - 1), until=facts.day,
            sentence=surge_sentence(name, unit, surge), series=self._weeks(values), partner=partner, line=line,
            region=region, stake=stake, least=surge.observed >= limit.least,
        )  # fmt: skip

    def _weeks(self, values: Weekly) -> tuple[tuple[str, float], ...]:
        last = list(values)[-26:]
        return tuple((self.facts.week(len(last) - 1 - i).isoformat(), float(n)) for i, n in enumerate(last))

    def prices(self) -> Iterator[Measure]:
        """Of discounts by partner and product line."""
        limit, facts = self.limits[PRICE], self.facts
        for (partner, line), swing in self.swings.items():
            seller = facts.sellers.get(partner)
            if seller is None:
                continue
            weekly = sorted(facts.quotes[partner, line].items(), reverse=True)
            yield Measure(
                kind=PRICE, key=f"partner:{partner}:line:{line}", unit="points of discount", observed=swing.observed,
                expected=swing.expected, spread=swing.spread, score=swing.score, threshold=limit.score,
                since=facts.week(prices.LATELY - 1), until=facts.day,
                sentence=price_sentence(seller.name, facts.names.get(line, line), swing),
                series=tuple((facts.week(week).isoformat(), discount) for week, (discount, _) in weekly[-26:]),
                partner=partner, line=line, stake=seller.stake,
                least=abs(swing.observed - swing.expected) >= limit.least and swing.quotes >= 2,
            )  # fmt: skip

    def claims(self) -> Iterator[Measure]:
        """Claims that wake, and claims that nobody follows up."""
        for claim in self.facts.claims:
            if claim.promised and claim.idle >= self.limits[NO_FOLLOW_UP].least:
                yield self._claim(NO_FOLLOW_UP, claim, claim.idle)
            if claim.idle <= FRESH and (claim.gap or 0) >= self.limits[WAKES].least:
                yield self._claim(WAKES, claim, claim.gap or 0)

    def _claim(self, kind: str, claim: ClaimState, days: int) -> Measure:
        limit, day, usual = self.limits[kind], self.facts.day, gaps.usual(claim, self.facts.gaps)
        until = ago(day, claim.idle) if kind == WAKES else day
        longest = gaps.longest(usual, limit.score)
        return Measure(
            kind=kind, key=f"{claim.source}:{claim.id}", unit="days without activity", observed=days, expected=usual.days,
            spread=usual.spread, score=usual.score(days), threshold=limit.score, since=ago(until, days), until=until,
            sentence=claim_sentence(kind, claim, days, usual.days, until),
            series=(("usual gap", round(usual.days, 1)), ("longest that is usual", longest), ("this gap", float(days))),
            partner=claim.partner, account=claim.account, line=claim.line, region=claim.region, stake=claim.amount,
            contested=claim.contested,
        )  # fmt: skip

    def fishing(self) -> Iterator[Measure]:
        """Partners that register much and work little of it."""
        limit, facts = self.limits[FISHING], self.facts
        ordinary = median([p.registered for p in facts.probing.values()]) if facts.probing else 0
        for partner, haul in fishing.hauls(facts.probing).items():
            found, seller = facts.probing[partner], facts.sellers[partner]
            many = found.registered >= max(limit.least, ordinary)
            yield Measure(
                kind=FISHING, key=f"partner:{partner}", unit="registrations neither worked nor won",
                observed=found.neither, expected=haul.expected, spread=haul.spread, score=haul.score,
                threshold=limit.score, since=ago(facts.day, HALF_YEAR), until=facts.day,
                sentence=fishing_sentence(seller.name, found, haul.expected),
                series=(("registered", float(found.registered)), ("neither worked nor won", float(found.neither)),
                        ("of these expected", round(haul.expected, 1)), ("refused or withdrawn", float(found.refused))),
                partner=partner, stake=seller.stake, least=many and found.neither >= LEAST_SHARE * found.registered,
            )  # fmt: skip

    def patterns(self) -> Iterator[Measure]:
        """What the forest finds: several figures of a partner at once."""
        limit, facts = self.limits[PATTERN], self.facts
        found = (self.registered, self.helped, self._surges(facts.activities), self._surges(facts.refused))
        figures = [{key: surge.blocks for key, surge in surges.items()} for surges in found]
        drifts = {key: row for key, row in prices.drifts(facts.quotes).items() if key in facts.sellers}
        for partner, odd in patterns.oddities([*figures, drifts]).items():
            seller = facts.sellers[partner]
            yield Measure(
                kind=PATTERN, key=f"partner:{partner}", unit="isolation", observed=odd.isolation, expected=odd.usual,
                spread=odd.spread, score=odd.score, threshold=limit.score, since=facts.week(3), until=facts.day,
                sentence=pattern_sentence(seller.name, odd), series=tuple((n, round(v, 1)) for n, v in odd.far),
                partner=partner, stake=seller.stake, least=len(odd.far) >= limit.least,
            )  # fmt: skip


def _living(values: Weekly) -> Sequence[int]:
    first = next((i for i, n in enumerate(values) if n), len(values))
    return values[first:]


def _since(values: Weekly, weeks: int) -> list[int]:
    return [0] * (weeks - len(values)) + list(values[-weeks:])
