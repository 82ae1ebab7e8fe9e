"""What sides are told when they are asked to settle, and the facts on which they must agree, by kind of case. Pure text."""

_BEGIN = "Tell us what matters to you in this deal, and what you could live with. We put a proposal to both sides."
_BY_KIND = {
    "competing_registration": "Think of what each side does for the customer: who found the deal, who can deliver it.",
    "account_owned": "Think of who looks after the account from day to day, and what this deal adds to it.",
    "direct_engagement": "Think of selling together: one side owns the deal, the other supports it.",
    "exclusive_territory": "Think of how the work in the territory could be paid for if another side sells there.",
    "out_of_territory": "Think of how the work in the territory could be paid for if another side sells there.",
    "corporate_family": "Think of which company of the group buys, and where the decision is made.",
    "price_overlap": "Think of what the customer was offered, and keep what the other side offers out of it.",
    "reserved_account": "Think of the part that you can play beside the direct team.",
}
_FACTS = (
    "The customer's legal name and address",
    "The products that the customer asks for",
    "Whom each side met at the customer, and when",
    "What the customer said in writing, if anything",
    "The value of the deal and when it closes",
)
_FACTS_BY_KIND = {
    "account_owned": ("From when on, and for which products, the account is owned",),
    "direct_engagement": ("When the direct team opened its opportunity",),
    "exclusive_territory": ("Which territory covers the account, and from when on",),
    "out_of_territory": ("Which territory covers the account, and from when on",),
    "corporate_family": ("Which company of the group signs",),
    "price_overlap": ("Which quotes the customer holds, and until when they are valid",),
}


def playbook(kind: str) -> str:
    """The words in which the sides of a case of this kind are asked; whoever asks may change them."""
    return " ".join(part for part in (_BEGIN, _BY_KIND.get(kind, "")) if part)


def facts_to_agree_on(kind: str) -> tuple[str, ...]:
    """The facts that a facilitator checks with every side."""
    return (*_FACTS, *_FACTS_BY_KIND.get(kind, ()))
