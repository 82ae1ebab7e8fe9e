"""Facts with merged accounts and partners counted as those that stand for them: nothing else in reasoning knows of merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conflicts.facts import Facts, Partner, Territory


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
        partners=stand_partners(facts.partners, partners),
        agreements=tuple(replace(a, partner_id=partner(a.partner_id)) for a in facts.agreements),
        territories=tuple(stand_rule(t, accounts, partners) for t in facts.territories),
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


def stand_partners(found: Iterable[Partner], partners: Mapping[str, str]) -> tuple[Partner, ...]:
    """Partners without the merged ones, who buy through those that theirs count as."""
    if not partners:
        return tuple(found)
    left = (one for one in found if one.id not in partners)
    above = ((one, partners.get(one.distributor_id, one.distributor_id)) for one in left)
    return tuple(replace(one, distributor_id="" if other == one.id else other) for one, other in above)


def stand_rule(rule: Territory, accounts: Mapping[str, str], partners: Mapping[str, str]) -> Territory:
    """A rule of those that its accounts and assignees count as."""
    if not accounts and not partners:
        return rule
    return replace(
        rule,
        named_account_ids=frozenset(accounts.get(one, one) for one in rule.named_account_ids),
        excluded_account_ids=frozenset(accounts.get(one, one) for one in rule.excluded_account_ids),
        assignments=tuple(replace(a, assignee=partners.get(a.assignee, a.assignee)) for a in rule.assignments),
    )
