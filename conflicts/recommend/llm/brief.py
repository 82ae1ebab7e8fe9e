"""All that a model is told of a case: typed facts under pseudonyms, partners' own words filtered, fenced and capped, the
options that the policy permits and the records that may be cited.

Every sentence here is made from typed facts, not by blacking out a written one: what is not put in cannot come out.
Names, references, addresses and prices have no way in; amounts are bands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from conflicts import wording
from conflicts.claims import amount_of
from conflicts.detectors.finding import Citation
from conflicts.facts import DIRECT, Facts, Lines
from conflicts.recommend.answer import ABSTAINING, Option, Recommendation
from conflicts.recommend.llm.ordinary import ordinary, title

DIRECT_TEAM, SOMEBODY, SOME_ACCOUNT = "DIRECT_TEAM", "ANOTHER_PARTNER", "ANOTHER_ACCOUNT"
MOST_PAPERS, MOST_WORDS, MOST_WORDS_IN_ALL = 40, 400, 1600
WITHHELD = "withheld"
BANDS = (10_000, 50_000, 100_000, 250_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Against:
    """A finding without its sentence: its kind, the registration that it is on, whether it blocks."""

    kind: str
    registration_id: str
    blocking: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """An option that the policy permits: its id in the brief, and what it stands for in ours."""

    id: str
    action: str
    owner: str
    means: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A record that may be cited: what it says in our words, and what the partner wrote on it (filtered, or "")."""

    label: str
    says: str
    partner_words: str = ""


@dataclass(frozen=True)
class Brief:
    """What a model is told. `names` turns pseudonyms back into names, for our own people's eyes; it is never sent."""

    claimants: tuple[str, ...]
    papers: tuple[Paper, ...]
    findings: tuple[str, ...]
    points: tuple[str, ...]
    rules: tuple[str, ...]
    choices: tuple[Choice, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_partner_words(self) -> bool:
        """Whether anything in it was written by a party."""
        return any(paper.partner_words for paper in self.papers)

    def masked(self) -> Brief:
        """The same without a word that a party wrote."""
        return replace(self, papers=tuple(replace(paper, partner_words="") for paper in self.papers))

    def text(self) -> str:
        """What is sent, as one JSON document; partners' words stand in a field of their own, marked as such."""
        papers = [
            {"id": item.label, "says": item.says}
            | ({"untrusted_words_of_a_party": item.partner_words} if item.partner_words else {})
            for item in self.papers
        ]
        told: dict[str, Any] = {
            "claimants": self.claimants,
            "evidence": papers,
            "findings": self.findings,
            "points_by_criterion": self.points,
            "rules_of_the_policy_in_order": self.rules,
            "options": [{"id": item.id, "means": item.means} for item in self.choices],
        }
        return json.dumps(told, ensure_ascii=False, indent=1)

    def choice(self, key: str) -> Choice:
        """The option with this id."""
        return next(item for item in self.choices if item.id == key)


def make_brief(facts: Facts, answer: Recommendation, findings: Iterable[Against], titles: Mapping[str, str]) -> Brief:
    """The brief of a recommendation. `titles` are those of the kinds of findings. The rules' own choice is not in it:
    a second opinion that knows the first is none."""
    tell = _Teller(facts, answer)
    return Brief(
        claimants=tuple(tell.claimants.values()),
        papers=tuple(tell.papers(answer.evidence[:MOST_PAPERS])),
        findings=tuple(dict.fromkeys(tell.finding(item, titles) for item in findings)),
        points=tuple(tell.points(answer)),
        rules=tuple(title(step.title) for step in answer.trace),
        choices=tuple(tell.choices(answer)),
        names=tell.names(),
    )


def permitted(answer: Recommendation) -> list[Option]:
    """The options that the policy permits here: what the rules chose, asking and mediating, and what takes claimants who
    are eligible (who is not has no points). Nobody may choose for a claimant whom a rule blocks."""
    eligible = {row.claimant for row in answer.score_rows}
    partners = eligible - {DIRECT}
    takes = {
        "split": len(partners) > 1,
        "co_sell": DIRECT in eligible and bool(partners),
        "direct_retained": DIRECT in eligible,
        "reject_all": not eligible,
    }
    return [
        option
        for option in answer.options
        if option.chosen
        or option.action in ABSTAINING
        or (option.owner in eligible if option.action == "award" else takes.get(option.action, False))
    ]


class _Teller:
    """Says records in words that give nobody away."""

    def __init__(self, facts: Facts, answer: Recommendation) -> None:
        self.facts, self.left = facts, MOST_WORDS_IN_ALL
        known = dict.fromkeys(option.owner for option in answer.options if option.owner)
        known |= dict.fromkeys(row.claimant for row in answer.score_rows)
        known |= dict.fromkeys(share for share in (*answer.shares, *answer.support))
        newest_first = sorted(facts.registrations, key=lambda item: item.submitted_at, reverse=True)
        first = {item.claimant: item.submitted_at.isoformat() for item in newest_first}
        ordered = sorted(known, key=lambda key: (first.get(key, "9"), key))
        letters = iter(_letters())
        self.claimants = {key: DIRECT_TEAM if key == DIRECT else f"PARTNER_{next(letters)}" for key in ordered}
        claimed = dict.fromkeys(r.judged_account_id for r in facts.registrations if r.claimant in known)
        claimed |= dict.fromkeys(item.account_id for item in facts.ownerships)
        claimed |= dict.fromkeys(item.account_id for item in facts.opportunities)
        self.accounts = {key: f"ACCOUNT_{n}" if n > 1 else "ACCOUNT" for n, key in enumerate(claimed, 1)}
        lines = sorted(
            {line for r in facts.registrations for line in r.product_lines} | {q.product_line for q in facts.quotes}
        )
        self.lines = {code: f"LINE_{number}" for number, code in enumerate(lines, 1)}
        self.known: dict[str, dict[str, Any]] = {
            "registration": _by_id(facts.registrations), "ownership": _by_id(facts.ownerships),
            "opportunity": _by_id(facts.opportunities), "activity": _by_id(facts.activities),
            "evidence": _by_id(facts.evidence), "account": _by_id(facts.accounts),
            "territory": _by_id(facts.territories), "agreement": _by_id(facts.agreements),
            "tier": _by_id(facts.tiers), "quote": _by_id(facts.quotes),
        }  # fmt: skip

    def names(self) -> dict[str, str]:
        """Pseudonym -> name."""
        people = {short: self.facts.name_of(key) for key, short in self.claimants.items()}
        return people | {short: self.facts.account_name(key) for key, short in self.accounts.items()}

    def who(self, claimant: str) -> str:
        """A claimant of the case by its pseudonym; nobody else is told apart."""
        return DIRECT_TEAM if claimant == DIRECT else self.claimants.get(claimant, SOMEBODY)

    def where(self, account_id: str) -> str:
        """An account by its pseudonym."""
        return self.accounts.get(account_id, SOME_ACCOUNT)

    def what(self, lines: Lines) -> str:
        """Product lines by their pseudonyms."""
        return wording.listing(sorted(self.lines.get(code, "another line") for code in lines)) or "all product lines"

    def holder(self, registration_id: str) -> str:
        """Whose registration it is."""
        found = self.facts.registration(registration_id)
        return self.who(found.claimant) if found else SOMEBODY

    def choices(self, answer: Recommendation) -> Iterable[Choice]:
        """The permitted options, in an order that does not tell which one the rules chose."""
        options = sorted(permitted(answer), key=lambda item: (item.action, self.who(item.owner) if item.owner else ""))
        for number, item in enumerate(options, 1):
            owner = self.who(item.owner) if item.action in ("award", "co_sell") and item.owner else ""
            yield Choice(f"O{number}", item.action, item.owner, MEANINGS[item.action].format(owner=owner or "one side"))

    def finding(self, item: Against, titles: Mapping[str, str]) -> str:
        """A finding in a line."""
        name = title(titles.get(item.kind, "another finding"))
        return f"{name}: on the registration of {self.holder(item.registration_id)}{', blocks it' if item.blocking else ''}"

    def points(self, answer: Recommendation) -> Iterable[str]:
        """The points of the claimants, a line a criterion; unknown ones are said to be so."""
        for criterion in dict.fromkeys(row.criterion for row in answer.score_rows):
            rows = [row for row in answer.score_rows if row.criterion == criterion]
            said = (f"{self.who(row.claimant)} {row.points if row.known else 'unknown'}" for row in rows)
            yield f"{ordinary(criterion.replace('_', ' '), 60)}: {', '.join(said)}"

    def papers(self, evidence: Iterable[Citation]) -> Iterable[Paper]:
        """The records that may be cited."""
        for citation in evidence:
            record = self.known.get(citation.kind, {}).get(citation.source_id)
            say = SAYINGS.get(citation.kind)
            says = say(self, record) if say and record is not None else f"A record, dated {wording.on(citation.at)}."
            yield Paper(citation.ref, says, self._words(record, citation.kind))

    def _words(self, record: Any, kind: str) -> str:
        """What the partner wrote on a record, as far as it may be told and as long as there is room."""
        if kind not in ("activity", "evidence") or record is None or not record.note:
            return ""
        said = ordinary(record.note, min(MOST_WORDS, self.left))
        self.left -= len(said)
        return said


def _registration(tell: _Teller, item: Any) -> str:
    worth = band(amount_of(item, tell.facts.program.currency))
    state = ordinary(item.status.replace("_", " "), 40)
    return (
        f"{tell.who(item.claimant)} registered {tell.where(item.judged_account_id)} for {tell.what(item.product_lines)} on"
        f" {wording.on(item.submitted_at)}; amount {worth}; status {state}."
    )


def _ownership(tell: _Teller, item: Any) -> str:
    role = "owns" if item.role == "owner" else "supports"
    last = wording.on(item.last_activity_at)
    return f"{tell.who(item.owner)} {role} {tell.where(item.account_id)}; last activity on {last}."


def _opportunity(tell: _Teller, item: Any) -> str:
    stage = ordinary(item.stage.replace("_", " "), 40)
    return (
        f"{tell.who(item.owner)} has an opportunity on {tell.where(item.account_id)}, created on"
        f" {wording.on(item.created_at)}; stage {stage}; last activity on {wording.on(item.last_activity_at)}."
    )


def _activity(tell: _Teller, item: Any) -> str:
    kind = wording.PROOF.get(item.kind, "other work")
    return f"{tell.holder(item.registration_id)} has shown {kind} on {wording.on(item.occurred_on)}."


def _evidence(tell: _Teller, item: Any) -> str:
    kind = ordinary(item.kind.replace("_", " "), 60)
    return f"{tell.holder(item.registration_id)} filed a paper ({kind}), {'verified' if item.verified else 'not verified'}."


def _account(tell: _Teller, item: Any) -> str:
    return f"{tell.where(item.id)} is in the segment {ordinary(item.segment.replace('_', ' '), 40) or 'unknown'}."


def _territory(tell: _Teller, item: Any) -> str:
    who = sorted({f"{tell.who(one.assignee)} ({ordinary(one.role, 20)})" for one in item.assignments})
    kind = "exclusive territory" if item.exclusive else "territory"
    return f"A rule: {kind} assigned to {wording.listing(who) or 'nobody'}."


def _agreement(tell: _Teller, item: Any) -> str:
    state = ordinary(item.status.replace("_", " "), 40)
    return f"The agreement of {tell.who(item.partner_id)}, status {state}, {_until(item.valid_until)}."


def _tier(tell: _Teller, item: Any) -> str:
    return f"A tier of the program; deals up to {band(item.max_deal_amount)}."


def _quote(tell: _Teller, item: Any) -> str:
    line = tell.lines.get(item.product_line, "another line")
    return f"{tell.who(item.seller)} quoted a price for {line} on {tell.where(item.account_id)}."


SAYINGS: dict[str, Callable[[_Teller, Any], str]] = {
    "registration": _registration, "ownership": _ownership, "opportunity": _opportunity, "activity": _activity,
    "evidence": _evidence, "account": _account, "territory": _territory, "agreement": _agreement, "tier": _tier,
    "quote": _quote,
}  # fmt: skip
MEANINGS = {
    "award": "Award the deal to {owner}",
    "split": "Split the deal between the leading claimants",
    "co_sell": "Co-sell: a partner and the direct team sell together",
    "direct_retained": "The direct team keeps the deal",
    "reject_all": "Reject all registrations",
    "request_information": "Ask all claimants for information before deciding",
    "mediate": "A person mediates between the claimants",
}


def band(amount: Decimal | None) -> str:
    """An amount as a band: no exact figure leaves the house."""
    if amount is None:
        return "unknown"
    over = [limit for limit in BANDS if amount >= limit]
    under = [limit for limit in BANDS if amount < limit]
    if not over:
        return f"below {BANDS[0]:,}"
    return f"{over[-1]:,} to {under[0]:,}" if under else f"{BANDS[-1]:,} or more"


def _until(last: date | None) -> str:
    return f"valid until {wording.on(last)}" if last else "without an end"


def _by_id(items: Iterable[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}


def _letters() -> Iterable[str]:
    """A to Z, then AA, AB ..."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from letters
    yield from (one + two for one in letters for two in letters)
    number = 0
    while True:  # a claim set of more than 702 claimants
        number += 1
        yield f"Z{number}"
