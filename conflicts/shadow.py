"""Versions in shadow: what each would have said is written beside a new recommendation, and advises nobody."""

import logging
from collections.abc import Iterable
from datetime import datetime

from conflicts.backtest import Given, said_of
from conflicts.facts import DIRECT, Facts
from conflicts.models import PolicyVersion, Recommendation, ShadowAnswer
from conflicts.recommend.answer import Recommendation as Answer

log = logging.getLogger(__name__)


def answer_in_shadow(
    *, recommendation: Recommendation, answer: Answer, facts: Facts, versions: Iterable[PolicyVersion], at: datetime
) -> list[ShadowAnswer]:
    """What the versions say on the facts of a recommendation, in its own transaction.

    A version that cannot answer must not keep the case from its recommendation: it is logged, and has no row.
    """
    found = []
    for version in versions:
        try:
            found.append(_answer(version, recommendation, answer, facts, at))
        except Exception:
            log.exception("%s in shadow could not answer beside recommendation %s", version, recommendation.pk)
    return ShadowAnswer.objects.bulk_create(found)


def _answer(
    version: PolicyVersion, recommendation: Recommendation, answer: Answer, facts: Facts, at: datetime
) -> ShadowAnswer:
    said = said_of(facts, version.policy)
    shares = {claimant: str(share) for claimant, share in answer.shares.items()}
    live = Given(answer.action, answer.owner, answer.support, shares)
    return ShadowAnswer(
        program_id=recommendation.program_id,
        recommendation=recommendation,
        policy=version,
        action=said.action,
        owner_id=said.owner if said.owner not in ("", DIRECT) else None,
        owner_direct=said.owner == DIRECT,
        support=list(said.support),
        shares=dict(said.shares),
        rule_id=said.rule_id,
        live_rule_id=answer.rule_id,
        differs=not said.same_as(live),
        made_at=at,
    )
