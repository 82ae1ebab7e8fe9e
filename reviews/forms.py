"""The desk's forms: what a decider types, and the version of the case that was seen. Services check the outcome."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from html import escape
from typing import Any, Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from partners.forms import COLUMNS, AnswerForm
from partners.models import Verdict
from reviews.choices import DIRECT, Choice
from reviews.models import OverrideReason, SkipReason
from reviews.services.decisions import Override

NOBODY = "nobody"
ASKABLE = (
    "account_name", "account_domain", "place", "account_city", "account_postal_code", "contact_email", "product_lines",
    "amount", "closes", "stage", "incumbent", "note",
)  # fmt: skip


class Offered(Protocol):
    """A party as the forms need it."""

    @property
    def claimant(self) -> str:
        """Its partner's id, or direct."""

    @property
    def name(self) -> str:
        """How it is called."""

    @property
    def party_id(self) -> str:
        """The party's own id."""

    @property
    def registration(self) -> str:
        """The number of its registration, if it has one."""


def offer(form: forms.BaseForm, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Fill the choices of a field."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class LongSelect(forms.Select):
    """A select of a thousand people: Django's markup, without a template for each option (two of them cost .2 s a page), and
    with Python's `escape`, which makes no SafeString of each."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The select with its options."""
        outer = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", outer, self._options(self.choices, set(self.format_value(value))))

    def _options(self, choices: Iterable[Any], chosen: set[str]) -> SafeString:
        found = []
        for value, label in choices:
            if isinstance(label, list | tuple):
                found.append(f'<optgroup label="{escape(str(value))}">{self._options(label, chosen)}</optgroup>')
            else:
                value = str(value)
                selected = " selected" if value in chosen else ""
                found.append(f'<option value="{escape(value)}"{selected}>{escape(str(label))}</option>')
        return mark_safe("".join(found))  # noqa: S308 - every value was escaped


class SeenForm(forms.Form):
    """Anything that rests on what was seen."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class ExtensionAnswerForm(forms.Form):
    """Whether more time is granted, and why: the partner reads it."""

    verdict = forms.ChoiceField(choices=[("grant", "Grant"), ("refuse", "Refuse")])
    answer = forms.CharField(
        label="Why",
        help_text="The partner reads this.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why in a sentence: the partner reads it."},
    )


class OverrideForm(SeenForm):
    """An outcome other than the recommended one: a coded reason and a sentence."""

    reason_code = forms.ChoiceField(
        label="Why otherwise",
        choices=[("", "Choose a reason"), *OverrideReason.choices],
        error_messages={"required": "Choose the reason for deciding otherwise."},
    )
    reason_text = forms.CharField(
        label="In a sentence",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say in a sentence why."},
    )

    @property
    def override(self) -> Override:
        """The reason of the valid form."""
        return Override(self.cleaned_data["reason_code"], self.cleaned_data["reason_text"])


class OwnerForm(OverrideForm):
    """Another owner, the direct team, or nobody."""

    form = forms.CharField(widget=forms.HiddenInput, initial="owner", required=False)
    owner = forms.ChoiceField(
        label="Who gets the deal",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who gets the deal."},
    )

    def __init__(self, data: Any = None, *, sides: Sequence[Offered], **options: Any) -> None:
        super().__init__(data, **options)
        offered = [(side.claimant, side.name) for side in sides if side.claimant != DIRECT]
        offer(self, "owner", [*offered, (DIRECT, "Direct team"), (NOBODY, "Nobody: reject all registrations")])
        self.order_fields(["owner"])

    def choice(self, *, reserved: bool) -> Choice:
        """The outcome of the valid form; a reserved account that direct keeps is retained, not awarded."""
        owner = self.cleaned_data["owner"]
        if owner == NOBODY:
            return Choice("reject_all")
        return Choice("direct_retained" if owner == DIRECT and reserved else "award", owner)


class ShareForm(OverrideForm):
    """The deal split by shares, or one owner with others in support."""

    form = forms.CharField(widget=forms.HiddenInput, initial="share", required=False)
    mode = forms.ChoiceField(
        label="How",
        choices=[("split", "Split by shares"), ("co_sell", "Co-sell: one owns, others support")],
        widget=forms.RadioSelect,
        initial="split",
        error_messages={"required": "Choose whether to split or to co-sell."},
    )
    owner = forms.ChoiceField(label="Owner", required=False)
    support = forms.MultipleChoiceField(label="In support", widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, data: Any = None, *, sides: Sequence[Offered], **options: Any) -> None:
        super().__init__(data, **options)
        offered = [(side.claimant, side.name) for side in sides]
        if DIRECT not in dict(offered):
            offered.append((DIRECT, "Direct team"))
        offer(self, "owner", [("", "Choose"), *offered])
        offer(self, "support", offered)
        self.share_names = {f"share_{number}": claimant for number, (claimant, _) in enumerate(offered)}
        for name, claimant in self.share_names.items():
            self.fields[name] = forms.DecimalField(
                label=dict(offered)[claimant],
                required=False,
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )

    @property
    def shares(self) -> list[forms.BoundField]:
        """The fields of the shares, one a party."""
        return [self[name] for name in self.share_names]

    def clean(self) -> None:
        """Say what is missing before the service does."""
        said = self.cleaned_data
        if said.get("mode") == "co_sell" and not said.get("owner"):
            self.add_error("owner", "Choose who owns the deal.")
        if said.get("mode") == "co_sell" and not said.get("support"):
            self.add_error("support", "Choose who supports.")

    def choice(self, *, reserved: bool) -> Choice:
        """The outcome of the valid form."""
        said = self.cleaned_data
        if said["mode"] == "co_sell":
            return Choice("co_sell", said["owner"], tuple(said["support"]))
        shares = {who: said[name] for name, who in self.share_names.items() if said.get(name)}
        return Choice("split", shares={who: Decimal(share) for who, share in shares.items()})


class AskForm(SeenForm):
    """A question to parties; the named fields of their registrations open for editing."""

    parties = forms.MultipleChoiceField(
        label="Whom",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one party."},
    )
    body = forms.CharField(
        label="What is needed",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The party reads this. Name nobody else.",
        error_messages={"required": "Say in a sentence what is needed."},
    )
    fields_wanted = forms.MultipleChoiceField(
        label="What it may change", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, data: Any = None, *, sides: Sequence[Offered], **options: Any) -> None:
        super().__init__(data, **options)
        asked = [(side.party_id, side.name) for side in sides if side.registration]
        offer(self, "parties", asked)
        labels = [(name, str(AnswerForm.base_fields[name].label)) for name in ASKABLE]
        offer(self, "fields_wanted", labels)

    @property
    def columns(self) -> list[str]:
        """The columns of a registration that open."""
        return [column for name in self.cleaned_data["fields_wanted"] for column in COLUMNS.get(name, (name,))]


class NoteForm(forms.Form):
    """An internal note."""

    text = forms.CharField(
        label="Work note",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="No party ever sees it.",
        error_messages={"required": "Write the note first."},
    )


class SnoozeForm(SeenForm):
    """Which findings can wait, until when, and why. The values of `findings` are ids with spaces between."""

    findings = forms.MultipleChoiceField(
        label="What can wait",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one finding."},
    )
    how_long = forms.ChoiceField(
        label="How long",
        choices=[("7", "1 week"), ("30", "1 month"), ("date", "Until a date")],
        widget=forms.RadioSelect,
        initial="7",
        error_messages={"required": "Choose how long it can wait."},
    )
    until = forms.DateField(label="Date", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label="Why it can wait",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say in a sentence why it can wait."},
    )

    def __init__(self, data: Any = None, *, snoozable: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, **options)
        offer(self, "findings", snoozable)
        self.fields["findings"].initial = [ids for ids, _ in snoozable]

    def clean(self) -> None:
        """A date is only asked for where it is chosen."""
        if self.cleaned_data.get("how_long") == "date" and not self.cleaned_data.get("until"):
            self.add_error("until", "Choose the date, for example 2026-12-01.")

    @property
    def ids(self) -> list[str]:
        """The chosen findings."""
        return [key for ids in self.cleaned_data["findings"] for key in ids.split()]

    def end(self, at: datetime, zone: str) -> datetime:
        """When they wake: so many days from `at`, or as the chosen day begins in the program's time zone."""
        if self.cleaned_data["how_long"] != "date":
            return at + timedelta(days=int(self.cleaned_data["how_long"]))
        return datetime.combine(self.cleaned_data["until"], time(), ZoneInfo(zone)).astimezone(UTC)


class SkipForm(SeenForm):
    """Why a case is passed by."""

    reason = forms.ChoiceField(
        label="Why",
        choices=SkipReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason for skipping."},
    )
    text = forms.CharField(label="In a few words", max_length=500, required=False)


class WakeForm(SeenForm):
    """The snoozed findings that count again; none named: all of the case."""

    findings = forms.CharField(required=False, widget=forms.HiddenInput, max_length=5000)

    def clean_findings(self) -> list[UUID]:
        """Their ids."""
        try:
            return [UUID(key) for key in self.cleaned_data["findings"].split()]
        except ValueError:
            raise forms.ValidationError("These are no findings of this case.") from None


class IdentityForm(SeenForm):
    """Whether what a registration names is this account."""

    registration = forms.UUIDField(widget=forms.HiddenInput)
    account = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Verdict.choices, widget=forms.HiddenInput)


def case_forms(
    version: int,
    sides: Iterable[Offered],
    bound: dict[str, forms.Form] | None = None,
    snoozable: Sequence[tuple[str, str]] = (),
) -> dict[str, forms.Form]:
    """The unbound forms of a case page, with those replaced that somebody has typed into."""
    sides, seen = list(sides), {"seen_version": version}
    fresh: dict[str, forms.Form] = {
        "approve": SeenForm(initial=seen, prefix=None),
        "owner": OwnerForm(sides=sides, initial=seen, auto_id="owner_%s"),
        "share": ShareForm(sides=sides, initial=seen, auto_id="share_%s"),
        "ask": AskForm(sides=sides, initial=seen, auto_id="ask_%s"),
        "note": NoteForm(auto_id="note_%s"),
        "skip": SkipForm(initial=seen, auto_id="skip_%s"),
        "snooze": SnoozeForm(snoozable=snoozable, initial=seen, auto_id="snooze_%s"),
    }
    return fresh | (bound or {})
