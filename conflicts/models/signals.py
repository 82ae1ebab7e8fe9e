"""Early warnings: what changed about a partner, a product line, a region or a claim, with the numbers behind it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row, User
from conflicts.models.reasoning import PolicyVersion
from partners.models import Account, Partner, Program


class SignalKind(models.TextChoices):
    REGISTRATION_BURST = "registration_burst", "Burst of registrations"
    TICKET_SURGE = "ticket_surge", "Support tickets rise"
    PRICE_SWING = "price_swing", "Prices swing"
    DORMANT_WAKES = "dormant_wakes", "A dormant claim wakes"
    NO_FOLLOW_UP = "no_follow_up", "A claim without follow-up"
    FISHING = "fishing", "Registrations that probe"
    UNUSUAL_PATTERN = "unusual_pattern", "An unusual pattern"


class SignalStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    SNOOZED = "snoozed", "Snoozed"
    CLOSED = "closed", "Closed"


class SignalOutcome(models.TextChoices):
    TRUE = "true", "There was something to it"
    FALSE_ALARM = "false_alarm", "A false alarm"
    GONE = "gone", "Its cause is gone"


class SignalOwner(models.TextChoices):
    PARTNER_MANAGER = "partner_manager", "Partner manager"
    CHANNEL_LEAD = "channel_lead", "Channel lead"


class Signal(Row):
    """One thing worth a look, once for as long as its cause lasts (`gone_at` empty), whatever people did about it.

    `subject` says what it is about ("partner:<id>", "line:<code>", "registration:<id>" ...). `score` is the distance of
    `observed` from `expected` in spreads; `series` are the values behind them, [[label, value]].
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    kind = models.CharField(max_length=30, choices=SignalKind.choices)
    subject = models.CharField(max_length=200)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="signals")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="signals")
    product_line = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=2, blank=True)
    unit = models.CharField(max_length=60)
    observed = models.FloatField()
    expected = models.FloatField()
    spread = models.FloatField()
    score = models.FloatField()
    threshold = models.FloatField()
    since = models.DateField()
    until = models.DateField()
    series = models.JSONField(default=list, blank=True)
    sentence = models.TextField()
    stake = models.FloatField(default=0)
    severity = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=20, choices=SignalOwner.choices)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=20, choices=SignalStatus.choices, default=SignalStatus.OPEN)
    outcome = models.CharField(max_length=20, choices=SignalOutcome.choices, blank=True)
    reason = models.TextField(blank=True)
    snoozed_until = models.DateField(null=True)
    acted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    acted_at = models.DateTimeField(null=True)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "subject"], condition=Q(gone_at__isnull=True), name="signal_once"
            ),
            models.CheckConstraint(
                condition=Q(status="closed") & ~Q(outcome="") | ~Q(status="closed") & Q(outcome=""),
                name="signal_closed_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False) | ~Q(status="snoozed"),
                name="signal_snoozed_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(gone_at__isnull=True) | Q(status="closed"), name="signal_gone_is_closed"
            ),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=3), name="signal_severity_is_1_to_3"),
        ]
        indexes = [models.Index(fields=["program", "status", "severity", "-found_at"], name="signal_list")]

    def __str__(self) -> str:
        return self.sentence
