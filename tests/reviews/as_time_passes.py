"""What happens to protections in tests: a deal is approved and worked, time passes, more time is asked for."""

from datetime import UTC, datetime, timedelta

from conflicts.services import policy_in_force
from partners import services
from partners.models import Extension, Registration, RegistrationStatus
from partners.protection import ask_extension
from partners.services import add_activity
from reviews import pipeline, protection
from reviews.models import Notice, NoticeKind
from reviews.services import answer_extension
from tests import factories
from tests.factories import AT

DAY = timedelta(days=1)
ENDS = AT + 90 * DAY


def approved(cast, partner, at=AT, **extra) -> Registration:
    with cast.scope():
        row = services.submit_registration(registration=factories.draft(cast, partner, **extra), by=None, at=at)
    pipeline.detect(cast.program, at)
    assert fresh(cast, row).status == RegistrationStatus.APPROVED
    return row


def fresh(cast, row):
    with cast.scope():
        return type(row).objects.select_related("program").get(pk=row.pk)


def pass_time(cast, at):
    """What the sweep does at a moment."""
    protection.look_after(cast.program, at)
    pipeline.look_again(cast.program, at)


def work(cast, row, on, kind="meeting"):
    with cast.scope():
        add_activity(
            registration=row, kind=kind, occurred_on=on, by=None, at=datetime(on.year, on.month, on.day, tzinfo=UTC)
        )


def told(cast, row=None) -> list[str]:
    with cast.scope():
        rows = Notice.objects.all() if row is None else Notice.objects.filter(registration=row)
        return [notice.kind for notice in rows.order_by("sent_at", "pk") if notice.kind != NoticeKind.APPROVED]


def asked(cast, row, at=ENDS - 10 * DAY, days=30) -> Extension:
    with cast.scope():
        return ask_extension(registration=row, days=days, reason="The board meets in June.", by=cast.acme_rep, at=at)


def answered(cast, extension, *, granted, by, at=ENDS - 9 * DAY) -> Extension:
    with cast.scope():
        rule = policy_in_force(cast.program).policy.protection
        return answer_extension(extension=extension, granted=granted, answer="Agreed.", rule=rule, by=by, at=at)
