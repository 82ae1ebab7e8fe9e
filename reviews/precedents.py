"""A decided case becomes a precedent: kept in the decision's own transaction, or made anew for what was decided before."""

import uuid
from collections.abc import Iterator

from conflicts.facts import DIRECT, from_memo
from conflicts.models import Precedent
from conflicts.precedents import given, traits
from reviews.models import Case, Decision


def keep_precedent(*, case: Case, decision: Decision) -> Precedent:
    """What later cases are compared with: the traits of the facts that were decided on, and what was decided."""
    facts = from_memo(decision.recommendation.facts)
    policy = decision.policy.policy
    found = case.conflict.findings.filter(gone_at__isnull=True).values_list("kind", flat=True)
    like = traits(facts, policy, kind=case.kind, findings=found, account_id=str(case.account_id))
    outcome = given(facts, policy, decision.action, DIRECT if decision.owner_direct else str(decision.owner_id or ""))
    kept, _ = Precedent.objects.update_or_create(
        conflict_id=case.conflict_id,
        defaults={
            "program_id": case.program_id,
            "kind": like.kind,
            "finding_kinds": sorted(like.findings),
            "country": like.country,
            "subdivision": like.subdivision,
            "segment": like.segment,
            "product_lines": sorted(like.product_lines),
            "band": like.band,
            "tiers": sorted(like.tiers),
            "action": outcome.action,
            "to": outcome.to,
            "is_override": decision.is_override,
            "policy_id": decision.policy_id,
            "decided_at": decision.decided_at,
        },
    )
    return kept


def keep_missing_precedents(*, program_id: uuid.UUID) -> Iterator[Precedent]:
    """Make precedents of the decided cases of a program that have none: they were decided before there were any."""
    rows = Case.objects.filter(program_id=program_id, decided_at__isnull=False, conflict__precedent__isnull=True)
    for case in rows.select_related("conflict").order_by("number").iterator(200):
        latest = case.decisions.select_related("recommendation", "policy").defer("snapshot").order_by("-number").first()
        if latest is not None:
            yield keep_precedent(case=case, decision=latest)
