"""A version in shadow and trials of policies, for furniture: what each says of partners must reach none of them."""

from copy import deepcopy

from conflicts import policies, policy_review
from conflicts.backtest.supposing import with_numbers
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policy import STANDARD, document_hash
from conflicts.supposing import Supposition, supposed
from conflicts.trials import of_version, start_trial
from partners import services
from reviews.backtest.running import work_on_trial
from tests.conflicts.policy_life import back_tested
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


def change_policies(cast: Cast) -> None:
    """A version that a second person is asked about, and a discarded one."""
    for doing in ("ask", "discard"):
        draft = policies.draft_policy(program=cast.program, why=f"To {doing}.", by=cast.olga, at=AT)
        document = deepcopy(draft.document) | {"title": f"Policy to {doing}"}
        document["scoring"]["last_activity"][-1]["points"] = 0  # which the checks warn of
        draft = policies.edit_policy(policy=draft, document=document, seen_version=1, by=cast.olga, at=AT)
        if doing == "ask":
            back_tested(draft)
            ticked = [policy_review.key_of(one) for one in policy_review.review_of(draft).warnings]
            policies.ask_for_second(
                policy=draft, reason="As agreed.", seen_version=2, by=cast.olga, at=AT, ticked=ticked
            )
        if doing == "discard":
            policies.discard_policy(policy=draft, reason="Not now.", by=cast.olga, at=AT)
