"""Claims side by side: one column a claim, one row a fact, marked where the claims differ, with age and source."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conflicts import wording
from conflicts.claims import Claim
from conflicts.facts import DIRECT, Activity, Registration
from conflicts.identity.waterfall import Bits, waterfall
from conflicts.models import Claim as ClaimRow
from conflicts.territories import covers, own_territories
from conflicts.windows import day, in_force, latest
from partners.models import ActivityKind, Stage
from reviews.desk.material import Material
from reviews.desk.papers import PaperLine, paper_lines
from reviews.desk.words import Chip, age, day_of, products_text, stamp, title_case

SIDES = ("side-a", "side-b", "side-c")


@dataclass(frozen=True)
class Question:
    """A match that waits for a person: is what was typed this account, or a relative of it?"""

    registration_id: uuid.UUID
    account_id: uuid.UUID
    account: str
    typed: str
    probability: float
    relative: bool = False


@dataclass(frozen=True)
class Cell:
    """One fact of one claim; `key` is what is compared, `notes` its age and source."""

    key: Any
    text: str
    notes: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    why: tuple[Bits, ...] = ()
    match: str = ""
    question: Question | None = None
    papers: tuple[PaperLine, ...] = ()


@dataclass(frozen=True)
class FactRow:
    """One fact of every claim."""

    label: str
    differs: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Column:
    """Whose claim, and of what kind."""

    name: str
    mark: str
    kind: str
    chip: Chip | None


@dataclass(frozen=True)
class ClaimTable:
    """The table, and what must be asked of a person first."""

    columns: list[Column]
    rows: list[FactRow]
    questions: list[Question]


def side_of(m: Material, claimant: str) -> str:
    """The shape and colour of a claimant, the same in table and timeline."""
    partners = [who for who in m.claimants if who != DIRECT]
    return "house" if claimant not in partners else SIDES[min(partners.index(claimant), len(SIDES) - 1)]


def mark_of(m: Material, claimant: str) -> str:
    """A number where there are more partners than shapes."""
    partners = [who for who in m.claimants if who != DIRECT]
    return str(partners.index(claimant) + 1) if claimant in partners and len(partners) > len(SIDES) else ""


def claim_table(m: Material) -> ClaimTable:
    """All live claims, the earlier first."""
    rows = []
    for label, fact in FACTS:
        cells = [fact(m, claim) for claim in m.live]
        rows.append(FactRow(label, len({cell.key for cell in cells}) > 1, cells))
    questions = [cell.question for row in rows for cell in row.cells if cell.question] if m.undecided else []
    return ClaimTable([_column(m, claim) for claim in m.live], rows, questions)


def _column(m: Material, claim: Claim) -> Column:
    kinds = {"registration": "registration", "ownership": "ownership", "opportunity": "CRM opportunity"}
    kind = kinds[claim.kind] if any(other.kind != "registration" for other in m.live) else ""
    return Column(m.name(claim.claimant), mark_of(m, claim.claimant), kind, _verdict(m, claim.claimant))


def _verdict(m: Material, claimant: str) -> Chip | None:
    """What the recommendation gives to a claimant."""
    answer = m.answer
    if claimant in answer.shares:
        return Chip(f"{answer.shares[claimant]} % recommended", "good", "check")
    if claimant == answer.owner:
        return Chip("recommended", "good", "check")
    return Chip("support recommended", "", "check") if claimant in answer.support else None


def _registered(m: Material, claim: Claim) -> Cell:
    words = {"registration": "", "ownership": "owner since ", "opportunity": "opened "}[claim.kind]
    if claim.since is None:
        return Cell(None, "unknown", (claim.ref,))
    when = day_of(claim.since) if claim.kind == "ownership" else stamp(claim.since)
    source = f"{claim.ref} · {_source(m, claim)}"
    cites = (m.label(claim.kind, claim.id),)
    return Cell(claim.since, title_case(f"{words}{when}"), (source, age(claim.since, m.now)), cites)


def _source(m: Material, claim: Claim) -> str:
    row = _row(m, claim)
    if row is None or row.registration is None:
        return "our records" if claim.kind == "ownership" else "CRM"
    if row.registration.external_id:
        return "import"
    maker = m.people.get(row.registration.created_by_id)
    return "portal" if maker and not maker.is_staff else "entered by us" if maker else "import"


def _account(m: Material, claim: Claim) -> Cell:
    row, ours = _row(m, claim), m.facts.account_name(claim.account_id)
    if row is None or row.registration is None:
        return Cell(claim.account_id, ours, ("our account",))
    registration, probability = row.registration, row.match_probability or 0
    typed = registration.account_name
    domain = (registration.account_domain,) if registration.account_domain else ()
    question = _question(m, row, typed) if m.undecided else None
    if claim.possible_account_id:
        match = f"may be {m.facts.account_name(claim.possible_account_id)} {probability:.2f}"
    elif claim.related_account_id:
        match = f"may be a relative of {m.facts.account_name(claim.related_account_id)}"
    elif row.match_verdict == "same":
        match = f"same account {probability:.2f}"
    else:
        match = "a new account"
    account = claim.possible_account_id or claim.account_id
    return Cell(account, typed, domain, (), waterfall(row.match_reasons), match, question)


def _question(m: Material, row: ClaimRow, typed: str) -> Question | None:
    account = row.possible_account_id or row.related_account_id
    if account is None:  # nothing to ask, or said meanwhile
        return None
    ours = row.possible_account or row.related_account
    return Question(
        row.registration_id, account, ours.name, typed, row.match_probability or 0, not row.possible_account
    )


def _status(m: Material, claim: Claim) -> Cell:
    row = _row(m, claim)
    if row is None or row.registration is None:
        text = "Owner in our records" if claim.kind == "ownership" else f"Open opportunity, {_stage(m, claim)}"
        return Cell(text, text)
    registration = row.registration
    until = registration.protected_until
    notes = (f"protected until {day_of(until)}",) if until and until > m.now else ()
    stage = (f"stage {Stage(registration.stage).label.lower()}",) if registration.stage in Stage.values else ()
    return Cell(registration.status, registration.get_status_display(), (*notes, *stage))


def _stage(m: Material, claim: Claim) -> str:
    found = next((item for item in m.facts.opportunities if item.id == claim.id), None)
    return found.stage.replace("_", " ") if found and found.stage else "stage unknown"


def _proof(m: Material, claim: Claim) -> Cell:
    ladder = m.policy.scoring.proof
    done = [item for item in m.facts.activities_of(claim.id) if item.kind in ladder]
    letter = [item for item in m.facts.evidence_of(claim.id) if item.kind == "customer_letter"]
    papers = tuple(_letter(m, item) for item in letter)
    if not done:
        return Cell("", "None dated" if claim.kind == "registration" else "–", papers)
    best = max(done, key=lambda item: (ladder[item.kind], str(item.occurred_on), item.id))
    more = (f"{len(done)} activities",) if len(done) > 1 else ()
    notes = (_when_noted(best), *more, *papers)
    return Cell(best.kind, str(ActivityKind(best.kind).label), notes, (m.label("activity", best.id),))


def _papers(m: Material, claim: Claim) -> Cell:
    row = _row(m, claim)
    if row is None or row.registration is None:
        return Cell(0, "–")
    lines = paper_lines(m, row.registration)
    counting = sum(not line.withdrawn for line in lines)
    return Cell(counting, "" if lines else "None", papers=lines)


def _when_noted(activity: Activity) -> str:
    note = activity.note if len(activity.note) <= 60 else f"{activity.note[:57]}…"
    return " · ".join(filter(None, (day_of(activity.occurred_on), note)))


def _letter(m: Material, paper: Any) -> str:
    label = m.label("evidence", paper.id)
    return f"customer's letter, {'verified' if paper.verified else 'not verified'}{f' [{label}]' if label else ''}"


def _last_activity(m: Material, claim: Claim) -> Cell:
    moments: list[Any] = [item.occurred_on for item in m.facts.activities_of(claim.id)]
    records: list[Any] = [*m.facts.ownerships, *m.facts.opportunities]
    moments += [item.last_activity_at for item in records if item.id == claim.id]
    last = latest(moments, m.facts.at)
    if last is None:
        return Cell(None, "Unknown")
    return Cell(day(last) if isinstance(last, datetime) else last, day_of(last), (age(last, m.now),))


def _territory(m: Material, claim: Claim) -> Cell:
    if claim.claimant == DIRECT:
        return Cell("direct", "The direct team", ("no territory of its own",))
    judged = day(claim.since) if claim.kind == "registration" and claim.since else day(m.facts.at)
    own = own_territories(m.facts, claim.claimant, judged)
    if not own:
        return Cell("unrestricted", "Unrestricted", ("no territory assigned",))
    account = m.facts.account(claim.possible_account_id or claim.account_id)
    inside = [item for item in own if covers(item, account, claim.product_lines)]
    found = sorted(inside or own, key=lambda item: item.ref)
    refs = wording.listing(item.ref for item in found[:3])
    cites = tuple(m.label("territory", item.id) for item in found[:3])
    if not inside:
        return Cell("outside", "Outside its territories", (refs,), cites)
    exclusive = "exclusive" if any(item.exclusive for item in inside) else "inside"
    return Cell(exclusive, found[0].name, (f"{refs} · {exclusive}",), cites)


def _agreement(m: Material, claim: Claim) -> Cell:
    if claim.claimant == DIRECT:
        return Cell("direct", "–")
    judged = day(claim.since) if claim.kind == "registration" and claim.since else day(m.facts.at)
    known = m.facts.agreements_of(claim.claimant)
    active = [a for a in known if a.status == "active" and in_force(a.valid_from, a.valid_until, judged)]
    if not active:
        text = "None active" if known else "None"
        return Cell("", text, tuple(f"{a.ref} {a.status}" for a in known[:2]))
    notes = tuple(f"until {day_of(a.valid_until)}" for a in active[:1] if a.valid_until)
    return Cell("active", wording.listing(a.ref for a in active[:3]), (*notes, _covers_products(m, claim, active)))


def _covers_products(m: Material, claim: Claim, active: list[Any]) -> str:
    if any(not agreement.product_lines for agreement in active):
        return "covers all products"
    covered = frozenset().union(*(agreement.product_lines for agreement in active))
    gap = sorted(claim.product_lines - covered)
    return f"does not cover {products_text(gap, m.lines)}" if gap else "covers these products"


def _amount(m: Material, claim: Claim) -> Cell:
    registration = m.facts.registration(claim.id)
    if registration is not None:
        return _registered_amount(m, registration)
    found = next((item for item in m.facts.opportunities if item.id == claim.id), None)
    if found is None or found.amount is None:
        return Cell(None, "–")
    return Cell(found.amount, wording.money(found.amount, found.currency or m.currency), ("CRM",))


def _registered_amount(m: Material, registration: Registration) -> Cell:
    amount, currency = registration.amount, registration.currency or m.currency
    if amount is not None:
        return Cell((amount, currency), wording.money(amount, currency))
    if registration.amount_band_max is None:
        return Cell(None, "Not given")
    return Cell(
        (registration.amount_band_max, currency),
        f"Up to {wording.money(registration.amount_band_max, currency)}",
        ("band",),
    )


def _products(m: Material, claim: Claim) -> Cell:
    return Cell(claim.product_lines, products_text(sorted(claim.product_lines), m.lines))


def _role(m: Material, claim: Claim) -> Cell:
    text = {"registration": "wants to own", "ownership": "owns", "opportunity": "works an opportunity"}[claim.kind]
    partner, notes = m.facts.partner(claim.claimant), []
    if partner and partner.distributor_id in m.claimants:
        notes.append(f"buys through {m.name(partner.distributor_id)}")
    if any(p.distributor_id == claim.claimant and p.id in m.claimants for p in m.facts.partners):
        notes.append("distributor of another claimant")
    if claim.co_sell_partner_id:
        notes.append(f"co-sell with {m.name(claim.co_sell_partner_id)}")
    if partner and (tier := m.facts.tier_of(claim.claimant)):
        notes.append(f"tier {tier.name}")
    return Cell(claim.kind, title_case(text), tuple(notes))


def _row(m: Material, claim: Claim) -> ClaimRow | None:
    return m.claims.get(claim.id)


FACTS: tuple[tuple[str, Callable[[Material, Claim], Cell]], ...] = (
    ("Registered", _registered),
    ("Account as typed", _account),
    ("Status", _status),
    ("Proof of work", _proof),
    ("Papers", _papers),
    ("Last activity", _last_activity),
    ("Territory", _territory),
    ("Agreement", _agreement),
    ("Amount", _amount),
    ("Products", _products),
    ("Role", _role),
)
