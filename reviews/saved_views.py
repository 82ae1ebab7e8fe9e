"""Saved views of the queue: keep one, rename it, share it, delete it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from partners.models import Program
from partners.permissions import get_or_404, programs_of
from reviews import desk
from reviews.desk.saved import query_of, view_lines, views_of
from reviews.models import SavedView
from reviews.services.saved import LONGEST, change_view, delete_view, save_view
from reviews.views import REFUSALS, DeskView


class SavedViewForm(forms.Form):
    """A name, and whether colleagues see it."""

    name = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": "Give the view a name.",
            "max_length": f"Give the view a name of at most {LONGEST} characters.",
        },
    )
    shared = forms.BooleanField(required=False)


class SavedViewsView(DeskView):
    """All of them; and the door by which the queue keeps a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One's own, then those that colleagues share."""
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the filter and the order that the queue sent along."""
        form = SavedViewForm(request.POST)
        back = desk.Asked.of(request.POST).url()
        if not form.is_valid():
            messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
            return redirect(back)
        program = self._program(request.POST.get("program", ""))
        try:
            with transaction.atomic():
                view = save_view(
                    program=program, query=query_of(request.POST), by=self.user, at=timezone.now(), **form.cleaned_data
                )
        except tuple(REFUSALS) as error:
            messages.error(request, str(error))
            return redirect(back)
        messages.success(request, f"'{view.name}' stands beside the other views.")
        return redirect(back)

    def _program(self, key: str) -> Program:
        """The named program; of somebody with one program, that one."""
        if key:
            return get_or_404(self.user, Program.objects.all(), "view_desk", pk=key)
        program = Program.objects.filter(pk__in=programs_of(self.user)).order_by("name", "pk").first()
        if program is None:
            raise Http404("Not found.")
        return program

    def page(self, refused: str = "", status: int = 200) -> HttpResponse:
        """The list, with why something was refused."""
        context = {"lines": view_lines(self.user), "refused": refused}
        return render(self.request, "reviews/saved_views.html", context, status=status)


class SavedViewView(SavedViewsView):
    """One of one's own: another name, shared or not, or away with it."""

    def get(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        """Opening it is opening the queue as it keeps it."""
        view = self._view(pk)
        return redirect(f"{reverse('review:queue')}?{view.query}")

    def post(self, request: HttpRequest, pk: Any = None) -> HttpResponse:
        """Do it, or say why not."""
        view, now, form = self._view(pk), timezone.now(), SavedViewForm(request.POST)
        deleting = "delete" in request.POST
        if not deleting and not form.is_valid():
            return self.page(str(form.errors["name"][0]), status=400)
        try:
            with transaction.atomic():
                if deleting:
                    delete_view(view=view, by=self.user, at=now)
                else:
                    change_view(view=view, by=self.user, at=now, **form.cleaned_data)
        except tuple(REFUSALS) as error:
            return self.page(str(error), status=REFUSALS[type(error)])
        messages.success(request, f"'{view.name}' is deleted." if deleting else "Kept.")
        return redirect("review:saved_views")

    def _view(self, pk: Any) -> SavedView:
        return get_or_404(self.user, views_of(self.user), "view_desk", pk=pk)
