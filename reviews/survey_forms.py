"""The one question after a decision, as a form and as a part of the pages that tell the decision."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Registration
from reviews.models import Notice, Survey
from reviews.services.surveys import SCORES, decision_told, why_no_survey


def _answers() -> list[tuple[int, str]]:
    return [(score, f"{score} · {words}") for score, words in reversed(SCORES.items())]


class SurveyForm(forms.Form):
    """How it was, and why."""

    score = forms.TypedChoiceField(
        label=_("Was this handled fairly and clearly?"), coerce=int, widget=forms.RadioSelect,
        choices=_answers,
        error_messages={"required": _("Choose one of the five answers.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("What was good, or what was not"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def survey_of(registration: Registration, told: list[Notice] | None = None) -> dict[str, Any] | None:
    """What the registration's page shows of the question: nothing before a decision, or once it is too late."""
    notice = decision_told(registration, told)
    if notice is None:
        return None
    said = Survey.objects.filter(notice=notice).first()
    sentence = why_no_survey(notice, said, timezone.now())
    if said is None and sentence:
        return None
    return {"said": said, "words": SCORES[said.score] if said else "", "open": not sentence, "form": survey_form(said)}


def survey_form(said: Survey | None) -> SurveyForm:
    return SurveyForm(initial={"score": said.score, "text": said.text} if said else None)
