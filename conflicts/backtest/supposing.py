"""What if: changes of the facts or of a policy's numbers, applied to past cases as if they had always held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from conflicts import memo
from conflicts.facts import Assignment, Facts, Partner, PastRegistration, Registration, Territory
from conflicts.policy.document import ProtectionRule
from conflicts.territories import covers

Supposed = Callable[[Facts], Facts]
DIMENSIONS = {
    "countries": "Countries", "subdivisions": "States or regions", "postal_prefixes": "Postal codes that begin with",
    "industries": "Industries that begin with",
}  # fmt: skip


class NotSupposableError(ValueError):
    """This cannot be supposed; the text says why."""


@dataclass(frozen=True, slots=True)
class OtherProtection:
    """Approvals give another number of days. What had ended already is not in the memos, so longer shows only in part."""

    before: ProtectionRule
    after: ProtectionRule

    def __call__(self, facts: Facts) -> Facts:
        """The facts with every protection as long as it would be."""
        return replace(
            facts,
            registrations=tuple(self._registration(item) for item in facts.registrations),
            other_registrations=tuple(self._past(item) for item in facts.other_registrations),
        )

    def _registration(self, item: Registration) -> Registration:
        until = self._until(item)
        return item if until is None else replace(item, protected_until=until)

    def _past(self, item: PastRegistration) -> PastRegistration:
        until = self._until(item)
        return item if until is None else replace(item, protected_until=until)

    def _until(self, item: Registration | PastRegistration) -> datetime | None:
        """When the protection would end; None where there is none."""
        if item.status != "approved" or item.protected_from is None or item.protected_until is None:
            return None
        length, usual = item.protected_until - item.protected_from, timedelta(self.before.days)
        if length < usual:  # it was ended early
            return item.protected_from + min(length, timedelta(self.after.days))
        more, renewal = length - usual, timedelta(self.before.renewal_days)
        renewals = more // renewal if renewal and not more % renewal else 0
        shift = self.after.days - self.before.days + renewals * (self.after.renewal_days - self.before.renewal_days)
        return item.protected_from + max(timedelta(0), length + timedelta(shift))


@dataclass(frozen=True, slots=True)
class PartnerGone:
    """A partner has left, with all that it claimed, quoted and held."""

    partner_id: str

    def __call__(self, facts: Facts) -> Facts:
        """The facts without it."""
        gone = self.partner_id
        mine = {item.id for item in facts.registrations if item.claimant == gone}
        return replace(
            facts,
            partners=tuple(
                replace(item, distributor_id="") if item.distributor_id == gone else item
                for item in facts.partners
                if item.id != gone
            ),
            agreements=tuple(item for item in facts.agreements if item.partner_id != gone),
            territories=tuple(self._left(item) for item in facts.territories),
            exceptions=tuple(item for item in facts.exceptions if item.party != gone),
            registrations=tuple(item for item in facts.registrations if item.id not in mine),
            other_registrations=tuple(item for item in facts.other_registrations if item.claimant != gone),
            activities=tuple(item for item in facts.activities if item.registration_id not in mine),
            evidence=tuple(item for item in facts.evidence if item.registration_id not in mine),
            ownerships=tuple(item for item in facts.ownerships if item.owner != gone),
            opportunities=tuple(
                replace(item, co_sell_partner_id="") if item.co_sell_partner_id == gone else item
                for item in facts.opportunities
                if item.owner != gone
            ),
            quotes=tuple(item for item in facts.quotes if item.seller != gone),
        )

    def _left(self, territory: Territory) -> Territory:
        kept = tuple(item for item in territory.assignments if item.assignee != self.partner_id)
        return territory if len(kept) == len(territory.assignments) else replace(territory, assignments=kept)


@dataclass(frozen=True, slots=True)
class TerritorySplit:
    """A part of a territory (these values of one dimension) is a territory of its own, in another one's hands."""

    territory: Territory
    dimension: str
    values: frozenset[str]
    holder: str  # a partner's id, or `direct`
    partner: Partner | None = None  # its record, for cases that do not know it

    def __call__(self, facts: Facts) -> Facts:
        """The facts with two territories instead of the one."""
        part, kept = self.part, []
        inside = frozenset(item.id for item in facts.accounts if covers(part, item, frozenset()))
        for item in facts.territories:
            rest = item.excluded_account_ids | inside
            kept.append(replace(item, excluded_account_ids=rest) if item.id == self.territory.id else item)
        known = {item.id for item in facts.partners}
        extra = (self.partner,) if self.partner is not None and self.partner.id not in known else ()
        return replace(facts, territories=(*kept, part), partners=(*facts.partners, *extra))

    @property
    def part(self) -> Territory:
        """The new territory."""
        key = f"{self.territory.id}/part"
        ref, name = f"{self.territory.ref}/part", f"{self.territory.name}, second part"
        owner = Assignment(f"{key}/owner", f"{ref}/owner", self.holder)
        part = replace(self.territory, id=key, ref=ref, name=name, assignments=(owner,))
        changed: dict[str, Any] = {self.dimension: self.values}
        return replace(part, **changed)


def supposed_of(plain: Iterable[Mapping[str, Any]]) -> tuple[Supposed, ...]:
    """Changes of the facts as they stand with a trial (plain JSON)."""
    return tuple(_READ[item["kind"]](item) for item in plain)


def _read_split(item: Mapping[str, Any]) -> Supposed:
    partner = memo.load(Partner, item["partner"]) if item.get("partner") else None
    territory = memo.load(Territory, item["territory"])
    return TerritorySplit(territory, item["dimension"], frozenset(item["values"]), item["holder"], partner)


_READ: dict[str, Callable[[Mapping[str, Any]], Supposed]] = {
    "partner_gone": lambda item: PartnerGone(item["partner_id"]),
    "territory_split": _read_split,
}


def gone_as_json(partner: Partner) -> dict[str, Any]:
    """A partner that left, for keeping."""
    return {"kind": "partner_gone", "partner_id": partner.id, "text": f"{partner.name} has left"}


def split_as_json(split: TerritorySplit, holder_name: str) -> dict[str, Any]:
    """A split, for keeping; NotSupposableError where the part does not lie within the territory."""
    if split.dimension not in DIMENSIONS:
        raise NotSupposableError("A territory is split by countries, regions, postal codes or industries.")
    if not split.values:
        raise NotSupposableError("Name at least one value for the second part.")
    whole: frozenset[str] = getattr(split.territory, split.dimension)
    prefixes = split.dimension in ("postal_prefixes", "industries")
    outside = sorted(
        value
        for value in split.values
        if whole and not (any(value.startswith(item) for item in whole) if prefixes else value in whole)
    )
    if outside:
        raise NotSupposableError(
            f"{', '.join(outside)} is not in {split.territory.name}: only a part of it can be split off."
        )
    where = f"{DIMENSIONS[split.dimension].lower()} {', '.join(sorted(split.values))}"
    return {
        "kind": "territory_split", "territory": memo.dump(split.territory), "dimension": split.dimension,
        "values": sorted(split.values), "holder": split.holder, "partner": memo.dump(split.partner),
        "text": f"{split.territory.name} is split: {where} go to {holder_name}",
    }  # fmt: skip


def with_numbers(document: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, Any]:
    """The document with other numbers, named by their place (`parameters.margin`)."""
    changed = deepcopy(dict(document))
    for path, value in numbers.items():
        *above, name = path.split(".")
        place = changed
        for step in above:
            place = place[step]
        if name not in place:
            raise NotSupposableError(f"The policy has no number {path}.")
        place[name] = value
    return changed
