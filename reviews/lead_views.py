"""The desk's pages of leads: the list, a form for a new one, and a lead with its acts."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from conflicts.facts import DIRECT
from partners.models import Lead, Partner, ProductLine, Program
from partners.permissions import get_or_404, programs_of
from partners.places import place_choices
from partners.services import StaleRowError
from reviews.desk.leads import LeadPage, choices, lead_page, leads, leads_page
from reviews.forms import offer
from reviews.services.leads import close_lead, offer_lead, record_lead, take_offer_back
from reviews.views import REFUSALS, DeskView

REFUSED: dict[type[Exception], int] = {**REFUSALS, StaleRowError: 409}


class LeadForm(forms.ModelForm):
    """A customer who asked us."""

    place = forms.ChoiceField(label="Country and state", error_messages={"required": "Choose where the customer is."})
    product_lines = forms.MultipleChoiceField(
        label="Products",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one product."},
    )

    class Meta:
        model = Lead
        fields = ("customer_name", "customer_domain", "city", "postal_code", "industry", "employees", "need", "source",
                  "contact_name", "contact_email", "contact_phone")  # fmt: skip
        widgets = {"need": forms.Textarea(attrs={"rows": 3})}
        error_messages = {"customer_name": {"required": "Enter the customer's legal name."}}

    field_order = ("customer_name", "customer_domain", "place", "city", "postal_code", "industry", "employees",
                   "product_lines", "need", "source", "contact_name", "contact_email", "contact_phone")  # fmt: skip

    def __init__(self, data: Any = None, *, program: Program) -> None:
        super().__init__(data, auto_id="lead_%s")
        lines = ProductLine.objects.filter(program=program).order_by("name", "code")
        offer(self, "product_lines", lines.values_list("code", "name"))
        offer(self, "place", [("", "Choose"), *place_choices()])

    def apply_to(self, lead: Lead) -> Lead:
        """The lead with what was typed."""
        place = self.cleaned_data["place"]
        lead.country, lead.subdivision = place[:2], place if "-" in place else ""
        lead.product_lines = self.cleaned_data["product_lines"]
        for name in self.Meta.fields:
            setattr(lead, name, self.cleaned_data[name])
        return lead


class SeenLeadForm(forms.Form):
    """An act on a lead: the version that was seen, and a reason."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label="Why", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed for anybody but the recommended one. No partner reads it.",
    )  # fmt: skip


class OfferForm(SeenLeadForm):
    """Whom the lead is given to."""

    whom = forms.ChoiceField(label="To whom", error_messages={"required": "Choose whom it is offered to."})

    def __init__(self, data: Any = None, *, offered: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(data, auto_id="offer_%s", **options)
        offer(self, "whom", [("", "Choose"), *offered])
        self.order_fields(["whom"])


class LeadsView(DeskView):
    """Leads, those with sales operations first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        page = leads_page(self.user, request.GET.get("view", ""), words, request.GET.get("page", ""))
        may_enter = bool(programs_of(self.user, "register_deals"))
        return render(request, "reviews/leads.html", {"page": page, "words": words, "may_enter": may_enter})


class NewLeadView(DeskView):
    """A customer asked: enter it, and see whose it is."""

    def program(self) -> Program:
        """The program asked for, or the first in which the user may enter leads."""
        rows = Program.objects.filter(pk__in=programs_of(self.user, "register_deals")).order_by("code")
        wanted = self.request.GET.get("program", "")
        program = next((row for row in rows if str(row.pk) == wanted), rows.first())
        if program is None:
            raise Http404("Not found.")
        return program

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        program = self.program()
        return render(request, "reviews/lead_new.html", {"form": LeadForm(program=program), "program": program})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep it."""
        program, now = self.program(), timezone.now()
        form = LeadForm(request.POST, program=program)
        if not form.is_valid():
            return render(request, "reviews/lead_new.html", {"form": form, "program": program}, status=400)
        lead = record_lead(lead=form.apply_to(Lead(program=program, received_at=now)), by=self.user, at=now)
        messages.success(request, f"Kept as {lead.number}.")
        return redirect("review:lead", lead.pk)


class LeadView(DeskView):
    """One lead."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """What is known, who is recommended and why, and who was asked."""
        return self.page(self.lead(pk))

    def lead(self, pk: Any) -> Lead:
        """The lead, or the same 404 for one of another program and for none."""
        return get_or_404(self.request.user, leads(), "view_desk", pk=pk)

    def page(self, lead: Lead, form: forms.Form | None = None, refused: str = "", status: int = 200) -> HttpResponse:
        """The page, with a form that was refused."""
        page = lead_page(self.user, lead, timezone.now())
        blank = OfferForm(offered=page.choices, initial={"seen_version": lead.version, "whom": _recommended(page)})
        context = {
            "page": page,
            "refused": refused,
            "offer_form": form if isinstance(form, OfferForm) else blank,
            "seen": SeenLeadForm(initial={"seen_version": lead.version}, auto_id="act_%s"),
            "program": lead.program,
        }
        return render(self.request, "reviews/lead.html", context, status=status)


def _recommended(page: LeadPage) -> str:
    return page.routed.recommended.claimant if page.routed and page.routed.recommended else ""


class LeadActView(LeadView):
    """An act on a lead: one domain call, and back to the page."""

    def get(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("review:lead", self.lead(pk).pk)

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Do it, or say why not."""
        lead = self.lead(pk)
        form = self.form(lead)
        if not form.is_valid():
            return self.page(lead, form, "Nothing was done: something is missing.", 400)
        try:
            with transaction.atomic():
                done = self.act(lead, form.cleaned_data)
        except tuple(REFUSED) as error:
            return self.page(self.lead(pk), form, str(error), REFUSED[type(error)])
        messages.success(request, done)
        return redirect("review:lead", lead.pk)

    def form(self, lead: Lead) -> forms.Form:
        """The form that was sent."""
        return SeenLeadForm(self.request.POST)

    def act(self, lead: Lead, said: dict[str, Any]) -> str:
        """The one domain call; returns what was done in a sentence."""
        raise NotImplementedError


class OfferLeadView(LeadActView):
    """Offer it to a partner, or give it to the direct team."""

    def form(self, lead: Lead) -> forms.Form:
        """To whom, and why."""
        return OfferForm(self.request.POST, offered=choices(lead))

    def act(self, lead: Lead, said: dict[str, Any]) -> str:
        """Offer it."""
        partner = None if said["whom"] == DIRECT else Partner.objects.get(pk=said["whom"], program=lead.program_id)
        offer_lead(lead=lead, partner=partner, reason=said["reason"], by=self.user, at=timezone.now(),
                   seen_version=said["seen_version"])  # fmt: skip
        return f"Offered to {partner.name}." if partner else "The direct team has it."


class TakeLeadBackView(LeadActView):
    """Take an offer back."""

    def act(self, lead: Lead, said: dict[str, Any]) -> str:
        """It is to be offered again."""
        take_offer_back(
            lead=lead, reason=said["reason"], by=self.user, at=timezone.now(), seen_version=said["seen_version"]
        )
        return "The offer is taken back; the partner is told."


class CloseLeadView(LeadActView):
    """Nobody works it."""

    def act(self, lead: Lead, said: dict[str, Any]) -> str:
        """Closed, with a reason."""
        close_lead(lead=lead, reason=said["reason"], by=self.user, at=timezone.now(), seen_version=said["seen_version"])
        return "The lead is closed."
