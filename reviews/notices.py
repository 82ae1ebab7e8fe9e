"""What a party is told: neutral, from its own facts alone, never who else or what else. Pure text."""

from dataclasses import dataclass
from datetime import datetime

from reviews.models import NoticeKind


@dataclass(frozen=True)
class Text:
    """A notice's subject and body (plain text, paragraphs separated by an empty line)."""

    subject: str
    body: str


@dataclass(frozen=True)
class Outcome:
    """What one party's registration came to: its own name and number, and, if approved, until when and what share.

    `own_reasons` are sentences about the party's own facts; `another_claim` says that another claim was the reason.
    """

    number: str
    account: str
    kind: NoticeKind
    rule: str
    protected_until: datetime | None = None
    share_pct: int | None = None
    own_reasons: tuple[str, ...] = ()
    another_claim: bool = False


def write(outcome: Outcome) -> Text:
    """The notice of a decision."""
    subject = {
        NoticeKind.APPROVED: f"Registration {outcome.number} is approved",
        NoticeKind.SHARED: f"Registration {outcome.number} is approved as a shared deal",
        NoticeKind.SUPPORT: f"Registration {outcome.number}: you have a support role",
        NoticeKind.NOT_APPROVED: f"Registration {outcome.number} is not approved",
    }[outcome.kind]
    return Text(subject, "\n\n".join(_paragraphs(outcome)))


def _paragraphs(outcome: Outcome) -> list[str]:
    lead = f"Your registration {outcome.number} for {outcome.account}"
    reasons = " ".join(outcome.own_reasons)
    if outcome.kind == NoticeKind.APPROVED:
        found = [f"{lead} is approved.", reasons, _protected(outcome)]
    elif outcome.kind == NoticeKind.SHARED:
        share = f" Your share is {outcome.share_pct} %." if outcome.share_pct is not None else ""
        found = [f"{lead} is approved as a shared deal.{share}", reasons, _protected(outcome)]
    elif outcome.kind == NoticeKind.SUPPORT:
        found = [f"{lead} is not approved for ownership. You have a support role on the deal.", reasons]
    else:
        another = "Another claim had priority. " if outcome.another_claim else ""
        found = [f"{lead} is not approved. {another}{reasons}".strip(),
                 "Dated proof of work or a written preference of the customer would be looked at."]  # fmt: skip
    found.append(f"Decided under {outcome.rule}.")
    return [paragraph for paragraph in found if paragraph]


def _protected(outcome: Outcome) -> str:
    if outcome.protected_until is None:
        return ""
    return f"The deal is protected until {outcome.protected_until:%-d %B %Y}. Activity on it renews the protection."


def ask(number: str, account: str, labels: list[str], body: str) -> Text:
    """The notice that information is wanted: only the named fields can be changed."""
    fields = f"You can now change: {', '.join(labels)}." if labels else "Please answer in the registration."
    return Text(
        f"Registration {number}: information wanted",
        f"We need more information on your registration {number} for {account}.\n\n{body}\n\n{fields} "
        "The clock is paused until you answer.",
    )
