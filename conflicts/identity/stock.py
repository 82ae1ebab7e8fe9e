"""The accounts of a program as the scorer wants them: parties, and how common words, names and domains are."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.db import connection

from conflicts.identity.party import Corpus, Party
from partners.lookup import ALL, Numbers

MOST_NAMES = 20
MOST_COUNTED = 2000  # beyond this, more accounts of one name or domain say nothing new


class Stock(Protocol):
    """Where parties and counts come from."""

    def parties(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Party]:
        """The accounts with these ids by the account that they count as (its own id, unless people merged it)."""
        ...

    def corpus(self, parties: Iterable[Party]) -> Corpus:
        """How common what these parties hold is."""
        ...


def read_parties(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Party]:
    """The accounts that these ids count as, with the names and records of all merged into them, in one query."""
    standing: dict[uuid.UUID, dict[uuid.UUID, Any]] = {}
    names: dict[uuid.UUID, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("select * from account_parties(%s)", [list(ids)])
        for key, record, *row, name in cursor.fetchall():
            standing.setdefault(key, {})[record] = row
            names.setdefault(record, [row[0]]).append(name or "")
    return {key: _party(key, records, names) for key, records in standing.items()}


def _party(key: uuid.UUID, records: dict[uuid.UUID, Any], names: dict[uuid.UUID, list[str]]) -> Party:
    """The standing account under all names, and each record merged into it under its own."""
    merged = tuple(_record(row, names[record]) for record, row in records.items() if record != key)
    return _record(records[key], [name for record in records for name in names[record]], merged)


def _record(row: Any, names: Iterable[str], merged: tuple[Party, ...] = ()) -> Party:
    _, domain, country, city, postal_code, phone, lei, vat_id, duns = row
    party = Party.of(
        list(dict.fromkeys(names))[:MOST_NAMES], country=country, city=city, postal_code=postal_code, domain=domain,
        phone=phone, identifiers={"lei": lei, "vat": vat_id, "duns": duns},
    )  # fmt: skip
    return replace(party, merged=merged) if merged else party


class LiveStock:
    """Reads the database for each question: two queries."""

    def __init__(self, program_id: uuid.UUID) -> None:
        self.program_id, self.numbers = program_id, Numbers(program_id)

    def parties(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Party]:
        """The accounts with these ids."""
        return read_parties(ids) if ids else {}

    def corpus(self, parties: Iterable[Party]) -> Corpus:
        """How common what these parties hold is, in one query."""
        wanted = _Wanted(self.numbers)
        for party in parties:
            for record in (party, *party.merged):
                wanted.add(record)
        with connection.cursor() as cursor:
            cursor.execute(
                "select * from name_counts(%s, %s::bigint[], %s::bigint[], %s::bigint[], %s)",
                [self.program_id, list(wanted.words), list(wanted.cores), list(wanted.domains), MOST_COUNTED],
            )
            return wanted.corpus(cursor.fetchall())


@dataclass
class _Wanted:
    numbers: Numbers
    words: dict[int, str] = field(default_factory=dict)
    cores: dict[int, str] = field(default_factory=dict)
    domains: dict[int, str] = field(default_factory=dict)

    def add(self, party: Party) -> None:
        for name in party.names:
            self.cores[self.numbers.core(name.core)] = name.core
            self.words |= {self.numbers.word(token): token for token in name.tokens}
        for domain in filter(None, (party.domain, party.mail_domain)):
            self.domains[self.numbers.of("domain", domain)] = domain
        self.words[self.numbers.word(ALL)] = ALL

    def corpus(self, rows: Iterable[tuple[str, int, int]]) -> Corpus:
        found: dict[str, dict[str, int]] = {"word": {}, "core": {}, "mark": {}}
        texts = {"word": self.words, "core": self.cores, "mark": self.domains}
        for kind, key, count in rows:
            found[kind][texts[kind][key]] = count
        return Corpus(max(1, found["word"].pop(ALL, 1)), found["word"], found["core"], found["mark"])


class StandingStock:
    """Everything counted once, for many questions to accounts that do not change meanwhile."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select token, names from partners_nametoken where token !~ '^[@~]'")
            words = dict(cursor.fetchall())
            cursor.execute("select key, count(*) from partners_accountname group by key")
            cores = dict(cursor.fetchall())
        self._known: dict[uuid.UUID, Party] = {}
        self._words, self._cores = words, cores
        self._domains: dict[str, int] = {}

    def load(self, ids: Sequence[uuid.UUID]) -> None:
        """Read parties ahead, and count their domains."""
        for key, party in read_parties(ids).items():
            self._known[key] = party
            self._domains[party.domain] = self._domains.get(party.domain, 0) + 1

    def parties(self, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Party]:
        """The accounts with these ids."""
        return {key: self._known[key] for key in ids}

    def corpus(self, parties: Iterable[Party]) -> Corpus:
        """The same counts for everybody."""
        return self._corpus

    @property
    def _corpus(self) -> Corpus:
        return Corpus(max(1, self._words.get(ALL, 1)), self._words, self._cores, self._domains)
