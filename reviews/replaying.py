"""What was recommended and what was decided on, made again from the kept memo under the policy version it is pinned to."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from channelconflict.audit import canonical
from conflicts.models import PolicyVersion, Recommendation
from conflicts.policy import Policy, document_hash
from conflicts.recommend.replay import IDENTICAL, OTHERWISE, Replay, replay
from reviews.models import Case, Decision

CHUNK = 200


@dataclass(frozen=True)
class Replayed:
    """One row and how its replay came out; `broken` says which kept hash does not fit what it is the hash of."""

    kind: str
    id: uuid.UUID
    ref: str
    came: Replay
    broken: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Made again to the byte, and every hash fits."""
        return self.came.identical and not self.broken

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "kind": self.kind, "id": str(self.id), "of": self.ref, "verdict": self.came.verdict,
            "kept_sha256": self.came.kept_sha256, "made_sha256": self.came.made_sha256,
            "differs_in": list(self.came.paths), "broken": list(self.broken),
        }  # fmt: skip


@dataclass
class Tally:
    """How many were made again, and those that did not come out the same."""

    recommendations: int = 0
    decisions: int = 0
    unsound: list[Replayed] = field(default_factory=list)

    def count(self, one: Replayed) -> None:
        """Count one in."""
        if one.kind == "decision":
            self.decisions += 1
        else:
            self.recommendations += 1
        if not one.sound:
            self.unsound.append(one)

    @property
    def otherwise(self) -> list[Replayed]:
        """Those that give somebody something else than they did."""
        return [one for one in self.unsound if one.came.verdict == OTHERWISE]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        total = self.recommendations + self.decisions
        return {
            "recommendations": self.recommendations,
            "decisions": self.decisions,
            IDENTICAL: total - sum(not one.came.identical for one in self.unsound),
            OTHERWISE: len(self.otherwise),
            "unsound": [one.as_json() for one in self.unsound],
        }


def replays(program_ids: list[uuid.UUID], cases: list[Case] | None = None) -> Iterator[Replayed]:
    """Make everything of these programs (or of these cases) again: every recommendation, and what each decider saw."""
    recommendations = Recommendation.objects.filter(program__in=program_ids).order_by("made_at", "pk")
    decisions = Decision.objects.filter(program__in=program_ids).order_by("decided_at", "pk")
    if cases is not None:
        recommendations = recommendations.filter(conflict__in=[case.conflict_id for case in cases])
        decisions = decisions.filter(case__in=cases)
    policies: dict[uuid.UUID, tuple[Policy, str]] = {}
    for row in recommendations.iterator(CHUNK):
        yield _recommendation(row, *_policy(policies, row.policy_id))
    for decision in decisions.select_related("case").iterator(CHUNK):
        yield _decision(decision, *_policy(policies, decision.policy_id))


def _policy(known: dict[uuid.UUID, tuple[Policy, str]], policy_id: uuid.UUID) -> tuple[Policy, str]:
    """A policy version, read once, and what is wrong with its hash."""
    if policy_id not in known:
        row = PolicyVersion.objects.get(pk=policy_id)
        wrong = "" if document_hash(row.document) == row.sha256 else f"the document of {row}"
        known[policy_id] = row.policy, wrong
    return known[policy_id]


def _recommendation(row: Recommendation, policy: Policy, wrong: str) -> Replayed:
    fits = hashlib.sha256(canonical(row.facts).encode()).hexdigest() == row.facts_sha256
    broken = (*filter(None, [wrong]), *([] if fits else ["the memo of the facts"]))
    return Replayed(
        "recommendation",
        row.pk,
        f"made {row.made_at:%d %b %Y %H:%M} UTC",
        replay(row.facts, row.result, policy),
        broken,
    )


def _decision(row: Decision, policy: Policy, wrong: str) -> Replayed:
    seen = dict(row.snapshot["recommendation"])
    seen.pop("id")
    fits = hashlib.sha256(canonical(row.snapshot).encode()).hexdigest() == row.snapshot_sha256
    broken = (*filter(None, [wrong]), *([] if fits else ["the snapshot of what was seen"]))
    return Replayed(
        "decision",
        row.pk,
        f"{row.case.ref}, decision {row.number}",
        replay(row.snapshot["facts"], seen, policy),
        broken,
    )
