"""Furniture of the crawl of how partners are told: choices, webhooks with two secrets, mails and messages that failed."""

from channelconflict.scope import acting
from partners.language import choose_language
from partners.models import MemberRole
from partners.permissions import scope_of
from reviews import sending
from reviews.models import Sending, SendingStatus, Way, Webhook
from reviews.services.telling import ask_for_test, choose_how_told, make_webhook, replace_secret
from tests import factories
from tests.factories import AT, Cast


def tell_outside(cast: Cast) -> None:
    """Everybody has a mail address and chose; both partners' systems are told, and do not answer."""
    suffix = cast.acme_rep.username.removeprefix("acme_rep")
    with cast.scope():
        cast.staff["rival_admin"] = factories.rep(cast.beta, f"rival_admin{suffix}", MemberRole.ADMIN)
        for user in (cast.acme_rep, cast.acme_admin, cast.rival_rep, cast.rival_admin):
            user.email = f"{user.username}@example.com"
            user.save(update_fields=["email"])
    for partner, rep, admin in (
        (cast.alpha, cast.acme_rep, cast.acme_admin), (cast.beta, cast.rival_rep, cast.rival_admin),
    ):  # fmt: skip
        with acting(scope_of(rep)):
            choose_how_told(partner=partner, how="at_once", by=rep, at=AT)
        with acting(scope_of(admin)):
            choose_how_told(partner=partner, how="daily", by=admin, at=AT)
            choose_language(partner=partner, language="en", by=admin, at=AT)
            make_webhook(partner=partner, url="https://127.0.0.1:9/notices", by=admin, at=AT)
            webhook = Webhook.objects.get(partner=partner)
            replace_secret(webhook=webhook, at_once=False, by=admin, at=AT)
            ask_for_test(webhook=webhook, by=admin, at=AT)
    sending.send_notices(cast.program)
    with cast.scope():
        for partner in (cast.alpha, cast.beta):
            row = Sending.objects.filter(partner=partner, way=Way.WEBHOOK, tries__gt=0).first()
            row.status = SendingStatus.DEAD
            row.save(update_fields=["status"])
