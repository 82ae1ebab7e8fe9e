"""Furniture of the crawl: what a partner's own people do. An invitation, a change of the rules acknowledged, an answer each."""

from django.utils import timezone

from channelconflict.scope import acting
from partners.models import MemberRole, Registration
from partners.people import invite
from partners.permissions import scope_of
from reviews.models import NoticeKind
from reviews.services.announcing import acknowledge_policy, remind_partners, send_policy_reminder
from reviews.services.surveys import answer_survey
from tests.conflicts.policy_life import rules_changed
from tests.factories import AT, Cast


def mind_their_own(cast: Cast) -> None:
    """Of both partners."""
    with cast.scope():
        summary = rules_changed(cast)
        reminder = remind_partners(program=cast.program, by=cast.olga, at=AT)
        send_policy_reminder(reminder=reminder, at=AT)
    told = (NoticeKind.APPROVED, NoticeKind.NOT_APPROVED)
    for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
        with acting(scope_of(rep)):  # staff cannot answer for them
            acknowledge_policy(partner=partner, summary=summary, by=rep, at=AT)
            rows = Registration.objects.filter(partner=partner, notices__kind__in=told).distinct()
            for row in rows.order_by("pk"):
                answer_survey(registration=row, score=4, text=f"{partner.name} heard nothing for a day.", by=rep, at=AT)
    for partner, admin in ((cast.alpha, cast.acme_admin), (cast.beta, cast.rival_admin)):
        with acting(scope_of(admin)):  # staff cannot invite
            address = f"{partner.external_id.lower()}@new.example"
            invite(partner=partner, email=address, role=MemberRole.USER, by=admin, at=timezone.now())
