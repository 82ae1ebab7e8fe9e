"""What the tests of trials share: a changed policy, a trial begun or worked through, a version in a program."""

import copy

from conflicts.backtest import Trial
from conflicts.models import PolicyStatus, PolicyTrial, PolicyVersion
from conflicts.policy import STANDARD, document_hash
from conflicts.trials import Wanted, start_trial
from partners.services import save_row
from reviews.backtest.running import work_on_trial
from tests.factories import AT


def changed(**numbers) -> dict:
    """The standard policy with other parameters."""
    document = copy.deepcopy(STANDARD)
    document["parameters"] |= numbers
    return document


def begin(cast, document=STANDARD, **more) -> PolicyTrial:
    with cast.scope():
        wanted = Wanted(document, "A draft", **more)
        return start_trial(program=cast.program, wanted=wanted, by=cast.pat, at=AT, in_background=False)


def tried(cast, document=STANDARD, **more) -> tuple[PolicyTrial, Trial]:
    done = work_on_trial(cast.program, begin(cast, document, **more).pk)
    assert done is not None
    assert done.ended_well
    return done, Trial.from_json(done.result)


def version(cast, document, status=PolicyStatus.DRAFT) -> PolicyVersion:
    with cast.scope():
        number = PolicyVersion.objects.filter(program=cast.program).count() + 1
        row = PolicyVersion(program=cast.program, number=number, status=status, document=document,
                            sha256=document_hash(document), created_at=AT)  # fmt: skip
        return save_row(row, by=None, at=AT, action="policy.drafted")
