"""One past case as the back-test takes it, and what one policy says about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from conflicts.facts import DIRECT

NO_CASE = "no_case"  # nothing needs a person: whoever registered is approved by rule
NOBODY_LEFT = "nobody_left"  # after a supposed change of the facts nobody claims anything


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets what: by a person's decision, or as a recommendation was kept. Claimants are partner ids or `direct`."""

    action: str
    owner: str = ""
    support: tuple[str, ...] = ()
    shares: dict[str, str] = field(default_factory=dict)
    rule_id: str = ""  # of a recommendation

    @property
    def standing(self) -> tuple[str, str, frozenset[str], frozenset[tuple[str, float]]]:
        """What it gives to whom, for comparing: `direct_retained` names the direct team whether it is said or not."""
        owner = DIRECT if self.action == "direct_retained" else self.owner
        shares = frozenset((claimant, float(share)) for claimant, share in self.shares.items())
        return self.action, owner, frozenset(self.support), shares


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case that stands in the records: the memo of its facts (JSON), what was recommended, what people decided."""

    id: str
    ref: str
    facts: str
    was: Given
    of_base: bool = False  # it was recommended under the version that the draft is held against
    decided: Given | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one policy says about a case: the outcome, the rule that decides, and who may compete at all."""

    action: str
    owner: str = ""
    support: tuple[str, ...] = ()
    shares: dict[str, int] = field(default_factory=dict)
    rule_id: str = ""
    winners: frozenset[str] = frozenset()
    eligible: frozenset[str] = frozenset()  # registration ids
    blocked: frozenset[str] = frozenset()
    blocking: tuple[str, ...] = ()  # kinds of the findings that block, one a registration and kind
    kinds: frozenset[str] = frozenset()

    @property
    def is_case(self) -> bool:
        """A person decides."""
        return self.action not in (NO_CASE, NOBODY_LEFT)

    def same_as(self, other: Said | Given) -> bool:
        """The same people get the same things."""
        return self.given.standing == (other.given if isinstance(other, Said) else other).standing

    @property
    def given(self) -> Given:
        """The outcome alone."""
        shares = {claimant: str(share) for claimant, share in self.shares.items()}
        return Given(self.action, self.owner, self.support, shares, self.rule_id)


@dataclass(frozen=True, slots=True)
class Claimant:
    """Somebody who claims something in a case."""

    id: str
    name: str
    tier: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A past case under two policies: what each says, whose it is about, and where it belongs in the tables."""

    id: str
    ref: str
    before: Said
    after: Said
    claimants: tuple[Claimant, ...]
    region: str
    segment: str
    band: str
    account: str
    route_before: tuple[str, ...] = ()  # only where it may differ
    route_after: tuple[str, ...] = ()
    fell_apart: bool = False  # after a supposed change its claims are no longer about one thing
    unlike_record: bool = False  # the same version said something else then: the record cannot be replayed
    decided: Given | None = None
    by_rule: bool = False  # the tried version would let the product approve it, as far as the facts tell

    @property
    def changed(self) -> bool:
        """Other people get something, or the same people something else."""
        return self.before is not self.after and not self.before.same_as(self.after)

    @property
    def gained(self) -> frozenset[str]:
        """Who owns the deal or a share of it only after."""
        return self.after.winners - self.before.winners

    @property
    def lost(self) -> frozenset[str]:
        """Who owned the deal or a share of it only before."""
        return self.before.winners - self.after.winners
