"""What people said feeds the weights: reviewed queries are read, a version is made, tried, put in force, taken back."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from channelconflict.models import User
from conflicts.identity.evidence import SIGNS
from conflicts.identity.score import STANDARD, Thresholds
from conflicts.identity.trial import ENOUGH, Query, Seen, Trial, Version, compare, learn
from conflicts.identity.weights import SHIPPED, Weights
from conflicts.models import IdentityWeights, WeightsStatus
from partners.models import Account, MatchVerdict, Program, Verdict
from partners.permissions import may
from partners.services import NotPossibleError, save_row

NEWEST = 2000  # reviewed queries that are read: what is learned levels off at 200
KEPT_CHANGES = 200
START = Version(SHIPPED, STANDARD)


@dataclass(frozen=True)
class Proposal:
    """A version made of what people said so far, and how it does beside the one in force."""

    queries: tuple[Query, ...]
    left_out: int  # reviewed, but seen with the facts of another release, or with nothing to learn from
    version: Version
    in_force: Version
    trial: Trial

    @property
    def too_few(self) -> str:
        """Why no draft is made of it; "" if one is."""
        count = len(self.queries)
        if count >= ENOUGH:
            return ""
        return (
            f"{count} reviewed {'query' if count == 1 else 'queries'} so far: from {ENOUGH} on they say enough to"
            f" change the weights. {self.in_force.weights.version} stays in force."
        )


def weights_in_force(program_id: uuid.UUID) -> tuple[Weights, Thresholds]:
    """What judges in this program: its live version, else the shipped weights. One query.

    A version whose facts are those of another release waits for a new fit; until then the shipped weights judge.
    """
    row = IdentityWeights.objects.filter(program_id=program_id, status=WeightsStatus.LIVE).first()
    version = version_of(row) if row and fits_this_release(row) else START
    return version.weights, version.thresholds


def version_of(row: IdentityWeights) -> Version:
    """A kept version as the scorer wants it."""
    bits = {fact: float(row.bits[fact]) for fact in SIGNS if fact in row.bits}
    return Version(Weights(row.version, row.start, bits), Thresholds(row.same, row.margin, row.different))


def fits_this_release(row: IdentityWeights) -> bool:
    """Whether the version weighs the facts that this release finds."""
    return SIGNS.keys() <= row.bits.keys()


def propose(program_id: uuid.UUID) -> Proposal:
    """Learn from what people said, and try it.

    It always begins at the shipped weights, never at a learned version: the same verdicts would count twice.
    """
    queries, left_out = reviewed_queries(program_id)
    in_force = Version(*weights_in_force(program_id))
    learned = learn(queries, prior=START, name=f"p-{_highest(program_id) + 1}")
    return Proposal(queries, left_out, learned, in_force, compare(queries, in_force, learned))


def reviewed_queries(program_id: uuid.UUID) -> tuple[tuple[Query, ...], int]:
    """The newest reviewed queries, and how many were left out; merged accounts are the one that they count as."""
    standing = dict(
        Account.objects.filter(program_id=program_id, merged_into__isnull=False).values_list("pk", "merged_into")
    )
    said: dict[uuid.UUID, list[MatchVerdict]] = {}
    rows = MatchVerdict.objects.filter(program_id=program_id).order_by("-said_at", "-pk")[: 3 * NEWEST]
    for row in rows.only("registration_id", "account_id", "verdict", "seen", "said_at"):
        said.setdefault(row.registration_id, []).insert(0, row)
    queries = [_query(key, verdicts, standing) for key, verdicts in list(said.items())[:NEWEST]]
    return tuple(query for query in queries if query), sum(query is None for query in queries)


def _query(key: uuid.UUID, rows: list[MatchVerdict], standing: dict[uuid.UUID, uuid.UUID]) -> Query | None:
    """What people said of one registration, the earlier first; None if nothing can be learned from it."""
    first: list[dict[str, Any]] = next(
        (row.seen for row in rows if row.seen), []
    )  # later ones have seen what the earlier ones changed
    seen: dict[uuid.UUID, Seen] = {}
    for entry in first:
        account = uuid.UUID(entry["account"])
        seen.setdefault(
            standing.get(account, account),
            Seen(entry["facts"], entry.get("related", False), entry.get("grounded", True)),
        )
    said = {standing.get(row.account_id, row.account_id): row.verdict for row in rows}
    same = [account for account, verdict in said.items() if verdict == Verdict.SAME]
    # "Not this one" says nothing of the other candidates; "this one" says that they are not it.
    told = seen if same else {account: found for account, found in seen.items() if account in said}
    if not told or any(found.facts.keys() - SIGNS.keys() for found in told.values()):
        return None
    places = list(told)
    return Query(str(key), tuple(told.values()), places.index(same[-1]) if same and same[-1] in told else -1)


@transaction.atomic
def draft_weights(*, program: Program, proposal: Proposal, by: User | None, at: datetime) -> IdentityWeights:
    """Keep a proposal as a draft; the same one is not kept twice. Refused below ENOUGH reviewed queries."""
    if proposal.too_few:
        raise NotPossibleError(proposal.too_few)
    _one_at_a_time(program.pk)
    weights, thresholds = proposal.version.weights, proposal.version.thresholds
    latest = IdentityWeights.objects.filter(program=program).order_by("-number").first()
    if latest and latest.status == WeightsStatus.DRAFT and _says_the_same(version_of(latest), proposal.version):
        return latest
    row = IdentityWeights(
        program=program, number=_highest(program.pk) + 1, start=weights.start, bits=dict(weights.bits),
        base=SHIPPED.version, reviewed=len(proposal.queries), trial=_trial_json(proposal),
        same=thresholds.same, margin=thresholds.margin, different=thresholds.different,
        made_by_id=by.pk if by else None, made_at=at,
    )  # fmt: skip
    facts = {"version": row.version, "reviewed": row.reviewed}
    return save_row(row, by=by, at=at, action="identity_weights.drafted", facts=facts)


@transaction.atomic
def publish_weights(*, weights: IdentityWeights, by: User, at: datetime) -> IdentityWeights:
    """Put a draft in force, if on today's held out queries what it calls the same is right as often as now."""
    row = _locked(weights, by)
    if row.status != WeightsStatus.DRAFT:
        raise NotPossibleError(f"{row} is {row.get_status_display().lower()}: only a draft can be put in force.")
    if not fits_this_release(row):
        raise NotPossibleError(f"{row} weighs the facts of another release: fit the weights again.")
    queries, _ = reviewed_queries(row.program_id)
    trial = compare(queries, Version(*weights_in_force(row.program_id)), version_of(row))
    if not trial.holds:
        raise NotPossibleError(
            f"{row} would be right in {trial.after.precision:.2%} of what it calls the same, the version in force is in"
            f" {trial.before.precision:.2%} ({trial.after.queries} reviewed queries that it has not learned from)."
        )
    row.replaced = IdentityWeights.objects.filter(program_id=row.program_id, status=WeightsStatus.LIVE).first()
    if row.replaced:
        _set_status(row.replaced, WeightsStatus.RETIRED, by=by, at=at, action="identity_weights.retired")
    row.live_from = at
    return _set_status(row, WeightsStatus.LIVE, by=by, at=at, action="identity_weights.published")


@transaction.atomic
def return_weights(*, weights: IdentityWeights, by: User, at: datetime) -> IdentityWeights | None:
    """Take the version in force back: the one before it is in force again (None: the shipped weights)."""
    row = _locked(weights, by)
    if row.status != WeightsStatus.LIVE:
        raise NotPossibleError(f"{row} is not in force.")
    _set_status(row, WeightsStatus.RETIRED, by=by, at=at, action="identity_weights.taken_back")
    if row.replaced is None:
        return None
    return _set_status(row.replaced, WeightsStatus.LIVE, by=by, at=at, action="identity_weights.returned_to")


def _set_status(row: IdentityWeights, status: WeightsStatus, *, by: User, at: datetime, action: str) -> IdentityWeights:
    row.status = status
    return save_row(row, by=by, at=at, action=action, facts={"version": row.version})


def _locked(weights: IdentityWeights, by: User) -> IdentityWeights:
    """The row as it stands, while nobody else changes the versions of its program."""
    if by is None or not may(by, "change_rules", weights):
        raise NotPossibleError("Only those who may change the program's rules can say which weights are in force.")
    _one_at_a_time(weights.program_id)
    return IdentityWeights.objects.select_related("replaced").get(pk=weights.pk)


def _one_at_a_time(program_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"identity_weights:{program_id}"])


def _highest(program_id: uuid.UUID) -> int:
    rows = IdentityWeights.objects.filter(program_id=program_id)
    return rows.aggregate(highest=Max("number"))["highest"] or 0


def _says_the_same(one: Version, other: Version) -> bool:
    return replace(one.weights, version="") == replace(other.weights, version="") and one.thresholds == other.thresholds


def _trial_json(proposal: Proposal) -> dict[str, Any]:
    told = proposal.trial.as_json()
    return told | {
        "against": proposal.in_force.weights.version,
        "changes": told["changes"][:KEPT_CHANGES],
        "changed": len(told["changes"]),
    }
