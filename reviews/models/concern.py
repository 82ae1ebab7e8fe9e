"""Concerns: what somebody raises by hand. The raiser's side, and beside it what staff make of it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PARTNER, PROGRAM, RowSecurity
from channelconflict.models import Row
from partners.models import Account, Partner, Program, Registration
from partners.models.registration import registration_number
from reviews.concern_states import ConcernStatus
from reviews.models.case import Case


def concern_number() -> str:
    """A random reference, as of a registration: a serial would tell how many concerns there are."""
    return "C" + registration_number()[1:]


class ConcernCategory(models.TextChoices):
    SAME_DEAL = "same_deal", _("Two are working on the same deal")
    OWNERSHIP = "ownership", _("Who owns the account")
    DIRECT = "direct", _("The direct team is on the deal")
    TERRITORY = "territory", _("Somebody works outside their territory")
    PRICING = "pricing", _("Prices or discounts differ")
    ENTITLEMENT = "entitlement", _("A right to sell is in doubt")
    RECORDS = "records", _("A record is wrong")
    CONDUCT = "conduct", _("The rules of engagement were not kept")
    HANDLING = "handling", _("How a case was handled")


class ConcernOutcome(models.TextChoices):
    EXPLAINED = "explained", "Explained: it is as the rules say"
    CORRECTED = "corrected", "A record was corrected"
    REMINDED = "reminded", "Somebody was reminded of the rules"
    REFERRED = "referred", "Passed on to whoever can act on it"
    NOT_FOUND = "not_found", "Looked into: nothing found"
    DECIDED = "decided", "Decided as a case"


class Concern(Row):
    """What somebody raised, in their own words, and what they were answered. All that its raiser sees of it.

    `partner` is set when a partner's person raised it, and then the registration is one of theirs; staff's own
    concerns belong to no partner, so that no partner reads them.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="concerns")
    registration = models.ForeignKey(
        Registration, on_delete=models.PROTECT, null=True, blank=True, related_name="concerns"
    )
    number = models.CharField(max_length=20, default=concern_number, editable=False)
    category = models.CharField(max_length=20, choices=ConcernCategory.choices)
    who = models.CharField("whom it is about", max_length=300, blank=True)
    account_name = models.CharField("customer", max_length=500)
    product_lines = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    happened_on = models.DateField("when it happened", null=True, blank=True)
    text = models.TextField("what happened")
    status = models.CharField(max_length=20, choices=ConcernStatus.choices, default=ConcernStatus.RECEIVED)
    raised_at = models.DateTimeField()
    raised_by_id = models.UUIDField(editable=False)
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # the first answer, which the clock is about
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=PARTNER.portal, portal_writes="INSERT", staff=PARTNER.staff)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="concern_number"),
            models.UniqueConstraint(fields=["program", "raised_by_id", "form_token"], name="concern_form_once"),
            models.CheckConstraint(
                condition=models.Q(partner__isnull=True) | models.Q(registration__isnull=False),
                name="concern_of_a_partner_has_its_registration",
            ),
            models.CheckConstraint(
                condition=models.Q(status="received") | models.Q(answered_at__isnull=False) & ~models.Q(answer=""),
                name="concern_says_what_was_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "status", "due_at"], name="concern_list"),
            models.Index(fields=["partner", "-raised_at"], name="concern_partner"),
        ]

    def __str__(self) -> str:
        return self.number


class ConcernReview(Row):
    """What staff make of a concern: the account, the case that became of it, the outcome, and a note for staff alone."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    concern = models.OneToOneField(Concern, on_delete=models.PROTECT, related_name="review")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="concerns")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="concerns")
    outcome = models.CharField(max_length=20, choices=ConcernOutcome.choices, blank=True)
    note = models.TextField(blank=True)
    reviewed_by_id = models.UUIDField(null=True, editable=False)
    reviewed_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    def __str__(self) -> str:
        return f"review of {self.concern}"
