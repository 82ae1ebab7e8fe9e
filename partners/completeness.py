"""How much of what helps a decision is there, what is missing, and why each counts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from partners.forms import EIGHT, RegistrationForm
from partners.models import Registration

OF_EIGHT, OF_PROOF = 82, 18  # percent: what the eight fields make together, and dated proof of work
WHY = {
    "account_name": (_("Customer's legal name"), _("It says which company you work on.")),
    "account_domain": (_("Website or mail domain"), _("It tells companies of one name apart.")),
    "place": (_("Country and state"), _("It says whose territory the customer buys in.")),
    "contact_email": (_("Contact's e-mail"), _("It shows that you know somebody there.")),
    "product_lines": (_("Product"), _("A registration counts for the products it names.")),
    "band": (_("Value"), _("It says who has to decide.")),
    "closes": (_("Closes in"), _("It says by when the deal matters.")),
    "stage": (_("Stage"), _("It says how far you are with the customer.")),
    "proof": (_("Dated proof of work"), _("It counts if someone else asks for the same deal.")),
}


@dataclass(frozen=True)
class Missing:
    """One thing that is not there yet: the field's name, its label, and why it counts."""

    field: str
    label: str
    why: str


@dataclass(frozen=True)
class Completeness:
    """What is there, in percent, and what is not."""

    percent: int
    missing: tuple[Missing, ...]


def weigh(has: Mapping[str, bool]) -> Completeness:
    """Weigh what is there: `has` says of each name in WHY whether it is."""
    there = sum(has[name] for name in EIGHT)
    percent = round(OF_EIGHT * there / len(EIGHT)) + OF_PROOF * has["proof"]
    return Completeness(percent, tuple(Missing(name, *map(str, WHY[name])) for name in WHY if not has[name]))


def of_form(form: RegistrationForm) -> Completeness:
    """Of what stands in a form; what it would refuse is not there."""
    there = {name: name not in form.errors and bool(form[name].value()) for name in (*EIGHT, *_PROOF)}
    typed = all(there.pop(name) for name in _PROOF)
    return weigh({**there, "proof": typed or bool(form.registration and _worked(form.registration))})


def of_registration(registration: Registration, *, worked: bool) -> Completeness:
    """Of a kept registration; `worked` says whether it has dated proof of work."""
    r = registration
    return weigh({
        "account_name": bool(r.account_name), "account_domain": bool(r.account_domain),
        "place": bool(r.account_country), "contact_email": bool(r.contact_email),
        "product_lines": bool(r.product_lines), "band": r.band_upper is not None or r.amount is not None,
        "closes": r.expected_close_on is not None, "stage": bool(r.stage), "proof": worked,
    })  # fmt: skip


_PROOF = ("activity_kind", "activity_on")


def _worked(registration: Registration) -> bool:
    return registration.activities.exists()
