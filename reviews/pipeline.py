"""The whole journey of a registration on one screen: resolve -> assess -> open a case, approve, or let it be.

Every step starts from rows and may run twice. One claim set is settled at a time: the accounts of its family are locked
while it is read and written, so of two registrations that arrive together the second sees the first.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.boundaries import next_change
from conflicts.load import claims_concerned, connected, load_facts
from conflicts.models import Claim, Conflict, ConflictStatus
from conflicts.services import (
    Assessment,
    InForce,
    assess,
    dissolve,
    examine_territories,
    keep_conflict,
    policy_in_force,
    project_claim,
    say_who_it_is,
)
from conflicts.touched import concerned_by
from partners.models import (
    Account,
    IdentityChange,
    MatchVerdict,
    Program,
    Registration,
    RegistrationStatus,
    Touch,
    Verdict,
)
from partners.services import NotPossibleError
from reviews.models import Case
from reviews.permissions import NotAllowedError, conflict_of_interest, why_only_reads
from reviews.services import approve_without_conflict, dissolve_case, keep_case
from reviews.services.cases import CaseShape, lock_case, restart_route
from reviews.services.protection import protect_as_loaded
from reviews.shape import shape_of
from reviews.states import UNDECIDED, WrongStateError

log = logging.getLogger(__name__)
UNSETTLED = (RegistrationStatus.SUBMITTED, RegistrationStatus.IN_REVIEW)


@dataclass
class Outcome:
    """What one run of detection came to, in ids: cases open on the claim sets seen, registrations approved."""

    cases: list[uuid.UUID] = field(default_factory=list)
    approved: list[uuid.UUID] = field(default_factory=list)
    seen: set[frozenset[str]] = field(default_factory=set)
    kept: set[uuid.UUID] = field(default_factory=set)

    @property
    def claim_sets(self) -> int:
        """How many sets of registrations were looked at, each once."""
        return len(self.seen)

    def add(self, other: "Outcome") -> None:
        """Count another claim set's outcome in; what is looked at twice counts once."""
        self.cases += [case for case in other.cases if case not in self.cases]
        self.approved += [one for one in other.approved if one not in self.approved]
        self.seen |= other.seen
        self.kept |= other.kept


def process_registration(program: Program, registration_id: uuid.UUID, at: datetime) -> Outcome:
    """Take one submitted registration through: claim, findings, recommendation, case or approval."""
    with staff_of(program.pk):
        registration = Registration.objects.get(pk=registration_id)
        if registration.submitted_at is None:
            return Outcome()
        touched = project(registration, at)
    return examine(program, touched, at)


def process_change(program: Program, change_id: uuid.UUID, at: datetime) -> Outcome:
    """Look again at what a merge, a split or its undoing concerns: its registrations are resolved anew, then examined."""
    with staff_of(program.pk):
        change = IdentityChange.objects.get(pk=change_id)
        here = Registration.objects.filter(claim__in=claims_concerned(change)).order_by("submitted_at", "pk")
        touched = frozenset().union(*(project(registration, at) for registration in here))
        if not change.of_partners:
            touched |= {change.subject_id, change.target_id}
    done = Outcome()
    for together in _groups(program, touched):
        done.add(examine(program, together, at))
    with staff_of(program.pk):
        IdentityChange.objects.filter(pk=change_id).update(examined_at=timezone.now())
    return done


@transaction.atomic
def settle_identity(
    *,
    case: Case,
    registration: Registration,
    account: Account,
    verdict: Verdict,
    by: User,
    at: datetime,
    seen_version: int,
) -> MatchVerdict:
    """A person says whether a registration of a case names this account; both accounts' claims are looked at again."""
    case = lock_case(case, seen_version)
    why_not = why_only_reads(by, case) or conflict_of_interest(by, case)
    if why_not:
        raise NotAllowedError(why_not)
    if case.status not in UNDECIDED:
        raise WrongStateError("This case is decided: who is who cannot be said on it any more.")
    claim = Claim.objects.filter(registration=registration, conflict=case.conflict_id).first()
    if claim is None or account.pk not in (claim.possible_account_id, claim.related_account_id):
        raise NotPossibleError("Nobody has to say any more whether this is the same company.")
    said = say_who_it_is(registration=registration, account=account, verdict=verdict, by=by, at=at)
    examine(case.program, claim_accounts(claim) | {account.pk}, at)
    return said


def project(registration: Registration, at: datetime) -> frozenset[uuid.UUID]:
    """Resolve who the account is, and protect what was loaded as approved (idempotent).

    Returns the accounts to look at: a corrected answer moves the claim, and those it leaves are concerned too.
    """
    earlier = Claim.objects.filter(registration=registration).first()
    claim = project_claim(registration=registration, at=at)
    if registration.status == RegistrationStatus.APPROVED:
        rule = policy_in_force(registration.program).policy.protection
        protect_as_loaded(registration=registration, account_id=claim.standing_account_id, rule=rule, at=at)
    return claim_accounts(claim) | (claim_accounts(earlier) if earlier else frozenset())


def claim_accounts(claim: Claim) -> frozenset[uuid.UUID]:
    """The account of a claim, the one that it may be, and the one that it may be a relative of."""
    return frozenset({claim.account_id, claim.possible_account_id, claim.related_account_id} - {None})


def examine(program: Program, account_ids: Iterable[uuid.UUID], at: datetime) -> Outcome:
    """Look at everything claimed on these accounts and their families, and write what follows: one transaction."""
    done = Outcome()
    with staff_of(program.pk):
        in_force = policy_in_force(program)
        accounts = connected(account_ids)
        _lock(accounts)
        here = Claim.objects.filter(account_id__in=accounts)
        open_before = set(here.filter(conflict__status=ConflictStatus.OPEN).values_list("conflict_id", flat=True))
        facts = load_facts(program, accounts, at)
        here.update(examined_at=timezone.now(), look_again_at=next_change(facts, in_force.policy))
        with _examining():
            for assessment in assess(facts=facts, policy=in_force.policy):
                done.add(_follow_up(program, assessment, in_force, at))
        left = Conflict.objects.filter(pk__in=open_before - done.kept, status=ConflictStatus.OPEN)
        for conflict in left.order_by("pk"):  # nobody claims there any more: its last registration was withdrawn
            _let_go(conflict, at)
    return done


@contextmanager
def _examining() -> Iterator[None]:
    """Within it an approval by rule leaves no waiting row: it changes nothing of what was found."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.examining', 'yes', true)")
        yield
        cursor.execute("select set_config('app.examining', '', true)")


def _let_go(conflict: Conflict, at: datetime) -> None:
    dissolve_case(conflict=conflict, at=at)
    dissolve(conflict=conflict, at=at)


def _lock(accounts: frozenset[uuid.UUID]) -> None:
    """Lock what will be written, always in one order: accounts, cases, registrations; audit chains come last.

    Deciding locks cases, then registrations, then chains: the same order, so that neither waits for the other in a ring.
    """
    here = Claim.objects.filter(account_id__in=accounts)
    for rows in (
        Account.objects.filter(pk__in=accounts),
        Case.objects.filter(status__in=UNDECIDED, conflict__in=here.values("conflict")),
        Registration.objects.filter(pk__in=here.values("registration")),
    ):
        list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _follow_up(program: Program, assessment: Assessment, in_force: InForce, at: datetime) -> Outcome:
    """Open, refresh or dissolve the case of one claim set, or approve what nothing stands against."""
    claims = list(
        Claim.objects.filter(registration_id__in=assessment.registration_ids()).select_related(
            "registration", "conflict__account"
        )
    )
    if not claims:
        return Outcome()
    done = Outcome(seen={frozenset(assessment.claim_set.registration_ids)})
    conflict = _open_conflict(assessment, claims, at)
    if assessment.needs_a_case:
        if conflict is None and _all_settled(claims):
            return done  # decided once; only a new claim opens it again
        case = _keep(program, assessment, conflict, in_force, at)
        done.cases.append(case.pk)
        done.kept.add(case.conflict_id)
        return done
    if conflict is not None:
        _let_go(conflict, at)
    free = [claim.registration for claim in claims if claim.registration.status in UNSETTLED]
    done.approved = [r.pk for r in approve_without_conflict(registrations=free, policy=in_force.row, at=at)]
    return done


def _open_conflict(assessment: Assessment, claims: list[Claim], at: datetime) -> Conflict | None:
    """The open conflict of a claim set; where two have grown together the older one stays.

    A claim that moved to another company brings its old conflict along: that one belongs to those who stayed.
    """
    facts = assessment.facts
    roots = {facts.root_of(account) for account in assessment.claim_set.account_ids}
    found = {
        c.conflict_id: c.conflict
        for c in claims
        if c.conflict
        and c.conflict.status == ConflictStatus.OPEN
        and facts.root_of(str(c.conflict.account.merged_into_id or c.conflict.account_id)) in roots
    }
    ranked = sorted(found.values(), key=lambda conflict: (conflict.opened_at, str(conflict.pk)))
    for other in ranked[1:]:
        _let_go(other, at)
    return ranked[0] if ranked else None


def _all_settled(claims: list[Claim]) -> bool:
    waiting = any(claim.registration.status in UNSETTLED for claim in claims)
    return not waiting and all(claim.conflict and claim.conflict.status == ConflictStatus.SETTLED for claim in claims)


def _keep(program: Program, assessment: Assessment, conflict: Conflict | None, in_force: InForce, at: datetime) -> Case:
    before = _recommendation_id(conflict)
    conflict = keep_conflict(assessment=assessment, conflict=conflict, in_force=in_force, program=program, at=at)
    shape: CaseShape = shape_of(assessment, in_force.policy)
    case = keep_case(conflict=conflict, shape=shape, at=at)
    if before and before != _recommendation_id(conflict):
        restart_route(case=case, at=at)  # also a new version: who saw the old recommendation must look again
    return case


def _recommendation_id(conflict: Conflict | None) -> uuid.UUID | None:
    if conflict is None:
        return None
    return conflict.recommendations.filter(superseded_at__isnull=True).values_list("pk", flat=True).first()


MOST = 2000  # changes that are taken together
ROUNDS = 20  # what looking again changes itself is looked at too, but not for ever


def detect(program: Program, at: datetime, *, everything: bool = False, careful: bool = False) -> Outcome:
    """Take all waiting registrations of a program through; `everything` looks at every live claim again.

    Who is who is asked when a registration comes, and again when its words or the accounts like it change: not here.
    """
    with staff_of(program.pk):
        waiting = _waiting(program)
        claims = Claim.objects.filter(program=program) if everything else Claim.objects.none()
        accounts = set(claims.values_list("account_id", flat=True))
    return look_again(program, at, waiting=waiting, accounts=accounts, careful=careful)


def look_again(
    program: Program,
    at: datetime,
    *,
    waiting: Iterable[uuid.UUID] = (),
    accounts: Iterable[uuid.UUID] = (),
    careful: bool = False,
) -> Outcome:
    """Look at what waits, and at everything that a change of the facts or a date concerns, until nothing is left.

    All claims are projected first: registrations that wait together must see each other. `careful` logs what fails and
    goes on (the sweep), instead of stopping.
    """
    done, registrations, wanted = Outcome(), set(waiting), set(accounts)
    for number in range(ROUNDS):
        with staff_of(program.pk):
            touches = list(Touch.objects.filter(program=program).order_by("pk")[:MOST])
            due = Claim.objects.filter(program=program, look_again_at__lte=at)
            wanted |= set(due.values_list("account_id", flat=True))
            concerned = concerned_by(program, touches)
        if not (touches or registrations or wanted):
            return done
        wanted |= concerned.accounts
        wanted |= _project_all(program, registrations | concerned.registrations, at, careful)
        for together in _groups(program, wanted):
            with _failing_alone(careful, f"account {min(together)} could not be examined"):
                done.add(examine(program, together, at))
        with staff_of(program.pk):
            if concerned.rules or number == 0:
                examine_territories(program=program, at=at)
            Touch.objects.filter(pk__in=[touch.pk for touch in touches]).delete()
        registrations, wanted = set(), set()
    log.warning("program %s: changes go on changing things, after %s rounds", program.code, ROUNDS)
    return done


def _project_all(program: Program, ids: Iterable[uuid.UUID], at: datetime, careful: bool) -> set[uuid.UUID]:
    with staff_of(program.pk):
        registrations = list(Registration.objects.filter(pk__in=list(ids)).order_by("submitted_at", "pk"))
    touched = set[uuid.UUID]()
    for registration in registrations:
        with _failing_alone(careful, f"registration {registration.pk} could not be resolved"), staff_of(program.pk):
            touched |= project(registration, at)
    return touched


def _groups(program: Program, accounts: Iterable[uuid.UUID]) -> Iterator[frozenset[uuid.UUID]]:
    """These accounts with what is judged together with each, every group once."""
    left = set(accounts)
    while left:
        with staff_of(program.pk):
            together = connected([min(left)])
        left -= together
        yield together


@contextmanager
def _failing_alone(careful: bool, what: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        if not careful:
            raise
        log.exception(what)


def _waiting(program: Program) -> list[uuid.UUID]:
    rows = Registration.objects.filter(program=program, submitted_at__isnull=False)  # drafts are nobody's business
    waiting = rows.filter(claim__isnull=True) | rows.filter(
        status=RegistrationStatus.SUBMITTED, assessed_at__isnull=True
    )
    return list(waiting.values_list("pk", flat=True))
