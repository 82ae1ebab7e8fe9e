"""Claim against the account itself: accounts that are reserved for the direct team."""

from __future__ import annotations

from functools import partial

from conflicts.detectors.finding import Citation, Finding, Sentence, cite_account, cite_registration
from conflicts.detectors.subjects import partner_registrations
from conflicts.facts import Account, Facts, Registration
from conflicts.policy import Policy


def detect(facts: Facts, policy: Policy) -> list[Finding]:
    """reserved_account."""
    found = []
    for registration in partner_registrations(facts):
        account = facts.account(registration.judged_account_id)
        if account is None or account.segment not in policy.parameters.reserved_segments:
            continue
        finding = Finding(
            kind="reserved_account",
            registration_id=registration.id,
            against_kind="account",
            against_id=account.id,
            against_ref=account.ref,
            blocking=policy.findings["reserved_account"].blocks == "always",
            told=Sentence(partial(_words, facts, registration, account)),
            identity_confirmed=registration.identity_confirmed,
        )
        found.append(finding)
    return found


def _words(facts: Facts, registration: Registration, account: Account) -> tuple[str, tuple[Citation, ...]]:
    text = f"{account.name} is a {account.segment} account, reserved for the direct team."
    return text, (cite_registration(facts, registration), cite_account(account))
