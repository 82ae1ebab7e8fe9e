"""The recommendation as people read it: score, reasons with their records, why not otherwise, how the rules went."""

from dataclasses import dataclass

from conflicts.models import OutputPart
from conflicts.recommend.answer import Recommendation
from reviews.desk.conditions import Traced, traced
from reviews.desk.consequences import Means, consequences
from reviews.desk.feedback import Asked
from reviews.desk.material import Material
from reviews.desk.opinion import Second, second_opinion
from reviews.desk.sure import sure
from reviews.desk.words import Chip, confidence_chip, stamp, when

FEW = 3  # claimants whose points fit side by side
CRITERIA = {
    "earliest": "First to register",
    "proof": "Proof of work",
    "last_activity": "Recent activity",
    "own_territory": "Own territory",
    "closed_won": "Won here before",
    "customer_letter": "Customer's letter",
}


@dataclass(frozen=True)
class ScoreLine:
    """One criterion: the points of each claimant, in the order of the header, and what they rest on."""

    label: str
    points: str
    cites: tuple[str, ...]
    counts: bool


@dataclass(frozen=True)
class Said:
    """A sentence and the labels of its records."""

    text: str
    cites: tuple[str, ...]
    asked: Asked


@dataclass(frozen=True)
class Rejected:
    """A claimant who is not to get the deal, why not, and what would change that."""

    name: str
    why_not: str
    would_change: str


@dataclass(frozen=True)
class Otherwise:
    """A decision that is not recommended: why not, what would change that, and what it would mean."""

    title: str
    why_not: str
    would_change: str
    means: list[Means]


@dataclass(frozen=True)
class Paper:
    """A cited record."""

    ref: str
    kind: str
    text: str
    when: str


@dataclass(frozen=True)
class Advice:
    """The recommendation card."""

    title: str
    sentence: str
    by: str
    made: str
    confidence: Chip
    sure: str
    abstained: bool
    score_of: str
    scores: list[ScoreLine]
    pointless: list[str]
    total: str
    by_score: bool
    reasons: list[Said]
    against: list[Rejected]
    standings: list[tuple[str, int]]
    otherwise: list[Otherwise]
    means: list[Means]
    would_change: tuple[str, ...]
    missing: tuple[str, ...]
    trace: list[Traced]
    evidence: list[Paper]
    opinion: Second
    asked: Asked


def advice(m: Material) -> Advice:
    """The recommendation that is in force, or that a decision was made on."""
    answer = m.answer
    chosen = next(option for option in answer.options if option.chosen)
    rest = [option for option in answer.options if not option.chosen]
    rows = {row.claimant for row in answer.score_rows}
    scored = [claimant for claimant in m.claimants if claimant in rows]  # in the order of the columns
    lines = _scores(m, scored) if len(scored) > 1 else []
    return Advice(
        title=chosen.title,
        sentence=answer.sentence,
        by=f"by the rules of policy v{m.advice.policy.number}",
        made=stamp(m.advice.made_at),
        confidence=confidence_chip(answer.confidence, answer.action, abstained=answer.abstained),
        sure=sure(m),
        abstained=answer.abstained,
        score_of=" – ".join(m.name(claimant) for claimant in scored),
        scores=[line for line in lines if line.counts],
        pointless=[line.label.lower() for line in lines if not line.counts],
        total=" – ".join(str(_total(m, claimant)) for claimant in scored),
        by_score=_led(answer),
        standings=_standings(m, scored) if len(scored) > FEW else [],
        reasons=_reasons(m),
        against=[Rejected(m.name(o.owner), o.why_not, o.would_change) for o in rest if o.action == "award"],
        otherwise=[Otherwise(o.title, o.why_not, o.would_change, consequences(m, o)) for o in rest],
        means=consequences(m, chosen),
        would_change=answer.would_change,
        missing=answer.missing,
        trace=[traced(step) for step in answer.trace],
        evidence=[Paper(item.ref, item.kind, item.text, when(item.at)) for item in answer.evidence],
        opinion=second_opinion(m),
        asked=m.ask(OutputPart.RECOMMENDATION, answer.rule_id, f"{chosen.title}. {answer.sentence}"),
    )


def _led(answer: Recommendation) -> bool:
    """The rule that decides asked how far one claimant leads."""
    node = next((step.condition for step in answer.trace if step.applied), None)
    return node is not None and any(test.fact == "lead" for test in node.tests)


def _reasons(m: Material) -> list[Said]:
    """What holds for several registrations is said once, with the records of all."""
    told: dict[str, dict[str, None]] = {}
    for reason in m.answer.reasons:
        told.setdefault(reason.sentence, {}).update(dict.fromkeys(reason.cites, None))
    about = m.answer.rule_id
    return [Said(text, tuple(cites), m.ask(OutputPart.REASON, about, text)) for text, cites in told.items()]


def _scores(m: Material, scored: list[str]) -> list[ScoreLine]:
    lines = []
    for criterion in dict.fromkeys(row.criterion for row in m.answer.score_rows):
        rows = {row.claimant: row for row in m.answer.score_rows if row.criterion == criterion}
        mine = [rows[claimant] for claimant in scored if claimant in rows]
        lines.append(
            ScoreLine(
                label=CRITERIA.get(criterion, criterion.replace("_", " ")),
                points=" – ".join(str(row.points) if row.known else f"{row.points}?" for row in mine),
                cites=tuple(dict.fromkeys(label for row in mine if row.points for label in row.cites)),
                counts=any(row.points or not row.known for row in mine),
            )
        )
    return lines


def _standings(m: Material, scored: list[str]) -> list[tuple[str, int]]:
    return sorted(((m.name(claimant), _total(m, claimant)) for claimant in scored), key=lambda pair: -pair[1])


def _total(m: Material, claimant: str) -> int:
    return sum(row.points for row in m.answer.score_rows if row.claimant == claimant)
