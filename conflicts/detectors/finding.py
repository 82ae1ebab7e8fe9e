"""What a detector says: one finding on one registration, with the evidence it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from conflicts import wording
from conflicts.claims import Claim, ownership_ref
from conflicts.facts import Account, Facts, Ownership, Quote, Registration, Territory
from conflicts.windows import instant


@dataclass(frozen=True, slots=True)
class Citation:
    """A record that a sentence rests on. `ref` is its short label within a case (E1, E2 ...), empty until the
    recommender has given it one; `kind` and `source_id` say which record it is."""

    ref: str
    kind: str
    text: str
    at: datetime | None
    source_id: str


class Sentence:
    """A sentence and the records it rests on, put into words when somebody first asks: trying a policy on thousands of
    past cases never does."""

    __slots__ = ("_said", "_say")

    def __init__(self, say: Callable[[], tuple[str, Iterable[Citation]]]) -> None:
        self._say = say
        self._said: tuple[str, tuple[Citation, ...]] | None = None

    @property
    def said(self) -> tuple[str, tuple[Citation, ...]]:
        """The text, which begins with a capital letter, and the records."""
        if self._said is None:
            text, cited = self._say()
            self._said = wording.sentence(text), tuple(cited)
        return self._said

    @property
    def text(self) -> str:
        """In words."""
        return self.said[0]

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The records."""
        return self.said[1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and self.said == other.said

    def __hash__(self) -> int:
        return hash(self.said)

    def __repr__(self) -> str:
        return f"Sentence{self.said!r}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind of the policy that holds for a registration, against another claim, a rule or a record (or nothing)."""

    kind: str
    registration_id: str
    against_kind: str
    against_id: str
    against_ref: str
    blocking: bool
    told: Sentence
    identity_confirmed: bool = True

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        return self.told.text

    @property
    def evidence(self) -> tuple[Citation, ...]:
        """The records it rests on."""
        return self.told.cited


def cite_registration(facts: Facts, registration: Registration) -> Citation:
    """The registration itself."""
    key = "cited registration", registration.id
    cited: tuple[Registration, Citation] | None = facts.kept.get(key)
    if cited is None or cited[0] is not registration:
        cited = facts.kept[key] = (registration, _cite_registration(facts, registration))
    return cited[1]


def _cite_registration(facts: Facts, registration: Registration) -> Citation:
    amount = registration.amount if registration.amount is not None else registration.amount_band_max
    worth = f", {wording.money(amount, registration.currency)}" if amount is not None else ""
    account, lines = facts.account_name(registration.judged_account_id), registration.product_lines
    state = "" if registration.status == "submitted" else f", now {registration.status.replace('_', ' ')}"
    text = (
        f"{registration.ref}: {facts.name_of(registration.claimant)} registered "
        f"{account} for {wording.products(facts, lines)}"
        f"{worth}, submitted on {wording.on(registration.submitted_at)}{state}"
    )
    return Citation("", "registration", wording.sentence(text), registration.submitted_at, registration.id)


def cite_claim(facts: Facts, claim: Claim) -> Citation:
    """The record that a claim comes from."""
    registration = facts.registration(claim.id) if claim.kind == "registration" else None
    if registration is not None:
        return cite_registration(facts, registration)
    account, lines = facts.account_name(claim.account_id), wording.products(facts, claim.product_lines)
    name = facts.name_of(claim.claimant)
    if claim.kind == "ownership":
        text = f"{claim.ref}: {name} owns {account} for {lines}, since {wording.on(claim.since)}"
    else:
        text = (
            f"{claim.ref}: an open opportunity of {name} on {account} for {lines}, created on {wording.on(claim.since)}"
        )
    return Citation("", claim.kind, text, claim.since, claim.id)


def cite_account(account: Account) -> Citation:
    """The account with the facts that rules look at."""
    known = [item for item in (account.subdivision or account.country, account.postal_code) if item]
    named = (("industry", account.industry), ("segment", account.segment))
    known += [f"{word} {item}" for word, item in named if item]
    about = f" ({', '.join(known)})" if known else ""
    return Citation("", "account", f"{account.ref}: {account.name}{about}", None, account.id)


def cite_territory(facts: Facts, territory: Territory) -> Citation:
    """A territory rule and who is assigned to it."""
    who = wording.some(wording.part(facts.name_of(item.assignee), item.role) for item in territory.assignments)
    kind = "exclusive territory" if territory.exclusive else "territory"
    text = f"{territory.ref}: {kind} {territory.name}, {who or 'assigned to nobody'}"
    at = instant(territory.valid_from) if territory.valid_from else None
    return Citation("", "territory", text, at, territory.id)


def cite_ownership(facts: Facts, ownership: Ownership) -> Citation:
    """An ownership with its last activity."""
    text = (
        f"{ownership_ref(facts, ownership)}: {facts.name_of(ownership.owner)} owns "
        f"{facts.account_name(ownership.account_id)}, last activity {wording.on(ownership.last_activity_at)}"
    )
    return Citation("", "ownership", text, ownership.last_activity_at, ownership.id)


def cite_quote(facts: Facts, quote: Quote) -> Citation:
    """A quote."""
    price = wording.money(quote.unit_price, quote.currency)
    text = f"{quote.ref}: {facts.name_of(quote.seller)} quoted {price} a unit of {quote.product_line}"
    at = instant(quote.valid_from) if quote.valid_from else None
    return Citation("", "quote", wording.sentence(text), at, quote.id)
