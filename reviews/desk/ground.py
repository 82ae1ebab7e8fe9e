"""The territory card of a case: where the account lies, which rules cover it, whose lead it is. Of the facts kept, no query."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from conflicts.drafting.around import Around, around
from conflicts.facts import Account as KnownAccount
from conflicts.facts import Assignment, Territory
from conflicts.territories import HELD, TIE, covers, fold, folded, lead_among, lead_order
from conflicts.windows import day, in_force
from conflicts.wording import listing, some
from partners.places import COUNTRIES, SUBDIVISIONS, place_name
from reviews.desk.claims import mark_of, side_of
from reviews.desk.material import Material

FEW = 4  # owners or places that are named


@dataclass(frozen=True)
class Holder:
    """Who is assigned to a rule; with the shape and colour of a claimant where it is one."""

    side: str
    mark: str
    name: str
    role: str


@dataclass(frozen=True)
class Rule:
    """A rule that covers the account."""

    name: str
    ref: str
    url: str
    reach: str
    leads: bool
    exclusive: bool
    holders: list[Holder]
    more: int


@dataclass(frozen=True)
class GroundCard:
    """Where the account lies, whose lead that is, the rules, and the cut of the map."""

    place: str
    whose: str
    tie: bool
    rules: list[Rule]
    map: Around | None


def ground_card(m: Material) -> GroundCard:
    """The territory of a case, as its recommendation knew it."""
    account = m.facts.account(str(m.case.account_id))
    row, lines, on = m.case.account, frozenset(m.case.product_lines), day(m.facts.at)
    ordered = lead_order(m.facts, account, lines, m.facts.at)
    covering = [rule for together in ordered for rule in together]
    lead = lead_among(covering, on)
    tie = lead.kind == TIE
    whose = (
        "Rules collide here: sales operations decide whose it is."
        if tie
        else f"The lead is with {some(map(m.name, lead.owners))}."
        if lead.kind == HELD
        else "No rule gives it to anybody."
    )
    leading = covering[: len(ordered[0])] if ordered else []
    return GroundCard(
        place=", ".join(filter(None, (row.city, place_name(row.country, row.subdivision)))) or "place unknown",
        whose=whose,
        tie=tie,
        rules=[_rule(m, rule, rule.ref in lead.refs, on) for rule in covering],
        map=around(row.country, row.subdivision, lambda *place: any(_holds_in(rule, m, *place) for rule in leading)),
    )


def _holds_in(rule: Territory, m: Material, country: str, subdivision: str) -> bool:
    """Whether a rule holds in all of a place: an account of which only that is known would be covered."""
    anybody = KnownAccount(id="anybody", ref="", name="", country=country, subdivision=subdivision)
    return covers(rule, anybody, frozenset(m.case.product_lines))


def _rule(m: Material, rule: Territory, leads: bool, on: date) -> Rule:
    assigned = [item for item in rule.assignments if item.assignee and in_force(item.valid_from, item.valid_until, on)]
    assigned.sort(key=lambda item: (item.assignee not in m.claimants, item.role != "owner", m.name(item.assignee)))
    return Rule(
        name=rule.name or rule.ref,
        ref=rule.ref,
        url=reverse("admin:partners_territory_change", args=[rule.id]),
        reach=_reach(rule),
        leads=leads,
        exclusive=rule.exclusive,
        holders=[_holder(m, item) for item in assigned[:FEW]],
        more=max(0, len(assigned) - FEW),
    )


def _holder(m: Material, item: Assignment) -> Holder:
    claims = item.assignee in m.claimants
    side, mark = (side_of(m, item.assignee), mark_of(m, item.assignee)) if claims else ("", "")
    return Holder(side, mark, m.name(item.assignee), "" if item.role == "owner" else item.role)


def _reach(rule: Territory) -> str:
    """Where a rule holds, in a few words."""
    if rule.named_account_ids:
        return "named accounts"
    states = sorted(SUBDIVISIONS.get(code, code) for code in folded(rule.subdivisions))
    lands = sorted(COUNTRIES.get(code, code) for code in map(fold, rule.countries))
    places = states or lands
    where = listing(places) if len(places) <= FEW else f"{listing(places[: FEW - 1])} and {len(places) - FEW + 1} more"
    narrower = [
        *(["postal codes"] if rule.postal_prefixes else []),
        *(["industries"] if rule.industries else []),
        *(["company sizes"] if rule.employees_min is not None or rule.employees_max is not None else []),
    ]
    return f"{where or 'everywhere'}{f', some {listing(narrower)}' if narrower else ''}"
