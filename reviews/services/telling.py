"""How a partner's people and its own system are told: each person's choice, the webhook, its secrets, its test."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.models import Partner
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row
from reviews.channel.webhooks import secret_of, why_no_address
from reviews.models import HowTold, NoticePreference, Webhook, WebhookSecret
from reviews.permissions import NotAllowedError

OVERLAP = timedelta(hours=24)  # in which the old secret of a webhook still signs


@transaction.atomic
def choose_how_told(*, partner: Partner, how: str, by: User, at: datetime) -> NoticePreference:
    """Somebody says how they want to be told what this partner is told; it counts for themselves alone."""
    if not may(by, "use_portal", partner):
        raise NotAllowedError(_("You have no access to this partner (any more)."))
    if how not in HowTold.values:
        raise NotPossibleError(_("Choose how you want to be told."))
    rows = NoticePreference.objects.select_for_update(no_key=True)
    row = rows.filter(partner=partner, user=by).first() or NoticePreference(
        program_id=partner.program_id, partner=partner, user=by
    )
    row.how, row.chosen_at = how, at
    return save_row(row, by=by, at=at, action="notices.how_chosen", facts={"how": how, "partner": partner.pk})


@transaction.atomic
def make_webhook(*, partner: Partner, url: str, by: User, at: datetime) -> str:
    """Name the address of a partner's own system; returns the secret that signs, which is never shown again."""
    _check_manages(by, partner)
    if Webhook.objects.filter(partner=partner).exists():
        raise NotPossibleError(_("There is a webhook already: load the page again to change it."))
    _check_address(url)
    webhook = Webhook(program_id=partner.program_id, partner=partner, url=url, made_at=at)
    save_row(webhook, by=by, at=at, action="webhook.made", facts={"partner": partner.pk})
    return _new_secret(webhook, by, at)


@transaction.atomic
def change_webhook(
    *, webhook: Webhook, url: str, enabled: bool, by: User, at: datetime, seen_version: int | None = None
) -> Webhook:
    """Another address, or on and off. What waits for it goes to the new one; switched off, nothing is sent."""
    webhook = _lock(webhook, by, seen_version)
    _check_address(url)
    if enabled:
        webhook.gone_at = None
    webhook.url, webhook.enabled = url, enabled
    return save_row(webhook, by=by, at=at, action="webhook.changed", facts={"enabled": enabled})


@transaction.atomic
def replace_secret(*, webhook: Webhook, at_once: bool, by: User, at: datetime, seen_version: int | None = None) -> str:
    """A new secret, shown once; the old one signs beside it for a day, or (`at_once`) not any more."""
    webhook = _lock(webhook, by, seen_version)
    for old in webhook.secrets.filter(ends_at__isnull=True) | webhook.secrets.filter(ends_at__gt=at):
        old.ends_at = at if at_once else min(old.ends_at or at + OVERLAP, at + OVERLAP)
        old.save(update_fields=["ends_at"])
    save_row(webhook, by=by, at=at, action="webhook.secret_replaced", facts={"at_once": at_once})
    return _new_secret(webhook, by, at)


@transaction.atomic
def ask_for_test(*, webhook: Webhook, by: User, at: datetime) -> Webhook:
    """Have the worker send a message without a notice, to see that the receiver gets and verifies it."""
    webhook = _lock(webhook, by, None)
    if not webhook.enabled:
        raise NotPossibleError(_("The webhook is switched off: switch it on first."))
    webhook.test_asked_at = at
    save_row(webhook, by=by, at=at, action="webhook.test_asked")
    nudge("reviews.tasks.send_notices", webhook.program_id)
    return webhook


@transaction.atomic
def switch_off_gone(*, webhook: Webhook, at: datetime) -> Webhook:
    """The receiver said that it is gone (410): nothing is sent there until somebody switches it on again."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
    webhook.enabled, webhook.gone_at, webhook.version = False, at, webhook.version + 1
    return save_row(webhook, by=None, at=at, action="webhook.gone")


def _new_secret(webhook: Webhook, by: User, at: datetime) -> str:
    row = WebhookSecret(program_id=webhook.program_id, partner_id=webhook.partner_id, webhook=webhook, made_at=at)
    return secret_of(save_row(row, by=by, at=at, action="webhook.secret_made"))


def _lock(webhook: Webhook, by: User, seen_version: int | None) -> Webhook:
    """The row, locked, one version on; refused to whoever does not manage it, and when somebody changed it meanwhile."""
    row = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("partner").get(pk=webhook.pk)
    _check_manages(by, row.partner)
    if seen_version is not None and seen_version != row.version:
        raise StaleRowError(_("Somebody changed the webhook meanwhile. Nothing was saved: look at it and try again."))
    row.version += 1
    return row


def _check_manages(by: User, partner: Partner) -> None:
    if not may(by, "manage_members", partner):
        raise NotAllowedError(_("Your company's partner admin manages the webhook."))


def _check_address(url: str) -> None:
    why_not = why_no_address(url)
    if why_not:
        raise NotPossibleError(why_not)
