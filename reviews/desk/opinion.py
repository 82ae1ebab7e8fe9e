"""The model's opinion as people read it: the summary, whether it agrees with the rules, or why the rules stand alone."""

from dataclasses import dataclass

from conflicts.models import ModelOpinion, OpinionStatus, OutputPart
from conflicts.opinions.configured import endpoint, why_none
from conflicts.recommend.llm import why
from conflicts.recommend.llm.checks import shown
from reviews.desk.feedback import Asked
from reviews.desk.material import Material
from reviews.desk.words import Chip

AGREES = Chip("model agrees", "good", "check", "The model chose the same, by its own reading of the evidence")
DIFFERS = Chip("model differs", "warn", "alert", "The model would choose otherwise: look at it yourself")
ABSTAINS = Chip("model abstains", "warn", "question")
WAITS = Chip("model is asked", "quiet", "clock")


@dataclass(frozen=True)
class SecondReason:
    """A reason of the model: a sentence, the record's label, and the words of it that were checked."""

    text: str
    label: str
    quote: str
    asked: Asked


@dataclass(frozen=True)
class Second:
    """What stands beside the recommendation: what a model says, or why the rules speak alone (`alone`, after "because")."""

    chip: Chip | None = None
    alone: str = ""
    summary: str = ""
    would: str = ""
    differs: bool = False
    abstains: str = ""
    reasons: tuple[SecondReason, ...] = ()
    by: str = ""
    asked: Asked | None = None  # of the summary


def second_opinion(m: Material) -> Second:
    """The opinion on the recommendation that the page shows."""
    kept: ModelOpinion | None = getattr(m.advice, "opinion", None)
    if kept is None:
        waits = endpoint() is not None and m.undecided
        return Second(WAITS) if waits else Second(alone=why.sentence(why_none() if endpoint() is None else "failed"))
    if kept.status == OpinionStatus.SHADOW:  # kept to be compared, not to be shown
        return Second(alone="the model is in shadow mode for this kind of case")
    if kept.status in (OpinionStatus.FELL_BACK, OpinionStatus.OFF):
        return Second(alone=why.sentence(kept.why))
    about = str(kept.prompt or "shipped prompt")
    by, summary = f"{kept.model}, {about}", shown(kept.summary, kept.names)
    asked = m.ask(OutputPart.SUMMARY, about, summary) if summary else None
    if kept.status == OpinionStatus.ABSTAINED:
        return Second(ABSTAINS, summary=summary, abstains=why.sentence(kept.why), by=by, asked=asked)
    return Second(
        chip=AGREES if kept.agrees else DIFFERS,
        summary=summary,
        would=shown(kept.option, kept.names),
        differs=not kept.agrees,
        reasons=tuple(_reason(m, item, kept.names, about) for item in kept.reasons if isinstance(item, dict)),
        by=by,
        asked=asked,
    )


def _reason(m: Material, item: dict[str, str], names: dict[str, str], about: str) -> SecondReason:
    text, quote = shown(item["sentence"], names), f"‘{shown(item['quote'], names)}’"
    label = item["evidence"]
    return SecondReason(text, label, quote, m.ask(OutputPart.REASON, about, f"{text} [{label}] {quote}"))
