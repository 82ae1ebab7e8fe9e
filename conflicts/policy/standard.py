"""The standard channel policy, version 1 of every program, as data. Numbers and words may be changed in a new
version; what the kinds and steps mean is tested Python (detectors/, recommend/)."""

from __future__ import annotations

from typing import Any

STANDARD: dict[str, Any] = {
    "id": "standard",
    "version": 1,
    "title": "Standard channel policy",
    "parameters": {
        "lookback_days": 366,
        "direct_freshness_days": 60,
        "follow_up_days": 60,
        "closed_won_days": 730,
        "price_tolerance_pct": 5,
        "margin": 15,
        "reserved_segments": ["strategic", "house", "named"],
        "proof_needed": "meeting",
    },
    "findings": [
        {"kind": "duplicate_registration", "title": "Registered twice", "blocks": "always", "makes_case": True},
        {"kind": "resubmission", "title": "Rejected before", "blocks": "never", "makes_case": False},
        {
            "kind": "competing_registration",
            "title": "Another partner registered it",
            "blocks": "never",
            "makes_case": True,
        },
        {"kind": "same_chain", "title": "Same distribution chain", "blocks": "never", "makes_case": False},
        {"kind": "account_owned", "title": "Another partner owns the account", "blocks": "never", "makes_case": True},
        {"kind": "direct_engagement", "title": "The direct team is engaged", "blocks": "never", "makes_case": True},
        {"kind": "reserved_account", "title": "Account reserved for direct", "blocks": "never", "makes_case": True},
        {
            "kind": "corporate_family",
            "title": "Claim within the corporate family",
            "blocks": "never",
            "makes_case": True,
        },
        {
            "kind": "out_of_territory",
            "title": "Outside own territory",
            "blocks": "when_others_cover",
            "makes_case": True,
        },
        {
            "kind": "exclusive_territory",
            "title": "Another's exclusive territory",
            "blocks": "always",
            "makes_case": True,
        },
        {"kind": "agreement_inactive", "title": "No active agreement", "blocks": "always", "makes_case": True},
        {"kind": "product_not_entitled", "title": "Product not entitled", "blocks": "always", "makes_case": True},
        {"kind": "tier_insufficient", "title": "Deal above the tier", "blocks": "always", "makes_case": True},
        {"kind": "capacity_reached", "title": "Capacity reached", "blocks": "always", "makes_case": True},
        {"kind": "price_overlap", "title": "Prices apart", "blocks": "never", "makes_case": True},
        {"kind": "discount_outside_policy", "title": "Discount above the limit", "blocks": "never", "makes_case": True},
        {"kind": "co_sell", "title": "Co-sell agreed", "blocks": "never", "makes_case": True},
    ],
    "rules": [
        {
            "id": "R-01",
            "step": "eligibility",
            "title": "Eligibility",
            "reason": "A registration with a blocking finding cannot win, and no other claim remains.",
        },
        {
            "id": "R-02",
            "step": "reserved_account",
            "title": "Reserved account",
            "reason": "Strategic, house and named accounts are reserved for the direct team.",
        },
        {
            "id": "R-03",
            "step": "co_sell_agreed",
            "title": "Co-sell agreed",
            "reason": "The direct team has named the partner as its co-sell partner on this account.",
        },
        {
            "id": "R-04",
            "step": "protection_held",
            "title": "Protection held",
            "reason": "A protected deal that its partner keeps working stays with that partner.",
        },
        {
            "id": "R-05",
            "step": "owner_working",
            "title": "Owner working",
            "reason": "A partner that owns the account and works it keeps it.",
        },
        {
            "id": "R-06",
            "step": "only_one",
            "title": "Only one eligible claimant",
            "reason": "Only one claimant has an eligible claim.",
        },
        {
            "id": "R-07",
            "step": "score",
            "title": "Score",
            "reason": "One claimant is clearly ahead in the evidence.",
        },
        {
            "id": "R-08",
            "step": "no_proof",
            "title": "No proof of work",
            "reason": "Nobody has shown a meeting or more yet, so all are asked for information.",
        },
        {
            "id": "R-09",
            "step": "partner_and_direct",
            "title": "Partner and direct close together",
            "reason": "A partner and the direct team are close together, so they sell together.",
        },
        {
            "id": "R-10",
            "step": "both_worked",
            "title": "Both have worked it",
            "reason": "Both leading claimants have worked the account alike, so they share it.",
        },
        {
            "id": "R-11",
            "step": "otherwise",
            "title": "Otherwise",
            "reason": "The records do not decide between the claimants, so a person mediates.",
        },
    ],
    "scoring": {
        "earliest": 30,
        "proof": {"first_contact": 5, "meeting": 10, "technical_validation": 15, "proposal": 20, "sow_signed": 25},
        "last_activity": [{"days": 14, "points": 15}, {"days": 30, "points": 10}, {"days": 60, "points": 5}],
        "own_territory": 15,
        "closed_won": 15,
        "customer_letter": 40,
    },
    "routing": {
        "ranks": ["partner_manager", "channel_lead", "revenue_lead"],
        "first": {"role": "sales_ops", "when": ["territory_overlap", "owner_differs"]},
        "before_last": {"role": "legal", "findings": ["exclusive_territory"]},
        "table": [
            {
                "amount_at_least": 250000,
                "findings": ["reserved_account"],
                "actions": [],
                "roles": ["channel_lead", "revenue_lead"],
            },
            {
                "amount_at_least": 50000,
                "findings": [],
                "actions": ["split", "co_sell", "direct_retained", "mediate"],
                "roles": ["channel_lead"],
            },
            {"amount_at_least": 0, "findings": [], "actions": [], "roles": ["partner_manager"]},
        ],
    },
    "automation": {
        "approve_without_finding": True,
        "rule": "no_conflict",
        "reason": "Nothing stands against this registration.",
    },
    "clock": {"hours": 48, "at_risk_pct": 75},
    "protection": {
        "days": 90,
        "renewal_days": 90,
        "renewals": 2,
        "renewal_activity_days": 30,
        "reminder_days": [30, 14, 3],
        "extensions": 1,
        "extension_days": 90,
        "extension_opens_days": 14,
    },
    # Early warning: from how many spreads on, and the least that matters (registrations, tickets, points of discount,
    # days, days, registrations, figures that are off).
    "signals": {
        "registration_burst": {"score": 3.8, "least": 6},
        "ticket_surge": {"score": 4, "least": 5},
        "price_swing": {"score": 5.5, "least": 5},
        "dormant_wakes": {"score": 3.75, "least": 90},
        "no_follow_up": {"score": 4, "least": 60},
        "fishing": {"score": 3.5, "least": 8},
        "unusual_pattern": {"score": 5.75, "least": 2},
    },
}
