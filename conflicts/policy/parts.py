"""The parts of a policy beside its rules, as frozen values, each with its reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conflicts.policy.catalogue import ACTIONS, KINDS
from conflicts.policy.reading import Reader
from conflicts.policy.standard import STANDARD

BLOCKS = ("always", "never", "when_others_cover")
BESIDE = ("sales_ops", "legal")
RANKS = ("partner_manager", "channel_lead", "revenue_lead")
REASONS_FOR_FIRST = ("territory_overlap", "owner_differs")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers and words that a program may change."""

    lookback_days: int
    direct_freshness_days: int
    follow_up_days: int
    closed_won_days: int
    price_tolerance_pct: int
    margin: int
    reserved_segments: tuple[str, ...]
    proof_needed: str
    abstain_below: int = 0  # percent of confidence; below it no outcome is recommended


@dataclass(frozen=True, slots=True)
class FindingKind:
    """How a kind of finding is called, whether it blocks and whether it makes a case."""

    kind: str
    title: str
    blocks: str
    makes_case: bool


@dataclass(frozen=True, slots=True)
class Recency:
    """Points for a last activity within so many days."""

    days: int
    points: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """The points of the score."""

    earliest: int
    proof: Mapping[str, int]
    last_activity: tuple[Recency, ...]
    own_territory: int
    closed_won: int
    customer_letter: int


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A row of the authority matrix: it applies from an amount on, or for a finding, or for an action."""

    amount_at_least: int
    findings: tuple[str, ...]
    actions: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """A role that joins the route when one of its reasons holds."""

    role: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """The authority matrix."""

    ranks: tuple[str, ...]
    first: Joining
    before_last: Joining
    table: tuple[RouteRow, ...]


@dataclass(frozen=True, slots=True)
class ClockRule:
    """The promise: a decision within so many open hours."""

    hours: int
    at_risk_pct: int


@dataclass(frozen=True, slots=True)
class ProtectionRule:
    """What an approval gives."""

    days: int
    renewal_days: int
    renewals: int
    renewal_activity_days: int
    reminder_days: tuple[int, ...]
    extensions: int
    extension_days: int
    extension_opens_days: int


@dataclass(frozen=True, slots=True)
class SignalLimit:
    """When a kind of early warning is given: from `score` spreads on, and never for less than `least`."""

    score: float
    least: int


# --- reading ---


def read_parameters(reader: Reader) -> Parameters:
    """The numbers and words that a program may change."""
    return Parameters(
        lookback_days=reader.days("lookback_days"),
        direct_freshness_days=reader.days("direct_freshness_days"),
        follow_up_days=reader.days("follow_up_days"),
        closed_won_days=reader.days("closed_won_days"),
        price_tolerance_pct=reader.whole("price_tolerance_pct"),
        margin=reader.whole("margin"),
        reserved_segments=reader.texts("reserved_segments"),
        proof_needed=reader.text("proof_needed"),
        abstain_below=reader.whole("abstain_below", most=100, default=0),
    )


def read_finding(reader: Reader) -> FindingKind:
    """One kind of finding."""
    return FindingKind(
        kind=reader.text("kind", KINDS),
        title=reader.text("title"),
        blocks=reader.text("blocks", BLOCKS),
        makes_case=reader.switch("makes_case"),
    )


def read_scoring(reader: Reader) -> Scoring:
    """The points of the score."""
    return Scoring(
        earliest=reader.whole("earliest"),
        proof=reader.part("proof", lambda part: {kind: part.whole(kind) for kind in STANDARD["scoring"]["proof"]}),
        last_activity=reader.parts("last_activity", lambda part: Recency(part.whole("days"), part.whole("points"))),
        own_territory=reader.whole("own_territory"),
        closed_won=reader.whole("closed_won"),
        customer_letter=reader.whole("customer_letter"),
    )


def read_routing(reader: Reader) -> Routing:
    """The authority matrix."""
    return Routing(
        ranks=reader.texts("ranks", RANKS, least=1),
        first=reader.part(
            "first", lambda part: Joining(part.text("role", BESIDE), part.texts("when", REASONS_FOR_FIRST))
        ),
        before_last=reader.part(
            "before_last", lambda part: Joining(part.text("role", BESIDE), part.texts("findings", KINDS))
        ),
        table=reader.parts("table", _route_row),
    )


def _route_row(reader: Reader) -> RouteRow:
    return RouteRow(
        amount_at_least=reader.whole("amount_at_least"),
        findings=reader.texts("findings", KINDS),
        actions=reader.texts("actions", ACTIONS),
        roles=reader.texts("roles", (*RANKS, *BESIDE), least=1),
    )


def read_clock(reader: Reader) -> ClockRule:
    """The promise of a decision in time."""
    return ClockRule(reader.whole("hours", least=1, most=24 * 366), reader.whole("at_risk_pct", most=100))


def read_protection(reader: Reader) -> ProtectionRule:
    """What an approval gives."""
    return ProtectionRule(
        days=reader.days("days", least=1),
        renewal_days=reader.days("renewal_days"),
        renewals=reader.whole("renewals"),
        renewal_activity_days=reader.days("renewal_activity_days"),
        reminder_days=reader.wholes("reminder_days"),
        extensions=reader.whole("extensions", default=1),
        extension_days=reader.days("extension_days", default=90),
        extension_opens_days=reader.days("extension_opens_days", default=14),
    )


def read_signals(reader: Reader) -> dict[str, SignalLimit]:
    """The limits of early warning; the standard's where the document names none."""
    return {kind: reader.part_or(kind, _limit, numbers) for kind, numbers in STANDARD["signals"].items()}


def _limit(reader: Reader) -> SignalLimit:
    return SignalLimit(reader.number("score"), reader.whole("least"))
