"""What an empty view of the queue says: what would stand there, and when."""

HIGH_VALUE = 50_000
SOON_HOURS = 8
EMPTY = {
    "": ("The queue is empty", "A case appears here seconds after registrations collide or a rule stands against one."),
    "mine": ("You have taken no case", "'Start queue' gives you the most urgent one that nobody works on."),
    "due": (f"Nothing is due within {SOON_HOURS} hours", "The promise of 48 hours holds for every open case."),
    "step": ("No case waits for your role", "Cases come here when their route reaches you."),
    "high": ("No open case of high value", f"Cases at {HIGH_VALUE:,} or more would stand here."),
    "abstained": ("The rules abstain on no open case", "Cases that the records do not decide would stand here."),
    "differs": ("The model differs on no open case", "Cases on which it would choose otherwise stand here."),
    "waiting": ("No case waits for a party", "A case whose clock is paused until a party answers would stand here."),
    "snoozed": ("No case is snoozed", "A case sleeps when everything that makes it one is snoozed; it comes back by itself."),
    "appeals": ("No case is under appeal", "A side that lost may appeal within 14 days; another decider answers it."),
}  # fmt: skip
