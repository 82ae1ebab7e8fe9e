"""A partner's answer to a lead that it was offered. It runs in the partner's own scope: of the lead it sees its offer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.audit import explain, record
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.models import LeadContact, LeadOffer, OfferStatus, Registration, Stage
from partners.services import NotPossibleError, submit_registration


def why_no_answer(offer: LeadOffer, at: datetime) -> str:
    """The sentence that says why an offer cannot be answered any more at `at`, or ""."""
    if offer.status == OfferStatus.ACCEPTED:
        return _("You have accepted this lead.")
    if offer.status == OfferStatus.DECLINED:
        return _("You have declined this lead.")
    if offer.status != OfferStatus.OFFERED or offer.due_at <= at:
        return _("This lead is no longer offered to you: the time to answer has passed, or it was taken back.")
    return ""


@transaction.atomic
def accept_offer(*, offer: LeadOffer, by: User, at: datetime) -> Registration:
    """Take the lead: its contact is shown from now on, and it becomes a submitted registration, prefilled."""
    offer = _open_offer(offer, at)
    _answer(offer, OfferStatus.ACCEPTED, by, at)
    contact = LeadContact.objects.get(offer=offer)
    registration = submit_registration(registration=_prefilled(offer, contact, at), by=by, at=at)
    offer.registration = registration
    offer.save(update_fields=["registration"])
    return registration


@transaction.atomic
def decline_offer(*, offer: LeadOffer, reason: str, by: User, at: datetime) -> LeadOffer:
    """Leave the lead to somebody else, with a reason for the vendor."""
    offer = _open_offer(offer, at)
    if not reason.strip():
        raise NotPossibleError(_("Say in a sentence why it is not for you: the next lead will fit better."))
    offer.decline_reason = reason.strip()
    return _answer(offer, OfferStatus.DECLINED, by, at)


def _open_offer(offer: LeadOffer, at: datetime) -> LeadOffer:
    offer = LeadOffer.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=offer.pk)
    why_not = why_no_answer(offer, at)
    if why_not:
        raise NotPossibleError(why_not)
    return offer


def _answer(offer: LeadOffer, status: OfferStatus, by: User, at: datetime) -> LeadOffer:
    """Only the answer's columns are written: the partner's role may write no others, and checks none of them."""
    offer.status, offer.answered_at, offer.answered_by_id = status, at, by.pk
    explain(offer, by=by, at=at, reason=f"offer.{status}")
    offer.save(update_fields=["status", "decline_reason", "answered_at", "answered_by_id"])
    record(action=f"offer.{status}", by=by, at=at, subject=offer, program_id=offer.program_id,
           private={"reason": offer.decline_reason} if offer.decline_reason else None)  # fmt: skip
    nudge("reviews.tasks.look_after_leads", offer.program_id)
    return offer


def _prefilled(offer: LeadOffer, contact: LeadContact, at: datetime) -> Registration:
    return Registration(
        program=offer.program, partner_id=offer.partner_id, account_name=offer.customer_name,
        account_domain=offer.customer_domain, account_country=offer.country, account_subdivision=offer.subdivision,
        account_city=offer.city, account_postal_code=offer.postal_code, contact_email=contact.contact_email,
        product_lines=offer.product_lines, currency=offer.program.currency, stage=Stage.PROSPECT,
        note=f"From lead {offer.number}. {offer.need}".strip(), created_at=at,
    )  # fmt: skip
