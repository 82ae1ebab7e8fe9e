"""A trial worked on: pages of past cases judged, counted, and kept with how far it is, so that a kill loses a second."""

import logging
import os
import uuid
from collections.abc import Callable, Iterator
from time import monotonic

from django.utils import timezone

from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from conflicts.backtest import PastCase, Trial
from conflicts.models import PolicyTrial
from conflicts.trying import end_trial, keep_progress, let_go, take_trial, waiting_trials
from partners.models import Program
from reviews.backtest.apart import Setup, judged
from reviews.backtest.gather import Page, number_of_cases, pages
from reviews.calibrating import calibration_in_force

log = logging.getLogger(__name__)
Tell = Callable[[PolicyTrial], None]
PROCESSES = 2
MANY = 1000  # cases from which a second process is worth its start
KEEP_EVERY = 1.0  # seconds


def work_on_trial(
    program: Program, trial_id: uuid.UUID, *, seconds: float = float("inf"), tell: Tell = lambda _trial: None
) -> PolicyTrial | None:
    """Go on with a trial, for some seconds at most. None: it is over, or somebody else is at it."""
    with staff_of(program.pk):
        trial = take_trial(program=program, trial_id=trial_id, at=timezone.now())
        if trial is None:
            return None
        trial.total = min(number_of_cases(program), trial.most or 2**31 - 1)
        measured = calibration_in_force(program.pk, timezone.now())
        before = trial.held_against.document
    try:
        over = _Work(program, trial, before, measured.bins if measured else [], tell).until(monotonic() + seconds)
    except BaseException as error:  # also a worker's time limit, and Ctrl-C: the next one goes on from here
        _failed(program, trial, error)
        raise
    if over is None:  # cancelled, or taken over by somebody else
        return _fresh(program, trial)
    with staff_of(program.pk):
        if over:
            trial.total = trial.done
            end_trial(trial=trial, at=timezone.now())
        else:
            let_go(trial)
    return _fresh(program, trial)


class _Work:
    """One stretch of work on a trial."""

    def __init__(self, program: Program, trial: PolicyTrial, before: dict, bins: list[dict], tell: Tell) -> None:
        self.program, self.trial, self.tell = program, trial, tell
        self.setup = Setup(before, trial.document, trial.changes, bins)
        self.found = Trial.from_json(trial.result) if trial.result else Trial()
        self.ends: list[Page] = []  # those that are being judged
        self.began, self.earlier = monotonic(), trial.seconds

    def until(self, moment: float) -> bool | None:
        """True: all is judged; False: time is up; None: it was cancelled or taken from us."""
        left = self.trial.total - self.trial.done
        processes = min(PROCESSES, os.cpu_count() or 1) if left >= MANY else 1
        kept = monotonic()
        for part in judged(self.setup, self._pages(), processes):
            self._count(part)
            if monotonic() - kept >= KEEP_EVERY:
                if not self._keep():
                    return None
                kept = monotonic()
                if kept > moment:
                    return False
        return True if self._keep() else None

    def _pages(self) -> Iterator[list[PastCase]]:
        trial = self.trial
        most = None if trial.most is None else trial.most - trial.done
        for page in pages(self.program, trial.held_against_id, trial.resume_at, most):
            self.ends.append(page)
            yield page.cases

    def _count(self, part: Trial) -> None:
        self.found.add(part)
        page = self.ends.pop(0)
        self.trial.resume_at = page.last
        self.trial.done += page.number

    def _keep(self) -> bool:
        self.trial.result = self.found.as_json()
        self.trial.seconds = round(self.earlier + monotonic() - self.began, 3)
        with staff_of(self.program.pk):
            kept = keep_progress(self.trial)
        self.tell(self.trial)
        return kept


def _failed(program: Program, trial: PolicyTrial, error: BaseException) -> None:
    with staff_of(program.pk):
        if isinstance(error, Exception):
            log.exception("trial %s failed", trial.pk)
            said = f"It failed ({type(error).__name__}). The log of the worker says more."
            end_trial(trial=trial, at=timezone.now(), error=said)
        else:
            let_go(trial)


def _fresh(program: Program, trial: PolicyTrial) -> PolicyTrial:
    with staff_of(program.pk):
        return PolicyTrial.objects.get(pk=trial.pk)


def resume_trials(program: Program) -> None:
    """Put trials that nobody works on to work again."""
    with staff_of(program.pk):
        for trial in waiting_trials(program, timezone.now()):
            nudge("reviews.tasks.try_policy", program.pk, trial.pk)
