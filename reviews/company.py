"""What stands about a partner in the vendor's books, for its own people: papers, territories, rules, what ends soon."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from channelconflict.language import counted
from conflicts.models import PolicySummary
from partners.coverage import covered, period
from partners.models import (
    Agreement,
    AgreementStatus,
    Partner,
    ProductLine,
    Registration,
    RegistrationStatus,
    TerritoryAssignment,
)
from partners.permissions import visible
from partners.tracker import days_text
from reviews.states import APPEAL_WINDOW

SOON = (3, 14, 30)  # days
ENDING_SHOWN = 100
# The parts of the policy's summary that say what a partner may count on (conflicts.policy.readable).
COUNTED_ON = ("How long it takes", "What an approval gives")


@dataclass(frozen=True)
class Paper:
    """An agreement in words; `state` is (text, tone, icon)."""

    agreement: Agreement
    products: str
    period: str
    state: tuple[str, str, str]


@dataclass(frozen=True)
class Place:
    """A territory that the partner works, in words."""

    name: str
    lines: list[tuple[str, str]]
    period: str
    supports: bool
    exclusive: bool


@dataclass(frozen=True)
class Product:
    """A product line: whether an agreement covers it now, and the certification that it takes."""

    name: str
    covered: bool
    certification: str
    held: bool


@dataclass(frozen=True)
class Company:
    """One partner's page."""

    partner: Partner
    facts: list[tuple[str, str]]
    papers: list[Paper]
    places: list[Place]
    products: list[Product]
    rules: list[dict[str, Any]]
    more_rules: list[tuple[str, str]]
    ending: list[tuple[int, list[tuple[Registration, str]]]]  # (within so many days, [(registration, what is left)])
    more_ending: bool


def companies(user: Any, partners: Sequence[Partner], today: Mapping[uuid.UUID, date], now: datetime) -> list[Company]:
    """The pages of the partners that `user` acts for; five queries, however many they are. `today` by program."""
    programs = {partner.program_id for partner in partners}
    lines = list(ProductLine.objects.filter(program__in=programs).order_by("name", "code"))
    papers = list(visible(user, Agreement.objects.exclude(status=AgreementStatus.DRAFT)).order_by("-valid_from", "pk"))
    assigned = list(
        visible(user, TerritoryAssignment.objects.select_related("territory")).order_by("territory__name", "pk")
    )
    rules = _rules_in_force(programs)
    ending = _ending(user, now)
    return [
        _company(partner, [x for x in lines if x.program_id == partner.program_id],
                 [x for x in papers if x.partner_id == partner.pk],
                 [x for x in assigned if x.partner_id == partner.pk], rules.get(partner.program_id),
                 [x for x in ending if x.partner_id == partner.pk], today[partner.program_id], now)
        for partner in partners
    ]  # fmt: skip


def _company(
    partner: Partner, lines: list[ProductLine], papers: list[Agreement], assigned: list[TerritoryAssignment],
    rules: PolicySummary | None, ending: list[Registration], today: date, now: datetime,
) -> Company:  # fmt: skip
    names = {line.code: line.name for line in lines}
    in_force = [paper for paper in papers if _state(paper, today)[1] == "good"]
    return Company(
        partner=partner,
        facts=_facts(partner, {line.required_certification for line in lines if line.required_certification}),
        papers=[_paper(paper, names, today) for paper in papers],
        places=[_place(row, names) for row in assigned],
        products=[_product(line, in_force, partner) for line in lines],
        rules=[part for part in (rules.parts if rules else []) if part["title"] in COUNTED_ON],
        more_rules=_more_rules(partner),
        ending=_by_days(ending[:ENDING_SHOWN], now),
        more_ending=len(ending) > ENDING_SHOWN,
    )


def _facts(partner: Partner, wanted: set[str]) -> list[tuple[str, str]]:
    tier, currency, no_limit = partner.tier, partner.program.currency, _("No limit")
    found = [
        (_("Status"), str(partner.get_status_display())),
        (_("Type"), str(partner.get_type_display())),
        (_("Tier"), tier.name if tier else _("None")),
        (_("Certifications"), ", ".join(sorted(partner.certifications)) or (_("None") if wanted else "")),
    ]
    if tier:
        found += [
            (_("Largest deal"), _amount(tier.max_deal_amount, currency)),
            (_("Open deals at once"), counted(tier.capacity) if tier.capacity is not None else no_limit),
            (_("Largest discount"),
             f"{tier.max_discount_pct.normalize():f} %" if tier.max_discount_pct is not None else no_limit),
        ]  # fmt: skip
    return [(what, value) for what, value in found if value]


def _amount(value: Decimal | None, currency: str) -> str:
    return f"{counted(value)} {currency}" if value is not None else _("No limit")


def _state(paper: Agreement, today: date) -> tuple[str, str, str]:
    """How an agreement stands: in words, tone and icon."""
    if paper.status == AgreementStatus.SUSPENDED:
        return _("Suspended"), "warn", "pause"
    if paper.status == AgreementStatus.ENDED or (paper.valid_until and paper.valid_until < today):
        return _("Ended"), "quiet", "clock"
    if paper.valid_from and paper.valid_from > today:
        return _("Not in force yet"), "acc", "clock"
    return _("In force"), "good", "check"


def _paper(paper: Agreement, names: Mapping[str, str], today: date) -> Paper:
    products = ", ".join(sorted(names.get(code, code) for code in paper.product_lines)) or _("All products")
    return Paper(paper, products, period(paper.valid_from, paper.valid_until), _state(paper, today))


def _place(row: TerritoryAssignment, names: Mapping[str, str]) -> Place:
    rule = row.territory
    return Place(
        rule.name,
        covered(rule, names),
        period(rule.valid_from, rule.valid_until),
        row.role == "support",
        rule.exclusive,
    )


def _product(line: ProductLine, in_force: list[Agreement], partner: Partner) -> Product:
    holds = any(not paper.product_lines or line.code in paper.product_lines for paper in in_force)
    wanted = line.required_certification
    return Product(line.name, holds, wanted, not wanted or wanted in partner.certifications)


def _rules_in_force(programs: set[uuid.UUID]) -> dict[uuid.UUID, PolicySummary]:
    rows = PolicySummary.objects.filter(program__in=programs).order_by("program_id", "-number").distinct("program_id")
    return {row.program_id: row for row in rows}


def _more_rules(partner: Partner) -> list[tuple[str, str]]:
    program = partner.program
    return [
        (_("Appeal"), _("Within %(days)s days after a decision, once.") % {"days": APPEAL_WINDOW.days}),
        (
            _("Leads"),
            _("You have %(hours)s open hours to accept or decline an offered lead.")
            % {"hours": program.lead_offer_hours},
        ),
        (
            _("Settling"),
            _("Asked to settle a case themselves, its sides get %(days)s open days.") % {"days": program.settle_days},
        ),
        (
            _("Breaches"),
            _("A confirmed breach of the rules of engagement counts for %(days)s days.")
            % {"days": program.breach_days},
        ),
    ]


def _ending(user: Any, now: datetime) -> list[Registration]:
    """Protected deals that end within the longest of SOON, the first to end first."""
    rows = visible(user, Registration.objects.filter(status=RegistrationStatus.APPROVED))
    soon = rows.filter(protected_until__gt=now, protected_until__lte=now + timedelta(days=SOON[-1]))
    return list(soon.order_by("protected_until", "pk")[: ENDING_SHOWN + 1])


def _by_days(ending: list[Registration], now: datetime) -> list[tuple[int, list[tuple[Registration, str]]]]:
    found: dict[int, list[tuple[Registration, str]]] = {}
    for row in ending:
        assert row.protected_until is not None
        left = row.protected_until - now
        within = next(days for days in SOON if left <= timedelta(days=days))
        found.setdefault(within, []).append((row, days_text(max(1, -(-left // timedelta(days=1))))))
    return sorted(found.items())
