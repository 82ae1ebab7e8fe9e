"""What is known of a company when two are compared, and how common its words are. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from partners.naming import (
    Name,
    city_key,
    country_code,
    phone_key,
    read_identifier,
    read_name,
    registered_domain,
)
from partners.naming.words import BOILERPLATE


@dataclass(frozen=True)
class Party:
    """A company in comparable spelling; "" is "not known". Build it with `Party.of`.

    `mail_domain` is a contact's: it can speak for a match, but not against one (contacts use what they have). `merged`
    are records that people said are this company, each as its source knows it.
    """

    names: tuple[Name, ...]
    country: str = ""
    city: str = ""
    postal_code: str = ""
    domain: str = ""
    mail_domain: str = ""
    phone: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    merged: "tuple[Party, ...]" = ()

    @classmethod
    def of(
        cls,
        names: Iterable[str] | str,
        *,
        country: str = "",
        city: str = "",
        postal_code: str = "",
        domain: str = "",
        email: str = "",
        phone: str = "",
        identifiers: Mapping[str, str] | None = None,
        own_domains: frozenset[str] = frozenset(),
    ) -> "Party":
        """Read what was typed. `own_domains` are the submitting partner's: they say nothing about a customer."""
        texts = [names] if isinstance(names, str) else list(names)
        code = country_code(country)
        read = (read_identifier(scheme, text, code) for scheme, text in (identifiers or {}).items())
        found, mail = registered_domain(domain), registered_domain(email)
        return cls(
            names=tuple(dict.fromkeys(read_name(text) for text in texts if read_name(text).core)),
            country=code,
            city=city_key(city),
            postal_code="".join(c for c in postal_code[:20].lower() if c.isalnum()),
            domain="" if found in own_domains else found,
            mail_domain="" if mail in own_domains else mail,
            phone=phone_key(phone, code),
            identifiers=tuple(sorted((i.scheme, i.value) for i in read if i.value)),
        )


@dataclass(frozen=True)
class Corpus:
    """How common things are among the accounts: numbers of accounts by token, by core and by domain.

    Only what the compared parties hold is needed; a word that is not there counts as unseen.
    """

    total: int
    tokens: Mapping[str, int] = field(default_factory=dict)
    cores: Mapping[str, int] = field(default_factory=dict)
    domains: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def bits(self) -> "Rarities":
        """How much each word tells, in bits: log2 of (accounts / accounts with it)."""
        return Rarities(self.total, self.tokens)

    def rarity(self, token: str) -> float:
        """How much a word tells, in bits."""
        return self.bits[token]


class Rarities(dict[str, float]):
    """Bits by word, each worked out when it is first asked for: scoring looks them up millions of times."""

    def __init__(self, total: int, tokens: Mapping[str, int]) -> None:
        super().__init__()
        self.total, self.tokens = total, tokens

    def __missing__(self, token: str) -> float:
        bits = max(0.3, math.log2((self.total + 1) / (self.tokens.get(token, 0) + 0.5)))
        self[token] = bits / 3 if token in BOILERPLATE else bits
        return self[token]
