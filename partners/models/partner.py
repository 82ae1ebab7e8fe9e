"""Partners: who sells, at what tier, under which distributor, and which people sign in for them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import (
    MANAGED_IDS,
    OF_MANAGED,
    OF_PARTNER,
    OF_USER,
    PARTNER_IDS,
    PROGRAM,
    PROGRAM_SHARED,
    RowSecurity,
)
from channelconflict.models import Row
from partners.models.program import CODE, Program


class Tier(Row):
    """A partner level and its limits (None = no limit; amounts in the program's currency, discounts in percent)."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    code = models.CharField(max_length=60, validators=[CODE])
    name = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField(default=0)
    max_deal_amount = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    max_discount_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM_SHARED

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "code"], name="tier_code")]

    def __str__(self) -> str:
        return self.name


class PartnerType(models.TextChoices):
    RESELLER = "reseller", _("Reseller")
    VAR = "var", _("Value added reseller")
    DISTRIBUTOR = "distributor", _("Distributor")
    SYSTEM_INTEGRATOR = "system_integrator", _("System integrator")
    AGENT = "agent", _("Agent")
    OTHER = "other", _("Other")


class PartnerStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


class Partner(Row):
    """A company that sells for the vendor. `distributor` is the partner it buys through, if it does."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="partners")
    external_id = models.CharField("reference", max_length=200)
    name = models.CharField(max_length=300)
    domain = models.CharField(max_length=253, blank=True)
    country = models.CharField(max_length=2, blank=True)
    type = models.CharField(max_length=30, choices=PartnerType.choices, default=PartnerType.RESELLER)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, blank=True)
    status = models.CharField(max_length=20, choices=PartnerStatus.choices, default=PartnerStatus.ACTIVE)
    distributor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="resellers")
    certifications = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(portal=f"id = ANY ({PARTNER_IDS})", staff=PROGRAM.staff)

    class Meta:
        default_permissions = ()
        permissions = [
            ("use_portal", "Register deals and follow them"),
            ("manage_members", "Manage the partner's own users"),
            ("manage_partner", "Manage this partner (vendor staff)"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["program", "external_id"], name="partner_external_id"),
            models.CheckConstraint(
                condition=~models.Q(distributor=models.F("id")), name="partner_is_not_its_own_distributor"
            ),
        ]
        indexes = [models.Index(fields=["program", "name"], name="partner_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        """The code of the language in which it is told things; without a query after select_related("chosen_language")."""
        chosen = getattr(self, "chosen_language", None)
        return chosen.language if chosen else settings.LANGUAGE_CODE


class PartnerLanguage(Row):
    """The language in which a partner is told things and reads the portal, if it chose another than the first."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="chosen_language")
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    chosen_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(
        portal=OF_PARTNER, portal_writes="INSERT UPDATE", portal_check=OF_MANAGED, staff=PROGRAM.staff, staff_writes=""
    )

    def __str__(self) -> str:
        return self.get_language_display()


# A partner's admin gives and takes the portal's two rights, on that partner, and no other right.
_OF_A_MANAGED_PARTNER = f"content_object_id = ANY ({MANAGED_IDS})"
_A_RIGHT_OF_THE_PORTAL = (
    "permission_id IN (SELECT id FROM auth_permission WHERE codename IN ('use_portal', 'manage_members'))"
)
# The sub-select is itself under row-level security: staff grant rights on partners of their own programs only.
_OF_A_VISIBLE_PARTNER = "content_object_id IN (SELECT id FROM partners_partner)"


class PartnerUserPermission(UserObjectPermissionBase):
    """guardian's table: what one user may do with one partner."""

    content_object = models.ForeignKey(Partner, on_delete=models.CASCADE)
    rows: ClassVar = RowSecurity(
        portal=f"{OF_USER} OR {_OF_A_MANAGED_PARTNER}",
        portal_writes="INSERT DELETE",
        portal_check=f"{_OF_A_MANAGED_PARTNER} AND {_A_RIGHT_OF_THE_PORTAL}",
        staff=_OF_A_VISIBLE_PARTNER,
        staff_writes="INSERT DELETE",
        login="true",
    )


class PartnerGroupPermission(GroupObjectPermissionBase):
    """guardian's table: what a group may do with one partner."""

    content_object = models.ForeignKey(Partner, on_delete=models.CASCADE)
    rows: ClassVar = RowSecurity(staff=_OF_A_VISIBLE_PARTNER, staff_writes="INSERT DELETE", login="true")


class MemberRole(models.TextChoices):
    USER = "partner_user", _("Partner user")
    ADMIN = "partner_admin", _("Partner admin")


class Membership(Row):
    """A person of a partner. The rights themselves are guardian's; services keep the two together."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=MemberRole.choices, default=MemberRole.USER)
    active = models.BooleanField(default=True)
    history = HistoricalRecords(user_db_constraint=False)

    # Everybody sees their colleagues; a partner's admin alone writes them.
    rows: ClassVar = RowSecurity(
        portal=OF_PARTNER, portal_writes="INSERT UPDATE", portal_check=OF_MANAGED, staff=PROGRAM.staff, login="true"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"
