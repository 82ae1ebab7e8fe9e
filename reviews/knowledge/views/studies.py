"""Studies: the search over decided cases, one of them as a study, and its lessons."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.models import ProductLine, Tier
from partners.permissions import get_or_404
from partners.places import place_choices
from partners.services import NotPossibleError, StaleRowError
from reviews import desk
from reviews.desk.material import gather
from reviews.desk.studies import studies_page, study_page
from reviews.knowledge.forms import ChangedLessonForm, LessonForm
from reviews.models import Lesson, OverrideReason, Study
from reviews.permissions import NotAllowedError
from reviews.playbooks import STANDARD_PLAYS
from reviews.services.studies import change_lesson, write_lesson
from reviews.views import DeskView

REFUSED: dict[type[Exception], int] = {NotPossibleError: 400, StaleRowError: 409, NotAllowedError: 403}
OUTCOMES = (
    ("award", "Awarded to one"), ("split", "Split"), ("co_sell", "Co-sell"), ("direct_retained", "Kept by direct"),
    ("reject_all", "All rejected"),
)  # fmt: skip


class StudiesView(DeskView):
    """Decided cases by words, kind, outcome, place, product, reason of an override, tier and date."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        page = studies_page(self.user, request.GET)
        program = page.program.program
        asked = request.GET.copy()
        asked.pop("before", None)
        context = {
            "page": page, "program": program, "chosen": page.program, "asked": asked.urlencode(),
            "kinds": [(kind, play.title) for kind, play in STANDARD_PLAYS.items()],
            "outcomes": OUTCOMES, "reasons": OverrideReason.choices, "places": place_choices(),
            "products": ProductLine.objects.filter(program=program).order_by("name", "code").values_list("code", "name"),
            "tiers": Tier.objects.filter(program=program).order_by("rank", "code").values_list("code", "name"),
        }  # fmt: skip
        return render(request, "reviews/studies.html", context)


class StudyView(DeskView):
    """One decided case as a study."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What was at stake, what spoke for whom, what was decided and why, what came of it."""
        return self._page(self._study(pk), LessonForm(auto_id="lesson_%s"))

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Keep a lesson, or put one in other words (its id comes along)."""
        study = self._study(pk)
        changing = bool(request.POST.get("lesson"))
        form = (
            ChangedLessonForm(request.POST, auto_id="lesson_%s")
            if changing
            else LessonForm(request.POST, auto_id="lesson_%s")
        )
        if not form.is_valid():
            return self._page(study, form, status=400)
        said = form.cleaned_data
        try:
            with transaction.atomic():
                words: dict[str, Any] = {
                    "text": said["text"],
                    "tags": said["tags"],
                    "by": self.user,
                    "at": timezone.now(),
                }
                if changing:
                    own = Lesson.objects.filter(case=study.case_id)
                    lesson = get_or_404(self.user, own, "view_desk", pk=request.POST["lesson"])
                    change_lesson(lesson=lesson, seen_version=said["seen_version"], **words)
                else:
                    write_lesson(case=study.case, **words)
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            return self._page(self._study(pk), form, status=REFUSED[type(error)])
        messages.success(request, "The lesson is kept: this study is found by its words and tags from now on.")
        return redirect("review:study", study.pk)

    def _study(self, pk: Any) -> Study:
        rows = Study.objects.filter(case__decided_at__isnull=False)
        study = get_or_404(self.user, rows, "view_desk", pk=pk)
        study.case = desk.cases().get(pk=study.case_id)
        return study

    def _page(self, study: Study, form: LessonForm, status: int = 200) -> HttpResponse:
        page = study_page(study, gather(self.user, study.case, timezone.now()))
        context = {
            "page": page,
            "form": form,
            "program": study.case.program,
            "changing": self.request.POST.get("lesson", ""),
        }
        return render(self.request, "reviews/study.html", context, status=status)
