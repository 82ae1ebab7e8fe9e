"""bench policy, part "backtest": past cases tried under three drafts, with the time, the memory and cases a second; beside
it one case after the other as one would write it: each memo read, conflicts detected, the whole recommendation made."""

import hashlib
import json
import multiprocessing
import resource
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from random import Random
from typing import Any

import django
from django.db import connection, connections
from django.utils import timezone

from benchmarks.policy_cases import Made, Vendor
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts import memo
from conflicts.detectors import detect
from conflicts.facts import DIRECT, from_memo, to_memo
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import recommend
from conflicts.services import policy_in_force
from conflicts.trials import Wanted, start_trial
from partners.models import Account, Partner, Program
from partners.permissions import Role
from reviews.backtest.running import PROCESSES, work_on_trial
from reviews.choices import DECIDABLE
from reviews.programs import create_program, staff_user
from reviews.sample import reset

Say = Callable[[str], None]
Report = dict[str, Any]
SEED, PARTNERS, DISTINCT, SAMPLE = 2026, 200, 2_000, 300
CASES = {"small": 10_000, "medium": 30_000, "large": 100_000}
GOAL, MEMORY_GOAL = 5.0, 512  # seconds for 10,000 cases, MB a process


def drafts() -> dict[str, Report]:
    """Three changes: of what decides, of what blocks, of what is found at all (then both policies look for findings)."""
    decides, blocks, finds = (deepcopy(STANDARD) for _ in range(3))
    decides["parameters"] |= {"margin": 25, "follow_up_days": 40}
    for item in blocks["findings"]:
        if item["kind"] in ("capacity_reached", "tier_insufficient"):
            item["blocks"] = "never"
    finds["parameters"] |= {"direct_freshness_days": 30, "reserved_segments": ["strategic"]}
    return {"what decides": decides, "what blocks": blocks, "what is found": finds}


def run(scale: str, say: Say) -> Report:
    """Make the cases, try the drafts, measure, and remove everything."""
    count = CASES[scale]
    with vendor(count, timezone.now(), say) as (program, made):
        say(f"one after the other, {SAMPLE} of them")
        report: Report = {
            "cases": count, "different": len(made), "memo_kb": round(_kilobytes(made), 1), "processes": PROCESSES,
            "one_by_one_seconds": round(_one_by_one(made) * count, 1), "sample": SAMPLE, "trials": {},
        }  # fmt: skip
        for name, document in drafts().items():
            say(f"a draft that changes {name}")
            report["trials"][name] = _tried(program, name, document)
            say(f"{report['trials'][name]['seconds']} s")
    slowest = max(found["seconds"] for found in report["trials"].values())
    return report | {"times_as_fast": round(report["one_by_one_seconds"] / slowest, 1)}


def lines(report: Report) -> Iterator[str]:
    """The report for people, with the goals."""
    yield f"{report['cases']:,} past cases ({report['different']:,} different, {report['memo_kb']} kB of facts each)"
    yield f"  {'a draft that changes':28}{'seconds':>9}{'cases/s':>9}{'MB a process':>14}{'changed':>9}"
    for name, found in report["trials"].items():
        says = (
            "met"
            if found["seconds"] < GOAL * report["cases"] / 10_000 and found["peak_mb"] < MEMORY_GOAL
            else "NOT MET"
        )
        yield (
            f"  {name:28}{found['seconds']:>9}{found['cases_a_second']:>9,}{found['peak_mb']:>14}{found['changed']:>9,}  {says}"
        )
    yield f"  goal: {GOAL:g} s for 10,000 cases, {MEMORY_GOAL} MB a process, {report['processes']} processes"
    yield f"  one after the other in full, by {report['sample']}: {report['one_by_one_seconds']:,} s"
    yield f"  times as fast as that, the slowest draft: {report['times_as_fast']}"


def _kilobytes(made: Sequence[Made]) -> float:
    return sum(len(json.dumps(to_memo(one.facts))) for one in made) / len(made) / 1000


def _one_by_one(made: Sequence[Made]) -> float:
    """Seconds a case."""
    policy = Policy.from_document(STANDARD)
    kept = [to_memo(one.facts) for one in made[:SAMPLE]]
    started = time.perf_counter()
    for facts in kept:
        read = from_memo(facts)
        recommend(read, detect(read, policy), policy)
    return (time.perf_counter() - started) / len(kept)


# --- one trial, in a process of its own as the command runs; its memory is told, and the largest of those it starts ---


def _tried(program: Program, title: str, document: Report) -> Report:
    with staff_of(program.pk):
        wanted = Wanted(document, title)
        trial = start_trial(program=program, wanted=wanted, by=None, at=timezone.now(), in_background=False)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=django.setup) as pool:
        return pool.submit(_trying, connection.settings_dict["NAME"], program.pk, trial.pk).result()


def _trying(database: str, program_id: uuid.UUID, trial_id: uuid.UUID) -> Report:
    connection.settings_dict["NAME"] = database
    program = Program.objects.get(pk=program_id)
    started = time.perf_counter()
    trial = work_on_trial(program, trial_id)
    seconds = time.perf_counter() - started
    assert trial is not None
    assert trial.ended_well, trial.error
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "seconds": round(seconds, 2), "cases_a_second": round(trial.done / seconds), "peak_mb": max(peaks),
        "cases": trial.done, "changed": trial.result["changed"], "unreadable": trial.result["unreadable"],
        "unlike_record": trial.result["unlike_record"],
    }  # fmt: skip


# --- the cases in the database ---


@contextmanager
def vendor(count: int, at: datetime, say: Say) -> Iterator[tuple[Program, list[Made]]]:
    """A program with so many past cases, most of them decided, which is removed at the end."""
    code = f"bench-{uuid.uuid4().hex[:12]}"
    try:
        program = create_program(code=code, name="Benchmark", at=at)
        with staff_of(program.pk):
            policy = policy_in_force(program)
            decider = staff_user(
                username=code, password=code, program=program, role=Role.CHANNEL_LEAD, name="Bench", at=at
            )
        cast = Vendor(program.pk, PARTNERS, at, SEED)
        say("making cases")
        made = list(cast.cases(min(count, DISTINCT), policy.policy))
        say("writing them")
        _write(program, cast, made, count, {"policy": policy.row.pk, "decider": decider.pk, "at": at})
        yield program, made
    finally:
        say("removing it")
        reset(code)


def _write(program: Program, cast: Vendor, made: Sequence[Made], count: int, values: Report) -> None:
    with staff_of(program.pk):
        Partner.objects.bulk_create(
            Partner(id=item.id, program=program, external_id=item.ref, name=item.name) for item in cast.partners
        )
        accounts = ((number, one.facts.accounts[0]) for number, one in enumerate(made))
        Account.objects.bulk_create(
            Account(id=item.id, program=program, external_id=f"A-{number}", name=item.name) for number, item in accounts
        )
    rng = Random(SEED)
    with connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute(_STAGE)
        cursor.executemany(f"insert into bench_made values ({', '.join(['%s'] * 10)})",
                           [_row(number, one, rng) for number, one in enumerate(made)])  # fmt: skip
        cursor.execute(_COPY, values | {"program": program.pk, "count": count, "made": len(made)})
        for table in ("reviews_case", "reviews_decision", "conflicts_recommendation", "conflicts_conflict"):
            cursor.execute(f"analyze {table}")
        cursor.execute("drop table bench_made, bench_case")


def _row(number: int, one: Made, rng: Random) -> tuple[Any, ...]:
    answer, account = one.answer, one.facts.accounts[0]
    owner = None if answer.owner in ("", DIRECT) else answer.owner
    facts = json.dumps(to_memo(one.facts))
    decided = json.dumps(_decision(one, rng)) if rng.random() < 0.6 else None
    return (
        number, account.id, account.name, facts, hashlib.sha256(facts.encode()).hexdigest(), json.dumps(memo.dump(answer)),
        answer.action, owner, answer.owner == DIRECT, decided,
    )  # fmt: skip


def _decision(one: Made, rng: Random) -> Report:
    """As recommended six times in seven; else somebody else gets it."""
    answer = one.answer
    if answer.action in DECIDABLE and rng.random() < 6 / 7:
        owner, direct = answer.owner, answer.owner == DIRECT
        return {"action": answer.action, "owner": None if direct else owner or None, "direct": direct,
                "support": list(answer.support), "shares": {k: str(v) for k, v in answer.shares.items()}}  # fmt: skip
    claimants = sorted({item.claimant for item in one.facts.registrations})
    return {"action": "award", "owner": rng.choice(claimants), "direct": False, "support": [], "shares": {}}


_STAGE = """
create temp table bench_made (n int, account uuid, name text, facts jsonb, sha text, result jsonb, action text, owner uuid,
                              direct boolean, decided jsonb)
"""
_COPY = """
create temp table bench_case as
select row_number() over () as number, m.n, gen_random_uuid() as conflict, gen_random_uuid() as recommendation,
       gen_random_uuid() as id, (m.facts ->> 'at')::timestamptz as at
  from bench_made m cross join generate_series(0, %(count)s / %(made)s) copy
 limit %(count)s;
analyze bench_case;
insert into conflicts_conflict (id, program_id, account_id, status, opened_at)
select c.conflict, %(program)s, m.account, 'settled', c.at from bench_case c join bench_made m using (n);
insert into conflicts_recommendation (id, program_id, conflict_id, policy_id, engine, action, owner_id, owner_direct, confidence,
                                      abstained, sentence, result, facts, facts_sha256, made_at)
select c.recommendation, %(program)s, c.conflict, %(policy)s, 'rules', m.action, m.owner, m.direct, 0.8, false, 'Made up.',
       m.result, m.facts, m.sha, c.at
  from bench_case c join bench_made m using (n);
insert into reviews_case (id, program_id, conflict_id, number, account_id, kind, status, product_lines, route, pending,
                          opened_at, due_at, at_risk_at, decided_at, version, handed_to, escalated_to)
select c.id, %(program)s, c.conflict, c.number, m.account, 'competing_registration',
       case when m.decided is null then 'open' else 'closed' end, '{}', '{channel_lead}', '{}', c.at, c.at, c.at,
       case when m.decided is not null then c.at + interval '1 day' end, 1, '', ''
  from bench_case c join bench_made m using (n);
insert into reviews_decision (id, program_id, case_id, number, action, owner_id, owner_direct, support, shares, is_override,
                              reason_code, reason_text, recommendation_id, policy_id, decided_by_id, decided_as, decided_at,
                              case_version, snapshot, snapshot_sha256)
select gen_random_uuid(), %(program)s, c.id, 1, m.decided ->> 'action', (m.decided ->> 'owner')::uuid,
       (m.decided ->> 'direct')::boolean, m.decided -> 'support', m.decided -> 'shares', false, '', '', c.recommendation,
       %(policy)s, %(decider)s, 'channel_lead', c.at + interval '1 day', 1, '{}', ''
  from bench_case c join bench_made m using (n) where m.decided is not null
"""
