"""What kinds of notices are about: which of them never wait for the daily mail, and how that one groups the rest."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from reviews.models import Notice
from reviews.models import NoticeKind as K

DECISIONS = frozenset({K.APPROVED, K.SHARED, K.SUPPORT, K.NOT_APPROVED, K.APPEAL_ANSWERED})
# They ask for something by a time: a day later may be too late.
QUESTIONS = frozenset({
    K.INFORMATION_WANTED, K.INFORMATION_REMINDER, K.APPEAL_CLOSES, K.LEAD_OFFERED, K.LEAD_REMINDER, K.ASKED_TO_SETTLE,
    K.IN_MEDIATION, K.PROPOSED, K.TALK_REMINDER, K.BREACH_RECORDED,
})  # fmt: skip
AT_ONCE = DECISIONS | QUESTIONS

_PROTECTION = frozenset({K.EXPIRING, K.RENEWED, K.EXPIRED, K.EXTENDED, K.NOT_EXTENDED, K.FREE_AGAIN})
_TALKS = frozenset({K.AGREED, K.TALK_ENDED})
# In the order in which a daily mail shows them; what is in none of them comes last.
GROUPS: tuple[tuple[Any, frozenset[K]], ...] = (
    (_("Decisions and questions"), AT_ONCE),
    (_("Protection"), _PROTECTION),
    (_("Talks"), _TALKS),
)
OTHER: Any = _("Also")


def group_of(kind: str) -> str:
    """Under which heading a daily mail shows a notice of this kind."""
    return str(next((title for title, kinds in GROUPS if kind in kinds), OTHER))


def grouped(notices: list[Notice]) -> list[tuple[str, list[Notice]]]:
    """The notices of a daily mail under their headings, each in the given order; empty headings are left out."""
    titles = [str(title) for title in (*(title for title, _kinds in GROUPS), OTHER)]
    found = [(title, [n for n in notices if group_of(n.kind) == title]) for title in titles]
    return [(title, several) for title, several in found if several]
