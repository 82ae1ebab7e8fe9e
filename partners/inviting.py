"""Sending an invitation's link by mail, where mail is configured; the link is shown to the admin either way."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.models import Invitation

log = logging.getLogger(__name__)
SECONDS = 5  # a mail server that does not answer keeps nobody waiting for longer
_TEXT = gettext_lazy("""You are invited to act for %(partner)s in the partner portal of %(program)s.

Open this link within 7 days and choose a name and a password. It works once:

%(link)s

If you did not expect this, you need not do anything.
""")


def mail_is_configured() -> bool:
    """Whether mail leaves this installation. Mails that are written to files reach nobody, and a link must not lie there."""
    return not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")


def mail_invitation(invitation: Invitation, link: str) -> None:
    """Send the link. A failure is logged and nothing more: the admin has the link on the screen."""
    if not mail_is_configured():
        return
    partner = invitation.partner
    body = _TEXT % {"partner": partner.name, "program": partner.program.name, "link": link}
    try:
        send_mail(_("An invitation to the partner portal"), body, None, [invitation.email],
                  connection=get_connection(timeout=SECONDS))  # fmt: skip
    except (SMTPException, OSError):
        log.exception("invitation %s could not be mailed", invitation.pk)
