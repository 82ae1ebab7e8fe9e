"""The forms of 'How you are told' and of a partner's webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reviews.channel.webhooks import LONGEST_URL, why_no_address
from reviews.models import HowTold

_HOW_HELP = _("Decisions, and questions that wait for you, always come at once, unless you choose the portal only.")


class HowToldForm(forms.Form):
    """How somebody wants to be told what one partner is told."""

    how = forms.ChoiceField(
        label=_("Mails"), choices=HowTold.choices, widget=forms.RadioSelect, help_text=_HOW_HELP,
        error_messages={"required": _("Choose one of the three."), "invalid_choice": _("Choose one of the three.")},
    )  # fmt: skip


class WebhookForm(forms.Form):
    """Where a partner's own system listens, and whether it is told."""

    url = forms.CharField(
        label=_("Address"), max_length=LONGEST_URL, strip=True,
        widget=forms.URLInput(attrs={"placeholder": "https://crm.example.com/notices", "autocomplete": "off"}),
        error_messages={"required": _("Enter the address that your system listens at.")},
    )  # fmt: skip
    enabled = forms.BooleanField(label=_("Switched on"), required=False)
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, made: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not made:
            del self.fields["enabled"], self.fields["seen_version"]

    def clean_url(self) -> str:
        """An address of the open internet; the service asks the same."""
        why_not = why_no_address(self.cleaned_data["url"])
        if why_not:
            raise forms.ValidationError(why_not)
        return self.cleaned_data["url"]


class ReplaceForm(forms.Form):
    """Whether the old secret ends at once."""

    at_once = forms.BooleanField(label=_("The old secret leaked: end it at once"), required=False)
    seen_version = forms.IntegerField(widget=forms.HiddenInput)
