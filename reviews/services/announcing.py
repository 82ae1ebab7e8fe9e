"""Changes of the rules: a partner's person acknowledges one, staff remind those who have not."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.tasks import nudge
from conflicts.models import PolicySummary
from partners.models import Partner, PartnerStatus, Program
from partners.permissions import may
from partners.services import NotPossibleError, save_row
from partners.tracker import day
from reviews.announcements import announcements, latest_announcements
from reviews.models import NoticeKind, PolicyAcknowledgement, PolicyReminder
from reviews.services.frames import templates_of, worded
from reviews.text import Text, put_off

REMIND_RIGHT = "change_rules"
PAUSE = timedelta(hours=24)  # between two reminders of one change

# One statement a language, however many partners: a notice for each that has not acknowledged. The key is a UUIDv7 as everywhere.
_TELL = """
INSERT INTO reviews_notice (id, program_id, partner_id, direct, policy_id, kind, language, subject, body, sent_at)
SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
              PLACING substring(int8send(floor(extract(epoch FROM %(at)s::timestamptz) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
       p.program_id, p.id, false, %(summary)s, %(kind)s, %(language)s,
       left(replace(%(subject)s, %(named)s, p.name), 300), replace(%(body)s, %(named)s, p.name), %(at)s
  FROM partners_partner p
 WHERE p.program_id = %(program)s AND p.status <> %(ended)s
   AND coalesce((SELECT l.language FROM partners_partnerlanguage l WHERE l.partner_id = p.id), %(first)s) = %(language)s
   AND NOT EXISTS (SELECT FROM reviews_policyacknowledgement a WHERE a.summary_id = %(summary)s AND a.partner_id = p.id)
"""


NAMED = "\ue000"  # stands for the partner's name until the statement that writes all notices puts it in


@transaction.atomic
def acknowledge_policy(*, partner: Partner, summary: PolicySummary, by: User, at: datetime) -> PolicyAcknowledgement:
    """One of a partner's people says that a change of the rules was read. Once is enough; the row is locked."""
    if not may(by, "use_portal", partner) or summary.program_id != partner.program_id:
        raise NotPossibleError(_("Only the partner's own people acknowledge this."))
    if not announcements().filter(pk=summary.pk).exists():
        raise NotPossibleError(_("Nothing changed for partners in this version: there is nothing to acknowledge."))
    row, made = PolicyAcknowledgement.objects.get_or_create(
        summary=summary, partner=partner,
        defaults={"program_id": partner.program_id, "acknowledged_at": at, "acknowledged_by_id": by.pk},
    )  # fmt: skip
    if made:
        facts = {"number": summary.number, "partner": partner.pk}
        record(action="policy.acknowledged", by=by, at=at, subject=row, program_id=row.program_id, facts=facts)
    return row


def why_no_reminder(program: Program, at: datetime) -> str:
    """The sentence that says why nobody can be reminded at `at`, or ""."""
    latest = latest_announcements({program.pk}).get(program.pk)
    if latest is None:
        return "No change of the rules was announced yet."
    last = PolicyReminder.objects.filter(summary=latest).order_by("-asked_at", "-pk").first()
    if last is not None and at < last.asked_at + PAUSE:
        return f"Partners were reminded on {day(last.asked_at, program.timezone)}: wait a day before the next reminder."
    return ""


@transaction.atomic
def remind_partners(*, program: Program, by: User, at: datetime) -> PolicyReminder:
    """Remind every partner that has not acknowledged the latest change; a worker writes the notices."""
    if not may(by, REMIND_RIGHT, program):
        raise NotPossibleError("Only people who may change the program's rules do this.")
    with connection.cursor() as cursor:  # two at once: the second finds the first one's row
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"reminders of {program.pk}"])
    if sentence := why_no_reminder(program, at):
        raise NotPossibleError(sentence)
    latest = latest_announcements({program.pk})[program.pk]
    row = PolicyReminder(program=program, summary=latest, asked_at=at, asked_by_id=by.pk)
    save_row(row, by=by, at=at, action="policy.reminder_asked", facts={"number": latest.number})
    nudge("reviews.tasks.remind_of_policy", program.pk, row.pk)
    return row


@transaction.atomic
def send_policy_reminder(*, reminder: PolicyReminder, at: datetime) -> int:
    """Write a reminder's notices, once: to whoever has not acknowledged by now. Returns how many were told."""
    rows = PolicyReminder.objects.select_for_update(no_key=True, of=("self",)).select_related("program", "summary")
    row = rows.get(pk=reminder.pk)
    if row.sent_at is not None:
        return row.sent
    own = templates_of(row.program, [NoticeKind.RULES_CHANGED])
    row.sent, row.sent_at = 0, at
    for language, _name in settings.LANGUAGES:
        with override(language), connection.cursor() as cursor:
            template = own.get((NoticeKind.RULES_CHANGED, language))
            told = worded(template, reminder_text(row.program, row.summary), NAMED, row.program.name, None)
            cursor.execute(_TELL, {
                "at": at, "summary": row.summary_id, "kind": NoticeKind.RULES_CHANGED.value, "subject": told.subject,
                "body": told.body, "named": NAMED, "program": row.program_id, "ended": PartnerStatus.ENDED.value,
                "language": language, "first": settings.LANGUAGE_CODE,
            })  # fmt: skip
            row.sent += cursor.rowcount
    save_row(row, by=None, at=at, action="policy.reminded", facts={"number": row.summary.number, "partners": row.sent})
    return row.sent


@put_off
def reminder_text(program: Program, summary: PolicySummary) -> Text:
    """What a reminder says: the same for every partner."""
    since = day(summary.live_from, program.timezone)
    changed = _("The rules by which deals are decided changed on %(day)s. This is version %(number)s.") % {
        "day": since,
        "number": summary.number,
    }
    please = _(
        "Read what changes, and say that you have read it. One of your company's people is enough. A deal is decided"
        " under the version that is in force then, whether or not you acknowledge it."
    )
    return Text(
        _("The rules changed on %(day)s: please acknowledge") % {"day": since},
        f"{changed}\n\n{please}",
    )
