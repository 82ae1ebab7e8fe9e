"""What tests of sendings share: people with mail addresses, notices of any kind, and a worker that sends."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from channelconflict.scope import acting
from partners.models import MemberRole
from partners.permissions import scope_of
from reviews import sending
from reviews.channel.keeping import keep_notice
from reviews.models import Notice, NoticeKind, Sending
from reviews.services.telling import choose_how_told
from tests import factories

BODY = "Your registration is approved.\n\nDecided under rule first of policy v1."


def give_addresses(cast: Any) -> None:
    """Both reps have a mail address; Alpha has an admin too, who wants none."""
    with cast.scope():
        cast.staff["acme_admin"] = factories.rep(cast.alpha, "acme_admin", MemberRole.ADMIN)
        for user in (cast.acme_rep, cast.rival_rep, cast.acme_admin):
            user.email = f"{user.username}@example.com"
            user.save(update_fields=["email"])
    choose(cast, "portal", cast.acme_admin)


def choose(cast: Any, how: str, user: Any = None) -> None:
    """Alpha's rep (or another of Alpha's people) wants to be told so."""
    user = user or cast.acme_rep
    with acting(scope_of(user)):
        choose_how_told(partner=cast.alpha, how=how, by=user, at=timezone.now())


def told(cast: Any, kind: str = NoticeKind.APPROVED, *, partner: Any = None, **extra: Any) -> Notice:
    """A notice to a partner (Alpha unless said otherwise) of a registration of its own."""
    partner = partner or cast.alpha
    with cast.scope():
        row = factories.draft(cast, partner, external_id=f"R-{timezone.now():%f}", status="withdrawn")
        row.save()
        values = {"subject": f"Registration {row.ref} is approved", "body": BODY, "sent_at": timezone.now(), **extra}
        notice = Notice(program=cast.program, partner=partner, registration=row, kind=kind, **values)
        return keep_notice(notice)


def send(cast: Any) -> int:
    """What the worker does; returns how many sendings left."""
    return sending.send_notices(cast.program)


def sendings(cast: Any, **only: Any) -> list[Sending]:
    """The sendings as the database has them, the oldest first."""
    with cast.scope():
        return list(Sending.objects.filter(program=cast.program, **only).order_by("created_at", "pk"))


def details(cast: Any, row: Sending) -> list[str]:
    """What each try came to."""
    with cast.scope():
        return list(row.attempts.order_by("number").values_list("detail", flat=True))


def make_due(cast: Any) -> None:
    """Time passes: what waits is due."""
    with cast.scope():
        Sending.objects.filter(status="waiting").update(due_at=datetime(2026, 1, 1, tzinfo=UTC))
