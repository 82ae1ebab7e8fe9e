"""What a party says of how it was handled: asked once for each decision that it was told of."""

from typing import ClassVar

from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Partner, Program, Registration
from reviews.models.notice import Notice


class SurveyOutcome(models.TextChoices):
    APPROVED = "approved", "Approved"
    NOT_APPROVED = "not_approved", "Not approved"
    SHARED = "shared", "Shared"


class Survey(Row):
    """1 (not at all) to 5 (fully), and a few words, about the decision that `notice` told."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="surveys")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="surveys")
    notice = models.OneToOneField(Notice, on_delete=models.PROTECT, related_name="survey")
    outcome = models.CharField(max_length=20, choices=SurveyOutcome.choices)
    score = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    answered_by_id = models.UUIDField(editable=False)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT UPDATE", staff=PROGRAM.staff, staff_writes=""
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(score__gte=1, score__lte=5), name="survey_score_is_1_to_5")
        ]
        indexes = [models.Index(fields=["program", "answered_at"], name="survey_program_at")]

    def __str__(self) -> str:
        return f"{self.score} for {self.registration_id}"
