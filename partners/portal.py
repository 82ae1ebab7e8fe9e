"""The portal pages about a protection (more time, to be told when an account is free) and about offered leads."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.forms import DeclineForm, ExtensionForm
from partners.leads import accept_offer, decline_offer, why_no_answer
from partners.models import LeadContact, LeadOffer, OfferStatus, Registration
from partners.permissions import get_or_404, visible
from partners.places import place_name
from partners.protection import ask_extension, ask_to_be_told, terms_of, why_no_extension
from partners.views import PortalView, attempt, products_of, promise, user_of

OFFERS_SHOWN = 100


class ExtendView(PortalView):
    """Ask for more days of protection, with a reason."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The form, while more time can be asked for."""
        registration = self.registration(pk)
        if why_no_extension(registration, timezone.now()):
            return redirect("portal:registration", pk)
        return self._page(registration, self._form(registration))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Send the request."""
        registration = self.registration(pk, lock=True)
        now = timezone.now()
        why_not = why_no_extension(registration, now)
        if why_not:
            messages.info(request, why_not)
            return redirect("portal:registration", pk)
        form, by = self._form(registration, request.POST), user_of(request)
        if form.is_valid() and attempt(
            request, lambda: ask_extension(registration=registration, by=by, at=now, **form.cleaned_data), form
        ):
            messages.success(request, _("Your request is sent: we answer before the protection ends."))
            return redirect("portal:registration", pk)
        return self._page(registration, form)

    def _form(self, registration: Registration, data: Any = None) -> ExtensionForm:
        terms = terms_of(registration)
        return ExtensionForm(data, most=terms.extension_days if terms else 0)

    def _page(self, registration: Registration, form: ExtensionForm) -> HttpResponse:
        return self.page("extend", registration=registration, form=form, zone=registration.program.timezone)


class TellMeView(PortalView):
    """Ask to be told when the account of a registration that was not approved may be registered again."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The button stands on the registration's page."""
        return redirect("portal:registration", self.registration(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep the wish; the answer is the same whoever else is there."""
        registration, by, at = self.registration(pk, lock=True), user_of(request), timezone.now()
        if attempt(request, lambda: ask_to_be_told(registration=registration, by=by, at=at)):
            messages.success(request, _("We tell you when the account may be registered again."))
        return redirect("portal:registration", pk)


class LeadOffersView(PortalView):
    """The leads that the partner was offered, those that wait for an answer first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        waits = Case(When(status=OfferStatus.OFFERED, then=0), default=1)
        rows = visible(request.user, LeadOffer.objects.annotate(waits=waits))
        shown = list(rows.order_by("waits", "-offered_at", "-pk")[:OFFERS_SHOWN])
        return self.page("lead_offers", offers=shown, now=timezone.now())


class LeadOfferView(PortalView):
    """One lead: what is needed to judge it, and the answer. Whom to contact is shown once it is accepted."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page."""
        return self._page(self.offer(pk), DeclineForm())

    def offer(self, pk: uuid.UUID) -> LeadOffer:
        """An own offer, or 404."""
        offer = get_or_404(self.request.user, LeadOffer.objects.select_related("program", "registration"), pk=pk)
        offer.partner = next(partner for partner in self.partners if partner.pk == offer.partner_id)
        return offer

    def _page(self, offer: LeadOffer, form: DeclineForm, status: int = 200) -> HttpResponse:
        names = {line.code: line.name for line in products_of(offer.program)}
        page = self.page(
            "lead_offer", offer=offer, form=form, zone=offer.program.timezone,
            products=[names.get(code, code) for code in offer.product_lines],
            place=place_name(offer.country, offer.subdivision),
            contact=LeadContact.objects.filter(offer=offer).first() if offer.status == OfferStatus.ACCEPTED else None,
            why_not=why_no_answer(offer, timezone.now()),
        )  # fmt: skip
        page.status_code = status
        return page


class AcceptLeadView(LeadOfferView):
    """Take the lead."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("portal:lead_offer", self.offer(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Accept; the lead is registered for the partner."""
        offer, by, at = self.offer(pk), user_of(request), timezone.now()
        made = attempt(request, lambda: accept_offer(offer=offer, by=by, at=at))
        if made:
            text = _("It is yours: registered as %(number)s. You hear from us by %(moment)s.")
            messages.success(request, text % {"number": made.number, "moment": promise(made)})
        return redirect("portal:lead_offer", offer.pk)


class DeclineLeadView(LeadOfferView):
    """Leave it to somebody else."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """It is sent, not followed."""
        return redirect("portal:lead_offer", self.offer(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Decline, with a reason."""
        offer, form, by, at = self.offer(pk), DeclineForm(request.POST), user_of(request), timezone.now()
        if not form.is_valid():
            return self._page(offer, form, 400)
        reason = form.cleaned_data["reason"]
        if attempt(request, lambda: decline_offer(offer=offer, reason=reason, by=by, at=at), form):
            messages.success(request, _("Thank you: the lead goes to somebody else."))
            return redirect("portal:lead_offers")
        return self._page(self.offer(pk), form, 409)
