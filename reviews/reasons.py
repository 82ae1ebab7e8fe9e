"""Why a decision came out as it did, as one party may read it: the rule, its own facts that counted, what else of its own
would have counted. Nothing of the other side: not even how far ahead it was (docs/adr/0026).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from conflicts.policy import Policy
from conflicts.policy.catalogue import BY_SCORE, FACTS
from conflicts.policy.rules import Rule
from partners.models import Activity, ActivityKind, Registration
from partners.tracker import day, written

LETTER = "customer_letter"


@dataclass(frozen=True)
class Basis:
    """What a decision rests on: a rule with its words, a person's review (`rule` is then empty), or an agreement."""

    policy: int  # the version's number
    rule: str = ""
    title: str = ""
    why: str = ""
    weighs_work: bool = True  # the rule compares what the claimants have shown
    agreed: bool = False

    @property
    def short(self) -> str:
        """A few words for the record."""
        if self.agreed:
            return f"the agreement of every side, confirmed by policy v{self.policy}"
        return (
            f"rule {self.rule} of policy v{self.policy}" if self.rule else f"a person's review of policy v{self.policy}"
        )

    @property
    def sentence(self) -> str:
        """The same for a party, with the rule in words."""
        named = {"rule": self.rule, "title": self.title, "number": self.policy}
        if self.agreed:
            return _("Decided under the agreement of every side, confirmed by policy v%(number)s.") % named
        if not self.rule:
            return _("Decided by a person who reviewed it under policy v%(number)s.") % named
        lead = _("Decided under rule %(rule)s (%(title)s) of policy v%(number)s.") % named
        return f"{lead} {self.why}".strip()


@dataclass(frozen=True)
class Own:
    """Of a party's own: what counted, and what it could have shown and had not; whole sentences."""

    counted: tuple[str, ...] = ()
    could: tuple[str, ...] = ()


NOTHING = Own()


def basis_of_rule(policy: Policy, number: int, rule_id: str) -> Basis:
    """The rule that decided, in its policy's words; also the rule by which registrations without findings are approved."""
    if rule_id == policy.automation.rule:
        return Basis(number, rule_id, _("no finding"), policy.automation.reason, weighs_work=False)
    rule = policy.rule(rule_id)
    return Basis(number, rule_id, rule.title, rule.reason, _weighs_work(rule))


def _weighs_work(rule: Rule) -> bool:
    by_score = any(FACTS[name].of_score for name in rule.facts)
    return by_score or any(name in BY_SCORE for name in rule.then.selectors)


# What stands against a registration by its own facts, and what would have lifted it.
BLOCKS: dict[str, tuple[Any, Any]] = {
    "duplicate_registration": (
        lambda: _("You had already registered this deal."),
        lambda: _("Nothing is lost: the registration that you sent first goes on."),
    ),
    "exclusive_territory": (
        lambda: _("The account lies outside the territory in which you may sell these products."),
        lambda: _("A territory of yours that covers the account and these products."),
    ),
    "out_of_territory": (
        lambda: _("The account lies outside your assigned territory."),
        lambda: _("A territory of yours that covers the account."),
    ),
    "agreement_inactive": (
        lambda: _("No agreement of yours was active on the day you registered."),
        lambda: _("An agreement that is active on the day you register."),
    ),
    "product_not_entitled": (
        lambda: _("Your agreement or your certifications do not cover every product registered."),
        lambda: _("An agreement and a certification that cover every product registered."),
    ),
    "tier_insufficient": (
        lambda: _("The amount is above the limit of your tier."),
        lambda: _("A tier whose limit covers the amount."),
    ),
    "capacity_reached": (
        lambda: _("You have reached the number of open registrations of your tier."),
        lambda: _("Fewer open registrations on the day you register."),
    ),
}


def blocked(kinds: Iterable[str]) -> Own:
    """What stood against a registration, by the kinds of its blocking findings."""
    known = [BLOCKS[kind] for kind in sorted(set(kinds)) if kind in BLOCKS]
    return Own(tuple(why() for why, _lifts in known), tuple(lifts() for _why, lifts in known))


def own_of(
    registration: Registration,
    policy: Policy,
    *,
    facts: Mapping[str, Any],
    scores: Iterable[Mapping[str, Any]] = (),
    basis: Basis,
    at: datetime,
    zone: str,
) -> Own:
    """What counted of a registration that nothing blocked, and what would have counted.

    `facts` is the memo of the decision (its evidence and partners), `scores` the points of every claimant: only those of
    this registration's own partner are read, and not even they where it stands with a distributor or reseller.
    """
    ladder = policy.scoring.proof
    activities = sorted(registration.activities.all(), key=lambda item: (item.occurred_on, str(item.pk)))
    best = max(activities, key=lambda item: ladder.get(item.kind, 0), default=None)
    letter = any(
        paper["registration_id"] == str(registration.pk) and paper["kind"] == LETTER and paper["verified"]
        for paper in facts.get("evidence", ())
    )
    counted = tuple(_counted(registration, best, activities[-1] if activities else None, letter, zone))
    counted += tuple(_scored(registration, facts, scores))
    if not basis.weighs_work:
        return Own(counted, (_("More proof of work would not have: this rule does not weigh it."),))
    return Own(counted, tuple(_could(policy, best, activities, letter, at)))


def _counted(registration: Registration, best: Any, latest: Any, letter: bool, zone: str) -> Iterable[str]:
    if registration.submitted_at:
        yield _("You registered it on %(day)s.") % {"day": day(registration.submitted_at, zone)}
    if best:
        yield _shows(best) % {"day": written(best.occurred_on)}
    if latest and best and latest.occurred_on > best.occurred_on:
        yield _("Your latest work on it was on %(day)s.") % {"day": written(latest.occurred_on)}
    if letter:
        yield _("The customer's letter that prefers you was checked and counts.")


def _scored(registration: Registration, facts: Mapping[str, Any], scores: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    own = str(registration.partner_id or "")
    partners = facts.get("partners", ())
    of_chain = any(item["distributor_id"] and own in (item["id"], item["distributor_id"]) for item in partners)
    mine = () if of_chain or not own else [row for row in scores if row["claimant"] == own and row["points"] > 0]
    held = {row["criterion"] for row in mine}
    if "own_territory" in held:
        yield _("The account lies in your territory.")
    if "closed_won" in held:
        yield _("You have won business with this customer before.")


def _could(policy: Policy, best: Any, activities: list[Activity], letter: bool, at: datetime) -> Iterable[str]:
    """The strongest first. Each is one more thing that the policy counts, not a promise that it would have been enough."""
    scoring = policy.scoring
    had = scoring.proof.get(best.kind, 0) if best else 0
    more = [kind for kind, points in sorted(scoring.proof.items(), key=lambda item: item[1]) if points > had]
    offers = []
    if scoring.customer_letter and not letter:
        offers.append((scoring.customer_letter, _("A letter in which the customer prefers you. We check it.")))
    if more:
        least, highest = (_what(Activity(kind=kind)) for kind in (more[0], more[-1]))
        words = (
            _("Dated proof of work: from %(least)s up to %(most)s.")
            if len(more) > 1
            else _("Dated proof of work: %(most)s.")
        )
        offers.append((scoring.proof[more[-1]] - had, words % {"least": least, "most": highest}))
    fresh = scoring.last_activity[0] if scoring.last_activity else None
    if fresh and not _active_since(activities, at.date(), fresh.days):
        offers.append((fresh.points, _("Work on the deal in the last %(days)s days.") % {"days": fresh.days}))
    yield from (words for _points, words in sorted(offers, key=lambda item: -item[0]))


def _active_since(activities: list[Activity], today: date, days: int) -> bool:
    return any((today - item.occurred_on).days <= days for item in activities)


def _shows(activity: Activity) -> str:
    return {
        ActivityKind.FIRST_CONTACT: _("Your first contact of %(day)s shows work on the account."),
        ActivityKind.MEETING: _("Your meeting of %(day)s shows work on the account."),
        ActivityKind.TECHNICAL_VALIDATION: _("Your technical validation of %(day)s shows work on the account."),
        ActivityKind.PROPOSAL: _("Your proposal of %(day)s shows work on the account."),
        ActivityKind.SOW_SIGNED: _("Your signed statement of work of %(day)s shows work on the account."),
    }[ActivityKind(activity.kind)]


def _what(activity: Activity) -> str:
    """What an activity is called within a sentence."""
    words: dict[str, str] = {
        ActivityKind.FIRST_CONTACT: _("first contact"),
        ActivityKind.MEETING: _("meeting"),
        ActivityKind.TECHNICAL_VALIDATION: _("technical validation"),
        ActivityKind.PROPOSAL: _("proposal"),
        ActivityKind.SOW_SIGNED: _("signed statement of work"),
    }
    return words.get(activity.kind, activity.kind.lower())
