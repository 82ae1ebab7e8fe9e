"""What reasoning keeps: the claims that detection searches, conflicts, findings, recommendations."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row, User
from conflicts.models.policies import PolicyVersion
from partners.models import Account, CrmOpportunity, Ownership, Partner, Program, Registration
from partners.models.account import direct_or_partner


class ConflictStatus(models.TextChoices):
    OPEN = "open", "Open"
    SETTLED = "settled", "Settled"
    DISSOLVED = "dissolved", "Dissolved"


class Conflict(Row):
    """A claim set with something against it: claims join it and leave it, and one open case is made of it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="conflicts")
    status = models.CharField(max_length=20, choices=ConflictStatus.choices, default=ConflictStatus.OPEN)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        indexes = [models.Index(fields=["account", "status"], name="conflict_account")]

    def __str__(self) -> str:
        return f"conflict over {self.account}"


class ClaimSource(models.TextChoices):
    REGISTRATION = "registration", "Registration"
    OWNERSHIP = "ownership", "Ownership"
    OPPORTUNITY = "opportunity", "CRM opportunity"


class ClaimQuerySet(models.QuerySet):
    """Words about claims, without a user."""

    def registered(self) -> Self:
        """Those of registrations: what findings are about. Owners and opportunities only stand against them."""
        return self.filter(registration__isnull=False)


def _only(source: str) -> models.Q:
    """The key of this source is set, and no other."""
    return models.Q(source=source, **{f"{key}__isnull": key != source for key in ClaimSource.values})


class Claim(Row):
    """One row a source: a registration, an owner, an open opportunity of the direct team. Who wants or holds which account.

    It also keeps how a registration's account was resolved.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    source = models.CharField(max_length=20, choices=ClaimSource.choices)
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, null=True, related_name="claim")
    # Triggers on their tables keep these two (conflicts/migrations/0012): the claim goes with its source.
    ownership = models.OneToOneField(Ownership, on_delete=models.DO_NOTHING, null=True, related_name="claim")
    opportunity = models.OneToOneField(CrmOpportunity, on_delete=models.DO_NOTHING, null=True, related_name="claim")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="claims")
    direct = models.BooleanField(default=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="claims")
    made_account = models.BooleanField(default=False)  # the account was new: this registration made it
    possible_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="possible_claims"
    )
    # A relative of ours by the look of it, whose relation nobody has confirmed: its claims are of one family, perhaps.
    related_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="related_claims"
    )
    match_probability = models.FloatField(null=True)
    match_verdict = models.CharField(max_length=20, blank=True)
    match_reasons = models.JSONField(default=list)  # [{field, bits, sentence}]: what each field says for and against
    match_weights = models.CharField(max_length=20, blank=True)  # the version of the weights
    product_lines = ArrayField(models.CharField(max_length=60), default=list)
    conflict = models.ForeignKey(Conflict, on_delete=models.SET_NULL, null=True, related_name="claims")
    projected_at = models.DateTimeField()
    examined_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)  # when time alone may change what is found (conflicts.boundaries)

    rows: ClassVar = PROGRAM
    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            direct_or_partner("claim"),
            models.CheckConstraint(
                condition=_only("registration") | _only("ownership") | _only("opportunity"),
                name="claim_has_its_source",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "source"], name="claim_account"),
            models.Index(fields=["program", "look_again_at"], name="claim_look_again"),
        ]

    def __str__(self) -> str:
        return f"{self.source} claim on {self.account}"

    @property
    def standing_account_id(self) -> uuid.UUID:
        """The account that the claim counts on: after a merge the one that its own was merged into."""
        return self.account.merged_into_id or self.account_id


class Finding(Row):
    """One thing that stands against a registration of a conflict, with its evidence and a sentence."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    conflict = models.ForeignKey(Conflict, on_delete=models.PROTECT, related_name="findings")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=40)
    against_kind = models.CharField(max_length=30, blank=True)
    against_id = models.CharField(max_length=80, blank=True)
    against_ref = models.CharField(max_length=410, blank=True)
    blocking = models.BooleanField(default=False)
    identity_confirmed = models.BooleanField(default=True)
    sentence = models.TextField()
    evidence = models.JSONField(default=list)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT)
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    # Snoozed: it stays on the record, and makes no case by itself until then (reviews.services.snooze).
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snoozed_at = models.DateTimeField(null=True, blank=True)
    snoozed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    snooze_reason = models.TextField(blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conflict", "registration", "kind", "against_id"],
                condition=models.Q(gone_at__isnull=True),
                name="finding_once",
            ),
            models.CheckConstraint(
                condition=models.Q(snoozed_until__isnull=True, snoozed_at__isnull=True, snoozed_by__isnull=True)
                | models.Q(snoozed_until__isnull=False, snoozed_at__isnull=False, snoozed_by__isnull=False)
                & ~models.Q(snooze_reason=""),
                name="finding_snoozed_by_whom_and_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "snoozed_until"],
                condition=models.Q(snoozed_until__isnull=False),
                name="finding_snoozed",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class TerritoryOverlap(Row):
    """Two territory rules that collide: a work item for sales operations, not a case."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    first = models.ForeignKey("partners.Territory", on_delete=models.PROTECT, related_name="overlaps_as_first")
    second = models.ForeignKey("partners.Territory", on_delete=models.PROTECT, related_name="overlaps_as_second")
    sentence = models.TextField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField("sleeps until", null=True, blank=True)
    snoozed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    snooze_reason = models.TextField("why it can wait", blank=True)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"], condition=models.Q(gone_at__isnull=True), name="overlap_once"
            ),
            models.CheckConstraint(
                condition=models.Q(snoozed_until__isnull=True, snoozed_by__isnull=True, snooze_reason="")
                | models.Q(snoozed_until__isnull=False, snoozed_by__isnull=False, gone_at__isnull=True)
                & ~models.Q(snooze_reason=""),
                name="overlap_snoozed_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"


class Recommendation(Row):
    """What the policy says about a conflict at one moment. A newer one supersedes it; nothing is overwritten.

    `facts` is the memo that it was made from (conflicts.facts.to_memo), `result` the whole answer: options, reasons
    with citations, scores, trace (conflicts.recommend).
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    conflict = models.ForeignKey(Conflict, on_delete=models.PROTECT, related_name="recommendations")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT)
    engine = models.CharField(max_length=20, default="rules")
    action = models.CharField(max_length=30)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="recommended")
    owner_direct = models.BooleanField(default=False)
    confidence = models.FloatField()
    abstained = models.BooleanField(default=False)
    sentence = models.TextField()
    result = models.JSONField()
    facts = models.JSONField()
    facts_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="true", locked_except=("superseded_at",))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conflict"], condition=models.Q(superseded_at__isnull=True), name="one_recommendation_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="confidence_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return self.sentence
