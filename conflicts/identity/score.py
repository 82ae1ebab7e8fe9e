"""How alike a typed customer and an account are: a verdict, a probability and the reasons as sentences. Pure.

A simple table of cases, good enough until the weighted resolver replaces it.
"""

from dataclasses import dataclass

from rapidfuzz import fuzz

SAME, POSSIBLE, DIFFERENT = "same", "possible", "different"


@dataclass(frozen=True)
class Named:
    """What is known of a company: keys of its names (partners.naming), registered domain, ISO country.

    `mail_domain` is a contact's: it can speak for an account, but not against one (contacts use what they have).
    """

    keys: frozenset[str]
    domain: str = ""
    country: str = ""
    mail_domain: str = ""


@dataclass(frozen=True)
class Match:
    """The verdict on one pair, its probability (0-1) and why."""

    verdict: str
    probability: float
    reasons: tuple[str, ...]


def match(typed: Named, account: Named) -> Match:
    """Compare what was typed with one account."""
    likeness = max((fuzz.token_sort_ratio(a, b) / 100 for a in typed.keys for b in account.keys), default=0.0)
    same_name = bool(typed.keys & account.keys)
    same_domain = (typed.domain or typed.mail_domain or "-") == account.domain
    other_domain = bool(typed.domain) and bool(account.domain) and not same_domain
    other_country = bool(typed.country) and bool(account.country) and typed.country != account.country
    share_a_word = any(set(a.split()) & set(b.split()) for a in typed.keys for b in account.keys)
    reasons = _reasons(same_name, likeness, same_domain, other_domain, other_country)
    return Match(*_verdict(same_name, likeness, share_a_word, same_domain, other_domain, other_country), reasons)


def _verdict(
    same_name: bool, likeness: float, share_a_word: bool, same_domain: bool, other_domain: bool, other_country: bool
) -> tuple[str, float]:
    if other_country:  # another country unit is another account, even under one name and domain
        return (POSSIBLE, 0.4) if same_name and same_domain else (DIFFERENT, 0.1)
    if same_domain:
        if same_name or likeness >= 0.6 or share_a_word:
            return SAME, 0.99 if same_name else 0.96
        return POSSIBLE, 0.6
    if same_name:
        return (POSSIBLE, 0.7) if other_domain else (SAME, 0.95)
    if likeness >= 0.88:
        return POSSIBLE, 0.4 if other_domain else 0.75
    return DIFFERENT, round(likeness * 0.3, 3)


def _reasons(
    same_name: bool, likeness: float, same_domain: bool, other_domain: bool, other_country: bool
) -> tuple[str, ...]:
    name = "The names are the same without legal form." if same_name else f"The names are {likeness:.0%} alike."
    found = [name]
    if same_domain:
        found.append("The domain is the same.")
    if other_domain:
        found.append("The domains differ.")
    if other_country:
        found.append("The countries differ.")
    return tuple(found)
