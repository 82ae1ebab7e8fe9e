"""What people type about playbooks, concerns and lessons. Services check the rest."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import ProductLine, Program, Registration
from reviews.categories import CATEGORIES
from reviews.forms import SeenForm, offer
from reviews.frames import Frame
from reviews.models import ConcernOutcome
from reviews.playbooks import NAMES, Play

LONG = 5000


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def seen_again(data: Any, version: int) -> Any:
    """What was sent, with the present version: whoever sends it again has now seen what is in force."""
    typed = data.copy()
    typed["seen_version"] = str(version)
    return typed


class NoticeTemplateForm(forms.Form):
    """A program's own wording around one kind of notice."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    subject = forms.CharField(
        label="Subject", max_length=200, help_text="{subject} is the product's own subject.",
        error_messages={"required": "Write the subject, or {subject} for the product's own."},
    )  # fmt: skip
    body = forms.CharField(
        label="Text", widget=_area(16), max_length=LONG,
        help_text="An empty line ends a paragraph. A paragraph of which nothing is left falls away.",
        error_messages={"required": "Write the text, with every part of it."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why it changes", max_length=90, required=False, help_text="It stands in the history. Not needed for a preview.",
    )  # fmt: skip

    @property
    def frame(self) -> Frame:
        """The valid form as a template."""
        body = self.cleaned_data["body"].replace("\r\n", "\n").strip()
        return Frame(self.cleaned_data["subject"].strip(), body)


class PlaybookForm(forms.Form):
    """A program's own playbook: a line for each item, and two texts with names in braces."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    gather = forms.CharField(
        label="What to gather", widget=_area(7), max_length=LONG, help_text="One item a line; each can be ticked on a case.",
        error_messages={"required": "List at least one item."},
    )  # fmt: skip
    weigh = forms.CharField(
        label="What to weigh", widget=_area(5), max_length=LONG, help_text="One criterion a line.",
        error_messages={"required": "List at least one criterion."},
    )  # fmt: skip
    question = forms.CharField(
        label="Text of a question", widget=_area(7), max_length=LONG,
        help_text=f"Names that are filled in: {', '.join(f'{{{name}}}' for name in NAMES)}. A party reads it: neutral words.",
        error_messages={"required": "Write the text of a question."},
    )  # fmt: skip
    notice = forms.CharField(
        label="Text that goes with a notice", widget=_area(6), max_length=LONG,
        error_messages={"required": "Write the text that goes with a notice."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Why it changes", max_length=90, help_text="It stands in the history.",
        error_messages={"required": "Say in a few words why it changes."},
    )  # fmt: skip

    def play(self, kind: str, title: str) -> Play:
        """The valid form as a playbook."""
        said = self.cleaned_data
        return Play(
            kind, title, _lines(said["gather"]), _lines(said["weigh"]), _text(said["question"]), _text(said["notice"])
        )

    @staticmethod
    def of(play: Play, version: int) -> dict[str, Any]:
        """What the form shows first."""
        return {"seen_version": version, "gather": "\n".join(play.gather), "weigh": "\n".join(play.weigh),
                "question": play.question, "notice": play.notice}  # fmt: skip


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for raw in text.splitlines() if (line := " ".join(raw.split())))


def _text(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text).strip()


class CategoryForm(forms.Form):
    """The first step: what it is about."""

    category = forms.ChoiceField(
        label=gettext_lazy("What is it about?"), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what it is about.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, for_partners: bool = False, **options: Any) -> None:
        super().__init__(data, **options)
        offer(self, "category", [(c.code, _(c.title)) for c in CATEGORIES if c.partners or not for_partners])


class ConcernForm(CategoryForm):
    """The second step, the first carried along: who, for which products, when, and what happened."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    who = forms.CharField(
        label=gettext_lazy("Whom is it about?"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("A company, a team or a person, as far as known."),
    )
    product_lines = forms.MultipleChoiceField(
        label=gettext_lazy("Products"), required=False, widget=forms.CheckboxSelectMultiple
    )
    happened_on = forms.DateField(
        label=gettext_lazy("When did it happen?"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Enter a date like 2026-11-28.")},
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("What happened?"), widget=_area(6), max_length=LONG,
        help_text=gettext_lazy("What you saw or heard yourself, and from where you know the rest."),
        error_messages={"required": gettext_lazy("Say in a few sentences what happened.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, for_partners: bool = False, **options: Any) -> None:
        super().__init__(data, for_partners=for_partners, **options)
        self.fields["category"].widget = forms.HiddenInput()


class StaffConcernForm(ConcernForm):
    """Staff name the account by its reference or its name."""

    account = forms.CharField(
        label="Account", max_length=500, help_text="Its reference, or its name as it stands on record.",
        error_messages={"required": "Name the account."},
    )  # fmt: skip
    chosen = forms.UUIDField(widget=forms.HiddenInput, required=False)  # of several accounts with one name
    field_order = ("account", "who", "product_lines", "happened_on", "text")

    def __init__(self, data: Any = None, *, program: Program, **options: Any) -> None:
        super().__init__(data, **options)
        lines = ProductLine.objects.filter(program=program).order_by("name", "code")
        offer(self, "product_lines", lines.values_list("code", "name"))


class PartnerConcernForm(ConcernForm):
    """A partner's person chooses one of their own registrations."""

    registration = forms.ChoiceField(
        label=gettext_lazy("Which registration?"),
        error_messages={"required": gettext_lazy("Choose one of your registrations.")},
    )
    field_order = ("registration", "who", "happened_on", "text")

    def __init__(self, data: Any = None, *, registrations: Iterable[Registration], **options: Any) -> None:
        super().__init__(data, for_partners=True, **options)
        del self.fields["product_lines"]
        offered = [(str(row.pk), f"{row.account_name} ({row.ref})") for row in registrations]
        offer(self, "registration", [("", _("Choose")), *offered])


class ConcernAnswerForm(SeenForm):
    """What came of a concern, and what its raiser reads."""

    outcome = forms.ChoiceField(
        label="What came of it", choices=[(o.value, o.label) for o in ConcernOutcome if o != ConcernOutcome.DECIDED],
        widget=forms.RadioSelect, error_messages={"required": "Choose what came of it."},
    )  # fmt: skip
    answer = forms.CharField(
        label="Answer", widget=_area(4), max_length=LONG,
        help_text="Whoever raised it reads this: neutral words, nothing of others.",
        error_messages={"required": "Write the answer: whoever raised it reads it."},
    )  # fmt: skip
    note = forms.CharField(
        label="Note for staff", widget=_area(2), max_length=LONG, required=False, help_text="No partner reads it."
    )


class LessonForm(forms.Form):
    """A lesson, with tags."""

    text = forms.CharField(
        label="Lesson learned", widget=_area(3), max_length=LONG,
        error_messages={"required": "Write the lesson in a sentence or two."},
    )  # fmt: skip
    tags = forms.CharField(label="Tags", max_length=400, required=False, help_text="With commas between them.")

    def clean_tags(self) -> list[str]:
        """Each tag by itself."""
        return [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class ChangedLessonForm(LessonForm):
    """A lesson in other words, and the version that was seen."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
