"""How notices leave the portal: what each person wants, a partner's webhook, each sending and each try at it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_PARTNER, OF_PROGRAM, OF_USER, PARTNER, USER_ID, RowSecurity
from channelconflict.models import Row
from partners.models import Partner, Program
from reviews.models.notice import Notice

# Who manages the partner's own people manages its webhook: nobody else of the partner reads its address.
_MANAGED = (
    f"{OF_PARTNER} AND EXISTS (SELECT 1 FROM partners_partneruserpermission AS given"  # noqa: S608 (constants)
    " JOIN auth_permission AS entitled ON entitled.id = given.permission_id"
    f" WHERE given.content_object_id = partner_id AND given.user_id = {USER_ID} AND entitled.codename = 'manage_members')"
)
_OWN_OR_MANAGED = f"({OF_USER} AND {OF_PARTNER}) OR (webhook_id IS NOT NULL AND {_MANAGED})"


class HowTold(models.TextChoices):
    AT_ONCE = "at_once", _("A mail for each notice, at once")
    DAILY = "daily", _("One mail a day")
    PORTAL = "portal", _("In the portal only")


class NoticePreference(Row):
    """How one person wants to be told what a partner is told; without a row: at once."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="notice_preferences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_preferences")
    how = models.CharField(max_length=10, choices=HowTold.choices, default=HowTold.AT_ONCE)
    chosen_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(
        portal=f"{OF_USER} AND {OF_PARTNER}", portal_writes="INSERT UPDATE", staff=OF_PROGRAM, staff_writes=""
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="one_preference_a_person")]

    def __str__(self) -> str:
        return self.get_how_display()


class Webhook(Row):
    """Where a partner's own system is told. `gone_at`: it answered that it is gone (410), and was switched off."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="webhook")
    url = models.CharField("address", max_length=500)
    enabled = models.BooleanField(default=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    test_asked_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=_MANAGED, portal_writes="INSERT UPDATE", staff=PARTNER.staff)

    def __str__(self) -> str:
        return f"webhook of {self.partner}"


class WebhookSecret(Row):
    """One secret of a webhook, by its id alone: the secret itself is derived from it and our key, and stored nowhere."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="secrets")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)  # set when a newer one takes its place

    rows: ClassVar = RowSecurity(
        portal=_MANAGED, portal_writes="INSERT UPDATE", portal_columns=("ends_at",), staff=PARTNER.staff
    )

    def __str__(self) -> str:
        return f"secret of {self.webhook}"


class Way(models.TextChoices):
    MAIL = "mail", "Mail"
    DAILY = "daily", "Daily mail"
    WEBHOOK = "webhook", "Webhook"


class SendingStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Being sent"
    DELIVERED = "delivered", "Sent"
    LEFT_OUT = "left_out", "Not needed any more"
    DEAD = "dead", "Needs a person"


class Sending(Row):
    """One message to one recipient: a notice, the notices of a day, or (without any) a test of a webhook.

    Its id is the Message-ID and the webhook-id of every try; `key` makes sure that it is queued once.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sendings")
    way = models.CharField(max_length=10, choices=Way.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sendings", null=True, blank=True
    )
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="sendings", null=True, blank=True)
    key = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=20, choices=SendingStatus.choices, default=SendingStatus.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_key = models.UUIDField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(portal=_OWN_OR_MANAGED, staff=PARTNER.staff)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(status__in=["waiting", "sending"]), name="sending_due"),
            models.Index(fields=["webhook", "-created_at"], name="sending_webhook"),
            models.Index(fields=["program"], condition=models.Q(status="dead"), name="sending_dead"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(way="webhook", webhook__isnull=False, user__isnull=True)
                | (~models.Q(way="webhook") & models.Q(webhook__isnull=True, user__isnull=False)),
                name="sending_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=models.Q(status="sending", lease_until__isnull=False, lease_key__isnull=False)
                | (~models.Q(status="sending") & models.Q(lease_until__isnull=True, lease_key__isnull=True)),
                name="only_a_leased_sending_is_being_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} to {self.partner}"


class Enclosure(Row):
    """A notice in a sending. The database knows that no notice reaches one recipient twice."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="enclosures")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="enclosures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="+", null=True)

    rows: ClassVar = RowSecurity(portal=_OWN_OR_MANAGED, staff=PARTNER.staff, staff_writes="INSERT")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="a_notice_reaches_a_person_once"),
            models.UniqueConstraint(fields=["notice", "webhook"], name="a_notice_reaches_a_webhook_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice} in {self.sending}"


class SendingTry(Row):
    """One try at a sending: when it began, how it ended. The detail is ours, never the notice's text or the answer's."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=30, default="started")
    detail = models.TextField(blank=True)

    rows: ClassVar = RowSecurity(
        portal=f"{OF_PARTNER} AND EXISTS (SELECT 1 FROM reviews_sending AS mine WHERE mine.id = sending_id)",  # noqa: S608
        staff=PARTNER.staff,
    )

    class Meta:
        verbose_name_plural = "sending tries"
        constraints = [models.UniqueConstraint(fields=["sending", "number"], name="sending_try_number")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.sending}"
