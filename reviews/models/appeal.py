"""An appeal against a decision, once a side, and its answer by somebody who had no part in the decision."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Partner, Program, Registration
from partners.models.account import direct_or_partner
from partners.models.registration import registration_number
from reviews.models.case import Case, Party
from reviews.models.decision import Decision, OverrideReason


def appeal_number() -> str:
    """A number as registrations have, with an A in front: it tells nothing of how many there are."""
    return "A" + registration_number()[1:]


class AppealGround(models.TextChoices):
    """Why a side appeals."""

    NEW_EVIDENCE = "new_evidence", _("There is new evidence")
    OVERLOOKED = "overlooked", _("Evidence that we gave was overlooked")
    FACTS_WRONG = "facts_wrong", _("The facts were wrong or out of date")
    RULE_MISAPPLIED = "rule_misapplied", _("A rule was applied wrongly")
    PROCEDURE = "procedure", _("The procedure was not followed")
    INTEREST = "interest", _("Somebody who decided had an interest")
    OTHER = "other", _("Another reason")


class AppealStatus(models.TextChoices):
    FILED = "filed", _("Received")
    OPEN = "open", _("Being looked at")
    UPHELD = "upheld", _("The decision stands")
    VARIED = "varied", _("The decision was changed in part")
    OVERTURNED = "overturned", _("The decision was overturned")


class Appeal(Row):
    """One side's appeal; it reads all of this row. `activities` are the ids of the work that it added as new evidence."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    party = models.OneToOneField(Party, on_delete=models.PROTECT, related_name="appeal")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="appeals")
    direct = models.BooleanField(default=False)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, null=True, related_name="appeals")
    number = models.CharField(max_length=20, default=appeal_number, editable=False)
    ground = models.CharField(max_length=30, choices=AppealGround.choices)
    text = models.TextField()
    activities = ArrayField(models.UUIDField(), default=list, blank=True)
    status = models.CharField(max_length=20, choices=AppealStatus.choices, default=AppealStatus.FILED)
    filed_at = models.DateTimeField()
    filed_by_id = models.UUIDField(null=True, editable=False)
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    class Meta:
        constraints = [
            direct_or_partner("appeal"),
            models.UniqueConstraint(fields=["program", "number"], name="appeal_number"),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, status__in=["filed", "open"])
                | models.Q(answered_at__isnull=False, status__in=["upheld", "varied", "overturned"]),
                name="appeal_answered_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["program"], condition=models.Q(status="filed"), name="appeal_filed"),
        ]

    def __str__(self) -> str:
        return self.number


class AppealAnswer(Row):
    """What somebody answers to all appeals of a case; for staff alone. Locked once it is settled.

    `choice` is the other outcome ({} = the decision stands). An answer that no rule recommends waits, unsettled, for a
    second person; a later answer of the same case takes its place. `told` is what the appealing sides read.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeal_answers")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20, choices=AppealStatus.choices[2:])
    choice = models.JSONField(default=dict, blank=True)
    reason_code = models.CharField(max_length=30, choices=OverrideReason.choices, blank=True)
    reasons = models.TextField()
    told = models.TextField()
    before = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appealed_by")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    role = models.CharField(max_length=30)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="OLD.settled_at IS NOT NULL")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="appeal_answer_number"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(settled_at__isnull=False), name="one_settled_answer_a_case"
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.number} to the appeals of {self.case}"
