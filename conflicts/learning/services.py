"""Keeping what is learned: a reviewer's word, alarms and what people say to them, proposals. Nothing is applied here."""

import uuid
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from channelconflict.audit import record
from channelconflict.models import User
from conflicts.learning.cusum import as_usual, drifted_from
from conflicts.learning.drift import Begun, Key, Measured
from conflicts.learning.trial import Learned
from conflicts.learning.weights import points_of
from conflicts.models import (
    DriftAlarm,
    DriftAnswer,
    DriftStatus,
    Feedback,
    FeedbackVerdict,
    OutputPart,
    PolicyStatus,
    PolicyVersion,
    Recommendation,
    WeightsProposal,
)
from conflicts.policies import draft_policy
from conflicts.policy import Policy
from conflicts.services import InForce, policy_in_force
from partners.models import Program
from partners.permissions import may, roles_in
from partners.services import NotPossibleError, save_row

LONGEST = 1000
KEPT_CHANGES = 200


@dataclass(frozen=True)
class Output:
    """One thing that a case page says: its part, what it came from (a rule, a kind, a prompt), and the words."""

    part: OutputPart
    about: str
    told: str
    subject: str


@dataclass(frozen=True)
class AlarmChange:
    """What a look at the decisions came to."""

    new: tuple[uuid.UUID, ...]
    open: int
    streams: int


@transaction.atomic
def give_feedback(
    *, recommendation: Recommendation, output: Output, verdict: str, text: str, by: User, at: datetime
) -> Feedback:
    """Say of an output whether it is useful, wrong or unclear; said again, it replaces what the person said before."""
    if not roles_in(by, recommendation.program_id):
        raise NotPossibleError("Feedback is for those who decide in this program; your role reads.")
    if verdict not in FeedbackVerdict.values:
        raise NotPossibleError("Say whether it is useful, wrong or unclear.")
    key = {"recommendation": recommendation, "reviewer": by, "part": output.part, "subject": output.subject}
    row = Feedback.objects.select_for_update(no_key=True).filter(**key).first()
    row = row or Feedback(program_id=recommendation.program_id, **key)
    row.about, row.told, row.verdict, row.said_at = output.about[:60], output.told, verdict, at
    row.text = "" if verdict == FeedbackVerdict.TAKEN_BACK else text.strip()[:LONGEST]
    row.save()
    record(
        action="feedback.given", by=by, at=at, subject=row, program_id=row.program_id,
        facts={"recommendation": recommendation.pk, "part": row.part, "about": row.about, "verdict": verdict},
        private={"text": row.text} if row.text else None,
    )  # fmt: skip
    return row


def begun_anew(program: Program) -> dict[Key, Begun]:
    """The streams that somebody looked into: since when they are watched anew, and what is usual in them."""
    rows = DriftAlarm.objects.filter(program=program, status=DriftStatus.ACKNOWLEDGED).order_by("acted_at", "pk")
    found: dict[Key, Begun] = {}
    for row in rows:
        if row.acted_at and row.new_usual:
            found[(row.stream, row.subject)] = Begun(row.acted_at, row.new_usual)
    return found


@transaction.atomic
def keep_alarms(
    *, program: Program, measured: Iterable[Measured], titles: Mapping[Key, str], at: datetime
) -> AlarmChange:
    """Raise an alarm for every stream whose sum reached its threshold; one that stands gets the numbers of today."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"drift:{program.pk}"])
    rows = DriftAlarm.objects.select_for_update(no_key=True).filter(program=program, status=DriftStatus.OPEN)
    standing = {(row.stream, row.subject): row for row in rows}
    streams = list(measured)
    new = []
    for one in streams:
        row = standing.get(one.key)
        if row is None and one.alarms:
            row = DriftAlarm(program=program, stream=one.stream, subject=one.subject, found_at=at)
            new.append(row)
        if row is not None and one.since and one.crossed_at:
            _fill(row, one, titles.get(one.key, one.subject), at)
            row.save()
    if new:
        record(action="drift.found", by=None, at=at, subject=program, program_id=program.pk,
               facts={"new": [row.pk for row in new], "streams": len(streams)})  # fmt: skip
    return AlarmChange(tuple(row.pk for row in new), len(standing) + len(new), len(streams))


def _fill(row: DriftAlarm, one: Measured, title: str, at: datetime) -> None:
    row.usual, row.drifted, row.threshold = one.plan.usual, one.plan.drifted, one.plan.threshold
    row.score, row.overridden, row.cases = one.watched.score, one.watched.overridden, one.watched.cases
    row.since, row.crossed_at, row.seen_at = one.since or at, one.crossed_at or at, at
    row.path, row.sentence = [list(step) for step in one.path], one.sentence(title)


@transaction.atomic
def acknowledge_alarm(*, alarm: DriftAlarm, answer: str, reason: str, by: User, at: datetime) -> DriftAlarm:
    """Somebody looked into it and says what came of it: the stream is watched anew from here."""
    row = DriftAlarm.objects.select_for_update(no_key=True).get(pk=alarm.pk)
    if not (roles_in(by, row.program_id) or may(by, "change_rules", row)):
        raise NotPossibleError("Acknowledging an alarm takes a role that decides in this program or writes its rules.")
    if row.status != DriftStatus.OPEN:
        raise NotPossibleError("Nothing changed: this alarm is acknowledged already.")
    if answer not in DriftAnswer.values:
        raise NotPossibleError("Nothing changed: say whether to go on as before, or that this is usual now.")
    if not reason.strip():
        raise NotPossibleError("Nothing changed: say in a few words what came of it.")
    share = row.overridden / row.cases if row.cases else row.usual
    row.new_usual = as_usual(share) if answer == DriftAnswer.USUAL else row.usual
    row.status, row.answer, row.reason = DriftStatus.ACKNOWLEDGED, answer, reason.strip()
    row.acted_by, row.acted_at = by, at
    row.save()
    record(action="drift.acknowledged", by=by, at=at, subject=row, program_id=row.program_id,
           facts={"answer": answer, "usual": row.new_usual, "drifted": drifted_from(row.new_usual)},
           private={"reason": row.reason})  # fmt: skip
    return row


@transaction.atomic
def propose_policy(*, program: Program, learned: Learned, by: User | None, at: datetime) -> WeightsProposal:
    """Keep learned points as a draft of the policy; the same ones are not kept twice. It changes nothing by itself."""
    if learned.why_not:
        raise NotPossibleError(learned.why_not)
    if by is not None and not may(by, "change_rules", program):
        raise NotPossibleError("Only those who may change the program's rules can draft a version of its policy.")
    _one_at_a_time(program)
    in_force = policy_in_force(program)
    latest = (
        WeightsProposal.objects.filter(program=program).order_by("-made_at", "-pk").select_related("policy").first()
    )
    if latest and latest.policy.status == PolicyStatus.DRAFT and _same_points(latest, learned, in_force):
        return latest
    policy = _draft(program, in_force, learned, by, at)
    trial = learned.trial.as_json()
    row = WeightsProposal(
        program=program, policy=policy, against=in_force.row, decisions=learned.used, left_out=learned.left_out,
        points=[list(point) for point in learned.points], made_by=by, made_at=at,
        trial=trial | {"changes": trial["changes"][:KEPT_CHANGES], "changed": len(trial["changes"])},
    )  # fmt: skip
    facts = {"policy": policy.number, "against": in_force.row.number, "decisions": learned.used}
    return save_row(row, by=by, at=at, action="weights.proposed", facts=facts)


def _draft(program: Program, in_force: InForce, learned: Learned, by: User | None, at: datetime) -> PolicyVersion:
    """The live document with the learned points, as a draft like any other; whoever reads it finds one policy, checked."""
    document = with_points(in_force.row.document, learned.policy)
    return draft_policy(
        program=program, source=in_force.row, document=document, why="Points learned from decisions.", by=by, at=at
    )


def with_points(document: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """A document with the points of a policy in place of its own."""
    changed, points = deepcopy(dict(document)), points_of(policy.scoring)
    scoring = changed["scoring"]
    for name in ("earliest", "own_territory", "closed_won", "customer_letter"):
        scoring[name] = points[name]
    scoring["proof"] = {kind: points[f"proof.{kind}"] for kind in scoring["proof"]}
    scoring["last_activity"] = [
        window | {"points": points[f"last_activity.{window['days']}"]} for window in scoring["last_activity"]
    ]
    return changed


def _same_points(latest: WeightsProposal, learned: Learned, in_force: InForce) -> bool:
    return latest.against_id == in_force.row.pk and latest.points == [list(point) for point in learned.points]


def _one_at_a_time(program: Program) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"policies:{program.pk}"])
