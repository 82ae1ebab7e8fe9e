"""What a territory covers, in words for whoever works it. It names no account and nobody else."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channelconflict.language import counted
from partners.models import Territory
from partners.places import place_name
from partners.tracker import written

EVERYTHING = gettext_lazy("Everything that the program sells to, everywhere")


def covered(rule: Territory, products: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what, in words) for each dimension that the rule sets; `products` = names of product lines by code."""
    found = [
        (_("Countries"), _listed([place_name(code) for code in rule.countries])),
        (_("States"), _listed([place_name("", code) for code in rule.subdivisions])),
        (_("Postal codes"), _beginning(rule.postal_prefixes)),
        (_("Industries"), _beginning(rule.industries)),
        (_("Size"), _size(rule.employees_min, rule.employees_max)),
        (_("Products"), _listed([products.get(code, code) for code in rule.product_lines])),
        (_("Accounts"), _number(len(rule.named_accounts))),
    ]
    return [(what, words) for what, words in found if words] or [(_("Covers"), str(EVERYTHING))]


def period(start: date | None, end: date | None) -> str:
    """'1 January 2025 to 31 March 2026', with one end, or 'No end'."""
    if start and end:
        return _("%(start)s to %(end)s") % {"start": written(start), "end": written(end)}
    if start:
        return _("From %(start)s, no end") % {"start": written(start)}
    return _("Until %(end)s") % {"end": written(end)} if end else _("No end")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names))


def _beginning(codes: Sequence[str]) -> str:
    return _("Beginning with %(codes)s") % {"codes": _listed(codes)} if codes else ""


def _size(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return _("%(low)s to %(high)s employees") % {"low": counted(low), "high": counted(high)}
    if low is not None:
        return _("%(low)s employees or more") % {"low": counted(low)}
    return _("Up to %(high)s employees") % {"high": counted(high)} if high is not None else ""


def _number(accounts: int) -> str:
    if not accounts:
        return ""
    if accounts == 1:
        return _("One account that was named to you")
    text = ngettext("%(n)s account that was named to you", "%(n)s accounts that were named to you", accounts)
    return text % {"n": counted(accounts)}
