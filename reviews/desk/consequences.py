"""What an option would mean if it were chosen now: protection, support, approvals, what each side is told, the way back.

The endings and notices are those that a decision would carry out; nothing is told that would not happen."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from conflicts.recommend.answer import ABSTAINING, Option
from conflicts.wording import listing
from partners.models import RegistrationStatus
from reviews.choices import DIRECT, Choice
from reviews.desk.material import Material
from reviews.desk.words import day_of
from reviews.models import NoticeKind
from reviews.permissions import SECOND
from reviews.services.plan import Ending, endings
from reviews.services.statements import preview

TOLD = {
    NoticeKind.APPROVED: "that its registration is approved",
    NoticeKind.SHARED: "that its registration is approved as a shared deal",
    NoticeKind.SUPPORT: "that it has a support role on the deal",
    NoticeKind.NOT_APPROVED: "that its registration is not approved",
}
BACK = (
    "None by a button: the decision stays on the record, and what was told stays told. The claims are looked at again "
    "when facts change."
)


@dataclass(frozen=True)
class Means:
    """One consequence: of what kind, in a sentence."""

    what: str
    sentence: str


def consequences(m: Material, option: Option) -> list[Means]:
    """What it would mean; [] where the case is decided, or the option needs parties that are not there."""
    if not m.undecided:
        return []
    if option.action in ABSTAINING:
        return _of_asking(m, option)
    choice = choice_for(m, option)
    if choice is None:
        return []
    claims = [claim for claim in m.claims.values() if claim.conflict_id == m.case.conflict_id]
    blocked: dict[Any, list[str]] = defaultdict(list)
    for finding in m.findings:
        if finding.blocking:
            blocked[finding.registration_id].append(finding.kind)
    ended = endings(choice=choice, claims=claims, blocked=blocked)
    told = preview(choice=choice, recommendation=m.advice, claims=claims, blocking=blocked, at=m.now)
    return [
        Means("Protection", _protection(m, ended)),
        Means("Support", _support(m, choice)),
        Means("Approvals", _approvals(m, option)),
        Means("Told", " ".join(_told(item) for item in told) or "No party has a registration: nobody is told."),
        Means("Way back", BACK),
    ]


def choice_for(m: Material, option: Option) -> Choice | None:
    """The option as it would be decided: as recommended where it is, else between the leading claimants."""
    answer = m.answer
    if option.chosen:
        shares = {who: Decimal(share) for who, share in answer.shares.items()}
        return Choice(answer.action, answer.owner or "", tuple(answer.support), shares)
    leading = _leading(m)
    partners = [who for who in leading if who != DIRECT]
    if option.action == "split":
        return Choice("split", shares=dict.fromkeys(leading[:2], Decimal(50))) if len(leading) > 1 else None
    if option.action == "co_sell":
        return Choice("co_sell", partners[0], (DIRECT,)) if partners else None
    if option.action == "award" and not option.owner:
        return None
    return Choice(option.action, option.owner or (DIRECT if option.action == "direct_retained" else ""))


def _leading(m: Material) -> list[str]:
    """Who claims, by points where they were counted, else by who came first."""
    points: dict[str, int] = defaultdict(int)
    for row in m.answer.score_rows:
        points[row.claimant] += row.points
    return sorted(m.claimants, key=lambda who: -points[who])


def _protection(m: Material, ended: list[Ending]) -> str:
    days = m.policy.protection.days
    until = day_of(m.now + timedelta(days=days))
    won = [item.registration for item in ended if item.won]
    new = [item.ref for item in won if item.status != RegistrationStatus.APPROVED]
    kept = [f"{r.ref} stays protected until {day_of(r.protected_until)}" for r in won if r.ref not in new]
    lost = [
        item.registration.ref
        for item in ended
        if not item.won and item.changes and item.registration.status == RegistrationStatus.APPROVED
    ]
    lines = (
        [f"{listing(new)} {'is' if len(new) == 1 else 'are'} protected for {days} days, until {until}"] if new else []
    )
    lines += kept
    if lost:
        lines.append(f"the protection of {listing(lost)} ends at once")
    text = "; ".join(lines) or "no registration is protected"
    return f"{text[:1].upper()}{text[1:]}."


def _support(m: Material, choice: Choice) -> str:
    if not choice.support:
        return "Nobody gets a support role."
    until = day_of(m.now + timedelta(days=m.policy.protection.days))
    return f"{listing(m.name(who) for who in choice.support)} supports the account until {until}."


def _approvals(m: Material, option: Option) -> str:
    """The route as it is: a choice that differs is an override, and needs a second person."""
    waits = [role.removeprefix(SECOND).replace("_", " ") for role in m.case.pending]
    route = f"Decided by {listing(waits)}." if waits else ""
    if option.chosen:
        return f"{route} It follows the recommendation.".strip()
    return f"{route} It differs from the recommendation: a coded reason, a sentence, and a second person.".strip()


def _told(item: Any) -> str:
    name = item.registration.claimant_name
    if item.text is None:
        return f"{name} is told nothing: its registration {item.registration.ref} stays as it is."
    another = " because another claim had priority, never whose" if "Another claim" in item.text.body else ""
    return f"{name} is told {TOLD[item.kind]}{another}."


def _of_asking(m: Material, option: Option) -> list[Means]:
    """Asking and mediating settle nothing: the case stays open."""
    asks = option.action == "request_information"
    told = (
        "Each party that is asked is told which fields of its own registration it may change."
        if asks
        else "Nobody is told anything by this alone."
    )
    clock = "The clock stands while a party owes an answer." if asks else "The clock runs on."
    return [
        Means("Protection", "Nothing is protected and nothing ends: every claim stays as it is."),
        Means("Approvals", f"None: the case stays open. {clock}"),
        Means("Told", told),
        Means("Way back", "The question can be taken back; nothing is lost." if asks else "Any outcome is still open."),
    ]
