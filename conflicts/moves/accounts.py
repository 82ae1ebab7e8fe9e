"""Merging and splitting accounts: what would count for whom, and what would go where."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from conflicts.holdings import OF_ACCOUNTS, Held, Item, held
from conflicts.identity.resolve import rank
from conflicts.identity.stock import LiveStock
from conflicts.moves.preview import Preview, ended, facts_of, many, warning_of
from conflicts.wording import listing
from partners.identity import Parts, why_no_merge
from partners.models import Account, Protection
from partners.naming import name_key

# What an account says of itself: label, attribute, and whether a difference speaks against one company.
ACCOUNT_FACTS = (
    ("Reference", "external_id", False), ("Country", "country", True), ("State or province", "subdivision", False),
    ("City", "city", False), ("Postal code", "postal_code", False), ("Domain", "domain", False),
    ("Phone", "phone", False), ("LEI", "lei", True), ("VAT number", "vat_id", True), ("D-U-N-S number", "duns", True),
    ("Segment", "segment", False), ("Industry", "industry", False), ("Employees", "employees", False),
    ("Annual revenue", "annual_revenue", False), ("Belongs to", "parent", False),
)  # fmt: skip
JUDGED_BY = ("Country", "State or province", "Postal code", "Segment", "Industry", "Employees")  # rules look at these
ALIKE, WORTH_A_LOOK = 5, 0.1  # how many accounts are offered as perhaps the same, and from which probability on
MAY_BE_SPLIT = ("names", "registrations", "ownerships", "opportunities", "quotes", "exceptions")


def merging_accounts(subject: Account, target: Account) -> Preview:
    """What letting `subject` count as `target` would do."""
    facts = facts_of(ACCOUNT_FACTS, subject, target)
    preview = Preview(
        subject.name, target.name, "counts as the other one", "stays",
        facts=facts,
        held=held(OF_ACCOUNTS, *(_with_merged(account) for account in (subject, target))),
        warnings=tuple(warning_of(fact) for fact in facts if fact.loud and fact.differs),
        refusal=why_no_merge(subject, target),
    )  # fmt: skip
    return replace(preview, follows=tuple(_account_follows(preview, subject, target)))


def alike(account: Account) -> list[tuple[Account, float]]:
    """The accounts that look most like this one, with how probable it is that they are one company, likeliest first."""
    stock = LiveStock(account.program_id)
    mine = stock.parties([account.pk]).get(account.pk)
    ranked = rank(account.program_id, mine, stock, without=[account.pk]) if mine else []
    likely = [(pk, match.probability) for pk, match in ranked[:ALIKE] if match.probability >= WORTH_A_LOOK]
    rows = Account.objects.in_bulk([pk for pk, _ in likely])
    return [(rows[pk], probability) for pk, probability in likely if pk in rows]


def _with_merged(account: Account) -> list[uuid.UUID]:
    return [account.pk, *Account.objects.filter(merged_into=account).order_by("pk").values_list("pk", flat=True)]


def _account_follows(preview: Preview, subject: Account, target: Account) -> Iterable[str]:
    judged = [fact.label for fact in preview.facts if fact.label in JUDGED_BY and fact.left != fact.right]
    yield from _counting(len(preview.of("registrations").left), subject, target)
    if preview.of("conflicts").left or preview.of("conflicts").right:
        both = preview.of("conflicts").left and preview.of("conflicts").right
        grow = " Where their claims meet they grow into one case." if both else ""
        yield f"Open conflicts are looked at again.{grow}"
    yield from _protected_twice(_with_merged(subject), _with_merged(target))
    if judged:
        yield f"{listing(judged)}: what {target} says is what rules look at."
    if subject.parent and subject.parent_id != target.parent_id:
        yield ended(f"{subject} no longer counts as part of {subject.parent}")
    if children := preview.of("children").left:
        yield ended(f"{listing(item.text for item in children)} will be of the family of {target}")
    yield f"{subject} stays as its source knows it: imports go on writing to it. All of this can be undone."


def _counting(registrations: int, subject: Account, target: Account) -> Iterable[str]:
    if registrations:
        yield ended(f"{many(registrations, 'registration')} of {subject} will count for {target}")
    yield ended(f"Whatever names either of them later will count for {target} too")


def _protected_twice(left: Collection[uuid.UUID], right: Collection[uuid.UUID]) -> Iterable[str]:
    """Deals of both sides that are protected on one product line at one time: the database lets them stand apart."""
    rows = Protection.objects.filter(account__in=[*left, *right], ended_at__isnull=True)
    running = list(rows.select_related("registration__partner").order_by("pk"))
    for one in [row for row in running if row.account_id in left]:
        for other in [row for row in running if row.account_id in right]:
            if one.product_line == other.product_line and one.deal != other.deal and _overlap(one.period, other.period):
                first, second = one.registration, other.registration
                yield (
                    f"{first.claimant_name} ({first.ref}) and {second.claimant_name} ({second.ref}) are both protected on "
                    f"{one.product_line}: each protection stays where it is until a person decides."
                )


def _overlap(one: Any, other: Any) -> bool:
    def begins_before_the_end(a: Any, b: Any) -> bool:
        return a.lower is None or b.upper is None or a.lower < b.upper

    return begins_before_the_end(one, other) and begins_before_the_end(other, one)


def splitting(account: Account, name: str, parts: Parts) -> Preview:
    """What would go to a new account `name`, and what would stay."""
    everything = held({kind: OF_ACCOUNTS[kind] for kind in MAY_BE_SPLIT}, [account.pk], [])
    divided = tuple(_divided(one, {str(pk) for pk in getattr(parts, one.kind)}) for one in everything)
    preview = Preview(
        account.name, name, "stays", "a new account",
        held=divided,
        refusal=f"{account} counts as {account.merged_into}: undo that merge instead." if account.merged_into_id else "",
    )  # fmt: skip
    return replace(preview, follows=tuple(_split_follows(preview, account)))


def _divided(one: Held, going: Collection[str]) -> Held:
    return replace(
        one,
        left=tuple(item for item in one.left if item.pk not in going),
        right=tuple(item for item in one.left if item.pk in going),
    )


def _split_follows(preview: Preview, account: Account) -> Iterable[str]:
    yield ended(f"{preview.right} becomes an account of its own, in the place and segment of {account}")
    if going := preview.of("registrations").right:
        yield (
            f"{many(len(going), 'registration')} will name {preview.right} and not {account}, and so will later ones "
            "that name their customer in the same way."
        )
        yield "The conflicts of both are looked at again: what met here may part."
    if names := preview.of("names").right:
        yield ended(f"{listing(item.text for item in names)}: no longer a name of {account}")
    yield "All of this can be undone."


def names_to_give_away(account: Account, names: Iterable[Item]) -> list[Item]:
    """The names that can leave an account: all but its own."""
    return [item for item in names if name_key(item.text) != name_key(account.name)]
