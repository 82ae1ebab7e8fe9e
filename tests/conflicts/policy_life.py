"""What the tests of policy versions share: changed documents, a back-test of a draft, a published version."""

from copy import deepcopy

from conflicts import policies
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policy import document_hash
from conflicts.policy_summaries import summarise
from conflicts.trials import of_version, start_trial
from partners.services import save_row
from reviews.backtest.running import work_on_trial
from tests.factories import AT


def live(cast):
    """The live version."""
    return PolicyVersion.objects.get(program=cast.program, status=PolicyStatus.LIVE)


def fresh(row):
    """The row as the database has it now."""
    return type(row).objects.get(pk=row.pk)


def changed(row, part, **values):
    """The document of a version with other values in one part."""
    document = deepcopy(row.document)
    document[part] |= values
    return document


def with_margin(row, margin):
    """The document with another margin."""
    return changed(row, "parameters", margin=margin)


def published(cast, *, margin, at=AT):
    """A new live version with another margin: olga writes and asks, pat publishes."""
    draft = policies.draft_policy(program=cast.program, by=cast.olga, at=at)
    draft = policies.edit_policy(policy=draft, document=with_margin(draft, margin), seen_version=1, by=cast.olga, at=at)
    back_tested(draft, at)
    seen = live(cast).number
    draft = policies.ask_for_second(policy=draft, reason="Agreed.", seen_version=draft.version, by=cast.olga, at=at)
    return policies.publish_policy(policy=draft, seen_version=draft.version, seen_live=seen, by=cast.pat, at=at)


def put_in_force(cast, document, at=AT):
    """A document in force at once, as two persons would have brought it there: for tests of what follows from it."""
    before = live(cast)
    before.status, before.retired_at = PolicyStatus.RETIRED, at
    save_row(before, by=None, at=at, action="policy.retired")
    number = PolicyVersion.objects.filter(program=cast.program).latest("number").number + 1
    made = document | {"version": number}
    sha256 = document_hash(made)
    row = PolicyVersion(
        program=cast.program, number=number, status=PolicyStatus.LIVE, document=made, sha256=sha256, live_from=at,
        created_at=at, asked_by_id=cast.olga.pk, asked_at=at, asked_sha256=sha256, published_by_id=cast.pat.pk, replaced=before,
    )  # fmt: skip
    return save_row(row, by=None, at=at, action="policy.published")


def rules_changed(cast, *, days=45, at=AT):
    """An approval protects for another number of days: a change that partners are told of. Returns its summary."""
    row = put_in_force(cast, changed(live(cast), "protection", days=days), at)
    return summarise(policy=row, by=cast.pat, at=at)


def back_tested(row, at=AT):
    """Run the back-test of a version to its end, here."""
    trial = start_trial(program=row.program, wanted=of_version(row), by=None, at=at, in_background=False)
    return work_on_trial(row.program, trial.pk)
