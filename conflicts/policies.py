"""The life of a policy version: draft, edit, ask a second person, publish, shadow, roll back, discard. One door for writes."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from channelconflict.models import User
from channelconflict.tasks import nudge
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policy import Policy, PolicyError, document_hash
from conflicts.policy_review import Review, key_of, live_of
from conflicts.policy_summaries import summarise
from partners.models import Program
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row

S = PolicyStatus
RIGHT = "change_rules"
ONLY_RULES = "Only people who may change the program's rules do this."
SAY_WHY = "Say why: the reason stands beside your name."
# What may be done to a version in which status; `awaits` (asked of a second person) narrows it further.
ACTS: dict[str, tuple[PolicyStatus, ...]] = {
    "edit": (S.DRAFT,), "ask": (S.DRAFT, S.SHADOW), "take back": (S.DRAFT, S.SHADOW), "publish": (S.DRAFT, S.SHADOW),
    "shadow": (S.DRAFT,), "leave shadow": (S.SHADOW,), "discard": (S.DRAFT, S.SHADOW), "roll back": (S.LIVE,),
}  # fmt: skip
_AWAITING, _NOT_AWAITING = ("take back", "publish"), ("edit", "ask")


class UnreadablePolicyError(NotPossibleError):
    """The document is no policy; `problems` holds one sentence a field."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class StalePolicyError(StaleRowError):
    """Somebody else edited the draft since it was seen; `seen` and `now` are the documents then and now."""

    def __init__(self, row: PolicyVersion, seen_version: int) -> None:
        super().__init__(
            f"Somebody else changed {row} meanwhile (edit {row.version}, you saw {seen_version}). Nothing was kept yet."
        )
        then = row.history.filter(version=seen_version).order_by("-history_date", "-history_id").first()
        self.seen, self.now, self.version = (then.document if then else row.document), row.document, row.version


# --- may it be done? ---


def why_not(policy: PolicyVersion, act: str, by: Any) -> str:
    """A sentence why this person may not do this now; "" if they may."""
    if not may(by, RIGHT, policy):
        return ONLY_RULES
    if policy.status not in ACTS[act]:
        return f"Not possible any more: this version is {policy.get_status_display().lower()}."
    if act in _NOT_AWAITING and policy.awaits:
        return "A second person is asked about it: take it back first."
    if act in _AWAITING and not policy.awaits:
        return "Nobody has asked a second person yet."
    if act == "publish" and by.pk in (policy.asked_by_id, *policy.written_by):
        return "You wrote in it or asked for it: a second person publishes, another one with the right to change rules."
    return ""


def _locked(policy: PolicyVersion, act: str, by: User, seen_version: int | None = None) -> PolicyVersion:
    """The row as it stands, if this may be done to it and it is the edit that was seen."""
    row = PolicyVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("program").get(pk=policy.pk)
    if sentence := why_not(row, act, by):
        raise NotPossibleError(sentence)
    if seen_version is not None and seen_version != row.version:
        raise StalePolicyError(row, seen_version)
    return row


def _check_right(by: User | None, program: Program) -> None:
    """Refuse whoever may not change the rules; the product itself (None) may only propose."""
    if by is not None and not may(by, RIGHT, program):
        raise NotPossibleError(ONLY_RULES)


def _one_at_a_time(program_id: Any) -> None:
    """Numbers only rise, and one version is live: whoever makes or publishes one waits for the other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policies of {program_id}"])


def _read(document: Any) -> Policy:
    try:
        return Policy.from_document(document)
    except PolicyError as error:
        raise UnreadablePolicyError(error.problems) from None


def _keep(row: PolicyVersion, by: User | None, at: datetime, act: str, **facts: Any) -> PolicyVersion:
    told = {"number": row.number, "edit": row.version, "sha256": row.sha256, **facts}
    return save_row(row, by=by, at=at, action=f"policy.{act}", facts=told)


# --- writing ---


@transaction.atomic
def draft_policy(
    *, program: Program, by: User | None, at: datetime, source: PolicyVersion | None = None,
    document: Mapping[str, Any] | None = None, why: str = "",
) -> PolicyVersion:  # fmt: skip
    """Begin a version: from another one (the live one unless named), or with a document of its own. It decides nothing yet."""
    return _begin(program, by, at, source, document, why, "drafted")


@transaction.atomic
def import_policy(*, program: Program, document: Any, by: User | None, at: datetime, why: str = "") -> PolicyVersion:
    """Begin a version with the document of a file. Whatever number the file has, the version gets the next one."""
    _read(document if isinstance(document, dict) else None)
    return _begin(program, by, at, None, document, why, "imported")


def _begin(
    program: Program, by: User | None, at: datetime, source: PolicyVersion | None, document: Any, why: str, act: str
) -> PolicyVersion:
    _check_right(by, program)
    _one_at_a_time(program.pk)
    source = source or live_of(program.pk)
    if source is not None and source.program_id != program.pk:
        raise NotPossibleError("A version begins from one of its own program.")
    if source is None and document is None:
        raise NotPossibleError("There is no version to begin from: give a document.")
    number = _next_number(program)
    made = deepcopy(dict(document if document is not None else source.document)) | {"version": number}
    _read(made)
    wrote = [by.pk] if by is not None else []
    row = PolicyVersion(
        program=program, number=number, document=made, sha256=document_hash(made), why=why.strip()[:2000], source=source,
        created_by_id=by.pk if by else None, created_at=at, written_by=wrote,
    )  # fmt: skip
    return _keep(row, by, at, act, source=source.number if source else None)


def _next_number(program: Program) -> int:
    return (PolicyVersion.objects.filter(program=program).aggregate(last=Max("number"))["last"] or 0) + 1


@transaction.atomic
def edit_policy(
    *, policy: PolicyVersion, document: Mapping[str, Any], seen_version: int, by: User, at: datetime,
    why: str | None = None,
) -> PolicyVersion:  # fmt: skip
    """Put another document in a draft's place; an edit that somebody else made meanwhile is shown, not overwritten."""
    row = _locked(policy, "edit", by, seen_version)
    made = deepcopy(dict(document)) | {"version": row.number}
    _read(made)
    if why is not None:
        row.why = why.strip()[:2000]
    row.document, row.sha256, row.version = made, document_hash(made), row.version + 1
    if by.pk not in row.written_by:
        row.written_by = [*row.written_by, by.pk]
    return _keep(row, by, at, "edited")


@transaction.atomic
def discard_policy(*, policy: PolicyVersion, by: User, at: datetime, reason: str = "") -> PolicyVersion:
    """Give a version up that was never live. Its number is not used again."""
    row = _locked(policy, "discard", by)
    row.status, row.reason = S.DISCARDED, reason.strip()[:2000]
    _not_asked(row)
    return _keep(row, by, at, "discarded")


# --- beside the live one ---


@transaction.atomic
def put_in_shadow(*, policy: PolicyVersion, seen_version: int, by: User, at: datetime) -> PolicyVersion:
    """Let it answer beside the live version, seen by nobody who decides."""
    _one_at_a_time(policy.program_id)
    row = _locked(policy, "shadow", by, seen_version)
    other = PolicyVersion.objects.filter(program=row.program_id, status=S.SHADOW).first()
    if other is not None:
        raise NotPossibleError(f"{str(other).capitalize()} runs in shadow already: take it out of shadow first.")
    _read(row.document)
    row.status = S.SHADOW
    return _keep(row, by, at, "shadowed")


@transaction.atomic
def leave_shadow(*, policy: PolicyVersion, by: User, at: datetime) -> PolicyVersion:
    """Stop answering beside the live version: it is a draft again, and can be edited."""
    row = _locked(policy, "leave shadow", by)
    row.status = S.DRAFT
    return _keep(row, by, at, "left_shadow")


# --- going live ---


@transaction.atomic
def ask_for_second(
    *, policy: PolicyVersion, reason: str, seen_version: int, by: User, at: datetime, ticked: Iterable[str] = ()
) -> PolicyVersion:
    """Hand a version to a second person: why, and with every warning of the checks ticked off."""
    row = _locked(policy, "ask", by, seen_version)
    if not reason.strip():
        raise NotPossibleError(SAY_WHY)
    review, wanted = Review(row, live_of(row.program_id)), set(ticked)
    _check_ready(review, wanted)
    row.asked_by_id, row.asked_at, row.asked_sha256, row.ask_reason = by.pk, at, row.sha256, reason.strip()[:2000]
    row.accepted = [{"key": key_of(one), "sentence": one.sentence} for one in review.warnings]
    return _keep(row, by, at, "asked", warnings=len(row.accepted))


@transaction.atomic
def take_back(*, policy: PolicyVersion, by: User, at: datetime) -> PolicyVersion:
    """Go on writing instead of waiting for the second person, or as the second person: send it back."""
    row = _locked(policy, "take back", by)
    _not_asked(row)
    return _keep(row, by, at, "taken_back")


def _not_asked(row: PolicyVersion) -> None:
    row.asked_by_id, row.asked_at, row.asked_sha256, row.ask_reason, row.accepted = None, None, "", "", []


def _check_ready(review: Review, ticked: Iterable[str]) -> None:
    if told := review.why_not_ready(ticked):
        raise NotPossibleError(" ".join(told))


@transaction.atomic
def publish_policy(
    *, policy: PolicyVersion, seen_version: int, seen_live: int, by: User, at: datetime, reason: str = ""
) -> PolicyVersion:
    """The second person lets it go live in the place of the version that it was compared with (`seen_live`, its number)."""
    _one_at_a_time(policy.program_id)
    row = _locked(policy, "publish", by, seen_version)
    live = _live_as_seen(row.program, seen_live)
    _check_ready(Review(row, live), [one["key"] for one in row.accepted])
    row.published_by_id, row.reason = by.pk, reason.strip()[:2000]
    return _go_live(row, live, by, at, "published")


@transaction.atomic
def roll_back(*, program: Program, reason: str, seen_live: int, by: User, at: datetime) -> PolicyVersion:
    """Put back what was live before, in one act: its document becomes a new version, and no locked row is touched.

    One person is enough: two agreed to that document when it went live.
    """
    _check_right(by, program)
    if not reason.strip():
        raise NotPossibleError(SAY_WHY)
    _one_at_a_time(program.pk)
    live = _live_as_seen(program, seen_live)
    if live.replaced is None:
        raise NotPossibleError(f"Nothing was live before {live}: there is nothing to go back to.")
    back, number = live.replaced, _next_number(program)
    document = deepcopy(back.document) | {"version": number}
    row = PolicyVersion(
        program=program, number=number, document=document, sha256=document_hash(document), why=f"As {back} was.",
        source=back, restores=back, created_by_id=by.pk, created_at=at, published_by_id=by.pk, reason=reason.strip()[:2000],
    )  # fmt: skip
    return _go_live(row, live, by, at, "rolled_back")


def _live_as_seen(program: Program, seen_live: int) -> PolicyVersion:
    rows = PolicyVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("replaced")
    live = rows.filter(program=program, status=S.LIVE).first()
    if live is None or live.number != seen_live:
        now = live or "nothing"
        raise StaleRowError(f"Another version went live meanwhile ({now}): look at the difference to it first.")
    return live


def _go_live(row: PolicyVersion, live: PolicyVersion, by: User, at: datetime, act: str) -> PolicyVersion:
    """Retire the one, put the other in force, tell partners, and have everything open looked at again."""
    _read(row.document)
    live.status, live.retired_at = S.RETIRED, at
    _keep(live, by, at, "retired", replaced_by=row.number)
    row.status, row.live_from, row.replaced = S.LIVE, at, live
    _keep(row, by, at, act, asked_by=row.asked_by_id, published_by=row.published_by_id, replaced=live.number)
    summarise(policy=row, by=by, at=at)
    nudge("reviews.tasks.look_again", row.program_id)
    return row
