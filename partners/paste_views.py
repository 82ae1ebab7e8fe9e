"""Pasting a text: in the portal it becomes a draft that only the partner sees, at the desk a filled form."""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.forms import Claimant
from partners.models import Registration
from partners.pasted import read
from partners.pasted_form import PasteForm, about, as_form, quote_in
from partners.services import keep_pasted_text
from partners.views import PortalView, RegisterForOthersView, attempt, file, products_of, today_in, user_of


class PasteView(PortalView):
    """Paste a text or an e-mail; it becomes a draft that only the partner sees."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._page(self._form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read it, and lead to the draft."""
        paste = self._form(request.POST)
        draft = self._draft(paste) if paste.is_valid() else None
        return redirect("portal:edit", draft.pk) if draft else self._page(paste)

    def _page(self, form: PasteForm) -> HttpResponse:
        return self.page("paste", form=form, model_reads=settings.MODEL_READS_TEXTS)

    def _draft(self, paste: PasteForm) -> Registration | None:
        sent = paste.cleaned_data
        partner = next(p for p in self.partners if str(p.pk) == sent["claimant"])
        products, today = products_of(partner.program), today_in(partner.program)
        found = read(sent["text"], about(partner.program, products, [partner], today))
        named = {"account_name": sent["account_name"]} if sent["account_name"] else {}
        form = as_form(found, named, program=partner.program, products=products, today=today)
        if not form.is_valid():
            paste.add_error("account_name", _("No customer's name was found in the text: enter it here."))
            return None
        new = Registration(program=partner.program, partner=partner, form_token=sent["form_token"] or uuid.uuid4())

        def keep() -> Registration:
            draft = file(form, new, self.request, keep=True)
            by, at = user_of(self.request), timezone.now()
            return keep_pasted_text(registration=draft, text=sent["text"], found=found, by=by, at=at)

        return attempt(self.request, keep, paste)

    def _form(self, data: Any = None) -> PasteForm:
        several = len({partner.program_id for partner in self.partners}) > 1
        labels = {p.pk: f"{p.name} · {p.program.name}" if several else p.name for p in self.partners}
        return PasteForm(data, claimants=[Claimant(str(p.pk), labels[p.pk], p.pk) for p in self.partners])


class PasteForOthersView(RegisterForOthersView):
    """Staff paste a text: the registration form comes filled, and is sent like any other (review:paste)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty text."""
        return self._paste(PasteForm(claimants=()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Read it and show the filled form, which goes to the usual address."""
        paste = PasteForm(request.POST, claimants=())
        if not paste.is_valid():
            return self._paste(paste)
        products, today = products_of(self.program), today_in(self.program)
        found = read(paste.cleaned_data["text"], about(self.program, products, (), today))
        good = as_form(found, {}, program=self.program, products=products, today=today)
        form = self._form()
        form.initial = {**form.initial, **good.data}
        return self._page(form, read=True, missing=quote_in(form, found.kept()), notes=found.notes)

    def _paste(self, form: PasteForm) -> HttpResponse:
        return render(
            self.request, "reviews/paste.html", {"form": form, "program": self.program, "programs": self.programs}
        )
