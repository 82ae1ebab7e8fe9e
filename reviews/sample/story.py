"""The registrations of the sample program, in the order in which they were sent: each a line of the story. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deal:
    """One registration: who, on what account (as typed), for what, how many open hours ago, and the work behind it.

    `work` lists (kind, days ago) activities; `letter` is a verified customer's letter.
    """

    ref: str
    partner: str
    account: str
    domain: str
    country: str
    hours_ago: float
    amount: int = 40_000
    lines: tuple[str, ...] = ("pumps",)
    work: tuple[tuple[str, int], ...] = field(default_factory=tuple)
    letter: bool = False


STORY = [
    # Two partners, one account under two spellings; the first has done the work.
    Deal(
        "R-1188",
        "P-ALPHA",
        "Orion Chemicals Inc.",
        "orion.example",
        "US",
        41,
        80_000,
        work=(("technical_validation", 3),),
    ),
    Deal(
        "R-1203",
        "P-BETA",
        "ORION CHEMICALS, INCORPORATED",
        "www.orion.example",
        "US",
        39,
        64_000,
        work=(("first_contact", 2),),
    ),
    # Inside Alpha's own territory, and nothing stands against it: approved by the rule, and protected.
    Deal("R-1187", "P-ALPHA", "#1100", "", "", 44, 36_000, work=(("proposal", 6),)),
    # Another's exclusive territory.
    Deal("R-1190", "P-DELTA", "Lyra Water", "lyra.example", "US", 30, 22_500, work=(("meeting", 4),)),
    # A strategic account: direct keeps it, the partner who worked it supports.
    Deal("R-1195", "P-THAMES", "Vega Global", "vega.example", "GB", 28, 410_000, ("controls",), (("meeting", 6),)),
    # Direct opened its opportunity after the partner had begun to work.
    Deal(
        "R-1197",
        "P-ALPHA",
        "Aquila Energy",
        "aquila.example",
        "US",
        26,
        110_000,
        work=(("proposal", 1), ("meeting", 9)),
    ),
    # An agreed co-sell.
    Deal("R-1199", "P-THAMES", "Tucana Dairy Limited", "tucana.example", "GB", 25, 58_000, work=(("meeting", 5),)),
    # Neither is clearly ahead: a split.
    Deal("R-1201", "P-011", "Carina Pharma", "carina.example", "FR", 23, 75_000, work=(("meeting", 20),)),
    Deal("R-1202", "P-012", "CARINA PHARMA S.A.R.L.", "carina.example", "FR", 22, 71_000, work=(("sow_signed", 1),)),
    # Nobody has proof of work yet: ask.
    Deal("R-1204", "P-014", "Draco Refining", "draco.example", "US", 21, 64_000, ("valves",), (("first_contact", 3),)),
    Deal(
        "R-1205",
        "P-015",
        "Draco Refining Corporation",
        "draco.example",
        "US",
        20,
        60_000,
        ("valves",),
        (("first_contact", 1),),
    ),
    # The owner of the account works it; another registers.
    Deal("R-1206", "P-013", "Fornax Cement", "fornax.example", "US", 18, 33_000, work=(("meeting", 2),)),
    # The owner has been silent for months.
    Deal("R-1207", "P-GAMMA", "Pavo Foods", "pavo.example", "US", 17, 47_000, work=(("proposal", 2),)),
    # The parent is a direct account; a subsidiary is registered.
    Deal(
        "R-1208",
        "P-MESA",
        "Cygnus Water Services",
        "cygwater.example",
        "US",
        16,
        64_000,
        ("valves",),
        (("meeting", 7),),
    ),
    # A named account, with signed work behind it.
    Deal("R-1209", "P-RHEIN", "Hydra Stahl", "hydra.example", "DE", 15, 260_000, ("controls",), (("sow_signed", 4),)),
    # A house account without any work.
    Deal("R-1210", "P-016", "Norma Paper", "norma.example", "CA", 14, 28_000),
    # Germany is exclusive; Nordsee has a dated exception for the brewery: no conflict.
    Deal("R-1211", "P-NORD", "Perseus Brauerei", "perseus.example", "DE", 13, 36_000, work=(("meeting", 8),)),
    # ... but none for another German account.
    Deal("R-1212", "P-NORD", "Vela Wasserwerke", "vela.example", "DE", 12, 24_000),
    # Expired and suspended agreements, a line that the agreement does not cover.
    Deal(
        "R-1213", "P-MAPLE", "Mensa Mining Limited", "mensa.example", "CA", 11, 90_000, ("controls",), (("meeting", 3),)
    ),
    Deal("R-1214", "P-SEINE", "Lepus Plastiques", "lepus.example", "FR", 10, 41_000),
    Deal(
        "R-1215",
        "P-BETA",
        "Corvus Power",
        "corvus.example",
        "US",
        9,
        52_000,
        ("controls",),
        (("technical_validation", 6),),
    ),
    # A reseller and its distributor register the same deal: one claim, no conflict.
    Deal("R-1216", "P-MESA", "Grus Metals Inc.", "grus.example", "US", 9, 44_000, work=(("meeting", 2),)),
    Deal("R-1217", "P-GAMMA", "GRUS METALS INC", "grus.example", "US", 8, 44_000),
    # The same deal twice.
    Deal("R-1218", "P-017", "Indus Foods Inc.", "indus.example", "US", 8, 31_000, work=(("meeting", 4),)),
    Deal("R-1219", "P-017", "Indus Foods", "indus.example", "US", 6, 31_000),
    # The customer says in writing whom it prefers.
    Deal(
        "R-1220",
        "P-018",
        "Phoenix Polymers Inc.",
        "phoenix.example",
        "US",
        4.6,
        98_000,
        ("pumps", "valves"),
        (("meeting", 12),),
    ),
    Deal(
        "R-1221",
        "P-019",
        "Phoenix Polymers",
        "phoenix.example",
        "US",
        4.2,
        96_000,
        ("pumps",),
        (("technical_validation", 3),),
        letter=True,
    ),
]

# Pairs that collide on the generated accounts: two partners, account number, work of the first and of the second.
PAIRS = [
    (20, 21, 1005, "proposal", "first_contact"), (22, 23, 1014, "meeting", "meeting"),
    (24, 25, 1023, "first_contact", "first_contact"), (26, 27, 1032, "sow_signed", "proposal"),
    (28, 29, 1050, "meeting", "technical_validation"), (30, 31, 1059, "first_contact", "proposal"),
    (32, 33, 1068, "technical_validation", "meeting"), (34, 35, 1077, "proposal", "proposal"),
]  # fmt: skip
# Registrations against the direct team's open opportunities on generated accounts: partner, account number.
AGAINST_DIRECT = [(36, 1010), (37, 1019), (38, 1037)]
# Registrations that nothing stands against: partner, account number (in places that no exclusive territory covers).
QUIET = [(11 + n, 1202 + 9 * n) for n in range(24)]
