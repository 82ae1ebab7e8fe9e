"""What a trainee sends: an exercise of one's own, and the answer to one. Nothing of it is kept."""

from typing import Any

from django import forms

from conflicts.policy import ACTIONS
from partners.ingest.values import DIRECT
from reviews.exercise_file import Exercise
from reviews.training.answer import APPROVED, NO_CASE, Answer
from reviews.training.shelf import NO_CONFLICT, TRAINED

LARGEST = 200_000  # bytes


class OwnExerciseForm(forms.Form):
    """A file, or, from the second step on, its text as the page carried it along."""

    file = forms.FileField(
        label="Exercise file",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
        help_text=f"JSON as for run_exercise, at most {LARGEST // 1000} kB. It is played and forgotten, not stored.",
    )
    document = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    content: bytes = b""

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"].required = not (data and data.get("document"))
        self.fields["file"].error_messages["required"] = "Choose a file first."

    def clean(self) -> None:
        """One of both, and not too large: measured before anything is parsed."""
        upload = self.cleaned_data.get("file")
        if upload and upload.size > LARGEST:
            self.add_error("file", f"The file has {upload.size // 1000} kB; at most {LARGEST // 1000} kB are read.")
            return
        self.content = upload.read() if upload else self.cleaned_data.get("document", "").encode()
        if len(self.content) > LARGEST:
            self.add_error("file", f"The exercise is larger than {LARGEST // 1000} kB.")


class AnswerForm(forms.Form):
    """Which findings there are, and what becomes of each registration."""

    kinds = forms.MultipleChoiceField(
        label="Which findings are there?", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(kind, kind.replace("_", " ")) for kind in TRAINED if kind != NO_CONFLICT],
    )  # fmt: skip

    def __init__(self, data: Any = None, *, exercise: Exercise) -> None:
        super().__init__(data, auto_id="answer_%s")
        self.refs = [str(row.get("external_id")) for row in exercise.records["registrations"] if isinstance(row, dict)]
        partners = [(str(row.get("external_id")), str(row.get("name"))) for row in exercise.records["partners"] if row]
        actions = [(action, action.replace("_", " ")) for action in ACTIONS]
        for number, ref in enumerate(self.refs):
            self.fields[f"action_{number}"] = forms.ChoiceField(
                label=f"What becomes of {ref}", required=False,
                choices=[("", "–"), (APPROVED, "approved without a case"), *actions, (NO_CASE, "nothing in this run")],
            )  # fmt: skip
            self.fields[f"owner_{number}"] = forms.ChoiceField(
                label=f"Owner in the case of {ref}", required=False,
                choices=[("", "nobody"), *partners, (DIRECT, "Direct team")],
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        """One a registration: its number, what becomes of it, who owns the deal."""
        return [(ref, self[f"action_{n}"], self[f"owner_{n}"]) for n, ref in enumerate(self.refs)]

    @property
    def answer(self) -> Answer:
        """What was said; what is no choice counts as not said."""
        self.is_valid()
        said = self.cleaned_data
        outcomes = {ref: (said.get(f"action_{n}", ""), said.get(f"owner_{n}", "")) for n, ref in enumerate(self.refs)}
        return Answer(frozenset(said.get("kinds", [])), outcomes)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Everything answered so far as hidden fields."""
        pairs = [("kinds", kind) for kind in sorted(self.answer.kinds)]
        for number, said in enumerate(self.answer.outcomes.values()):
            pairs += [(f"action_{number}", said[0]), (f"owner_{number}", said[1])]
        return [(name, value) for name, value in pairs if value]
