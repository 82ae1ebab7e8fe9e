"""The training pages: the library, and an exercise step by step. Nothing that is typed or uploaded here is kept."""

from collections import Counter
from typing import Any

from django import forms
from django.db import DataError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners.permissions import visible
from reviews.exercise_file import BadExerciseError, Exercise, read_text
from reviews.models import Case
from reviews.training import seen, shelf
from reviews.training.forms import AnswerForm, OwnExerciseForm
from reviews.training.steps import page_of
from reviews.views import DeskView

MOST_RECORDS = 500


class TrainingView(DeskView):
    """The library, what is decided most in one's programs, and a form for an exercise of one's own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of it, or what trains one kind."""
        return self.page()

    def page(self, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
        """The page, with an upload that was refused."""
        kind, entries = self.request.GET.get("kind", ""), list(shelf.library().values())
        trained = Counter(k for entry in entries for k in entry.kinds)
        kind = kind if kind in trained else ""
        context = {
            "entries": [entry for entry in entries if not kind or kind in entry.kinds],
            "kinds": [(k, k.replace("_", " "), trained[k]) for k in shelf.TRAINED if trained[k]],
            "kind": kind,
            "kind_text": kind.replace("_", " "),
            "decided": decided_most(self.user, trained),
            "form": form or OwnExerciseForm(),
        }
        return render(self.request, "reviews/training.html", context, status=status)


class ExerciseView(DeskView):
    """An exercise of the library, step by step."""

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """One step; what the trainee has answered goes along in the address."""
        if name not in shelf.library():
            raise Http404("Not found.")
        exercise = shelf.exercise(name)
        page = page_of(exercise, seen.of_library(name), AnswerForm(request.GET, exercise=exercise))
        return render(request, "reviews/exercise.html", {"page": page, "entry": shelf.library()[name]})


class OwnExerciseView(TrainingView):
    """An exercise of one's own: it goes along from step to step in the page, and is kept nowhere."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("review:training")

    def post(self, request: HttpRequest) -> HttpResponse:
        """One step of it, or what is wrong with it in sentences."""
        form = OwnExerciseForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            exercise = readable(form.content)
            found = seen.look(exercise)
        except BadExerciseError as error:
            form.add_error("file", [forms.ValidationError(line) for line in str(error).splitlines()[:10]])
            return self.page(form, status=400)
        except (DataError, OverflowError):
            form.add_error("file", "A number or a date of its records is larger than any record can hold.")
            return self.page(form, status=400)
        page = page_of(exercise, found, AnswerForm(request.POST, exercise=exercise))
        context = {"page": page, "entry": shelf.entry_of(exercise), "document": form.content.decode("utf-8-sig")}
        return render(request, "reviews/exercise.html", context)


def readable(content: bytes) -> Exercise:
    """The exercise, refused when it holds more records than a page can play in a moment."""
    exercise = read_text(content)
    number = sum(len(rows) for rows in exercise.records.values())
    if number > MOST_RECORDS:
        raise BadExerciseError(f"It holds {number} records; here are at most {MOST_RECORDS} played at once.")
    return exercise


def decided_most(user: Any, trained: Counter[str]) -> list[tuple[str, str, int, int]]:
    """The kinds of cases that were decided most in the user's programs, each with how many exercises train it."""
    decided = visible(user, Case.objects.filter(decided_at__isnull=False)).order_by().values_list("kind")
    most = decided.annotate(number=Count("pk")).order_by("-number", "kind")[:6]
    return [(kind, kind.replace("_", " "), number, trained[kind]) for kind, number in most]
