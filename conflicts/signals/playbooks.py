"""What to do about each kind of signal, as data: what it means, what to look at, what to do, whom to ask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Playbook:
    """Short texts for whoever takes the signal."""

    title: str
    means: str
    look: tuple[str, ...]
    do: tuple[str, ...]
    ask: str
    method: str


PLAYBOOKS = {
    "registration_burst": Playbook(
        "Burst of registrations",
        "Far more deals are registered than season and growth explain: a campaign, a tender that got known, or staking out.",
        ("Are the customers different ones, or one project under several names?",
         "Which of them have dated work, and which only a name?",
         "Did other partners register the same customers shortly before or after?"),
        ("Take the oldest of the new registrations first: their clocks run.",
         "Ask for proof of work where there is none, before anything is approved."),
        "The partner's own manager; marketing, whether a campaign ran; channel lead when several partners rise at once.",
        "Four-week and one-week counts on the square-root scale against the partner's year, without the peers' season.",
    ),
    "ticket_surge": Playbook(
        "Support tickets rise",
        "Customers of this partner need more help than usual. Trouble in delivery today is a claim on the account tomorrow.",
        ("Is it one customer or many, one product line or all?", "How many were escalated, and since when?"),
        ("Look at the partner's open claims on the customers concerned before renewing protection.",
         "Offer support before a competitor does: agree who answers the customer."),
        "Support, for the cause; the partner's manager, for the customer's mood.",
        "Four-week and one-week counts on the square-root scale against the partner's year, without the peers' season.",
    ),
    "price_swing": Playbook(
        "Prices swing",
        "The partner quotes this line far from its own year and from its peers: a price war, or a discount not passed on.",
        ("Who else quotes the same accounts, and at what price?", "Do the discounts stay within agreement and tier?"),
        ("Compare the quotes account by account.", "Where two partners undercut each other, take it up before both register."),
        "Sales operations, for special prices granted; the partner's manager.",
        "Median discount of four weeks against the weekly medians of a year, less the shift of all peers on the line.",
    ),
    "dormant_wakes": Playbook(
        "A dormant claim wakes",
        "Work begins again on a claim that lay still for far longer than usual. Often somebody else has begun there meanwhile.",
        ("Who else has a claim on the account now?", "Is the new activity proved, and does it concern the same deal?"),
        ("Before protection counts again, let the partner say what restarted it.",
         "If another party works the account, speak with both before a case is due."),
        "The partner's manager; the direct team, if it is engaged there.",
        "The gap before the latest activity against usual gaps of partner, product line and region, on the log scale.",
    ),
    "no_follow_up": Playbook(
        "A claim without follow-up",
        "An approved claim keeps others away and nobody works it.",
        ("When does its protection end?", "Is anybody waiting for the account?"),
        ("Ask the partner for a next step with a date.", "Without an answer, let it lapse or release it."),
        "The partner's own people; then its manager.",
        "Days since the last activity against usual gaps of partner, product line and region, on the log scale.",
    ),
    "fishing": Playbook(
        "Registrations that probe",
        "Many deals are registered, few are worked or won, many are refused: staking out, or finding out who else is there.",
        ("Are the customers ones that the partner could serve?", "How soon after each refusal came the next registration?"),
        ("Ask for proof of work with every new registration of this partner.",
         "Speak with the partner about the rules of registration; note it for the next review of its tier."),
        "Channel lead; legal, before anything is said about intent.",
        "Rates of half a year against the peers' median rate, scaled by how much the peers themselves scatter.",
    ),
    "unusual_pattern": Playbook(
        "An unusual pattern",
        "No single figure is far off, but together the partner's last four weeks are unlike any month of any partner.",
        ("Which figures part from each other: more registrations but less work? more tickets but fewer deals?",),
        ("Read the partner's latest cases and notes.", "If nothing explains it, ask the partner how business is."),
        "The partner's manager.",
        "Isolation forest over a year of four-week figures of all partners.",
    ),
}  # fmt: skip
