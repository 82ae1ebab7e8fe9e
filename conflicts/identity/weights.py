"""How many bits each fact is worth: shipped, versioned, made by `benchmarks.identity.evaluate --fit`. Pure data.

Learned on the 12,000 queries of the odd half of the development set G, half of them with columns taken away. Set by hand:
`postal_*`, as G has no postal codes, and `name_acronym`, as initials that are few in G are many in the world.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Weights:
    """A version of the weights: `start` is where an unknown pair begins, `bits` what each fact adds or takes."""

    version: str
    start: float
    bits: Mapping[str, float] = field(default_factory=dict)


SHIPPED = Weights(
    version="2026-11b",
    start=-4.745,
    bits={
        "name_exact": 0.986,
        "name_reordered": 0.0,
        "name_exact_others": -0.39,
        "name_shared": 1.508,
        "name_missing": -1.095,
        "name_extra": -1.556,
        "name_alien": -2.284,
        "name_other": 0.0,
        "name_share_35": 0.0,
        "name_share_50": 0.0,
        "name_share_60": 0.954,
        "name_share_70": 0.468,
        "name_share_80": 0.518,
        "name_share_88": 0.936,
        "name_share_94": 1.423,
        "name_acronym": 6.0,
        "name_numbers": -4.044,
        "name_branch": -1.555,
        "name_place": -2.688,
        "form_same": 0.583,
        "form_differs": -0.919,
        "domain_same": 4.467,
        "domain_others": -1.068,
        "domain_brand": 0.0,
        "domain_differs": -5.925,
        "domain_unknown": -0.636,
        "domain_name": 0.472,
        "phone_same": 10.0,
        "phone_differs": -1.462,
        "city_same": 3.143,
        "city_differs": -2.899,
        "postal_same": 3.0,
        "postal_differs": -1.0,
        "country_same": 1.096,
        "country_differs": -4.169,
        "alone_country": -0.642,
        "alone_differs": 0.0,
        "alone_common": -2.815,
    },
)
