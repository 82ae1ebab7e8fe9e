"""Deciding: the route of approvals, overrides with a second person, and the locked record of each choice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from channelconflict.audit import canonical, record
from channelconflict.models import User
from conflicts.models import Recommendation
from partners.services import NotPossibleError
from reviews.choices import DECIDABLE, DIRECT, Choice, check
from reviews.models import Approval, Assignment, Case, Decision, OverrideReason
from reviews.permissions import SECOND, NotAllowedError, next_step
from reviews.routing import may_second
from reviews.services.agreed import agreed_proposal, choice_of_proposal
from reviews.services.cases import StaleCaseError, lock_case, save_case
from reviews.services.plan import LIVE
from reviews.services.settling import carry_out
from reviews.states import Act, check_can


def current_recommendation(case: Case) -> Recommendation:
    """The recommendation in force for a case."""
    return case.conflict.recommendations.select_related("policy", "owner").get(superseded_at__isnull=True)


def recommended_choice(recommendation: Recommendation) -> Choice | None:
    """The recommended outcome as a choice; None when the recommendation is to ask or to mediate, not an outcome."""
    if recommendation.action not in DECIDABLE:
        return None
    result = recommendation.result
    return Choice(
        recommendation.action, result.get("owner") or "", tuple(result.get("support") or ()), result.get("shares") or {}
    )


def standing_decision(case: Case, recommendation: Recommendation) -> Decision | None:
    """The latest decision, unless it was taken back or the recommendation changed since."""
    latest = case.decisions.select_related("taken_back").order_by("-number").first()
    stands = latest and latest.recommendation_id == recommendation.pk and not latest.is_taken_back
    return latest if stands else None


def choice_of(decision: Decision) -> Choice:
    """What a decision gives to whom."""
    owner = DIRECT if decision.owner_direct else str(decision.owner_id or "")
    return Choice(decision.action, owner, tuple(decision.support), decision.shares)


@dataclass(frozen=True)
class Override:
    """Why somebody decides otherwise than recommended: one of nine codes, and a text."""

    reason_code: str = ""
    reason_text: str = ""

    def check(self) -> None:
        """Refuse an override without its reason."""
        if self.reason_code not in OverrideReason.values:
            raise NotPossibleError("This differs from the recommendation: choose the reason for the override.")
        if not self.reason_text.strip():
            raise NotPossibleError("This differs from the recommendation: say why in a sentence.")


def expected_choice(case: Case, recommendation: Recommendation) -> Choice | None:
    """What is decided without further reasons: what the sides agreed on, else what is recommended."""
    agreed = agreed_proposal(case)
    return choice_of_proposal(agreed) if agreed else recommended_choice(recommendation)


@transaction.atomic
def approve(*, case: Case, by: User, at: datetime, seen_version: int) -> Decision:
    """Approve what stands: the decision of the step before, else the recommendation."""
    recommendation = current_recommendation(case)
    standing = standing_decision(case, recommendation)
    choice = choice_of(standing) if standing else expected_choice(case, recommendation)
    if choice is None:
        raise NotPossibleError(
            "The recommendation is not an outcome: ask for information, or choose an outcome yourself."
        )
    return decide(case=case, choice=choice, by=by, at=at, seen_version=seen_version)


@transaction.atomic
def decide(
    *, case: Case, choice: Choice, by: User, at: datetime, seen_version: int, override: Override | None = None
) -> Decision:
    """Take the next step of the case's route with `choice`; the last step makes it the outcome, which leaves later.

    A choice that differs from the recommendation (from the agreement, where the sides agreed), or from the decision
    that stands, is an override: it needs a coded reason and a text, and a second person of the same or a higher role.
    """
    case = lock_case(case, seen_version)
    recommendation = current_recommendation(case)
    standing = standing_decision(case, recommendation)
    check_can(case.status, Act.COMPLETE)
    step = next_step(by, case, standing)
    if step.why_not:
        raise NotAllowedError(step.why_not)
    check(choice, _claimants(case))
    check_nobody_left(case)
    decision = standing if standing and choice.same_as(choice_of(standing)) else None
    if decision is None:
        decision = new_decision(
            case=case, choice=choice, recommendation=recommendation, standing=standing, role=step.role, override=override,
            by=by, at=at,
        )  # fmt: skip
    _approve_step(case, decision, step.role, by, at)
    return decision


def check_nobody_left(case: Case) -> None:
    """A registration that was withdrawn a moment ago is still in the recommendation: nobody decides on it."""
    claims = case.conflict.claims.filter(registration__isnull=False).select_related("registration")
    gone = [claim.registration.ref for claim in claims if claim.registration.status not in LIVE]
    if gone:
        raise StaleCaseError(
            f"{', '.join(sorted(gone))} is no longer a live claim. Nothing was saved: the case is being looked at again."
        )


def _claimants(case: Case) -> frozenset[str]:
    parties = case.parties.filter(left_at__isnull=True)
    return frozenset(str(party.partner_id) if party.partner_id else DIRECT for party in parties)


@transaction.atomic
def new_decision(
    *, case: Case, choice: Choice, recommendation: Recommendation, role: str, by: User | None, at: datetime,
    standing: Decision | None = None, override: Override | None = None,
) -> Decision:  # fmt: skip
    """Keep a choice with what was seen. Whoever calls it saves the case, which may now wait for a second person."""
    agreed = agreed_proposal(case)
    expected = choice_of_proposal(agreed) if agreed else recommended_choice(recommendation)
    is_override = standing is not None or expected is None or not choice.same_as(expected)
    why = override or Override()
    if is_override:
        why.check()
        _ask_for_second(case, role)
    snapshot = snapshot_of(case, recommendation)
    return Decision.objects.create(
        program_id=case.program_id,
        case=case,
        number=case.decisions.count() + 1,
        action=choice.action,
        owner_id=choice.owner if choice.owner not in ("", DIRECT) else None,
        owner_direct=choice.owner == DIRECT or choice.action == "direct_retained",
        support=list(choice.support),
        shares={claimant: str(share) for claimant, share in choice.shares.items()},
        is_override=is_override,
        reason_code=why.reason_code if is_override else "",
        reason_text=why.reason_text.strip() if is_override else "",
        agreed_in=agreed.mediation if agreed and not is_override else None,
        recommendation=recommendation,
        policy=recommendation.policy,
        decided_by=by,
        decided_as=role,
        decided_at=at,
        case_version=case.version,
        snapshot=snapshot,
        snapshot_sha256=hashlib.sha256(canonical(snapshot).encode()).hexdigest(),
    )


def _ask_for_second(case: Case, role: str) -> None:
    """Unless a later step's role can second the override anyway, add a step for a second person."""
    later = [step for step in case.pending[1:] if not step.startswith(SECOND)]
    if not any(may_second(role, step) for step in later):
        case.pending = [case.pending[0], f"{SECOND}{role}", *later]
    else:
        case.pending = [case.pending[0], *later]


def _approve_step(case: Case, decision: Decision, role: str, by: User, at: datetime) -> None:
    Approval.objects.create(
        program_id=case.program_id, case=case, decision=decision, role=role, approved_by=by, approved_at=at
    )
    case.pending = case.pending[1:]
    facts = {
        "decision": decision.pk,
        "action": decision.action,
        "override": decision.is_override,
        "role": role,
        "snapshot": decision.snapshot_sha256,
        "policy": decision.policy_id,
    }
    private = {"reason": decision.reason_text} if decision.reason_text else None
    if case.pending:
        case.status, case.assignee = check_can(case.status, Act.APPROVE_STEP), None  # the next step is another's
        save_case(case, by=by, at=at, action="case.step_approved", facts=facts, private=private)
        return
    case.status = check_can(case.status, Act.COMPLETE)
    complete_route(case=case, decision=decision, by=by, at=at, action="case.decided", facts=facts, private=private)


@transaction.atomic
def complete_route(
    *, case: Case, decision: Decision, by: User | None, at: datetime, action: str, facts: Mapping[str, Any],
    private: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """A case whose route is complete leaves when its minutes to undo are over; in a program without any, at once."""
    window = timedelta(minutes=case.program.undo_minutes)
    case.settles_at = at + window
    save_case(case, by=by, at=at, action=action, facts=facts, private=private)
    Assignment.objects.filter(case=case, released_at__isnull=True).update(released_at=at)
    if not window:
        carry_out(case=case, decision=decision, choice=choice_of(decision), by=by, at=at)


def snapshot_of(case: Case, recommendation: Recommendation) -> dict[str, Any]:
    """What the decider saw: the facts, the findings and the recommendation as they stood, and the policy's number."""
    findings = case.conflict.findings.filter(gone_at__isnull=True).select_related("registration").order_by("pk")
    return {
        "case": {"number": case.number, "version": case.version, "route": case.route, "pending": case.pending},
        "policy": {"number": recommendation.policy.number, "sha256": recommendation.policy.sha256},
        "recommendation": {"id": str(recommendation.pk), **recommendation.result},
        "facts": recommendation.facts,
        "findings": [
            {"registration": f.registration.ref, "kind": f.kind, "against": f.against_ref, "sentence": f.sentence}
            for f in findings
        ],
    }


@transaction.atomic
def record_view(*, case: Case, by: User, at: datetime) -> None:
    """A privileged read goes on the record too: who opened which case when."""
    record(action="case.viewed", by=by, at=at, subject=case, program_id=case.program_id, case_id=case.pk)
