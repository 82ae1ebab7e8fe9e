"""The page that asks for a first opinion, in the place of every page of a case that would show the recommendation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from reviews.desk import last_of
from reviews.desk.first_opinion import hidden_page
from reviews.first_opinion import View, offered, read
from reviews.forms import SeenForm, SkipForm, offer
from reviews.models import Case

KEYS = 9


class KeyedRadio(forms.RadioSelect):
    """Radio buttons that the keys 1 to 9 choose."""

    def create_option(
        self, name: str, value: Any, label: int | str, selected: bool, index: int, *args: Any, **extra: Any
    ) -> dict[str, Any]:
        """With its key, and with its words for the list of keys."""
        option: dict[str, Any] = super().create_option(name, value, label, selected, index, *args, **extra)
        if index < KEYS:
            option["attrs"] |= {"data-key": str(index + 1), "title": label}
        return option


class FirstOpinionForm(SeenForm):
    """What one would do, and a sentence if one wishes."""

    view = forms.ChoiceField(
        label="What would you do?",
        widget=KeyedRadio,
        error_messages={
            "required": "Choose what you would do, or that you cannot tell.",
            "invalid_choice": "Choose one of the answers: the claimants may have changed meanwhile.",
        },
    )
    text = forms.CharField(
        label="Why, in a sentence", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, letters: Mapping[str, str], **options: Any) -> None:
        super().__init__(data, auto_id="opinion_%s", **options)
        self.letters = letters
        offer(self, "view", offered(letters))

    @property
    def said(self) -> View | None:
        """The view of the valid form."""
        return read(self.cleaned_data["view"], self.letters)


def first_opinion_page(
    request: HttpRequest, case: Case, bound: Mapping[str, forms.Form], refused: str, status: int
) -> HttpResponse:
    """The case with its names hidden and the question; of other acts' forms nothing is shown but why they were refused."""
    now = timezone.now()
    page = hidden_page(request.user, case, now)
    seen = {"seen_version": case.version}
    context = {
        "page": page,
        "form": bound.get("opinion") or FirstOpinionForm(letters=page.letters, initial=seen),
        "forms": {"skip": bound.get("skip") or SkipForm(initial=seen, auto_id="skip_%s")},
        "opened": next(iter(bound), ""),
        "refused": refused,
        "program": case.program,
        "last": last_of(request.user, now),
    }
    return render(request, "reviews/first_opinion.html", context, status=status)
