"""Who is who: what a registration names -> an account of ours, or none. What people said wins over the machine."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Q

from conflicts.identity.candidates import candidates
from conflicts.identity.evidence import Evidence
from conflicts.identity.learning import weights_in_force
from conflicts.identity.party import Corpus, Party
from conflicts.identity.score import (
    FAMILY,
    POSSIBLE,
    SAME,
    STANDARD,
    Decision,
    Match,
    Thresholds,
    bits_of,
    decide,
    judge,
    weigh,
)
from conflicts.identity.stock import LiveStock, Stock
from conflicts.identity.weights import SHIPPED, Weights
from partners.identity import typed_key
from partners.models import Account, MatchVerdict, Registration, Verdict
from partners.naming import registered_domain

BY_A_PERSON = "A person said that it is this company."
NOBODY = "No account of ours looks like it."
SEEN = 12  # candidates that are kept with a person's verdict


@dataclass(frozen=True)
class Resolution:
    """The account that a registration names: known (`same`), perhaps (`possible`), perhaps a relative's (`related`).

    `reasons` are the fields with what they say in bits, as plain JSON (the waterfall of the case page).
    """

    same: Account | None = None
    possible: Account | None = None
    related: Account | None = None
    verdict: str = ""
    probability: float = 0.0
    reasons: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    weights: str = ""


def resolve(registration: Registration, *, own: uuid.UUID | None = None) -> Resolution:
    """Find the account of a registration among those of its program (as staff of that program).

    `own` is the account that was made of this registration's own words: that it looks like it is no evidence.
    """
    said = what_people_said(registration)
    chosen = next((account for account, verdict in reversed(said.items()) if verdict == Verdict.SAME), None)
    if chosen:
        return Resolution(chosen, verdict=SAME, probability=1.0, reasons=(_told("person", BY_A_PERSON),))
    weights, thresholds = weights_in_force(registration.program_id)
    without = {account.pk for account in said}
    ranked = rank(registration.program_id, party_of(registration), LiveStock(registration.program_id),
                  without=without, own=own, weights=weights, thresholds=thresholds)  # fmt: skip
    return _resolution(decide(_nearest_first(registration, ranked), thresholds))


def what_people_said(registration: Registration) -> dict[Account, str]:
    """Standing accounts -> what a person said last: of this registration, else of one that names its customer alike.

    The weightiest comes last: of this registration, then the latest.
    """
    alike = Q(program_id=registration.program_id, typed=typed_key(registration)) & ~Q(typed="")
    rows = MatchVerdict.objects.filter(Q(registration=registration) | alike).select_related("account__merged_into")
    ranked = sorted(rows, key=lambda row: (row.registration_id == registration.pk, row.said_at, row.pk))
    said: dict[Account, str] = {}
    for row in ranked:
        account = row.account.merged_into or row.account
        said.pop(account, None)  # said again: it moves to the end
        said[account] = row.verdict
    return said


def what_was_seen(registration: Registration, *, own: uuid.UUID | None = None) -> list[dict[str, Any]]:
    """The evidence of each candidate as the machine sees it, the likeliest first: what the weights learn from."""
    party, stock = party_of(registration), LiveStock(registration.program_id)
    found, corpus = _to_compare(registration.program_id, party, stock, own)
    evidence = {key: weigh(party, theirs, corpus) for key, theirs in found.items()}
    ranked = sorted(evidence, key=lambda key: (-bits_of(evidence[key]), key))
    return [_seen(key, evidence[key]) for key in ranked[:SEEN]]


def _seen(key: uuid.UUID, evidence: Evidence) -> dict[str, Any]:
    found = judge(evidence)
    return {"account": str(key), "facts": dict(evidence.facts), "related": found.related, "grounded": found.grounded}


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
    program_id: uuid.UUID,
    party: Party,
    stock: Stock,
    *,
    without: Iterable[uuid.UUID] = (),
    own: uuid.UUID | None = None,
    weights: Weights = SHIPPED,
    thresholds: Thresholds = STANDARD,
    most: int | None = None,
) -> list[tuple[uuid.UUID, Match]]:
    """The candidates of a party (`most` of them) with their matches, the likeliest first.

    Merged accounts are those they count as.
    """
    found, corpus = _to_compare(program_id, party, stock, own)
    seen = [(key, weigh(party, theirs, corpus, weights)) for key, theirs in found.items() if key not in set(without)]
    likeliest = sorted(seen, key=lambda item: (-round(bits_of(item[1], weights), 3), item[0]))[:most]
    return [(key, judge(evidence, weights=weights, thresholds=thresholds)) for key, evidence in likeliest]


def _to_compare(
    program_id: uuid.UUID, party: Party, stock: Stock, own: uuid.UUID | None
) -> tuple[dict[uuid.UUID, Party], Corpus]:
    """The candidates, and how common what they hold is, without the account that was made of the same words."""
    found = stock.parties([*candidates(program_id, party), *filter(None, [own])])
    itself = found.pop(own, None) if own else None
    corpus = stock.corpus([party, *found.values()]) if found else Corpus(1)
    return found, _less(corpus, itself) if itself else corpus


def _less(corpus: Corpus, party: Party) -> Corpus:
    """How common things are without this one, which was made of the same words."""
    tokens = {token for name in party.names for token in name.tokens}
    cores = {name.core for name in party.names}
    return Corpus(
        max(1, corpus.total - 1),
        {token: count - (token in tokens) for token, count in corpus.tokens.items()},
        {core: count - (core in cores) for core, count in corpus.cores.items()},
        {domain: count - (domain == party.domain) for domain, count in corpus.domains.items()},
    )


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
        related=account if decision.verdict == FAMILY and decision.match.akin else None,
        verdict=decision.verdict,
        probability=round(decision.probability, 4),
        reasons=tuple(asdict(reason) for reason in decision.match.reasons),
        weights=decision.match.weights,
    )


def _told(about: str, sentence: str) -> dict[str, Any]:
    return {"field": about, "bits": None, "sentence": sentence}
