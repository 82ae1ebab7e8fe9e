"""The forms of the facts: who edits in which program, the version that was seen, and what a service refused."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteMixin
from django.core.exceptions import ValidationError
from django.db import models

from partners.admin.fields import CodeBoxes
from partners.models import Account, ProductLine, Program
from partners.permissions import programs_of, visible

NOT_SUBSTANCE = frozenset({"why", "seen_version"})


class ProgramRow(forms.ModelForm):
    """Mixin: everything that a row names belongs to the row's own program."""

    user: Any = None
    right = "change_rules"

    def program_id(self) -> uuid.UUID | None:
        """The program of the row, as far as it is known yet."""
        chosen = self.cleaned_data.get("program") if hasattr(self, "cleaned_data") else None
        return chosen.pk if chosen else self.instance.program_id

    def check_one_program(self) -> None:
        """Refuse a partner, account or tier of another program."""
        for name, value in list(self.cleaned_data.items()):
            other = getattr(value, "program_id", None)
            if isinstance(value, models.Model) and other and other != self.program_id():
                self.add_error(name, f"{value} belongs to another program.")

    def check_in_order(self, first: str, last: str, sentence: str) -> None:
        """Refuse a range whose end lies before its beginning."""
        low, high = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if low is not None and high is not None and high < low:
            self.add_error(last, sentence)

    def check_dates(self) -> None:
        """The last day is not before the first."""
        self.check_in_order("valid_from", "valid_until", "The last day lies before the first day.")

    def check_lines(self) -> None:
        """Every product line is one of the program's, or was stored already."""
        known = {code for code, _ in product_lines(self.user, self.program_id())} | set(self.instance.product_lines)
        unknown = [code for code in self.cleaned_data.get("product_lines") or [] if code not in known]
        if unknown:
            names = ", ".join(unknown)
            self.add_error(
                "product_lines", f"This program has no product line {names}. It has: {', '.join(sorted(known))}."
            )


class FactForm(ProgramRow):
    """A fact on its own page. Only what the fieldsets name can be changed."""

    refusal = ""
    why = forms.CharField(
        required=False,
        max_length=100,
        help_text="Why you make or change this. It stands in the history beside your name.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = programs_of(self.user, self.right)
        if self.instance._state.adding and len(own) == 1:
            self.instance.program_id = next(iter(own))
        if "program" in self.fields:
            self.fields["program"].queryset = Program.objects.filter(pk__in=own).order_by("name")  # type: ignore[attr-defined]
        boxes = self.fields.get("product_lines")
        if isinstance(boxes, CodeBoxes):
            boxes.offer(product_lines(self.user, self.instance.program_id), self.instance.product_lines)

    def substance_changed(self) -> bool:
        """Whether anything but the reason was changed."""
        return bool(set(self.changed_data) - NOT_SUBSTANCE)

    def clean(self) -> dict[str, Any]:
        """Checks that hold for every fact, then the subclass's own (`check`)."""
        cleaned = super().clean() or self.cleaned_data
        if self.refusal:
            self.add_error(None, self.refusal)
        self.check_one_program()
        if "product_lines" in self.fields:
            self.check_lines()
        self.check()
        return cleaned

    def check(self) -> None:
        """What only this kind of fact must hold."""

    def _get_validation_exclusions(self) -> set[str]:
        # The program is settled before validation, so uniqueness within it can be checked although nobody typed it.
        return super()._get_validation_exclusions() - {"program"}  # type: ignore[misc]


class VersionedForm(FactForm):
    """A fact that two people may edit at once: the second is shown what the first changed, and keeps what was typed."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        """The checks, and whether somebody else was faster."""
        # The instance still holds what is stored: Django writes the typed values into it after clean().
        stale = not self.instance._state.adding and self.cleaned_data.get("seen_version") != self.instance.version
        sentences = self._merge() if stale else []
        cleaned = super().clean()
        for sentence in sentences:
            self.add_error(None, sentence)
        return cleaned

    def _merge(self) -> list[str]:
        """Say who was faster and what differs; what only they changed is taken over, what was typed here stays."""
        history, seen = self.instance.history.select_related("history_user"), self.cleaned_data.get("seen_version")
        last = history.order_by("-version", "-history_date").first()
        before = history.filter(version=seen).order_by("-history_date").first() if seen else None
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed[self.add_prefix("seen_version")] = str(self.instance.version)
        columns = {f.name: f.attname for f in self.instance._meta.fields}
        lines = []
        for name in [name for name in self.fields if name in columns and name in self.cleaned_data]:
            stored, mine, label = getattr(self.instance, name), self.cleaned_data[name], self.fields[name].label
            if _plain(stored) == _plain(mine):
                continue
            value = getattr(mine, "pk", mine)
            if before is not None and _plain(getattr(before, columns[name])) == _plain(value):
                self._take_over(typed, name, getattr(self.instance, columns[name]))
                lines.append(f"{label}: changed to {_plain(stored)}, and taken over below.")
            else:
                lines.append(f"{label}: stored is {_plain(stored)}, you typed {_plain(mine)}.")
        who = (last and last.history_user) or "Somebody else"
        first = (
            f"{who} changed this meanwhile (it is version {self.instance.version} now, you saw {seen or 'none'}). "
            "Nothing was saved. What you typed is still here: save again to put it in place of what is stored."
        )
        return [first, *lines]

    def _take_over(self, typed: Any, name: str, stored: Any) -> None:
        key, field = self.add_prefix(name), self.fields[name]
        if isinstance(field, forms.BooleanField):
            typed.setlist(key, ["on"] if stored else [])
        elif isinstance(field, forms.MultipleChoiceField):
            typed.setlist(key, stored)
        else:
            shown = field.prepare_value(stored)
            typed[key] = "" if shown is None else str(shown)


class FactFormSet(forms.BaseInlineFormSet):
    """Rows of a row, saved through services: what was removed first, then what was added or changed."""

    user: Any = None
    right = "change_rules"

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Nothing more than Django's; the form class is told who edits."""
        self.form.user, self.form.right = self.user, self.right
        return super().get_form_kwargs(index)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.instance.program_id = form.instance.program_id or self.instance.program_id
        return form

    def save_through_services(self, *, by: Any, at: datetime, why: str) -> None:
        """Hand each touched row to `record_row` or `remove_row`."""
        gone = [form.instance for form in self.deleted_forms if not form.instance._state.adding]
        for row in gone:
            self.remove_row(row, by=by, at=at, why=why)
        for form in self.forms:
            if form not in self.deleted_forms and form.has_changed():
                form.instance.program_id = self.instance.program_id
                setattr(form.instance, self.fk.name, self.instance)
                self.record_row(form.instance, by=by, at=at, why=why)

    def record_row(self, row: Any, *, by: Any, at: datetime, why: str) -> None:
        """Save one row through its service; subclasses say which."""
        raise NotImplementedError

    def remove_row(self, row: Any, *, by: Any, at: datetime, why: str) -> None:
        """End one row through its service; subclasses that allow it say which."""
        raise NotImplementedError


class DirectOrPartnerForm(ProgramRow):
    """A row that names a partner or the direct team, never both, never neither."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The stored partner is known already: asking for its name again would cost a query a row.
        widget, partner = self.fields["partner"].widget if "partner" in self.fields else None, None
        if self.instance.partner_id and not self.is_bound:
            partner = self.instance.partner
        if isinstance(widget, KnownChoice) and partner is not None:
            widget.known = {str(partner.pk): str(partner)}

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        cleaned = super().clean() or self.cleaned_data
        self.check_one_program()
        if "partner" in cleaned and bool(cleaned["partner"]) == bool(cleaned.get("direct")):
            self.add_error("partner", "Choose a partner, or tick the direct team: one of the two.")
        return cleaned


class KnownChoice(AutocompleteMixin, forms.Select):
    """A search-as-you-type field that need not ask the database for the name of what is chosen already."""

    known: dict[str, str] = {}

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> list[Any]:
        """The chosen option alone; the others are searched for."""
        if not self.known or list(value) != list(self.known):
            return super().optgroups(name, [key for key in value if not key or _is_a_key(key)], attr)
        blank = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        chosen = [self.create_option(name, key, label, True, len(blank)) for key, label in self.known.items()]
        return [(None, [*blank, *chosen], 0)]


def _is_a_key(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:  # typed by hand: the field says so, drawing it again must not fail
        return False


def product_lines(user: Any, program_id: uuid.UUID | None) -> list[tuple[str, str]]:
    """(code, name) of the program's product lines; of all the user's programs while the program is not chosen."""
    rows = visible(user, ProductLine.objects.all())
    if program_id:
        rows = rows.filter(program_id=program_id)
    return list(dict(rows.order_by("name", "code").values_list("code", "name")).items())


def check_accounts_exist(program_id: uuid.UUID | None, references: list[str]) -> None:
    """Refuse references that no account of the program has, naming them."""
    known = set(
        Account.objects.filter(program_id=program_id, external_id__in=references).values_list("external_id", flat=True)
    )
    missing = [reference for reference in references if reference not in known]
    if missing:
        raise ValidationError([f"No account of this program has the reference “{reference}”." for reference in missing])


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "empty"
    return "empty" if value in (None, "") else str(value)
