"""Leads: customers who asked the vendor. One is offered to a partner at a time, which sees its own offer and no lead."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import OF_PARTNER, PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models.account import Account
from partners.models.partner import Partner
from partners.models.program import Program
from partners.models.registration import Registration, registration_number


def lead_number() -> str:
    """A random reference, as of a registration: a serial would tell how many leads there are."""
    return "L" + registration_number()[1:]


class LeadStatus(models.TextChoices):
    OPEN = "open", "To be offered"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    SALES_OPS = "sales_ops", "With sales operations"
    DIRECT = "direct", "With the direct team"
    CONVERTED = "converted", "Converted"
    CLOSED = "closed", "Closed"


class LeadFacts(Row):
    """What is known of the customer, as far as a partner must know it to judge."""

    number = models.CharField(max_length=20, default=lead_number, editable=False)
    customer_name = models.CharField("customer's legal name", max_length=500)
    customer_domain = models.CharField("website or mail domain", max_length=253, blank=True)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField("state or province", max_length=6, blank=True)
    city = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    industry = models.CharField(max_length=60, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    product_lines = ArrayField(models.CharField(max_length=60), default=list)
    need = models.TextField("what the customer asks for", blank=True)

    class Meta:
        abstract = True


FACTS = tuple(f.name for f in LeadFacts._meta.fields if f.name != "id")


class LeadContactFacts(models.Model):
    """How the customer is reached."""

    contact_name = models.CharField("contact", max_length=200, blank=True)
    contact_email = models.EmailField("contact's e-mail", blank=True)
    contact_phone = models.CharField("contact's phone", max_length=40, blank=True)

    class Meta:
        abstract = True


CONTACT = ("contact_name", "contact_email", "contact_phone")


class Lead(LeadFacts, LeadContactFacts):
    """A customer who asked the vendor, and where the lead is now. For the vendor's staff alone."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    external_id = models.CharField("reference", max_length=200, blank=True)
    source = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=LeadStatus.choices, default=LeadStatus.OPEN)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="leads")
    note = models.TextField(blank=True)  # why it is where it is, for staff
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.UUIDField(null=True, editable=False)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="lead_number"),
            models.UniqueConstraint(
                fields=["program", "external_id"], condition=~models.Q(external_id=""), name="lead_external_id"
            ),
            models.CheckConstraint(condition=models.Q(product_lines__len__gt=0), name="lead_has_a_product_line"),
        ]
        indexes = [models.Index(fields=["program", "status", "-received_at"], name="lead_list")]

    def __str__(self) -> str:
        return f"{self.number} {self.customer_name}"


class OfferStatus(models.TextChoices):
    OFFERED = "offered", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Not answered in time")
    WITHDRAWN = "withdrawn", _("Taken back")


class LeadOffer(LeadFacts):
    """A lead as one partner is offered it: what it needs to judge, until when, and its answer. Nothing of anybody else."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="lead_offers")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="offers")
    status = models.CharField(max_length=20, choices=OfferStatus.choices, default=OfferStatus.OFFERED)
    offered_at = models.DateTimeField()
    remind_at = models.DateTimeField(null=True, blank=True)  # emptied once the partner was reminded
    due_at = models.DateTimeField()
    decline_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_id = models.UUIDField(null=True, editable=False)
    registration = models.OneToOneField(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="lead_offer"
    )
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        portal=OF_PARTNER,
        portal_writes="UPDATE",
        portal_columns=("status", "decline_reason", "answered_at", "answered_by_id", "registration_id"),
        staff=PARTNER.staff,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(status__in=["offered", "accepted"]), name="one_open_offer_a_lead"
            ),
            models.CheckConstraint(
                condition=models.Q(status="offered", answered_at__isnull=True)
                | (~models.Q(status="offered") & models.Q(answered_at__isnull=False)),
                name="offer_is_open_or_answered",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="declined") | ~models.Q(decline_reason=""), name="offer_declined_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-offered_at"], name="offer_partner"),
            models.Index(fields=["program", "due_at"], condition=models.Q(status="offered"), name="offer_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} offered"


class LeadContact(LeadContactFacts, Row):
    """How the customer of an offer is reached: the database shows it to the partner once it has accepted."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    offer = models.OneToOneField(LeadOffer, on_delete=models.PROTECT, related_name="contact")

    rows: ClassVar = RowSecurity(
        portal=f"{OF_PARTNER} AND EXISTS (SELECT 1 FROM partners_leadoffer o"  # noqa: S608 - constants
        " WHERE o.id = offer_id AND o.status = 'accepted')",
        staff=PARTNER.staff,
    )

    def __str__(self) -> str:
        return f"contact of {self.offer}"
