"""Database -> facts.Facts for one claim set, in a fixed number of queries; and the refs by which people know things."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from conflicts import facts as f
from conflicts.models import Claim
from conflicts.standing import stand
from partners import models as m
from partners.identity import standing_partners


def family_of(account_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Every account of the corporate families of these accounts -> its ultimate parent; merged ones come along.

    Climbs to the root and down again by level: one query a level of the tree, whatever its width.
    """
    above: dict[uuid.UUID, uuid.UUID | None] = {}
    wanted = set(account_ids)
    while wanted:
        found = _above(pk__in=wanted)
        above |= found
        wanted = {account for account in found.values() if account} - above.keys()
    level = set(above)
    while level:
        found = _above(Q(parent_id__in=level, merged_into=None) | Q(merged_into_id__in=level))
        level = found.keys() - above.keys()
        above |= found
    return {account: _root(account, above) for account in above}


def _above(*conditions: Q, **named: Any) -> dict[uuid.UUID, uuid.UUID | None]:
    """Accounts -> what each counts as, if it was merged, else its parent."""
    rows = m.Account.objects.filter(*conditions, **named).values_list("pk", "merged_into_id", "parent_id")
    return {account: merged or parent for account, merged, parent in rows}


def connected(account_ids: Iterable[uuid.UUID]) -> frozenset[uuid.UUID]:
    """The families of these accounts, and those that an unconfirmed match or relation ties to them: judged together."""
    found = frozenset(family_of(account_ids))
    while True:
        ties = Claim.objects.exclude(possible_account=None, related_account=None).filter(claims_on(found))
        rows = ties.values_list("account_id", "possible_account_id", "related_account_id")
        beyond = {account for row in rows for account in row if account} - found
        if not beyond:
            return found
        found |= frozenset(family_of(beyond))


def worth_a_look(account_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these accounts that somebody claims, or that have relatives whom somebody may claim: one query."""
    claimed = Exists(Claim.objects.filter(account=OuterRef("pk")))
    perhaps = Exists(Claim.objects.filter(possible_account=OuterRef("pk")))
    akin = Exists(Claim.objects.filter(related_account=OuterRef("pk")))
    below = Exists(m.Account.objects.filter(parent=OuterRef("pk")))
    merged = Exists(m.Account.objects.filter(merged_into=OuterRef("pk")))
    alone = Q(parent=None, merged_into=None)
    rows = m.Account.objects.filter(pk__in=list(account_ids))
    return set(rows.filter(claimed | perhaps | akin | below | merged | ~alone).values_list("pk", flat=True))


def claims_on(accounts: Iterable[uuid.UUID]) -> Q:
    """Claims on these accounts, or perhaps on them or on a relative."""
    ids = list(accounts)
    return Q(account_id__in=ids) | Q(possible_account_id__in=ids) | Q(related_account_id__in=ids)


def _root(account: uuid.UUID, above: dict[uuid.UUID, uuid.UUID | None]) -> uuid.UUID:
    seen = [account]
    while (higher := above.get(seen[-1])) and higher not in seen:
        seen.append(higher)
    return min(seen) if higher else seen[-1]  # a circle of parents is one family


def load_facts(program: m.Program, account_ids: Iterable[uuid.UUID], at: datetime) -> f.Facts:
    """Everything that reasoning may know about the claims on these accounts and their families, at `at`."""
    roots = family_of(account_ids)
    accounts = list(m.Account.objects.filter(pk__in=roots).order_by("pk"))
    claims = list(
        Claim.objects.filter(claims_on(roots), source="registration").select_related("registration").order_by("pk")
    )
    registrations = [claim.registration for claim in claims]
    ownerships = list(m.Ownership.objects.filter(account_id__in=roots).order_by("pk"))
    opportunities = list(m.CrmOpportunity.objects.filter(account_id__in=roots).filter(_recent(at)).order_by("pk"))
    quotes = list(m.PriceQuote.objects.filter(account_id__in=roots).order_by("pk"))
    territories = list(m.Territory.objects.filter(program=program).prefetch_related("assignments").order_by("pk"))
    merged = standing_partners(program.pk)
    partner_ids = _with_merged(_partners_of(registrations, ownerships, opportunities, quotes), merged)
    partners = list(
        m.Partner.objects.filter(
            Q(pk__in=partner_ids) | Q(resellers__in=partner_ids) | Q(assignments__isnull=False), program=program
        )
        .distinct()
        .order_by("pk")
    )
    known = _ids_by_ref(program, territories)
    facts = f.Facts(
        at=at,
        program=f.Program(str(program.pk), program.code, program.name, program.currency),
        product_lines=tuple(map(_line, m.ProductLine.objects.filter(program=program).order_by("code"))),
        tiers=tuple(map(_tier, m.Tier.objects.filter(program=program).order_by("code"))),
        partners=tuple(map(_partner, partners)),
        agreements=tuple(map(_agreement, m.Agreement.objects.filter(partner_id__in=partner_ids).order_by("pk"))),
        territories=tuple(_territory(t, known) for t in territories),
        exceptions=tuple(map(_exception, m.AccountException.objects.filter(account_id__in=roots).order_by("pk"))),
        accounts=tuple(_account(a, roots[a.pk]) for a in accounts),
        registrations=tuple(_registration(claim) for claim in claims if claim.registration.submitted_at),
        other_registrations=_others(program, partner_ids, list(merged), registrations, at),
        activities=tuple(map(_activity, m.Activity.objects.filter(registration__in=registrations).order_by("pk"))),
        evidence=tuple(map(_evidence, m.Evidence.objects.filter(registration__in=registrations).order_by("pk"))),
        ownerships=tuple(_ownership(o, accounts, partners) for o in ownerships),
        opportunities=tuple(map(_opportunity, opportunities)),
        quotes=tuple(map(_quote, quotes)),
    )
    stands = {str(a.pk): str(a.merged_into_id) for a in accounts if a.merged_into_id}
    return stand(facts, stands, {str(one): str(other) for one, other in merged.items()})


def _with_merged(partners: set[uuid.UUID], merged: dict[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    """These partners, those they count as, and all that count as those."""
    standing = {merged.get(partner, partner) for partner in partners}
    return partners | standing | {one for one, other in merged.items() if other in standing}


def claims_concerned(change: m.IdentityChange) -> QuerySet[Claim]:
    """The claims of registrations whose account or claimant a merge or a split may change."""
    ends = [change.subject_id, change.target_id]
    claims = Claim.objects.filter(program_id=change.program_id, registration__isnull=False)
    if change.of_partners:
        return claims.filter(registration__partner_id__in=ends)
    own = Q(account_id__in=ends) | Q(account__merged_into_id__in=ends)
    perhaps = Q(possible_account_id__in=ends) | Q(related_account_id__in=ends)
    return claims.filter(own | perhaps | Q(registration_id__in=change.moved.get("registrations", [])))


def load_territories(program: m.Program) -> tuple[f.Territory, ...]:
    """The territory rules of a program."""
    territories = list(m.Territory.objects.filter(program=program).prefetch_related("assignments").order_by("pk"))
    known = _ids_by_ref(program, territories)
    return tuple(_territory(t, known) for t in territories)


def _recent(at: datetime) -> Q:
    """Open opportunities, and won ones that can still weigh (730 days and a day of slack)."""
    return ~Q(stage__in=m.CLOSED_STAGES) | Q(closed_at__gte=at - timedelta(days=732)) | Q(closed_at__isnull=True)


def _partners_of(*groups: Iterable[Any]) -> set[uuid.UUID]:
    found = {item.partner_id for group in groups for item in group}
    found |= {getattr(item, "co_sell_partner_id", None) for group in groups for item in group}
    return {partner for partner in found if partner}


def _ids_by_ref(program: m.Program, territories: list[m.Territory]) -> dict[str, str]:
    refs = {ref for t in territories for ref in (*t.named_accounts, *t.excluded_accounts)}
    rows = m.Account.objects.filter(program=program, external_id__in=refs) if refs else m.Account.objects.none()
    return {external_id: str(pk) for pk, external_id in rows.values_list("pk", "external_id")}


def _others(
    program: m.Program,
    partner_ids: set[uuid.UUID],
    merged: Iterable[uuid.UUID],
    here: list[m.Registration],
    at: datetime,
) -> tuple[f.PastRegistration, ...]:
    rows = (
        m.Registration.objects.live_at(at)
        .filter(program=program, partner_id__in=partner_ids)
        .filter(Q(partner__tier__capacity__isnull=False) | Q(partner_id__in=merged))
        .exclude(pk__in=[r.pk for r in here])
        .order_by("pk")
    )
    return tuple(
        f.PastRegistration(
            str(r.pk), r.ref, _claimant(r), r.status, r.submitted_at, r.protected_from, r.protected_until
        )
        for r in rows
    )


def _claimant(row: Any) -> str:
    return str(row.partner_id) if row.partner_id else f.DIRECT


def _id(value: uuid.UUID | None) -> str:
    return str(value) if value else ""


def _line(row: m.ProductLine) -> f.ProductLine:
    return f.ProductLine(str(row.pk), row.code, row.name, row.required_certification)


def _tier(row: m.Tier) -> f.Tier:
    return f.Tier(str(row.pk), row.code, row.name, row.max_deal_amount, row.capacity, row.max_discount_pct)


def _partner(row: m.Partner) -> f.Partner:
    return f.Partner(
        str(row.pk), row.external_id, row.name, _id(row.tier_id), _id(row.distributor_id),
        frozenset(row.certifications), row.status,
    )  # fmt: skip


def _agreement(row: m.Agreement) -> f.Agreement:
    return f.Agreement(
        str(row.pk), row.external_id, str(row.partner_id), frozenset(row.product_lines), row.status,
        row.valid_from, row.valid_until, row.max_discount_pct, row.exclusive,
    )  # fmt: skip


def _territory(row: m.Territory, known: dict[str, str]) -> f.Territory:
    return f.Territory(
        id=str(row.pk), ref=row.external_id, name=row.name,
        countries=frozenset(row.countries), subdivisions=frozenset(row.subdivisions),
        postal_prefixes=frozenset(row.postal_prefixes), industries=frozenset(row.industries),
        employees_min=row.employees_min, employees_max=row.employees_max,
        product_lines=frozenset(row.product_lines),
        # An account that is not in our records can never be the one looked at, but it still restricts the rule.
        named_account_ids=frozenset(known.get(ref, f"unknown:{ref}") for ref in row.named_accounts),
        excluded_account_ids=frozenset(known.get(ref, f"unknown:{ref}") for ref in row.excluded_accounts),
        exclusive=row.exclusive, priority=row.priority, valid_from=row.valid_from, valid_until=row.valid_until,
        assignments=tuple(
            f.Assignment(str(a.pk), row.external_id, _claimant(a), a.role)
            for a in sorted(row.assignments.all(), key=lambda a: str(a.pk))
        ),
    )  # fmt: skip


def _exception(row: m.AccountException) -> f.AccountException:
    party = f.DIRECT if row.direct else _id(row.partner_id)
    return f.AccountException(
        str(row.pk), row.external_id, str(row.account_id), frozenset(row.lifts), row.kind, row.family, party,
        frozenset(row.product_lines), row.valid_from, row.valid_until, row.reason, row.owner_email,
    )  # fmt: skip


def _account(row: m.Account, root: uuid.UUID) -> f.Account:
    return f.Account(
        id=str(row.pk), ref=row.external_id or row.name, name=row.name, country=row.country,
        subdivision=row.subdivision, city=row.city, postal_code=row.postal_code, industry=row.industry,
        employees=row.employees, segment=row.segment, parent_id=_id(row.parent_id), root_id=str(root),
    )  # fmt: skip


def _registration(claim: Claim) -> f.Registration:
    row = claim.registration
    return f.Registration(
        id=str(row.pk), ref=row.ref, claimant=_claimant(row), account_id=str(claim.account_id),
        product_lines=frozenset(row.product_lines), status=row.status, submitted_at=row.submitted_at,
        amount=row.amount, amount_band_max=row.band_upper, currency=row.currency,
        protected_from=row.protected_from, protected_until=row.protected_until,
        possible_account_id=_id(claim.possible_account_id), account_name=row.account_name,
        related_account_id=_id(claim.related_account_id),
    )  # fmt: skip


def _activity(row: m.Activity) -> f.Activity:
    return f.Activity(
        str(row.pk), row.get_kind_display(), str(row.registration_id), row.kind, row.occurred_on, row.note
    )


def _evidence(row: m.Evidence) -> f.Evidence:
    return f.Evidence(str(row.pk), row.kind, str(row.registration_id), row.kind, row.verified, row.note)


def _ownership(row: m.Ownership, accounts: list[m.Account], partners: list[m.Partner]) -> f.Ownership:
    account = next((a.external_id or a.name for a in accounts if a.pk == row.account_id), "")
    owner = next((p.external_id for p in partners if p.pk == row.partner_id), f.DIRECT)
    return f.Ownership(
        str(row.pk), f"{account}:{owner}", str(row.account_id), _claimant(row), row.role,
        frozenset(row.product_lines), row.valid_from, row.valid_until, row.last_activity_at, row.share_pct,
    )  # fmt: skip


def _opportunity(row: m.CrmOpportunity) -> f.Opportunity:
    return f.Opportunity(
        id=str(row.pk), ref=row.external_id, account_id=str(row.account_id), owner=_claimant(row),
        product_lines=frozenset(row.product_lines), amount=row.amount, currency=row.currency, stage=row.stage,
        created_at=row.created_at, closed_at=row.closed_at, last_activity_at=row.last_activity_at,
        co_sell_partner_id=_id(row.co_sell_partner_id),
    )  # fmt: skip


def _quote(row: m.PriceQuote) -> f.Quote:
    return f.Quote(
        str(row.pk), row.external_id, _claimant(row), str(row.account_id), row.product_line, row.unit_price,
        row.currency, row.list_price, row.discount_pct, row.valid_from, row.valid_until,
    )  # fmt: skip
