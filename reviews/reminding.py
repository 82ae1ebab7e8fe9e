"""What time does to unanswered questions and open appeal windows: partners are reminded. The sweep calls it."""

from datetime import datetime

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.one_by_one import one_by_one
from reviews.services.answer_reminders import appeals_closing, questions_waiting, remind_of_appeal, remind_of_question

AT_MOST = 2_000


def look_after(program: Program, at: datetime) -> int:
    """Remind of questions, then of appeals; returns how many reminders that made. Each may run twice."""
    with staff_of(program.pk):
        questions = list(questions_waiting(program.pk, at)[:AT_MOST])
        appeals = list(appeals_closing(program.pk, at)[:AT_MOST])
    done = one_by_one(program, questions, lambda row: remind_of_question(registration=row, at=at))
    return done + one_by_one(program, appeals, lambda row: remind_of_appeal(party=row, at=at))
