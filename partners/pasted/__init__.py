"""What a pasted text or e-mail says of a deal: by labels first, then by what stands in its sentences. Pure.

A text can only fill fields: each value is quoted with the line it was read from, and the form checks it like a typed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from partners.pasted.about import About, Found, Reading
from partners.pasted.company import company_in, domain_of, mail_in
from partners.pasted.lines import Line, labelled, lines_of
from partners.pasted.money import band_of, money_in
from partners.pasted.place import place_in, place_named
from partners.pasted.words import activity_in, products_in, quarter_in, stage_in

__all__ = ["FIELDS", "LONGEST", "About", "Found", "Reading", "pointed_at", "read"]

FIELDS = (
    "account_name", "account_domain", "place", "contact_email", "product_lines", "band", "closes", "stage", "incumbent",
    "activity",
)  # fmt: skip
LONGEST = 50_000  # characters that are read

Reader = Callable[[str, About], str]


def read(text: str, about: About) -> Found:
    """The fields of a registration that the text fills, each with the line that says so; and what was seen, not taken."""
    lines, readings, notes = lines_of(text[:LONGEST]), dict[str, Reading](), list[str]()
    for field, line, value in labelled(lines):
        if field not in readings and (found := _LABELLED[field](value, about)):
            readings[field] = Reading(found, line.text)
    for field, found, line in _in_sentences(lines, about):
        readings.setdefault(field, Reading(found, line.text))
    _from_contact(readings, lines, about)
    amount = next((m for line in _by_worth(lines) if (m := money_in(line.text))), None)
    if "band" not in readings and amount and amount.currency not in ("", about.currency):
        notes.append(f"The value is told in {amount.currency}; the program counts in {about.currency}: please choose.")
    return Found(readings, tuple(notes))


def pointed_at(text: str, words: Mapping[str, str], about: About) -> dict[str, Reading]:
    """The fields of which somebody pointed at the words in the text, read from those words by the same rules.

    Words that do not stand in the text, or that the rules make nothing of, fill nothing."""
    lines, found = [line.text for line in lines_of(text[:LONGEST])], dict[str, Reading]()
    for field, said in words.items():
        line = next((line for line in lines if said.strip() and said.strip() in line), "")
        value = _LABELLED[field](said.strip(), about) if line and field in _LABELLED else ""
        if value:
            found[field] = Reading(value, line)
    return found


def _in_sentences(lines: list[Line], about: About) -> Iterator[tuple[str, str, Line]]:
    """What lines without a label say, field by field; the earliest that says something."""
    for line in lines:
        if line.header:
            continue
        for field, reader in _UNLABELLED.items():
            if found := reader(line.text, about):
                yield field, found, line
    for line in _by_worth(lines):
        if not line.header and (found := band_of(line.text, about)):
            yield "band", found, line


def _by_worth(lines: list[Line]) -> list[Line]:
    """Lines that speak of a budget or a value before the others."""
    return sorted(lines, key=lambda line: not line.of_worth)


def _from_contact(readings: dict[str, Reading], lines: list[Line], about: About) -> None:
    """The first address of somebody at the customer, and where nothing names a website, the domain of that address."""
    for line in lines:
        found = mail_in(line.text, about)
        if found and "contact_email" not in readings:
            readings["contact_email"] = Reading(found, line.text)
    mail = readings.get("contact_email")
    domain = domain_of(mail.value, about) if mail else ""
    if domain and "account_domain" not in readings:
        assert mail is not None
        readings["account_domain"] = Reading(domain, mail.quote)


def _plain(most: int) -> Reader:
    return lambda text, _about: text.strip(" ,;")[:most] if any(letter.isalpha() for letter in text) else ""


_LABELLED: dict[str, Reader] = {
    "account_name": lambda text, about: "" if about.is_own(text) else _plain(500)(text, about),
    "account_domain": domain_of,
    "place": place_named,
    "contact_email": mail_in,
    "product_lines": products_in,
    "band": band_of,
    "closes": lambda text, about: quarter_in(text, about, anywhere=True),
    "stage": stage_in,
    "incumbent": _plain(200),
    "activity": activity_in,
}
_UNLABELLED: dict[str, Reader] = {
    "account_name": company_in,
    "account_domain": lambda text, about: domain_of(text, about, only_sites=True),
    "place": place_in,
    "product_lines": products_in,
    "closes": quarter_in,
    "stage": stage_in,
    "activity": activity_in,
}
