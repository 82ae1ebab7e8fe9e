"""The sample program's records, in the columns of `import_records`; all dates relative to one moment. Pure."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Record = dict[str, Any]

LINES = [("pumps", "Pumps", ""), ("valves", "Valves", ""), ("controls", "Process controls", "controls-pro")]
TIERS = [
    ("silver", "Silver", 1, 100_000, 25, 10),
    ("gold", "Gold", 2, 500_000, 60, 18),
    ("platinum", "Platinum", 3, None, None, 25),
]

# external id, name, country, type, tier, distributor, certifications
PARTNERS = [
    ("P-ALPHA", "Alpha Flow", "US", "reseller", "gold", None, ["controls-pro"]),
    ("P-BETA", "Beta Industrial", "US", "var", "gold", None, []),
    ("P-GAMMA", "Gamma Supply", "US", "distributor", "platinum", None, ["controls-pro"]),
    ("P-DELTA", "Delta Pumps", "US", "reseller", "silver", "P-GAMMA", []),
    ("P-RHEIN", "Rheinwerk Anlagen", "DE", "system_integrator", "gold", None, ["controls-pro"]),
    ("P-NORD", "Nordsee Technik", "DE", "reseller", "silver", None, []),
    ("P-SEINE", "Seine Fluides", "FR", "reseller", "gold", None, []),
    ("P-THAMES", "Thames Process", "GB", "var", "gold", None, ["controls-pro"]),
    ("P-MAPLE", "Maple Controls", "CA", "system_integrator", "silver", None, ["controls-pro"]),
    ("P-MESA", "Mesa Equipment", "US", "reseller", "silver", "P-GAMMA", []),
]
_MORE = (
    "Keystone Fluid,Bluewater Systems,Summit Process,Lakeshore Supply,Granite Engineering,Harbor Industrial,"
    "Prairie Pump,Cascade Technical,Ironbridge Works,Silverline Valves,Redwood Automation,Copperfield Service,"
    "Northgate Partners,Eastbay Controls,Stonehill Supply,Clearwater Trade,Fairmont Technical,Oakridge Systems,"
    "Pinecrest Industrial,Riverbend Flow,Sunfield Process,Westport Engineering,Brightwell Supply,Coldharbour Fluid,"
    "Dunmore Technical,Elmwood Pumps,Foxglove Systems,Greenbank Process,Highland Valve,Juniper Controls"
).split(",")

_FIRST = (
    "Aurora,Boreal,Cobalt,Dakota,Evergreen,Falcon,Granada,Helix,Indigo,Juno,Kestrel,Lumen,Meridian,Nimbus,Onyx,"
    "Pacific,Quartz,Ridge,Solaris,Tundra,Umber,Vertex,Willow,Xenon,Yarrow,Zephyr,Atlas,Beacon,Cardinal,Delphi"
).split(",")
_SECOND = (
    "Chemicals,Water,Foods,Energy,Pharma,Paper,Steel,Brewing,Mining,Plastics,Refining,Textiles,Dairy,Cement,Glass,"
    "Logistics,Power,Oils,Coatings,Minerals,Sugar,Fibers,Biotech,Metals,Packaging,Marine,Aerospace,Rail,Timber,"
    "Fertilizer,Salts,Polymers,Gas,Utilities"
).split(",")
_PLACES = [
    ("US", "US-TX", "Houston", "770", "Inc."), ("US", "US-CA", "Fresno", "937", "LLC"),
    ("US", "US-NM", "Albuquerque", "871", "Corp."), ("US", "US-OH", "Dayton", "454", "Inc."),
    ("US", "US-NY", "Buffalo", "142", "LLC"), ("DE", "DE-NW", "Duisburg", "470", "GmbH"),
    ("GB", "GB-LND", "London", "EC1", "Ltd"), ("FR", "FR-IDF", "Nanterre", "920", "SARL"),
    ("CA", "CA-ON", "Hamilton", "L8P", "Ltd."),
]  # fmt: skip

# Accounts that the story names: external id, name, domain, place (index above), segment, parent
ACCOUNTS = [
    ("A-ORION", "Orion Chemicals Inc.", 0, "standard", None),
    ("A-LYRA", "Lyra Water LLC", 1, "standard", None),
    ("A-VEGA", "Vega Global Ltd", 6, "strategic", None),
    ("A-CYGNUS", "Cygnus Holdings Inc.", 3, "standard", None),
    ("A-CYGWATER", "Cygnus Water Services Inc.", 4, "standard", "A-CYGNUS"),
    ("A-DRACO", "Draco Refining Corp.", 2, "standard", None),
    ("A-PERSEUS", "Perseus Brauerei GmbH", 5, "standard", None),
    ("A-HYDRA", "Hydra Stahl GmbH", 5, "named", None),
    ("A-CARINA", "Carina Pharma SARL", 7, "standard", None),
    ("A-NORMA", "Norma Paper Ltd.", 8, "house", None),
    ("A-AQUILA", "Aquila Energy Inc.", 0, "standard", None),
    ("A-PAVO", "Pavo Foods LLC", 4, "standard", None),
    ("A-FORNAX", "Fornax Cement Inc.", 3, "standard", None),
    ("A-TUCANA", "Tucana Dairy Ltd", 6, "standard", None),
    ("A-VELA", "Vela Wasserwerke GmbH", 5, "standard", None),
    ("A-MENSA", "Mensa Mining Ltd.", 8, "standard", None),
    ("A-LEPUS", "Lepus Plastiques SARL", 7, "standard", None),
    ("A-CORVUS", "Corvus Power LLC", 4, "standard", None),
    ("A-GRUS", "Grus Metals Inc.", 3, "standard", None),
    ("A-INDUS", "Indus Foods Inc.", 4, "standard", None),
    ("A-PHOENIX", "Phoenix Polymers Inc.", 0, "standard", None),
]


def setting(today: date) -> dict[str, list[Record]]:
    """Everything but the registrations: lines, tiers, partners, papers, accounts, territories, ownership, CRM."""
    accounts = [*map(_named_account, ACCOUNTS), *_many_accounts(1000 - len(ACCOUNTS))]
    return {
        "product_lines": [{"code": c, "name": n, "required_certification": q} for c, n, q in LINES],
        "tiers": [_tier(*row) for row in TIERS],
        "partners": [*_partners()],
        "agreements": [*_agreements(today)],
        "accounts": accounts,
        "territories": _territories(today),
        "territory_assignments": _assignments(),
        "exceptions": _exceptions(today),
        "ownerships": _ownerships(today),
        "crm_opportunities": [*_opportunities(today)],
    }


def _tier(code: str, name: str, rank: int, amount: int | None, capacity: int | None, discount: int) -> Record:
    return {"code": code, "name": name, "rank": rank, "max_deal_amount": amount, "capacity": capacity,
            "max_discount_pct": discount}  # fmt: skip


def _partners() -> Iterator[Record]:
    for ref, name, country, kind, tier, distributor, certifications in PARTNERS:
        yield _partner(ref, name, country, kind, tier, distributor, certifications)
    for number, name in enumerate(_MORE):
        tier = ("silver", "gold", "silver", "platinum")[number % 4]
        certified = ["controls-pro"] if number % 3 else []
        yield _partner(f"P-{number + 11:03}", name, _PLACES[number % 9][0], "reseller", tier, None, certified)


def _partner(
    ref: str, name: str, country: str, kind: str, tier: str, distributor: str | None, certified: list[str]
) -> Record:
    domain = name.lower().replace(" ", "") + ".example"
    return {"external_id": ref, "name": name, "domain": domain, "country": country, "type": kind, "tier": tier,
            "status": "active", "distributor": distributor, "certifications": certified}  # fmt: skip


def _agreements(today: date) -> Iterator[Record]:
    limited = {"P-BETA": ["pumps", "valves"], "P-DELTA": ["pumps"], "P-NORD": ["pumps"]}
    for partner in _partners():
        ref = partner["external_id"]
        ended = ref == "P-MAPLE"
        yield {
            "external_id": f"AG-{ref[2:]}", "partner": ref, "product_lines": limited.get(ref, []), "exclusive": False,
            "max_discount_pct": None, "status": "suspended" if ref == "P-SEINE" else "active",
            "valid_from": (today - timedelta(days=700)).isoformat(),
            "valid_until": (today + timedelta(days=-20 if ended else 400)).isoformat(),
        }  # fmt: skip


def _named_account(row: tuple[str, str, int, str, str | None]) -> Record:
    ref, name, place, segment, parent = row
    return _account(
        ref, name, f"{ref[2:].lower()}.example", place, segment, parent, 900 if segment == "standard" else 40_000
    )


def _many_accounts(count: int) -> Iterator[Record]:
    pairs = [(first, second) for first in _FIRST for second in _SECOND]
    random.Random(7).shuffle(pairs)  # noqa: S311 (the same names each time)
    for number, (first, second) in enumerate(pairs[:count]):
        place = number % len(_PLACES)
        name = f"{first} {second} {_PLACES[place][4]}"
        yield _account(
            f"A-{number + 1001}", name, f"{first}-{second}.example".lower(), place, "standard", None, 50 + number % 5000
        )


def _account(ref: str, name: str, domain: str, place: int, segment: str, parent: str | None, employees: int) -> Record:
    country, subdivision, city, postal, _ = _PLACES[place]
    return {"external_id": ref, "name": name, "domain": domain, "country": country, "subdivision": subdivision,
            "city": city, "postal_code": postal, "industry": "325", "employees": employees, "segment": segment,
            "parent": parent}  # fmt: skip


def _territory(ref: str, name: str, today: date, **extra: Any) -> Record:
    return {"external_id": ref, "name": name, "countries": [], "subdivisions": [], "industries": [], "product_lines": [],
            "exclusive": False, "priority": 10, "valid_from": (today - timedelta(days=400)).isoformat(), **extra}  # fmt: skip


def _territories(today: date) -> list[Record]:
    return [
        _territory("T-WEST", "US West, pumps", today, countries=["US"], subdivisions=["US-CA", "US-OR", "US-WA"],
                   product_lines=["pumps"], exclusive=True, priority=20),
        _territory("T-DACH", "Germany", today, countries=["DE"], exclusive=True, priority=20),
        _territory("T-SOUTH", "US South", today, countries=["US"], subdivisions=["US-TX", "US-NM"]),
        _territory("T-DESERT", "Desert States", today, countries=["US"], subdivisions=["US-NM", "US-AZ"]),
        _territory("T-UK", "United Kingdom", today, countries=["GB"]),
    ]  # fmt: skip


def _assignments() -> list[Record]:
    rows = [
        ("T-WEST", "P-040"),
        ("T-DACH", "P-RHEIN"),
        ("T-SOUTH", "P-ALPHA"),
        ("T-DESERT", "P-039"),
        ("T-UK", "P-THAMES"),
    ]
    return [{"territory": territory, "assignee": partner, "role": "owner"} for territory, partner in rows]


def _exceptions(today: date) -> list[Record]:
    return [{
        "external_id": "X-PERSEUS", "kind": "local branch", "account": "A-PERSEUS", "family": False, "party": "P-NORD",
        "product_lines": ["pumps"], "lifts": ["exclusive_territory", "out_of_territory"],
        "valid_from": (today - timedelta(days=90)).isoformat(), "valid_until": (today + timedelta(days=270)).isoformat(),
        "reason": "Nordsee services the brewery's own branch on the coast; agreed with Rheinwerk.",
        "owner_email": "carl@haldenflow.example",
    }]  # fmt: skip


def _ownerships(today: date) -> list[Record]:
    def row(account: str, owner: str, active_days_ago: int, role: str = "owner") -> Record:
        return {"account": account, "owner": owner, "role": role, "product_lines": [],
                "valid_from": (today - timedelta(days=300)).isoformat(), "valid_until": None,
                "last_activity_at": f"{(today - timedelta(days=active_days_ago)).isoformat()}T09:00:00Z",
                "share_pct": 100 if role == "owner" else None}  # fmt: skip

    return [
        row("A-FORNAX", "P-011", 12),
        row("A-PAVO", "P-012", 140),
        row("A-CYGNUS", "direct", 20),
        row("A-1003", "P-014", 30),
    ]


def _opportunities(today: date) -> Iterator[Record]:
    def row(ref: str, account: str, days_ago: int, active: int, amount: int, **extra: Any) -> Record:
        return {"external_id": ref, "account": account, "owner": "direct", "product_lines": ["pumps"], "amount": amount,
                "currency": "USD", "stage": "qualified",
                "created_at": f"{(today - timedelta(days=days_ago)).isoformat()}T09:00:00Z",
                "last_activity_at": f"{(today - timedelta(days=active)).isoformat()}T09:00:00Z", **extra}  # fmt: skip

    yield row("O-501", "A-AQUILA", 4, 3, 120_000)
    yield row("O-502", "A-TUCANA", 30, 2, 64_000, co_sell_partner="P-THAMES")
    yield row("O-503", "A-1010", 12, 12, 45_000)
    yield row("O-504", "A-1019", 20, 9, 310_000)
    yield row("O-505", "A-1037", 6, 1, 38_000)
    yield row("O-506", "A-1041", 400, 300, 52_000, stage="closed_won",
              closed_at=f"{(today - timedelta(days=300)).isoformat()}T09:00:00Z")  # fmt: skip
