"""The program's own page: its name, its calendar, and how long partners have to answer."""

from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from partners.admin.fields import CodeBoxes, ListField
from partners.admin.forms import FactForm, VersionedForm
from partners.admin.scoped import ScopedAdmin
from partners.models import Program
from partners.services import (
    LONGEST_BREACH,
    LONGEST_OFFER,
    LONGEST_TALK,
    LONGEST_UNDO,
    MOST_RESUBMISSIONS,
    change_program,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DayBoxes(CodeBoxes):
    """Weekdays as check boxes; in the row they are ISO numbers."""

    def prepare_value(self, value: Any) -> Any:
        """Numbers as the boxes' values."""
        return [str(day) for day in value] if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> Any:
        """The ticked days as numbers."""
        return [int(day) for day in super().clean(value)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as the boxes' values."""
        return super().has_changed(self.prepare_value(initial or []), data)


class DaysField(ListField):
    """Days, one per line, as 2026-12-25."""

    def prepare_value(self, value: Any) -> Any:
        """As people type them."""
        return super().prepare_value([str(day) for day in value] if isinstance(value, (list, tuple)) else value)

    def to_python(self, value: Any) -> Any:
        """The days in their order; all lines that are none are named together."""
        typed = [str(day) for day in value] if isinstance(value, (list, tuple)) else value
        return sorted(date.fromisoformat(day) for day in super().to_python(typed))


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValidationError(f"“{text}” is no day. Write it as 2026-12-25.") from None


class ProgramForm(VersionedForm):
    """What a program may be changed in; its code and currency stay."""

    timezone = forms.ChoiceField(
        label="Time zone", choices=[(name, name) for name in sorted(available_timezones())],
        help_text="Days begin and end in it.",
    )  # fmt: skip
    open_weekdays = DayBoxes(
        label="Open on", required=True, help_text="Clocks run on these days only.",
        error_messages={"required": "Choose at least one open weekday: on a calendar without one no time ever passes."},
    )  # fmt: skip
    holidays = DaysField(each=_day, rows=6, help_text="Clocks stand still on these days. One a line, as 2026-12-25.")
    lead_offer_hours = forms.IntegerField(
        label="Hours to answer a lead", min_value=1, max_value=LONGEST_OFFER,
        help_text="Open hours that a partner has to accept or decline a lead before it goes on to the next.",
    )  # fmt: skip
    settle_days = forms.IntegerField(
        label="Days to settle a case", min_value=1, max_value=LONGEST_TALK,
        help_text="Open days that the sides of a case have, unless whoever asks them says otherwise.",
    )  # fmt: skip
    breach_days = forms.IntegerField(
        label="Days that a breach counts", min_value=1, max_value=LONGEST_BREACH,
        help_text="A confirmed breach of the rules of engagement counts for so many days.",
    )  # fmt: skip
    undo_minutes = forms.IntegerField(
        label="Minutes to undo a decision", min_value=0, max_value=LONGEST_UNDO,
        help_text="Nothing leaves in this time: no notice, no protection, no write. 0 = it leaves at once.",
    )  # fmt: skip
    resubmissions = forms.IntegerField(
        label="Times that a deal can be registered again", min_value=0, max_value=MOST_RESUBMISSIONS,
        help_text="After a registration that was not approved or was withdrawn. Each counts from its own day.",
    )  # fmt: skip
    opinion_share = forms.IntegerField(
        label="Cases that ask for a first opinion, in percent", min_value=0, max_value=100,
        help_text="In so many of 100 cases a reviewer says their own view, names hidden, before the recommendation shows.",
    )  # fmt: skip
    opinion_high_impact = forms.BooleanField(
        label="Every case of high impact asks", required=False,
        help_text="A case is of high impact when the policy in force lets more than one role decide it.",
    )  # fmt: skip

    reply_to = forms.EmailField(
        label="Replies go to", required=False,
        help_text="The mail address that partners answer to when they reply to a notice. Empty: replies go nowhere.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.fields.get("open_weekdays")
        if isinstance(days, DayBoxes):
            days.offer([(str(n), name) for n, name in enumerate(WEEKDAYS, start=1)], [])


@admin.register(Program)
class ProgramAdmin(ScopedAdmin):
    """Programs are made by a command; here they are kept."""

    form = ProgramForm
    versioned = True
    list_display = ("name", "code", "timezone", "lead_offer_hours", "undo_minutes")
    list_display_links = ("name",)
    ordering = ("name", "id")
    fieldsets = (
        (None, {"fields": ("name",)}),
        ("Calendar", {"fields": ("timezone", "open_weekdays", "holidays", "undo_minutes")}),
        ("Registrations", {"fields": ("resubmissions",)}),
        ("Leads", {"fields": ("lead_offer_hours",)}),
        ("Talks", {"fields": ("settle_days",)}),
        ("Breaches", {"fields": ("breach_days",)}),
        ("Mails to partners", {"fields": ("reply_to",)}),
        ("First opinions", {"fields": ("opinion_share", "opinion_high_impact")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A program comes with its policy and its people: `manage.py create_program`."""
        return False

    def record(self, form: FactForm, *, by: Any, at: datetime) -> None:
        """Through the service, which compares the version once more under a lock."""
        told = form.cleaned_data
        change_program(
            program=form.instance, by=by, at=at, seen_version=told.get("seen_version"), reason=told.get("why", "")
        )
