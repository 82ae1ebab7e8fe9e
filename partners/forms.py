"""The portal's forms. The eight required fields are required of the form, not of the model: imports may lack them."""

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.language import counted
from partners.models import ActivityKind, ProductLine, Program, Registration, Stage
from partners.places import place_choices, place_name

EIGHT = ("account_name", "account_domain", "place", "contact_email", "product_lines", "band", "closes", "stage")
PLAIN = ("account_name", "account_domain", "contact_email", "product_lines", "stage", "incumbent", "note")
ASKED_ONLY = ("amount", "account_city", "account_postal_code")
NEEDED_FOR_A_DRAFT = ("claimant", "account_name")
# The upper ends of the value bands, in the program's currency; beyond the last one a deal is simply large.
BANDS = tuple(Decimal(k) * 1000 for k in (10, 25, 50, 100, 250, 500, 1_000, 5_000, 25_000))
LARGEST = Decimal(100_000_000)
QUARTERS_AHEAD = 8
EVIDENCE_KINDS: tuple[tuple[str, Any], ...] = (
    ("customer_letter", gettext_lazy("Letter from the customer")),
    ("meeting_notes", gettext_lazy("Meeting notes")),
    ("proposal", gettext_lazy("Proposal or quote")),
    ("purchase_order", gettext_lazy("Purchase order")),
    ("other", gettext_lazy("Something else")),
)
# Which columns of a registration a field of the form stands for (the others: the column of the same name).
COLUMNS: dict[str, tuple[str, ...]] = {
    "place": ("account_country", "account_subdivision"),
    "band": ("band_upper",),
    "closes": ("expected_close_on",),
}
_HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")


@dataclass(frozen=True)
class Claimant:
    """For whom a deal is registered: the value and label in the select, and the partner (None = the direct team)."""

    value: str
    label: str
    partner_id: uuid.UUID | None


def quarter_ends(today: date) -> list[date]:
    """The last days of this quarter and the following ones."""
    first = today.year * 4 + (today.month - 1) // 3
    return [_quarter_end(number // 4, number % 4 + 1) for number in range(first, first + QUARTERS_AHEAD)]


def _quarter_end(year: int, quarter: int) -> date:
    return date(year, quarter * 3, 30 if quarter in (2, 3) else 31)


def _quarter_label(end: date) -> str:
    return _("Q%(quarter)s %(year)s") % {"quarter": (end.month - 1) // 3 + 1, "year": end.year}


def band_label(upper: Decimal, currency: str) -> str:
    """'50,000 – 100,000 USD' for the band that ends at `upper`."""
    if upper == LARGEST:
        return _("More than %(amount)s %(currency)s") % {"amount": counted(BANDS[-1]), "currency": currency}
    if upper not in BANDS or upper == BANDS[0]:
        return _("Up to %(amount)s %(currency)s") % {"amount": counted(upper), "currency": currency}
    return f"{counted(BANDS[BANDS.index(upper) - 1])} – {counted(upper)} {currency}"


def value_label(registration: Registration) -> str:
    """What a deal is worth, as far as it is known."""
    if registration.amount is not None:
        return f"{counted(registration.amount)} {registration.currency}".strip()
    return band_label(registration.band_upper, registration.currency) if registration.band_upper else ""


class RegistrationForm(forms.Form):
    """A deal as a partner types it. A `draft` needs only a name; `only` leaves the named fields."""

    claimant = forms.ChoiceField(
        label=gettext_lazy("Registered for"), error_messages={"required": gettext_lazy("Choose for whom you register.")}
    )
    account_name = forms.CharField(
        label=gettext_lazy("Customer's legal name"),
        max_length=500,
        error_messages={"required": gettext_lazy("Enter the customer's legal name, as it stands on its invoices.")},
    )
    account_domain = forms.CharField(
        label=gettext_lazy("Website or mail domain"),
        max_length=300,
        error_messages={
            "required": gettext_lazy("Enter the customer's website or mail domain, such as orionchem.example.")
        },
    )
    place = forms.ChoiceField(
        label=gettext_lazy("Country and state"),
        error_messages={"required": gettext_lazy("Choose the country (and state) where the customer buys.")},
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Contact's e-mail"),
        error_messages={
            "required": gettext_lazy("Enter the e-mail of your contact at the customer."),
            "invalid": gettext_lazy("Enter a whole e-mail address, such as j.ortiz@orionchem.example."),
        },
    )
    product_lines = forms.MultipleChoiceField(
        label=gettext_lazy("Product"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one product.")},
    )
    band = forms.ChoiceField(
        label=gettext_lazy("Value"),
        error_messages={"required": gettext_lazy("Choose what the deal is worth, roughly.")},
    )
    closes = forms.ChoiceField(
        label=gettext_lazy("Closes in"),
        error_messages={"required": gettext_lazy("Choose the quarter in which you expect the order.")},
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        choices=[("", gettext_lazy("Choose")), *Stage.choices],
        error_messages={"required": gettext_lazy("Choose how far you are with the customer.")},
    )
    incumbent = forms.CharField(label=gettext_lazy("Current supplier"), max_length=200, required=False)
    activity_kind = forms.ChoiceField(
        label=gettext_lazy("Proof of work"),
        choices=[("", gettext_lazy("None yet")), *ActivityKind.choices],
        required=False,
    )
    activity_on = forms.DateField(
        label=gettext_lazy("When"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Enter the day as year-month-day, such as 2026-03-04.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        program: Program,
        products: Iterable[ProductLine],
        claimants: Iterable[Claimant] = (),
        today: date,
        registration: Registration | None = None,
        draft: bool = False,
        only: frozenset[str] = frozenset(),
    ) -> None:
        self.program, self.today, self.registration = program, today, registration
        self.claimants = {claimant.value: claimant for claimant in claimants}
        super().__init__(data, initial=_initial(registration) if registration else {"form_token": uuid.uuid4()})
        self._offer({line.code: line.name for line in products})
        for name in list(self.fields):
            if (only and name not in only) or (name == "claimant" and not self.claimants):
                del self.fields[name]
            elif draft and name not in NEEDED_FOR_A_DRAFT:
                self.fields[name].required = False

    def _offer(self, products: dict[str, str]) -> None:
        """Fill the selects; a value that came from elsewhere (an import) stays among the choices."""
        now, currency = self.initial, self.program.currency
        self.products = products
        quarters = [(end.isoformat(), _quarter_label(end)) for end in quarter_ends(self.today)]
        bands = [(str(upper), band_label(upper, currency)) for upper in (*BANDS, LARGEST)]
        offers = {
            "claimant": [(claimant.value, claimant.label) for claimant in self.claimants.values()],
            "product_lines": [*products.items(), *((c, c) for c in now.get("product_lines", ()) if c not in products)],
            "place": _with(now.get("place"), place_choices(), lambda value: place_name(*_codes(value))),
            "band": _with(now.get("band"), bands, lambda value: band_label(Decimal(value), currency)),
            "closes": quarters,
        }
        for name, choices in offers.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = choices if name == "product_lines" else [("", _("Choose")), *choices]
        if len(self.claimants) == 1:
            self.fields["claimant"].widget = forms.HiddenInput()
            self.fields["claimant"].initial = next(iter(self.claimants))

    def clean_account_domain(self) -> str:
        """Keep the host of whatever was pasted: an address of a page, a mail address, a bare domain."""
        typed = self.cleaned_data["account_domain"].lower().rsplit("@", 1)[-1]
        host = re.sub(r"^[a-z]+://", "", typed).split("/", 1)[0].split(":", 1)[0].strip(".").removeprefix("www.")
        if not typed and not self.fields["account_domain"].required:
            return ""
        try:
            ascii_host = host.encode("idna").decode()
        except UnicodeError:
            ascii_host = ""
        if not _HOST.match(ascii_host):
            raise ValidationError(_("Enter a website or mail domain, such as orionchem.example."))
        return host

    def clean_activity_on(self) -> date | None:
        """Work that is still to come proves nothing."""
        return not_to_come(self.cleaned_data["activity_on"], self.today)

    def clean(self) -> None:
        """Proof of work is a kind and a day, or neither."""
        kind, on = self.cleaned_data.get("activity_kind"), self.cleaned_data.get("activity_on")
        if kind and not on and "activity_on" not in self.errors:
            self.add_error("activity_on", _("Enter the day of this activity."))
        if on and not kind and "activity_kind" not in self.errors:
            self.add_error("activity_kind", _("Choose what happened on that day."))

    @property
    def chosen(self) -> Claimant | None:
        """For whom the valid form registers."""
        return self.claimants.get(self.cleaned_data.get("claimant", ""))

    @property
    def proof(self) -> tuple[str, date] | None:
        """The activity that the valid form brings, if any."""
        kind, on = self.cleaned_data.get("activity_kind"), self.cleaned_data.get("activity_on")
        return (kind, on) if kind and on else None

    @property
    def opened(self) -> bool:
        """Whether the optional part has something to show."""
        return any(
            self[name].value() or self[name].errors for name in ("activity_kind", "activity_on", "incumbent", "note")
        )

    def changes(self) -> dict[str, Any]:
        """What the valid form says, by column of a registration."""
        said = {name: value for name, value in self.cleaned_data.items() if name in PLAIN}
        if "place" in self.cleaned_data:
            said["account_country"], said["account_subdivision"] = _codes(self.cleaned_data["place"])
        if "band" in self.cleaned_data:
            band = self.cleaned_data["band"]
            said |= {"amount": None, "band_upper": Decimal(band) if band else None, "currency": self.program.currency}
        if "closes" in self.cleaned_data:
            closes = self.cleaned_data["closes"]
            said["expected_close_on"] = date.fromisoformat(closes) if closes else None
        return said

    def apply_to(self, registration: Registration) -> Registration:
        """Write what the valid form says onto a registration (unsaved)."""
        for column, value in self.changes().items():
            setattr(registration, column, value)
        return registration


class AnswerForm(RegistrationForm):
    """A party answers a request: the columns that it was asked about, proof of work, and its own words."""

    amount = forms.DecimalField(
        label=gettext_lazy("Exact value"), max_digits=18, decimal_places=2, min_value=0, required=False
    )
    account_city = forms.CharField(label=gettext_lazy("City"), max_length=120, required=False)
    account_postal_code = forms.CharField(label=gettext_lazy("Postal code"), max_length=20, required=False)
    body = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write a sentence: what you changed, or why you leave it as it is.")},
    )

    def __init__(self, data: Any = None, *, registration: Registration, **options: Any) -> None:
        self.asked = frozenset(registration.requested_fields)
        shown = {name for name in self.base_fields if self.asked.intersection(COLUMNS.get(name, (name,)))}
        shown |= {"activity_kind", "activity_on", "body"}
        super().__init__(data, registration=registration, only=frozenset(shown), **options)

    def changes(self) -> dict[str, Any]:
        """What the valid form says, by column; never a column that was not asked about."""
        said = {**super().changes(), **{name: value for name, value in self.cleaned_data.items() if name in ASKED_ONLY}}
        return {column: value for column, value in said.items() if column in self.asked}


class ActivityForm(forms.Form):
    """Dated proof of work."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[("", gettext_lazy("Choose")), *ActivityKind.choices],
        error_messages={"required": gettext_lazy("Choose what happened.")},
    )
    occurred_on = forms.DateField(
        label=gettext_lazy("When"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Enter the day."),
            "invalid": gettext_lazy("Enter the day as year-month-day, such as 2026-03-04."),
        },
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=2000)

    def __init__(self, data: Any = None, *, registration: Registration, today: date) -> None:
        self.registration, self.today = registration, today
        super().__init__(data, prefix="activity")

    def clean_occurred_on(self) -> date | None:
        """Work that is still to come proves nothing."""
        return not_to_come(self.cleaned_data["occurred_on"], self.today)

    def clean(self) -> None:
        """The same thing on the same day counts once."""
        kind, on = self.cleaned_data.get("kind"), self.cleaned_data.get("occurred_on")
        if kind and on and self.registration.activities.filter(kind=kind, occurred_on=on).exists():
            raise ValidationError(_("This is recorded already: the same activity on the same day counts once."))


class ExtensionForm(forms.Form):
    """How many more days of protection, and why."""

    days = forms.IntegerField(
        label=gettext_lazy("Days"), min_value=1, error_messages={"required": gettext_lazy("Say how many days.")}
    )
    reason = forms.CharField(
        label=gettext_lazy("Why the deal needs more time"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say in a sentence why the deal needs more time.")},
    )

    def __init__(self, data: Any = None, *, most: int) -> None:
        super().__init__(data)
        days = cast(forms.IntegerField, self.fields["days"])
        days.max_value, days.help_text = most, _("Up to %(most)s.") % {"most": most}
        days.validators.append(MaxValueValidator(most, _("Ask for up to %(most)s days.") % {"most": most}))
        days.widget.attrs["max"] = most


def not_to_come(on: date | None, today: date) -> date | None:
    """Refuse a day after `today`."""
    if on and on > today:
        raise ValidationError(_("This day is still to come: enter when it happened."))
    return on


def _codes(place: str) -> tuple[str, str]:
    return place[:2], place if "-" in place else ""


def _with(value: str | None, choices: list[Any], label: Callable[[str], str]) -> list[Any]:
    offered = {code for code, name in choices if isinstance(name, str)}
    offered |= {code for _, group in choices if not isinstance(group, str) for code, _ in group}
    return choices if not value or value in offered else [(value, label(value)), *choices]


def _initial(registration: Registration) -> dict[str, Any]:
    r = registration
    return {
        **{name: getattr(r, name) for name in (*PLAIN, *ASKED_ONLY)},
        "place": r.account_subdivision or r.account_country,
        "band": str(r.band_upper.quantize(Decimal(1))) if r.band_upper is not None and r.amount is None else "",
        "closes": r.expected_close_on.isoformat() if r.expected_close_on else "",
        "form_token": r.form_token,
    }


class DeclineForm(forms.Form):
    """Why a lead is not for the partner."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is not for you"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only the vendor reads it."),
        error_messages={"required": gettext_lazy("Say in a sentence why: the next lead will fit better.")},
    )
