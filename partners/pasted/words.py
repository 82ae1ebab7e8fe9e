"""What the words of a line say: products, the quarter of the order, how far the deal is, dated proof of work."""

from __future__ import annotations

import re
from datetime import date

from partners.pasted.about import About
from partners.pasted.lines import unaccented

# In the order in which they are looked for: the further a deal is, the more it says.
_STAGES = (
    ("negotiation", r"negotiat|verhandl|negociat|negociac|negoziaz|onderhandel|contract (?:review|draft)"),
    ("proposal", r"proposal|quote sent|quotation|offer sent|angebot|offre (?:envoyee|remise)|devis|propuesta|oferta|"
                 r"preventivo|offerta|offerte"),
    ("technical_validation", r"technical validation|proof of concept|\bpoc\b|\bpilot|trial|\bdemo\b|teststellung|"
                             r"essai|prueba|prova tecnica|evaluat"),
    ("qualified", r"qualified|qualifiziert|qualifie|calificad|cualificad|qualificat|gekwalificeerd|"
                  r"budget (?:is )?(?:approved|confirmed)"),
    ("prospect", r"prospect\b|\blead\b|first contact|erstkontakt|interessent|premier contact|primer contacto"),
)  # fmt: skip
_PROOFS = (
    ("sow_signed", r"statement of work|\bsow\b|signed (?:order|contract)|auftrag unterschrieben"),
    ("proposal", r"proposal|quotation|quote|angebot|devis|propuesta|offerta"),
    ("technical_validation", r"technical validation|proof of concept|\bpoc\b|pilot|\bdemo\b|trial"),
    ("meeting", r"\bmet\b|meeting|visit|workshop|besuch|treffen|termin|reunion|rendez-vous|visita|riunione"),
    ("first_contact", r"\bcall(?:ed)?\b|phone|first contact|telefon|anruf|appel|llamada|chiamata"),
)
_ORDER = re.compile(
    r"\b(order|clos|decision|decide|sign|purchase|buy|award|bestell|auftrag|abschluss|entscheid|unterschr|comman|clotur|"
    r"signatur|pedido|compra|cierre|firma|ordine|chiusura|acquisto|bestelling)", re.I,
)  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar janvier enero gennaio januari", "february februar fevrier febrero febbraio februari",
            "march marz maerz mars marzo maart", "april avril abril aprile", "may mai mayo maggio mei",
            "june juni juin junio giugno", "july juli juillet julio luglio", "august aout agosto augustus",
            "september septembre septiembre settembre", "october oktober octobre octubre ottobre",
            "november novembre noviembre", "december dezember decembre diciembre dicembre",
        ), start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted({*_MONTHS, *(name[:3] for name in _MONTHS)}, key=len, reverse=True))
_QUARTER = re.compile(
    r"\b(?:q|t)\s?([1-4])\s?[/ '-]?\s?(20\d\d|\d\d)\b|"
    r"\b([1-4])\.?\s?(?:quartal|trimestre|quarter)\s?(20\d\d)\b", re.I,
)  # fmt: skip
_ISO = re.compile(r"\b(20\d\d)-(\d{1,2})-(\d{1,2})\b")
_NUMERIC = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](20\d\d)\b")
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?({_MONTH})\.?,?\s+(?:de\s+)?(20\d\d)\b", re.I
)
_MONTH_DAY = re.compile(rf"\b({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(20\d\d)\b", re.I)
_MONTH_YEAR = re.compile(rf"\b({_MONTH})\.?,?\s+(?:de\s+)?(20\d\d)\b", re.I)


def products_in(text: str, about: About) -> str:
    """The codes of the products that the line names, by name or code, separated by commas."""
    plain = f" {_bare(text)} "
    named = [
        code for code, name in about.products.items() if f" {_bare(name)} " in plain or f" {_bare(code)} " in plain
    ]
    return ",".join(named)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", unaccented(text).lower()).strip()


def stage_in(text: str, about: About) -> str:
    """How far the deal is."""
    plain = unaccented(text).lower()
    return next((stage for stage, words in _STAGES if re.search(words, plain)), "")


def quarter_in(text: str, about: About, *, anywhere: bool = False) -> str:
    """The last day of the quarter in which the order is expected, if the form offers it. A line that does not speak of an
    order (`anywhere` = it need not) has dates of other things."""
    plain = unaccented(text)
    if not anywhere and not _ORDER.search(plain):
        return ""
    quarters = {_end_of(*pair) for pair in _quarters(plain)} & set(about.quarters)
    return min(quarters).isoformat() if quarters else ""


def _quarters(plain: str) -> list[tuple[int, int]]:
    """(year, quarter) of everything in the line that is a quarter, a month or a day to come."""
    found = [(int(m[2] or m[4]), int(m[1] or m[3])) for m in _QUARTER.finditer(plain)]
    found = [(year if year > 99 else 2000 + year, quarter) for year, quarter in found]
    if not found:
        months = [(int(m[2]), _MONTHS_BY_START[m[1].lower()[:3]]) for m in _MONTH_YEAR.finditer(plain)]
        found = [(on.year, (on.month + 2) // 3) for on in days_in(plain)] + [(y, (m + 2) // 3) for y, m in months]
    return found


def _end_of(year: int, quarter: int) -> date:
    return date(year, quarter * 3, 30 if quarter in (2, 3) else 31)


_MONTHS_BY_START = {name[:3]: number for name, number in _MONTHS.items() if name[:3] not in ("jui",)} | {"jui": 6}


def days_in(plain: str) -> list[date]:
    """The whole dates of a line, in the order in which they stand; one that could be two days is none."""
    found = [(m.start(), int(m[1]), int(m[2]), int(m[3])) for m in _ISO.finditer(plain)]
    found += [(m.start(), int(m[3]), _month(m[2]), int(m[1])) for m in _DAY_MONTH.finditer(plain)]
    found += [(m.start(), int(m[3]), _month(m[1]), int(m[2])) for m in _MONTH_DAY.finditer(plain)]
    for m in _NUMERIC.finditer(plain):
        first, second, year, dotted = int(m[1]), int(m[2]), int(m[3]), "." in m[0]
        if dotted or first > 12:
            found.append((m.start(), year, second, first))
        elif second > 12 or first == second:
            found.append((m.start(), year, first, second))
    return [on for _, year, month, day in sorted(found) if (on := _day(year, month, day))]


def _month(name: str) -> int:
    plain = unaccented(name).lower()
    return 7 if plain.startswith("juil") else _MONTHS.get(plain) or _MONTHS_BY_START.get(plain[:3], 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def activity_in(text: str, about: About) -> str:
    """Dated proof of work, as kind@day: something that happened on a whole date until today."""
    plain = unaccented(text)
    past = [on for on in days_in(plain) if on <= about.today]
    kind = next((kind for kind, words in _PROOFS if re.search(words, plain, re.I)), "")
    return f"{kind}@{max(past).isoformat()}" if past and kind else ""
