"""Leads at the vendor's side: entering one, offering it to one partner at a time, and what follows an answer or none."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from conflicts.facts import DIRECT
from conflicts.lead_routing import Routed, route_lead
from partners.models import Lead, LeadContact, LeadOffer, LeadStatus, OfferStatus, Partner, PartnerStatus
from partners.models.lead import CONTACT, FACTS
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row
from reviews import notices
from reviews.models import NoticeKind
from reviews.permissions import NotAllowedError
from reviews.services.frames import put_notice
from reviews.text import Text

TO_BE_GIVEN = (LeadStatus.OPEN, LeadStatus.SALES_OPS, LeadStatus.DIRECT)
REMINDED_AT = 0.75  # of the open hours of an offer


@transaction.atomic
def record_lead(*, lead: Lead, by: User | None, at: datetime) -> Lead:
    """Keep a new lead and say whose it is: with nobody to offer it to, or several alike, sales operations have it."""
    _check_may(by, lead)
    lead.created_by_id = by.pk if by else None
    lead = save_row(lead, by=by, at=at, action="lead.recorded", facts={"number": lead.number})
    return route_new_lead(lead=lead, at=at)


@transaction.atomic
def route_new_lead(*, lead: Lead, at: datetime) -> Lead:
    """Say who the customer is and whose the lead is; one that came by a file waits for the sweep to do so."""
    routed = route_lead(lead, at)
    lead.account = routed.resolution.same
    return _put(lead, _whereabouts(routed), _why(routed), None, at)


@transaction.atomic
def offer_lead(
    *, lead: Lead, partner: Partner | None, reason: str, by: User | None, at: datetime, seen_version: int | None = None
) -> Lead:
    """Offer a lead to a partner until the program's open hours have passed; None = the direct team takes it.

    Whom else than the recommended one needs a reason; the partner never reads it.
    """
    lead = _locked(lead, by, seen_version)
    _check_status(lead, TO_BE_GIVEN, "offered")
    routed = route_lead(lead, at, without=_asked(lead))
    claimant = str(partner.pk) if partner else DIRECT
    recommended = routed.recommended.claimant if routed.recommended else ""
    if claimant != recommended and not reason.strip():
        raise NotPossibleError("This is not whom the rules recommend: say in a sentence why.")
    if partner is None:
        return _put(lead, LeadStatus.DIRECT, reason.strip(), by, at, action="lead.given_to_direct")
    if partner.program_id != lead.program_id or partner.status != PartnerStatus.ACTIVE:
        raise NotPossibleError(f"{partner.name} is not active in this program.")
    _offer(lead, partner, by, at)
    return _put(lead, LeadStatus.OFFERED, reason.strip(), by, at, action="lead.offered")


@transaction.atomic
def take_offer_back(*, lead: Lead, reason: str, by: User, at: datetime, seen_version: int) -> Lead:
    """The offer ends without an answer; the lead is to be offered again."""
    lead = _locked(lead, by, seen_version)
    offer = lead.offers.select_for_update(no_key=True).filter(status=OfferStatus.OFFERED).first()
    if offer is None:
        raise NotPossibleError("This lead is offered to nobody now.")
    _end(offer, OfferStatus.WITHDRAWN, by, at)
    return _put(lead, LeadStatus.OPEN, reason.strip(), by, at, action="lead.offer_taken_back")


@transaction.atomic
def close_lead(*, lead: Lead, reason: str, by: User, at: datetime, seen_version: int) -> Lead:
    """Nobody works it: the customer is gone, or it was none."""
    lead = _locked(lead, by, seen_version)
    _check_status(lead, TO_BE_GIVEN, "closed")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why nobody works it.")
    return _put(lead, LeadStatus.CLOSED, reason.strip(), by, at, action="lead.closed")


@transaction.atomic
def expire_offer(*, offer: LeadOffer, at: datetime) -> bool:
    """An offer that nobody answered in time ends, and the lead goes on; says whether it did."""
    lead = Lead.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=offer.lead_id)
    offer = LeadOffer.objects.select_for_update(no_key=True, of=("self",)).select_related("partner").get(pk=offer.pk)
    if offer.status != OfferStatus.OFFERED or offer.due_at > at:
        return False
    _end(offer, OfferStatus.EXPIRED, None, at)
    _go_on(lead, f"{offer.partner.name} did not answer in time.", at)
    return True


@transaction.atomic
def follow_answer(*, lead: Lead, at: datetime) -> bool:
    """What a partner answered in its own scope is taken over: accepted, or on to the next one."""
    lead = Lead.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=lead.pk)
    offer = lead.offers.select_related("partner").order_by("-offered_at", "-pk").first()
    if lead.status != LeadStatus.OFFERED or offer is None:
        return False
    if offer.status == OfferStatus.ACCEPTED:
        _put(lead, LeadStatus.ACCEPTED, f"{offer.partner.name} accepted.", None, at, action="lead.accepted")
    elif offer.status == OfferStatus.DECLINED:
        _go_on(lead, f"{offer.partner.name} declined: {offer.decline_reason}", at)
    return offer.status != OfferStatus.OFFERED


@transaction.atomic
def convert_lead(*, lead: Lead, at: datetime) -> Lead:
    """The deal that the lead became was won."""
    return _put(lead, LeadStatus.CONVERTED, lead.note, None, at, action="lead.converted")


@transaction.atomic
def remind_of_offer(*, offer: LeadOffer, at: datetime) -> bool:
    """Remind a partner once that an offer waits for its answer; says whether it was due."""
    offer = LeadOffer.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=offer.pk)
    if offer.status != OfferStatus.OFFERED or offer.remind_at is None or not offer.remind_at <= at < offer.due_at:
        return False
    offer.remind_at = None
    save_row(offer, by=None, at=at, action="offer.reminded")
    _tell(offer, NoticeKind.LEAD_REMINDER, notices.lead_reminder(offer), at)
    return True


def _check_may(by: User | None, lead: Lead) -> None:
    if by is not None and not may(by, "register_deals", lead.program):
        raise NotAllowedError("Your role reads leads; it does not give them away.")


def _locked(lead: Lead, by: User | None, seen_version: int | None) -> Lead:
    lead = (
        Lead.objects.select_for_update(no_key=True, of=("self",)).select_related("program", "account").get(pk=lead.pk)
    )
    _check_may(by, lead)
    if seen_version is not None and lead.version != seen_version:
        raise StaleRowError(
            f"{lead.number} changed while you were looking at it (version {lead.version}, you saw {seen_version}). "
            "Nothing was saved: look at it again."
        )
    return lead


def _check_status(lead: Lead, allowed: tuple[LeadStatus, ...], act: str) -> None:
    if lead.status not in allowed:
        raise NotPossibleError(f"This lead is {lead.get_status_display().lower()}: it cannot be {act} now.")


def _put(lead: Lead, status: str, note: str, by: User | None, at: datetime, action: str = "lead.routed") -> Lead:
    lead.status, lead.note, lead.version = status, note, lead.version + 1
    return save_row(lead, by=by, at=at, action=action, facts={"status": status, "version": lead.version})


def _asked(lead: Lead) -> list:
    return list(lead.offers.values_list("partner_id", flat=True))


def _whereabouts(routed: Routed) -> LeadStatus:
    return LeadStatus.OPEN if routed.recommended else LeadStatus.SALES_OPS


def _why(routed: Routed) -> str:
    if routed.recommended:
        return ""
    several = "Several are entitled alike: a person says who gets it."
    return several if routed.tie else "No rule and no owner covers it."


def _offer(lead: Lead, partner: Partner, by: User | None, at: datetime) -> LeadOffer:
    calendar, hours = lead.program.calendar, lead.program.lead_offer_hours
    offer = LeadOffer(
        program_id=lead.program_id, partner=partner, lead=lead, offered_at=at,
        due_at=calendar.add_hours(at, hours), remind_at=calendar.add_hours(at, hours * REMINDED_AT),
        **{name: getattr(lead, name) for name in FACTS},
    )  # fmt: skip
    save_row(offer, by=by, at=at, action="offer.made", facts={"lead": lead.pk, "due": offer.due_at})
    contact = LeadContact(
        program_id=lead.program_id, partner=partner, offer=offer, **{name: getattr(lead, name) for name in CONTACT}
    )
    save_row(contact, by=by, at=at, action="offer.contact_kept")
    _tell(offer, NoticeKind.LEAD_OFFERED, notices.lead_offered(offer), at)
    return offer


def _end(offer: LeadOffer, status: OfferStatus, by: User | None, at: datetime) -> None:
    offer.status, offer.answered_at, offer.remind_at = status, at, None
    save_row(offer, by=by, at=at, action=f"offer.{status}")
    _tell(offer, NoticeKind.LEAD_GONE, notices.lead_gone(offer), at)


def _go_on(lead: Lead, note: str, at: datetime) -> None:
    """To the next candidate that was not asked yet, else to sales operations: never to nobody."""
    routed = route_lead(lead, at, without=_asked(lead))
    following = routed.recommended
    if following is None:
        _put(lead, LeadStatus.SALES_OPS, f"{note} {_why(routed)}", None, at)
    elif following.claimant == DIRECT:
        _put(lead, LeadStatus.DIRECT, f"{note} Next: the direct team. {following.reason}", None, at)
    else:
        _offer(lead, Partner.objects.get(pk=following.claimant), None, at)
        _put(lead, LeadStatus.OFFERED, f"{note} Next: {routed.name_of(following.claimant)}. {following.reason}", None, at,
             action="lead.offered")  # fmt: skip


def _tell(offer: LeadOffer, kind: NoticeKind, text: Text, at: datetime) -> None:
    put_notice(program_id=offer.program_id, partner_id=offer.partner_id, kind=kind, text=text, at=at, offer=offer)
