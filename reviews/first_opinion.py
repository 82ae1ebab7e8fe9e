"""First opinions: which cases ask for one, how claimants are called meanwhile, and what came of them. Pure."""

import hashlib
import string
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reviews.choices import DIRECT, Choice

DRAWS = 16**8  # a draw is a number below it: eight hexadecimal digits of a hash
UNSURE = "unsure"
OURS, NOBODY = "ours", "nobody"  # the answers of a form that name no claimant


def draw(program_id: uuid.UUID, case_id: uuid.UUID) -> int:
    """The number that a case has drawn: fixed by its id and the program's, so nobody chooses it."""
    return int(hashlib.sha256(f"{program_id}:{case_id}".encode()).hexdigest()[:8], 16)


def sampled(program_id: uuid.UUID, case_id: uuid.UUID, share: int) -> bool:
    """Whether a case is among the `share` percent that ask."""
    return draw(program_id, case_id) < threshold(share)


def threshold(share: int) -> int:
    """The first draw that does not ask, when `share` percent do."""
    return share * DRAWS // 100


def high_impact(route: Collection[str]) -> bool:
    """Whether a case is of high impact: the policy in force lets more than one role decide it.

    By the standard policy these are reserved accounts (strategic, house, named), 250,000 or more at stake, exclusive
    territories and colliding rules. The route is what the authority matrix of the live policy made of the case, so
    whoever changes the matrix changes this with it; no second list says what is important.
    """
    return len(route) > 1


def letters(case_id: uuid.UUID, joined: Iterable[tuple[str, datetime]]) -> dict[str, str]:
    """How the claimants of a case are called while names are hidden: claimant -> letter.

    `joined` = every claimant there ever was, with when it joined. Those who joined together are shuffled by a hash, so
    A is not always the earlier claim; who joins later gets the next letter, and nobody's letter ever changes.
    """
    found = sorted(joined, key=lambda one: (one[1], hashlib.sha256(f"{case_id}:{one[0]}".encode()).hexdigest()))
    return {claimant: _letter(number) for number, (claimant, _) in enumerate(found)}


def _letter(number: int) -> str:
    again, place = divmod(number, len(string.ascii_uppercase))
    return f"{string.ascii_uppercase[place]}{again + 1 if again else ''}"


@dataclass(frozen=True)
class View:
    """What somebody would do: an action, and for `award` the claimant who gets the deal (partner id or "direct").

    How a split is shared and who owns a co-sell is not asked: a first opinion takes two keys.
    """

    action: str
    owner: str = ""


def view_of(choice: Choice) -> View:
    """An outcome as a first opinion can say it; what the direct team keeps is awarded to it."""
    if choice.action == "direct_retained":
        return View("award", DIRECT)
    return View(choice.action, choice.owner if choice.action == "award" else "")


def offered(letter_of: Mapping[str, str]) -> list[tuple[str, str]]:
    """The answers that a form offers: their values, which name nobody, and their words.

    Our own team stands there whether it is one of the claimants or not: so it tells nobody which.
    """
    claimants = [(letter, f"Claimant {letter} gets the deal") for letter in sorted(letter_of.values(), key=_in_order)]
    return [
        *claimants,
        ("split", "Split it between claimants"),
        ("co_sell", "Co-sell: one owns, another supports"),
        (OURS, "Our own team keeps it"),
        (NOBODY, "Nobody: reject all"),
        (UNSURE, "I cannot tell"),
    ]


def _in_order(letter: str) -> tuple[int, str]:
    return len(letter), letter


def read(answer: str, letter_of: Mapping[str, str]) -> View | None:
    """The view behind an answer of the form; None for one that was not offered."""
    if answer in ("split", "co_sell", UNSURE):
        return View(answer)
    if answer == NOBODY:
        return View("reject_all")
    if answer == OURS:
        return View("award", DIRECT)
    return next((View("award", claimant) for claimant, letter in letter_of.items() if letter == answer), None)


# --- what came of them ---


@dataclass(frozen=True)
class Said:
    """One first opinion: the view, whether it was the recommended one (None = not to be compared), and what was decided
    on which recommendation, if something was."""

    view: View
    agreed: bool | None
    decided: View | None = None
    decided_on: View | None = None


@dataclass
class Count:
    """Opinions of one sort, and of those on decided cases how many were decided how.

    `as_both`: the opinion and the recommendation were the same, and so was the decision.
    """

    said: int = 0
    decided: int = 0
    as_both: int = 0
    as_recommended: int = 0
    as_said: int = 0
    otherwise: int = 0


SAME, OTHER, CANNOT_TELL, NO_OUTCOME = "same", "other", "cannot_tell", "no_outcome"


def tally(opinions: Iterable[Said]) -> dict[str, Count]:
    """The opinions by how they stood to the recommendation, with what was then decided."""
    found: dict[str, Count] = defaultdict(Count, {sort: Count() for sort in (SAME, OTHER, CANNOT_TELL, NO_OUTCOME)})
    for one in opinions:
        count = found[_sort(one)]
        count.said += 1
        if one.decided is not None:
            count.decided += 1
            _add(count, one.decided == one.view, one.decided == one.decided_on)
    return dict(found)


def _sort(one: Said) -> str:
    if one.view.action == UNSURE:
        return CANNOT_TELL
    return NO_OUTCOME if one.agreed is None else SAME if one.agreed else OTHER


def _add(count: Any, as_said: bool, as_recommended: bool) -> None:
    if as_said and as_recommended:
        count.as_both += 1
    elif as_recommended:
        count.as_recommended += 1
    elif as_said:
        count.as_said += 1
    else:
        count.otherwise += 1
