"""Playbooks: the list of kinds, one kind with its form, a tick on a case, and a text taken into the form of a question."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.services import NotPossibleError, StaleRowError
from reviews import desk
from reviews.desk.playbooks import PlayPage, kind_rows, play_page
from reviews.desk.programs import chosen_program
from reviews.forms import AskForm
from reviews.knowledge.forms import PlaybookForm, seen_again
from reviews.models import Case
from reviews.models.playbook import LONGEST_ITEM
from reviews.permissions import NotAllowedError
from reviews.playbooks import STANDARD_PLAYS, written
from reviews.services.playbooks import change_playbook, play_for, tick_item
from reviews.views import ActView, CaseView, DeskView

REFUSED: dict[type[Exception], int] = {NotPossibleError: 400, StaleRowError: 409, NotAllowedError: 403}


class PlaybooksView(DeskView):
    """Every kind of case and its playbook."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        chosen = chosen_program(self.user, request.GET)
        context = {"rows": kind_rows(chosen.program), "chosen": chosen, "program": chosen.program}
        return render(request, "reviews/playbooks.html", context)


class PlaybookView(DeskView):
    """One kind: read it, and put it in the program's own words."""

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        """The page; `?standard` fills the form with the words that ship."""
        page = self._read(kind)
        play = STANDARD_PLAYS[kind] if "standard" in request.GET else page.play
        return self._page(kind, page, PlaybookForm(initial=PlaybookForm.of(play, page.version)))

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        """Keep the next version."""
        page, form = self._read(kind), PlaybookForm(request.POST)
        if not form.is_valid():
            return self._page(kind, page, form, status=400)
        chosen = chosen_program(self.user, request.GET)
        try:
            with transaction.atomic():
                row = change_playbook(
                    program=chosen.program, play=form.play(kind, page.play.title), reason=form.cleaned_data["reason"],
                    by=self.user, at=timezone.now(), seen_version=form.cleaned_data["seen_version"],
                )  # fmt: skip
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            stale = isinstance(error, StaleRowError)
            if stale:  # whoever sends it again has now seen what is in force
                form.data = seen_again(form.data, page.version)
            return self._page(kind, page, form, status=REFUSED[type(error)], stale=stale)
        messages.success(request, f"Kept as version {row.version}: cases of this kind show it from now on.")
        return redirect(f"{reverse('review:playbook', args=[kind])}?program={chosen.program.code}")

    def _read(self, kind: str) -> PlayPage:
        page = play_page(self.user, chosen_program(self.user, self.request.GET).program, kind)
        if page is None:
            raise Http404("Not found.")
        return page

    def _page(
        self, kind: str, page: PlayPage, form: PlaybookForm, *, status: int = 200, stale: bool = False
    ) -> HttpResponse:
        chosen = chosen_program(self.user, self.request.GET)
        opened = form.is_bound or "standard" in self.request.GET
        context = {"page": page, "form": form, "program": chosen.program, "chosen": chosen, "kind": kind,
                   "opened": opened, "stale": stale}  # fmt: skip
        return render(self.request, "reviews/playbook.html", context, status=status)


class TickForm(forms.Form):
    """One item, done or not."""

    item = forms.CharField(max_length=LONGEST_ITEM)
    done = forms.BooleanField(required=False)


class TickView(ActView):
    """Tick an item of a case's checklist, or take the tick back."""

    def form(self, case: Case) -> tuple[str, TickForm]:
        """The item as it stands on the page."""
        return "tick", TickForm(self.request.POST)

    def act(self, case: Case, form: Any) -> str:
        """Keep who says so, and when."""
        item, done = form.cleaned_data["item"], form.cleaned_data["done"]
        tick_item(case=case, item=item, done=done, by=self.user, at=timezone.now())
        return f"{'Ticked' if done else 'Not done after all'}: {item}."

    def next_url(self, case: Case) -> str:
        """Back to the checklist, unfolded."""
        return f"{reverse('review:case', args=[case.pk])}?playbook=open#playbook"


class PlaybookQuestionView(CaseView):
    """The playbook's question to one party, in the form in which it is asked: read it, change it, send it."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The case page with the form filled."""
        case = self.case(pk)
        party = next((p for p in case.parties.all() if str(p.pk) == request.GET.get("party")), None)
        if party is None or party.registration is None:
            return redirect("review:case", case.pk)
        registration, names = party.registration, dict(case.program.product_lines.values_list("code", "name"))
        text = written(play_for(case.program, case.kind)[0].question, {
            "partner": party.name, "customer": registration.account_name, "registration": registration.ref,
            "products": ", ".join(names.get(code, code) for code in registration.product_lines), "program": case.program.name,
        })  # fmt: skip
        filled = {"seen_version": case.version, "parties": [str(party.pk)], "body": text}
        form = AskForm(sides=desk.sides_of(case), initial=filled, auto_id="ask_%s")
        return self.page(case, bound={"ask": form})
