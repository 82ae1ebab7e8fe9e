"""Merging partners: one claimant with one set of agreements, while their people see what they saw."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from conflicts.holdings import OF_PARTNERS, held
from conflicts.moves.preview import Fact, Preview, ended, facts_of, many, warning_of
from partners.identity import standing_partners, why_no_partner_merge
from partners.models import Membership, Partner

PARTNER_FACTS = (
    ("Reference", "external_id", False), ("Country", "country", True), ("Domain", "domain", False),
    ("Type", "type", False), ("Tier", "tier", False), ("Status", "status", False), ("Buys through", "distributor", False),
    ("Certifications", "certifications", False),
)  # fmt: skip


def merging_partners(subject: Partner, target: Partner) -> Preview:
    """What letting `subject` count as `target` would do."""
    facts = facts_of(PARTNER_FACTS, subject, target)
    preview = Preview(
        subject.name, target.name, "counts as the other one", "stays",
        facts=facts,
        held=held(OF_PARTNERS, [subject.pk, *_counting_as(subject)], [target.pk, *_counting_as(target)]),
        warnings=tuple(_partner_warnings(facts, target)),
        refusal=why_no_partner_merge(subject, target),
    )  # fmt: skip
    return replace(preview, follows=tuple(_partner_follows(preview, subject, target)))


def _counting_as(partner: Partner) -> list[uuid.UUID]:
    return sorted(one for one, other in standing_partners(partner.program_id).items() if other == partner.pk)


def _partner_warnings(facts: Iterable[Fact], target: Partner) -> Iterable[str]:
    for fact in facts:
        if fact.loud and fact.differs:
            yield warning_of(fact)
        elif fact.label in ("Tier", "Status", "Buys through") and fact.left != fact.right:
            yield f"{fact.label}: {fact.left or 'none'} and {fact.right or 'none'}. What {target} has is what counts."


def _partner_follows(preview: Preview, subject: Partner, target: Partner) -> Iterable[str]:
    registered, papers = preview.of("registrations").left, preview.of("agreements").left
    yield f"{subject} and {target} are one claimant: what they register is no conflict with each other."
    if registered:
        yield ended(f"{many(len(registered), 'registration')} of {subject} will count for {target}")
    if papers:
        yield f"{many(len(papers), 'agreement')} of {subject} will hold for {target} too."
    yield from _who_sees_what(subject, target)
    yield f"{subject} stays as its source knows it: imports go on writing to it. All of this can be undone."


def _who_sees_what(subject: Partner, target: Partner) -> Iterable[str]:
    people = Membership.objects.filter(partner__in=(subject, target), active=True)
    if people.exists():
        yield f"The people of {subject} and of {target} keep seeing only what each registered under its own name."
