"""The eight exercises, straight from their files to the reasoning, with account identity by a trivial domain match."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conflicts import facts as f
from conflicts.claims import OPEN_STATUSES, claim_sets
from conflicts.detectors import detect, makes_case
from conflicts.narrow import narrow
from conflicts.policy import STANDARD, Policy
from conflicts.recommend import recommend
from conflicts.territories import territory_overlaps
from reviews.routing import route
from reviews.training.shelf import FOLDER

POLICY = Policy.from_document(STANDARD)
FILES = sorted(FOLDER.glob("0*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_exercise_passes(path: Path) -> None:
    exercise = json.loads(path.read_text())
    assert actual(exercise) == normal(exercise["expect"])


def actual(exercise: dict[str, Any]) -> dict[str, Any]:
    facts = read(exercise)
    cases, approved = [], []
    for claim_set in claim_sets(facts, POLICY):
        case = narrow(facts, claim_set)
        findings = detect(case, POLICY)
        refs = [item.ref for item in claim_set.claims if item.kind == "registration"]
        if not makes_case(findings, POLICY):
            approved += [item.ref for item in case.registrations if item.status in OPEN_STATUSES]
            continue
        said = recommend(case, findings, POLICY)
        cases.append(
            {
                "registrations": refs,
                "findings": [
                    {
                        "kind": item.kind,
                        "registration": item.registration_id,
                        "against": item.against_ref or None,
                    }
                    for item in findings
                ],
                "action": said.action,
                "owner": said.owner or None,
                "support": list(said.support),
                "shares": said.shares,
                "route": list(route(case, findings, said, POLICY)),
            }
        )
    overlaps = [list(item.refs) for item in territory_overlaps(facts.territories, facts.at)]
    return normal({"cases": cases, "approved": approved, "territory_overlaps": overlaps})


def normal(expect: dict[str, Any]) -> dict[str, Any]:
    """Order within lists does not matter, except of the route."""
    cases = [
        case
        | {
            "registrations": sorted(case["registrations"]),
            "findings": sorted(case["findings"], key=lambda item: json.dumps(item, sort_keys=True)),
            "support": sorted(case["support"]),
        }
        for case in expect["cases"]
    ]
    return {
        "cases": sorted(cases, key=lambda case: case["registrations"]),
        "approved": sorted(expect["approved"]),
        "territory_overlaps": sorted(sorted(pair) for pair in expect["territory_overlaps"]),
    }


def read(exercise: dict[str, Any]) -> f.Facts:
    """The records as facts; ids are the external ids."""
    rows = defaultdict[str, list[dict[str, Any]]](list, exercise["records"])
    assigned: dict[str, list[dict[str, Any]]] = {}
    for item in rows["territory_assignments"]:
        assigned.setdefault(item["territory"], []).append(item)
    domains = {item["domain"]: item["external_id"] for item in rows["accounts"]}
    program = exercise["program"]
    return f.Facts(
        at=when(exercise["as_of"]),
        program=f.Program(program["code"], program["code"], program["name"], program["currency"]),
        product_lines=tuple(
            f.ProductLine(r["code"], r["code"], r["name"], r["required_certification"]) for r in rows["product_lines"]
        ),
        tiers=tuple(
            f.Tier(
                r["code"], r["code"], r["name"], num(r["max_deal_amount"]), r["capacity"], num(r["max_discount_pct"])
            )
            for r in rows["tiers"]
        ),
        partners=tuple(
            f.Partner(
                r["external_id"],
                r["external_id"],
                r["name"],
                r["tier"],
                r["distributor"] or "",
                frozenset(r["certifications"]),
            )
            for r in rows["partners"]
        ),
        agreements=tuple(
            f.Agreement(
                r["external_id"],
                r["external_id"],
                r["partner"],
                frozenset(r["product_lines"]),
                r["status"],
                day(r["valid_from"]),
                day(r["valid_until"]),
                num(r["max_discount_pct"]),
                r["exclusive"],
            )
            for r in rows["agreements"]
        ),
        territories=tuple(territory(r, assigned.get(r["external_id"], [])) for r in rows["territories"]),
        accounts=tuple(account(r) for r in rows["accounts"]),
        registrations=tuple(registration(r, domains) for r in rows["registrations"]),
        activities=tuple(
            f.Activity(f"act{n}", f"act{n}", r["registration"], r["kind"], day(r["occurred_on"]))
            for n, r in enumerate(rows["activities"])
        ),
        opportunities=tuple(opportunity(r) for r in rows["crm_opportunities"]),
    )


def territory(row: dict[str, Any], assigned: list[dict[str, Any]]) -> f.Territory:
    return f.Territory(
        id=row["external_id"],
        ref=row["external_id"],
        name=row["name"],
        countries=frozenset(row["countries"]),
        subdivisions=frozenset(row["subdivisions"]),
        postal_prefixes=frozenset(row["postal_prefixes"]),
        industries=frozenset(row["industries"]),
        employees_min=row["employees_min"],
        employees_max=row["employees_max"],
        product_lines=frozenset(row["product_lines"]),
        named_account_ids=frozenset(row["named_accounts"]),
        excluded_account_ids=frozenset(row["excluded_accounts"]),
        exclusive=row["exclusive"],
        priority=row["priority"],
        valid_from=day(row["valid_from"]),
        valid_until=day(row["valid_until"]),
        assignments=tuple(
            f.Assignment(f"{r['territory']}-{r['assignee']}", r["territory"], r["assignee"], r["role"])
            for r in assigned
        ),
    )


def account(row: dict[str, Any]) -> f.Account:
    return f.Account(
        id=row["external_id"],
        ref=row["external_id"],
        name=row["name"],
        country=row["country"] or "",
        subdivision=row["subdivision"] or "",
        postal_code=row["postal_code"] or "",
        industry=row["industry"] or "",
        employees=row["employees"],
        segment=row["segment"] or "",
        parent_id=row["parent"] or "",
    )


def registration(row: dict[str, Any], domains: dict[str, str]) -> f.Registration:
    return f.Registration(
        id=row["external_id"],
        ref=row["external_id"],
        claimant=row["partner"],
        account_id=domains[row["account_domain"].removeprefix("www.")],
        product_lines=frozenset(row["product_lines"]),
        status=row["status"],
        submitted_at=when(row["submitted_at"]),
        amount=num(row["amount"]),
        currency=row["currency"],
        protected_from=when(row["protected_from"]),
        protected_until=when(row["protected_until"]),
        account_name=row["account_name"],
    )


def opportunity(row: dict[str, Any]) -> f.Opportunity:
    return f.Opportunity(
        id=row["external_id"],
        ref=row["external_id"],
        account_id=row["account"],
        owner=row["owner"],
        product_lines=frozenset(row["product_lines"]),
        amount=num(row["amount"]),
        currency=row["currency"],
        stage=row["stage"],
        created_at=when(row["created_at"]),
        closed_at=when(row["closed_at"]),
        last_activity_at=when(row["last_activity_at"]),
        co_sell_partner_id=row["co_sell_partner"] or "",
    )


def when(text: str | None) -> Any:
    return datetime.fromisoformat(text) if text else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def num(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
