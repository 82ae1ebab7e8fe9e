"""What the tests of policy versions share: changed documents, a back-test of a draft, a published version."""

from copy import deepcopy

from conflicts import policies
from conflicts.models import PolicyStatus, PolicyVersion
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


def back_tested(row, at=AT):
    """Run the back-test of a version to its end."""
    from conflicts import policy_review

    TRIED.add(row.sha256)
    policy_review.latest_trial = lambda found: Trial(found.sha256, at) if found.sha256 in TRIED else None


TRIED = set()


class Trial:
    def __init__(self, sha, at):
        self.document_sha256, self.finished_at = sha, at
