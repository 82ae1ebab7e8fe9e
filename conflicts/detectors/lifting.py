"""Exceptions: a finding that one in force on the day of submission lifts does not hold."""

from __future__ import annotations

from conflicts.detectors.finding import Finding
from conflicts.facts import AccountException, Facts, Registration, overlap
from conflicts.windows import day, in_force


def lifting_exception(facts: Facts, finding: Finding) -> AccountException | None:
    """The exception that lifts a finding, if one does."""
    registration = facts.registration(finding.registration_id)
    if registration is None:
        return None
    found = [item for item in facts.exceptions if finding.kind in item.lifts and _applies(facts, item, registration)]
    return min(found, key=lambda item: (item.ref, item.id), default=None)


def _applies(facts: Facts, exception: AccountException, registration: Registration) -> bool:
    return (
        exception.party in ("", registration.claimant)
        and in_force(exception.valid_from, exception.valid_until, day(registration.submitted_at))
        and overlap(exception.product_lines, registration.product_lines)
        and _concerns(facts, exception, registration)
    )


def _concerns(facts: Facts, exception: AccountException, registration: Registration) -> bool:
    accounts = {registration.account_id, registration.possible_account_id} - {""}
    if exception.account_id in accounts:
        return True
    family = {facts.root_of(account) for account in accounts}
    return exception.family and bool(exception.account_id) and facts.root_of(exception.account_id) in family
