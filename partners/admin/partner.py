"""Partners, and the people who sign in for them."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from channelconflict.models import User
from channelconflict.scope import NOBODY, acting
from partners.admin.fields import CountryField, ListField
from partners.admin.forms import FactForm, FactFormSet, ProgramRow
from partners.admin.scoped import ScopedAdmin, ScopedInline
from partners.models import Membership, Partner
from partners.naming import registered_domain
from partners.permissions import programs_of
from partners.services import add_member, record_partner, remove_member

CHAIN = 20  # distributors of distributors that are followed before a chain counts as endless


def clean_domain(text: str) -> str:
    """The domain of a website, address or mail address; a sentence when there is none."""
    domain = registered_domain(text) if text else ""
    if text and not domain:
        raise ValidationError(f"“{text}” is no domain of a company. Write it as in example.com (no free mail service).")
    return domain


class PartnerForm(FactForm):
    """A company that sells."""

    country = CountryField()
    certifications = ListField(help_text="Codes, separated by commas. Some product lines require one.")

    def clean_domain(self) -> str:
        """The registered domain of what was typed."""
        return clean_domain(self.cleaned_data["domain"])

    def check(self) -> None:
        """A partner does not buy through itself, not even by way of others."""
        above, steps = self.cleaned_data.get("distributor"), 0
        while above is not None and steps < CHAIN:
            if above.pk == self.instance.pk:
                self.add_error("distributor", "This partner would buy through itself: the distributor buys through it.")
                return
            above, steps = above.distributor, steps + 1


class MembershipForm(ProgramRow):
    """A person of the partner, named by the sign-in name, which stays as it is once added."""

    sign_in = forms.CharField(label="Sign-in name", max_length=150)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["sign_in"] = self.instance.user.username
            self.fields["sign_in"].disabled = True

    def clean_sign_in(self) -> str:
        """Somebody active, not vendor staff, not of another vendor's partner; whichever fails, the answer is the same."""
        name = self.cleaned_data["sign_in"]
        if self.instance._state.adding:
            user = User.objects.filter(username=name, is_active=True, is_staff=False).first()
            if user is None or self._signs_in_elsewhere(user):
                raise ValidationError(f"“{name}” is no partner user's sign-in name. Check the spelling.")
            self.instance.user = user
        return name

    def _signs_in_elsewhere(self, user: User) -> bool:
        with acting(NOBODY):  # memberships of other programs are hidden from staff, not from the login role
            elsewhere = Membership.objects.filter(user=user).exclude(program_id__in=programs_of(self.user, self.right))
            return elsewhere.exists()


class MembershipFormSet(FactFormSet):
    """Who signs in for the partner; guardian's rights follow in the service."""

    def record_row(self, row: Membership, *, by: Any, at: datetime, why: str) -> None:
        """Let somebody in, or change the role."""
        add_member(partner=self.instance, user=row.user, role=row.role, by=by, at=at)

    def remove_row(self, row: Membership, *, by: Any, at: datetime, why: str) -> None:
        """Take the access away, from the next request on."""
        remove_member(member=row, by=by, at=at)


class MembershipInline(ScopedInline):
    """Active members; removing one ends the access and keeps the history."""

    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ("sign_in", "role")
    verbose_name_plural = "people who sign in for this partner"
    ended_by_removal = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Those who have access."""
        return super().get_queryset(request).filter(active=True).select_related("user").order_by("user__username")


class PartnerAdmin(ScopedAdmin):
    """Partners (on the site by conflicts.admin.identity, which knows what a merge would do)."""

    form = PartnerForm
    inlines = (MembershipInline,)
    list_display = ("name", "reference", "type", "tier", "status", "distributor", "country")
    list_filter = ("status", "type", ("tier", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("tier", "distributor")
    search_fields = ("name", "=external_id", "domain")
    search_help_text = "Name, reference or domain"
    autocomplete_fields = ("distributor",)
    ordering = ("name", "id")
    fieldsets = (
        (None, {"fields": ("name", "external_id", "status")}),
        ("What it is", {"fields": ("type", "tier", "distributor", "certifications")}),
        ("Where it is", {"fields": ("country", "domain")}),
    )
    labels = {"external_id": "Reference", "distributor": "Buys through"}
    help_texts = {
        "external_id": "Your own number for this partner; imports find it again by it.",
        "domain": "The domain of its website or mail, as in example.com.",
        "distributor": "Claims of a partner and its distributor are one claim, not a conflict.",
        "status": "Suspended and ended partners keep their records.",
    }

    def record(self, form: Any, *, by: Any, at: datetime) -> None:
        """Through the service."""
        record_partner(partner=form.instance, by=by, at=at, reason=form.cleaned_data["why"])

    def choice_label(self, partner: Partner) -> str:
        """How a search-as-you-type field names a partner."""
        return " · ".join(part for part in (partner.name, partner.country, partner.external_id) if part)
