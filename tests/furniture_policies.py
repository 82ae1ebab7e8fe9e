"""A version in shadow and trials of policies, for furniture: what each says of partners must reach none of them."""

from conflicts.backtest.supposing import with_numbers
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policy import STANDARD, document_hash
from conflicts.supposing import Supposition, supposed
from conflicts.trials import of_version, start_trial
from partners import services
from reviews.backtest.running import work_on_trial
from tests.factories import AT, Cast


def put_in_shadow(cast: Cast) -> None:
    """A version that answers beside every recommendation, and advises nobody."""
    document = with_numbers(STANDARD, {"parameters.margin": 90})
    with cast.scope():
        row = PolicyVersion(program=cast.program, number=2, status=PolicyStatus.SHADOW, document=document,
                            sha256=document_hash(document), created_at=AT)  # fmt: skip
        services.save_row(row, by=cast.pat, at=AT, action="policy.in_shadow")


def try_policies(cast: Cast) -> None:
    """A trial of the version in shadow, with what it changes; one of something supposed, which waits."""
    with cast.scope():
        row = PolicyVersion.objects.get(program=cast.program, number=2)
        begun = start_trial(program=cast.program, wanted=of_version(row), by=cast.pat, at=AT, in_background=False)
        gone = supposed(cast.program, Supposition({}, gone=cast.beta))
        start_trial(program=cast.program, wanted=gone, by=cast.pat, at=AT, in_background=False)
    work_on_trial(cast.program, begun.pk)
