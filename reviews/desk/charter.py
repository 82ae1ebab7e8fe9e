"""The charter, made of the live policy and of the product's own rules: who may raise what, who decides, how, by when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conflicts.models import PolicySummary, PolicyVersion
from conflicts.policy.readable import ACTION_TITLES, FIRST_TITLES, ROLE_TITLES, as_read, finding_titles
from partners.models import Program
from partners.permissions import Role
from partners.services import DECISION_HOURS
from reviews.categories import CATEGORIES
from reviews.choices import DECIDABLE
from reviews.desk.words import title_case
from reviews.states import APPEAL_WINDOW

REMEDIES = {
    "award": "One claimant gets the deal and its protection; the other registrations are not approved.",
    "split": "Several claimants share the deal, by shares that sum to 100 %, under one protection.",
    "co_sell": "One owns the deal, another supports it; who does what is written down.",
    "direct_retained": "The direct team keeps the account; partners that worked it may get a support role.",
    "reject_all": "No registration is approved, because none is eligible.",
    "request_information": "Nothing is decided yet: parties are asked, and the clock stands until they answer.",
    "mediate": "Nothing is decided yet: the parties are brought together.",
}
FOR_PARTNERS = {
    "award": gettext_lazy("Your registration is approved and protected."),
    "split": gettext_lazy("You share the deal, by a share that your notice names."),
    "co_sell": gettext_lazy("You own the deal with support, or support it."),
    "reject_all": gettext_lazy("Your registration is not approved; the notice gives the reasons."),
    "request_information": gettext_lazy("You are asked for what is missing; the clock stands until you answer."),
}


@dataclass(frozen=True)
class Section:
    """A part of the charter: lines of a label and a sentence, and a note."""

    title: str
    lines: tuple[tuple[str, str], ...]
    note: str = ""
    language: str = ""  # where it is another than the page's


@dataclass(frozen=True)
class Charter:
    """The whole, dated with the version of the policy that it was made from."""

    title: str
    number: int
    live_from: datetime
    sections: tuple[Section, ...]


def staff_charter(policy: PolicyVersion, program: Program) -> Charter:
    """For staff: the whole, with the authority matrix in words."""
    document: Mapping[str, Any] = policy.document
    return Charter(
        title=str(document["title"]),
        number=policy.number,
        live_from=policy.live_from or policy.created_at,
        sections=(
            Section("Who may raise a concern", _who(), "Nobody is worse off for raising one in good faith."),
            Section("What it can be about", tuple((c.title, c.means) for c in CATEGORIES)),
            Section("Permitted remedies", tuple(_remedies(document)), "Nothing else can be decided."),
            Section("Who decides", tuple(_matrix(document, program.currency)), "The first line that applies holds."),
            Section("How it is decided", tuple(_how(document))),
            Section("Clocks", tuple(_clocks(document))),
            Section("Appeal", _appeal()),
        ),
    )


def partner_charter(summary: PolicySummary) -> Charter:
    """For a partner: what it may raise, what can come of it, how long it takes, and how it appeals.

    Made from the summary that partners may read; who of the vendor decides is told there in general words.
    """
    told = {part["title"]: part for part in summary.parts}
    return Charter(
        title=summary.title,
        number=summary.number,
        live_from=summary.live_from,
        sections=(
            Section(
                _("Who may raise a concern"),
                ((_("You"), _("Everybody of your company with access to this portal, about your own registrations.")),),
                _("Nobody is worse off for raising one in good faith."),
            ),
            Section(
                _("What it can be about"),
                tuple((_(c.title), _(c.for_partners or c.means)) for c in CATEGORIES if c.partners),
            ),
            Section(_("What can come of it"), (
                (_("An answer"), _("We explain, correct a record, or pass it on to whoever can act on it.")),
                (_("A decision"), _("Where there is something to decide, it is decided as any other deal is:")),
                *((_partner_title(action), str(text)) for action, text in FOR_PARTNERS.items()),
            )),
            *(_of_part(told[title]) for title in ("Who decides", "How long it takes") if title in told),
            Section(_("Our first answer"), ((_("To a concern"), _hours(DECISION_HOURS)),)),
            Section(_("If you disagree"), (
                (_("Appeal"), _("Within %(days)s days after a decision, with your reasons and what shows them.")
                              % {"days": APPEAL_WINDOW.days}),
                (_("By whom"), _("Somebody else than whoever decided looks at it again.")),
            )),
        ),
    )  # fmt: skip


def _of_part(part: Mapping[str, Any]) -> Section:
    return Section(
        part["title"], tuple((line["label"], line["text"]) for line in part["lines"]), part.get("note", ""), "en"
    )


def _partner_title(action: str) -> str:
    return {"award": _("Approved"), "reject_all": _("Not approved"), "split": _("Shared"), "co_sell": _("Together"),
            "request_information": _("A question")}[action]  # fmt: skip


def _who() -> tuple[tuple[str, str], ...]:
    return (
        ("Staff", "Everybody with a deciding role, about any account of the program."),
        ("Partners", "The people of a partner, about their own registrations; they see their own concerns alone."),
        ("The product", "What the rules find becomes a case by itself; nobody has to raise it."),
    )


def _remedies(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The actions that the policy's rules lead to, and those that a decider may choose besides."""
    used = {str(rule.get("then", {}).get("action", "")) for rule in document["rules"]}
    return [
        (ACTION_TITLES[action], text + ("" if action in used else " No rule recommends it; a decider may choose it."))
        for action, text in REMEDIES.items()
        if action in used or action in DECIDABLE
    ]


def _matrix(document: Mapping[str, Any], currency: str) -> list[tuple[str, str]]:
    """The authority matrix in words."""
    routing, titles = document["routing"], finding_titles(document)
    lines = []
    for row in routing["table"]:
        when = [f"{row['amount_at_least']:,} {currency} or more"] if row["amount_at_least"] else []
        when += [titles.get(kind, kind).lower() for kind in row["findings"]]
        if row["actions"]:
            when.append(f"to {either(ACTION_TITLES.get(action, action).lower() for action in row['actions'])}")
        roles = ", then the ".join(ROLE_TITLES.get(role, role).lower() for role in row["roles"])
        lines.append((title_case(", or ".join(when)) or "Any other case", f"Decided by the {roles}."))
    first, last = routing["first"], routing["before_last"]
    if first["when"]:
        where = either(FIRST_TITLES.get(key, key) for key in first["when"])
        lines.append((ROLE_TITLES[first["role"]], f"Decides first where {where}."))
    if last["findings"]:
        found = either(titles.get(kind, kind).lower() for kind in last["findings"])
        lines.append((ROLE_TITLES[last["role"]], f"Joins before the last decider: {found}."))
    return lines


def either(items: Iterable[str]) -> str:
    """One, two or three."""
    *most, last = list(items)
    return f"{', '.join(most)} or {last}" if most else last


def _how(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    leads = Role.CHANNEL_LEAD.label.lower()
    return [
        ("Recommendation", "The rules recommend, with reasons and records; people decide."),
        ("Otherwise", "Deciding otherwise than recommended takes a coded reason, a text, and a second person."),
        ("Interest", f"Nobody decides a case of a partner of their own against another's: the {leads} does."),
        ("Without a person", _alone(as_read(document)["automation"])),
        ("Reasons", "Each party reads the reasons that concern it, from its own facts, and nothing of anybody else."),
    ]


def _alone(rules: Mapping[str, Any]) -> str:
    """What the product approves by itself."""
    said = ["a registration against which nothing stands"] if rules["approve_without_finding"] else []
    cases = rules["cases"]
    if cases["approve"]:
        many = f"at most {cases['a_day']} cases of low risk a day"
        said.append(f"{many}, which a partner manager can take back until they leave")
    if not said:
        return "Nothing is approved without a person."
    checks = rules["checks"]
    looked_at = f"People look at {checks['share_pct']} % of it each week, at {checks['least']} at least."
    return f"{title_case(' and '.join(said))}. {looked_at}"


def _clocks(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    clock = document["clock"]
    return [
        ("Decision", f"{_hours(clock['hours'])} At risk from {clock['at_risk_pct']} % of them."),
        ("First answer to a concern", _hours(DECISION_HOURS)),
        ("Paused", "While a party owes information, or everything that makes the case is snoozed."),
    ]


def _hours(hours: int) -> str:
    text = _("Within %(hours)s open hours of the program's calendar; weekends and holidays do not count.")
    return text % {"hours": hours}


def _appeal() -> tuple[tuple[str, str], ...]:
    return (
        ("Window", f"{APPEAL_WINDOW.days} days after the decision; after that it is final."),
        ("How often", "Once for each party."),
        ("By whom", "Another decider than before: uphold, vary or overturn."),
    )
