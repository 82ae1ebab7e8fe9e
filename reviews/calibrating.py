"""How often deciders did what was recommended, by the confidence of the rules: counted from decisions, kept as versions."""

import uuid
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.models import Calibration
from conflicts.recommend.confidence import ENOUGH, GOOD_ENOUGH, Bin, Example, fit, unseen_error
from partners.models import Program
from partners.services import NotPossibleError
from reviews.models import BY_RULE, Decision
from reviews.services.decisions import choice_of, recommended_choice


def examples(program_id: uuid.UUID) -> list[Example]:
    """The decided cases of a program in which an outcome had been recommended, in order: the last decision of each."""
    rows = Decision.objects.filter(program_id=program_id, case__decided_at__isnull=False)
    rows = rows.exclude(decided_as__startswith=BY_RULE)  # the product agreed with itself there
    rows = rows.select_related("recommendation").defer("snapshot", "recommendation__facts").order_by("case", "-number")
    found = []
    for decision in rows.distinct("case"):
        recommended = recommended_choice(decision.recommendation)
        if recommended is not None and decision.agreed_in_id is None:  # what sides agree on judges no rule
            agreed = choice_of(decision).same_as(recommended)
            found.append((decision.decided_at, decision.pk, Example(decision.recommendation.confidence, agreed)))
    return [example for _, _, example in sorted(found, key=lambda item: item[:2])]


@transaction.atomic
def fit_calibration(*, program: Program, by: User | None, at: datetime) -> Calibration:
    """Fit and keep the next version; it holds when it does well on decisions that it was not fitted on."""
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # one number at a time
    counted = examples(program.pk)
    if len(counted) < ENOUGH:
        raise NotPossibleError(
            f"{len(counted)} recommendations of program {program.code} have been decided on; it takes {ENOUGH} to say "
            "how often deciders agree."
        )
    error = unseen_error(counted)
    row = Calibration.objects.create(
        program=program,
        number=Calibration.objects.filter(program=program).count() + 1,
        bins=[asdict(item) for item in fit(counted)],
        decisions=len(counted),
        agreed=sum(item.agreed for item in counted),
        error=error,
        holds=error <= GOOD_ENOUGH,
        fitted_at=at,
    )
    record(action="calibration.fitted", by=by, at=at, subject=row, program_id=program.pk,
           facts={"number": row.number, "decisions": row.decisions, "error": round(error, 4), "holds": row.holds})  # fmt: skip
    return row


def calibration_in_force(program_id: uuid.UUID, at: datetime) -> Calibration | None:
    """The latest version that holds, of those fitted by then: a decided case goes on showing what its decider saw."""
    rows = Calibration.objects.filter(program=program_id, holds=True, fitted_at__lte=at)
    return rows.order_by("-number").first()


def bins_of(row: Calibration) -> tuple[Bin, ...]:
    """The kept bins."""
    return tuple(Bin(**item) for item in row.bins)
