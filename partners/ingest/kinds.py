"""The kinds of records that come in and their columns: the same for CSV, XLSX, JSON, the API and exercises.

A kind is found again by its `key` columns, so that the same file loaded twice changes nothing.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models

from partners.ingest.columns import Column, Kind
from partners.ingest.values import (
    DIRECT,
    Choice,
    Country,
    Day,
    DealStage,
    Domain,
    Email,
    Flag,
    ListOf,
    Moment,
    Number,
    Party,
    Pattern,
    Reference,
    Text,
    ValueType,
    as_word,
)
from partners.models import (
    Account,
    AccountException,
    Activity,
    ActivityKind,
    Agreement,
    AgreementStatus,
    CrmOpportunity,
    Evidence,
    Lead,
    Ownership,
    OwnershipRole,
    Partner,
    PartnerStatus,
    PartnerType,
    PriceQuote,
    ProductLine,
    Registration,
    RegistrationStatus,
    Segment,
    Stage,
    SupportTicket,
    Territory,
    TerritoryAssignment,
    Tier,
)

# What an exception may lift (the policy's kinds of findings; tests/partners/test_ingest_kinds.py compares them).
FINDING_KINDS = (
    "duplicate_registration", "resubmission", "competing_registration", "same_chain", "account_owned",
    "direct_engagement", "reserved_account", "corporate_family", "out_of_territory", "exclusive_territory",
    "agreement_inactive", "product_not_entitled", "tier_insufficient", "capacity_reached", "price_overlap",
    "discount_outside_policy", "co_sell", "territory_overlap",
)  # fmt: skip


def _choice(choices: type[models.TextChoices], default: str = "") -> Choice:
    return Choice(tuple(choices.values), empty=default)


def _percent() -> Number:
    return Number(5, 2, highest=100)


def _money(digits: int = 18, places: int = 2) -> Number:
    return Number(digits, places)


CODE = Pattern("a code of small letters, digits, - and _ (like gtx-pro)", r"[a-z0-9][a-z0-9_-]{0,59}")
CURRENCY = Pattern("a three-letter ISO currency code (like EUR)", r"[A-Z]{3}", str.upper)
SUBDIVISION = Pattern("an ISO 3166-2 state or province (like US-CA)", r"[A-Z]{2}-[A-Z0-9]{1,3}", str.upper)
DUNS = Pattern(
    "a D-U-N-S number of nine digits", r"[0-9]{9}", lambda text: text.replace("-", "").replace(" ", "").zfill(9)
)
LINES = ListOf(Reference("product_lines"))
EXTERNAL_ID = Column("external_id", Text(200), required=True)
VALID = (Column("valid_from", Day()), Column("valid_until", Day()))


def _lists(*names: str, of: ValueType) -> tuple[Column, ...]:
    return tuple(Column(name, ListOf(of)) for name in names)


_PRODUCT_LINES = Kind(
    "product_lines",
    ProductLine,
    (Column("code", CODE, True), Column("name", Text(200), True), Column("required_certification", Text(60))),
    key=("code",),
)
_TIERS = Kind(
    "tiers",
    Tier,
    (
        Column("code", CODE, True),
        Column("name", Text(200), True),
        Column("rank", Number(4, 0, default=0)),
        Column("max_deal_amount", _money()),
        Column("capacity", Number(9, 0)),
        Column("max_discount_pct", _percent()),
    ),
    key=("code",),
)
_PARTNERS = Kind(
    "partners",
    Partner,
    (
        EXTERNAL_ID,
        Column("name", Text(300), True),
        Column("domain", Domain()),
        Column("country", Country()),
        Column("type", _choice(PartnerType, PartnerType.RESELLER)),
        Column("tier", Reference("tiers")),
        Column("status", _choice(PartnerStatus, PartnerStatus.ACTIVE)),
        Column("distributor", Reference("partners")),
        Column("certifications", ListOf(Text(60))),
    ),
    parent="distributor",
)
_AGREEMENTS = Kind(
    "agreements",
    Agreement,
    (
        EXTERNAL_ID,
        Column("partner", Reference("partners"), True),
        Column("product_lines", LINES),
        Column("exclusive", Flag()),
        Column("max_discount_pct", _percent()),
        Column("status", _choice(AgreementStatus, AgreementStatus.ACTIVE)),
        *VALID,
    ),
)
_ACCOUNTS = Kind(
    "accounts",
    Account,
    (
        EXTERNAL_ID,
        Column("name", Text(500), True),
        Column("domain", Domain()),
        Column("country", Country()),
        Column("subdivision", SUBDIVISION),
        Column("city", Text(120)),
        Column("postal_code", Text(20)),
        Column("industry", Text(60)),
        Column("employees", Number(9, 0)),
        Column("annual_revenue", _money(20)),
        Column("segment", _choice(Segment, Segment.STANDARD)),
        Column("parent", Reference("accounts")),
        Column("phone", Text(40)),
        Column("lei", Text(20)),
        Column("vat_id", Text(30)),
        Column("duns", DUNS),
    ),
    parent="parent",
    extra=(Column("aliases", ListOf(Text(500))),),
)
_TERRITORIES = Kind(
    "territories",
    Territory,
    (
        EXTERNAL_ID,
        Column("name", Text(200), True),
        Column("countries", ListOf(Country())),
        Column("subdivisions", ListOf(SUBDIVISION)),
        *_lists("postal_prefixes", of=Text(20)),
        *_lists("industries", of=Text(60)),
        Column("employees_min", Number(9, 0)),
        Column("employees_max", Number(9, 0)),
        Column("product_lines", LINES),
        *_lists("named_accounts", "excluded_accounts", of=Reference("accounts")),
        Column("exclusive", Flag()),
        Column("priority", Number(9, 0, lowest=-999_999_999, default=0)),
        *VALID,
    ),
)
_ASSIGNMENTS = Kind(
    "territory_assignments",
    TerritoryAssignment,
    (
        Column("territory", Reference("territories"), True),
        Column("assignee", Party(), True),
        Column("role", _choice(OwnershipRole, OwnershipRole.OWNER)),
    ),
    key=("territory", "assignee", "role"),
)
_EXCEPTIONS = Kind(
    "exceptions",
    AccountException,
    (
        EXTERNAL_ID,
        Column("kind", Text(60)),
        Column("account", Reference("accounts"), True),
        Column("family", Flag()),
        Column("party", Party()),
        Column("product_lines", LINES),
        Column("lifts", ListOf(Choice(FINDING_KINDS)), True),
        *VALID,
        Column("reason", Text(), True),
        Column("owner_email", Email(), True),
    ),
)
_OWNERSHIPS = Kind(
    "ownerships",
    Ownership,
    (
        Column("account", Reference("accounts"), True),
        Column("owner", Party(), True),
        Column("role", _choice(OwnershipRole, OwnershipRole.OWNER)),
        Column("product_lines", LINES),
        *VALID,
        Column("last_activity_at", Moment()),
        Column("share_pct", _percent()),
    ),
    key=("account", "owner", "role", "valid_from"),
)
_OPPORTUNITIES = Kind(
    "crm_opportunities",
    CrmOpportunity,
    (
        EXTERNAL_ID,
        Column("account", Reference("accounts")),
        Column("owner", Party(), True),
        Column("product_lines", LINES),
        Column("amount", _money()),
        Column("currency", CURRENCY),
        Column("stage", DealStage(), True),
        Column("created_at", Moment()),
        Column("closed_at", Moment()),
        Column("last_activity_at", Moment()),
        Column("co_sell_partner", Reference("partners")),
    ),
)
_REGISTRATIONS = Kind(
    "registrations",
    Registration,
    (
        EXTERNAL_ID,
        Column("partner", Party(), True),
        Column("account_name", Text(500), True),
        Column("account_domain", Text(253)),
        Column("account_country", Country()),
        Column("account_subdivision", SUBDIVISION),
        Column("account_city", Text(120)),
        Column("account_postal_code", Text(20)),
        Column("contact_email", Email()),
        Column("product_lines", LINES, True),
        Column("amount", _money()),
        Column("currency", CURRENCY),
        Column("expected_close_on", Day()),
        Column("stage", _choice(Stage)),
        Column("note", Text()),
        Column("submitted_at", Moment()),
        Column("status", _choice(RegistrationStatus, RegistrationStatus.SUBMITTED)),
        Column("protected_from", Moment()),
        Column("protected_until", Moment()),
    ),
)
_ACTIVITIES = Kind(
    "activities",
    Activity,
    (
        Column("registration", Reference("registrations"), True),
        Column("kind", _choice(ActivityKind), True),
        Column("occurred_on", Day(), True),
        Column("note", Text()),
    ),
    key=("registration", "kind", "occurred_on"),
)
_QUOTES = Kind(
    "quotes",
    PriceQuote,
    (
        EXTERNAL_ID,
        Column("seller", Party(), True),
        Column("account", Reference("accounts"), True),
        Column("product_line", Reference("product_lines"), True),
        Column("unit_price", _money(18, 4)),
        Column("currency", CURRENCY),
        Column("list_price", _money(18, 4)),
        Column("discount_pct", _percent()),
        *VALID,
    ),
)
_TICKETS = Kind(
    "support_tickets",
    SupportTicket,
    (
        EXTERNAL_ID,
        Column("partner", Reference("partners"), True),
        Column("opened_at", Moment(), True),
        Column("escalated", Flag()),
        Column("subject", Text(500)),
    ),
)
_EVIDENCE = Kind(
    "evidence",
    Evidence,
    (
        Column("registration", Reference("registrations"), True),
        Column("kind", Pattern("a word (like customer_letter)", r".{1,60}", as_word), True),
        Column("verified", Flag()),
        Column("note", Text()),
    ),
    key=("registration", "kind", "note"),
)
_LEADS = Kind(
    "leads",
    Lead,
    (
        EXTERNAL_ID,
        Column("customer_name", Text(500), True),
        Column("customer_domain", Domain()),
        Column("country", Country()),
        Column("subdivision", SUBDIVISION),
        Column("city", Text(120)),
        Column("postal_code", Text(20)),
        Column("industry", Text(60)),
        Column("employees", Number(9, 0)),
        Column("product_lines", LINES, True),
        Column("need", Text()),
        Column("source", Text(100)),
        Column("contact_name", Text(200)),
        Column("contact_email", Email()),
        Column("contact_phone", Text(40)),
        Column("received_at", Moment(), True),
    ),
)

_ALL = (
    _PRODUCT_LINES, _TIERS, _PARTNERS, _AGREEMENTS, _ACCOUNTS, _TERRITORIES, _ASSIGNMENTS, _EXCEPTIONS, _OWNERSHIPS,
    _OPPORTUNITIES, _REGISTRATIONS, _ACTIVITIES, _QUOTES, _TICKETS, _EVIDENCE,
    _LEADS,
)  # fmt: skip
BY_NAME: dict[str, Kind] = {kind.name: kind for kind in _ALL}
KINDS: tuple[str, ...] = tuple(BY_NAME)  # in the order in which they refer to each other


def row_problems(row: Any) -> Iterator[tuple[str, str]]:
    """What is wrong within one record as a whole: (column, what is wrong)."""
    for first, last in (("valid_from", "valid_until"), ("employees_min", "employees_max")):
        low, high = getattr(row, first, None), getattr(row, last, None)
        if low is not None and high is not None and high < low:
            yield last, f"{high} comes before {first} {low}"
    if isinstance(row, Partner) and row.external_id.lower() == DIRECT:
        yield "external_id", f"is {DIRECT}, the word for the vendor's own team"
    for link in ("parent", "distributor"):
        if getattr(row, f"{link}_id", None) == row.pk:
            yield link, "is the record itself"
    if getattr(row, "share_pct", None) == 0:
        yield "share_pct", "is 0; leave it empty where there are no shares"
    if isinstance(row, Registration):
        yield from _registration_problems(row)


def _registration_problems(row: Registration) -> Iterator[tuple[str, str]]:
    if row.submitted_at is None and row.status not in (RegistrationStatus.DRAFT, RegistrationStatus.WITHDRAWN):
        yield "submitted_at", f"is empty; a registration with the status {row.status} has been submitted at some time"
    if (row.protected_from is None) != (row.protected_until is None):
        yield "protected_until", "protected_from and protected_until are given together or not at all"
    elif row.protected_from and row.protected_until and row.protected_until <= row.protected_from:
        yield "protected_until", f"{row.protected_until:%Y-%m-%d} is not after protected_from"
