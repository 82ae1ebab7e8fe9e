"""Facts with merged accounts and partners counted as those that stand for them: nothing else in reasoning knows of merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from conflicts.facts import Facts, Territory


def stand(facts: Facts, accounts: Mapping[str, str], partners: Mapping[str, str]) -> Facts:
    """The facts with each merged id (the keys) read as the one that it counts as (the values)."""
    if not accounts and not partners:
        return facts

    def account(key: str) -> str:
        return accounts.get(key, key)

    def partner(key: str) -> str:
        return partners.get(key, key)

    return replace(
        facts,
        partners=tuple(
            replace(p, distributor_id="" if partner(p.distributor_id) == p.id else partner(p.distributor_id))
            for p in facts.partners
            if p.id not in partners
        ),
        agreements=tuple(replace(a, partner_id=partner(a.partner_id)) for a in facts.agreements),
        territories=tuple(_rule(t, account, partner) for t in facts.territories),
        exceptions=tuple(
            replace(e, account_id=account(e.account_id), party=partner(e.party)) for e in facts.exceptions
        ),
        accounts=tuple(
            replace(a, parent_id="" if account(a.parent_id) == a.id else account(a.parent_id))
            for a in facts.accounts
            if a.id not in accounts
        ),
        registrations=tuple(
            replace(
                r,
                claimant=partner(r.claimant),
                account_id=account(r.account_id),
                possible_account_id=account(r.possible_account_id),
                related_account_id=account(r.related_account_id),
            )
            for r in facts.registrations
        ),
        other_registrations=tuple(replace(r, claimant=partner(r.claimant)) for r in facts.other_registrations),
        ownerships=tuple(
            replace(o, owner=partner(o.owner), account_id=account(o.account_id)) for o in facts.ownerships
        ),
        opportunities=tuple(
            replace(
                o,
                owner=partner(o.owner),
                account_id=account(o.account_id),
                co_sell_partner_id=partner(o.co_sell_partner_id),
            )
            for o in facts.opportunities
        ),
        quotes=tuple(replace(q, seller=partner(q.seller), account_id=account(q.account_id)) for q in facts.quotes),
    )


def _rule(territory: Territory, account: Callable[[str], str], partner: Callable[[str], str]) -> Territory:
    return replace(
        territory,
        named_account_ids=frozenset(map(account, territory.named_account_ids)),
        excluded_account_ids=frozenset(map(account, territory.excluded_account_ids)),
        assignments=tuple(replace(a, assignee=partner(a.assignee)) for a in territory.assignments),
    )
