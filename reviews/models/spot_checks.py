"""What was approved without a person, the weekly sample of it that people look at, and the alarm of too many wrong ones."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from conflicts.models import PolicyVersion
from partners.models import Partner, Program, Registration
from reviews.models.concern import Concern
from reviews.models.decision import Decision, OverrideReason

USER = settings.AUTH_USER_MODEL


class AutomaticApproval(LockedModel, Row):
    """One approval without a person: a registration against which nothing stood, or a case of low risk (`decision`).

    `facts` is what was known of the registration then; `tier` and `region` are those of that moment, for the draw.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="automatic_approvals")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, related_name="automatic_approval")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=60)
    reason = models.TextField()
    tier = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=10, blank=True)
    facts = models.JSONField()
    approved_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        indexes = [models.Index(fields=["program", "approved_at"], name="automatic_by_time")]

    def __str__(self) -> str:
        return f"{self.registration} by {self.rule}"


class SpotCheckWeek(LockedModel, Row):
    """The draw of one week (its Monday): from how many approvals, by which seed and which share. Anybody can draw again."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    week_on = models.DateField()
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    approvals = models.PositiveIntegerField()
    share_pct = models.PositiveSmallIntegerField()
    least = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "week_on"], name="one_draw_a_week")]

    def __str__(self) -> str:
        return f"week of {self.week_on:%-d %b %Y}"


class SpotCheckAnswer(models.TextChoices):
    WAITS = "", "To be looked at"
    RIGHT = "right", "Right"
    WRONG = "wrong", "Wrong"
    CANNOT_TELL = "cannot_tell", "Cannot tell"


class SpotCheck(Row):
    """One approval of a week's draw, and what somebody made of it. A wrong one has its concern, so that something follows."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    week = models.ForeignKey(SpotCheckWeek, on_delete=models.PROTECT, related_name="checks")
    approval = models.OneToOneField(AutomaticApproval, on_delete=models.PROTECT, related_name="spot_check")
    place = models.PositiveIntegerField()  # in the order of the draw
    answer = models.CharField(max_length=20, choices=SpotCheckAnswer.choices, blank=True)
    reason_code = models.CharField(max_length=30, choices=OverrideReason.choices, blank=True)
    reason_text = models.TextField(blank=True)
    answered_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    concern = models.OneToOneField(Concern, on_delete=models.PROTECT, null=True, blank=True, related_name="spot_check")
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["week", "place"], name="spot_check_place"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | models.Q(~models.Q(answer=""), answered_at__isnull=False, answered_by__isnull=False),
                name="spot_check_answered_by_whom",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="wrong")
                | models.Q(~models.Q(reason_code=""), ~models.Q(reason_text=""), concern__isnull=False),
                name="spot_check_wrong_has_reason_and_concern",
            ),
        ]
        indexes = [models.Index(fields=["program"], condition=models.Q(answer=""), name="spot_check_waits")]

    def __str__(self) -> str:
        return f"spot check of {self.approval}"


class SpotCheckAlarm(Row):
    """More approvals were wrong than the policy allows. It stops nothing: a lead says what came of it.

    While it is open its numbers follow; acknowledged, the count begins anew with later answers.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    sentence = models.TextField()
    wrong = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    wrong_pct = models.PositiveSmallIntegerField()
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program"], condition=models.Q(acknowledged_at__isnull=True), name="one_open_spot_check_alarm"
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True, reason="")
                | models.Q(~models.Q(reason=""), acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="spot_check_alarm_acknowledged_why",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
