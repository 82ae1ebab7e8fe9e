"""What partners may read of a policy: kept when a version goes live, in words that do not change afterwards."""

from datetime import datetime

from django.db import transaction

from channelconflict.models import User
from conflicts.models import PolicySummary, PolicyVersion
from conflicts.policy.readable import summary_of
from partners.models import Program
from partners.services import save_row


@transaction.atomic
def summarise(*, policy: PolicyVersion, by: User | None, at: datetime) -> PolicySummary:
    """Keep what partners may read of a version that went live."""
    words = summary_of(policy.document)
    row = PolicySummary(
        program_id=policy.program_id, policy=policy, number=policy.number, live_from=policy.live_from, **words
    )
    return save_row(row, by=by, at=at, action="policy.summarised", facts={"number": policy.number})


def summary_in_force(program: Program) -> PolicySummary | None:
    """What partners read now: the summary of the version that went live last."""
    return PolicySummary.objects.filter(program=program).order_by("-number").first()
