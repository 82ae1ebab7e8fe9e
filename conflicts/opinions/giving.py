"""Ask the model about one recommendation: read, close the transaction, ask, open another, keep what came of it."""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts import memo
from conflicts.facts import from_memo
from conflicts.models import Finding, ModelCall, ModelMode, ModelOpinion, PromptVersion, Recommendation
from conflicts.opinions.configured import endpoint, limits, why_none
from conflicts.opinions.ledger import CallLedger
from conflicts.opinions.services import Asking, keep_opinion, mode_of, prompt_in_force
from conflicts.recommend.answer import Recommendation as Answer
from conflicts.recommend.llm.asking import FELL_BACK, SHIPPED, Opinion, opine
from conflicts.recommend.llm.brief import Against, Brief, make_brief
from partners.models import Program

log = logging.getLogger(__name__)
UNDER_WAY = timedelta(minutes=3)  # a call that began longer ago was lost with its worker


@dataclass(frozen=True)
class Ready:
    """Everything that asking needs, read."""

    recommendation: Recommendation
    brief: Brief
    kinds: frozenset[str]
    mode: ModelMode
    off_for: str
    prompt: PromptVersion | None


def give_opinion(program: Program, recommendation_id: uuid.UUID) -> ModelOpinion | None:
    """Ask about a recommendation that is in force and was not asked about yet. Whatever happens, the rules' stands."""
    with staff_of(program.pk):
        ready = _ready(recommendation_id, timezone.now())
    if ready is None:
        return None
    where = endpoint()
    if ready.mode == ModelMode.OFF or where is None:
        code = ("off_for_kind" if ready.off_for else "switched_off") if ready.mode == ModelMode.OFF else why_none()
        return _keep(program, ready, Opinion(FELL_BACK, code), Asking(ready.prompt), ModelMode.OFF)
    ledger = CallLedger(program.pk, where.model, ready.kinds, ready.recommendation, ready.prompt)
    from conflicts.recommend.llm import client  # takes half a second to import: only a worker that asks needs it

    try:
        opinion = opine(
            ready.brief,
            ready.prompt.text if ready.prompt else SHIPPED,
            lambda question: client.ask(question, endpoint=where, limits=limits(), ledger=ledger),
        )
    except Exception:  # a fault of ours must not leave the case without a word
        log.exception("the model could not be asked about recommendation %s", recommendation_id)
        opinion = Opinion(FELL_BACK, "failed")
    told = hashlib.sha256(ready.brief.text().encode()).hexdigest()
    asking = Asking(ready.prompt, where.model, told, dict(ready.brief.names), ledger.calls, ledger.cost)
    return _keep(program, ready, opinion, asking, ready.mode)


def brief_of(recommendation: Recommendation, findings: list[Finding]) -> Brief:
    """What a model is told of a recommendation."""
    policy = recommendation.policy.policy
    titles = {kind: item.title for kind, item in policy.findings.items()}
    against = [Against(item.kind, str(item.registration_id), item.blocking) for item in findings]
    return make_brief(from_memo(recommendation.facts), memo.load(Answer, recommendation.result), against, titles)


def _ready(recommendation_id: uuid.UUID, at: datetime) -> Ready | None:
    rows = Recommendation.objects.select_related("policy").filter(superseded_at__isnull=True, opinion__isnull=True)
    kept = rows.filter(pk=recommendation_id).first()
    under_way = ModelCall.objects.filter(
        recommendation_id=recommendation_id, ended_at__isnull=True, began_at__gte=at - UNDER_WAY
    )
    if kept is None or under_way.exists():
        return None
    findings = list(Finding.objects.filter(conflict=kept.conflict_id, gone_at__isnull=True).order_by("found_at", "pk"))
    kinds = frozenset(item.kind for item in findings)
    mode, off_for = mode_of(kept.program_id, kinds)
    return Ready(kept, brief_of(kept, findings), kinds, mode, off_for, prompt_in_force(kept.program_id))


def _keep(program: Program, ready: Ready, opinion: Opinion, asking: Asking, mode: ModelMode) -> ModelOpinion | None:
    with staff_of(program.pk):
        return keep_opinion(
            recommendation=ready.recommendation, opinion=opinion, mode=mode, asking=asking, at=timezone.now()
        )


def waits_for_opinion(program: Program, at: datetime) -> list[uuid.UUID]:
    """Recommendations of the last two days whose nudge was lost; none where no model is configured."""
    if endpoint() is None:
        return []
    fresh = Recommendation.objects.filter(
        program=program, superseded_at__isnull=True, opinion__isnull=True,
        made_at__range=(at - timedelta(days=2), at - timedelta(minutes=5)), conflict__status="open",
    )  # fmt: skip
    return list(fresh.order_by("made_at", "pk").values_list("pk", flat=True)[:20])
