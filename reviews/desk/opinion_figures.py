"""What came of first opinions, as a table: how often they were the recommendation, and what was then decided."""

from dataclasses import dataclass

from partners.models import Program
from reviews.choices import DIRECT
from reviews.first_opinion import CANNOT_TELL, NO_OUTCOME, OTHER, SAME, Count, Said, View, tally, view_of
from reviews.models import FirstOpinion, OpinionAction
from reviews.practice import REPORTED, DecidedCase

TITLES = {
    SAME: "The same as recommended",
    OTHER: "Other than recommended",
    CANNOT_TELL: "Could not tell",
    NO_OUTCOME: "Nothing was recommended",
}


@dataclass(frozen=True)
class OpinionFigures:
    """The table, and in a sentence how often the machine prevailed over an opinion that differed."""

    rows: list[tuple[str, Count]]
    said: int
    agreed: str
    prevailed: str
    share: int
    high_impact: bool


def opinion_figures(program: Program, decided: list[DecidedCase]) -> OpinionFigures:
    """The figures of a program's newest first opinions; `decided` are its newest decided cases."""
    by_case = {one.case: one for one in decided}
    rows = FirstOpinion.objects.filter(program=program).order_by("-said_at", "-pk")
    fields = ("case_id", "action", "owner_id", "owner_direct", "agreed")
    counts = tally(_said(by_case.get(case), *view) for case, *view in rows.values_list(*fields)[:REPORTED])
    same, other = counts[SAME], counts[OTHER]
    compared = same.said + other.said
    return OpinionFigures(
        rows=[(title, counts[sort]) for sort, title in TITLES.items()],
        said=sum(count.said for count in counts.values()),
        agreed=f"{same.said} of {compared} ({same.said / compared:.0%})" if compared else "",
        prevailed=f"{other.as_recommended} of {other.decided} ({other.as_recommended / other.decided:.0%})"
        if other.decided
        else "",
        share=program.opinion_share,
        high_impact=program.opinion_high_impact,
    )


def _said(case: DecidedCase | None, action: str, owner: object, direct: bool, agreed: bool | None) -> Said:
    holder = (DIRECT if direct else str(owner)) if action == OpinionAction.AWARD else ""
    view = View(action, holder)
    if case is None:
        return Said(view, agreed)
    return Said(view, agreed, view_of(case.chosen), view_of(case.recommended) if case.recommended else None)
