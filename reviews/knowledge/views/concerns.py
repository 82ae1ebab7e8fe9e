"""Concerns at the desk: the list, the wizard of three steps, one concern, its answer, and the case that it becomes."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from partners.models import Account, Program
from partners.permissions import get_or_404, roles_in, visible
from partners.services import StaleRowError
from reviews.categories import BY_CODE, CATEGORIES
from reviews.desk.concerns import concern_page, concerns_page, similar
from reviews.desk.programs import chosen_program
from reviews.forms import SeenForm
from reviews.knowledge.forms import ConcernAnswerForm, StaffConcernForm, seen_again
from reviews.models import Concern
from reviews.raising import make_case
from reviews.services.concerns import answer_concern, raise_concern
from reviews.views import REFUSALS, DeskView

REFUSED: dict[type[Exception], int] = {**REFUSALS, StaleRowError: 409}
MOST_ACCOUNTS = 8


class ConcernsView(DeskView):
    """Concerns, those due first on top."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        page = concerns_page(self.user, request.GET, timezone.now())
        program = page.program.program
        context = {"page": page, "program": program, "chosen": page.program,
                   "may_raise": bool(roles_in(self.user, program.pk))}  # fmt: skip
        return render(request, "reviews/concerns.html", context)


class RaiseConcernView(DeskView):
    """Three steps on one address: what it is about, what happened, and what the past says before it is raised."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The first step, or the second once a category is chosen."""
        program = self.program()
        if request.GET.get("category") not in BY_CODE:
            return self._show(program, 1)
        fresh = {
            "category": request.GET["category"],
            "form_token": uuid.uuid4(),
            "account": request.GET.get("account", ""),
        }
        return self._show(program, 2, StaffConcernForm(program=program, initial=fresh))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the second step and show the third; raise it when that was confirmed."""
        program, form = self.program(), StaffConcernForm(request.POST, program=self.program())
        if not form.is_valid():
            return self._show(program, 2, form, status=400)
        if "change" in request.POST:
            return self._show(program, 2, form)
        account, choices = self._account(program, form)
        if account is None:
            return self._show(program, 2, form, status=400, choices=choices)
        if "confirm" not in request.POST:
            return self._show(program, 3, form, account=account)
        try:
            with transaction.atomic():
                concern = raise_concern(
                    concern=self._concern(program, form), account=account, by=self.user, at=timezone.now()
                )
        except tuple(REFUSED) as error:
            form.add_error(None, str(error))
            return self._show(program, 2, form, status=REFUSED[type(error)])
        messages.success(request, f"Raised as {concern.number}. A first answer is due within 48 open hours.")
        return redirect("review:concern", concern.pk)

    def program(self) -> Program:
        """The program asked for, if the user works in it."""
        program = chosen_program(self.user, self.request.GET).program
        if not roles_in(self.user, program.pk):
            raise Http404("Not found.")
        return program

    def _account(self, program: Program, form: StaffConcernForm) -> tuple[Account | None, list[Account]]:
        """The account that was named or chosen; several of one name are offered to choose from."""
        typed, chosen = form.cleaned_data["account"].strip(), form.cleaned_data["chosen"]
        rows = visible(self.user, Account.objects.filter(program=program, merged_into__isnull=True))
        found = rows.filter(pk=chosen).first() if chosen else rows.filter(external_id=typed).first()
        if found:
            return found, []
        several = list(rows.filter(name__iexact=typed).order_by("pk")[: MOST_ACCOUNTS + 1])
        if len(several) == 1:
            return several[0], []
        if several:
            form.add_error("account", "Several accounts have this name: choose the one you mean.")
            return None, several[:MOST_ACCOUNTS]
        near = list(rows.filter(name__istartswith=typed).order_by("name", "pk")[:MOST_ACCOUNTS]) if typed else []
        if len(near) == 1:
            return near[0], []
        form.add_error(
            "account", "No account has this reference or name." if not near else "Which of these do you mean?"
        )
        return None, near

    def _concern(self, program: Program, form: StaffConcernForm) -> Concern:
        said = form.cleaned_data
        return Concern(
            program=program, category=said["category"], who=said["who"].strip(), text=said["text"],
            product_lines=said["product_lines"], happened_on=said["happened_on"], form_token=said["form_token"],
        )  # fmt: skip

    def _show(
        self, program: Program, step: int, form: forms.Form | None = None, *, account: Account | None = None,
        choices: list[Account] | None = None, status: int = 200,
    ) -> HttpResponse:  # fmt: skip
        context: dict[str, Any] = {"program": program, "step": step, "form": form, "categories": CATEGORIES,
                                   "account": account, "choices": choices or []}  # fmt: skip
        if step > 1 and form is not None:
            code = form["category"].value()
            context["category"] = BY_CODE.get(code)
        if step == 3 and form is not None:
            said = form.cleaned_data
            context["similar"] = similar(self.user, program, said["category"], account, said["product_lines"])
            context["said"] = said
        return render(self.request, "reviews/concern_new.html", context, status=status)


class ConcernView(DeskView):
    """One concern: what was raised, what is like it, and what is to do."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """The page."""
        return self.page(self.concern(pk))

    def concern(self, pk: Any) -> Concern:
        """The concern, or the same 404 for one of another program and for none."""
        rows = Concern.objects.select_related("program", "partner", "registration")
        return get_or_404(self.request.user, rows, "view_desk", pk=pk)

    def page(
        self, concern: Concern, form: forms.Form | None = None, refused: str = "", status: int = 200
    ) -> HttpResponse:
        """The page, with a form that was refused."""
        seen = {"seen_version": concern.version}
        typed = isinstance(form, ConcernAnswerForm)
        if typed and refused and form is not None and form.is_bound:
            form.data = seen_again(form.data, concern.version)
        context = {
            "page": concern_page(self.user, concern, timezone.now()), "refused": refused, "program": concern.program,
            "form": form if typed else ConcernAnswerForm(initial=seen, auto_id="answer_%s"), "typed": typed,
            "seen": SeenForm(initial=seen, auto_id="case_%s"),
        }  # fmt: skip
        return render(self.request, "reviews/concern.html", context, status=status)


class ConcernActView(ConcernView):
    """An act on a concern: one domain call, and on."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("review:concern", self.concern(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, or say why not."""
        concern, form = self.concern(pk), self.form()
        if not form.is_valid():
            return self.page(concern, form, status=400)
        try:
            with transaction.atomic():
                return self.act(concern, form.cleaned_data)
        except tuple(REFUSED) as error:
            return self.page(self.concern(pk), form, str(error), REFUSED[type(error)])

    def form(self) -> forms.Form:
        """The form that was sent."""
        return SeenForm(self.request.POST)

    def act(self, concern: Concern, said: dict[str, Any]) -> HttpResponse:
        """The one domain call."""
        raise NotImplementedError


class AnswerConcernView(ConcernActView):
    """Answer it and close it."""

    def form(self) -> forms.Form:
        """What came of it, and the answer."""
        return ConcernAnswerForm(self.request.POST, auto_id="answer_%s")

    def act(self, concern: Concern, said: dict[str, Any]) -> HttpResponse:
        """Kept; whoever raised it is told."""
        answer_concern(
            concern=concern, outcome=said["outcome"], answer=said["answer"], note=said["note"], by=self.user,
            at=timezone.now(), seen_version=said["seen_version"],
        )  # fmt: skip
        messages.success(self.request, f"{concern.number} is answered and closed.")
        return redirect("review:concern", concern.pk)


class MakeCaseView(ConcernActView):
    """Decide it as a case."""

    def act(self, concern: Concern, said: dict[str, Any]) -> HttpResponse:
        """On to the case."""
        case = make_case(concern=concern, by=self.user, at=timezone.now(), seen_version=said["seen_version"])
        messages.success(
            self.request, f"{concern.number} is decided as {case.ref}; whoever raised it is told that we look at it."
        )
        return redirect("review:case", case.pk)
