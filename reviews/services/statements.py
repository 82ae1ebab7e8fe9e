"""What each party is told of an outcome: its own statement of reasons, written once and previewed before anybody decides."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import override

from conflicts.models import Claim, PolicyVersion, Recommendation
from partners.models import Registration
from reviews import notices
from reviews.choices import Choice
from reviews.models import NoticeKind, NoticeTemplate
from reviews.reasons import Basis, Own, basis_of_rule, blocked, own_of
from reviews.services.frames import worded
from reviews.services.plan import Ending, endings
from reviews.states import APPEAL_WINDOW
from reviews.text import Text, put_off

_AGAINST = (NoticeKind.NOT_APPROVED, NoticeKind.SHARED, NoticeKind.SUPPORT)


@dataclass(frozen=True)
class Ground:
    """What a statement rests on: the basis, the policy, the memo's facts and points, and when it is decided."""

    basis: Basis
    policy: PolicyVersion
    at: datetime
    zone: str  # the program's
    facts: Mapping[str, Any]
    scores: Collection[Mapping[str, Any]] = ()
    again: bool = False  # on an appeal: it takes the place of an earlier outcome
    by_rule: bool = False  # without a person


def ground_of(
    recommendation: Recommendation,
    at: datetime,
    *,
    is_override: bool = False,
    agreed: bool = False,
    again: bool = False,
    by_rule: bool = False,
) -> Ground:
    """The ground of a case's decision: the recommended rule, an agreement, or a person who decided otherwise."""
    policy, result = recommendation.policy, recommendation.result
    if agreed or is_override or not result.get("rule_id"):
        basis = Basis(policy.number, agreed=agreed)
    else:
        basis = basis_of_rule(policy.policy, policy.number, result["rule_id"])
    zone = recommendation.program.timezone
    return Ground(basis, policy, at, zone, recommendation.facts, result.get("score_rows", ()), again, by_rule)


def ground_without_conflict(policy: PolicyVersion, at: datetime) -> Ground:
    """The ground of an approval that nothing stood against."""
    basis = basis_of_rule(policy.policy, policy.number, policy.policy.automation.rule)
    return Ground(basis, policy, at, policy.program.timezone, {})


@put_off
def statement(ending: Ending, ground: Ground, until: datetime | None, blocking: Iterable[str]) -> Text:
    """What a party is told of one registration. Until when it is protected: `until`, if it won."""
    registration = ending.registration
    own = _own(ending, ground, blocking)
    against = ending.kind in _AGAINST and not ground.again
    return notices.write(
        notices.Outcome(
            number=registration.ref,
            account=registration.account_name,
            kind=ending.kind,
            basis=ground.basis,
            zone=ground.zone,
            protected_until=until,
            share_pct=int(Decimal(ending.share)) if ending.share is not None else None,
            own=own,
            another_claim=ending.another,
            again=ground.again,
            by_rule=ground.by_rule,
            appeal_until=ground.at + APPEAL_WINDOW if against else None,
        )
    )


def _own(ending: Ending, ground: Ground, blocking: Iterable[str]) -> Own:
    against = blocked(blocking) if ending.kind == NoticeKind.NOT_APPROVED else Own()
    if against.counted:
        return against
    own = own_of(ending.registration, ground.policy.policy, facts=ground.facts, scores=ground.scores, basis=ground.basis,
                 at=ground.at, zone=ground.zone)  # fmt: skip
    lost = ending.kind in (NoticeKind.NOT_APPROVED, NoticeKind.SUPPORT) and not ground.basis.agreed
    return own if lost else Own(own.counted)


@dataclass(frozen=True)
class Told:
    """What one registration's party would be told of an outcome; no text where nothing changes for it."""

    registration: Registration
    kind: NoticeKind
    text: Text | None


def preview(
    *,
    choice: Choice,
    recommendation: Recommendation,
    claims: list[Claim],
    blocking: Mapping[uuid.UUID, Collection[str]],
    at: datetime,
    is_override: bool = False,
    agreed: bool = False,
    templates: Mapping[tuple[str, str], NoticeTemplate] | None = None,
) -> list[Told]:
    """What each party of a case would read if `choice` became the outcome at `at`. Writes nothing.

    `claims` come with registration, activities, partner and its language; `blocking` are kinds of findings by registration;
    `templates` are the program's own by kind of notice and language, where the texts are shown: each party's in its language.
    """
    ground = ground_of(recommendation, at, is_override=is_override, agreed=agreed)
    protected_until = at + timedelta(days=recommendation.policy.policy.protection.days)
    told = []
    for ending in endings(choice=choice, claims=claims, blocked=blocking):
        registration = ending.registration
        until = protected_until if ending.won else None
        text = statement(ending, ground, until, blocking.get(registration.pk, ())) if ending.changes else None
        if text and templates is not None:
            language = registration.partner.language if registration.partner else settings.LANGUAGE_CODE
            with override(language):
                row = templates.get((ending.kind, language))
                text = worded(row, text, registration.claimant_name, recommendation.program.name, registration)
        told.append(Told(registration, ending.kind, text))
    return told
