"""Writes about the model: switches, budgets, versions of the prompt, and the opinions that came of asking."""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from channelconflict.models import User
from conflicts.facts import DIRECT
from conflicts.models import (
    ModelBudget,
    ModelMode,
    ModelOpinion,
    ModelSwitch,
    OpinionStatus,
    PromptStatus,
    PromptVersion,
    Recommendation,
)
from conflicts.policy import KINDS
from conflicts.recommend.llm.asking import SHIPPED, Opinion
from partners.models import Program
from partners.permissions import may
from partners.services import NotPossibleError, save_row

LONGEST_PROMPT, SHORTEST_PROMPT = 8000, 80
STRICTNESS = (ModelMode.ON, ModelMode.SHADOW, ModelMode.OFF)


@dataclass(frozen=True)
class Budget:
    """What model calls of a program may use up."""

    calls_per_case: int
    calls_per_day: int
    cost_per_day: Decimal
    cost_per_month: Decimal


@dataclass(frozen=True)
class Asking:
    """What stands behind an opinion: the prompt, the model, the brief, and what asking took."""

    prompt: PromptVersion | None = None
    model: str = ""
    brief_sha256: str = ""
    names: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    cost: Decimal = Decimal(0)


def mode_of(program_id: uuid.UUID, kinds: Iterable[str] = ()) -> tuple[ModelMode, str]:
    """The strictest switch that concerns these kinds of findings, and the kind it is for ("" = all). One query."""
    rows = ModelSwitch.objects.filter(program_id=program_id, kind__in=["", *kinds]).order_by("kind", "pk")
    strictest = max(rows, key=lambda row: STRICTNESS.index(ModelMode(row.mode)), default=None)
    return (ModelMode(strictest.mode), strictest.kind) if strictest else (ModelMode.ON, "")


def budget_of(program_id: uuid.UUID) -> Budget:
    """The program's budget, else that of the settings."""
    row = ModelBudget.objects.filter(program_id=program_id).first()
    if row:
        return Budget(row.calls_per_case, row.calls_per_day, row.cost_per_day, row.cost_per_month)
    return Budget(
        settings.MODEL_CALLS_PER_CASE, settings.MODEL_CALLS_PER_DAY,
        Decimal(settings.MODEL_COST_PER_DAY), Decimal(settings.MODEL_COST_PER_MONTH),
    )  # fmt: skip


def prompt_in_force(program_id: uuid.UUID) -> PromptVersion | None:
    """The version that is sent; None = the shipped text."""
    return PromptVersion.objects.filter(program_id=program_id, status=PromptStatus.LIVE).first()


@transaction.atomic
def set_model_mode(*, program: Program, kind: str, mode: ModelMode, reason: str, by: User, at: datetime) -> ModelSwitch:
    """Switch the model on, off or into the shadow, for a kind of finding or ("") at all. It holds from the next call."""
    _check_may(program, by)
    if kind and kind not in KINDS:
        raise NotPossibleError("There is no such kind of finding.")
    if mode != ModelMode.ON and not reason.strip():
        raise NotPossibleError("Say why: those who meet a case without an opinion read it.")
    _one_at_a_time(program.pk)
    row = ModelSwitch.objects.filter(program=program, kind=kind).first() or ModelSwitch(program=program, kind=kind)
    row.mode, row.reason, row.set_by_id, row.set_at = mode, reason.strip(), by.pk, at
    facts = {"kind": kind, "mode": str(mode)}
    return save_row(row, by=by, at=at, action="model.switched", reason=reason, facts=facts)


@transaction.atomic
def set_model_budget(*, program: Program, budget: Budget, by: User, at: datetime) -> ModelBudget:
    """Say what model calls of a program may use up."""
    _check_may(program, by)
    if min(budget.cost_per_day, budget.cost_per_month) < 0:
        raise NotPossibleError("A budget cannot be negative.")
    _one_at_a_time(program.pk)
    row = ModelBudget.objects.filter(program=program).first() or ModelBudget(program=program)
    for name, value in asdict(budget).items():
        setattr(row, name, value)
    row.set_at = at
    facts = {name: str(value) for name, value in asdict(budget).items()}
    return save_row(row, by=by, at=at, action="model.budget_set", facts=facts)


@transaction.atomic
def draft_prompt(*, program: Program, text: str, by: User | None, at: datetime) -> PromptVersion:
    """Keep a text as a version of the prompt; the same text is kept once."""
    if by is not None:
        _check_may(program, by)
    text = text.replace("\r\n", "\n").strip()
    if not SHORTEST_PROMPT <= len(text) <= LONGEST_PROMPT:
        raise NotPossibleError(
            f"A prompt has {SHORTEST_PROMPT} to {LONGEST_PROMPT:,} characters; this one has {len(text):,}."
        )
    _one_at_a_time(program.pk)
    digest = hashlib.sha256(text.encode()).hexdigest()
    kept = PromptVersion.objects.filter(program=program, sha256=digest).order_by("number").first()
    if kept:
        return kept
    highest = PromptVersion.objects.filter(program=program).aggregate(n=Max("number"))["n"] or 0
    row = PromptVersion(
        program=program, number=highest + 1, text=text, sha256=digest, made_by_id=by.pk if by else None, made_at=at
    )
    return save_row(row, by=by, at=at, action="prompt.drafted", facts={"number": row.number, "sha256": digest})


@transaction.atomic
def shipped_prompt(*, program: Program, by: User | None, at: datetime) -> PromptVersion:
    """The shipped text as a version of this program, so that its evaluation can be kept."""
    return draft_prompt(program=program, text=SHIPPED, by=by, at=at)


@transaction.atomic
def keep_evaluation(
    *, prompt: PromptVersion, evaluation: dict[str, Any], model: str, by: User | None, at: datetime
) -> PromptVersion:
    """Keep how a version did on the exercises."""
    prompt.evaluation, prompt.evaluated_model, prompt.evaluated_at = evaluation, model[:100], at
    facts = {
        "number": prompt.number,
        "model": model,
        **{k: v for k, v in evaluation.items() if isinstance(v, int | float)},
    }
    return save_row(prompt, by=by, at=at, action="prompt.evaluated", facts=facts)


@transaction.atomic
def publish_prompt(*, prompt: PromptVersion, by: User, at: datetime) -> PromptVersion:
    """Put a version in force; it must have been evaluated with the model that is configured now."""
    _check_may(prompt, by)
    _one_at_a_time(prompt.program_id)
    row = PromptVersion.objects.get(pk=prompt.pk)
    if row.status == PromptStatus.LIVE:
        raise NotPossibleError(f"{row} is in force already.")
    if not row.evaluation or row.evaluated_model != settings.MODEL_NAME:
        raise NotPossibleError(
            f"{row} was not evaluated with {settings.MODEL_NAME} yet: manage.py evaluate_prompt --prompt-version {row.number}."
        )
    now = prompt_in_force(row.program_id)
    if now:
        now.status = PromptStatus.RETIRED
        save_row(now, by=by, at=at, action="prompt.retired", facts={"number": now.number})
    row.status, row.live_from = PromptStatus.LIVE, at
    return save_row(row, by=by, at=at, action="prompt.published", facts={"number": row.number, "sha256": row.sha256})


@transaction.atomic
def keep_opinion(
    *, recommendation: Recommendation, opinion: Opinion, mode: ModelMode, asking: Asking, at: datetime
) -> ModelOpinion | None:
    """Keep what came of asking, once. It changes nothing of the recommendation and nothing of the case."""
    Recommendation.objects.select_for_update(no_key=True).only("pk").get(pk=recommendation.pk)
    if ModelOpinion.objects.filter(recommendation=recommendation).exists():
        return None
    choice = opinion.choice
    row = ModelOpinion(
        program_id=recommendation.program_id, recommendation=recommendation, prompt=asking.prompt, model=asking.model[:100],
        status=_status(opinion, mode), why=opinion.why, problems=list(opinion.problems)[:10], summary=opinion.summary,
        action=choice.action if choice else "", option=choice.means if choice else "",
        owner_id=choice.owner if choice and choice.owner not in ("", DIRECT) else None,
        owner_direct=bool(choice and choice.owner == DIRECT), agrees=_agrees(choice, recommendation),
        reasons=[asdict(reason) for reason in opinion.reasons], names=asking.names,
        confidence=opinion.confidence if choice else None, brief_sha256=asking.brief_sha256,
        calls=asking.calls, cost=asking.cost, asked_at=at,
    )  # fmt: skip
    facts = {"recommendation": recommendation.pk, "status": row.status, "why": row.why, "agrees": row.agrees,
             "calls": row.calls, "brief": row.brief_sha256}  # fmt: skip
    return save_row(row, by=None, at=at, action="model.opinion_kept", facts=facts)


def _status(opinion: Opinion, mode: ModelMode) -> OpinionStatus:
    if mode == ModelMode.OFF:
        return OpinionStatus.OFF
    return OpinionStatus.SHADOW if mode == ModelMode.SHADOW else OpinionStatus(opinion.status)


def _agrees(choice: Any, recommendation: Recommendation) -> bool | None:
    """Whether it is what the rules chose: the same action and, of an award, the same owner."""
    if choice is None:
        return None
    if choice.action != recommendation.action:
        return False
    owner = DIRECT if recommendation.owner_direct else str(recommendation.owner_id or "")
    return choice.action != "award" or choice.owner == owner


def _check_may(subject: Any, by: User) -> None:
    if not may(by, "change_rules", subject):
        raise NotPossibleError("Only those who may change the program's rules can change what the model may do.")


def _one_at_a_time(program_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"model:{program_id}"])
