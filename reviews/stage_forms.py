"""What is typed at the desk to begin talks, to run them, and to hand a case on."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.services import LONGEST_TALK
from reviews.choices import DIRECT, Choice
from reviews.facilitators import Candidate
from reviews.forms import LongSelect, Offered, SeenForm, ShareForm, offer
from reviews.models import EntryKind, MediationStage
from reviews.services.mediation import Invitation

AREA = {"rows": 3}


def _wanted(data: Any, choice: str, *values: str) -> bool:
    """Whether a field is needed: in an empty form it looks so, in a sent one it depends on what was chosen."""
    return not data or data.get(choice) in values


class EscalateForm(SeenForm):
    """Why the next role should take it."""

    reason = forms.CharField(
        label="Why the next role should take it", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say in a sentence why the next role should take it."},
    )  # fmt: skip


class TalksForm(SeenForm):
    """How the sides are asked to talk, until when, and who facilitates."""

    use_required_attribute = False  # what is needed depends on the choice above it

    stage = forms.ChoiceField(
        label="How", choices=MediationStage.choices, widget=forms.RadioSelect, initial=MediationStage.INFORMAL,
        error_messages={"required": "Choose how the sides talk."},
    )  # fmt: skip
    facilitator = forms.ChoiceField(
        label="Who facilitates",
        widget=LongSelect,
        error_messages={"required": "Choose who facilitates: somebody with no tie to a side."},
    )
    days = forms.IntegerField(
        label="Open days", min_value=1, max_value=LONGEST_TALK,
        error_messages={"required": "Say how many open days the sides have, for example 5."},
    )  # fmt: skip
    body = forms.CharField(
        label="What every side reads", max_length=3000, widget=forms.Textarea(attrs=AREA),
        help_text="The same for all. Name nobody.",
        error_messages={"required": "Say what the sides are asked to do: every side reads it."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, candidates: Sequence[Candidate], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["facilitator"].required = _wanted(data, "stage", MediationStage.MEDIATION)
        self.candidates = {str(one.user.pk): one for one in candidates}
        able = [(key, one.name) for key, one in self.candidates.items() if not one.why_not]
        offer(self, "facilitator", [("", "Choose" if able else "Nobody is neutral here"), *able])

    @property
    def invitation(self) -> Invitation:
        """What the valid form asks for."""
        said = self.cleaned_data
        mediated = said["stage"] == MediationStage.MEDIATION
        chosen = self.candidates[said["facilitator"]].user if mediated else None
        return Invitation(said["stage"], said["body"], said["days"], chosen)


class ProposalForm(ShareForm):
    """An outcome that is put to every side, and why it is fair."""

    use_required_attribute = False
    reason_code = None
    reason_text = None
    mode = forms.ChoiceField(
        label="What is proposed",
        choices=[("award", "One owner"), ("split", "Split by shares"), ("co_sell", "Co-sell: one owns, others support")],
        widget=forms.RadioSelect, initial="split",
        error_messages={"required": "Choose what is proposed."},
    )  # fmt: skip
    body = forms.CharField(
        label="Why it is fair", max_length=3000, widget=forms.Textarea(attrs=AREA),
        help_text="Every side reads it, beside its own part. Name nobody.",
        error_messages={"required": "Say in a sentence why this is fair: every side reads it."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, sides: Sequence[Offered], **options: Any) -> None:
        super().__init__(data, sides=sides, **options)
        self.fields["owner"].required = _wanted(data, "mode", "award", "co_sell")
        self.fields["owner"].error_messages["required"] = "Choose who owns the deal."
        self.fields["support"].required = _wanted(data, "mode", "co_sell")
        self.fields["support"].error_messages["required"] = "Choose who supports."
        present = [(side.claimant, side.name) for side in sides]  # who is no side cannot agree
        offer(self, "owner", [("", "Choose"), *present])
        offer(self, "support", present)
        for name, claimant in list(self.share_names.items()):
            if claimant not in dict(present):
                del self.fields[name], self.share_names[name]

    def clean(self) -> None:
        """The fields say themselves what is missing."""

    def choice(self, *, reserved: bool) -> Choice:
        """The outcome of the valid form."""
        said = self.cleaned_data
        if said["mode"] != "award":
            return super().choice(reserved=reserved)
        return Choice("direct_retained" if said["owner"] == DIRECT and reserved else "award", said["owner"])


class MemoForm(SeenForm):
    """What was tried, and where the sides stand."""

    memo = forms.CharField(
        label="Memo", max_length=5000, widget=forms.Textarea(attrs=AREA),
        help_text="Whoever decides reads it; no side does.",
        error_messages={"required": "Write the memo: what was tried, and where the sides stand."},
    )  # fmt: skip


class ExtendForm(SeenForm):
    """How much more time the sides get, and why."""

    days = forms.IntegerField(
        label="Open days more", min_value=1, max_value=LONGEST_TALK, initial=3,
        error_messages={"required": "Say how many open days more the sides have, for example 3."},
    )  # fmt: skip
    body = forms.CharField(
        label="What every side reads", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Why there is more time. Name nobody.",
        error_messages={"required": "Say in a sentence why there is more time: every side reads it."},
    )  # fmt: skip


class FacilitatorForm(SeenForm):
    """Who facilitates from now on, and why."""

    facilitator = forms.ChoiceField(
        label="Who facilitates from now on",
        widget=LongSelect,
        error_messages={"required": "Choose who facilitates: somebody with no tie to a side."},
    )
    reason = forms.CharField(
        label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It goes on the record; no side reads it.",
        error_messages={"required": "Say in a sentence why somebody else facilitates."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, candidates: Sequence[Candidate], **options: Any) -> None:
        super().__init__(data, **options)
        self.candidates = {str(one.user.pk): one for one in candidates if not one.why_not}
        able = [(key, one.name) for key, one in self.candidates.items()]
        offer(self, "facilitator", [("", "Choose" if able else "Nobody else is neutral here"), *able])


class EntryForm(forms.Form):
    """A line of the papers."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What", choices=EntryKind.choices, widget=forms.RadioSelect, initial=EntryKind.INTEREST
    )
    party = forms.ChoiceField(label="Whose", error_messages={"required": "Say whose interest it is."})
    text = forms.CharField(
        label="Text", max_length=3000, widget=forms.Textarea(attrs={"rows": 2}), help_text="No side reads it.",
        error_messages={"required": "Write something first."},
    )  # fmt: skip
    who = forms.CharField(label="Who does it", max_length=200, error_messages={"required": "Say who does it."})
    due_on = forms.DateField(
        label="By", widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose the day, for example 2026-12-01."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, sides: Iterable[Offered], **options: Any) -> None:
        super().__init__(data, **options)
        offer(self, "party", [("", "Choose"), *((side.party_id, side.name) for side in sides)])
        self.fields["party"].required = _wanted(data, "kind", EntryKind.INTEREST)
        for name in ("who", "due_on"):
            self.fields[name].required = _wanted(data, "kind", EntryKind.ACTION)


class TickForm(forms.Form):
    """A fact or an action item, done or not."""

    entry = forms.UUIDField(widget=forms.HiddenInput)
    done = forms.BooleanField(required=False)


class VerdictForm(forms.Form):
    """A side's answer to a proposal: which one was read, yes or no, and a word on it."""

    answer = forms.UUIDField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        choices=[("accepted", _("Accept")), ("declined", _("Decline"))],
        error_messages={"required": _("Accept the proposal or decline it.")},
    )
    comment = forms.CharField(
        label=_("Your comment"), max_length=2000, required=False, widget=forms.Textarea(attrs=AREA),
        help_text=_("Needed to decline: say what would be acceptable. The other side never reads it."),
    )  # fmt: skip


class StatementForm(forms.Form):
    """What matters to a side."""

    statement = forms.CharField(
        label=_("What matters to you in this deal"), max_length=3000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Read by the vendor's people who run the talk. The other side never reads it."),
        error_messages={"required": _("Say in a few sentences what matters to you.")},
    )  # fmt: skip


def stage_forms(version: int, candidates: Sequence[Candidate], text: str, days: int) -> dict[str, forms.Form]:
    """The unbound forms of a case page that begin talks and hand a case on."""
    asked = {"seen_version": version, "body": text, "days": days}
    return {
        "mediate": TalksForm(candidates=candidates, initial=asked, auto_id="mediate_%s"),
        "escalate": EscalateForm(initial={"seen_version": version}, auto_id="escalate_%s"),
    }
