"""Everything a case page is made of, read in a fixed number of queries, however many claims a case has."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch

from channelconflict.models import AuditEvent, User
from conflicts import memo
from conflicts.claims import Claim as LiveClaim
from conflicts.claims import live_claims
from conflicts.facts import DIRECT, Facts, from_memo
from conflicts.models import Calibration, Claim, Finding, OutputPart, Recommendation
from conflicts.policy import Policy
from conflicts.recommend.answer import Recommendation as Answer
from partners.calendar import Calendar
from partners.models import Activity, Evidence, Ownership, OwnershipRole
from reviews.calibrating import calibration_in_force
from reviews.desk.feedback import Asked, Said, ask, said_by
from reviews.desk.own_view import opinions
from reviews.desk.stages import Stages, stages_of, with_talks
from reviews.models import (
    Appeal,
    AppealAnswer,
    Approval,
    Assignment,
    Attempt,
    Case,
    Decision,
    Hold,
    Message,
    Notice,
    NoticeKind,
    Outbox,
    Party,
    Skip,
    WorkNote,
)
from reviews.permissions import Step, next_step
from reviews.states import UNDECIDED, CaseStatus

EVENTS_SHOWN = 40


def cases() -> Any:
    """The rows that the desk opens cases from: whatever a case is asked for comes with them."""
    parties = (
        Party.objects.filter(left_at__isnull=True).select_related("partner", "registration").order_by("joined_at", "pk")
    )
    rows = Case.objects.select_related("program", "account", "conflict", "assignee").annotate(opinions=opinions())
    return rows.prefetch_related(Prefetch("parties", parties), with_talks())


@dataclass(frozen=True)
class Material:
    """The rows of one case as `user` meets them at `now`; facts and answer are those that the recommendation kept."""

    user: Any
    now: datetime
    case: Case
    advice: Recommendation
    claims: dict[str, Claim]
    findings: list[Finding]
    decisions: list[Decision]
    approvals: list[Approval]
    holder: Assignment | None
    messages: list[Message]
    notes: list[WorkNote]
    skips: list[Skip]
    notices: list[Notice]
    outbox: list[Outbox]
    support: list[Ownership]
    events: list[AuditEvent]
    people: dict[uuid.UUID, User]
    calibration: Calibration | None
    said: Said
    appeals: list[Appeal]
    answers: list[AppealAnswer]
    holds: list[Hold]
    stages: Stages

    @cached_property
    def facts(self) -> Facts:
        """What was known when the recommendation was made."""
        return from_memo(self.advice.facts)

    @cached_property
    def answer(self) -> Answer:
        """The whole recommendation."""
        return memo.load(Answer, self.advice.result)

    @cached_property
    def policy(self) -> Policy:
        """The policy that it was made by."""
        return self.advice.policy.policy

    @cached_property
    def live(self) -> list[LiveClaim]:
        """The claims of the case, the earlier first."""
        return live_claims(self.facts, self.policy)

    @cached_property
    def claimants(self) -> list[str]:
        """Who claims, each once, the earlier first."""
        return list(dict.fromkeys(claim.claimant for claim in self.live))

    @cached_property
    def names(self) -> dict[str, str]:
        """How claimants are called here; the parties of the case included."""
        known = {p.id: p.name for p in self.facts.partners}
        return known | {claimant_of(party): party.name for party in self.parties} | {DIRECT: "Direct team"}

    @cached_property
    def lines(self) -> dict[str, str]:
        """The names of product lines."""
        return {line.ref: line.name for line in self.facts.product_lines}

    @cached_property
    def labels(self) -> dict[tuple[str, str], str]:
        """The short label of a cited record: (kind, id) -> E1."""
        return {(item.kind, item.source_id): item.ref for item in self.answer.evidence}

    @property
    def parties(self) -> list[Party]:
        """The sides that are in the case now."""
        return list(self.case.parties.all())

    @property
    def calendar(self) -> Calendar:
        """The program's business calendar."""
        return self.case.program.calendar

    @property
    def currency(self) -> str:
        """The program's currency."""
        return self.case.program.currency

    @property
    def undecided(self) -> bool:
        """Whether there is still something to decide."""
        return self.case.status in UNDECIDED

    @property
    def leaving(self) -> bool:
        """Whether it is decided and nothing has left yet."""
        return self.case.status == CaseStatus.SETTLING

    @property
    def asleep_until(self) -> datetime | None:
        """When the first of the snoozed findings counts again."""
        return min((f.snoozed_until for f in self.findings if f.snoozed_until), default=None)

    @cached_property
    def standing(self) -> Decision | None:
        """The decision that stands: the outcome, or the one that waits for the rest of the route."""
        latest = self.decisions[-1] if self.decisions else None
        stands = latest and latest.recommendation_id == self.advice.pk and not latest.is_taken_back
        return latest if stands else None

    @cached_property
    def step(self) -> Step:
        """The next step of the route as this user meets it."""
        return next_step(self.user, self.case, self.standing)

    def name(self, claimant: str) -> str:
        """How a claimant is called."""
        return self.names.get(claimant, "an unknown partner")

    def person(self, user_id: uuid.UUID | None) -> str:
        """Who did something; nobody = the product itself."""
        return "you" if user_id == self.user.pk else str(self.people.get(user_id) or "the product")

    def ask(self, part: OutputPart, about: str, told: str) -> Asked:
        """The buttons beside one thing that the page says."""
        return ask(self.said, part, about, told)

    def label(self, kind: str, source_id: str) -> str:
        """The label of a record, if the recommendation cites it."""
        return self.labels.get((kind, source_id), "")


def claimant_of(party: Party) -> str:
    """A party as reasoning calls it: its partner's id, or direct."""
    return str(party.partner_id) if party.partner_id else DIRECT


def gather(user: Any, case: Case, now: datetime) -> Material:
    """Read what the page of `case` (from `cases`) shows to `user`."""
    decisions = list(
        case.decisions.select_related(
            "decided_by", "recommendation__policy", "recommendation__opinion", "taken_back__by"
        )
        .defer("snapshot")
        .order_by("number")
    )
    advice = _advice(case, decisions)
    claims = _claims(advice)
    messages = list(
        Message.objects.filter(party__case=case)
        .select_related("party__partner", "registration")
        .order_by("sent_at", "pk")
    )
    events = list(AuditEvent.objects.filter(chain=f"case:{case.pk}").order_by("-sequence")[:EVENTS_SHOWN])
    notes = list(case.notes.select_related("author").order_by("written_at", "pk"))
    registrations = [claim.registration_id for claim in claims]
    decided = case.decided_at is not None
    answers = list(case.appeal_answers.select_related("answered_by").order_by("number")) if decided else []
    approvals = list(case.approvals.select_related("approved_by").order_by("approved_at", "pk"))
    return Material(
        user=user,
        now=now,
        case=case,
        advice=advice,
        claims={str(claim.registration_id): claim for claim in claims},
        findings=list(
            case.conflict.findings.filter(gone_at__isnull=True)
            .select_related("registration__partner", "snoozed_by")
            .order_by("-blocking", "found_at", "pk")
        ),
        decisions=decisions,
        approvals=approvals,
        holder=case.assignments.filter(released_at__isnull=True).select_related("user").first(),
        messages=messages,
        notes=notes,
        skips=list(case.skips.select_related("user").order_by("skipped_at", "pk")),
        notices=_notices(case, registrations, decisions, answers) if decided else [],
        outbox=_outbox(case) if decided else [],
        support=list(
            Ownership.objects.filter(account=case.account_id, role=OwnershipRole.SUPPORT)
            .in_force_on(now.date())
            .select_related("partner")
            .order_by("pk")
        ),
        events=events,
        people=_people(
            [*(e.actor_id for e in events), *(m.author_id for m in messages), *map(_maker, claims), *bringers(claims)]
        ),
        calibration=calibration_in_force(case.program_id, case.decided_at or now),
        said=said_by(user, advice.pk),
        appeals=_appeals(case) if decided else [],
        answers=answers,
        holds=list(case.holds.select_related("coordinator", "party__partner", "begun_by").order_by("begun_at", "pk")),
        stages=stages_of(case, [one.approved_by_id for one in approvals], undecided=case.status in UNDECIDED),
    )


def _advice(case: Case, decisions: list[Decision]) -> Recommendation:
    """The recommendation in force; of a decided case the one it was decided on, whatever came after."""
    if case.decided_at and decisions:
        return decisions[-1].recommendation
    rows = case.conflict.recommendations.filter(superseded_at__isnull=True)
    return rows.select_related("policy", "opinion", "program").get()


def _claims(advice: Recommendation) -> list[Claim]:
    # By the facts, not by the conflict: a later conflict takes the live claims of a decided one over.
    wanted = [registration["id"] for registration in advice.facts["registrations"]]
    rows = Claim.objects.filter(registration__in=wanted).select_related(
        "registration__partner__chosen_language", "partner", "account", "possible_account", "related_account"
    )
    latest = Prefetch("registration__activities", Activity.objects.order_by("occurred_on", "pk"))
    on_record = Evidence.objects.on_record().select_related("file").order_by("added_at", "pk")
    papers = Prefetch("registration__evidence", on_record)
    return list(rows.prefetch_related(latest, papers).order_by("registration__submitted_at", "pk"))


def _appeals(case: Case) -> list[Appeal]:
    rows = Appeal.objects.filter(party__case=case).select_related("party__partner")
    return list(rows.order_by("filed_at", "pk"))


def _notices(
    case: Case, registrations: list[uuid.UUID], decisions: list[Decision], answers: list[AppealAnswer]
) -> list[Notice]:
    """What was told when the case was decided, and when an appeal was answered."""
    moments = {case.decided_at, *(d.decided_at for d in decisions), *(a.settled_at for a in answers if a.settled_at)}
    told = Notice.objects.filter(registration__in=registrations, sent_at__in=moments)
    return list(told.exclude(kind=NoticeKind.INFORMATION_WANTED).select_related("partner").order_by("sent_at", "pk"))


def _outbox(case: Case) -> list[Outbox]:
    tries = Prefetch("attempts", Attempt.objects.order_by("number"))
    return list(case.outbox.select_related("target").prefetch_related(tries).order_by("created_at", "pk"))


def _maker(claim: Claim) -> uuid.UUID | None:
    return claim.registration.created_by_id if claim.registration else None


def bringers(claims: Iterable[Claim]) -> list[uuid.UUID | None]:
    """Who added the files of these claims, and who withdrew papers."""
    papers = [paper for claim in claims if claim.registration for paper in claim.registration.evidence.all()]
    return [
        *(paper.file.added_by_id for paper in papers if hasattr(paper, "file")),
        *(paper.withdrawn_by_id for paper in papers),
    ]


def _people(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, User]:
    return User.objects.in_bulk([pk for pk in set(ids) if pk])
