"""Points of the score that fit what people decided: where it stands, and one proposal beside the policy in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from conflicts.learning.trial import ENOUGH, LEFT_OUT
from conflicts.models import WeightsProposal
from partners.permissions import may, visible
from reviews.desk.programs import Chosen, chosen_program
from reviews.desk.words import Chip, stamp
from reviews.practice import LEARNED_FROM

CRITERIA = {
    "earliest": "First to register", "proof": "Proof of work", "last_activity": "Last activity within",
    "own_territory": "Own territory", "closed_won": "Won here before", "customer_letter": "Customer's letter",
}  # fmt: skip
TONES = {"draft": "acc", "shadow": "acc", "live": "good", "retired": "quiet"}
SHOWN = 50


@dataclass(frozen=True)
class ProposalRow:
    """One proposal in the list."""

    url: str
    policy: str
    status: Chip
    decisions: int
    before: str
    after: str
    made: str


@dataclass(frozen=True)
class ProposalsPage:
    """The list as the template draws it."""

    chosen: Chosen
    rows: list[ProposalRow]
    may_learn: bool
    enough: int
    newest: int


@dataclass(frozen=True)
class Points:
    """One step of the score, before and after."""

    name: str
    now: int
    then: int
    seen: int
    bars: tuple[float, float]  # in percent of the largest

    @property
    def moved(self) -> bool:
        """Whether it changes."""
        return self.now != self.then


@dataclass(frozen=True)
class Otherwise:
    """A held out case that would be recommended otherwise."""

    ref: str
    url: str
    before: str
    after: str
    verdict: Chip


@dataclass(frozen=True)
class ProposalPage:
    """One proposal as the template draws it."""

    proposal: WeightsProposal
    status: Chip
    points: list[Points]
    before: str
    after: str
    better: int
    worse: int
    otherwise: list[Otherwise]
    changed: int
    left_out: list[tuple[str, int]]
    policy_url: str


def proposals() -> QuerySet[WeightsProposal]:
    """Proposals with everything that one page needs of them."""
    return WeightsProposal.objects.select_related("program", "policy", "against", "made_by")


def proposals_page(user: Any, data: Mapping[str, str]) -> ProposalsPage:
    """The proposals of a program for `user`."""
    chosen = chosen_program(user, data)
    rows = visible(user, proposals().filter(program=chosen.program)).order_by("-made_at", "-pk")
    return ProposalsPage(
        chosen=chosen,
        rows=[_row(row) for row in rows[:SHOWN]],
        may_learn=may(user, "change_rules", chosen.program),
        enough=ENOUGH,
        newest=LEARNED_FROM,
    )


def _row(row: WeightsProposal) -> ProposalRow:
    return ProposalRow(
        url=reverse("review:proposal", args=[row.pk]),
        policy=str(row.policy),
        status=status_chip(row),
        decisions=row.decisions,
        before=_share(row.trial["before"]),
        after=_share(row.trial["after"]),
        made=f"{stamp(row.made_at)}, {row.made_by or 'by command'}",
    )


def _share(told: Mapping[str, Any]) -> str:
    return f"{told['agreed']} of {told['of']}"


def status_chip(row: WeightsProposal) -> Chip:
    """The status of the version that it is kept as."""
    return Chip(str(row.policy.get_status_display()), TONES.get(row.policy.status, ""))


def proposal_page(proposal: WeightsProposal) -> ProposalPage:
    """Everything the page of one proposal shows."""
    most = max([1, *(max(now, then) for _, now, then, _ in proposal.points)])
    trial = proposal.trial
    return ProposalPage(
        proposal=proposal,
        status=status_chip(proposal),
        points=[
            Points(step_name(name), now, then, seen, (round(100 * now / most, 1), round(100 * then / most, 1)))
            for name, now, then, seen in proposal.points
        ],
        before=trial["before"]["words"],
        after=trial["after"]["words"],
        better=trial["better"],
        worse=trial["worse"],
        otherwise=[_otherwise(change) for change in trial["changes"] if isinstance(change, dict)][:SHOWN],
        changed=trial["changed"],
        left_out=[(LEFT_OUT.get(code, code), count) for code, count in proposal.left_out.items()],
        policy_url=reverse("admin:conflicts_policyversion_change", args=[proposal.policy_id]),
    )


def step_name(name: str) -> str:
    """A step as people say it: Proof of work: meeting."""
    criterion, _, rung = name.partition(".")
    title = CRITERIA.get(criterion, criterion.replace("_", " "))
    if criterion == "last_activity":
        return f"{title} {rung} days"
    return f"{title}: {rung.replace('_', ' ')}" if rung else title


def _otherwise(change: Mapping[str, Any]) -> Otherwise:
    verdict = (
        Chip("as people chose", "good", "check") if change["better"]
        else Chip("no longer as people chose", "warn", "alert") if change["worse"] else Chip("neither", "", "minus")
    )  # fmt: skip
    url = reverse("review:case", args=[change["key"]])
    return Otherwise(change["ref"], url, change["before"], change["after"], verdict)
