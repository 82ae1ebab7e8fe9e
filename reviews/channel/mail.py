"""A notice, or the notices of a day, as a mail: text and HTML, nothing loaded from anywhere, nothing counted."""

import re
import smtplib
import unicodedata
from collections.abc import Sequence
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.encoding import punycode
from django.utils.translation import ngettext, override

from channelconflict.scope import staff_of
from partners.permissions import has_portal
from reviews.channel.kinds import grouped
from reviews.channel.links import how_told_url, notice_url, public_host
from reviews.models import HowTold, Notice, NoticePreference, Sending, Way
from reviews.writeback.errors import DeliveryError, NotNeededError

LONGEST_SUBJECT = 180
_SPACES = re.compile(r"\s+")


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """A text that can stand in a header: one line, without controls, and without signs that turn its direction."""
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    line = _SPACES.sub(" ", kept).strip()
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def send_mail(sending: Sending) -> str:
    """One try at a mail, unless its reader left, or wants none any more: that is looked at now, not when it was queued."""
    with staff_of(sending.program_id):
        notices = _what_is_open(sending)
    with override(sending.partner.language):
        message = compose(sending, notices)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        code = max(codes, default=0)
        raise DeliveryError(
            f"The mail server refused the recipient ({code}).", permanent=min(codes, default=0) >= 500
        ) from None
    except smtplib.SMTPAuthenticationError:
        raise DeliveryError("The mail server did not let us sign in.") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"The mail server answered {error.smtp_code}.", permanent=error.smtp_code >= 550) from None
    except smtplib.SMTPException as error:
        raise DeliveryError(f"The mail server failed: {type(error).__name__}.") from None
    except OSError:
        raise DeliveryError("The mail server could not be reached.") from None
    except ValueError:  # a header that cannot be one: BadHeaderError, an address that is none
        raise DeliveryError("The reader's mail address is none.", permanent=True) from None
    return "sent"


def _what_is_open(sending: Sending) -> list[Notice]:
    """The notices that the mail is to tell; a sentence says why it tells nothing."""
    user, partner = sending.user, sending.partner_id
    if not has_portal(user, partner):
        raise NotNeededError("The reader has no access any more.")
    if not user.email:
        raise NotNeededError("The reader has no mail address any more.")
    if NoticePreference.objects.filter(user=user, partner=partner, how=HowTold.PORTAL).exists():
        raise NotNeededError("The reader wants no mail any more.")
    rows = Notice.objects.filter(enclosures__sending=sending, partner=partner).select_related("registration")
    if sending.way == Way.DAILY:
        rows = rows.filter(read_at__isnull=True)
    notices = list(rows.order_by("sent_at", "pk"))
    if not notices:
        raise NotNeededError("Everything in it was read in the portal.")
    return notices


def compose(sending: Sending, notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """The mail in the active language, with the same Message-ID at every try. `sending` comes with program, partner and user."""
    program, daily = sending.program, sending.way == Way.DAILY
    context: dict[str, Any] = {
        "program": one_line(program.name), "partner": one_line(sending.partner.name), "how_told": how_told_url(),
        "notice": notices[0], "url": notice_url(notices[0]), "count": len(notices),
        "groups": [(title, [(n, notice_url(n)) for n in several]) for title, several in grouped(list(notices))],
    }  # fmt: skip
    number = ngettext("%(n)s notice for %(partner)s", "%(n)s notices for %(partner)s", len(notices))
    told = {"n": len(notices), "partner": sending.partner.name}
    subject = one_line(number % told if daily else notices[0].subject)
    name = "daily" if daily else "notice"
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"emails/{name}.txt", context),
        from_email=formataddr((one_line(program.name, 120), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[sending.user.email],
        reply_to=[program.reply_to] if program.reply_to else None,
        headers={
            "Message-ID": f"<{sending.pk}@{punycode(public_host())}>",
            "List-Id": f"<notices.{program.code}.{punycode(public_host())}>",
            "List-Unsubscribe": f"<{how_told_url()}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    message.attach_alternative(render_to_string(f"emails/{name}.html", context | {"subject": subject}), "text/html")
    return message
