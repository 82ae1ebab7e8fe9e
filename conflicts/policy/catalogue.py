"""The fact catalogue: everything a rule may ask of a claim set, with its type. The values are derived by tested Python
(conflicts.recommend.derived); a rule can only compare them."""

from __future__ import annotations

from dataclasses import dataclass

from conflicts.policy.standard import STANDARD

BOOL, INTEGER, MONEY, TEXT, DAYS_AGO, REGION = "bool", "integer", "money", "text", "days_ago", "region"
# What may be asked of a type. `days_ago` is a moment, told as the whole days that have passed since.
OPS: dict[str, tuple[str, ...]] = {
    BOOL: ("=", "!=", "is_known"),
    INTEGER: ("=", "!=", "<", "<=", ">", ">=", "in", "between", "is_known"),
    MONEY: ("=", "!=", "<", "<=", ">", ">=", "in", "between", "is_known"),
    TEXT: ("=", "!=", "in", "is_known"),
    DAYS_AGO: ("within_days", "is_known"),
    REGION: ("covers_region", "is_known"),
}
PARTY, OTHERS, INTERNAL = "party", "others", "internal"  # whom a value tells about: sensitivity


@dataclass(frozen=True, slots=True)
class FactType:
    """One fact: what it is called, its type and unit, where it comes from, how sensitive it is, and whether a claimant
    can bring it about by itself. `choices` are the values that a text may have, empty where any may stand."""

    name: str
    title: str
    type: str
    source: str
    unit: str = ""
    sensitivity: str = INTERNAL
    claimant_controls: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    optional: bool = True  # it may be unknown
    of_score: bool = False  # it weighs claimants against each other, so what rests on it is less sure


def _fact(name: str, title: str, type_: str, source: str, **more: object) -> FactType:
    return FactType(name, title, type_, source, **more)  # type: ignore[arg-type]


ACTIONS = ("award", "split", "co_sell", "direct_retained", "reject_all", "request_information", "mediate")
_KINDS = [(str(item["kind"]), str(item["title"])) for item in STANDARD["findings"]]
KINDS = tuple(kind for kind, _ in _KINDS)
_LISTED = (
    _fact("eligible_claimants", "Claimants with an eligible claim", INTEGER, "claims and findings", least=0,
          optional=False),
    _fact("claimants", "Claimants, eligible or not", INTEGER, "claims", least=0, optional=False),
    _fact("blocked_registrations", "Registrations with a blocking finding", INTEGER, "findings", least=0, optional=False),
    _fact("amount", "Largest amount among the claims", MONEY, "claims", unit="the program's currency", least=0,
          claimant_controls=True),
    _fact("reserved_account", "The account is reserved for direct", BOOL, "findings", optional=False),
    _fact("reserved_workers", "Partners that worked a reserved account", INTEGER, "findings and activities", least=0,
          optional=False),
    _fact("co_sell_named", "The direct team named a co-sell partner", BOOL, "CRM opportunities", optional=False),
    _fact("protection_active", "A protected deal is being worked", BOOL, "registrations and activities", optional=False),
    _fact("owner_working", "A partner owns the account and works it", BOOL, "ownerships"),
    _fact("lead", "Points between the two leading claimants", INTEGER, "the score", unit="points", least=0, of_score=True),
    _fact("best_proof", "Most points for proof of work of any claimant", INTEGER, "activities", unit="points", least=0,
          claimant_controls=True, of_score=True),
    _fact("lesser_proof", "The lesser proof of work of the two leading claimants", INTEGER, "activities",
          unit="points", least=0, claimant_controls=True, of_score=True),
    _fact("direct_leads", "The direct team is one of the two leading claimants", BOOL, "the score", of_score=True),
    _fact("top_tier", "Tier of the leading partner", TEXT, "partners", of_score=True),
    _fact("account_segment", "Segment of the account", TEXT, "accounts"),
    _fact("account_industry", "Industry of the account", TEXT, "accounts"),
    _fact("account_region", "Where the account is", REGION, "accounts", unit="country or subdivision code"),
    _fact("account_employees", "Employees of the account", INTEGER, "accounts", least=0),
    _fact("first_claim", "The earliest claim", DAYS_AGO, "claims", unit="days", least=0),
    _fact("last_activity", "The latest activity of the leading claimant", DAYS_AGO, "activities", unit="days", least=0,
          claimant_controls=True, of_score=True),
    _fact("identity_confirmed", "Every account was recognised for sure", BOOL, "identity", optional=False),
)  # fmt: skip
FACTS: dict[str, FactType] = {item.name: item for item in _LISTED} | {
    f"finding_{kind}": _fact(f"finding_{kind}", f'Finding "{title}" on an eligible registration', BOOL, "findings",
                             optional=False)
    for kind, title in _KINDS
}  # fmt: skip
# Parameters that a rule may compare with instead of a number, so that one number has one place.
PARAMETERS = ("margin", "proof_points_needed", "lookback_days", "direct_freshness_days", "follow_up_days")

# Whom an outcome may name, found by tested Python; one that finds nobody makes its rule not hold.
DIRECT_TEAM = "direct"
WHO = (
    DIRECT_TEAM, "only_claimant", "top_claimant", "protection_holder", "working_owner", "co_sell_partner", "top_partner",
)  # fmt: skip
GROUPS = (DIRECT_TEAM, "reserved_workers", "top_two")  # who supports
BETWEEN = ("top_two",)  # between whom is split
BY_SCORE = ("top_claimant", "top_partner", "top_two")  # selectors that stand on the score
# How people call those whom a selector finds.
CALLED = {
    DIRECT_TEAM: "the direct team",
    "only_claimant": "the only claimant",
    "top_claimant": "the leading claimant",
    "protection_holder": "the partner whose deal is protected",
    "working_owner": "the partner that owns and works the account",
    "co_sell_partner": "the co-sell partner that the direct team named",
    "top_partner": "the partner of the two leading claimants",
    "reserved_workers": "the partners that worked it",
    "top_two": "the two leading claimants",
}
