"""Addresses in the portal as they stand in mails and webhooks: whole, under the public address of this site."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from reviews.models import Notice


def notice_url(notice: Notice) -> str:
    """Where a notice is read."""
    return f"{settings.PUBLIC_URL}{reverse('portal:notice', args=[notice.pk])}"


def how_told_url() -> str:
    """Where somebody says how they want to be told."""
    return f"{settings.PUBLIC_URL}{reverse('portal:how_told')}"


def public_host() -> str:
    """The host of the public address: ids of mails and lists end in it."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
