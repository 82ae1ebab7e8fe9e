"""What time does to leads: loaded ones are routed, answers followed, offers end, partners are reminded. The sweep calls it.

As for protections, every row is settled in a transaction of its own that may run twice.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef

from channelconflict.scope import staff_of
from partners.models import Lead, LeadOffer, LeadStatus, OfferStatus, Program, RegistrationStatus
from reviews.one_by_one import one_by_one
from reviews.services.leads import convert_lead, expire_offer, follow_answer, remind_of_offer, route_new_lead

AT_MOST = 2_000


def look_after(program: Program, at: datetime) -> int:
    """Follow what was answered, end what was not, remind, and close what was won; returns how many rows it settled."""
    offers = LeadOffer.objects.filter(program=program)
    asked = offers.filter(status=OfferStatus.OFFERED)
    answered = offers.filter(lead=OuterRef("pk"), status__in=(OfferStatus.ACCEPTED, OfferStatus.DECLINED))
    won = offers.filter(lead=OuterRef("pk"), registration__status=RegistrationStatus.CONVERTED)
    leads = Lead.objects.filter(program=program)
    with staff_of(program.pk):
        fresh = list(leads.filter(status=LeadStatus.OPEN, version=1).order_by("received_at", "pk")[:AT_MOST])
        following = list(leads.filter(Exists(answered), status=LeadStatus.OFFERED).order_by("pk")[:AT_MOST])
        late = list(asked.filter(due_at__lte=at).order_by("due_at", "pk")[:AT_MOST])
        waiting = list(asked.filter(remind_at__lte=at, due_at__gt=at).order_by("due_at", "pk")[:AT_MOST])
        converted = list(leads.filter(Exists(won), status=LeadStatus.ACCEPTED).order_by("pk")[:AT_MOST])
    done = one_by_one(program, fresh, lambda lead: bool(route_new_lead(lead=lead, at=at)))
    done += one_by_one(program, following, lambda lead: follow_answer(lead=lead, at=at))
    done += one_by_one(program, late, lambda offer: expire_offer(offer=offer, at=at))
    done += one_by_one(program, waiting, lambda offer: remind_of_offer(offer=offer, at=at))
    return done + one_by_one(program, converted, lambda lead: bool(convert_lead(lead=lead, at=at)))
