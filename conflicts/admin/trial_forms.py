"""What is to be tried on past cases: a version of the policy, or the live one with something supposed."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from conflicts.backtest.supposing import DIMENSIONS
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.services import NoPolicyError, policy_in_force
from conflicts.supposing import NUMBERS, Split, Supposition, number_in
from partners.models import Partner, Program, Territory
from partners.permissions import visible

CHANGES = "change_rules"


class VersionForm(forms.Form):
    """Which version, and on how many cases."""

    policy = forms.ModelChoiceField(PolicyVersion.objects.none(), label="Version", empty_label=None)
    most = forms.IntegerField(
        min_value=1, required=False, label="Only the newest cases",
        help_text="A number, for a quick look. Empty: all of them, which is what publishing asks for.",
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = ("program__code", "-number", "pk")
        found: QuerySet[PolicyVersion] = visible(user, PolicyVersion.objects.select_related("program"), CHANGES)
        choice: Any = self.fields["policy"]
        choice.queryset = found.exclude(status=PolicyStatus.RETIRED).order_by(*order)
        choice.label_from_instance = _named


def _named(policy: PolicyVersion) -> str:
    title = policy.document.get("title", "")
    return f"{policy.program.name}: version {policy.number} ({policy.get_status_display().lower()}), {title}"


class SupposeForm(forms.Form):
    """Numbers of the live policy, a partner that left, a territory in two."""

    program = forms.ModelChoiceField(Program.objects.none(), empty_label=None)
    gone = forms.CharField(
        required=False, max_length=200, label="A partner that has left", help_text="Its reference, as P-1042."
    )
    territory = forms.CharField(
        required=False, max_length=200, label="A territory that is split", help_text="Its reference, as T-12."
    )
    dimension = forms.ChoiceField(choices=list(DIMENSIONS.items()), required=False, label="Split by")
    values = forms.CharField(
        required=False,
        max_length=500,
        label="What goes to the second part",
        help_text="With commas between, as US-TX, US-OK.",
    )
    holder = forms.CharField(
        required=False, max_length=200, label="Who gets the second part",
        help_text="A partner's reference. Empty: the direct team.",
    )  # fmt: skip
    most = forms.IntegerField(
        min_value=1, required=False, label="Only the newest cases", help_text="Empty: all of them."
    )

    def __init__(self, *args: Any, user: Any, program: Program | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        choice: Any = self.fields["program"]
        choice.queryset = visible(user, Program.objects.order_by("code"), CHANGES)
        choice.initial = program
        for path, label in NUMBERS.items():
            now = _now(program, path)
            self.fields[path] = forms.IntegerField(
                label=label, min_value=0 if path != "protection.days" else 1, max_value=36_500, required=False, initial=now,
                help_text=f"Now {now}." if now is not None else "",
            )  # fmt: skip
        self.order_fields(["program", *NUMBERS])

    @property
    def number_fields(self) -> list[Any]:
        """The fields of the policy's numbers."""
        return [self[path] for path in NUMBERS]

    def clean_gone(self) -> Partner | None:
        """The partner by its reference."""
        return self._by_reference(Partner, "gone")

    def clean_holder(self) -> Partner | None:
        """The same."""
        return self._by_reference(Partner, "holder")

    def clean_territory(self) -> Territory | None:
        """The rule by its reference."""
        return self._by_reference(Territory, "territory")

    def _by_reference(self, model: Any, name: str) -> Any:
        ref, program = self.cleaned_data[name].strip(), self.cleaned_data.get("program")
        if not ref or program is None:
            return None
        rows = visible(self.user, model.objects.filter(program=program), CHANGES)
        found = rows.filter(external_id=ref).order_by("pk").first()
        if found is None:
            raise forms.ValidationError(f"There is no {model._meta.verbose_name} {ref} in this program.")
        return found

    def clean(self) -> dict[str, Any]:
        """A split says what goes to the second part."""
        data: dict[str, Any] = super().clean() or {}
        values = frozenset(part.strip().upper() for part in data.get("values", "").split(",") if part.strip())
        if data.get("territory") and not values:
            self.add_error("values", "Say which part of the territory goes to somebody else.")
        data["split_values"] = values
        return data

    def supposition(self) -> Supposition:
        """What the form says."""
        data = self.cleaned_data
        numbers = {path: data[path] for path in NUMBERS if data.get(path) is not None}
        split = None
        if data.get("territory"):
            split = Split(data["territory"], data["dimension"], data["split_values"], data.get("holder"))
        return Supposition(numbers, data.get("gone"), split, data.get("most"))


def _now(program: Program | None, path: str) -> int | None:
    """The number as it is; none where the program has no live policy."""
    if program is None:
        return None
    try:
        return number_in(policy_in_force(program).row.document, path)
    except NoPolicyError:
        return None
