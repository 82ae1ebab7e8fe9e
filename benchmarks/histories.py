"""A made-up program, week by week: heavy-tailed partners that grow, start and share a season, with planted events."""

import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median, quantiles

from conflicts.signals.facts import WEEKS, ClaimState, Gaps, Histories, Probing, Seller
from conflicts.signals.measure import BURST, FISHING, KINDS, NO_FOLLOW_UP, PATTERN, PRICE, TICKETS, WAKES

__all__ = ["KINDS", "STRENGTHS", "Event", "World"]

STRENGTHS = ("mild", "clear", "strong")
LINES, REGIONS = ("pumps", "valves", "controls"), ("US", "DE", "GB", "FR", "CA")
BEGIN = date(2024, 1, 1)
PROTECTED = 26  # weeks that a claim lives
EACH = 5  # events of each kind and strength
FACTOR = {
    "mild": (2, 5),
    "clear": (3, 12),
    "strong": (6, 24),
}  # in four weeks: times the usual, and at least so many more
POINTS = {"mild": 5.0, "clear": 10.0, "strong": 18.0}
SILENCE = {"mild": 6, "clear": 12, "strong": 20}  # times the partner's usual gap, at least a quarter
HAULS = {"mild": (0.7, 12), "clear": (0.9, 24), "strong": (1.0, 48)}  # share unworked; registrations in half a year
JOINT = {"mild": 1.5, "clear": 2.2, "strong": 3.0}  # how many spreads each of several figures moves


@dataclass(frozen=True)
class Event:
    """Something planted: on a partner, or (with a key) on one of its claims."""

    kind: str
    strength: str
    partner: str
    begin: int
    end: int
    key: str = ""

    def explains(self, key: str, partner: str, week: int, after: int) -> bool:
        """Whether an alarm on this subject in this week is about the event."""
        mine = self.key == key if self.key else self.partner == partner
        return mine and self.begin <= week <= self.end + after


@dataclass
class Sold:
    """A registration with the days of its activities, or one that nobody works."""

    id: str
    partner: str
    line: str
    region: str
    week: int
    fate: str  # won, lost, refused
    worked: list[int] = field(default_factory=list)
    lives: int = PROTECTED
    decided: int = 0


@dataclass
class Made:
    """A partner: size (registrations a week), growth a year, first week, habits."""

    id: str
    region: str
    size: float
    growth: float
    first: int
    every: float  # days between activities
    tickets: float
    discount: float
    care: float  # the share of its registrations that it works

    def rate(self, week: int) -> float:
        """Registrations a week, season and growth in it."""
        if week < self.first:
            return 0.0
        quarter = 1.4 if week % 13 >= 11 else 1.0
        season = 1 + 0.25 * math.sin(2 * math.pi * week / 52)
        return self.size * season * quarter * (1 + self.growth) ** ((week - 52) / 52)


class World:
    """`weeks` weeks of `partners` partners; events begin after `warm` weeks."""

    def __init__(self, partners: int, weeks: int, warm: int, seed: int) -> None:
        self.dice = random.Random(seed)
        self.weeks = weeks
        self.partners = {made.id: made for made in (self._partner(i) for i in range(partners))}
        self.events: list[Event] = []
        self.counts: dict[str, dict[str, list[int]]] = {
            name: {key: [0] * weeks for key in self.partners} for name in ("registrations", "tickets", "escalated")
        }
        self.sold: list[Sold] = []
        self.quotes: dict[tuple[str, str], dict[int, tuple[float, int]]] = defaultdict(dict)
        self._plant(warm)
        for made in self.partners.values():
            self._live(made)
        self._plant_claims(warm)
        self._sum_up()

    def _partner(self, number: int) -> Made:
        dice = self.dice
        size = min(0.35 * dice.paretovariate(1.15), 25.0)
        first = dice.randrange(10, 80) if dice.random() < 0.15 else 0
        return Made(
            f"P{number:03}", dice.choice(REGIONS), size, dice.uniform(-0.2, 0.6), first, dice.lognormvariate(2.8, 0.35),
            0.3 * size**0.7 + 0.05, dice.uniform(10, 25), dice.betavariate(8, 2),
        )  # fmt: skip

    # --- what is planted ---

    def _plant(self, warm: int) -> None:
        """One event a partner at most, so that what an alarm is about is beyond doubt."""
        old = [key for key, made in self.partners.items() if made.first <= warm - 40]
        lively = [key for key in old if self.partners[key].size >= 0.8]  # a swing needs quotes to be seen in
        self.dice.shuffle(old)
        taken: set[str] = set()
        for kind in (PRICE, PATTERN, FISHING, BURST, TICKETS):
            for strength in STRENGTHS:
                for _ in range(EACH):
                    fit = lively if kind in (PRICE, PATTERN) else old
                    partner = next(key for key in fit if key not in taken)
                    taken.add(partner)
                    begin = self.dice.randrange(warm + 4, self.weeks - 30 if kind == FISHING else self.weeks - 8)
                    length = 26 if kind == FISHING else 4
                    self.events.append(Event(kind, strength, partner, begin, begin + length))
        self.quiet = set(self.partners) - taken

    def _of(self, partner: str, kind: str, week: int) -> str:
        """The strength of what is planted here, or nothing."""
        for event in self.events:
            if event.partner == partner and event.kind == kind and event.begin <= week < event.end:
                return event.strength
        return ""

    # --- how it goes ---

    def _live(self, made: Made) -> None:
        planted = {kind: [self._of(made.id, kind, week) for week in range(self.weeks)] for kind in KINDS}
        for week in range(made.first, self.weeks):
            usual = made.rate(week)
            joint = JOINT.get(planted[PATTERN][week], 0.0)
            more = self._extra(planted[BURST][week], usual) + joint * math.sqrt(4 * usual) / 4
            for _ in range(self._count(usual) + self._whole(more)):
                self._register(made, week, refused=min(0.12 * (1 + joint), 0.6), care=made.care / (1 + joint))
            haul = HAULS.get(planted[FISHING][week])
            for _ in range(self._count(haul[1] / 26) if haul else 0):
                self._register(made, week, refused=0.6, care=1 - haul[0] if haul else 0)
            help_due = made.tickets * (usual / made.size) ** 0.5
            more = self._extra(planted[TICKETS][week], help_due) + joint * math.sqrt(4 * help_due) / 4
            tickets = self._count(help_due) + self._whole(more)
            self.counts["tickets"][made.id][week] = tickets
            self.counts["escalated"][made.id][week] = sum(self.dice.random() < 0.15 for _ in range(tickets))
            self._quote(made, week, usual, POINTS.get(planted[PRICE][week], 0.0) + 2 * joint)

    def _extra(self, strength: str, usual: float) -> float:
        """Events more a week, evenly over the four weeks: what was planted has no luck, what is usual has."""
        if not strength:
            return 0.0
        times, more = FACTOR[strength]
        return max((times - 1) * usual, more / 4)

    def _whole(self, value: float) -> int:
        return math.floor(value) + (self.dice.random() < value % 1)

    def _count(self, due: float) -> int:
        """Poisson with a scatter of its own (gamma, shape 6)."""
        mean = self.dice.gammavariate(6, due / 6) if due else 0.0
        count, product, limit = 0, self.dice.random(), math.exp(-mean)
        while product > limit:
            count += 1
            product *= self.dice.random()
        return count

    def _register(self, made: Made, week: int, refused: float, care: float) -> None:
        self.counts["registrations"][made.id][week] += 1
        dice = self.dice
        fate = "refused" if dice.random() < refused else "won" if dice.random() < 0.4 * care else "lost"
        sold = Sold(f"R{len(self.sold)}", made.id, dice.choice(LINES), made.region, week, fate)
        sold.lives = dice.randrange(6, PROTECTED)
        sold.decided = week + dice.randrange(0, 3)
        if fate != "refused" and dice.random() < care:
            sold.worked = list(self._work(made, week * 7, (week + sold.lives) * 7))
        self.sold.append(sold)

    def _work(self, made: Made, begin: int, end: int) -> Iterator[int]:
        day = begin
        while True:
            day += max(1, round(made.every * self.dice.lognormvariate(0, 0.6)))
            if day >= end:
                return
            yield day

    def _quote(self, made: Made, week: int, usual: float, swing: float) -> None:
        campaign = 4.0 if 70 <= week < 76 else 0.0
        for line in LINES:
            count = self._count(usual / 2)
            if count:
                prices = [self.dice.gauss(made.discount + campaign + swing, 2.5) for _ in range(count)]
                self.quotes[made.id, line][week] = (median(prices), count)

    def _plant_claims(self, warm: int) -> None:
        """Claims of quiet partners that fall silent for good, and claims that wake after a long silence."""
        fit = [s for s in self.sold if self._may_fall_silent(s, warm)]
        chosen = iter(self.dice.sample(fit, 6 * EACH))
        for strength in STRENGTHS:
            for _ in range(EACH):
                sold = next(chosen)
                silence = self._silence(sold, strength)
                last = (sold.week + 1) * 7
                sold.worked, sold.lives = [last], math.ceil(silence / 7) + 2
                end = sold.week + sold.lives
                self.events.append(
                    Event(NO_FOLLOW_UP, strength, sold.partner, sold.week + 2, end, f"registration:{sold.id}")
                )
                sold = next(chosen)
                woken = (sold.week + 1) * 7 + self._silence(sold, strength)
                sold.worked, sold.lives = [(sold.week + 1) * 7, woken], woken // 7 - sold.week + 6
                week = woken // 7
                # The silence before it wakes is an event too: whoever is warned of it was warned rightly.
                self.events.append(
                    Event(WAKES, strength, sold.partner, sold.week + 2, week + 4, f"registration:{sold.id}")
                )

    def _may_fall_silent(self, sold: Sold, warm: int) -> bool:
        quiet = sold.partner in self.quiet and sold.worked and sold.fate != "refused"
        longest = SILENCE["strong"] * self.partners[sold.partner].every
        return bool(quiet) and longest < 320 and warm - 10 <= sold.week < self.weeks - 50

    def _silence(self, sold: Sold, strength: str) -> int:
        return max(91, round(SILENCE[strength] * self.partners[sold.partner].every))

    # --- what production would read ---

    def _sum_up(self) -> None:
        self.activities = {key: [0] * self.weeks for key in self.partners}
        self.refused = {key: [0] * self.weeks for key in self.partners}
        self.sellers_of: dict[str, list[set[str]]] = {
            name: [set() for _ in range(self.weeks)] for name in (*LINES, *REGIONS)
        }
        for sold in self.sold:
            for day in sold.worked:
                if day // 7 < self.weeks:
                    self.activities[sold.partner][day // 7] += 1
            if sold.fate == "refused" and sold.decided < self.weeks:
                self.refused[sold.partner][sold.decided] += 1
            for name in (sold.line, sold.region):
                self.sellers_of[name][sold.week].add(sold.partner)

    def histories(self, week: int) -> Histories:
        """The facts as they stand at the end of a week."""
        begin = max(0, week + 1 - WEEKS)
        here = slice(begin, week + 1)
        known = {key: made for key, made in self.partners.items() if made.first <= week}
        cut = {name: {key: rows[key][here] for key in known} for name, rows in self.counts.items()}
        return Histories(
            day=BEGIN + timedelta(days=7 * week + 6),
            sellers={key: Seller(key, key, made.region) for key, made in known.items()},
            registrations=cut["registrations"],
            tickets=cut["tickets"],
            escalated=cut["escalated"],
            activities={key: self.activities[key][here] for key in known},
            refused={key: self.refused[key][here] for key in known},
            lines={name: [len(s) for s in self.sellers_of[name][here]] for name in LINES},
            regions={name: [len(s) for s in self.sellers_of[name][here]] for name in REGIONS},
            quotes={
                key: {week - w: found for w, found in weeks.items() if begin <= w <= week}
                for key, weeks in self.quotes.items()
            },
            gaps=self._gaps(week),
            claims=list(self._claims(week)),
            probing=self._probing(week),
        )

    def _gaps(self, week: int) -> dict[tuple[str, str, str], Gaps]:
        found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for sold in self.sold:
            days = [day for day in sold.worked if (week - 52) * 7 <= day <= week * 7 + 6]
            for one, two in zip([sold.week * 7, *days], days, strict=False):
                for key in (("", "", ""), ("", sold.line, sold.region), (sold.partner, "", "")):
                    found[key].append(math.log(1 + two - one))
        return {key: Gaps(len(v), *quantiles(v, n=4)) for key, v in found.items() if len(v) > 1}

    def _claims(self, week: int) -> Iterator[ClaimState]:
        today = week * 7 + 6
        for sold in self.sold:
            if sold.fate != "refused" and sold.worked and sold.week <= week < sold.week + sold.lives:
                days = [sold.week * 7, *(day for day in sold.worked if day <= today)]
                gap = days[-1] - days[-2] if len(days) > 1 else None
                yield ClaimState(
                    "registration", sold.id, sold.id, sold.partner, sold.id, sold.id, today - days[-1], gap, sold.line,
                    sold.region,
                )  # fmt: skip

    def _probing(self, week: int) -> dict[str, Probing]:
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for sold in self.sold:
            if week - 26 <= sold.week <= week - 4:
                row = found[sold.partner]
                row[0] += 1
                row[1] += not any(day <= week * 7 + 6 for day in sold.worked) and sold.fate != "won"
                row[2] += sold.fate == "refused"
        return {key: Probing(*row) for key, row in found.items()}
