"""A pasted text as lines: invisible characters gone, quoting marks off, headers of mails told apart, labels known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_LINE = 600
# What stands before a colon, by field, in English, German, French, Spanish, Italian, Portuguese and Dutch. No accents.
_LABELS = {
    "account_name": """customer|customer name|end customer|end user|company|company name|account|account name|client|client name|
        legal name|customer legal name|organisation|organization|prospect|kunde|endkunde|kundenname|firma|firmenname|unternehmen|
        client final|societe|entreprise|raison sociale|cliente|cliente final|empresa|razon social|azienda|ragione sociale|
        klant|eindklant|bedrijf|bedrijfsnaam""",
    "account_domain": """website|web site|web|domain|url|homepage|webseite|internet|site web|site|sitio web|sitio|sito|sito web|
        pagina web|customer website|customer domain""",
    "place": """country|country and state|state|region|location|customer location|land|bundesland|standort|pays|lieu|pais|estado|
        ubicacion|paese|localita|regione|locatie|headquarters|hq|sitz|address|anschrift|adresse|direccion|indirizzo""",
    "contact_email": """contact|contact email|contact e mail|customer contact|email|e mail|mail|kontakt|ansprechpartner|courriel|
        interlocuteur|contacto|correo|contatto|referente|contactpersoon""",
    "product_lines": """product|products|product line|product lines|interest|interested in|solution|produkt|produkte|produktlinie|
        produit|produits|gamme|producto|productos|prodotto|prodotti|produto|produtos|product interest""",
    "band": """value|deal value|deal size|amount|budget|estimated value|expected value|volume|potential|size|wert|auftragswert|
        volumen|auftragsvolumen|montant|valeur|enveloppe|importe|valor|presupuesto|monto|valore|importo|bedrag|waarde""",
    "closes": """close|closes|close date|closing|closing date|expected close|expected close date|timeline|time frame|decision|
        decision date|expected order|order expected|abschluss|entscheidung|auftrag erwartet|termin|cloture|date de cloture|
        decision prevue|echeance|cierre|fecha de cierre|fecha prevista|chiusura|data chiusura|fechamento|sluiting|afsluiting""",
    "stage": """stage|status|phase|sales stage|deal stage|stand|verkaufsphase|etape|statut|etapa|fase|
        estado del proyecto|stadium""",
    "incumbent": """incumbent|current supplier|current vendor|competitor|competition|currently uses|bisheriger lieferant|
        aktueller lieferant|wettbewerb|fournisseur actuel|concurrent|proveedor actual|competencia|fornitore attuale|
        fornecedor atual|huidige leverancier""",
    "activity": """proof of work|last activity|activity|last meeting|meeting|aktivitat|letzter termin|activite|
        reunion|attivita""",
}  # fmt: skip
_FIELD_OF = {
    label.strip(): field for field, labels in _LABELS.items() for label in re.sub(r"\s*\n\s*", "", labels).split("|")
}
_HEADER = re.compile(
    r"^(from|to|cc|bcc|sent|date|subject|reply-to|von|an|gesendet|datum|betreff|de|a|para|envoye|objet|asunto|enviado|"
    r"da|inviato|oggetto|van|aan|onderwerp)\s*:", re.I,
)  # fmt: skip
_SENDER = re.compile(r"^(from|von|de|da|van)\s*:", re.I)
_PAIR = re.compile(r"^[\s\-*•·|>#]*([^:=\t|]{2,40}?)\s*(?:\*\*)?\s*(?:[:=\t|]|\s[–-]\s)\s*(?:\*\*)?\s*(\S.*)$")
_WORTH = re.compile(
    r"\b(budget|worth|value|deal|volume|amount|wert|volumen|montant|enveloppe|importe|presupuesto|valore|importo|waarde)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text as it will be quoted, and whether it is a header of a mail."""

    text: str
    header: bool = False

    @property
    def of_worth(self) -> bool:
        """It speaks of what the deal is worth."""
        return bool(_WORTH.search(self.text))


def lines_of(text: str) -> list[Line]:
    """The lines that say something; marks of direction and other invisible characters are dropped."""
    found = []
    for raw in unicodedata.normalize("NFKC", text).splitlines():
        seen = "".join(c if c == "\t" else " " if c.isspace() else c for c in raw if c == "\t" or _visible(c))
        line = re.sub(r"^[>\s]+", "", seen)[:LONGEST_LINE].strip(" ")
        if line.strip():
            found.append(Line(line, bool(_HEADER.match(unaccented(line)))))
    return found


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")


def labelled(lines: list[Line]) -> Iterator[tuple[str, Line, str]]:
    """(field, line, value) of every line that begins with a label; a sender of a mail is a contact like any other."""
    for line in lines:
        if _SENDER.match(line.text):
            yield "contact_email", line, line.text
        pair = None if line.header else _PAIR.match(line.text)
        field = _FIELD_OF.get(_label(pair[1])) if pair else None
        if pair and field:
            yield field, line, pair[2].strip(" *|")


def _label(text: str) -> str:
    """A label in one spelling, without what stands in brackets."""
    plain = re.sub(r"\(.*?\)", "", unaccented(text))
    return re.sub(r"[^a-z ]+", " ", plain.lower().replace("'", " ")).strip().replace("  ", " ")


def unaccented(text: str) -> str:
    """Latin letters without their accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
