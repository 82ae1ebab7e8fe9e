"""The form for a pasted text, and the registration form filled with what was read from it, checked as if it were typed."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.language import counted
from partners.forms import BANDS, LARGEST, Claimant, RegistrationForm, quarter_ends
from partners.models import Partner, PastedText, ProductLine, Program, Registration
from partners.naming import registered_domain
from partners.pasted import LONGEST, About, Found, Reading
from partners.places import place_choices

PROOF = frozenset({"activity_kind", "activity_on"})
QUOTED = 110  # characters of a line that are shown
LABELS = {
    "account_name": gettext_lazy("customer's legal name"),
    "account_domain": gettext_lazy("website or mail domain"),
    "place": gettext_lazy("country and state"),
    "contact_email": gettext_lazy("contact's e-mail"),
    "product_lines": gettext_lazy("product"),
    "band": gettext_lazy("value"),
    "closes": gettext_lazy("quarter of the order"),
    "stage": gettext_lazy("stage"),
}


class PasteForm(forms.Form):
    """A text, for whom, and the customer's name where the text does not say it."""

    claimant = forms.ChoiceField(
        label=gettext_lazy("Registered for"), error_messages={"required": gettext_lazy("Choose for whom you register.")}
    )
    text = forms.CharField(
        label=gettext_lazy("Text or e-mail"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("A forwarded mail, notes of a meeting, a list of facts: as it is."),
        error_messages={"required": gettext_lazy("Paste a text: a mail, notes, or a list of facts.")},
    )
    account_name = forms.CharField(
        label=gettext_lazy("Customer's legal name"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Only where the text does not say it."),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, claimants: Iterable[Claimant]) -> None:
        self.claimants = {claimant.value: claimant for claimant in claimants}
        super().__init__(data, initial={"form_token": uuid.uuid4()})
        too_long = _("The text has more than %(most)s characters: paste the part that is about this deal.")
        self.fields["text"].error_messages["max_length"] = too_long % {"most": counted(LONGEST)}
        field = self.fields["claimant"]
        field.choices = [(c.value, c.label) for c in self.claimants.values()]  # type: ignore[attr-defined]
        if not self.claimants:  # at the desk, where the next page asks for both
            del self.fields["account_name"], self.fields["claimant"]
        elif len(self.claimants) == 1:
            field.widget, field.initial = forms.HiddenInput(), next(iter(self.claimants))

    def clean_text(self) -> str:
        """Something that can be read: a text cannot hold the character that ends texts."""
        text: str = self.cleaned_data["text"].replace("\0", "")
        if not text.strip():
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text


def about(program: Program, products: Iterable[ProductLine], partners: Iterable[Partner], today: date) -> About:
    """What reading may know: the program's choices, and who is never the customer."""
    partners = list(partners)
    domains = {registered_domain(partner.domain) for partner in partners}
    return About(
        products={line.code: line.name for line in products},
        currency=program.currency,
        today=today,
        quarters=tuple(quarter_ends(today)),
        bands=tuple(int(upper) for upper in (*BANDS, LARGEST)),
        places={code: label.split(" · ", 1)[0] for _, group in place_choices() for code, label in group},
        own_names=frozenset({program.name, *(partner.name for partner in partners)}),
        own_domains=frozenset(domains - {""}),
    )


def as_typed(readings: Mapping[str, Reading]) -> dict[str, Any]:
    """The readings as the registration form would send them."""
    data: dict[str, Any] = {name: reading.value for name, reading in readings.items()}
    if "product_lines" in data:
        data["product_lines"] = data["product_lines"].split(",")
    if activity := data.pop("activity", ""):
        data["activity_kind"], data["activity_on"] = activity.split("@")
    return data


def as_form(found: Found, data: Mapping[str, Any], **options: Any) -> RegistrationForm:
    """The draft's form over what was read and `data`: a value that a person could not have typed is left out.

    It is not valid only when no name of a customer is left."""
    typed = {**as_typed(found.readings), **data}
    form = RegistrationForm(typed, draft=True, **options)
    if form.is_valid():
        return form
    wrong = set(form.errors) | (
        {"activity_kind", "activity_on"} if {"activity_kind", "activity_on"} & set(form.errors) else set()
    )
    return RegistrationForm({name: value for name, value in typed.items() if name not in wrong}, draft=True, **options)


def quote_in(form: RegistrationForm, readings: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Say at each field which line it was read from, as long as it still says that; the labels of what is missing."""
    for name, reading in readings.items():
        field = "activity_kind" if name == "activity" else name
        if field in form.fields and _still(form, field, reading["value"]):
            quote = Truncator(reading["quote"]).chars(QUOTED)
            form[field].help_text = format_html("{}", _("Read from “%(quote)s”") % {"quote": quote})
    return [str(label) for name, label in LABELS.items() if name in form.fields and not form[name].value()]


def _still(form: RegistrationForm, field: str, value: str) -> bool:
    now = form[field].value()
    return bool(now) and (field == "activity_kind" or (",".join(now) if isinstance(now, list) else str(now)) == value)


def missing_in(pasted: PastedText) -> frozenset[str]:
    """The fields that the draft of a text does not have yet. Proof of work is only added by people and rules."""
    draft = pasted.registration
    has = {
        "account_domain": draft.account_domain, "place": draft.account_country, "contact_email": draft.contact_email,
        "product_lines": draft.product_lines, "band": draft.band_upper or draft.amount, "stage": draft.stage,
        "closes": draft.expected_close_on, "incumbent": draft.incumbent,
    }  # fmt: skip
    return frozenset(name for name, value in has.items() if not value)


def with_more(
    draft: Registration, found: Mapping[str, Reading], **options: Any
) -> tuple[Registration, dict[str, Reading]]:
    """The draft (unsaved) with these fields, and those of them that the form takes."""
    data = as_typed(found)
    form = RegistrationForm(data, draft=True, only=frozenset(data), **options)
    taken = {name: reading for name, reading in found.items() if form.is_valid() or name not in form.errors}
    form = RegistrationForm(as_typed(taken), draft=True, only=frozenset(taken), **options)
    if not taken or not form.is_valid():
        return draft, {}
    return form.apply_to(draft), taken
