"""The whole journey of a registration on one screen: resolve -> examine -> a case, an approval, or nothing; and again.

Every step starts from rows and may run twice. `examining` settles one claim set at a time.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.load import claims_concerned
from conflicts.models import Claim
from conflicts.overlaps import examine_territories
from conflicts.services import policy_in_force, project_claim, say_who_it_is
from conflicts.together import groups_of, worth_a_look
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
from reviews.everything import Progress, look_at_everything
from reviews.examining import Outcome, examine
from reviews.models import Case
from reviews.permissions import NotAllowedError, conflict_of_interest, why_only_reads
from reviews.services.cases import lock_case
from reviews.services.protection import protect_as_loaded
from reviews.services.receipts import confirm_receipt
from reviews.services.snooze import ended_snoozes
from reviews.states import UNDECIDED, WrongStateError

log = logging.getLogger(__name__)


def process_registration(program: Program, registration_id: uuid.UUID, at: datetime) -> Outcome:
    """Take one submitted registration through: claim, findings, recommendation, case or approval."""
    with staff_of(program.pk):
        registration = Registration.objects.select_related("program").get(pk=registration_id)
        if registration.submitted_at is None:
            return Outcome()
        confirm_receipt(registration=registration, at=at)
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


MOST = 2000  # changes that are taken together
ROUNDS = 20  # what looking again changes itself is looked at too, but not for ever


def detect(
    program: Program,
    at: datetime,
    *,
    everything: bool = False,
    careful: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Outcome:
    """Take all waiting registrations of a program through; `everything` looks at every live claim again.

    Who is who is asked when a registration comes, and again when its words or the accounts like it change: not here.
    """
    with staff_of(program.pk):
        waiting = _waiting(program)
    done = look_again(program, at, waiting=waiting, careful=careful)
    if everything:
        done.add(look_at_everything(program, at, careful=careful, progress=progress))
        done.add(look_again(program, at, careful=careful))
    with staff_of(program.pk):
        examine_territories(program=program, at=at)
    return done


def look_again(
    program: Program,
    at: datetime,
    *,
    waiting: Iterable[uuid.UUID] = (),
    careful: bool = False,
) -> Outcome:
    """Look at what waits, and at everything that a change of the facts or a date concerns, until nothing is left.

    All claims are projected first: registrations that wait together must see each other. `careful` (the sweep) logs
    what fails and goes on with the rest, instead of stopping; what failed waits for the next time.
    """
    done, registrations, wanted, rounds = Outcome(), set(waiting), set[uuid.UUID](), 0
    while rounds < ROUNDS:
        with staff_of(program.pk):
            touches = list(Touch.objects.filter(program=program).order_by("pk")[:MOST])
            due = Claim.objects.registered().filter(program=program, look_again_at__lte=at)
            wanted |= set(due.values_list("account_id", flat=True)) | ended_snoozes(program, at)
        if not (touches or registrations or wanted):
            return done
        round_ = _Round(program, at, careful)
        round_.take(touches, registrations, wanted)
        done.add(round_.done)
        if round_.failed:
            for touch in touches:
                _take_alone(program, touch, at)
            return done
        _forget(program, touches)
        registrations, wanted = set(), set()
        rounds += len(touches) < MOST  # a large import takes as many rounds as it needs
    log.warning("program %s: changes go on changing things, after %s rounds", program.code, ROUNDS)
    return done


@dataclass
class _Round:
    """One look at some changes together; `failed` says that some of it could not be done."""

    program: Program
    at: datetime
    careful: bool
    done: Outcome = field(default_factory=Outcome)
    failed: bool = False

    def take(self, touches: list[Touch], registrations: set[uuid.UUID], accounts: set[uuid.UUID]) -> None:
        """Resolve and examine what these changes concern, and these besides."""
        with staff_of(self.program.pk):
            concerned = concerned_by(self.program, touches)
        accounts = accounts | concerned.accounts
        for registration_id in _in_time(self.program, registrations | concerned.registrations):
            with self._failing_alone(f"registration {registration_id} could not be resolved"):
                accounts |= _resolve_again(self.program, registration_id, self.at)
        for together in _groups(self.program, accounts):
            with self._failing_alone(f"account {min(together)} could not be examined"):
                self.done.add(examine(self.program, together, self.at))
        if concerned.rules:
            with staff_of(self.program.pk):
                examine_territories(program=self.program, at=self.at)

    @contextmanager
    def _failing_alone(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            if not self.careful:
                raise
            self.failed = True
            log.exception(what)


def _take_alone(program: Program, touch: Touch, at: datetime) -> None:
    """After a failure: a change whose own look succeeds is done with, the others wait for the next sweep."""
    alone = _Round(program, at, careful=True)
    alone.take([touch], set(), set())
    if not alone.failed:
        _forget(program, [touch])


def _forget(program: Program, touches: list[Touch]) -> None:
    with staff_of(program.pk):
        Touch.objects.filter(pk__in=[touch.pk for touch in touches]).delete()


def _in_time(program: Program, ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    with staff_of(program.pk):
        rows = Registration.objects.filter(pk__in=list(ids)).order_by("submitted_at", "pk")
        return list(rows.values_list("pk", flat=True))


def _resolve_again(program: Program, registration_id: uuid.UUID, at: datetime) -> frozenset[uuid.UUID]:
    with staff_of(program.pk):
        registration = Registration.objects.select_related("program").get(pk=registration_id)
        confirm_receipt(registration=registration, at=at)  # where the nudge of the submission was lost
        return project(registration, at)


def _groups(program: Program, accounts: Iterable[uuid.UUID]) -> list[frozenset[uuid.UUID]]:
    """These accounts with what is judged together with each, every group once; where nobody claims anything, none."""
    with staff_of(program.pk):
        return groups_of(worth_a_look(accounts))


def _waiting(program: Program) -> list[uuid.UUID]:
    rows = Registration.objects.filter(program=program, submitted_at__isnull=False)  # drafts are nobody's business
    waiting = rows.filter(claim__isnull=True) | rows.filter(
        status=RegistrationStatus.SUBMITTED, assessed_at__isnull=True
    )
    return list(waiting.values_list("pk", flat=True))
