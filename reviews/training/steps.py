"""An exercise step by step: which step is asked for, what comes before and after, and what it shows."""

from dataclasses import dataclass

from reviews.exercise_file import Exercise
from reviews.training.answer import Answer, differences, expected, outcome_text
from reviews.training.forms import AnswerForm
from reviews.training.records import Table, tables
from reviews.training.seen import Seen

STEPS = (
    "The records", "Your answer", "Who is who", "Findings", "Advice", "Who approves", "Compared",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step as the page lists it."""

    number: int
    label: str
    state: str  # done, current or nothing
    note: str = ""


@dataclass(frozen=True)
class Page:
    """What the template draws."""

    exercise: Exercise
    seen: Seen
    form: AnswerForm
    step: int
    steps: list[Step]
    tables: list[Table]
    differences: list[str]
    right: list[tuple[str, str, str]]  # registration, what the trainee said, what is expected

    @property
    def last(self) -> int:
        """The number of the last step."""
        return len(STEPS)

    @property
    def heading(self) -> str:
        """The exercise's title, once the trainee has answered: most give the answer away."""
        return self.exercise.title if self.step > 2 else f"Exercise {self.exercise.name}".split("-")[0]

    @property
    def title(self) -> str:
        """What the step is called."""
        return STEPS[self.step - 1]


def page_of(exercise: Exercise, seen: Seen, form: AnswerForm) -> Page:
    """The page of the step that the form's data ask for; the first one by default."""
    step = _number(form.data.get("step", ""))
    given, right = form.answer, expected(exercise.expect, form.refs)
    return Page(
        exercise=exercise,
        seen=seen,
        form=form,
        step=step,
        steps=[
            Step(n, title, "done" if n < step else "current" if n == step else "")
            for n, title in enumerate(STEPS, start=1)
        ],
        tables=tables(exercise.records) if step <= 2 else [],
        differences=list(differences(given, right)),
        right=_beside(given, right),
    )


def _number(text: str) -> int:
    return min(max(int(text), 1), len(STEPS)) if text.isascii() and text.isdigit() and len(text) < 3 else 1


def _beside(given: Answer, right: Answer) -> list[tuple[str, str, str]]:
    said = {ref: outcome_text(*pair) if pair[0] else "not answered" for ref, pair in given.outcomes.items()}
    return [(ref, text, outcome_text(*right.outcomes[ref])) for ref, text in said.items()]
