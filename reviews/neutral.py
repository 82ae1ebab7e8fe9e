"""Whether a text may go to a party: its own facts alone, no judgement, and words that are easy to read. Pure.

The reading grade of English is the Automated Readability Index (Senter and Smith 1967, AMRL-TR-66-220), the reading ease of
German is Björnsson's LIX ("Läsbarhet", 1968): both count characters, words and sentences, and so need no dictionary of
syllables. Names, numbers and dates are taken out before, since they are nobody's wording. Words that judge are looked for in
both languages, whichever a text is in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

HARDEST = 9  # school years that a reader needs
HARDEST_LIX = 50  # above it, German reads like a specialist text
# Beginnings of words that take a side or accuse, and whole words that tell of others.
ACCUSING = (
    "accus", "at fault", "blam", "breach of trust", "cheat", "deceiv", "deceit", "dishonest", "fake", "false claim",
    "fraud", "guilt", "improper", "inadequate", "incompeten", "lied", "loser", "lying", "mislead", "negligen",
    "poach", "steal", "stole", "unfair", "unfortunately", "unprofessional", "violat", "weak claim", "wrongdo",
    "abgeworben", "betrog", "betrug", "betrüg", "erlogen", "erschlich", "fahrlässig", "gefälscht", "gelogen", "gestohlen",
    "inkompetent", "leider", "regelwidrig", "schuld an", "schuldig", "stiehlt", "täusch", "unehrlich", "unlauter",
    "unseriös", "verschulden", "vorwurf", "wirft ihnen vor",
)  # fmt: skip
OF_OTHERS = (
    "competitor", "competing partner", "other partner", "another partner", "other registration", "another registration",
    "opponent", "rival", "their price", "their discount", "their registration", "their quote", "won against", "lost against",
    "anderer partner", "anderen partner", "andere registrierung", "anderen registrierung", "dessen preis", "dessen rabatt",
    "gegner", "gegen sie gewonnen", "konkurren", "mitbewerber", "rivale", "wettbewerber",
)  # fmt: skip
# Words that claim more than a record can show.
UNSUPPORTED = (
    "apparently", "beyond doubt", "certainly", "clearly", "everybody knows", "everyone knows", "guarantee", "it is obvious",
    "must have", "no doubt", "obviously", "of course", "presumably", "probably", "rumour", "seems to", "supposedly", "suspect",
    "undoubtedly", "we believe", "we feel",
    "angeblich", "garantier", "offenbar", "offensichtlich", "selbstverständlich", "sicherlich", "vermutlich", "wahrscheinlich",
    "wir glauben", "wohl kaum", "zweifellos",
)  # fmt: skip
_MONEY = re.compile(
    r"(?:[$€£¥]\s?\d[\d.,]*\d|[$€£¥]\s?\d)|\b\d[\d.,]*\s?(?:%|percent\b|(?:USD|EUR|GBP|CHF|JPY|CAD|AUD|INR|CNY)\b)",
    re.I,
)
_SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n{2,}")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CHARACTERS = re.compile(r"[^\W_]")
_OPAQUE = re.compile(r"\S*[\d@/]\S*")  # references, dates, addresses: nobody's wording


@dataclass(frozen=True, slots=True)
class About:
    """What a text may say and what it must not: the party's own names and figures, and those of everybody else."""

    own: Collection[str] = ()
    others: Collection[str] = field(default=(), repr=False)  # a leak in a traceback is a leak


def flaws(text: str, about: About | None = None, language: str = "en") -> list[str]:
    """What is wrong with a text for a party, in sentences; an empty list: it may go."""
    about = about or About()
    return [*_names_others(text, about), *_words(text), *_money(text, about), *_hard(text, about, language)]


def hard_flaws(text: str, about: About | None = None) -> list[str]:
    """Those flaws for which a text written by a person is refused: others, judgement, and figures that are not the party's.

    How easily it reads, and whether a word claims too much, is its writer's to weigh.
    """
    about = about or About()
    return [*_names_others(text, about), *_listed(text, OF_OTHERS, _OTHERS), *_listed(text, ACCUSING, _ACCUSES)]


_OTHERS = "‘{}’ tells of others: a party reads of its own facts alone."
_ACCUSES = "‘{}’ is not neutral: say what was recorded, without judgement."
_CLAIMS = "‘{}’ claims more than a record shows: say what was recorded, and when."


def _names_others(text: str, about: About) -> Iterator[str]:
    """Names, numbers and figures of others, as whole words; what is the party's own as well is no secret."""
    own = {_folded(word) for word in about.own}
    lowered = _folded(text)
    for word in about.others:
        told = _folded(word)
        if len(told) > 2 and told not in own and _whole(told, lowered):
            yield f"‘{word}’ is not this party's: it must not read it."


def _words(text: str) -> Iterator[str]:
    yield from _listed(text, OF_OTHERS, _OTHERS)
    yield from _listed(text, ACCUSING, _ACCUSES)
    yield from _listed(text, UNSUPPORTED, _CLAIMS)


def _listed(text: str, words: Collection[str], sentence: str) -> Iterator[str]:
    lowered = _folded(text)
    for word in words:
        if re.search(rf"(?<!\w){re.escape(word)}", lowered):
            yield sentence.format(word)


def _money(text: str, about: About) -> Iterator[str]:
    own = {_digits(word) for word in about.own}
    for found in _MONEY.findall(text):
        if _digits(found) not in own:
            yield f"‘{found.strip()}’ is an amount that is not among this party's own facts."


def _hard(text: str, about: About, language: str) -> Iterator[str]:
    if language == "de":
        if (easy := lix(text, about.own)) > HARDEST_LIX:
            yield f"Its LIX is {easy:.0f}: at most {HARDEST_LIX}. Write shorter sentences and shorter words."
        return
    grade = reading_grade(text, about.own)
    if grade > HARDEST:
        yield f"It reads like school year {grade:.0f}: at most {HARDEST}. Write shorter sentences and shorter words."


def reading_grade(text: str, names: Collection[str] = ()) -> float:
    """The Automated Readability Index of a text, in school years (below 1 counts as 1). `names` are left out."""
    words, sentences = _counted(text, names)
    if not words:
        return 1.0
    characters = sum(len(_CHARACTERS.findall(word)) for word in words)
    return max(1.0, 4.71 * characters / len(words) + 0.5 * len(words) / sentences - 21.43)


def lix(text: str, names: Collection[str] = ()) -> float:
    """Björnsson's LIX: words a sentence, and the share of words longer than six letters in percent. `names` are left out."""
    words, sentences = _counted(text, names)
    return len(words) / sentences + 100 * sum(len(word) > 6 for word in words) / len(words) if words else 0.0


def _counted(text: str, names: Collection[str]) -> tuple[list[str], int]:
    """The words of a text, and how many sentences it has; names, numbers and dates count as one short word."""
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "it", text, flags=re.I) if name.strip() else text
    text = _OPAQUE.sub(lambda found: "it" + ("." if found.group().endswith((".", "!", "?")) else ""), text)
    return _WORD.findall(text), sum(1 for part in _SENTENCE.split(text) if _WORD.search(part))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _whole(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _digits(text: str) -> str:
    """A figure without its signs and grouping: '50,000.00 USD' and '$50,000' are the same."""
    return re.sub(r"\D", "", re.sub(r"[.,]0{2}(?!\d)", "", text))
