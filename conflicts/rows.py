"""Rows of the database as the records that reasoning knows (conflicts.facts)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from conflicts import facts as f
from conflicts.models import Claim
from partners import models as m


def claimant(row: Any) -> str:
    """Whose a row is: a partner's id, or the direct team's."""
    return str(row.partner_id) if row.partner_id else f.DIRECT


def key(value: uuid.UUID | None) -> str:
    """An id as records carry it; empty for none."""
    return str(value) if value else ""


def line(row: m.ProductLine) -> f.ProductLine:
    """A product line."""
    return f.ProductLine(str(row.pk), row.code, row.name, row.required_certification)


def tier(row: m.Tier) -> f.Tier:
    """A tier."""
    return f.Tier(str(row.pk), row.code, row.name, row.max_deal_amount, row.capacity, row.max_discount_pct)


def partner(row: m.Partner) -> f.Partner:
    """A partner."""
    return f.Partner(
        str(row.pk), row.external_id, row.name, key(row.tier_id), key(row.distributor_id),
        frozenset(row.certifications), row.status,
    )  # fmt: skip


def agreement(row: m.Agreement) -> f.Agreement:
    """An agreement."""
    return f.Agreement(
        str(row.pk), row.external_id, str(row.partner_id), frozenset(row.product_lines), row.status,
        row.valid_from, row.valid_until, row.max_discount_pct, row.exclusive,
    )  # fmt: skip


def territory(row: m.Territory, known: Mapping[str, str], assigned: Iterable[f.Assignment]) -> f.Territory:
    """A territory rule with its assignments; `known` are the ids of the accounts that it names by reference."""
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
        assignments=tuple(assigned),
    )  # fmt: skip


def exception(row: m.AccountException) -> f.AccountException:
    """An exception."""
    party = f.DIRECT if row.direct else key(row.partner_id)
    return f.AccountException(
        str(row.pk), row.external_id, str(row.account_id), frozenset(row.lifts), row.kind, row.family, party,
        frozenset(row.product_lines), row.valid_from, row.valid_until, row.reason, row.owner_email,
    )  # fmt: skip


def account(row: m.Account, root: uuid.UUID) -> f.Account:
    """An account with its ultimate parent."""
    return f.Account(
        id=str(row.pk), ref=row.external_id or row.name, name=row.name, country=row.country,
        subdivision=row.subdivision, city=row.city, postal_code=row.postal_code, industry=row.industry,
        employees=row.employees, segment=row.segment, parent_id=key(row.parent_id), root_id=str(root),
    )  # fmt: skip


def registration(claim: Claim) -> f.Registration:
    """A registration with the account that its claim says."""
    row = claim.registration
    return f.Registration(
        id=str(row.pk), ref=row.ref, claimant=claimant(row), account_id=str(claim.account_id),
        product_lines=frozenset(row.product_lines), status=row.status, submitted_at=row.submitted_at,
        amount=row.amount, amount_band_max=row.band_upper, currency=row.currency,
        protected_from=row.protected_from, protected_until=row.protected_until,
        possible_account_id=key(claim.possible_account_id), account_name=row.account_name,
        related_account_id=key(claim.related_account_id),
    )  # fmt: skip


def elsewhere(row: m.Registration) -> f.PastRegistration:
    """A registration that counts without competing."""
    return f.PastRegistration(
        str(row.pk), row.ref, claimant(row), row.status, row.submitted_at, row.protected_from, row.protected_until
    )


def activity(row: m.Activity) -> f.Activity:
    """A dated proof of work."""
    return f.Activity(
        str(row.pk), row.get_kind_display(), str(row.registration_id), row.kind, row.occurred_on, row.note
    )


def evidence(row: m.Evidence) -> f.Evidence:
    """A paper."""
    return f.Evidence(str(row.pk), row.kind, str(row.registration_id), row.kind, row.verified, row.note)


def ownership(row: m.Ownership, on: m.Account, owner: f.Partner | None) -> f.Ownership:
    """An ownership, which people call ACCOUNT:OWNER."""
    return f.Ownership(
        str(row.pk), f"{on.external_id or on.name}:{owner.ref if owner else f.DIRECT}", str(row.account_id),
        claimant(row), row.role, frozenset(row.product_lines), row.valid_from, row.valid_until, row.last_activity_at,
        row.share_pct,
    )  # fmt: skip


def opportunity(row: m.CrmOpportunity) -> f.Opportunity:
    """A CRM opportunity."""
    return f.Opportunity(
        id=str(row.pk), ref=row.external_id, account_id=str(row.account_id), owner=claimant(row),
        product_lines=frozenset(row.product_lines), amount=row.amount, currency=row.currency, stage=row.stage,
        created_at=row.created_at, closed_at=row.closed_at, last_activity_at=row.last_activity_at,
        co_sell_partner_id=key(row.co_sell_partner_id),
    )  # fmt: skip


def quote(row: m.PriceQuote) -> f.Quote:
    """A price quote."""
    return f.Quote(
        str(row.pk), row.external_id, claimant(row), str(row.account_id), row.product_line, row.unit_price,
        row.currency, row.list_price, row.discount_pct, row.valid_from, row.valid_until,
    )  # fmt: skip
