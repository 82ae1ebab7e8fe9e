"""A kept recommendation made again from its own memo and its own policy: the same inputs must give the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conflicts import memo
from conflicts.claims import claim_sets
from conflicts.detectors import detect
from conflicts.facts import Facts, from_memo
from conflicts.policy import Policy
from conflicts.recommend import recommend
from conflicts.recommend.answer import Recommendation

IDENTICAL, REWORDED, OTHERWISE = "identical", "reworded", "otherwise"
OUTCOME = ("action", "owner", "support", "shares")
MOST = 6  # differences that are named


@dataclass(frozen=True, slots=True)
class Replay:
    """How a kept answer compares with the one made again: equal to the byte, the same outcome in other words (another
    release of the engine wrote it), or another outcome. `paths` names where they differ."""

    verdict: str
    kept_sha256: str
    made_sha256: str
    paths: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Not a byte differs."""
        return self.verdict == IDENTICAL


def make_again(facts: Facts, policy: Policy) -> Recommendation:
    """The recommendation on facts that were cut down to one claim set (conflicts.narrow)."""
    with_registrations = [item for item in claim_sets(facts, policy) if item.registration_ids]
    if len(with_registrations) != 1:
        raise ValueError(f"The memo holds {len(with_registrations)} claim sets, not one.")
    members = set(with_registrations[0].registration_ids)
    findings = tuple(item for item in detect(facts, policy) if item.registration_id in members)
    return recommend(facts, findings, policy)


def replay(facts: dict[str, Any], result: dict[str, Any], policy: Policy) -> Replay:
    """Make the answer to this memo again and compare it with the kept one."""
    made = memo.dump(make_again(from_memo(facts), policy))
    kept_sha256, made_sha256 = fingerprint(result), fingerprint(made)
    if kept_sha256 == made_sha256:
        return Replay(IDENTICAL, kept_sha256, made_sha256)
    same = all(made[name] == result.get(name) for name in OUTCOME)
    paths = tuple(path for path, _ in zip(differing(result, made), range(MOST), strict=False))
    return Replay(REWORDED if same else OTHERWISE, kept_sha256, made_sha256, paths)


def fingerprint(data: Any) -> str:
    """sha256 of plain JSON in one spelling."""
    plain = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def differing(kept: Any, made: Any, path: str = "") -> Iterator[str]:
    """Where two JSON values differ, as in reasons.0.sentence."""
    if isinstance(kept, dict) and isinstance(made, dict):
        for name in sorted({*kept, *made}):
            yield from differing(kept.get(name), made.get(name), f"{path}.{name}" if path else name)
    elif isinstance(kept, list) and isinstance(made, list) and len(kept) == len(made):
        for number, (left, right) in enumerate(zip(kept, made, strict=True)):
            yield from differing(left, right, f"{path}.{number}")
    elif kept != made or type(kept) is not type(made):
        yield path
