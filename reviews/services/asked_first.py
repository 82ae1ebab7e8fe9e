"""Who is asked for a first opinion: until it is said, the recommendation is hidden from them and they approve nothing.

Asked is whoever may come to take a step of an asking case's route, and has met the case neither by a first opinion nor by
an approval before. Who only reads, has an interest, or mediated is not asked, since they decide nothing here.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from partners.services import NotPossibleError
from reviews.choices import DIRECT
from reviews.first_opinion import high_impact, letters, sampled
from reviews.models import Approval, Case, FirstOpinion, Party
from reviews.permissions import may_come_to_decide
from reviews.services.agreed import agreed_proposal
from reviews.states import UNDECIDED


def why_asked(case: Case) -> str:
    """Why a case asks for first opinions, as half a sentence; "" = it does not.

    A case whose sides agreed in talks does not: what is confirmed is theirs, not the recommendation.
    """
    program = case.program
    if case.status not in UNDECIDED or not case.pending:
        return ""
    if program.opinion_high_impact and high_impact(case.route):
        why = "more than one role decides it"
    elif sampled(case.program_id, case.pk, program.opinion_share):
        why = f"it was drawn: {program.opinion_share} of 100 cases are"
    else:
        return ""
    return "" if agreed_proposal(case) else why


def owing(user: Any, cases: Sequence[Case]) -> Collection[uuid.UUID]:
    """Which of these cases (with their program, parties and talks) wait for a first opinion of `user`: one query."""
    asking = {case.pk for case in cases if why_asked(case) and may_come_to_decide(user, case)}
    if not asking:
        return asking
    said = FirstOpinion.objects.filter(user=user, case__in=asking).values_list("case")
    approved = Approval.objects.filter(approved_by=user, case__in=asking).values_list("case")
    return asking - {case for (case,) in said.union(approved)}


def owes(user: Any, case: Case) -> bool:
    """Whether `user` is asked for a first opinion on a case and has not said it."""
    return bool(owing(user, [case]))


def ask_first(case: Case) -> str:
    """The sentence that refuses an approval before the first opinion is said."""
    return f"{case.ref} asks for your own view first: open it, say what you would do, then decide."


def check_said(user: Any, case: Case) -> None:
    """Refuse whoever is asked for a first opinion and has not said it."""
    if owes(user, case):
        raise NotPossibleError(ask_first(case))


def letters_of(case: Case) -> dict[str, str]:
    """How the sides that are in a case now are called while names are hidden: claimant -> letter."""
    rows = list(Party.objects.filter(case=case).order_by("joined_at", "pk"))
    found = letters(case.pk, [(_claimant(row), row.joined_at) for row in rows])
    return {_claimant(row): found[_claimant(row)] for row in rows if row.left_at is None}


def _claimant(party: Party) -> str:
    return str(party.partner_id) if party.partner_id else DIRECT
