"""The registrations that rules are held against."""

from __future__ import annotations

from conflicts.claims import registration_live
from conflicts.facts import DIRECT, Facts, Registration


def live_registrations(facts: Facts) -> list[Registration]:
    """Every live registration, approved ones included, the earlier first."""
    if "live registrations" not in facts.kept:
        live = [item for item in facts.registrations if registration_live(item, facts.at)]
        facts.kept["live registrations"] = sorted(live, key=lambda item: (item.submitted_at, item.ref, item.id))
    return list(facts.kept["live registrations"])


def partner_registrations(facts: Facts) -> list[Registration]:
    """Those of partners: the direct team needs no entitlement."""
    return [item for item in live_registrations(facts) if item.claimant != DIRECT]
