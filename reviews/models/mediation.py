"""The stages before a binding decision: sides settle among themselves, or with a neutral facilitator.

`Mediation`, `Proposal` and `MediationEntry` are the vendor's; of them a side sees its own `MediationSide` and
`ProposalAnswer`, which carry what it is told and what it says. Nothing of the other side is in them.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_PARTNER, PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Partner, Program, Registration
from partners.models.account import direct_or_partner
from reviews.models.case import Case, Party, PartyOutcome

USER = settings.AUTH_USER_MODEL


class MediationStage(models.TextChoices):
    INFORMAL = "informal", _("Among themselves")
    MEDIATION = "mediation", _("With a facilitator")


class MediationStatus(models.TextChoices):
    OPEN = "open", "Under way"
    AGREED = "agreed", "Agreed"
    FAILED = "failed", "No agreement"
    STOPPED = "stopped", "Stopped"


class Mediation(Row):
    """One round of talks about a case: its stage, who facilitates, until when, and how it ended."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="mediations")
    stage = models.CharField(max_length=20, choices=MediationStage.choices)
    status = models.CharField(max_length=20, choices=MediationStatus.choices, default=MediationStatus.OPEN)
    facilitator = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    earlier_facilitators = ArrayField(
        models.UUIDField(), default=list, blank=True
    )  # they do not decide the case either
    body = models.TextField()  # what every side reads
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True)  # emptied once the sides were reminded
    due_at = models.DateTimeField()
    memo = models.TextField(blank=True)
    ended_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(status="open"), name="one_open_mediation_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(stage="informal", facilitator__isnull=True)
                | models.Q(stage="mediation", facilitator__isnull=False),
                name="mediation_has_a_facilitator",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", ended_at__isnull=True)
                | (~models.Q(status="open") & models.Q(ended_at__isnull=False) & ~models.Q(memo="")),
                name="mediation_is_open_or_ended_with_a_memo",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "due_at"], condition=models.Q(status="open"), name="mediation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display().lower()}: {self.case}"


class MediationSide(Row):
    """One side of a talk, as that side sees it: stage, deadline, what it is asked, what matters to it, and the end."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="talks")
    direct = models.BooleanField(default=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.PROTECT, related_name="sides")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="talks")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="talks"
    )
    account_name = models.CharField(max_length=500)  # as the side itself calls the customer
    stage = models.CharField(max_length=20, choices=MediationStage.choices)
    facilitator_name = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    due_at = models.DateTimeField()
    statement = models.TextField("what matters to you", blank=True)
    stated_at = models.DateTimeField(null=True, blank=True)
    stated_by_id = models.UUIDField(null=True, editable=False)
    result = models.CharField(max_length=20, choices=MediationStatus.choices, default=MediationStatus.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=OF_PARTNER,
        portal_writes="UPDATE",
        portal_columns=("statement", "stated_at", "stated_by_id"),
        staff=PARTNER.staff,
    )

    class Meta:
        verbose_name = "talk"
        verbose_name_plural = "talks"
        constraints = [
            direct_or_partner("talk"),
            models.UniqueConstraint(fields=["mediation", "party"], name="one_side_a_party"),
        ]
        indexes = [models.Index(fields=["partner", "-due_at"], name="talk_partner")]

    def __str__(self) -> str:
        return f"talk about {self.account_name}"

    @property
    def name(self) -> str:
        """The partner's name, or the direct team."""
        return self.partner.name if self.partner else "Direct team"


class ProposalStatus(models.TextChoices):
    OPEN = "open", "Waits for answers"
    ACCEPTED = "accepted", "Accepted by every side"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


class Proposal(Row):
    """An outcome that is put to every side: `shares` and `support` as in a decision."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    mediation = models.ForeignKey(Mediation, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=30)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals")
    owner_direct = models.BooleanField(default=False)
    support = models.JSONField(default=list, blank=True)
    shares = models.JSONField(default=dict, blank=True)
    body = models.TextField()  # what every side reads beside its own part
    status = models.CharField(max_length=20, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    made_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name_plural = "mediation proposals"
        constraints = [
            models.UniqueConstraint(fields=["mediation", "number"], name="proposal_number"),
            models.UniqueConstraint(
                fields=["mediation"], condition=models.Q(status="open"), name="one_open_proposal_a_mediation"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.number}"


class Verdict(models.TextChoices):
    NONE = "", _("Not answered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class ProposalAnswer(Row):
    """A proposal as one side sees it: its own part, and its answer."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    direct = models.BooleanField(default=False)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="answers")
    side = models.ForeignKey(MediationSide, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=20, choices=PartyOutcome.choices)
    share_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    body = models.TextField()
    made_at = models.DateTimeField()
    verdict = models.CharField(max_length=20, choices=Verdict.choices, blank=True)
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_id = models.UUIDField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=OF_PARTNER,
        portal_writes="UPDATE",
        portal_columns=("verdict", "comment", "answered_at", "answered_by_id"),
        staff=PARTNER.staff,
    )

    class Meta:
        verbose_name_plural = "proposal answers"
        constraints = [
            direct_or_partner("proposal_answer"),
            models.UniqueConstraint(fields=["proposal", "side"], name="one_answer_a_side"),
            models.CheckConstraint(
                condition=models.Q(verdict="", answered_at__isnull=True)
                | (~models.Q(verdict="") & models.Q(answered_at__isnull=False)),
                name="answer_is_open_or_given",
            ),
        ]

    def __str__(self) -> str:
        return f"answer to proposal {self.number}"


class EntryKind(models.TextChoices):
    INTEREST = "interest", "Interest of a side"
    FACT = "fact", "Fact that every side must agree on"
    MINUTES = "minutes", "Minutes"
    ACTION = "action", "Action item"


class MediationEntry(Row):
    """One line of a mediation's papers; a fact is done when every side agrees on it, an action when it was carried out."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    mediation = models.ForeignKey(Mediation, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=20, choices=EntryKind.choices)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    who = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name_plural = "mediation entries"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(kind="interest") | models.Q(party__isnull=False), name="interest_is_of_a_side"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
