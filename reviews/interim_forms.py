"""Forms of appeals, holds and breaches: what people type. Services check the outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.forms import not_to_come
from partners.models import ActivityKind
from reviews.forms import LongSelect, Offered, OwnerForm, SeenForm, ShareForm, offer
from reviews.models import AppealGround, BreachCategory
from reviews.services.appeals import Answer, Work
from reviews.services.breaches import Entry

WORKS = 3  # lines for new evidence
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_DAY_ERRORS = {"required": _("Enter the day."), "invalid": _("Enter the day as year-month-day, such as 2026-03-04.")}


class AppealForm(forms.Form):
    """A side's appeal: the ground, what was decided wrongly, and dated work as new evidence."""

    ground = forms.ChoiceField(
        label=_("Why you appeal"),
        choices=[("", _("Choose")), *AppealGround.choices],
        error_messages={"required": _("Choose why you appeal.")},
    )
    text = forms.CharField(
        label=_("What was decided wrongly, and what shows it"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Say what was decided wrongly, and what shows it.")},
    )

    def __init__(self, data: Any = None, *, today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today
        for number in range(1, WORKS + 1):
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=_("What happened"), choices=[("", _("Nothing to add")), *ActivityKind.choices], required=False
            )
            self.fields[f"on_{number}"] = forms.DateField(
                label=_("When"), required=False, widget=_DAY, error_messages=_DAY_ERRORS
            )
            self.fields[f"note_{number}"] = forms.CharField(label=_("Note"), required=False, max_length=2000)

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The fields of each line of new evidence."""
        return [[self[f"{name}_{n}"] for name in ("kind", "on", "note")] for n in range(1, WORKS + 1)]

    @property
    def more(self) -> bool:
        """Whether anything was typed into the lines after the first."""
        return any(field.value() for line in self.lines[1:] for field in line)

    def clean(self) -> None:
        """A line of evidence is a kind and a day, or empty."""
        for number in range(1, WORKS + 1):
            kind, on = self.cleaned_data.get(f"kind_{number}"), self.cleaned_data.get(f"on_{number}")
            if kind and not on and f"on_{number}" not in self.errors:
                self.add_error(f"on_{number}", _("Enter the day on which it happened."))
            elif not kind and (on or self.cleaned_data.get(f"note_{number}")):
                self.add_error(f"kind_{number}", _("Choose what happened on this day."))
            else:
                self._not_to_come(f"on_{number}", on)

    def _not_to_come(self, name: str, on: date | None) -> None:
        try:
            not_to_come(on, self.today)
        except forms.ValidationError as error:
            self.add_error(name, error)

    @property
    def work(self) -> list[Work]:
        """The new evidence of the valid form."""
        said = self.cleaned_data
        found = [(said[f"kind_{n}"], said[f"on_{n}"], said[f"note_{n}"]) for n in range(1, WORKS + 1)]
        return [Work(kind, on, note) for kind, on, note in found if kind and on]


class AppealForSideForm(SeenForm):
    """An appeal that a side brought by letter or by phone, or the direct team's own."""

    party = forms.ChoiceField(label="For whom", error_messages={"required": "Choose the side that appeals."})
    ground = forms.ChoiceField(
        label="Ground",
        choices=[("", "Choose"), *AppealGround.choices],
        error_messages={"required": "Choose the ground of the appeal."},
    )
    text = forms.CharField(
        label="What it says",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what the side says."},
    )

    def __init__(self, data: Any = None, *, sides: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, **options)
        offer(self, "party", [("", "Choose"), *sides])


class _Told(forms.Form):
    """What the side that appealed reads."""

    told = forms.CharField(
        label="What the side that appealed reads",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It reads this. Name nobody else.",
        error_messages={"required": "Write what the side that appealed reads."},
    )


class UpholdForm(SeenForm, _Told):
    """The decision stands."""

    form = forms.CharField(widget=forms.HiddenInput, initial="uphold", required=False)
    reason_text = forms.CharField(
        label="Why it stands",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For the record; no party reads it.",
        error_messages={"required": "Say in a sentence why the decision stands."},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.order_fields(["seen_version", "form", "reason_text", "told"])

    def answer(self, *, reserved: bool) -> Answer:
        """The answer of the valid form."""
        return Answer(self.cleaned_data["reason_text"], self.cleaned_data["told"])


class _OtherOutcome:
    """The answer of a valid form that chose another outcome."""

    def answer(self: Any, *, reserved: bool) -> Answer:
        """With the choice, and the reason of an override."""
        said = self.cleaned_data
        return Answer(said["reason_text"], said["told"], self.choice(reserved=reserved), said["reason_code"])


class AppealOwnerForm(_OtherOutcome, OwnerForm, _Told):
    """Another owner, on appeal."""


class AppealShareForm(_OtherOutcome, ShareForm, _Told):
    """A split or a co-sell, on appeal."""


ANSWERS: dict[str, type[Any]] = {"uphold": UpholdForm, "owner": AppealOwnerForm, "share": AppealShareForm}


class HoldForm(SeenForm):
    """Who speaks to the buyer, until when, and why."""

    speaks = forms.ChoiceField(
        label="Who speaks to the buyer",
        widget=LongSelect,
        help_text="One person. Each side is told who; no side is named to another.",
        error_messages={"required": "Choose the one who speaks to the buyer."},
    )
    until = forms.DateField(label="Until", widget=_DAY, error_messages=_DAY_ERRORS)
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the record; no party reads it.",
        error_messages={"required": "Say in a sentence why the claims are put on hold."},
    )

    def __init__(
        self, data: Any = None, *, people: Sequence[tuple[str, str]], sides: Sequence[Offered], **options: Any
    ) -> None:
        super().__init__(data, **options)
        parties = [(f"party:{side.party_id}", side.name) for side in sides if side.registration]
        staff = [(f"user:{key}", name) for key, name in people]
        offer(self, "speaks", [("", "Choose"), ("Ours", staff), ("A side", parties)])

    def end(self, zone: str) -> datetime:
        """The last minute of the chosen day in the program's time zone."""
        return datetime.combine(self.cleaned_data["until"], time(23, 59), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True)
class Offers:
    """What the forms of a case page are filled with."""

    sides: Sequence[Offered]
    may_appeal: Sequence[tuple[str, str]]
    people: Sequence[tuple[str, str]]
    hold_until: date


def answer_form(name: str, sides: Sequence[Offered], data: Any = None, **options: Any) -> Any:
    """One of the forms that answer appeals."""
    extra = {} if name == "uphold" else {"sides": sides}
    return ANSWERS[name](data, auto_id=f"appeal_{name}_%s", **extra, **options)


def interim_forms(version: int, offers: Offers) -> dict[str, forms.Form]:
    """The unbound forms of a case page for appeals and the hold."""
    seen = {"seen_version": version}
    answers = {f"appeal_{name}": answer_form(name, offers.sides, initial=seen) for name in ANSWERS}
    return answers | {
        "file_appeal": AppealForSideForm(sides=offers.may_appeal, initial=seen, auto_id="file_appeal_%s"),
        "hold": HoldForm(
            people=offers.people, sides=offers.sides, initial=seen | {"until": offers.hold_until}, auto_id="hold_%s"
        ),
    }


class BreachForm(forms.Form):
    """An entry of the breach register."""

    partner = forms.ChoiceField(label="Partner", error_messages={"required": "Choose the partner."})
    category = forms.ChoiceField(
        label="Which rule",
        choices=[("", "Choose"), *BreachCategory.choices],
        error_messages={"required": "Choose the rule that was broken."},
    )
    happened_on = forms.DateField(label="When", widget=_DAY, error_messages=_DAY_ERRORS)
    what = forms.CharField(
        label="What happened",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The partner reads this. Name nobody else.",
        error_messages={"required": "Say in a sentence what happened."},
    )
    evidence = forms.CharField(
        label="What shows it",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For staff alone. Not needed where a case shows it.",
    )

    def __init__(self, data: Any = None, *, partners: Iterable[tuple[str, str]], today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today
        offer(self, "partner", [("", "Choose"), *partners])

    def clean_happened_on(self) -> date | None:
        """What is still to come broke nothing."""
        return not_to_come(self.cleaned_data["happened_on"], self.today)

    def entry(self, case: Any) -> Entry:
        """The entry of the valid form; `case` is the case that shows it, if one does."""
        said = self.cleaned_data
        return Entry(said["category"], said["what"], said["happened_on"], said["evidence"], case)


class BreachAnswerForm(forms.Form):
    """Confirmed or dismissed, and why; `comment_seen`: whether the partner's comment stood on the page."""

    comment_seen = forms.BooleanField(required=False, widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=[("confirm", "Confirm"), ("dismiss", "Dismiss")])
    reasons = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For staff alone.",
        error_messages={"required": "Say in a sentence why: it goes on the record."},
    )
    answer = forms.CharField(
        label="A word to the partner",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="The partner reads this. Name nobody else.",
    )


class CommentForm(forms.Form):
    """A partner's one comment."""

    comment = forms.CharField(
        label=_("Your comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write your comment first.")},
    )
