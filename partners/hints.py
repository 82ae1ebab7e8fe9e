"""Hints at the fields of a registration: from the partner's own papers and rows and from public facts, never from others'.

Nothing here refuses anything. No account and no row of anybody else is read, so a hint tells nothing of who works a customer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from channelconflict.language import counted
from partners.forms import RegistrationForm
from partners.models import (
    Agreement,
    AgreementStatus,
    Partner,
    ProductLine,
    Registration,
    RegistrationStatus,
    Territory,
)
from partners.naming import FREE_MAIL, name_key, registered_domain
from partners.permissions import visible
from partners.places import place_name

HINTED = ("account_name", "account_domain", "place", "contact_email", "product_lines", "band")
ALIKE = 200  # own registrations that are compared by name


@dataclass(frozen=True)
class Hint:
    """A sentence at a field; with an address to look at (`url`, `link`), or a value to take (`fill`)."""

    text: str
    url: str = ""
    link: str = ""
    fill: str = ""


@dataclass(frozen=True)
class Papers:
    """What a partner may register by its own papers in force: codes of products, or everything."""

    agreement: bool
    everything: bool
    codes: frozenset[str]


@dataclass(frozen=True)
class Typed:
    """What stands in a form, as far as it is valid."""

    name: str
    domain: str
    place: str
    email: str
    products: tuple[str, ...]
    band: str


def papers_of(partner: Partner, on: date) -> Papers:
    """From the partner's agreements in force on a day."""
    in_force = Agreement.objects.filter(partner=partner, status=AgreementStatus.ACTIVE).in_force_on(on)
    lines = [agreement.product_lines for agreement in in_force.order_by("id")]
    return Papers(bool(lines), any(not codes for codes in lines), frozenset(c for several in lines for c in several))


def typed_in(form: RegistrationForm) -> Typed:
    """Read a form, sent or shown."""

    def said(name: str) -> Any:
        return (form.cleaned_data.get(name) if form.errors or form.is_bound else form[name].value()) or ""

    products = tuple(said("product_lines"))
    return Typed(
        str(said("account_name")), str(said("account_domain")), str(said("place")), str(said("contact_email")), products,
        str(said("band")),
    )  # fmt: skip


def hints_of(
    user: Any, partner: Partner, form: RegistrationForm, papers: Papers, lines: Iterable[ProductLine]
) -> dict[str, list[Hint]]:
    """All hints for what stands in a form, by field."""
    typed, found = typed_in(form), defaultdict[str, list[Hint]](list)
    found["account_name"] += _own_registrations(user, partner, typed, form.registration)
    found["account_domain"] += _domain(typed)
    found["place"] += _territory(partner, typed.place, form.today)
    found["product_lines"] += _products(partner, papers, [line for line in lines if line.code in typed.products])
    found["band"] += _tier(partner, typed.band)
    return {name: hints for name, hints in found.items() if hints}


def suggested_domain(email: str) -> str:
    """The domain that the contact's address speaks for ("" for none and for free mail)."""
    return registered_domain(email)


def _domain(typed: Typed) -> Iterable[Hint]:
    free = next((name for name in _ends(typed.domain) if name in FREE_MAIL), "")
    if free:
        text = _("%(domain)s gives addresses to everybody: enter the customer's own domain, if it has one.")
        yield Hint(text % {"domain": free})
    elif typed.domain and not registered_domain(typed.domain):
        text = _("Many have a page on %(domain)s: enter the customer's own domain, if it has one.")
        yield Hint(text % {"domain": typed.domain})
    suggested = suggested_domain(typed.email)
    if suggested and not typed.domain:
        text = _("Is it %(domain)s? That is where your contact's mail goes.")
        yield Hint(text % {"domain": suggested}, fill=suggested)


def _ends(domain: str) -> Iterable[str]:
    """mail.gmx.de, gmx.de, de."""
    parts = domain.split(".")
    return (".".join(parts[n:]) for n in range(len(parts)))


def _own_registrations(user: Any, partner: Partner, typed: Typed, own: Registration | None) -> Iterable[Hint]:
    """Your company has this deal already: by the customer's name or domain, for one of the products."""
    key, domain = name_key(typed.name), registered_domain(typed.domain)
    word = max(typed.name.split(), key=len, default="")
    alike = Q(account_domain=typed.domain) if domain else Q(pk__in=())
    alike |= Q(account_name__icontains=word) if key else Q(pk__in=())
    if not (key or domain) or not typed.products:
        return
    rows = visible(user, Registration.objects.filter(alike, partner=partner))
    live = Registration.objects.live_at(timezone.now()) | Registration.objects.filter(status=RegistrationStatus.DRAFT)
    rows = rows.filter(pk__in=live.filter(partner=partner), product_lines__overlap=list(typed.products))
    if own:
        rows = rows.exclude(pk=own.pk)
    sent_first = rows.order_by(F("submitted_at").desc(nulls_last=True), "-id")
    for row in sent_first[:ALIKE]:
        if name_key(row.account_name) == key or (domain and registered_domain(row.account_domain) == domain):
            if row.status == RegistrationStatus.DRAFT:
                text = _("Your company has a draft for it: %(ref)s.")
                yield Hint(text % {"ref": row.ref}, reverse("portal:edit", args=[row.pk]), _("Open it"))
            else:
                text = _("Your company registered this deal already: %(ref)s.")
                yield Hint(text % {"ref": row.ref}, reverse("portal:registration", args=[row.pk]), _("Look at it"))
            return


def _territory(partner: Partner, place: str, on: date) -> Iterable[Hint]:
    """The place lies outside of every territory that the partner is assigned to."""
    if not place:
        return
    rules = list(
        Territory.objects.filter(assignments__partner=partner).in_force_on(on).distinct().order_by("name", "id")
    )
    if rules and not any(_may_cover(rule.countries, rule.subdivisions, place) for rule in rules):
        text = _("%(place)s is outside of your territories (%(names)s). You can register it all the same.")
        if len(rules) > 3:
            text = _(
                "%(place)s is outside of your territories (%(names)s and others). You can register it all the same."
            )
        names = ", ".join(rule.name for rule in rules[:3])
        where = place_name(place[:2], place if "-" in place else "").rsplit(" · ", 1)[-1]
        yield Hint(text % {"place": where, "names": names})


def _may_cover(countries: Collection[str], subdivisions: Collection[str], place: str) -> bool:
    """Whether a rule that names these places can hold for one; what is not known of it may hold."""
    country, state = place[:2], place if "-" in place else ""
    if countries and country not in countries:
        return False
    if not subdivisions:
        return True
    return state in subdivisions if state else any(code[:2] == country for code in subdivisions)


def _tier(partner: Partner, band: str) -> Iterable[Hint]:
    """The value is above what the partner's tier registers: by the upper end of its band, as the rules take it."""
    tier = partner.tier
    if not tier or tier.max_deal_amount is None or not band or Decimal(band) <= tier.max_deal_amount:
        return
    text = _("Your tier %(tier)s registers deals up to %(limit)s %(currency)s. You can register it all the same.")
    yield Hint(text % {
        "tier": tier.name, "limit": counted(tier.max_deal_amount), "currency": partner.program.currency,
    })  # fmt: skip


def _products(partner: Partner, papers: Papers, chosen: Iterable[ProductLine]) -> Iterable[Hint]:
    for line in chosen:
        if papers.agreement and not papers.everything and line.code not in papers.codes:
            yield Hint(_("%(product)s is in none of your agreements in force today.") % {"product": line.name})
        needed = line.required_certification
        if needed and needed not in partner.certifications:
            text = _("%(product)s asks for the certification %(certification)s, which we do not have from you.")
            yield Hint(text % {"product": line.name, "certification": needed})
