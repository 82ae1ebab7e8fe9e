"""Decided cases that have not left yet: until when one can be undone, by whom, and what became of one that never left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from partners.permissions import visible
from reviews.desk.decide import Button
from reviews.desk.material import Material
from reviews.desk.words import choice_title, stamp
from reviews.models import Approval, Case, TakenBackFor
from reviews.permissions import why_only_reads
from reviews.services.decisions import choice_of
from reviews.services.undo import NOT_YOURS, why_no_say
from reviews.states import CaseStatus


@dataclass(frozen=True)
class Leaving:
    """A decided case, when it leaves, and the two buttons until then; `more` = how many others of one's own leave soon."""

    ref: str
    account: str
    url: str
    until: datetime
    minutes: int  # left, for whoever has no script
    version: int
    undo: Button
    send: Button
    more: int = 0


def leaving(m: Material) -> Leaving | None:
    """What the page of a case says while its outcome has not left."""
    if not m.leaving:
        return None
    standing = {decision.pk for decision in m.decisions if not decision.is_taken_back}
    mine = any(a.approved_by_id == m.user.pk and a.decision_id in standing for a in m.approvals)
    by_rule = any(decision.pk in standing and decision.is_by_rule for decision in m.decisions)
    why = why_only_reads(m.user, m.case) or (why_no_say(m.user, m.case) if by_rule else "" if mine else NOT_YOURS)
    return _leaving(m.case, m.now, why)


def last_of(user: Any, now: datetime) -> Leaving | None:
    """The case that `user` decided last and can still undo: offered wherever the work goes on."""
    rows = Case.objects.filter(status=CaseStatus.SETTLING, settles_at__gt=now).order_by("-settles_at", "-number")
    keys = list(visible(user, rows).values_list("pk", flat=True))
    if not keys:
        return None
    # One after the other: right after five hundred are approved at once the planner knows of none, and in one it would go through
    # all of somebody's approvals for each of these cases.
    said = Approval.objects.filter(case__in=keys, approved_by=user, decision__taken_back__isnull=True)
    by_user = set(said.values_list("case", flat=True))
    mine = [key for key in keys if key in by_user]
    last = rows.filter(pk=mine[0]).select_related("account").first() if mine else None
    return _leaving(last, now, "", len(mine) - 1) if last else None


def never_left(m: Material) -> str:
    """Why a case is in review again although it was decided; "" when it was not, or is decided anew."""
    latest = m.decisions[-1] if m.decisions else None
    if latest is None or not latest.is_taken_back:
        return ""
    back, what = latest.taken_back, choice_title(choice_of(latest), m.name)
    if back.cause == TakenBackFor.UNDONE:
        who = "You" if back.by_id == m.user.pk else str(back.by)
        return f"{who} took the decision ‘{what}’ back ({stamp(back.at)}). Nothing had left, and the clock ran on."
    again = " The route begins again." if m.undecided else ""
    return f"The decision ‘{what}’ did not leave ({stamp(back.at)}): {back.get_cause_display()}.{again}"


def _leaving(case: Case, now: datetime, why: str, more: int = 0) -> Leaving:
    over = "" if case.settles_at > now else "The time to undo is over: it is leaving."
    left = (case.settles_at - now).total_seconds()
    return Leaving(
        ref=case.ref,
        account=case.account.name,
        url=reverse("review:case", args=[case.pk]),
        until=case.settles_at,
        minutes=max(0, -int(-left // 60)),
        version=case.version,
        undo=Button("Undo", reverse("review:undo", args=[case.pk]), "u", why or over),
        send=Button("Send now", reverse("review:send_now", args=[case.pk]), "", why or over),
        more=more,
    )
