"""Was this handled fairly and clearly? A party says so once for each decision that it was told of, if it likes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channelconflict.models import User
from partners.models import Registration
from partners.permissions import may
from partners.services import NotPossibleError, save_row
from reviews.models import Notice, NoticeKind, Survey, SurveyOutcome

ASKED_FOR = timedelta(days=90)  # after the decision was told
CHANGED_FOR = timedelta(days=14)  # after the first answer
SCORES = {
    1: gettext_lazy("Not at all"),
    2: gettext_lazy("Rather not"),
    3: gettext_lazy("In part"),
    4: gettext_lazy("Mostly"),
    5: gettext_lazy("Fully"),
}
OUTCOMES = {
    NoticeKind.APPROVED: SurveyOutcome.APPROVED,
    NoticeKind.SHARED: SurveyOutcome.SHARED,
    NoticeKind.SUPPORT: SurveyOutcome.SHARED,
    NoticeKind.NOT_APPROVED: SurveyOutcome.NOT_APPROVED,
}


def decision_told(registration: Registration, told: Any = None) -> Notice | None:
    """The notice by which the party was told the latest decision; `told` = its notices, where they are read already."""
    rows = Notice.objects.filter(registration=registration, kind__in=OUTCOMES) if told is None else told
    found = [notice for notice in rows if notice.kind in OUTCOMES]
    return max(found, key=lambda notice: (notice.sent_at, str(notice.pk)), default=None)


def why_no_survey(notice: Notice | None, said: Survey | None, at: datetime) -> str:
    """The sentence that says why nothing can be said, or changed, at `at`; "" if it can."""
    if notice is None:
        return _("You are asked once your registration is decided.")
    if said is not None and at > said.answered_at + CHANGED_FOR:
        return _("Your answer can no longer be changed: %(days)s days have passed.") % {"days": CHANGED_FOR.days}
    if said is None and at > notice.sent_at + ASKED_FOR:
        return _("You were asked for %(days)s days after the decision.") % {"days": ASKED_FOR.days}
    return ""


@transaction.atomic
def answer_survey(*, registration: Registration, score: int, text: str, by: User, at: datetime) -> Survey:
    """Keep what a party says of the latest decision on its registration, or change it."""
    registration = Registration.objects.select_for_update(no_key=True, of=("self",)).select_related("partner").get(
        pk=registration.pk
    )  # fmt: skip
    if registration.partner is None or not may(by, "use_portal", registration.partner):
        raise NotPossibleError(_("Only the partner's own people answer this."))
    notice = decision_told(registration)
    said = Survey.objects.filter(notice=notice).first() if notice else None
    if sentence := why_no_survey(notice, said, at):
        raise NotPossibleError(sentence)
    if score not in SCORES:
        raise NotPossibleError(_("Choose one of the five answers."))
    assert notice is not None
    row = said or Survey(
        program_id=registration.program_id, partner=registration.partner, registration=registration, notice=notice,
        outcome=OUTCOMES[NoticeKind(notice.kind)], answered_at=at, answered_by_id=by.pk,
    )  # fmt: skip
    row.score, row.text = score, text.strip()
    action = "survey.changed" if said else "survey.answered"
    # The record tells that somebody answered, not what: whoever reads it would know who said what.
    return save_row(row, by=by, at=at, action=action, facts={"outcome": row.outcome})
