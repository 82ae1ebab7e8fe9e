"""A case with its names hidden, for whoever says their own view first: facts that can be compared, and no text of anybody.

Nothing goes onto this page by default: every cell is made here of dates, numbers, codes of the catalogue and words of the
product's own. The customer's name is what our records call it, with names of the sides taken out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from conflicts.claims import Claim
from conflicts.facts import DIRECT
from conflicts.territories import covers, own_territories
from conflicts.windows import day, instant, latest
from conflicts.wording import money
from partners.models import ActivityKind
from reviews.desk.decide import Button
from reviews.desk.material import Material, gather
from reviews.desk.words import ClockView, age, clock_of, day_of, products_text, stamp, title_case
from reviews.models import Case
from reviews.permissions import label
from reviews.services.asked_first import letters_of, why_asked

Told = tuple[str, tuple[str, ...]]  # a fact and what is said under it


@dataclass(frozen=True)
class HiddenRow:
    """One fact of every claim."""

    label: str
    differs: bool
    cells: list[Told]


@dataclass(frozen=True)
class HiddenPage:
    """What the template draws."""

    case: Case
    title: str
    products: str
    clock: ClockView
    amount: str
    why: str
    step: str
    holder: str
    columns: list[str]
    rows: list[HiddenRow]
    events: list[tuple[str, str, str]]
    letters: dict[str, str]
    skip: Button | None


def hidden_page(user: Any, case: Case, now: datetime) -> HiddenPage:
    """The page of `case` (from `material.cases`) for `user`, before their own view is said."""
    m = gather(user, case, now)
    hiding = _Hiding(m, letters_of(case))
    claims = sorted(m.live, key=lambda claim: (hiding.called(claim.claimant), str(claim.since), claim.id))
    held = m.holder if m.holder and m.holder.user_id != user.pk and m.holder.lease_until > now else None
    return HiddenPage(
        case=case,
        title=hiding.masked(case.account.name),
        products=products_text(case.product_lines, m.lines),
        clock=clock_of(case, now, m.calendar, (), m.asleep_until),
        amount=money(case.amount, m.currency) if case.amount is not None else "amount unknown",
        why=why_asked(case),
        step=label(case.pending[0]),
        holder=f"{held.user} is deciding" if held else "",
        columns=[hiding.called(claim.claimant) for claim in claims],
        rows=[_row(m, title, fact, claims) for title, fact in FACTS],
        events=hiding.events(),
        letters=hiding.letters,
        skip=None if m.step.why_not else Button("Skip…", reverse("review:skip", args=[case.pk]), "n"),
    )


class _Hiding:
    """The letters of a case, and texts with names taken out."""

    def __init__(self, m: Material, letters: dict[str, str]) -> None:
        self.m, self.letters = m, letters
        known = [(name, claimant) for claimant, name in m.names.items() if claimant != DIRECT]
        known += [(partner.ref, partner.id) for partner in m.facts.partners if partner.ref]
        self.names = sorted(known, key=lambda one: -len(one[0]))  # the longer first: one may begin like another

    def called(self, claimant: str) -> str:
        """How a claimant is called; one who left meanwhile has no letter any more."""
        return f"Claimant {self.letters[claimant]}" if claimant in self.letters else "Another claimant"

    def masked(self, text: str) -> str:
        """A text of our records without names of sides."""
        for name, claimant in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", self.called(claimant), text, flags=re.IGNORECASE)
        return text

    def events(self) -> list[tuple[str, str, str]]:
        """What happened, in order: (when, who, what)."""
        found: list[tuple[Any, str, str]] = []
        for claim in self.m.live:
            who = self.called(claim.claimant)
            if claim.since is not None:
                found.append(
                    (claim.since, who, "holds the account" if claim.kind == "ownership" else "claims the deal")
                )
            found += [
                (one.occurred_on, who, _activity(one.kind).lower()) for one in self.m.facts.activities_of(claim.id)
            ]
            registration = self.m.facts.registration(claim.id)
            if registration and registration.protected_from and registration.protected_until:
                until = day_of(registration.protected_until)
                found.append((registration.protected_from, who, f"protected until {until}"))
        ordered = sorted(found, key=lambda event: (instant(event[0]), event[1], event[2]))
        return [(stamp(at) if isinstance(at, datetime) else day_of(at), who, what) for at, who, what in ordered]


def _row(m: Material, title: str, fact: Callable[[Material, Claim], Told], claims: list[Claim]) -> HiddenRow:
    cells = [fact(m, claim) for claim in claims]
    return HiddenRow(title, len(set(cells)) > 1, cells)


def _activity(kind: str) -> str:
    return str(ActivityKind(kind).label) if kind in ActivityKind.values else "other work"


def _since(m: Material, claim: Claim) -> Told:
    if claim.since is None:
        return "Unknown", ()
    return day_of(claim.since) if claim.kind == "ownership" else stamp(claim.since), (age(claim.since, m.now),)


def _claim(m: Material, claim: Claim) -> Told:
    return ("Holds the account" if claim.kind == "ownership" else "Wants the deal"), ()


def _customer(m: Material, claim: Claim) -> Told:
    if claim.possible_account_id:
        return "May be it: nobody has said so", ()
    if claim.related_account_id:
        return "May be a relative of it", ()
    return ("The customer" if claim.account_id == str(m.case.account_id) else "Another of its family"), ()


def _proof(m: Material, claim: Claim) -> Told:
    ladder = m.policy.scoring.proof
    done = [item for item in m.facts.activities_of(claim.id) if item.kind in ladder]
    letters = [item for item in m.facts.evidence_of(claim.id) if item.kind == "customer_letter"]
    papers = tuple(f"customer's letter, {'verified' if item.verified else 'not verified'}" for item in letters)
    if not done:
        return "None dated", papers
    best = max(done, key=lambda item: (ladder[item.kind], str(item.occurred_on), item.id))
    more = (f"{len(done)} activities",) if len(done) > 1 else ()
    return _activity(best.kind), (day_of(best.occurred_on), *more, *papers)


def _last(m: Material, claim: Claim) -> Told:
    moments: list[Any] = [item.occurred_on for item in m.facts.activities_of(claim.id)]
    records: list[Any] = [*m.facts.ownerships, *m.facts.opportunities]
    last = latest([*moments, *(item.last_activity_at for item in records if item.id == claim.id)], m.facts.at)
    return ("Unknown", ()) if last is None else (day_of(last), (age(last, m.now),))


def _territory(m: Material, claim: Claim) -> Told:
    judged = day(claim.since) if claim.kind == "registration" and claim.since else day(m.facts.at)
    own = [] if claim.claimant == DIRECT else own_territories(m.facts, claim.claimant, judged)
    if not own:
        return "Unrestricted", ()
    account = m.facts.account(claim.possible_account_id or claim.account_id)
    inside = [item for item in own if covers(item, account, claim.product_lines)]
    if not inside:
        return "Outside its own", ()
    return ("Inside its own, exclusive" if any(item.exclusive for item in inside) else "Inside its own"), ()


def _blocks(m: Material, claim: Claim) -> Told:
    kinds = {f.kind for f in m.findings if f.blocking and str(f.registration_id) == claim.id}
    return (title_case(", ".join(sorted(kind.replace("_", " ") for kind in kinds))) or "Nothing"), ()


def _amount(m: Material, claim: Claim) -> Told:
    if claim.amount is not None:
        return money(claim.amount, m.currency), ()
    return "Unknown", ()


def _products(m: Material, claim: Claim) -> Told:
    return products_text(sorted(claim.product_lines), m.lines), ()


FACTS: tuple[tuple[str, Callable[[Material, Claim], Told]], ...] = (
    ("Since", _since),
    ("Claim", _claim),
    ("On", _customer),
    ("Proof of work", _proof),
    ("Last activity", _last),
    ("Territory", _territory),
    ("Blocked by", _blocks),
    ("Amount", _amount),
    ("Products", _products),
)
