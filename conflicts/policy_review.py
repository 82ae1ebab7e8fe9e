"""What must hold before a version goes live: it reads, no error in its checks, warnings ticked off, back-tested as it stands."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from conflicts.models import PolicyStatus, PolicyTrial, PolicyVersion
from conflicts.policy import Policy, PolicyError
from conflicts.policy.checks import ERROR, INFO, WARNING, changed_fields, check, differences
from conflicts.policy.readable import say_outcome
from conflicts.trials import latest_trial


@dataclass
class Review:
    """A version beside the one that is live: what is wrong with it, what differs, how it did on past cases. Read once."""

    row: PolicyVersion
    live: PolicyVersion | None

    @cached_property
    def policy(self) -> Policy:
        """The document, read."""
        return self.row.policy

    @cached_property
    def unreadable(self) -> tuple[str, ...]:
        """What keeps the document from being a policy."""
        try:
            self.policy  # noqa: B018 - reading it is the question
        except PolicyError as error:
            return error.problems
        return ()

    @cached_property
    def problems(self) -> list[Any]:
        """What the static checks find."""
        return [] if self.unreadable else check(self.policy)

    @property
    def errors(self) -> list[Any]:
        """What forbids going live."""
        return [problem for problem in self.problems if problem.severity == ERROR]

    @property
    def warnings(self) -> list[Any]:
        """What somebody must tick off."""
        return [problem for problem in self.problems if problem.severity == WARNING]

    @property
    def notes(self) -> list[Any]:
        """What is only good to know."""
        return [problem for problem in self.problems if problem.severity == INFO]

    @cached_property
    def changed(self) -> list[Any]:
        """The fields that differ from the live version."""
        if self.live is None:
            return []
        return changed_fields(plain(self.live.document), plain(self.row.document))

    @cached_property
    def differences(self) -> list[Any]:
        """What would be decided otherwise, each with an example."""
        return [] if self.live is None or self.unreadable else differences(self.live.policy, self.policy)

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """The differences in words."""
        return [
            {"before": one.old_rule, "was": _outcome(one.old_outcome), "after": one.new_rule, "is": _outcome(one.new_outcome),
             "sentence": one.sentence, "example": one.example}
            for one in self.differences
        ]  # fmt: skip

    @cached_property
    def trial(self) -> PolicyTrial | None:
        """The newest back-test of exactly this document beside the live version, on all past cases; None without one."""
        return latest_trial(self.row, against=self.live)

    def why_not_ready(self, ticked: Iterable[str]) -> list[str]:
        """A sentence for everything that stands between this version and going live."""
        if self.unreadable:
            return [f"The document cannot be read: {' '.join(self.unreadable)}"]
        told = []
        if self.live is not None and plain(self.live.document) == plain(self.row.document):
            told.append("It changes nothing: it says the same as the live version.")
        if self.errors:
            told.append(f"The checks find {_count(len(self.errors), 'error')}: {self.errors[0].sentence}")
        open_warnings = {key_of(warning) for warning in self.warnings} - set(ticked)
        if open_warnings:
            told.append(f"{_count(len(open_warnings), 'warning')} of the checks must be ticked off.")
        if self.trial is None:
            told.append("It has not been back-tested on past cases as it stands.")
        return told


def review_of(row: PolicyVersion) -> Review:
    """The version beside the live one; a live or retired one beside the one that it replaced."""
    if row.status in (PolicyStatus.LIVE, PolicyStatus.RETIRED):
        return Review(row, row.replaced)
    return Review(row, live_of(row.program_id))


def awaiting_policies() -> QuerySet[PolicyVersion]:
    """Versions that a second person is asked about."""
    return PolicyVersion.objects.filter(status__in=(PolicyStatus.DRAFT, PolicyStatus.SHADOW), asked_by_id__isnull=False)


def live_of(program_id: Any) -> PolicyVersion | None:
    """The live version of a program."""
    return PolicyVersion.objects.filter(program=program_id, status=PolicyStatus.LIVE).first()


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """A document without its number, which is no part of what it says."""
    return {name: value for name, value in document.items() if name != "version"}


def key_of(problem: Any) -> str:
    """What a warning is ticked off by: its sentence too, since a rule may have two of a kind."""
    said = hashlib.sha256(problem.sentence.encode()).hexdigest()[:12]
    return f"{problem.code}:{','.join(problem.rule_ids)}:{said}"


def _outcome(then: Any) -> str:
    return say_outcome(asdict(then)) if then else "No rule decides."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
