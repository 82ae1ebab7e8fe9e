"""What each field says of a pair, in sentences that a partner manager can check. Pure."""

from conflicts.identity.evidence import Evidence

# The facts are told by field, in this order.
FIELDS: tuple[tuple[str, str], ...] = (
    ("name", "name_"), ("legal_form", "form_"), ("domain", "domain_"), ("phone", "phone_"), ("city", "city_"),
    ("postal_code", "postal_"), ("country", "country_"),
    ("support", "alone_"),
)  # fmt: skip
_PLAIN = {
    "form_same": "The legal form is the same.",
    "form_differs": "The legal forms differ.",
    "domain_brand": "The domains differ only in their ending.",
    "domain_differs": "The domains differ, and the other one belongs to another account.",
    "domain_unknown": "The domains differ.",
    "domain_name": "The typed name begins with the account's domain.",
    "phone_same": "The phone number is the same.",
    "phone_differs": "The phone numbers differ.",
    "city_same": "The city is the same.",
    "city_differs": "The cities differ.",
    "postal_same": "The postal code is the same.",
    "postal_differs": "The postal codes differ.",
    "country_same": "The country is the same.",
    "country_differs": "The countries differ.",
}
_SCHEMES = {"lei": "LEI", "vat": "VAT number", "duns": "D-U-N-S number"}


def sentence(field: str, evidence: Evidence) -> str:
    """The sentence of a field that has facts."""
    if field == "name":
        return _name(evidence)
    if field == "domain" and "domain_same" in evidence.facts:
        others = round(2 ** evidence.facts.get("domain_others", 0.0))
        return "The domain is the same." if others < 2 else f"The domain is the same, as {others} accounts share it."
    if field == "identifier":
        scheme = _SCHEMES.get(evidence.identifier, evidence.identifier)
        return (
            f"The {scheme} is the same: that decides." if evidence.identifier_same else f"The {scheme} is another one."
        )
    if field == "support":
        return "Nothing but the name speaks for it."
    prefix = dict(FIELDS)[field]
    return " ".join(_PLAIN[fact] for fact in evidence.facts if fact.startswith(prefix) and fact in _PLAIN)


def _name(evidence: Evidence) -> str:
    likeness = evidence.likeness
    others = f" {evidence.same_core:,.0f} accounts bear it." if evidence.same_core > 1 else ""
    if likeness.reordered:
        return "The names have the same words in another order." + others
    if likeness.exact:
        return "The names are the same but for legal form and spelling." + (others or " No other account bears it.")
    if likeness.acronym:
        return "One name is made of the initials of the other." + others
    told = f"The names are {likeness.share:.0%} alike, rare words weighing more."
    if likeness.numbers:
        told += " Their numbers differ."
    if likeness.branch:
        told += f" Only one says “{likeness.branch}”."
    return told
