"""A version of the prompt on the library's exercises: each case is made by the real engine, then the model is asked."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.models import PromptVersion
from conflicts.opinions.configured import endpoint, limits, why_none
from conflicts.opinions.giving import brief_of
from conflicts.opinions.ledger import CallLedger
from conflicts.opinions.services import keep_evaluation
from conflicts.recommend.llm import why
from conflicts.recommend.llm.asking import opine
from conflicts.recommend.llm.brief import Brief
from conflicts.recommend.llm.evaluation import Tried, tally
from partners.models import Program
from partners.services import NotPossibleError
from reviews.exercise_file import read_file
from reviews.exercises import play
from reviews.models import Case
from reviews.pipeline import Outcome
from reviews.services import current_recommendation

EXERCISES = Path(__file__).resolve().parent / "training" / "exercises"


@dataclass(frozen=True)
class Known:
    """A case whose outcome an exercise knows: the brief, and that outcome in the words of options."""

    brief: Brief
    action: str
    owner: str


def known_cases(files: Iterable[Path]) -> Iterator[Known]:
    """The cases of some exercises; each is played in a scratch program that is undone before anybody is asked."""
    for path in files:
        yield from play(read_file(path), _cases)


def _cases(program: Program, done: Outcome) -> list[Known]:
    found = []
    for case in Case.objects.filter(pk__in=done.cases).order_by("number"):
        kept = current_recommendation(case)
        findings = list(case.conflict.findings.filter(gone_at__isnull=True).order_by("found_at", "pk"))
        found.append(Known(brief_of(kept, findings), kept.result["action"], kept.result["owner"]))
    return found


def evaluate(
    *, program: Program, prompt: PromptVersion, cases: Iterable[Known], by: User | None, at: datetime,
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:  # fmt: skip
    """Ask about each case with this version of the prompt and keep how it did. The calls count in the program's budget."""
    where = endpoint()
    if where is None:
        raise NotPossibleError(f"Nothing can be evaluated, because {why.sentence(why_none())}.")
    from conflicts.recommend.llm import client  # takes half a second to import

    ledger, tried = CallLedger(program.pk, where.model, prompt=prompt), []
    for number, known in enumerate(cases, 1):
        began = time.monotonic()
        opinion = opine(
            known.brief, prompt.text, lambda asked: client.ask(asked, endpoint=where, limits=limits(), ledger=ledger)
        )
        choice = opinion.choice
        right = (
            choice is not None
            and choice.action == known.action
            and (choice.action != "award" or choice.owner == known.owner)
        )
        tried.append(Tried(opinion, right, time.monotonic() - began))
        progress(number)
    found = tally(tried) | {"cost": str(ledger.cost), "calls": ledger.calls}
    with staff_of(program.pk):
        keep_evaluation(prompt=prompt, evaluation=found, model=where.model, by=by, at=at)
    return found
