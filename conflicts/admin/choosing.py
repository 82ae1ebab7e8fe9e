"""Forms of merging and splitting: who the other is, what belongs to it, and what somebody saw who confirms."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from conflicts.holdings import OF_ACCOUNTS, Held, held
from conflicts.moves import MAY_BE_SPLIT, names_to_give_away
from partners.admin.fields import CodeBoxes
from partners.admin.forms import KnownChoice
from partners.identity import Parts
from partners.models import Account
from partners.naming import name_key

REASON = "Why you are sure. It stands in the record beside your name."


class OtherForm(forms.Form):
    """Which row it is, really."""

    other: "forms.ModelChoiceField[Any]" = forms.ModelChoiceField(queryset=None, label="It is the same as")

    def __init__(self, *args: Any, to: Any, by: str, model_admin: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, field = type(to), self.fields["other"]
        field.widget = KnownChoice(kind._meta.get_field(by), model_admin.admin_site)
        field.widget.is_required = True
        field.queryset = kind.objects.filter(program_id=to.program_id).exclude(pk=to.pk)  # type: ignore[attr-defined]
        field.error_messages["invalid_choice"] = "Choose one of the list."  # type: ignore[index]


class ConfirmForm(forms.Form):
    """The reason, and the signature of the preview that was read."""

    reason = forms.CharField(max_length=500, help_text=REASON, widget=forms.TextInput(attrs={"class": "vTextField"}))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class SplitForm(ConfirmForm):
    """What belongs to another company: its name, and a box for everything that can go."""

    name = forms.CharField(
        max_length=500, label="Name of the other company", widget=forms.TextInput(attrs={"class": "vTextField"})
    )
    field_order = ("name", "reason")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        for one in self.held:
            field = CodeBoxes(label=one.label)
            field.offer([(item.pk, item.text) for item in one.left])
            self.fields[one.kind] = field

    @cached_property
    def held(self) -> list[Held]:
        """What can go, of each kind."""
        found = held({kind: OF_ACCOUNTS[kind] for kind in MAY_BE_SPLIT}, [self.account.pk], [])
        left = [replace(one, left=tuple(names_to_give_away(self.account, one.left))) if one.kind == "names" else one
                for one in found]  # fmt: skip
        return [one for one in left if one.left]

    @property
    def boxes(self) -> Iterator[Any]:
        """The fields with the boxes."""
        return (self[one.kind] for one in self.held)

    @property
    def typed(self) -> Iterator[tuple[str, str]]:
        """Everything that was typed and ticked, to be sent along with the confirmation."""
        for name, value in self.cleaned_data.items():
            if name != "seen":
                yield from ((name, one) for one in (value if isinstance(value, list) else [value]))

    def clean_name(self) -> str:
        """A name that means something, and not the account's own."""
        name = self.cleaned_data["name"].strip()
        if not name_key(name):
            raise ValidationError("A name needs letters or digits.")
        return name

    def clean(self) -> dict[str, Any]:
        """At least one thing goes."""
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(one.kind) for one in self.held):
            self.add_error(None, "Tick at least one thing that belongs to the other company.")
        return cleaned

    def parts(self) -> Parts:
        """What was ticked, by kind."""
        ticked = {one.kind: self.cleaned_data.get(one.kind) or [] for one in self.held}
        return Parts(**{kind: tuple(map(uuid.UUID, keys)) for kind, keys in ticked.items()})
