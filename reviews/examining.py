"""One claim set is settled at a time, under the lock of its account's family: open a case, refresh it, end it, or approve.

Of two registrations that arrive together the second sees the first. Every step starts from rows and may run twice.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from conflicts.boundaries import next_change
from conflicts.load import Rules, load_facts
from conflicts.models import Claim, Conflict, ConflictStatus
from conflicts.opinions.configured import endpoint
from conflicts.services import Assessment, InForce, assess, dissolve, keep_conflict, policy_in_force
from conflicts.together import connected
from partners.models import PENDING, Account, Program, Registration
from reviews.models import Case
from reviews.services import approve_without_conflict, dissolve_case, keep_case
from reviews.services.cases import CaseShape, restart_route
from reviews.services.concerns import raised_registrations
from reviews.services.snooze import sleep_or_wake
from reviews.shape import shape_of
from reviews.states import UNSETTLED


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


def examine(
    program: Program,
    account_ids: Iterable[uuid.UUID],
    at: datetime,
    rules: Rules | None = None,
    raised: Collection[uuid.UUID] = (),
) -> Outcome:
    """Look at everything claimed on these accounts and their families, and write what follows: one transaction.

    `rules` were read by whoever looks at everything: what changes in one meanwhile leaves its own waiting row.
    `raised` are registrations about which a concern becomes a case now; those of before are read here."""
    done = Outcome()
    with staff_of(program.pk):
        in_force = policy_in_force(program)
        accounts = connected(account_ids)
        _lock(accounts)
        here = Claim.objects.filter(account_id__in=accounts)
        # By the conflict's own account: a claim that moved here brings along one that belongs to those who stayed.
        open_here = Conflict.objects.filter(account_id__in=accounts, status=ConflictStatus.OPEN)
        open_before = set(open_here.values_list("pk", flat=True))
        facts = load_facts(program, accounts, at, rules)
        with _examining():
            about = raised_registrations(program) | set(raised)
            for assessment in assess(facts=facts, policy=in_force.policy, raised=about):
                done.add(_follow_up(program, assessment, in_force, at))
        if done.approved:  # their protections have ends, which the facts did not know
            facts = load_facts(program, accounts, at, rules)
        here.registered().update(examined_at=timezone.now(), look_again_at=next_change(facts, in_force.policy))
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
        Case.objects.filter(
            Q(conflict__in=here.values("conflict")) | Q(conflict__account__in=accounts), status__in=UNSETTLED
        ),
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
    conflict, *grown_into_it = [*open_conflicts(assessment, claims), None]
    for other in filter(None, grown_into_it):
        _let_go(other, at)
    if assessment.needs_a_case:
        if conflict is None and all_settled(claims) and not assessment.raised:
            return done  # decided once; only a new claim opens it again
        case = _keep(program, assessment, conflict, in_force, at)
        done.cases.append(case.pk)
        done.kept.add(case.conflict_id)
        return done
    if conflict is not None and _on_hold(conflict):
        done.kept.add(conflict.pk)  # nobody is approved meanwhile; it is looked at again when the hold ends
        return done
    if conflict is not None:
        _let_go(conflict, at)
    free = [claim.registration for claim in claims if claim.registration.status in PENDING]
    done.approved = [r.pk for r in approve_without_conflict(registrations=free, policy=in_force.row, at=at)]
    return done


def _on_hold(conflict: Conflict) -> bool:
    return Case.objects.filter(conflict=conflict, status__in=UNSETTLED, held_until__isnull=False).exists()


def open_conflicts(assessment: Assessment, claims: Iterable[Claim]) -> list[Conflict]:
    """The open conflict of a claim set; where several have grown together the oldest, which stays, and the others.

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
    return sorted(found.values(), key=lambda conflict: (conflict.opened_at, str(conflict.pk)))


def all_settled(claims: Collection[Claim]) -> bool:
    """Whether the claims were decided on, and none of them waits."""
    waiting = any(claim.registration.status in PENDING for claim in claims)
    return not waiting and all(claim.conflict and claim.conflict.status == ConflictStatus.SETTLED for claim in claims)


def _keep(program: Program, assessment: Assessment, conflict: Conflict | None, in_force: InForce, at: datetime) -> Case:
    before = _recommendation_id(conflict)
    conflict = keep_conflict(assessment=assessment, conflict=conflict, in_force=in_force, program=program, at=at)
    shape: CaseShape = shape_of(assessment, in_force.policy)
    case = keep_case(conflict=conflict, shape=shape, at=at)
    now = _recommendation_id(conflict)
    if now and now != before and endpoint():
        nudge("reviews.tasks.ask_model", program.pk, now)  # once this is committed: nothing here waits for a model
    if before and before != now:
        restart_route(case=case, at=at)  # also a new version: who saw the old recommendation must look again
    return sleep_or_wake(case=case, advised_before=before, policy=in_force.policy, at=at)


def _recommendation_id(conflict: Conflict | None) -> uuid.UUID | None:
    if conflict is None:
        return None
    return conflict.recommendations.filter(superseded_at__isnull=True).values_list("pk", flat=True).first()
