"""The registration form: empty with what is known, a draft that keeps itself, and submitting."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.completeness import Completeness, of_form
from partners.drafts import autosave_draft, check_unchanged, open_drafts, rest_of, rest_of_draft, version_of
from partners.forms import Claimant, RegistrationForm
from partners.hints import HINTED, Hint, Papers, hints_of, papers_of, suggested_domain
from partners.models import Partner, PastedText, Program, Registration, RegistrationStatus, TerritoryAssignment
from partners.pasted_form import quote_in
from partners.places import place_choices
from partners.services import DECISION_HOURS, StaleRowError
from partners.tracker import clock, moment
from partners.views import (
    SENT_BEFORE,
    PortalView,
    attempt,
    file,
    new_registration,
    products_of,
    sent_before,
    today_in,
    user_of,
)

SUBMITTED = gettext_lazy("This deal was submitted meanwhile, from another page: nothing more is kept here.")


class RegisterView(PortalView):
    """Register a deal: the empty form, or a draft kept for later."""

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        """The form, empty or with the draft."""
        draft = self.registration(pk) if pk else None
        if draft and draft.status != RegistrationStatus.DRAFT:
            return redirect("portal:registration", draft.pk)
        return self.form_page(self.form(draft))

    def post(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        """Keep or submit it; the same form sent again leads to the registration that it made."""
        draft = self.registration(pk, lock=True) if pk else sent_before(request)
        if draft and draft.status != RegistrationStatus.DRAFT:
            messages.info(request, str(SENT_BEFORE))
            return redirect("portal:receipt" if draft.submitted_at else "portal:registration", draft.pk)
        keep = "draft" in request.POST
        form = self.form(draft, request.POST, keep=keep)
        stale = self.why_stale(draft, form)
        if stale:
            form.add_error(None, _("%(why)s Send it once more to keep what stands here.") % {"why": stale})
        saved = attempt(request, lambda: file(form, draft, request, keep=keep), form) if form.is_valid() else None
        if saved is None:
            return self.form_page(form, stale=bool(stale))
        if keep:
            text = _("Kept as a draft: %(number)s. Only your company sees it.")
            messages.success(request, text % {"number": saved.number})
        return redirect("portal:registration" if keep else "portal:receipt", saved.pk)

    def why_stale(self, draft: Registration | None, form: RegistrationForm) -> str:
        """Why the form may not be written over the draft ("" = it may): another page wrote it meanwhile."""
        try:
            if draft:
                check_unchanged(draft, form, self.request.POST.get("seen", ""))
        except StaleRowError as error:
            return str(error)
        return ""

    def program(self, draft: Registration | None) -> Program:
        """The program of the draft, the one asked for, or the first."""
        if draft:
            return draft.program
        programs = {str(partner.program_id): partner.program for partner in self.partners}
        return programs.get(self.request.GET.get("program", ""), self.partners[0].program)

    def form(self, draft: Registration | None, data: Any = None, *, keep: bool = False) -> RegistrationForm:
        """The form for the partners that the user may register for; of a draft with all that was typed."""
        program = self.program(draft)
        own = [partner for partner in self.partners if partner.program_id == program.pk]
        self.own = [partner for partner in own if draft is None or partner.pk == draft.partner_id]
        self.lines = products_of(program)
        claimants = [] if draft else own  # a draft stays with the partner it was made for
        form = RegistrationForm(
            data,
            program=program,
            products=self.lines,
            claimants=[Claimant(str(partner.pk), partner.name, partner.pk) for partner in claimants],
            today=today_in(program),
            registration=draft,
            draft=keep,
        )
        if draft and data is None:
            form.initial.update((name, said) for name, said in rest_of_draft(draft).items() if name in form.fields)
        return form

    def form_page(self, form: RegistrationForm, *, stale: bool = False) -> HttpResponse:
        """The form beside what happens next and the partner's own rules."""
        draft = form.registration
        papers = {partner.pk: papers_of(partner, form.today) for partner in self.own}
        self.prefill(form, papers)
        self.advise(form, papers)
        pasted = PastedText.objects.filter(registration=draft).first() if draft else None
        others = {p.program.pk: p.program for p in self.partners if p.program_id != form.program.pk}
        due = form.program.calendar.add_hours(timezone.now(), DECISION_HOURS)
        return self.page(
            "register",
            form=form,
            seen=version_of(draft, rest_of_draft(draft)) if draft else "",
            autosave=reverse("portal:autosave", args=[draft.pk]) if draft else reverse("portal:autosave_new"),
            stale=stale,
            drafts=[] if draft or form.is_bound else open_drafts(self.request.user),
            completeness=of_form(form),
            missing=quote_in(form, pasted.readings) if pasted else [],
            pasted=pasted,
            due=moment(due, form.program.timezone),
            rules=[rules_of(partner, form, papers[partner.pk]) for partner in self.own],
            other_programs=[] if draft else list(others.values()),
        )

    def claimant(self, form: RegistrationForm) -> Partner | None:
        """For whom the form registers, as far as it says so."""
        chosen = str(form["claimant"].value()) if "claimant" in form.fields else ""
        return next((p for p in self.own if str(p.pk) == chosen), self.own[0] if len(self.own) == 1 else None)

    def prefill(self, form: RegistrationForm, papers: dict[Any, Papers]) -> None:
        """Fill in what is known; where it is a guess, the page says so and nothing is sent without a look."""
        partner = self.claimant(form)
        said: Any = form.data if form.is_bound else form.initial
        email, domain = (str(said.get(name) or "") for name in ("contact_email", "account_domain"))
        guess = "" if domain else suggested_domain(email)
        if guess and form.is_bound:
            data: Any = self.request.POST.copy()
            data["account_domain"] = guess
            form.data = data
            if "account_domain" in form.errors:
                text = _(
                    "%(domain)s is where your contact's mail goes. Check that it is the customer's, and send it again."
                )
                form.errors["account_domain"] = form.error_class([text % {"domain": guess}])
        elif guess:
            form.initial["account_domain"] = guess
        if form.is_bound or form.registration or partner is None:
            return
        countries = {code for _, group in place_choices() for code, _ in group}
        if partner.country in countries:
            form.initial["place"] = partner.country
        mine = papers[partner.pk]
        sold = [line.code for line in self.lines if mine.everything or line.code in mine.codes or not mine.agreement]
        if len(sold) == 1:
            form.initial["product_lines"] = sold

    def advise(self, form: RegistrationForm, papers: dict[Any, Papers]) -> dict[str, list[Hint]]:
        """Put the hints beside the fields."""
        partner = self.claimant(form)
        found = hints_of(self.request.user, partner, form, papers[partner.pk], self.lines) if partner else {}
        for name in HINTED:
            setattr(form[name], "hints", found.get(name, []))  # noqa: B010 - what a template reads
        return found


class AutosaveView(RegisterView):
    """The form keeps itself: answers in JSON what was kept, how complete it is, and the hints at its fields."""

    def get(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("portal:edit", self.registration(pk).pk) if pk else redirect("portal:register")

    def post(self, request: HttpRequest, pk: uuid.UUID | None = None) -> HttpResponse:
        """Keep what is typed as a draft, as soon as it names a customer."""
        draft = self.registration(pk, lock=True) if pk else sent_before(request)
        if draft and draft.status != RegistrationStatus.DRAFT:
            return self.refuse(str(SUBMITTED), reverse("portal:registration", args=[draft.pk]))
        form = self.form(draft, request.POST, keep=True)
        answer: dict[str, Any] = {"kept": False}
        if not {"account_name", "claimant"} & set(form.errors):
            stale = self.why_stale(draft, form)
            if stale and draft:
                return self.refuse(stale, reverse("portal:edit", args=[draft.pk]))
            at, rest, by = timezone.now(), rest_of(form), user_of(request)
            row = form.apply_to(draft or new_registration(form))
            saved = attempt(request, lambda: autosave_draft(registration=row, rest=rest, by=by, at=at), form)
            if saved is not None:
                form.registration, kept = saved, version_of(saved, rest)
                answer = {
                    "kept": True, "id": str(saved.pk), "number": saved.number, "seen": kept, "saved_at": at.isoformat(),
                    "said": _("Saved %(time)s") % {"time": clock(at, form.program.timezone)},
                    "edit": reverse("portal:edit", args=[saved.pk]),
                    "autosave": reverse("portal:autosave", args=[saved.pk]),
                }  # fmt: skip
        return JsonResponse(answer | self.beside(form))

    def refuse(self, sentence: str, url: str) -> HttpResponse:
        """Nothing was kept: why, and where the kept one stands."""
        return JsonResponse({"kept": False, "sentence": sentence, "url": url}, status=409)

    def beside(self, form: RegistrationForm) -> dict[str, Any]:
        """What stands beside the fields: as data, and as the page draws it."""
        hints = self.advise(form, {partner.pk: papers_of(partner, form.today) for partner in self.own})
        wrong = {
            name: [str(e) for e in form.errors[name]] for name in form.errors if name in HINTED and form[name].value()
        }
        done: Completeness = of_form(form)
        parts: dict[str, str] = {"completeness": render_to_string("portal/completeness.html", {"completeness": done})}
        for name in HINTED:
            said = {"hints": hints.get(name, []), "wrong": wrong.get(name, [])}
            parts[f"hints-{name}"] = render_to_string("portal/hints.html", said).strip()
        return {
            "complete": done.percent,
            "missing": [{"field": m.field, "label": m.label, "why": m.why} for m in done.missing],
            "hints": {name: wrong.get(name, []) + [h.text for h in hints.get(name, [])] for name in {*wrong, *hints}},
            "parts": parts,
        }


def rules_of(partner: Partner, form: RegistrationForm, papers: Papers) -> dict[str, Any]:
    """What a partner may register, in its own words: from its own papers alone."""
    names = form.products
    codes = sorted(papers.codes, key=lambda code: names.get(code, code))
    return {
        "partner": partner,
        "agreement": papers.agreement,
        "products": _("All products") if papers.everything else ", ".join(names.get(code, code) for code in codes),
        "territory": TerritoryAssignment.objects.filter(partner=partner).exists(),
    }
