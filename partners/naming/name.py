"""A company's name in one spelling, and what is worth knowing of it. Pure, bounded, never an exception."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from anyascii import anyascii
from rapidfuzz.distance import OSA

from partners.naming.forms import FORM_TEXT
from partners.naming.forms_east import GLUED, PREFIXES
from partners.naming.words import CANONICAL, FILLERS, NOISE, PLACES, TIES

LONGEST, MOST_TOKENS = 1000, 40
MOST_COMPARED = 16
WORLD = Path(__file__).with_name("forms_world.txt")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?")
_MISREAD = re.compile("[\u00c2\u00c3\u00e2\u00d0\u00d1][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]")
_SYMBOLS = frozenset({"So", "Sk", "Cs", "Co", "Cf", "Cc", "Cn"})
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_ALIAS = re.compile(
    r"(?<=\w)[\s(,]+(?:d[./]?b[./]?a\b|t/a\b|f[./]?k[./]?a\b|formerly\b|previously\b|trading as\b|doing business as\b"
    r"|also known as\b|a/k/a\b).*",
    re.DOTALL,
)
# Legal forms are often mistyped; these are long enough to be known by one slip.
_LONG_FORM_WORDS = (
    "private", "limited", "incorporated", "corporation", "company", "gesellschaft", "beschrankter", "haftung", "societe",
    "sociedad", "anonima", "anonyme", "limitada", "responsabilidad", "responsabilite", "proprietary", "partnership",
    "liability", "aktiengesellschaft", "ograniczona", "odpowiedzialnoscia", "vennootschap", "aktiebolag", "limitata",
)  # fmt: skip


# Short forms, known by one slip where the word could hardly be another: it has no vowel, and is none that is used.
_SHORT_FORMS = ("ltd", "pvt", "llc", "llp", "gmbh", "corp", "pty")
_NO_SLIPS = frozenset("pvc tlc ltc plc psc llm pvr lpg ctd cwp crp mbh lld".split())


@dataclass(frozen=True)
class Name:
    """A name read: `core` is what spellings share, `form` the class of the legal form ("" when none was written).

    `tokens` are the words of the core, `words` the same before abbreviation, `joined` those without spaces.
    `spelled` tells the word of each of the first MOST_COMPARED tokens. `says` is 0 when no company is named at all
    ("", "GmbH", "x", "unknown"), 1 when many may be called that ("Global Solutions", "HP"), else 2.
    """

    raw: str
    core: str
    tokens: tuple[str, ...]
    form: str
    joined: str
    sorted_key: str
    initials: str
    words: tuple[str, ...] = ()
    spelled: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def says(self) -> int:
        """How much the name tells by itself, whoever else is called so; only asked where names are compared."""
        return _says(self.tokens)


def _repaired(text: str) -> str:
    """Text that was decoded wrongly, even twice, as it was meant: "SociÃ©tÃ©" is "Société"."""
    for _ in range(3):
        if not _MISREAD.search(text):
            break
        try:
            text = text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            break
    return text


def _symbols_out(text: str) -> str:
    """Pictures, marks and what steers writing direction are no part of a name (circled forms like "㈱" are)."""
    return "".join(
        c if c.isascii() or "\u3200" <= c <= "\u33ff" or unicodedata.category(c) not in _SYMBOLS else " " for c in text
    )


def _in_ascii(text: str) -> str:
    """Mended, in one form, in Latin letters."""
    text = unicodedata.normalize("NFKC", _symbols_out(_repaired(text)))[: 2 * LONGEST]
    for glued, plain in GLUED:
        if glued in text:
            text = text.replace(glued, f" {plain} ")
    return anyascii(text)[: 2 * LONGEST]


def _words(text: str) -> list[str]:
    """Small ASCII words of a text: initials joined, ties left out (unless nothing else is there)."""
    text = text[:LONGEST]
    text = _ALIAS.sub("", (text if text.isascii() else _in_ascii(text)).lower())
    if "&" in text:
        text = re.sub(r"\b([a-z]{1,2})&([a-z]{1,2})\b", r"\1\2", text).replace("&", " and ")
    text = text.replace("+", " and ").replace("'", "").replace("`", "").replace('"', "")
    if "/" in text:
        text = re.sub(r"\b([a-z])/([a-z])\b(?!/)", r"\1\2", text)
    if "." in text:
        text = _INITIALS.sub(lambda found: found.group().replace(".", "") + " ", text)
    words = _PUNCTUATION.sub(" ", text).split()[:MOST_TOKENS]
    return [word for word in words if word not in TIES] or words


def _join_letters(words: list[str]) -> list[str]:
    """Letters that stand alone beside each other are initials: "i b m" is "ibm"."""
    if not any(len(word) == 1 for word in words):
        return words
    joined: list[str] = []
    run = ""
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            joined.append(run)
            run = ""
        if word:
            joined.append(word)
    return joined


def _spell(text: str) -> tuple[str, ...]:
    return tuple(_join_letters(_words(text)))


@lru_cache(maxsize=1)
def _forms() -> dict[tuple[str, ...], str]:
    found = _spelled(FORM_TEXT)
    for words, kind in list(found.items()):  # long ones are often cut: "societa a responsabilita"
        if len(words) >= 3 and len("".join(words[:-1])) >= 16:
            found.setdefault(words[:-1], kind)
    return _spelled(WORLD.read_text(encoding="utf-8")) | found


def _spelled(text: str) -> dict[tuple[str, ...], str]:
    """Spellings of a table of lines `class: spelling | spelling`; what stands first in it counts."""
    found: dict[tuple[str, ...], str] = {}
    for line in text.strip().splitlines():
        kind, _, spellings = line.partition(": ")
        for words in map(_spell, spellings.split(" | ")):
            if words and not line.startswith("#"):
                found.setdefault(words, kind)
    return found


@lru_cache(maxsize=1)
def _last_words() -> frozenset[str]:
    """The words with which legal forms end: most names end otherwise, which is asked first, as it is cheap."""
    return frozenset(words[-1] for words in _forms())


@lru_cache(maxsize=1)
def _prefixes() -> frozenset[tuple[str, ...]]:
    return frozenset(_spell(spelling) for line in PREFIXES.strip().splitlines() for spelling in line.split(" | "))


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(words[0] for words in _prefixes() if words)


def _one_letter_less(words: Iterable[str]) -> dict[str, str]:
    """Every word with one letter lost, and the word itself: two words a slip apart share an entry."""
    return {w[:i] + w[i + 1 :]: w for w in words for i in range(len(w))} | {w: w for w in words}


@lru_cache(maxsize=1)
def _form_slips() -> dict[str, str]:
    return _one_letter_less(_LONG_FORM_WORDS)


_LONG_WORDS = tuple(sorted(word for word in CANONICAL if len(word) >= 8))
_HEADS, _TAILS = (frozenset(ends) for ends in zip(*((word[:3], word[-3:]) for word in _LONG_WORDS), strict=True))


@lru_cache(maxsize=1)
def _word_slips() -> dict[str, str]:
    return _one_letter_less(_LONG_WORDS)


def _mended(word: str, slips: Mapping[str, str]) -> str:
    """The known word that a slip of one letter made `word` (lost, added, changed or swapped), or the word itself."""
    for shorter in (word, *(word[:i] + word[i + 1 :] for i in range(len(word)))):
        found = slips.get(shorter)
        if found and abs(len(found) - len(word)) <= 1 and OSA.distance(found, word, score_cutoff=1) <= 1:
            return found
    return word


def _canonical(word: str) -> str:
    """The short spelling of a word, a slip in a long one allowed (the first letter counts: "rational" is not "national")."""
    if short := CANONICAL.get(word):
        return short
    # A slip leaves the beginning or the end as it was.
    if len(word) >= 8 and (word[:3] in _HEADS or word[-3:] in _TAILS) and word.isalpha():
        mended = _mended(word, _word_slips())
        if mended != word and mended[0] == word[0] and mended.removesuffix("s") != word.removesuffix("s"):
            return CANONICAL[mended]
    return word[:60]


@lru_cache(maxsize=65536)
def _form_meant(word: str) -> str:
    """The word of a legal form that a slip made `word`, or the word itself."""
    if len(word) >= 6:
        return _mended(word, _form_slips())
    if not 3 <= len(word) <= 5 or set("aeiou") & set(word) or word in _NO_SLIPS or not word.isalpha():
        return word
    return next((form for form in _SHORT_FORMS if OSA.distance(form, word, score_cutoff=1) == 1), word)


def _form_at_end(words: list[str]) -> tuple[int, str]:
    """How many words at the end are one legal form (never all), and its class."""
    if words[-1] not in _last_words():
        return 0, ""
    forms = _forms()
    for length in range(min(9, len(words) - 1), 0, -1):
        if kind := forms.get(tuple(words[-length:])):
            return length, kind
    return 0, ""


def _without_form(words: list[str]) -> tuple[list[str], str]:
    """The words without legal forms, and the class of the one that says most (the last; 'co' says nothing)."""
    form = ""
    core = list(words)
    for _ in range(4):
        if len(core) < 2:
            break
        length, kind = _form_at_end(core)
        if not length:
            mended = [*core[:-1], _form_meant(core[-1])]
            length, kind = _form_at_end(mended) if mended != core else (0, "")
        if not length:
            break
        core = core[:-length]
        form = kind if form in ("", "co") else form
    longest = min(7, len(core) - 1) if core and core[0] in _first_words() else 0
    for length in range(longest, 0, -1):
        if tuple(core[:length]) in _prefixes():
            form = form or _forms().get(tuple(core[:length]), "")
            core = core[length:]
            break
    return core, form


def _says(tokens: tuple[str, ...]) -> int:
    """See Name."""
    named = [t for t in tokens if t not in FILLERS and t not in TIES and not (len(tokens) == 1 and (t,) in _forms())]
    if len("".join(named)) < 2:
        return 0
    telling = (len(t) > 2 and t.isalpha() and t not in NOISE and t not in PLACES for t in named)
    return 2 if any(telling) else 1


@lru_cache(maxsize=65536)
def read_name(raw: str) -> Name:
    """Read a company's name. Whatever comes in, something bounded comes out."""
    core, form = _without_form(list(_spell(raw)))
    tokens = tuple([_canonical(word) for word in core])
    words = tuple([word[:60] for word in core])
    text = " ".join(tokens)[:500]
    return Name(
        raw=raw[:LONGEST],
        core=text,
        tokens=tokens,
        form=form,
        joined="".join(core)[:500],
        sorted_key=" ".join(sorted(tokens))[:500],
        initials="".join([word[0] for word in core])[:MOST_TOKENS],
        words=words,
        spelled=dict(zip(tokens[:MOST_COMPARED], words, strict=False)),
    )
