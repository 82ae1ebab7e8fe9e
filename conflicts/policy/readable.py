"""A policy document in words: conditions and outcomes as sentences, all of it for staff, and the part that partners are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conflicts.policy.catalogue import CALLED
from conflicts.policy.conditions import Condition, read_condition
from conflicts.policy.reading import Reader
from conflicts.policy.saying import formula, words
from conflicts.policy.standard import STANDARD

ACTION_TITLES = {
    "award": "Award to one", "split": "Share between several", "co_sell": "Co-sell", "direct_retained": "Keep with direct",
    "reject_all": "Reject all", "request_information": "Ask for information", "mediate": "Mediate",
}  # fmt: skip
BLOCKS_TITLES = {"always": "Yes", "never": "No", "when_others_cover": "If others cover the account"}
ROLE_TITLES = {
    "partner_manager": "Partner manager", "channel_lead": "Channel lead", "revenue_lead": "Revenue lead",
    "sales_ops": "Sales operations", "legal": "Legal",
}  # fmt: skip
FIRST_TITLES = {"territory_overlap": "territory rules collide", "owner_differs": "records name different owners"}
NUMBER_TITLES: dict[str, tuple[str, str]] = {
    "parameters.margin": ("Points that one must be ahead to win by score", "points"),
    "parameters.proof_needed": ("Proof of work from which on an account counts as worked", ""),
    "parameters.reserved_segments": ("Segments reserved for the direct team", ""),
    "parameters.lookback_days": ("A rejection before counts for", "days"),
    "parameters.direct_freshness_days": ("An opportunity of the direct team counts for", "days after its last activity"),
    "parameters.follow_up_days": ("An owner or a protected partner works an account if it was active within", "days"),
    "parameters.closed_won_days": ("A deal won on the account counts for", "days"),
    "parameters.price_tolerance_pct": ("Prices of two sellers may lie apart", "per cent"),
    "clock.hours": ("A decision is due within", "open hours"),
    "clock.at_risk_pct": ("A case is at risk from", "per cent of that time"),
    "protection.days": ("An approval protects for", "days"),
    "protection.renewal_days": ("A renewal protects for", "days more"),
    "protection.renewals": ("It renews by itself at most", "times"),
    "protection.renewal_activity_days": ("It renews if there was activity in the last", "days before its end"),
    "protection.reminder_days": ("Reminders come before the end, by", "days"),
    "protection.extensions": ("More time can be asked for", "times"),
    "protection.extension_days": ("More time is at most", "days"),
    "protection.extension_opens_days": ("It can be asked for in the last", "days"),
    "automation.approve_without_finding": ("A registration against which nothing stands is approved at once", ""),
    "automation.rule": ("The rule that such an approval names", ""),
    "automation.reason": ("The reason that people read then", ""),
    "automation.cases.approve": ("A case of low risk is approved as the rules recommend", ""),
    "automation.cases.rule": ("The rule that such a decision names", ""),
    "automation.cases.kinds": ("Findings that may stand in it, and no others", ""),
    "automation.cases.confidence_at_least": ("Deciders followed such recommendations in at least", "per cent"),
    "automation.cases.amount_at_most": ("Its largest amount is at most", "in the program's currency"),
    "automation.cases.fresh_days": ("The latest sign of each claim is at most", "days old"),
    "automation.cases.a_day": ("Cases approved so are at most", "a day"),
    "automation.checks.share_pct": ("Of what was approved without a person people look at", "per cent, each week"),
    "automation.checks.least": ("but at least at", "where there are as many"),
    "automation.checks.wrong_pct": ("An alarm is raised when more are wrong than", "per cent"),
    "automation.checks.weeks": ("of those that were looked at in the last", "weeks"),
    "scoring.earliest": ("Earliest claim", "points"),
    "scoring.own_territory": ("The account lies in the claimant's own territory", "points"),
    "scoring.closed_won": ("It won a deal there before", "points"),
    "scoring.customer_letter": ("A letter of the customer names it", "points"),
}  # fmt: skip
PROOF_TITLES = {
    "first_contact": "First contact", "meeting": "Meeting", "technical_validation": "Technical validation",
    "proposal": "Proposal", "sow_signed": "Signed statement of work",
}  # fmt: skip
SIGNAL_TITLES = {
    "registration_burst": "A burst of registrations", "ticket_surge": "A surge of support tickets",
    "price_swing": "A swing of prices", "dormant_wakes": "A dormant account wakes", "no_follow_up": "No follow-up",
    "fishing": "Registering many accounts without working them", "unusual_pattern": "An unusual pattern",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rendering: a table with a heading, and a note above it."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The rows, each cell with the name of its column."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


# --- conditions and outcomes ---


def say_outcome(then: Mapping[str, Any]) -> str:
    """What a rule leads to, in a sentence."""
    owner, support, between = (CALLED.get(str(then.get(name, "")), "") for name in ("owner", "support", "between"))
    action = str(then.get("action", ""))
    if action == "award":
        return f"The account goes to {owner or 'its claimant'}."
    if action == "split":
        return f"The account is shared between {between or 'the claimants'}."
    if action == "co_sell":
        helped = f", with support from {support}" if support else ""
        return f"{_big(owner or 'a claimant')} sells{helped}."
    return {
        "direct_retained": "The direct team keeps the account.",
        "reject_all": "All registrations are rejected.",
        "request_information": "All claimants are asked for information.",
    }.get(action, "A person mediates between the claimants.")


def condition_of(rule: Mapping[str, Any]) -> Condition:
    """The condition of a rule of a document; what cannot be read always holds (reading the document says so)."""
    return read_condition(Reader(rule.get("when", {"all": []})))


def told(rule: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[str, str]:
    """When a rule holds, in words and as a formula."""
    condition = condition_of(rule)
    return _big(words(condition, parameters)), formula(condition, parameters)


def parameters_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that a rule may name instead of a value."""
    known = dict(document["parameters"])
    needed = document["scoring"]["proof"].get(known.get("proof_needed"))
    return known | ({"proof_points_needed": needed} if needed is not None else {})


# --- for staff ---


def for_staff(document: Mapping[str, Any], currency: str = "") -> tuple[Part, ...]:
    """The whole document as tables."""
    return (_rules(document), _findings(document), _numbers(document), _automation(document), _weights(document),
            *_routing(document, currency), _signals(document))  # fmt: skip


def _rules(document: Mapping[str, Any]) -> Part:
    parameters = parameters_of(document)
    rows = tuple(
        (str(rule["id"]), str(rule["title"]), "\n".join(told(rule, parameters)), say_outcome(rule.get("then", {})),
         str(rule["reason"]))
        for rule in document["rules"]
    )  # fmt: skip
    head = ("Rule", "Title", "When", "Then", "Reason that people read")
    return Part(
        "Recommendation", head, rows, "The first rule that holds decides. An unknown fact counts as not holding."
    )


def _findings(document: Mapping[str, Any]) -> Part:
    rows = tuple(
        (str(item["title"]), BLOCKS_TITLES.get(item["blocks"], item["blocks"]), _yes(item["makes_case"]))
        for item in document["findings"]
    )
    return Part("Findings", ("Finding", "Blocks the registration", "Makes a case"), rows)


def _numbers(document: Mapping[str, Any]) -> Part:
    return Part("Numbers", ("What", "Value", "Unit"), _valued(document, ("parameters.", "clock.", "protection.")))


def _automation(document: Mapping[str, Any]) -> Part:
    rows = _valued(as_read(document), ("automation.",))
    note = "What is approved without a person; a part of it is looked at afterwards. Everything else people decide."
    return Part("Without a person", ("What", "Value", "Unit"), rows, note)


def _valued(document: Mapping[str, Any], parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    titles = finding_titles(document)
    return tuple(
        (title, worded(path, value, titles), unit)
        for path, (title, unit) in NUMBER_TITLES.items()
        if path.startswith(parts) and (value := at_path(document, path)) is not None
    )


def _weights(document: Mapping[str, Any]) -> Part:
    scoring = document["scoring"]
    rows = [
        (title, str(at_path(document, path)))
        for path, (title, _) in NUMBER_TITLES.items()
        if path.startswith("scoring.")
    ]
    rows += [(f"Proof of work: {PROOF_TITLES.get(kind, kind).lower()}", str(n)) for kind, n in scoring["proof"].items()]
    rows += [(f"Last activity within {step['days']} days", str(step["points"])) for step in scoring["last_activity"]]
    return Part("Weights of the score", ("For", "Points"), tuple(rows))


def _routing(document: Mapping[str, Any], currency: str) -> tuple[Part, ...]:
    routing = document["routing"]
    titles = finding_titles(document)
    rows = tuple(
        (
            f"{row['amount_at_least']:,} {currency} or more".replace(" ", " ")
            if row["amount_at_least"]
            else "Any other",
            ", ".join(titles.get(kind, kind) for kind in row["findings"]) or "–",
            ", ".join(ACTION_TITLES.get(action, action) for action in row["actions"]) or "–",
            ", then ".join(ROLE_TITLES.get(role, role) for role in row["roles"]),
        )
        for row in routing["table"]
    )
    first, last = routing["first"], routing["before_last"]
    beside = (
        (ROLE_TITLES[first["role"]], "comes first", " or ".join(FIRST_TITLES.get(k, k) for k in first["when"]) or "never"),
        (ROLE_TITLES[last["role"]], "joins before the last",
         " or ".join(titles.get(kind, kind) for kind in last["findings"]) or "never"),
    )  # fmt: skip
    note = "The first row that applies names who decides, in order."
    return (
        Part("Who decides", ("Amount", "or finding", "or outcome", "Decided by"), rows, note),
        Part("Who joins", ("Role", "Place", "When"), beside),
    )


def _signals(document: Mapping[str, Any]) -> Part:
    limits = {**STANDARD["signals"], **document.get("signals", {})}
    rows = tuple((SIGNAL_TITLES.get(k, k), f"{n['score']:g}", str(n["least"])) for k, n in limits.items())
    return Part("Early warning", ("Signal", "Spreads from the usual", "And at least"), rows)


# --- for partners ---


def summary_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What partners are given: title and parts of {title, note, lines: [{label, text}]}. No thresholds, no amounts, no names."""
    return {"title": str(document["title"])[:200], "parts": [_deciding(document), _stopping(document), _counting(document),
            _timing(document), _protecting(document), _people(document)]}  # fmt: skip


def _told(title: str, lines: Iterable[tuple[str, str]], note: str = "") -> dict[str, Any]:
    return {"title": title, "note": note, "lines": [{"label": label, "text": text} for label, text in lines]}


def _deciding(document: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        (str(rule["title"]), f"{rule['reason']} {say_outcome(rule.get('then', {}))}") for rule in document["rules"]
    ]
    if document["automation"]["approve_without_finding"]:
        lines.insert(0, ("Nothing stands against it", "The registration is approved at once."))
    if as_read(document)["automation"]["cases"]["approve"]:
        lines.append(("A case of low risk", "It may be decided as the rules recommend, without a person. You can appeal: then a"
                                            " person decides."))  # fmt: skip
    return _told(
        "How a deal is decided", lines, "In this order: the first that applies is recommended, and people decide."
    )


def _stopping(document: Mapping[str, Any]) -> dict[str, Any]:
    texts = {"always": "The registration cannot win.",
             "when_others_cover": "It cannot win if the account lies in another's territory."}  # fmt: skip
    lines = [(str(item["title"]), texts[item["blocks"]]) for item in document["findings"] if item["blocks"] in texts]
    return _told("What stops a registration", lines, "An agreed exception can lift each of these.")


def _counting(document: Mapping[str, Any]) -> dict[str, Any]:
    scoring = document["scoring"]
    weights = {
        "Being first": (scoring["earliest"], "The earliest claim on the account."),
        "Proof of work": (max(scoring["proof"].values()), _ladder(scoring["proof"])),
        "Recent activity": (max((step["points"] for step in scoring["last_activity"]), default=0),
                            "The later the last activity, the more it counts."),
        "Own territory": (scoring["own_territory"], "The account lies in your territory."),
        "A deal won there before": (scoring["closed_won"], "You sold to the account before."),
        "A letter of the customer": (scoring["customer_letter"], "The customer names you in writing."),
    }  # fmt: skip
    lines = [(label, text) for label, (points, text) in weights.items() if points]
    return _told("What counts for a claim", lines, "Every claim is weighed alike, the direct team's too.")


def _ladder(proof: Mapping[str, int]) -> str:
    rising = sorted((points, PROOF_TITLES.get(kind, kind).lower()) for kind, points in proof.items() if points)
    return f"In rising order: {', '.join(name for _, name in rising)}."


def _timing(document: Mapping[str, Any]) -> dict[str, Any]:
    hours = document["clock"]["hours"]
    lines = [
        ("Decision", f"Within {_span(hours)} on the program's business calendar; weekends and holidays do not count."),
        ("Paused", "While we wait for information from you."),
    ]
    return _told("How long it takes", lines)


def _span(hours: int) -> str:
    return f"{hours} hours" if hours % 24 or hours < 24 else f"{hours} hours ({hours // 24} open days)"


def _protecting(document: Mapping[str, Any]) -> dict[str, Any]:
    p = document["protection"]
    lines = [("Approved", f"Your deal is protected for {p['days']} days.")]
    if p["renewals"] and p["renewal_days"]:
        times = "once" if p["renewals"] == 1 else f"up to {p['renewals']} times"
        lines.append(("Renewal", f"By itself for {p['renewal_days']} days more, {times}, if you were active in the last"
                                 f" {p['renewal_activity_days']} days before the end."))  # fmt: skip
    if p["reminder_days"]:
        lines.append(("Reminders", f"{_listed(sorted(p['reminder_days'], reverse=True))} days before the end."))
    extensions = p.get("extensions", 1)
    if extensions:
        times = "once" if extensions == 1 else f"{extensions} times"
        lines.append(("More time", f"You can ask {times} for up to {p.get('extension_days', 90)} days more, in the last"
                                   f" {p.get('extension_opens_days', 14)} days."))  # fmt: skip
    return _told("What an approval gives", lines)


def _people(document: Mapping[str, Any]) -> dict[str, Any]:
    routing = document["routing"]
    decide = list(dict.fromkeys(role for row in reversed(routing["table"]) for role in row["roles"]))
    join = [role for role in (routing["first"]["role"], routing["before_last"]["role"]) if role not in decide]
    who = _big(_listed([ROLE_TITLES.get(role, role).lower() for role in decide]))
    lines = [("Decide", f"{who}: larger and harder deals need more of them.")]
    if join:
        lines.append(("Join where needed", _big(_listed([ROLE_TITLES.get(role, role).lower() for role in join])) + "."))
    return _told("Who decides", lines, "Nobody decides about a partner of their own alone against another's.")


# --- words ---


def finding_titles(document: Mapping[str, Any]) -> dict[str, str]:
    """What the document calls its kinds of findings."""
    return {str(item["kind"]): str(item["title"]) for item in document["findings"]}


def at_path(document: Mapping[str, Any], path: str) -> Any:
    """The value of a field by its dotted name; None where there is none."""
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def as_read(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the parts of automation that it leaves out, as they are read then."""
    return {**document, "automation": {**STANDARD["automation"], **document["automation"]}}


def worded(path: str, value: Any, titles: Mapping[str, str] | None = None) -> str:
    """A value of a field, for people; `titles` are those of the kinds of findings."""
    if path == "automation.cases.kinds":
        return ", ".join((titles or {}).get(kind, kind) for kind in value) or "none"
    if path == "parameters.proof_needed":
        return PROOF_TITLES.get(value, str(value))
    if isinstance(value, bool):
        return _yes(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _listed(words: Sequence[Any]) -> str:
    *most, last = [str(word) for word in words] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _yes(value: object) -> str:
    return "Yes" if value else "No"


def _big(text: str) -> str:
    return text[:1].upper() + text[1:]
