"""Who is who: what a registration names -> an account of ours, or none. What people said wins over the machine."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from conflicts.identity.candidates import candidates
from conflicts.identity.party import Party
from conflicts.identity.score import FAMILY, POSSIBLE, SAME, Decision, Match, decide, match
from conflicts.identity.stock import LiveStock, Stock
from partners.models import Account, MatchVerdict, Registration, Verdict
from partners.naming import registered_domain

BY_A_PERSON = "A person said that it is this company."
NOBODY = "No account of ours looks like it."


@dataclass(frozen=True)
class Resolution:
    """The account that a registration names: known (`same`), perhaps (`possible`), or neither.

    `reasons` are the fields with what they say in bits, as plain JSON (the waterfall of the case page).
    """

    same: Account | None = None
    possible: Account | None = None
    verdict: str = ""
    probability: float = 0.0
    reasons: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    weights: str = ""


def resolve(registration: Registration) -> Resolution:
    """Find the account of a registration among those of its program (as staff of that program)."""
    said = dict(MatchVerdict.objects.filter(registration=registration).values_list("account_id", "verdict"))
    chosen = next((account for account, verdict in said.items() if verdict == Verdict.SAME), None)
    if chosen:
        return Resolution(Account.objects.get(pk=chosen), None, SAME, 1.0, (_told("person", BY_A_PERSON),))
    not_it = [account for account, verdict in said.items() if verdict == Verdict.DIFFERENT]
    stock = LiveStock(registration.program_id)
    ranked = rank(registration.program_id, party_of(registration), stock, without=not_it)
    return _resolution(decide(_nearest_first(registration, ranked)))


def party_of(registration: Registration) -> Party:
    """What a registration says of its customer; the submitting partner's own domain says nothing."""
    own = registered_domain(registration.partner.domain) if registration.partner else ""
    return Party.of(
        registration.account_name,
        country=registration.account_country,
        city=registration.account_city,
        postal_code=registration.account_postal_code,
        domain=registration.account_domain,
        email=registration.contact_email,
        own_domains=frozenset(filter(None, [own])),
    )


def rank(
    program_id: uuid.UUID, party: Party, stock: Stock, *, without: Iterable[uuid.UUID] = ()
) -> list[tuple[uuid.UUID, Match]]:
    """The candidates of a party with their matches, the likeliest first."""
    found = stock.parties([key for key in candidates(program_id, party) if key not in set(without)])
    if not found:
        return []
    corpus = stock.corpus([party, *found.values()])
    ranked = [(key, match(party, theirs, corpus)) for key, theirs in found.items()]
    return sorted(ranked, key=lambda item: (-item[1].bits, item[0]))


def _nearest_first(
    registration: Registration, ranked: Sequence[tuple[uuid.UUID, Match]]
) -> list[tuple[uuid.UUID, Match]]:
    """Of equally likely accounts the one in the same state or province first."""
    if not registration.account_subdivision or len(ranked) < 2 or ranked[0][1].bits != ranked[1][1].bits:
        return list(ranked)
    places = dict(Account.objects.filter(pk__in=[key for key, _ in ranked]).values_list("pk", "subdivision"))
    return sorted(ranked, key=lambda i: (-i[1].bits, places.get(i[0]) != registration.account_subdivision, i[0]))


def _resolution(decision: Decision[uuid.UUID]) -> Resolution:
    if decision.match is None or decision.verdict not in (SAME, POSSIBLE, FAMILY):
        return Resolution(verdict=decision.verdict, reasons=(_told("none", NOBODY),))
    account = Account.objects.get(pk=decision.best)
    return Resolution(
        same=account if decision.verdict == SAME else None,
        possible=account if decision.verdict == POSSIBLE else None,
        verdict=decision.verdict,
        probability=round(decision.probability, 4),
        reasons=tuple(asdict(reason) for reason in decision.match.reasons),
        weights=decision.match.weights,
    )


def _told(about: str, sentence: str) -> dict[str, Any]:
    return {"field": about, "bits": None, "sentence": sentence}
