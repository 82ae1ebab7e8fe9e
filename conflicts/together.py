"""Which accounts are judged together: corporate families, and what an unconfirmed match or relation ties to them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from conflicts.models import Claim, Conflict
from partners.models import Account

# What stands beside an account: what it counts as or belongs to, what belongs to it or counts as it, and the accounts
# that a claim ties to it. One select an index; ids alone recur, so that a wide family is walked once.
_BESIDE = """
    select coalesce(a.merged_into_id, a.parent_id) as id from partners_account a where a.id = near.id
    union all select a.id from partners_account a where a.parent_id = near.id and a.merged_into_id is null
    union all select a.id from partners_account a where a.merged_into_id = near.id
    union all select unnest(array[c.possible_account_id, c.related_account_id])
                from conflicts_claim c where c.account_id = near.id
    union all select unnest(array[c.account_id, c.related_account_id])
                from conflicts_claim c where c.possible_account_id = near.id
    union all select unnest(array[c.account_id, c.possible_account_id])
                from conflicts_claim c where c.related_account_id = near.id
"""
_TOGETHER = f"""
with recursive near(id) as (
    select unnest(%s::uuid[])
  union
    select beside.id from near cross join lateral ({_BESIDE}) beside where beside.id is not null
) select id from near
"""  # noqa: S608 - our own text
_EDGES = """
select id, coalesce(merged_into_id, parent_id) from partners_account
 where id = any(%(ids)s) and coalesce(merged_into_id, parent_id) is not null
union all
select account_id, unnest(array[possible_account_id, related_account_id]) from conflicts_claim
 where account_id = any(%(ids)s) and (possible_account_id is not null or related_account_id is not null)
"""


def connected(account_ids: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """These accounts with all that is judged together with them: one query, however large and deep the families are."""
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, [list(account_ids)])
        return frozenset(row[0] for row in cursor.fetchall())


def groups_of(account_ids: Iterable[uuid.UUID]) -> list[frozenset[uuid.UUID]]:
    """The same for many accounts, every group once, in an order that depends on nothing else: two queries."""
    accounts = connected(account_ids)
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, {"ids": list(accounts)})
        return parted(accounts, ((one, other) for one, other in cursor.fetchall() if other))


def parted(accounts: Iterable[uuid.UUID], edges: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> list[frozenset[uuid.UUID]]:
    """The connected parts of a graph, by their least account."""
    head = {account: account for account in accounts}

    def top(one: uuid.UUID) -> uuid.UUID:
        while head[one] != one:
            head[one] = one = head[head[one]]
        return one

    for one, other in edges:
        head[top(one)] = top(other)
    parts: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for account in head:
        parts[top(account)].append(account)
    return sorted(map(frozenset, parts.values()), key=min)


def worth_a_look(account_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these accounts on which somebody registered or a conflict is open, and those that have relatives: one query."""
    here = {"account": OuterRef("pk")}
    claimed = Exists(Claim.objects.registered().filter(**here)) | Exists(Conflict.objects.filter(**here, status="open"))
    perhaps = Exists(Claim.objects.filter(possible_account=OuterRef("pk")))
    akin = Exists(Claim.objects.filter(related_account=OuterRef("pk")))
    below = Exists(Account.objects.filter(parent=OuterRef("pk")))
    merged = Exists(Account.objects.filter(merged_into=OuterRef("pk")))
    alone = Q(parent=None, merged_into=None)
    rows = Account.objects.filter(pk__in=list(account_ids))
    return set(rows.filter(claimed | perhaps | akin | below | merged | ~alone).values_list("pk", flat=True))


def claims_on(accounts: Iterable[uuid.UUID]) -> Q:
    """Claims on these accounts, or perhaps on them or on a relative."""
    ids = list(accounts)
    return Q(account_id__in=ids) | Q(possible_account_id__in=ids) | Q(related_account_id__in=ids)


def roots_of(above: dict[uuid.UUID, uuid.UUID | None]) -> dict[uuid.UUID, uuid.UUID]:
    """Accounts -> the ultimate parent of each, by what each one counts as or belongs to."""
    return {account: _root(account, above) for account in above}


def _root(account: uuid.UUID, above: dict[uuid.UUID, uuid.UUID | None]) -> uuid.UUID:
    seen = [account]
    while (higher := above.get(seen[-1])) and higher not in seen:
        seen.append(higher)
    return min(seen) if higher else seen[-1]  # a circle of parents is one family
