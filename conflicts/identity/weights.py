"""How many bits each fact is worth: shipped, versioned, made by `benchmarks.identity.evaluate --fit`. Pure data.

Learned on 6,000 queries of the odd half of the development set G; `postal_*` are set by hand, as G has no postal codes.
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
    version="2026-11",
    start=-5.594,
    bits={
        "name_exact": 2.086,
        "name_reordered": -0.963,
        "name_exact_others": -3.243,
        "name_shared": 0.778,
        "name_missing": -0.317,
        "name_extra": -0.983,
        "name_alien": -2.506,
        "name_other": 0.0,
        "name_share_35": 0.0,
        "name_share_50": 0.885,
        "name_share_60": 0.999,
        "name_share_70": 1.026,
        "name_share_80": 0.571,
        "name_share_88": 1.498,
        "name_share_94": 1.602,
        "name_acronym": 5.962,
        "name_numbers": -2.3,
        "name_branch": -1.427,
        "form_same": 0.0,
        "form_differs": -0.495,
        "domain_same": 4.614,
        "domain_others": -1.034,
        "domain_brand": 0.0,
        "domain_differs": -4.868,
        "domain_unknown": -1.214,
        "domain_name": 0.713,
        "phone_same": 10.0,
        "phone_differs": -1.504,
        "city_same": 2.939,
        "city_differs": -2.818,
        "postal_same": 3.0,
        "postal_differs": -1.0,
        "country_same": 1.068,
        "country_differs": -3.91,
        "alone_country": -1.366,
        "alone_differs": 0.0,
        "alone_common": -2.007,
    },
)
