"""Leads as the desk shows them: the list, and one lead with whom the rules recommend, why, and who was asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from conflicts.facts import DIRECT
from conflicts.lead_routing import Routed, route_lead
from partners.models import Lead, LeadOffer, LeadStatus, OfferStatus, Partner, PartnerStatus, ProductLine
from partners.permissions import may, visible
from partners.places import place_name
from reviews.desk.words import Chip, products_text, stamp
from reviews.services.leads import TO_BE_GIVEN

PAGE = 50
VIEWS = {
    "": ("To do", (LeadStatus.OPEN, LeadStatus.SALES_OPS)),
    "offered": ("Offered", (LeadStatus.OFFERED,)),
    "accepted": ("Accepted", (LeadStatus.ACCEPTED, LeadStatus.CONVERTED)),
    "direct": ("Direct team", (LeadStatus.DIRECT,)),
    "closed": ("Closed", (LeadStatus.CLOSED,)),
}
_CHIPS = {
    LeadStatus.OPEN: Chip("to be offered", "acc", "arrow-right"),
    LeadStatus.OFFERED: Chip("offered", "", "clock"),
    LeadStatus.ACCEPTED: Chip("accepted", "good", "check"),
    LeadStatus.SALES_OPS: Chip("with sales operations", "warn", "question"),
    LeadStatus.DIRECT: Chip("with the direct team", "", "building"),
    LeadStatus.CONVERTED: Chip("converted", "good", "check-circle"),
    LeadStatus.CLOSED: Chip("closed", "quiet", "minus"),
}
_OFFERS = {
    OfferStatus.OFFERED: Chip("waits for an answer", "", "clock"),
    OfferStatus.ACCEPTED: Chip("accepted", "good", "check"),
    OfferStatus.DECLINED: Chip("declined", "bad", "cross"),
    OfferStatus.EXPIRED: Chip("not answered in time", "warn", "clock"),
    OfferStatus.WITHDRAWN: Chip("taken back", "quiet", "undo"),
}


@dataclass(frozen=True)
class Row:
    """One lead of the list."""

    lead: Lead
    place: str
    chip: Chip
    whom: str


@dataclass(frozen=True)
class LeadsPage:
    """The list."""

    rows: list[Row]
    page: Page
    view: str
    views: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Offered:
    """One offer of a lead."""

    partner: str
    chip: Chip
    when: str
    due: str
    reason: str


@dataclass(frozen=True)
class LeadPage:
    """One lead: what is known, who it is, who is recommended and why, who was asked, what may be done."""

    lead: Lead
    chip: Chip
    place: str
    products: str
    received: str
    account: str
    routed: Routed | None
    recommended: str
    offers: list[Offered]
    choices: list[tuple[str, str]]
    why_not: str
    can_take_back: bool


def leads() -> QuerySet[Lead]:
    """The rows that the desk opens leads from."""
    offers = LeadOffer.objects.select_related("partner", "registration").order_by("-offered_at", "-pk")
    return Lead.objects.select_related("program", "account").prefetch_related(Prefetch("offers", offers))


def waiting_leads() -> QuerySet[Lead]:
    """Leads that wait for somebody at the vendor."""
    return Lead.objects.filter(status__in=(LeadStatus.OPEN, LeadStatus.SALES_OPS))


def leads_page(user: Any, view: str, words: str, page: str) -> LeadsPage:
    """One page of the leads of a view, the oldest first."""
    view = view if view in VIEWS else ""
    latest = LeadOffer.objects.filter(lead=OuterRef("pk")).order_by("-offered_at", "-pk").values("partner__name")[:1]
    rows = visible(user, Lead.objects.filter(status__in=VIEWS[view][1])).annotate(whom=Subquery(latest))
    if words:
        rows = rows.filter(Q(customer_name__icontains=words) | Q(number__istartswith=words))
    first = Case(When(status=LeadStatus.SALES_OPS, then=0), default=1)
    found = Paginator(rows.order_by(first, "received_at", "pk"), PAGE).get_page(page)
    return LeadsPage(
        rows=[_row(lead) for lead in found],
        page=found,
        view=view,
        views=[(key, label, key == view) for key, (label, _) in VIEWS.items()],
    )


def lead_page(user: Any, lead: Lead, now: datetime) -> LeadPage:
    """Everything that the page of a lead shows to `user`."""
    open_ = lead.status in TO_BE_GIVEN
    asked = [offer.partner_id for offer in lead.offers.all()]
    routed = route_lead(lead, now, without=asked) if open_ else None
    lines = dict(ProductLine.objects.filter(program=lead.program).values_list("code", "name"))
    why_not = "" if may(user, "register_deals", lead) else "Your role reads leads; it does not give them away."
    return LeadPage(
        lead=lead,
        chip=_CHIPS[LeadStatus(lead.status)],
        place=place_name(lead.country, lead.subdivision),
        products=products_text(lead.product_lines, lines),
        received=stamp(lead.received_at),
        account=_account(lead, routed),
        routed=routed,
        recommended=_name(routed),
        offers=[_offered(offer) for offer in lead.offers.all()],
        choices=choices(lead) if open_ and not why_not else [],
        why_not=why_not,
        can_take_back=lead.status == LeadStatus.OFFERED and not why_not,
    )


def choices(lead: Lead) -> list[tuple[str, str]]:
    """Whom a lead may be given to: the program's active partners, and the direct team."""
    rows = Partner.objects.filter(program=lead.program_id, status=PartnerStatus.ACTIVE).order_by("name", "pk")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")] + [(DIRECT, "Direct team")]


def _row(lead: Any) -> Row:
    return Row(
        lead=lead,
        place=place_name(lead.country, lead.subdivision),
        chip=_CHIPS[LeadStatus(lead.status)],
        whom=lead.whom or "" if lead.status in (LeadStatus.OFFERED, LeadStatus.ACCEPTED, LeadStatus.CONVERTED) else "",
    )


def _name(routed: Routed | None) -> str:
    return routed.name_of(routed.recommended.claimant) if routed and routed.recommended else ""


def _account(lead: Lead, routed: Routed | None) -> str:
    if lead.account:
        return f"{lead.account.name} ({lead.account.external_id or 'made of a registration'})"
    possible = routed.resolution.possible if routed else None
    return (
        f"perhaps {possible.name}: nobody has said so"
        if possible
        else "a new customer: no account of ours looks like it"
    )


def _offered(offer: LeadOffer) -> Offered:
    return Offered(
        partner=offer.partner.name,
        chip=_OFFERS[OfferStatus(offer.status)],
        when=stamp(offer.offered_at),
        due=stamp(offer.due_at),
        reason=offer.decline_reason or (f"registered as {offer.registration.ref}" if offer.registration else ""),
    )
