"""A notice to a partner's own system, by Standard Webhooks 1.0: thin, signed, and sent to public addresses alone.

https://www.standardwebhooks.com: headers webhook-id, webhook-timestamp, webhook-signature; while a secret is being
replaced, one signature for each that is in force. 410 switches the webhook off.
"""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from channelconflict.scope import staff_of
from reviews.channel.connect import Answer, is_public, post
from reviews.channel.links import notice_url
from reviews.models import Enclosure, Sending, WebhookSecret
from reviews.writeback.errors import DeliveryError, NotNeededError

LONGEST_URL = 500


def secret_of(row: WebhookSecret) -> str:
    """The secret itself, as its receiver keeps it: derived, so that neither the database nor a backup of it has one."""
    made = hmac.new(settings.WEBHOOK_KEY.encode(), b"webhook secret " + row.pk.bytes, hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(made).decode()


def why_no_address(url: str) -> str:
    """Why an address cannot be a webhook's, in a sentence; "" = it can. Names are resolved when it is sent to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("Enter a whole address, such as https://crm.example.com/notices.")
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or not host:
        return _("Enter a whole address, such as https://crm.example.com/notices.")
    if parts.username is not None or parts.fragment or port == 0:
        return _("Leave out user names, passwords and what follows a #: the signature says who sends.")
    own = settings.WEBHOOK_LOOPBACK and host in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (own and parts.scheme == "http"):
        return _("The address must begin with https://.")
    is_ip = ":" in host or host.replace(".", "").isdigit()
    if not own and (("." not in host and not is_ip) or (is_ip and not is_public(host))):
        return _("The address must be one that the internet knows: no private, local or reserved host.")
    return ""


def signed(secrets: list[str], key: str, at: datetime, body: bytes) -> dict[str | bytes, str | bytes]:
    """The headers of one try at a message: its id, when it was sent, and a signature for each secret."""
    second = str(int(at.timestamp()))
    text = f"{key}.{second}.".encode() + body
    given = []
    for secret in secrets:
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        given.append("v1," + base64.b64encode(hmac.new(raw, text, hashlib.sha256).digest()).decode())
    return {"webhook-id": key, "webhook-timestamp": second, "webhook-signature": " ".join(given)}


def payload(sending: Sending, enclosure: Enclosure | None) -> dict[str, Any]:
    """What a receiver reads: that there is something, and where. No text and no name leaves this way."""
    if enclosure is None:
        return {"type": "notice.test", "timestamp": sending.created_at.isoformat(), "data": {}}
    notice = enclosure.notice
    return {
        "type": "notice.sent",
        "timestamp": notice.sent_at.isoformat(),
        "data": {
            "notice": str(notice.pk),
            "kind": notice.kind,
            "registration": notice.registration.ref if notice.registration else None,
            "sent_at": notice.sent_at.isoformat(),
            "url": notice_url(notice),
        },
    }


def send_to_webhook(sending: Sending) -> str:
    """One try; what the receiver's status means is in the error."""
    with staff_of(sending.program_id):
        webhook, now = sending.webhook, timezone.now()
        if webhook is None or webhook.partner_id != sending.partner_id or not webhook.enabled:
            raise NotNeededError("The webhook is switched off.")
        rows = WebhookSecret.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), webhook=webhook)
        secrets = [secret_of(row) for row in rows.order_by("-made_at", "-pk")]
        enclosure = sending.enclosures.select_related("notice__registration").first()
    body = json.dumps(payload(sending, enclosure), separators=(",", ":")).encode()
    headers = signed(secrets, f"msg_{sending.pk}", now, body)
    headers |= {"content-type": "application/json", "user-agent": "channelconflict-webhook/1", "accept": "*/*"}
    return judged(post(webhook.url, headers, body, loopback=settings.WEBHOOK_LOOPBACK), now)


def judged(answer: Answer, now: datetime) -> str:
    """What an answer comes to: the result of a try, or its error."""
    status = answer.status
    if 200 <= status < 300:
        return f"answered {status}"
    if status == 410:
        raise DeliveryError("The address answered 410: it is gone, and was switched off.", gone=True)
    if 300 <= status < 400:
        raise DeliveryError(f"The address answered {status}: redirects are not followed. Enter where it leads.")
    raise DeliveryError(f"The address answered {status}.", retry_after=waits(answer.retry_after, now))


def waits(retry_after: str, now: datetime) -> timedelta:
    """What a Retry-After header asks for, seconds or a date; nothing where it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        then = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return timedelta()
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(then - now, timedelta())
