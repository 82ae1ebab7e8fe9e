"""Keeps what accounts are found by in step with their names and marks; the write path calls it (services, ingest).

Every key is a 64-bit number of program, kind and text: one index serves all programs, and a key never meets another
program's. Word counts are about right, not exact: a word that somebody else is counting is not waited for.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from django.db import connection
from django.db.models import Q
from uuid_utils.compat import uuid7

from partners.models import Account, AccountKey, AccountMark, AccountName
from partners.naming import (
    VERSION,
    brand_label,
    city_key,
    country_code,
    phone_key,
    read_identifier,
    registered_domain,
)

SPELLING = 100 * VERSION + 1  # changes with how names are spelled, and with what is kept of them here
ALL = ""  # the word that stands in every name: how many names there are
LONGEST_WORD = 64
MOST_WORDS = 24
NEAR_LENGTHS = range(4, 25)  # words of these lengths are found with one letter wrong

_COUNT = """
with fresh as (select * from unnest(%(keys)s::bigint[], %(counts)s::int[]) as fresh (key, added)),
     free as (select t.key, fresh.added from partners_nametoken t join fresh using (key) for update of t skip locked)
update partners_nametoken t set names = t.names + free.added from free where t.key = free.key returning t.key
"""


@dataclass(frozen=True)
class WholeKeys:
    """The keys of a whole name: as it is, in any order, joined, and with its town."""

    core: int
    ordered: int
    joined: int
    placed: int


@dataclass(frozen=True)
class Marks:
    """What stands beside a name and finds an account: as typed, any may be empty."""

    country: str = ""
    domain: str = ""
    phone: str = ""
    lei: str = ""
    vat_id: str = ""
    duns: str = ""


class Numbers:
    """The numbers of one program's keys."""

    def __init__(self, program_id: uuid.UUID) -> None:
        self._key = program_id.bytes

    def of(self, kind: str, text: str) -> int:
        """The number of a text of a kind."""
        digest = blake2b(f"{kind}:{text}".encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "big", signed=True)

    def word(self, word: str) -> int:
        """The number of one word."""
        return self.of("w", word)

    def core(self, key: str) -> int:
        """The number of a name in its one spelling."""
        return self.of("c", " ".join(words_of(key)))

    def whole(self, words: Sequence[str], town: str) -> WholeKeys:
        """The keys of a name and of its town (words_of, town_word)."""
        text = " ".join(words)
        ordered, joined = " ".join(sorted(words)), "".join(words)
        return WholeKeys(
            self.of("c", text), self.of("s", ordered), self.of("j", joined), self.of("p", f"{text}|{town}")
        )

    def tokens(self, words: Sequence[str], town: str) -> list[int]:
        """The numbers of what a name is counted under."""
        return [self.word(word) for word in counted(words, town)]

    def marks(self, marks: Marks) -> dict[str, int]:
        """The numbers of a domain, its brand, phone and identifiers, without the empty ones."""
        domain, country = registered_domain(marks.domain), country_code(marks.country)
        brand = brand_label(domain)
        digits = phone_key(marks.phone, country).lstrip("+")
        texts = {
            "domain": domain,
            "brand": brand if len(brand) >= 4 else "",
            "phone": digits[-8:],  # with or without the country's code
            "lei": read_identifier("lei", marks.lei).value,
            "vat": read_identifier("vat", marks.vat_id, country).value,
            "duns": read_identifier("duns", marks.duns).value,
        }
        return {kind: self.of(kind, text) for kind, text in texts.items() if text}

    def near(self, word: str) -> list[int]:
        """A word and its spellings with one letter left out: words one edit apart share one of these."""
        if len(word) not in NEAR_LENGTHS or not word.isalpha():
            return []
        shorter = {word[:i] + word[i + 1 :] for i in range(len(word))}
        return [self.of("n", spelling) for spelling in sorted({word, *shorter})]


def words_of(key: str) -> tuple[str, ...]:
    """The words of a name that are kept."""
    return tuple(word[:LONGEST_WORD] for word in key.split()[:MOST_WORDS])


def town_word(city: str) -> str:
    """A town as a word of the names in it ("" if there is none)."""
    town = city_key(city)
    return f"@{town}"[:LONGEST_WORD] if town else ""


def counted(words: Sequence[str], town: str) -> list[str]:
    """What a name is counted under: its different words, their first letters (with ~), its town (with @)."""
    return [*dict.fromkeys(words), *filter(None, [first_letters(acronym_of(words)), town])]


def joined_pairs(words: Sequence[str]) -> list[str]:
    """Neighbouring words as one: 'micro soft' finds 'microsoft'."""
    return [a + b for a, b in pairwise(words)]


def acronym_of(words: Sequence[str]) -> str:
    """The first letters of three words and more."""
    return "".join(word[0] for word in words) if 3 <= len(words) <= 8 else ""


def first_letters(word: str) -> str:
    """A word as the first letters of others: 'hmb' finds 'hanseatic marine brokerage'."""
    return f"~{word}" if 3 <= len(word) <= 8 else ""


def index_accounts(program_id: uuid.UUID, account_ids: Iterable[uuid.UUID], *, anew: bool = False) -> None:
    """Bring the keys and marks of these accounts in step with what the accounts are now, in a fixed number of queries.

    `anew`: also those that seem to be.
    """
    ids = list(dict.fromkeys(account_ids))
    accounts = {row["pk"]: row for row in Account.objects.filter(pk__in=ids).values("pk", *MARKED)}
    names = AccountName.objects.filter(account_id__in=ids).values_list("pk", "account_id", "key")
    made = AccountKey.objects.filter(name__account_id__in=ids)
    known = {row[0]: row[1:] for row in made.values_list("name_id", "account_id", "placed", "made_by")}
    known = dict.fromkeys(known, (None, 0, 0)) if anew else known
    marks = AccountMark.objects.filter(account_id__in=ids).values_list("account_id", "kind", "mark")
    Index(program_id).bring_in_step(accounts, names, known, {(account, kind): mark for account, kind, mark in marks})


def begins(field: str, text: str) -> Q:
    """Rows whose `field` begins with a text. A range beside LIKE: under row-level security only what cannot leak may use an
    index."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": f"{text}\uffff", f"{field}__startswith": text})


def with_words(program_id: uuid.UUID, key: str, at_most: int) -> list[uuid.UUID]:
    """Accounts of a program with all words of a key (partners.naming.name_key) in one of their names, wherever they stand; the
    last word may be begun only. In no order; by indexes alone."""
    *whole, start = words_of(key)
    numbers = Numbers(program_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from accounts_with_words(%s, %s::bigint[], %s, %s)",
            [program_id, [numbers.word(word) for word in whole], start, at_most],
        )
        return [row[0] for row in cursor.fetchall()]


MARKED = ("country", "city", "domain", "phone", "lei", "vat_id", "duns")


class Index:
    """The writing side: rows of the lookup tables of one program."""

    def __init__(self, program_id: uuid.UUID) -> None:
        self.program_id, self.numbers = program_id, Numbers(program_id)

    def bring_in_step(
        self,
        accounts: Mapping[uuid.UUID, Mapping[str, Any]],
        names: Iterable[tuple[uuid.UUID, uuid.UUID, str]],
        known: Mapping[uuid.UUID, tuple[uuid.UUID | None, int, int]],
        known_marks: Mapping[tuple[uuid.UUID, str], int],
    ) -> None:
        """Write what is missing or changed; `names` are (id, account, key), `known` (account, placed, made_by) by name."""
        counts, rows = Counter[str](), []
        for name_id, account_id, key in names:
            words, town = words_of(key), town_word(accounts[account_id]["city"])
            keys = self.numbers.whole(words, town)
            if known.get(name_id) == (account_id, keys.placed, SPELLING):
                continue
            counts.update([ALL, *counted(words, town)])
            tokens = "{" + ",".join(map(str, self.numbers.tokens(words, town))) + "}"
            rows.append((name_id, account_id, keys.core, keys.ordered, keys.joined, keys.placed, tokens))
        changed = [row[0] for row in rows if row[0] in known]
        if changed:
            AccountKey.objects.filter(pk__in=changed).delete()  # and counted down (account_keys_gone)
        _insert(_KEYS, self.program_id, rows)
        self._count(counts)
        self._mark(accounts, known_marks)

    def _count(self, counts: Counter[str]) -> None:
        """Count words in; new ones enter with their spellings one letter short."""
        if not counts:
            return
        by_key = {self.numbers.word(word): word for word in counts}
        keys = sorted(by_key)  # one order of locks for everybody
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"keys": keys, "counts": [counts[by_key[key]] for key in keys]})
            counted = {row[0] for row in cursor.fetchall()}
        fresh = [(key, by_key[key]) for key in keys if key not in counted]
        near = self.numbers.near
        _insert(
            _WORDS,
            self.program_id,
            [(key, word, counts[word], "{" + ",".join(map(str, near(word))) + "}") for key, word in fresh],
        )

    def _mark(
        self, accounts: Mapping[uuid.UUID, Mapping[str, Any]], known: Mapping[tuple[uuid.UUID, str], int]
    ) -> None:
        wanted = {
            (account, kind): mark
            for account, row in accounts.items()
            for kind, mark in self.numbers.marks(Marks(**{name: row[name] for name in _MARK_FIELDS})).items()
        }
        gone = {account for (account, kind), mark in known.items() if wanted.get((account, kind)) != mark}
        if gone:
            AccountMark.objects.filter(account_id__in=gone).delete()
        fresh = [
            (uuid7(), account, kind, mark)
            for (account, kind), mark in wanted.items()
            if account in gone or (account, kind) not in known
        ]
        _insert(_MARKS, self.program_id, fresh)


_MARK_FIELDS = ("country", "domain", "phone", "lei", "vat_id", "duns")
# One statement for any number of rows: a parameter a column, not a value (ten times as fast as bulk_create).
_KEYS = f"""
insert into partners_accountkey (made_by, program_id, name_id, account_id, core, ordered, joined, placed, tokens)
select {SPELLING}, %s, r.name_id, r.account_id, r.core, r.ordered, r.joined, r.placed, r.tokens::bigint[]
  from unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])
       as r (name_id, account_id, core, ordered, joined, placed, tokens)
on conflict (name_id) do nothing
"""  # noqa: S608 - a number of ours
_WORDS = """
insert into partners_nametoken (program_id, key, token, names, variants)
select %s, r.key, r.token, r.names, r.variants::bigint[]
  from unnest(%s::bigint[], %s::text[], %s::int[], %s::text[]) as r (key, token, names, variants)
on conflict (key) do nothing
"""
_MARKS = """
insert into partners_accountmark (program_id, id, account_id, kind, mark)
select %s, r.* from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[]) as r
"""


def _insert(statement: str, program_id: uuid.UUID, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [program_id, *(list(column) for column in zip(*rows, strict=True))])
