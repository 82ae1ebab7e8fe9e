"""EML: a mail with its headers; what is attached to it must itself be of an allowed form."""

import email
import email.policy
from email.message import Message

from partners.papers.refusing import RefusedFileError
from partners.papers.refusing import mark as _

MOST_PARTS = 100
DEEPEST = 3
_PLAIN = ("text/plain", "text/html", "text/calendar")
_SIGNED = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_ENDINGS = {"application/pdf": "x.pdf", "image/png": "x.png", "image/jpeg": "x.jpg"}


def mail(data: bytes, depth: int = 0) -> list[str]:
    """The flags of a mail, or why it cannot be taken."""
    from partners.papers.looking import look

    message = email.message_from_bytes(data, policy=email.policy.compat32)
    if b"\0" in data or not message["From"] or not (message["Date"] or message["Message-ID"] or message["Subject"]):
        raise RefusedFileError(_("is no mail: a From line and a date are expected at its beginning."))
    parts = list(_leaves(message, depth))
    if len(parts) > MOST_PARTS:
        raise RefusedFileError(
            _("is a mail of %(parts)s parts; %(most)s are allowed."), parts=len(parts), most=MOST_PARTS
        )
    attached = False
    for part in parts:
        kind, name = part.get_content_type(), part.get_filename() or ""
        if kind in _SIGNED or (kind in _PLAIN and not name):
            continue
        attached = True
        body = part.get_payload(decode=True)
        try:
            look(body if isinstance(body, bytes) else b"", name or _ENDINGS.get(kind, "x.txt"))
        except RefusedFileError as error:
            text = _("carries the attachment %(name)s, which %(trouble)s")
            raise RefusedFileError(text, name=name[:80] or kind, trouble=error.part) from None
    return ["attached"] if attached else []


def _leaves(message: Message, depth: int) -> list[Message]:
    """The parts that hold something, those of mails inside this one included."""
    if depth > DEEPEST:
        raise RefusedFileError(_("is a mail in a mail in a mail: send the inner one on its own."))
    found: list[Message] = []
    if message.is_multipart():
        inside = depth + (message.get_content_type() == "message/rfc822")
        for part in message.get_payload():
            if isinstance(part, Message):
                found += _leaves(part, inside)
        return found
    return [message]
