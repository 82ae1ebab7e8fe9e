"""The ledger of calls: before each call it asks switch and budget anew and notes the call, after it how it went.

Each step is a short transaction of its own, so that none is open while the endpoint is waited for; a switch that is
turned holds from the next call on.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import ModelCall, ModelMode, PromptVersion, Recommendation
from conflicts.opinions.configured import cost_of
from conflicts.opinions.services import Budget, budget_of, mode_of
from conflicts.recommend.llm import why
from conflicts.recommend.llm.talk import NotNowError, Told

FAILURES, WINDOW = 3, timedelta(minutes=10)


@dataclass
class CallLedger:
    """The calls about one recommendation (or, without one, of an evaluation)."""

    program_id: uuid.UUID
    asked_model: str
    kinds: frozenset[str] = frozenset()
    recommendation: Recommendation | None = None
    prompt: PromptVersion | None = None
    calls: int = 0
    cost: Decimal = field(default=Decimal(0))

    def begin(self, purpose: str) -> ModelCall:
        """Note a call that is about to be made; raises NotNowError if it may not."""
        with staff_of(self.program_id):
            # Two workers at once must not spend the same rest of the budget.
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"model-calls:{self.program_id}"]
                )
            reason = self.why_not()
            if reason:
                raise NotNowError(reason)
            kept = self.recommendation
            call = ModelCall.objects.create(
                program_id=self.program_id, recommendation=kept, conflict_id=kept.conflict_id if kept else None,
                policy_id=kept.policy_id if kept else None, prompt=self.prompt, purpose=purpose,
                asked_model=self.asked_model[:100], began_at=timezone.now(),
            )  # fmt: skip
        self.calls += 1
        return call

    def end(self, call: ModelCall, told: Told) -> None:
        """Note how the call went."""
        call.ended_at, call.outcome, call.format, call.http_status = (
            timezone.now(),
            told.outcome,
            told.format,
            told.http_status,
        )
        call.tokens_in, call.tokens_out, call.cost = (
            told.tokens_in,
            told.tokens_out,
            cost_of(told.tokens_in, told.tokens_out),
        )
        call.seconds, call.model, call.request_id = told.seconds, _clean(told.model), _clean(told.request_id)
        call.request_sha256, call.answer = told.request_sha256, _clean(told.text)
        with staff_of(self.program_id):
            call.save()
        self.cost += call.cost

    def why_not(self) -> str:
        """Why no call may be made now: a code of why.SENTENCES, "" if it may."""
        mode, kind = mode_of(self.program_id, self.kinds)
        if mode == ModelMode.OFF:
            return "off_for_kind" if kind else "switched_off"
        return self._spent(budget_of(self.program_id)) or self._resting()

    def _spent(self, budget: Budget) -> str:
        now = timezone.now()
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        rows = ModelCall.objects.filter(program_id=self.program_id, began_at__gte=today.replace(day=1))
        spent = rows.aggregate(
            calls=Count("pk", filter=Q(began_at__gte=today)),
            day=Sum("cost", filter=Q(began_at__gte=today)),
            month=Sum("cost"),
        )
        if self.recommendation and self._of_case().count() >= budget.calls_per_case:
            return "budget_case"
        if spent["calls"] >= budget.calls_per_day or (spent["day"] or 0) >= budget.cost_per_day:
            return "budget_day"
        return "budget_month" if (spent["month"] or 0) >= budget.cost_per_month else ""

    def _of_case(self) -> QuerySet[ModelCall]:
        assert self.recommendation is not None
        return ModelCall.objects.filter(conflict_id=self.recommendation.conflict_id)

    def _resting(self) -> str:
        """After some failures in a row the endpoint is left alone: a dead one would hold up every worker."""
        rest, now = timedelta(seconds=settings.MODEL_REST_SECONDS), timezone.now()
        ended = ModelCall.objects.filter(program_id=self.program_id, began_at__gte=now - WINDOW, ended_at__isnull=False)
        last = list(ended.order_by("-began_at", "-pk").values_list("outcome", "ended_at")[:FAILURES])
        failed = len(last) == FAILURES and all(outcome in why.ENDPOINT for outcome, _ in last)
        return "resting" if failed and last[0][1] + rest > now else ""


def _clean(text: str) -> str:
    """A text that PostgreSQL can store: without NUL and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
