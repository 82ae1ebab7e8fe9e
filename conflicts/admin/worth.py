"""What each fact is worth in two versions of the identity weights, in words and as bars."""

from collections.abc import Mapping
from dataclasses import dataclass

from conflicts.identity.evidence import SIGNS, STEPS
from conflicts.identity.learning import weights_in_force
from conflicts.identity.weights import SHIPPED
from conflicts.models import IdentityWeights, WeightsStatus

FIELDS = {"alone": "Nothing but the name", "form": "Legal form", "postal": "Postal code"}
STILL = 0.05  # bits; a fact that moved less is drawn but not marked
TOLD = {
    "name_exact": "Same name", "name_reordered": "Same words, other order",
    "name_exact_others": "Each doubling of accounts with that name",
    "name_shared": "Each 10 bits of rare words in common", "name_missing": "Each 10 bits of words the account lacks",
    "name_extra": "Each 10 bits of words only the account has", "name_alien": "Telling words on both sides that differ",
    "name_other": "Names less than 35 % alike", "name_acronym": "One name is the other's initials",
    "name_numbers": "Numbers in the names differ", "name_branch": "Only one names a branch",
    "name_place": "Only one names a country or region",
    **{f"name_share_{int(step * 100)}": f"Names {int(step * 100)} % alike or more" for step in STEPS},
    "form_same": "Same legal form", "form_differs": "Another legal form", "domain_same": "Same domain",
    "domain_others": "Each doubling of accounts with that domain", "domain_brand": "Same brand, other ending",
    "domain_differs": "Domain of another account", "domain_unknown": "Another domain",
    "domain_name": "Name begins with the domain",
    "phone_same": "Same phone", "phone_differs": "Another phone", "city_same": "Same city", "city_differs": "Another city",
    "postal_same": "Same postal code", "postal_differs": "Another postal code", "country_same": "Same country",
    "country_differs": "Another country", "alone_country": "Only the name, and another country",
    "alone_differs": "Only the name, and each field that differs", "alone_common": "Only the name, and its words are common",
}  # fmt: skip


@dataclass(frozen=True)
class Worth:
    """What one fact is worth, in bits, in two versions; bars lie on a scale of 0-100 with nothing in the middle."""

    fact: str
    before: float
    after: float
    most: float

    @property
    def moved(self) -> bool:
        """Whether it is worth looking at."""
        return abs(self.after - self.before) >= STILL

    def bars(self) -> list[tuple[str, float, float, int]]:
        """(class, x, width, y) of the version before and of this one."""
        drawn = []
        for bits, tone, y in ((self.before, "was", 0), (self.after, "for" if self.after > 0 else "against", 6)):
            width = round(abs(bits) / self.most * 50, 1)
            drawn.append((tone, round(50 - width if bits < 0 else 50, 1), width, y))
        return drawn


def compared_with(row: IdentityWeights) -> tuple[str, Mapping[str, float], float]:
    """(version, bits, start) that a version is shown beside: a draft what is in force, another what it replaced."""
    if row.status == WeightsStatus.DRAFT:
        weights, _ = weights_in_force(row.program_id)
        return weights.version, weights.bits, weights.start
    if row.replaced is None:
        return SHIPPED.version, SHIPPED.bits, SHIPPED.start
    return row.replaced.version, row.replaced.bits, row.replaced.start


def groups(row: IdentityWeights) -> list[tuple[str, list[Worth]]]:
    """The facts by field, in the order in which people look at them."""
    _, before, start = compared_with(row)
    pairs = [("Every candidate begins at", start, row.start)]
    pairs += [(fact, before.get(fact, 0.0), row.bits.get(fact, 0.0)) for fact in SIGNS]
    most = max(1.0, *(abs(bits) for _, *both in pairs for bits in both))
    found: dict[str, list[Worth]] = {}
    for fact, was, now in pairs:
        field = fact.split("_")[0] if fact in SIGNS else "start"
        found.setdefault(field, []).append(Worth(TOLD.get(fact, fact.replace("_", " ")), was, now, most))
    return [(FIELDS.get(field, field.capitalize()), worth) for field, worth in found.items()]
