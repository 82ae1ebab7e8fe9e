"""Makes what accounts are found by anew (partners.lookup): after a change of how names are spelled, or from nothing.

In chunks that each commit, so that it can be stopped and goes on where it was; nobody who writes meanwhile is waited for
for long or made to fail: what they hold comes in the next pass.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.db import DatabaseError, OperationalError, connection, connections
from django.utils import timezone

from channelconflict.audit import explain
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from partners.identity import typed_key
from partners.lookup import ALL, SPELLING, Numbers, index_accounts
from partners.models import Account, AccountName, MatchVerdict, Program
from partners.naming import name_key

CHUNK, PASSES = 1000, 3

_STALE = """
exists (select from partners_accountname n left join partners_accountkey k on k.name_id = n.id
         where n.account_id = a.id and k.made_by is distinct from %(spelling)s)
"""
_NEXT = f"""
select a.id from partners_account a
 where a.program_id = %(program)s and a.id > %(after)s and (%(anew)s or {_STALE}
       or not exists (select from partners_accountname n where n.account_id = a.id))
 order by a.id limit %(chunk)s
"""  # noqa: S608 - our own text
_RECOUNT = """
with really as (select w.key, count(*)::int as names from partners_accountkey k, unnest(k.tokens) as w (key)
               where k.program_id = %(program)s group by w.key
              union all select %(all)s, count(*)::int from partners_accountkey where program_id = %(program)s),
     wrong as (select t.key, coalesce(really.names, 0) as names
                 from partners_nametoken t left join really on really.key = t.key
                where t.program_id = %(program)s and t.names <> coalesce(really.names, 0)
                order by t.key for update of t skip locked)
update partners_nametoken t set names = wrong.names from wrong where t.key = wrong.key
"""
_UNUSED = "delete from partners_nametoken where program_id = %s and names = 0 and token <> ''"


@dataclass
class Remade:
    """What came of it: accounts made anew, words counted anew, accounts that others held until the end."""

    accounts: int = 0
    words: int = 0
    held: int = 0


def remake(program: Program, *, anew: bool = False) -> Iterator[Remade]:
    """Bring every account of a program in step with the spelling of today, or make all anew; says how far it is."""
    done = Remade()
    for number in range(PASSES):
        done.held = 0
        for ids in _chunks(program, anew=anew and number == 0):
            made = _try(program, ids, anew=anew)
            done.accounts, done.held = done.accounts + made, done.held + len(ids) - made
            yield done
        if not done.held:
            break
    _respell_verdicts(program)
    done.words = recount(program)
    yield done


def _chunks(program: Program, *, anew: bool) -> Iterator[list[uuid.UUID]]:
    after = uuid.UUID(int=0)
    while True:
        with staff_of(program.pk), connection.cursor() as cursor:
            wanted: dict[str, Any] = {
                "program": program.pk,
                "after": after,
                "anew": anew,
                "spelling": SPELLING,
                "chunk": CHUNK,
            }
            cursor.execute(_NEXT, wanted)
            ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            return
        yield ids
        after = ids[-1]


def _try(program: Program, ids: Sequence[uuid.UUID], *, anew: bool) -> int:
    """How many of these accounts were made anew; the others are somebody's who writes them now."""
    try:
        with staff_of(program.pk):
            with connection.cursor() as cursor:
                cursor.execute(
                    "set local lock_timeout = '300ms'"
                )  # before a deadlock is looked for, and found in others
            free = Account.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=ids).order_by("pk")
            held = list(free.values_list("pk", flat=True))
            _respell(held)
            index_accounts(program.pk, held, anew=anew)
            return len(held)
    except OperationalError:
        return 0


def _respell(accounts: Sequence[uuid.UUID]) -> None:
    """The names of accounts in the spelling of today; of two that are one now the older stays."""
    changed: list[AccountName] = []
    taken: set[tuple[uuid.UUID, str]] = set()
    for name in AccountName.objects.filter(account_id__in=accounts).order_by("account_id", "pk"):
        key = name_key(name.name)
        if not key or (name.account_id, key) in taken:
            explain(name, by=None, at=timezone.now(), reason="account_name.respelled")
            name.delete()
            continue
        taken.add((name.account_id, key))
        if key != name.key:
            name.key = key
            changed.append(name)
    if changed:
        _write_keys(changed)


def _write_keys(names: Sequence[AccountName]) -> None:
    """Over keys of their own first: one name's new key may be another's old one."""
    for keys in ([str(name.pk) for name in names], [name.key for name in names]):
        with connection.cursor() as cursor:
            cursor.execute(
                "update partners_accountname n set key = r.key from unnest(%s::uuid[], %s::text[]) as r (id, key)"
                " where n.id = r.id",
                [[name.pk for name in names], keys],
            )


def _respell_verdicts(program: Program) -> None:
    """What a person said also holds for who is named alike (MatchVerdict.typed)."""
    with staff_of(program.pk):
        for said in MatchVerdict.objects.filter(program=program).select_related("registration"):
            typed = typed_key(said.registration)
            if typed != said.typed:
                MatchVerdict.objects.filter(pk=said.pk).update(typed=typed)


def recount(program: Program) -> int:
    """Count the words of a program anew; how many counts were wrong."""
    with staff_of(program.pk), connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"program": program.pk, "all": Numbers(program.pk).word(ALL)})
        wrong = cursor.rowcount
        cursor.execute(_UNUSED, [program.pk])
    return wrong


def is_stale(program: Program) -> bool:
    """Some name of the program has no keys, or keys of another spelling."""
    with staff_of(program.pk), connection.cursor() as cursor:
        cursor.execute(
            f"select exists (select from partners_account a where a.program_id = %(program)s and {_STALE})",  # noqa: S608
            {"program": program.pk, "spelling": SPELLING},
        )
        return bool(cursor.fetchone()[0])


def keys_are_of_today(databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """A database check (migrate runs it): keys of another spelling find accounts badly."""
    if OWNER_ALIAS not in (databases or ()):
        return []
    try:
        with connections[OWNER_ALIAS].cursor() as cursor:
            cursor.execute(f"select exists (select from partners_account a where {_STALE})", {"spelling": SPELLING})  # noqa: S608
            stale = cursor.fetchone()[0]
    except DatabaseError:  # not migrated yet
        return []
    told = "Accounts are indexed by an older spelling of names, and some will not be found."
    return [checks.Warning(told, hint="Run: manage.py index_accounts", id="partners.W001")] if stale else []
