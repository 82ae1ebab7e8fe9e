"""What a concern can be about, as data: what each category means, which kinds of cases are like it, who may raise it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


def gettext_noop(text: str) -> str:
    """Mark a text for translation; whoever shows it translates it (this room does not know Django)."""
    return text


@dataclass(frozen=True, slots=True)
class Category:
    """One category in the words of whoever raises it; `kinds` are the kinds of decided cases to look at beside it."""

    code: str
    title: str
    means: str
    kinds: tuple[str, ...]
    partners: bool = True  # a partner's people may raise it about their own registrations
    for_partners: str = ""  # the same in a partner's words, where it differs


CATEGORIES = (
    Category("same_deal", gettext_noop("Two are working on the same deal"),
             "Two registrations, or a registration and somebody without one, for one project of one customer.",
             ("competing_registration", "duplicate_registration", "same_chain"),
             for_partners=gettext_noop("You have reason to think that your registered deal is not yours alone.")),
    Category("ownership", gettext_noop("Who owns the account"),
             "The owner on record is not who works the account, or two records name different ones.",
             ("account_owned", "reserved_account", "corporate_family"),
             for_partners=gettext_noop("Our records of the account do not fit what you agreed with us.")),
    Category("direct", gettext_noop("The direct team is on the deal"),
             "The vendor's own people pursue what a partner opened, or the other way round.",
             ("direct_engagement", "co_sell", "reserved_account"),
             for_partners=gettext_noop("The vendor's own people spoke to your customer about your registered deal.")),
    Category("territory", gettext_noop("Somebody works outside their territory"),
             "A sale in another's territory, or a territory rule that does not fit the ground.",
             ("out_of_territory", "exclusive_territory"),
             for_partners=gettext_noop("Your territory, or what happens in it, is not as agreed.")),
    Category("pricing", gettext_noop("Prices or discounts differ"),
             "One buyer has several prices, or a special price reached the wrong deal.",
             ("price_overlap", "discount_outside_policy"),
             for_partners=gettext_noop("Your customer holds a price that does not fit yours.")),
    Category("entitlement", gettext_noop("A right to sell is in doubt"),
             "An agreement, a certification, a tier or a limit of capacity is not as it should be.",
             ("agreement_inactive", "product_not_entitled", "tier_insufficient", "capacity_reached"),
             for_partners=gettext_noop("Your agreement, certification or tier is not on record as you have it.")),
    Category("records", gettext_noop("A record is wrong"),
             "A company, an address, a date or a proof of work is recorded wrongly, and that matters for a deal.",
             ("corporate_family", "duplicate_registration"),
             for_partners=gettext_noop("Something about your registered deal is recorded wrongly.")),
    Category("conduct", gettext_noop("The rules of engagement were not kept"),
             "Somebody spoke to a customer during a hold, spoke ill of another, or passed on what was confidential.",
             (),
             for_partners=gettext_noop("Somebody did not keep to the rules of engagement on your registered deal.")),
    Category("handling", gettext_noop("How a case was handled"),
             "Too slow, unclear, or decided on something that is not so. Within its window, an appeal is the way to contest a "
             "decision.",
             (),
             for_partners=gettext_noop(
                 "Too slow or unclear. To contest a decision, appeal within the time that its notice names.")),
)  # fmt: skip
BY_CODE = {category.code: category for category in CATEGORIES}
