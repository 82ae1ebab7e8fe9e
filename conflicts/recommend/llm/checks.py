"""What of an answer may be shown: quotes that stand in the cited record, names and numbers that the brief holds, no word
that accuses anybody, a summary that takes no side. Deterministic; what fails any of it is not shown at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from conflicts.recommend.llm.brief import Brief
from conflicts.recommend.llm.ordinary import WORDS, plain
from conflicts.recommend.llm.schema import NotAcceptableError, Reply

# Words of which a party would say that it was accused; stems, so that their forms count too.
ACCUSING = re.compile(
    r"\b(abus|accus|bad.faith|blackmail|brib|cheat|collu[ds]|conspir|corrupt|crimin|crook|deceiv|decept|dishonest|evad"
    r"|fabricat|fake|false(ly|hood)|forg(ed|ery|ing)|fraud|greed|guilt|illegal|incompeten|invent(ed|ing)|lazy|liar|lied"
    r"|lies\b|lying|malicious|manipulat|mislead|misled|misrepresent|negligen|poach|pretend|rogue|scam|shady|sneak|spy"
    r"|steal|stole|suspicious|theft|thief|threat|trick|unethical|unfair|unlawful|untrust|violat)",
    re.IGNORECASE,
)
# Words that take a side, which a neutral summary does not: the choice has a field of its own.
SIDING = re.compile(
    r"\b(best.claim|clear(ly)?.(winner|wins)|deserv\w*|entitled.to.the.deal|recommend\w*|should|must|ought|stronger|strongest"
    r"|superior|better.claim|winner|wins|weaker|weakest)\b",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[<>`{}\[\]|\\@#*_~^=▢]|://|www\.|\.(com|net|org|io|example)\b", re.IGNORECASE)
_PSEUDONYM = re.compile(
    r"\b(?:PARTNER_[A-Z]{1,2}\d*|DIRECT_TEAM|ANOTHER_PARTNER|ANOTHER_ACCOUNT|ACCOUNT(?:_\d+)?|LINE_\d+)\b"
)
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
NUMBER_WORDS = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thir|fif|twen|for)?(teen|ty)?\s*"
    r"(hundred|thousand|million|billion|dollars?|euros?|pounds?|percent)\b", re.IGNORECASE,
)  # fmt: skip
LEAST_ENGLISH = 0.35  # of the words; a plain English summary of a case is far above, other languages are below


def check(reply: Reply, brief: Brief) -> None:
    """Raise NotAcceptableError with everything that is wrong; an answer that passes may be shown to staff."""
    problems = [*_quotes(reply, brief), *_texts(reply, brief), *reading(reply.summary, brief)]
    if problems:
        raise NotAcceptableError(*dict.fromkeys(problems))


def _quotes(reply: Reply, brief: Brief) -> Iterator[str]:
    """A quote stands word for word in the record that it cites."""
    papers = {paper.label: paper for paper in brief.papers}
    for reason in reply.reasons:
        paper = papers.get(reason.evidence)
        told = (plain(paper.says), plain(paper.partner_words)) if paper else ()
        if not any(plain(reason.quote) in text for text in told):
            yield "A quote does not stand in the record that it cites."
        if plain(reason.quote) != reason.quote.strip():
            yield "A quote holds characters that cannot be seen."


def _texts(reply: Reply, brief: Brief) -> Iterator[str]:
    told = brief.text()
    numbers, words = _numbers(told), _capitals(told) | {word.lower() for word in _WORD.findall(told)}
    for text in (reply.summary, *(reason.sentence for reason in reply.reasons)):
        yield from _strange(text)
        if ACCUSING.search(text):
            yield "It accuses somebody."
        bare = _PSEUDONYM.sub(" ", text)
        if not _numbers(bare) <= numbers or NUMBER_WORDS.search(bare):
            yield "It names a number that the brief does not hold."
        if not _named(text) <= set(_PSEUDONYM.findall(told)):
            yield "It names somebody whom the brief does not know."
        strange = any(word not in words and word.lower() not in words for word in _capitals(bare))
        if strange or not all(_opens(first, words) for first in _firsts(bare)):
            yield "It names somebody or something that the brief does not know."


def reading(summary: str, brief: Brief) -> Iterator[str]:
    """Read a summary back: it is English, takes no side, and speaks of every claimant."""
    words = [word.lower() for word in _WORD.findall(_PSEUDONYM.sub(" ", summary))]
    if not words or sum(word in WORDS for word in words) < LEAST_ENGLISH * len(words):
        yield "The summary is not in plain English."
    if SIDING.search(summary):
        yield "The summary takes a side."
    if not set(brief.claimants) <= _named(summary):
        yield "The summary does not speak of every claimant."


def _strange(text: str) -> Iterator[str]:
    """Marks of code, addresses, hidden characters and other scripts."""
    if _FORBIDDEN.search(_PSEUDONYM.sub("", text)):
        yield "It holds an address or a mark that no plain sentence needs."
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs") for char in text):
        yield "It holds characters that cannot be seen."
    if any(char.isalpha() and "LATIN" not in unicodedata.name(char, "") for char in text):
        yield "It is written in another script."


def _named(text: str) -> set[str]:
    return set(_PSEUDONYM.findall(text))


def _numbers(text: str) -> set[str]:
    return {found.rstrip(".,:/-") for found in _NUMBER.findall(text)}


def _capitals(text: str) -> set[str]:
    """Words with a capital that does not just begin a sentence."""
    found: set[str] = set()
    for sentence in _SENTENCE.split(text):
        found |= {word for word in _WORD.findall(sentence)[1:] if not word.islower()}
    return found


def _firsts(text: str) -> Iterable[str]:
    """The word with which each sentence begins, if it is one."""
    for sentence in _SENTENCE.split(text.strip()):
        found = _WORD.match(sentence.lstrip(" \"'(-–"))
        if found:
            yield found.group(0)


def _opens(word: str, words: set[str]) -> bool:
    """A capital at the beginning is a name, unless it is a word that we or the brief know."""
    return word.lower() in WORDS or word.lower() in words or word.lower() in OPENERS


OPENERS = frozenset("according given neither whereas while within upon overall thus hence therefore further".split())


def shown(text: str, names: Mapping[str, str]) -> str:
    """A checked text with names in the place of pseudonyms, for our own people; one pass, so that no name is read again."""
    return _PSEUDONYM.sub(lambda found: names.get(found.group(0), _OTHERS.get(found.group(0), found.group(0))), text)


_OTHERS = {"DIRECT_TEAM": "the direct team", "ANOTHER_PARTNER": "another partner", "ANOTHER_ACCOUNT": "another account"}
