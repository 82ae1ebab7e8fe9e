"""Every live claim of a program is looked at again, page by page: read and reasoned about many families at a time.

Only where something else is found than what stands, or somebody still waits for an outcome, is a group examined, under
its locks. What changes meanwhile leaves its waiting row, as always, and is looked at after that.
"""

import logging
import multiprocessing
import os
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import django
from django.db import connection
from django.db.models import prefetch_related_objects

from channelconflict.scope import staff_of
from conflicts.boundaries import next_change
from conflicts.load import Common, Families
from conflicts.models import Claim, Conflict, ConflictStatus, Finding, Recommendation
from conflicts.services import Assessment, InForce, assess, changed_findings, policy_in_force, stands
from conflicts.together import connected
from partners.models import PENDING, Program, RegistrationStatus
from reviews.examining import Outcome, all_settled, examine, open_conflicts
from reviews.models import Case, Party
from reviews.services.concerns import raised_registrations
from reviews.shape import shape_of
from reviews.states import PAUSED, UNSETTLED

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]  # accounts looked at, of how many
PAGE = 500  # accounts with live claims that are read together: some 50 MB
PROCESSES = 2
WAITS = PAUSED  # what for may have come, or gone
MANY = 20  # pages from which a second process is worth its start

_LOOK_AGAIN = """
update conflicts_claim c set look_again_at = v.moment
  from unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) v (id, moment, examined_at)
 where c.id = v.id and c.examined_at is not distinct from v.examined_at
"""


def look_at_everything(
    program: Program, at: datetime, *, careful: bool = False, progress: Progress = lambda _done, _of: None
) -> Outcome:
    """Look at all claims that can still matter; says what stands, as if each group had been examined.

    `careful` logs what fails and goes on. Many pages are shared by two processes, outside of any transaction.
    """
    with staff_of(program.pk):
        accounts = _accounts(program, at)
    pages = [accounts[start : start + PAGE] for start in range(0, len(accounts), PAGE)]
    done, looked = Outcome(), 0
    for number, outcome in enumerate(_looked_at(program, pages, at, careful)):
        done.add(outcome)
        looked += len(pages[number])
        progress(looked, len(accounts))
    return done


def _accounts(program: Program, at: datetime) -> list[uuid.UUID]:
    """The accounts with a claim of a live registration, or one that will be, and those of open conflicts; in order."""
    claims = Claim.objects.registered().filter(program=program)
    protected = claims.filter(registration__status=RegistrationStatus.APPROVED, registration__protected_until__gt=at)
    conflicts = Conflict.objects.filter(program=program, status=ConflictStatus.OPEN)
    found = (claims.filter(registration__status__in=PENDING), protected, conflicts)
    return sorted(set[uuid.UUID]().union(*(rows.values_list("account_id", flat=True) for rows in found)))


def _looked_at(
    program: Program, pages: Sequence[Collection[uuid.UUID]], at: datetime, careful: bool
) -> Iterator[Outcome]:
    processes = min(PROCESSES, os.cpu_count() or 1)
    if processes == 1 or len(pages) < MANY or connection.in_atomic_block:
        yield from map(_Look(program, at, careful).page, pages)
        return
    database = connection.settings_dict["NAME"]  # under test another one than the settings say
    context = multiprocessing.get_context("spawn")
    # Set up before a task is read: reading it imports the models.
    with context.Pool(processes, initializer=django.setup) as pool:
        yield from pool.imap(_shared, [(database, program.pk, at, careful, page) for page in pages])


_looks: dict[Any, "_Look"] = {}  # of a process that shares the work


def _shared(work: tuple[str, uuid.UUID, datetime, bool, Collection[uuid.UUID]]) -> Outcome:
    database, program_id, at, careful, page = work
    if program_id not in _looks:
        connection.settings_dict["NAME"] = database
        _looks[program_id] = _Look(Program.objects.get(pk=program_id), at, careful)
    return _looks[program_id].page(page)


class _Look:
    """One process's look at pages: what is the same for all of them is read once."""

    def __init__(self, program: Program, at: datetime, careful: bool) -> None:
        self.program, self.at, self.careful = program, at, careful
        self.seen: set[uuid.UUID] = set()  # groups, by their least account: one may reach into several pages
        with staff_of(program.pk):
            self.in_force = policy_in_force(program)
            self.common = Common(program, at).read_all()

    def page(self, accounts: Collection[uuid.UUID]) -> Outcome:
        """Look at the groups of these accounts."""
        done, other = Outcome(), list[frozenset[uuid.UUID]]()
        with staff_of(self.program.pk):
            read = _Page(Families(self.program, connected(accounts), self.at, self.common), self.in_force)
            for group in read.families.groups():
                if min(group) in self.seen:
                    continue
                self.seen.add(min(group))
                found = read.unchanged(group)
                if found is None:
                    other.append(group)
                else:
                    done.add(found)
            read.keep_moments()
        for group in other:
            done.add(self._examine(group))
        return done

    def _examine(self, group: frozenset[uuid.UUID]) -> Outcome:
        try:
            return examine(self.program, group, self.at, self.common.rules)
        except Exception:
            if not self.careful:
                raise
            log.exception("account %s could not be examined", min(group))
            return Outcome()


class _Page:
    """What stands on the accounts of a page, beside what reasoning finds there."""

    def __init__(self, families: Families, in_force: InForce) -> None:
        self.families, self.in_force = families, in_force
        prefetch_related_objects(families.claims, "conflict__account")
        rows = Conflict.objects.filter(account__in=list(families.accounts), status=ConflictStatus.OPEN)
        self.conflicts = _by("account_id", rows)
        here = [conflict.pk for several in self.conflicts.values() for conflict in several]
        self.findings = _by("conflict_id", Finding.objects.filter(conflict__in=here, gone_at__isnull=True))
        answers = Recommendation.objects.filter(conflict__in=here, superseded_at__isnull=True)
        self.answers = {answer.conflict_id: answer for answer in answers}
        self.cases = {case.conflict_id: case for case in Case.objects.filter(conflict__in=here, status__in=UNSETTLED)}
        cases = [case.pk for case in self.cases.values()]
        self.parties = _by("case_id", Party.objects.filter(case__in=cases, left_at__isnull=True))
        self.joined = _by("conflict_id", Claim.objects.filter(conflict__in=here).only(*_KEYS))
        self.raised = raised_registrations(families.program)
        self.moments: list[tuple[uuid.UUID, datetime | None, datetime | None]] = []

    def unchanged(self, group: frozenset[uuid.UUID]) -> Outcome | None:
        """What stands on a group; None where examining it would change anything."""
        facts, claims = self.families.facts(group), self.families.claims_of(group)
        done = Outcome()
        for assessment in assess(facts=facts, policy=self.in_force.policy, raised=self.raised):
            members = set(assessment.registration_ids())
            mine = [claim for claim in claims if claim.registration_id in members]
            if mine and not self._stands(assessment, mine, done):
                return None
        if any(conflict.pk not in done.kept for account in group for conflict in self.conflicts.get(account, ())):
            return None
        moment = next_change(facts, self.in_force.policy)
        self.moments += [(c.pk, moment, c.examined_at) for c in claims if c.look_again_at != moment]
        return done

    def keep_moments(self) -> None:
        """When time alone may change what was found; whoever examined a claim meanwhile knew better."""
        if self.moments:
            with connection.cursor() as cursor:
                cursor.execute(_LOOK_AGAIN, [list(column) for column in zip(*self.moments, strict=True)])

    def _stands(self, assessment: Assessment, claims: list[Claim], done: Outcome) -> bool:
        """Whether what is kept of one claim set is what was found, and nobody waits; then it counts as looked at."""
        done.seen.add(frozenset(assessment.claim_set.registration_ids))
        conflicts = open_conflicts(assessment, claims)
        if not assessment.needs_a_case:
            return not conflicts and not any(claim.registration.status in PENDING for claim in claims)
        if not conflicts:
            return all_settled(claims)
        (conflict, *others), case = conflicts, self.cases.get(conflicts[0].pk)
        if others or case is None or not self._kept(conflict, case, assessment, claims):
            return False
        done.cases.append(case.pk)
        done.kept.add(conflict.pk)
        return True

    def _kept(self, conflict: Conflict, case: Case, assessment: Assessment, claims: Iterable[Claim]) -> bool:
        registrations = [claim.registration for claim in claims]
        shape = shape_of(assessment, self.in_force.policy)
        parties = {party.partner_id: party.registration_id for party in self.parties.get(case.pk, ())}
        answer = self.answers.get(conflict.pk)
        return (
            case.status not in WAITS
            and not any(finding.snoozed_until for finding in self.findings.get(conflict.pk, ()))
            and all(r.status != RegistrationStatus.SUBMITTED for r in registrations)
            and shape.is_of(case)
            and parties == {partner: r and r.pk for partner, r in shape.parties(registrations).items()}
            and {_key(claim) for claim in self.joined.get(conflict.pk, ())}
            == {(claim.kind, claim.id) for claim in assessment.claim_set.claims}
            and not any(changed_findings(self.findings.get(conflict.pk, ()), assessment.findings))
            and answer is not None
            and stands(answer, assessment, self.in_force)
        )


_KEYS = ("conflict_id", "source", "registration_id", "ownership_id", "opportunity_id")


def _key(claim: Claim) -> tuple[str, str]:
    return claim.source, str(claim.registration_id or claim.ownership_id or claim.opportunity_id)


def _by(column: str, rows: Iterable[Any]) -> dict[uuid.UUID, list[Any]]:
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found
