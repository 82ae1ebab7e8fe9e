"""What an act on who is who would do: two sides, what each says and holds, and what follows; with its signature."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from channelconflict.audit import canonical
from conflicts.holdings import Held
from partners.places import place_name


@dataclass(frozen=True)
class Fact:
    """One thing that both sides say of themselves; `loud` when a difference speaks against one company."""

    label: str
    left: str
    right: str
    loud: bool = False

    @property
    def differs(self) -> bool:
        """Both say something, and not the same."""
        return bool(self.left and self.right and self.left.casefold() != self.right.casefold())


@dataclass(frozen=True)
class Preview:
    """Two sides, what each is and holds, and what will follow; `refusal` says why it cannot be."""

    left: str
    right: str
    left_role: str
    right_role: str
    facts: tuple[Fact, ...] = ()
    held: tuple[Held, ...] = ()
    warnings: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def seen(self) -> str:
        """A signature of everything that is shown: whoever confirms says what was seen."""
        return hashlib.sha256(canonical(asdict(self)).encode()).hexdigest()

    def of(self, kind: str) -> Held:
        """What both sides hold of a kind."""
        return next((one for one in self.held if one.kind == kind), Held(kind, "", (), ()))


def facts_of(names: Iterable[tuple[str, str, bool]], left: Any, right: Any) -> tuple[Fact, ...]:
    """What both rows say of themselves, by (label, attribute, loud); what neither says is left out."""
    found = (Fact(label, _said(left, name), _said(right, name), loud) for label, name, loud in names)
    return tuple(fact for fact in found if fact.left or fact.right)


def _said(row: Any, name: str) -> str:
    if name in ("country", "subdivision"):
        return place_name(row.country if name == "country" else "", getattr(row, name) if name != "country" else "")
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, list):
        return ", ".join(sorted(value))
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def warning_of(fact: Fact) -> str:
    """Why a loud difference speaks against one company."""
    if fact.label == "Country":
        return (
            f"They lie in different countries ({fact.left}, {fact.right}). Units of two countries are relatives, "
            "not one: say what one belongs to instead."
        )
    return f"Their {fact.label}s differ ({fact.left}, {fact.right}): these are two companies, or one of the numbers is wrong."


def many(count: int, what: str) -> str:
    """1 registration, 2 registrations."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def ended(text: str) -> str:
    """The text as a sentence; a name that ends in a full stop (Inc.) ends it too."""
    return text if text.endswith(".") else f"{text}."
