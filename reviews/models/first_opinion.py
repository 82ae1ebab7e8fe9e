"""What a reviewer would have done before the recommendation showed: said once, never changed, for staff alone."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.locked import LockedModel
from channelconflict.models import Row
from conflicts.models import Recommendation
from partners.models import Partner, Program
from reviews.models.case import Case


class OpinionAction(models.TextChoices):
    """What a first opinion can be; the values are those of a decision, and one more."""

    AWARD = "award", "One gets the deal"
    SPLIT = "split", "Split"
    CO_SELL = "co_sell", "Co-sell"
    REJECT_ALL = "reject_all", "Reject all"
    UNSURE = "unsure", "Cannot tell"


class FirstOpinion(LockedModel, Row):
    """What one person said of a case, names hidden, before they saw its recommendation.

    `letter` is how the chosen claimant was called; `agreed` whether the recommendation in force said the same, None where
    one of the two named no outcome.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="first_opinions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="first_opinions")
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="first_opinions")
    action = models.CharField(max_length=30, choices=OpinionAction.choices)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="first_opinions")
    owner_direct = models.BooleanField(default=False)
    letter = models.CharField(max_length=5, blank=True)
    text = models.TextField(blank=True)
    agreed = models.BooleanField(null=True)
    said_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, staff_writes="INSERT", insert_only=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], name="first_opinion_once_a_person"),
            models.CheckConstraint(
                condition=models.Q(action="award", owner__isnull=False, owner_direct=False)
                | models.Q(action="award", owner__isnull=True, owner_direct=True)
                | (~models.Q(action="award") & models.Q(owner__isnull=True, owner_direct=False)),
                name="first_opinion_has_one_owner",
            ),
        ]
        indexes = [models.Index(fields=["program", "-said_at"], name="first_opinion_program_at")]

    def __str__(self) -> str:
        return f"first opinion of {self.user} on {self.case}"
