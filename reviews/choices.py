"""An outcome that a decider can choose, as one value: compared with the recommendation, kept by the decision. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

DIRECT = "direct"
DECIDABLE = ("award", "split", "co_sell", "direct_retained", "reject_all")


class BadChoiceError(ValueError):
    """The chosen outcome is not one; the text is a sentence for people."""


@dataclass(frozen=True)
class Choice:
    """Who gets the deal. Claimants are partner ids as text, or "direct"; shares are percentages summing to 100."""

    action: str
    owner: str = ""
    support: tuple[str, ...] = ()
    shares: Mapping[str, Decimal] = field(default_factory=dict)

    def same_as(self, other: "Choice") -> bool:
        """Whether both give the same people the same things."""
        return (self.action, self.owner, set(self.support)) == (other.action, other.owner, set(other.support)) and {
            k: Decimal(v) for k, v in self.shares.items()
        } == {k: Decimal(v) for k, v in other.shares.items()}

    def winners(self) -> frozenset[str]:
        """The claimants who own the deal or a share of it."""
        return frozenset(self.shares) or frozenset({self.owner} - {""})


def check(choice: Choice, claimants: frozenset[str]) -> None:
    """Refuse an outcome that names somebody who is no party, or does not add up."""
    if choice.action not in DECIDABLE:
        raise BadChoiceError(f"'{choice.action}' is no outcome: choose one of {', '.join(DECIDABLE)}.")
    strangers = (choice.winners() | set(choice.support)) - claimants - {DIRECT}
    if strangers:
        raise BadChoiceError("Only parties of this case (or the direct team) can get the deal.")
    if choice.action == "split":
        if len(choice.shares) < 2 or any(Decimal(s) <= 0 for s in choice.shares.values()):
            raise BadChoiceError("A split needs at least two parties, each with a share above 0 %.")
        if sum(Decimal(s) for s in choice.shares.values()) != 100:
            raise BadChoiceError("The shares of a split must sum to 100 %.")
    elif choice.action in ("award", "co_sell") and not choice.owner:
        raise BadChoiceError("Name the owner of the deal.")
    if choice.action == "co_sell" and not choice.support:
        raise BadChoiceError("A co-sell needs somebody in support.")
    if choice.owner and choice.owner in choice.support:
        raise BadChoiceError("The owner of a deal cannot support it as well.")


def change_of(before: Choice, after: Choice) -> str:
    """What an appeal makes of an outcome: upheld, varied (some winner stays) or overturned (none does)."""
    if after.same_as(before):
        return "upheld"
    return "varied" if before.winners() & after.winners() else "overturned"
