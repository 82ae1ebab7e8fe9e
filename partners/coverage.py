"""What a territory covers, in words for whoever works it. It names no account and nobody else."""

from collections.abc import Mapping, Sequence
from datetime import date

from partners.models import Territory
from partners.places import COUNTRIES, place_name
from partners.tracker import written

EVERYTHING = "Everything that the program sells to, everywhere"


def covered(rule: Territory, products: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, in words) for each dimension that the rule sets; `products` = names of product lines by code."""
    found = [
        ("Countries", _listed([COUNTRIES.get(code, code) for code in rule.countries])),
        ("States", _listed([place_name("", code) for code in rule.subdivisions])),
        ("Postal codes", _beginning(rule.postal_prefixes)),
        ("Industries", _beginning(rule.industries)),
        ("Size", _size(rule.employees_min, rule.employees_max)),
        ("Products", _listed([products.get(code, code) for code in rule.product_lines])),
        ("Accounts", _number(len(rule.named_accounts))),
    ]
    return [(what, words) for what, words in found if words] or [("Covers", EVERYTHING)]


def period(start: date | None, end: date | None) -> str:
    """'1 January 2025 to 31 March 2026', with one end, or 'No end'."""
    if start and end:
        return f"{written(start)} to {written(end)}"
    if start:
        return f"From {written(start)}, no end"
    return f"Until {written(end)}" if end else "No end"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names))


def _beginning(codes: Sequence[str]) -> str:
    return f"Beginning with {_listed(codes)}" if codes else ""


def _size(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"{low:,} to {high:,} employees"
    if low is not None:
        return f"{low:,} employees or more"
    return f"Up to {high:,} employees" if high is not None else ""


def _number(accounts: int) -> str:
    if not accounts:
        return ""
    return "One account that was named to you" if accounts == 1 else f"{accounts:,} accounts that were named to you"
