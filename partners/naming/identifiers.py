"""Identifiers of organisations, checked by their check digits: a wrong one carries nothing, and says so. Pure."""

import importlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stdnum import lei
from stdnum.exceptions import ValidationError

SCHEMES = ("lei", "vat", "duns")


@dataclass(frozen=True)
class Identifier:
    """An identifier read: `value` is comparable, "" when it is not valid; then `problem` says why."""

    scheme: str
    value: str
    problem: str = ""


@lru_cache(maxsize=4096)
def read_identifier(scheme: str, text: str, country: str = "") -> Identifier:
    """Read an identifier of a scheme (lei, vat, duns); others are kept as letters and digits."""
    scheme = scheme.strip().lower()
    bare = re.sub(r"[^0-9A-Z]", "", text[:100].upper())
    if not bare:
        return Identifier(scheme, "", "Nothing was typed.")
    if scheme == "lei":
        return _lei(bare)
    if scheme == "vat":
        return _vat(bare, country.upper())
    if scheme == "duns":
        digits = bare.removeprefix("DUNS")
        good = len(digits) == 9 and digits.isdigit() and len(set(digits)) > 1
        return Identifier(scheme, digits) if good else Identifier(scheme, "", "A D-U-N-S number has nine digits.")
    return (
        Identifier(scheme, bare) if len(bare) >= 4 else Identifier(scheme, "", "It is too short to tell anybody apart.")
    )


def _lei(bare: str) -> Identifier:
    if len(bare) != 20:
        return Identifier("lei", "", "An LEI has 20 letters and digits.")
    try:
        return Identifier("lei", str(lei.validate(bare)))
    except ValidationError:
        return Identifier("lei", "", "The check digits of this LEI are wrong.")


def _vat(bare: str, country: str) -> Identifier:
    prefix = bare[:2] if bare[:2].isalpha() else ""
    land = {"EL": "GR", "XI": "GB"}.get(prefix, prefix) or country
    module = _vat_module(land)
    if module is None:
        return Identifier("vat", bare) if len(bare) >= 6 else Identifier("vat", "", "It is too short for a VAT number.")
    number = bare[2:] if prefix and {"EL": "GR", "XI": "GB"}.get(prefix, prefix) == land else bare
    for candidate in (number, bare):
        try:
            return Identifier("vat", land + re.sub(r"^" + re.escape(land), "", str(module.validate(candidate))))
        except ValidationError:
            continue
    return Identifier("vat", "", f"This is no valid VAT number of {land}: its length or check digits are wrong.")


@lru_cache(maxsize=256)
def _vat_module(country: str) -> Any:
    """The rules of a country's VAT number, None where no rules are known."""
    package = {"IN": "in_", "IS": "is_"}.get(country, country.lower())
    if not re.fullmatch(r"[a-z]{2}_?", package):
        return None
    for name in {"in_": ("gstin",), "is_": ("vsk",)}.get(package, ("vat",)):
        try:
            return importlib.import_module(f"stdnum.{package}.{name}")
        except ImportError:
            pass
    try:  # some countries keep their VAT rules under a local name that the package knows
        return getattr(importlib.import_module(f"stdnum.{package}"), "vat", None)
    except ImportError:
        return None
