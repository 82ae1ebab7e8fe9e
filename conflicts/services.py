"""From registrations to findings and a recommendation: resolve who is who, reason over one claim set, keep the result.

Reasoning itself is pure (detectors/, recommend/); this room reads, calls it, and writes.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from channelconflict.audit import canonical
from channelconflict.models import User
from conflicts import claims as pure
from conflicts import detectors, memo
from conflicts.detectors import Finding as Found
from conflicts.facts import DIRECT, Facts, to_memo
from conflicts.identity.resolve import Resolution, resolve, what_was_seen
from conflicts.models import (
    Claim,
    ClaimSource,
    Conflict,
    ConflictStatus,
    Finding,
    PolicyStatus,
    PolicyVersion,
    Recommendation,
)
from conflicts.policy import STANDARD, Policy, document_hash
from conflicts.policy_summaries import summarise
from conflicts.recommend import recommend
from conflicts.recommend.answer import Recommendation as Answer
from conflicts.shadow import answer_in_shadow
from partners.identity import say, standing_partners
from partners.models import Account, MatchVerdict, Program, Registration, Verdict
from partners.naming import name_key, registered_domain
from partners.services import record_account, save_row


class NoPolicyError(Exception):
    """The program has no live policy; the text says what to do."""


@dataclass(frozen=True)
class InForce:
    """The live policy of a program: the row that outcomes are pinned to, and the document as typed values.

    `shadows` are the versions that run beside it and advise nobody.
    """

    row: PolicyVersion
    policy: Policy
    shadows: tuple[PolicyVersion, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """What reasoning made of one claim set: its findings and, where a case is due, the recommendation.

    `raised`: a person raised a concern about it, which makes a case of it whatever is found.
    """

    facts: Facts
    claim_set: pure.ClaimSet
    findings: tuple[Found, ...] = ()
    answer: Answer | None = None
    raised: bool = False

    @property
    def needs_a_case(self) -> bool:
        """Some finding holds that makes a case of it, or the policy wants a person for routine ones too."""
        return self.answer is not None

    def registration_ids(self) -> list[uuid.UUID]:
        """The registrations of the claim set."""
        return [uuid.UUID(i) for i in self.claim_set.registration_ids]

    def claims(self) -> Q:
        """The rows of the claim set's claims, whatever their source."""
        ids = {kind: [c.id for c in self.claim_set.claims if c.kind == kind] for kind in ClaimSource.values}
        return Q(**{f"{kind}__in": of_kind for kind, of_kind in ids.items()}, _connector=Q.OR)


def policy_in_force(program: Program) -> InForce:
    """The live policy of a program."""
    running = PolicyVersion.objects.filter(program=program, status__in=(PolicyStatus.LIVE, PolicyStatus.SHADOW))
    rows = list(running.order_by("number"))
    row = next((row for row in rows if row.status == PolicyStatus.LIVE), None)
    if row is None:
        raise NoPolicyError(
            f"Program {program.code} has no live policy: `manage.py create_program` makes the standard one."
        )
    shadows = tuple(other for other in rows if other.status == PolicyStatus.SHADOW)
    return InForce(row, row.policy, shadows)


@transaction.atomic
def install_standard_policy(*, program: Program, by: User | None, at: datetime) -> PolicyVersion:
    """Give a new program the standard policy as its live version 1."""
    row = PolicyVersion(
        program=program, number=1, status=PolicyStatus.LIVE, document=STANDARD, sha256=document_hash(STANDARD),
        live_from=at, created_at=at, created_by_id=by.pk if by else None,
    )  # fmt: skip
    save_row(row, by=by, at=at, action="policy.installed", facts={"number": 1, "sha256": row.sha256})
    summarise(policy=row, by=by, at=at)
    return row


@transaction.atomic
def project_claim(*, registration: Registration, at: datetime) -> Claim:
    """Resolve the registration's account (making one when it is new to us) and keep the claim that detection searches."""
    _one_at_a_time(registration)
    earlier = Claim.objects.filter(registration=registration).select_related("account").first()
    found = resolve(registration, own=_made_for(earlier))
    known = _account_of(found, earlier)
    account = known or _new_account(registration, at)
    claimant = standing_partners(registration.program_id).get(registration.partner_id, registration.partner_id)
    claim, _ = Claim.objects.update_or_create(
        registration=registration,
        defaults={
            "program_id": registration.program_id,
            "source": "registration",
            "partner_id": claimant,
            "direct": registration.direct,
            "account": account,
            "made_account": known is None
            or (earlier is not None and earlier.made_account and account == earlier.account),
            "possible_account": _unless_it_is(found.possible, account),
            "related_account": _unless_it_is(found.related, account),
            "match_probability": found.probability,
            "match_verdict": found.verdict,
            "match_reasons": list(found.reasons),
            "match_weights": found.weights,
            "product_lines": registration.product_lines,
            "projected_at": at,
        },
    )
    return claim


def _made_for(claim: Claim | None) -> uuid.UUID | None:
    return claim.account_id if claim and claim.made_account else None


def _account_of(found: Resolution, earlier: Claim | None) -> Account | None:
    """The account found; a merged one stays, as long as it counts as that, so that undoing a merge is exact.

    Looked at again and still unknown: the account that was made for it the first time stays its account.
    """
    before = earlier.account if earlier else None
    if found.same is None:
        return before if before and not before.external_id else None
    return before if before and before.merged_into_id == found.same.pk else found.same


def _unless_it_is(other: Account | None, account: Account) -> Account | None:
    return None if other is None or other.pk in (account.pk, account.merged_into_id) else other


def _one_at_a_time(registration: Registration) -> None:
    """Two registrations of one new customer at once would make two accounts: the second waits, and finds the first's."""
    keys = {name_key(registration.account_name), registered_domain(registration.account_domain)} - {""}
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{registration.program_id}:{key}"]
            )


def _new_account(registration: Registration, at: datetime) -> Account:
    account = Account(
        program_id=registration.program_id,
        name=registration.account_name,
        domain=registered_domain(registration.account_domain),
        country=registration.account_country,
        subdivision=registration.account_subdivision,
        city=registration.account_city,
        postal_code=registration.account_postal_code,
    )
    return record_account(account=account, by=None, at=at, reason=f"named by registration {registration.ref}")


@transaction.atomic
def say_who_it_is(
    *, registration: Registration, account: Account, verdict: Verdict, by: User, at: datetime
) -> MatchVerdict:
    """Keep a person's verdict on what a registration names; a relative joins the account's family."""
    earlier = Claim.objects.filter(registration=registration).first()
    seen = what_was_seen(registration, own=_made_for(earlier))
    said = say(registration=registration, account=account, verdict=verdict, by=by, at=at, seen=seen)
    claim = project_claim(registration=registration, at=at)
    own = claim.account
    if verdict == Verdict.FAMILY and own.parent_id is None and account.pk not in (own.pk, own.merged_into_id):
        own.parent = account
        record_account(
            account=own, by=by, at=at, reason=f"a relative of {account}, as registration {registration.ref} says"
        )
    return said


def assess(*, facts: Facts, policy: Policy, raised: Collection[uuid.UUID] = ()) -> list[Assessment]:
    """Reason over the claims of some families: one assessment a claim set. Writes nothing.

    `raised` are registrations about which a person's concern is being decided: their claim set is a case in any event.
    """
    findings = detectors.detect(facts, policy)
    about = {str(registration) for registration in raised}
    return [_assess_set(facts, claim_set, findings, policy, about) for claim_set in pure.claim_sets(facts, policy)]


def _assess_set(
    facts: Facts, claim_set: pure.ClaimSet, findings: Iterable[Found], policy: Policy, about: Collection[str]
) -> Assessment:
    members = set(claim_set.registration_ids)
    raised = not members.isdisjoint(about)
    mine = tuple(finding for finding in findings if finding.registration_id in members)
    if not members or not (raised or detectors.makes_case(mine, policy) or _needs_a_person(facts, claim_set, policy)):
        return Assessment(facts, claim_set, mine)
    narrow = detectors.narrow(facts, claim_set)
    return Assessment(narrow, claim_set, mine, recommend(narrow, mine, policy), raised)


def _needs_a_person(facts: Facts, claim_set: pure.ClaimSet, policy: Policy) -> bool:
    """With automation off, a registration that nothing stands against is a routine case."""
    registrations = (facts.registration(i) for i in claim_set.registration_ids)
    undecided = any(r is not None and r.status in pure.OPEN_STATUSES for r in registrations)
    return undecided and not policy.automation.approve_without_finding


@transaction.atomic
def keep_conflict(
    *, assessment: Assessment, conflict: Conflict | None, in_force: InForce, program: Program, at: datetime
) -> Conflict:
    """Write what reasoning found: the conflict with its claims, its findings (gone ones closed), the recommendation."""
    if conflict is None:
        account = Claim.objects.get(registration_id=assessment.registration_ids()[0]).account
        conflict = Conflict(program=program, account=account, opened_at=at)
        save_row(conflict, by=None, at=at, action="conflict.opened", facts={"account": account.pk})
    _join_claims(conflict, assessment)
    _keep_findings(conflict, assessment, in_force, at)
    _keep_recommendation(conflict, assessment, in_force, at)
    return conflict


def _join_claims(conflict: Conflict, assessment: Assessment) -> None:
    here = Claim.objects.filter(assessment.claims())
    conflict.claims.exclude(pk__in=here.values("pk")).update(conflict=None)
    here.exclude(conflict=conflict).update(conflict=conflict)


def _keep_findings(conflict: Conflict, assessment: Assessment, in_force: InForce, at: datetime) -> None:
    fresh, gone = changed_findings(conflict.findings.filter(gone_at__isnull=True), assessment.findings)
    Finding.objects.filter(pk__in=[f.pk for f in gone]).update(gone_at=at)
    Finding.objects.bulk_create(_finding_row(conflict, found, in_force, at) for found in fresh)


def changed_findings(kept: Iterable[Finding], found: Iterable[Found]) -> tuple[list[Found], list[Finding]]:
    """Of what was found what is not kept yet, and of what is kept what does not hold any more."""
    standing = {(str(f.registration_id), f.kind, f.against_id): f for f in kept}
    fresh = []
    for one in found:
        key = (one.registration_id, one.kind, one.against_id)
        if key in standing and _says_the_same(standing[key], one):
            del standing[key]
        else:
            fresh.append(one)
    return fresh, list(standing.values())


def _says_the_same(kept: Finding, found: Found) -> bool:
    """A finding whose identity was confirmed meanwhile, that blocks now, or that rests on other records, is another one."""
    return (kept.blocking, kept.identity_confirmed, kept.sentence, cited(kept.evidence)) == (
        found.blocking,
        found.identity_confirmed,
        found.sentence,
        cited(memo.dump(found.evidence)),
    )


def cited(evidence: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """The records of kept evidence and their moments, without wording: that says how far a registration has come."""
    return sorted((item["kind"], item["source_id"], item["at"] or "") for item in evidence)


def _finding_row(conflict: Conflict, found: Found, in_force: InForce, at: datetime) -> Finding:
    return Finding(
        program_id=conflict.program_id,
        conflict=conflict,
        registration_id=found.registration_id,
        kind=found.kind,
        against_kind=found.against_kind,
        against_id=found.against_id,
        against_ref=found.against_ref[:410],
        blocking=found.blocking,
        identity_confirmed=found.identity_confirmed,
        sentence=found.sentence,
        evidence=memo.dump(found.evidence),
        policy=in_force.row,
        found_at=at,
    )


def _keep_recommendation(conflict: Conflict, assessment: Assessment, in_force: InForce, at: datetime) -> None:
    answer = assessment.answer
    latest = conflict.recommendations.filter(superseded_at__isnull=True).first()
    if answer is None or (latest and stands(latest, assessment, in_force)):
        return
    facts = to_memo(assessment.facts)
    if latest:
        conflict.recommendations.filter(pk=latest.pk).update(superseded_at=at)
    made = Recommendation.objects.create(
        program_id=conflict.program_id,
        conflict=conflict,
        policy=in_force.row,
        action=answer.action,
        owner_id=answer.owner if answer.owner not in (None, "", DIRECT) else None,
        owner_direct=answer.owner == DIRECT,
        confidence=answer.confidence,
        abstained=answer.abstained,
        sentence=answer.sentence,
        result=memo.dump(answer),
        facts=facts,
        facts_sha256=hashlib.sha256(canonical(facts).encode()).hexdigest(),
        made_at=at,
    )
    answer_in_shadow(recommendation=made, answer=answer, facts=assessment.facts, versions=in_force.shadows, at=at)


def stands(kept: Recommendation, assessment: Assessment, in_force: InForce) -> bool:
    """Whether a recommendation says what the assessment says, on the same facts and under the same policy.

    The moment of looking is part of the memo, not of what was found: the same answer is not written twice.
    """
    if kept.policy_id != in_force.row.pk or _substance(kept.result) != _substance(memo.dump(assessment.answer)):
        return False
    return _standing(kept.facts) == _standing(to_memo(assessment.facts))


def _standing(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without what our own work changes: the moment of looking, and how far an open registration has come."""
    rows = [row | {"status": "open"} if row["status"] in pure.OPEN_STATUSES else row for row in facts["registrations"]]
    return facts | {"at": "", "registrations": rows}


def _substance(result: dict[str, Any]) -> dict[str, Any]:
    """A recommendation without the wording of its evidence, which says how far a registration has come."""
    return result | {"evidence": [(e["ref"], e["source_id"], e["at"]) for e in result["evidence"]]}


@transaction.atomic
def dissolve(*, conflict: Conflict, at: datetime) -> None:
    """Nothing stands against anybody any more: the conflict ends without a decision."""
    conflict.findings.filter(gone_at__isnull=True).update(gone_at=at)
    conflict.status, conflict.settled_at = ConflictStatus.DISSOLVED, at
    save_row(conflict, by=None, at=at, action="conflict.dissolved")


@transaction.atomic
def settle(*, conflict: Conflict, by: User | None, at: datetime) -> None:
    """A decision stands: the claims keep pointing here, and a new claim makes a new conflict."""
    conflict.status, conflict.settled_at = ConflictStatus.SETTLED, at
    save_row(conflict, by=by, at=at, action="conflict.settled")
