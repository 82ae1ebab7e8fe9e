"""Registrations (a partner's claim to a deal) and the proof of work behind them."""

import secrets
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, RowSecurity
from channelconflict.models import Row
from partners.models.account import direct_or_partner
from partners.models.partner import Partner
from partners.models.program import Program

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U


def registration_number() -> str:
    """A random reference of 50 bits: a serial would tell a partner how many deals the others register."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"R-{letters[:5]}-{letters[5:]}"


class RegistrationStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("In review")
    ACTION_REQUIRED = "action_required", _("Information wanted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    CONVERTED = "converted", _("Converted")
    REVOKED = "revoked", _("Revoked")
    CLOSED_LOST = "closed_lost", _("Closed, lost")


PENDING = (RegistrationStatus.SUBMITTED, RegistrationStatus.IN_REVIEW, RegistrationStatus.ACTION_REQUIRED)


class Stage(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    QUALIFIED = "qualified", _("Qualified")
    TECHNICAL_VALIDATION = "technical_validation", _("Technical validation")
    PROPOSAL = "proposal", _("Proposal")
    NEGOTIATION = "negotiation", _("Negotiation")


class RegistrationQuerySet(models.QuerySet):
    """Words about registrations, without a user."""

    def awaiting_assessment(self) -> Self:
        """Submitted and not yet looked at: what a lost nudge would leave lying, and the sweep finds."""
        return self.filter(status=RegistrationStatus.SUBMITTED, assessed_at__isnull=True)

    def with_terms(self) -> Self:
        """With the terms of their protection, and `worked_on`, the day of the latest activity."""
        latest = Activity.objects.filter(registration=models.OuterRef("pk")).order_by("-occurred_on")
        return self.select_related("terms").annotate(worked_on=models.Subquery(latest.values("occurred_on")[:1]))

    def live_at(self, at: datetime) -> Self:
        """Claims that count at `at`: under way, or approved and protected then."""
        return self.filter(
            models.Q(status__in=PENDING)
            | models.Q(status=RegistrationStatus.APPROVED, protected_from__lte=at, protected_until__gt=at)
        )


class Registration(Row):
    """A deal that a partner (or the direct team) registers. It keeps what was typed; who the account is, Claim says."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="registrations")
    direct = models.BooleanField(default=False)
    number = models.CharField(max_length=20, default=registration_number, editable=False)
    external_id = models.CharField(_("reference"), max_length=200, blank=True)
    account_name = models.CharField(_("customer's legal name"), max_length=500)
    account_domain = models.CharField(_("website or mail domain"), max_length=253, blank=True)
    account_country = models.CharField(_("country"), max_length=2, blank=True)
    account_subdivision = models.CharField(_("state or province"), max_length=6, blank=True)
    account_city = models.CharField(_("city"), max_length=120, blank=True)
    account_postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    contact_email = models.EmailField(_("contact's e-mail"), blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    band_upper = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    expected_close_on = models.DateField(null=True, blank=True)
    stage = models.CharField(max_length=30, choices=Stage.choices, blank=True)
    incumbent = models.CharField(_("current supplier"), max_length=200, blank=True)
    note = models.TextField(blank=True)
    status = models.CharField(max_length=20, choices=RegistrationStatus.choices, default=RegistrationStatus.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    assessed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    protected_from = models.DateTimeField(null=True, blank=True)
    protected_until = models.DateTimeField(null=True, blank=True)
    requested_fields = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    # The first registration of the deal, if this one was made from it after its end.
    resubmits = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="resubmissions")
    created_by_id = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT UPDATE", staff=PARTNER.staff)
    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            direct_or_partner("registration"),
            models.UniqueConstraint(fields=["program", "number"], name="registration_number"),
            # External ids come from imports, which staff write: no partner can probe them.
            models.UniqueConstraint(
                fields=["program", "external_id"], condition=~models.Q(external_id=""), name="registration_external_id"
            ),
            models.UniqueConstraint(fields=["program", "partner", "form_token"], name="registration_form_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "withdrawn"]) | models.Q(product_lines__len__gt=0),
                name="registration_has_a_product_line",
            ),
            models.CheckConstraint(
                condition=models.Q(protected_from__isnull=True, protected_until__isnull=True)
                | models.Q(
                    protected_from__isnull=False,
                    protected_until__isnull=False,  # a comparison with nothing is unknown, and unknown would pass
                    protected_until__gt=models.F("protected_from"),
                ),
                name="registration_protection_is_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft")
                | models.Q(submitted_at__isnull=False)
                | models.Q(status="withdrawn"),
                name="registration_submitted_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-id"], name="registration_partner"),
            models.Index(fields=["partner", "submitted_at"], name="registration_partner_sent"),
            models.Index(fields=["partner", "-id"], condition=models.Q(status="draft"), name="registration_drafts"),
            models.Index(
                fields=["program", "submitted_at"],
                condition=models.Q(status="submitted", assessed_at__isnull=True),
                name="registration_waiting",
            ),
            models.Index(fields=["program", "status", "-submitted_at"], name="registration_status"),
            models.Index(
                fields=["program", "protected_until"],
                condition=models.Q(status="approved"),
                name="registration_protected",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What people call it: the id of the system that it came from, else our number."""
        return self.external_id or self.number

    @property
    def claimant_name(self) -> str:
        """The partner's name, or the direct team."""
        return self.partner.name if self.partner else "Direct team"


class ActivityKind(models.TextChoices):
    FIRST_CONTACT = "first_contact", _("First contact")
    MEETING = "meeting", _("Meeting")
    TECHNICAL_VALIDATION = "technical_validation", _("Technical validation")
    PROPOSAL = "proposal", _("Proposal")
    SOW_SIGNED = "sow_signed", _("Statement of work signed")


class Activity(Row):
    """Dated proof of work on a registration."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=30, choices=ActivityKind.choices)
    occurred_on = models.DateField()
    note = models.TextField(blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(fields=["registration", "kind", "occurred_on"], name="activity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.occurred_on}"


class EvidenceQuerySet(models.QuerySet):
    """Words about papers, without a user."""

    def counting(self) -> Self:
        """Those that nobody took back or withdrew."""
        return self.filter(withdrawn_at__isnull=True)

    def on_record(self) -> Self:
        """Those that count, and those that staff withdrew; not what a party took back from its draft."""
        return self.exclude(withdrawn_at__isnull=False, withdrawn_because="")


class Evidence(Row):
    """A paper behind a registration: a customer's letter, meeting notes, a purchase order. Staff verify it."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True)
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=60)
    verified = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    added_at = models.DateTimeField()
    # Taken back by the party while it was a draft (no reason), or withdrawn by staff for a reason: it counts no more.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by_id = models.UUIDField(null=True, editable=False)
    withdrawn_because = models.TextField(blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=PARTNER.portal, portal_writes="INSERT UPDATE",
        portal_columns=("withdrawn_at", "withdrawn_by_id", "withdrawn_because"), staff=PARTNER.staff,
    )  # fmt: skip
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["registration"], name="evidence_registration")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.registration}"
