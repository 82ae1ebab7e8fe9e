"""Looking again at what changed finds the same as looking at everything: any facts, any order, any passing of time."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conflicts.models import Claim, Conflict
from partners import models as m
from partners import services
from partners.identity import merge_accounts, merge_partners, undo_change, why_no_merge
from partners.services import NotPossibleError
from reviews import pipeline
from reviews.models import Case
from reviews.permissions import NotAllowedError
from reviews.services.snooze import snooze_findings, wake_findings
from tests import factories
from tests.factories import AT

EVENTS = int(os.environ.get("EVENTS", "60"))  # in all; `make prove` asks for 10,000
A_RUN = 12
NAMES = (
    "Orion Chemicals",
    "Orion Chemicals Inc",
    "Vega Marine Works",
    "VEGA MARINE WORKS LTD",
    "Vega Marin Works",
    "Lyra Optik",
)
DOMAINS = ("a-orion.example", "a-vega.example", "lyra-optik.example", "")
LINES = (["pumps"], ["valves"], ["pumps", "valves"])


class Program:
    """A small program and what may happen to it; every act takes numbers and picks by them."""

    def __init__(self, cast: Any) -> None:
        self.cast, self.at = cast, AT
        with cast.scope():
            self.partners = [
                cast.alpha, cast.beta, factories.partner(cast, "P-GAMMA", "Gamma Pumps", distributor=cast.beta),
            ]  # fmt: skip
            factories.account(cast, "A-VEGA", "Vega Marine Works Ltd", country="DE", subdivision="")
            factories.account(cast, "A-LYRA", "Lyra Optik GmbH", domain="lyra-optik.example")
        self.made = 0

    def one(self, rows: Any, number: int) -> Any:
        """One of these rows, or None of none."""
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def account(self, number: int) -> Any:
        return self.one(m.Account.objects.filter(merged_into=None), number)

    def keep(self, row: Any) -> None:
        services.save_row(row, by=None, at=self.at, action="test.changed")

    def new(self) -> int:
        self.made += 1
        return self.made

    # What may happen

    def submit(self, a: int, b: int, c: int) -> None:
        row = factories.draft(
            self.cast, self.partners[a % 3] if a % 7 else None, account_name=NAMES[b % 6], account_domain=DOMAINS[c % 4],
            contact_email="", product_lines=LINES[(a + b) % 3], amount=(10_000, 60_000, 300_000)[c % 3],
            account_country=("US", "DE")[b % 2], account_subdivision="",
        )  # fmt: skip
        services.submit_registration(registration=row, by=None, at=self.at)

    def change_registration(self, a: int, b: int, c: int) -> None:
        row = self.one(m.Registration.objects.filter(status__in=m.PENDING), a)
        if row is None:
            return
        if b % 3 == 0:
            services.withdraw_registration(registration=row, by=self.cast.acme_rep, at=self.at)
            return
        if b % 3 == 1:
            row.amount, row.product_lines = (5_000, 80_000)[c % 2], LINES[c % 3]
        else:
            row.account_name, row.account_domain = NAMES[c % 6], DOMAINS[c % 4]
        self.keep(row)

    def work(self, a: int, b: int, c: int) -> None:
        row = self.one(m.Registration.objects.filter(submitted_at__isnull=False), a)
        if row is None:
            return
        on = self.at.date() - timedelta(days=c % 20 - 3)
        kind = ("first_contact", "meeting", "proposal")[b % 3]
        if not row.activities.filter(kind=kind, occurred_on=on).exists():
            services.add_activity(registration=row, kind=kind, occurred_on=on, by=None, at=self.at)
        if c % 4 == 0:
            services.add_evidence(registration=row, kind="customer_letter", verified=True, by=None, at=self.at)

    def own(self, a: int, b: int, c: int) -> None:
        row = self.one(m.Ownership.objects.all(), a)
        if row is None or b % 2:
            partner = self.partners[c % 3] if c % 4 else None
            row = m.Ownership(program=self.cast.program, account=self.account(a), partner=partner, direct=partner is None,
                              valid_from=self.at.date() + timedelta(days=b % 9 - 4 + self.new() % 3))  # fmt: skip
            known = m.Ownership.objects.filter(account=row.account, partner=partner, direct=row.direct,
                                               valid_from=row.valid_from)  # fmt: skip
            if known.exists():
                return
        row.product_lines, row.last_activity_at = LINES[c % 3], self.at - timedelta(days=b * 7 % 90)
        row.valid_until = max(row.valid_from, self.at.date() + timedelta(days=c % 30 - 5)) if c % 2 else None
        self.keep(row)

    def sell(self, a: int, b: int, c: int) -> None:
        row = self.one(m.CrmOpportunity.objects.all(), a)
        if row is None or b % 2:
            partner = self.partners[c % 3] if c % 3 == 0 else None
            row = m.CrmOpportunity(program=self.cast.program, external_id=f"O-{self.new()}", account=self.account(a),
                                   partner=partner, direct=partner is None, created_at=self.at)  # fmt: skip
        row.product_lines, row.stage = LINES[c % 3], ("qualified", "closed_won", "closed_lost")[b % 3]
        row.closed_at = self.at if b % 3 else None
        row.last_activity_at = self.at - timedelta(days=c % 70)
        row.co_sell_partner = self.partners[b % 3] if c % 5 == 0 else None
        self.keep(row)

    def quote(self, a: int, b: int, c: int) -> None:
        row = self.one(m.PriceQuote.objects.all(), a)
        if row is None or b % 2:
            row = m.PriceQuote(program=self.cast.program, external_id=f"Q-{self.new()}", account=self.account(a),
                               partner=self.partners[c % 3], product_line="pumps", currency="USD")  # fmt: skip
        row.unit_price, row.discount_pct = 100 + b % 30, c % 40
        self.keep(row)

    def paper(self, a: int, b: int, c: int) -> None:
        row = self.one(m.Agreement.objects.all(), a)
        row.status, row.product_lines = ("active", "suspended")[b % 2], ([], ["pumps"])[c % 2]
        row.valid_until = AT.date() + timedelta(days=c % 60) if b % 3 == 0 else None
        row.max_discount_pct = 10 if c % 3 == 0 else None
        row.version += 1
        self.keep(row)

    def partner(self, a: int, b: int, c: int) -> None:
        row = self.partners[a % 3]
        row.refresh_from_db()
        others = [p for p in self.partners if p.pk != row.pk and p.distributor_id is None]
        if b % 2 and not row.resellers.exists():
            row.distributor = others[c % len(others)] if c % 3 and others else None
        row.tier = m.Tier.objects.first() if c % 4 else None
        self.keep(row)

    def tier(self, a: int, b: int, c: int) -> None:
        row = m.Tier.objects.get()
        row.capacity, row.max_deal_amount = (None, 1, 2)[a % 3], (None, 50_000)[b % 2]
        self.keep(row)

    def territory(self, a: int, b: int, c: int) -> None:
        row = self.one(m.Territory.objects.all(), a)
        if row is None or b % 3 == 0:
            row = m.Territory(program=self.cast.program, external_id=f"T-{self.new()}", name="A territory", priority=10)
        row.countries, row.exclusive = ([], ["US"], ["DE"])[b % 3], c % 2 == 0
        row.product_lines = ([], ["pumps"])[c % 2]
        row.named_accounts = ["A-VEGA"] if c % 5 == 0 else []
        row.version = (row.version or 0) + 1
        self.keep(row)
        partner = self.partners[b % 3] if a % 4 else None
        known = m.TerritoryAssignment.objects.filter(territory=row, partner=partner, direct=partner is None).first()
        if known and c % 2:
            services.remove_assignment(assignment=known, by=None, at=self.at)
        elif known is None:
            self.keep(m.TerritoryAssignment(program=self.cast.program, territory=row, partner=partner,
                                            direct=partner is None, role=("owner", "support")[c % 2]))  # fmt: skip

    def exception(self, a: int, b: int, c: int) -> None:
        row = self.one(m.AccountException.objects.all(), a)
        if row is None or b % 2:
            row = m.AccountException(program=self.cast.program, external_id=f"X-{self.new()}", account=self.account(a),
                                     kind="shared", reason="Agreed.", owner_email="carl@vendor.example")  # fmt: skip
        kinds = ("competing_registration", "account_owned", "direct_engagement", "corporate_family")
        row.lifts, row.family = [kinds[c % 4], kinds[b % 4]], a % 2 == 0
        row.valid_until = AT.date() + timedelta(days=b % 50) if c % 2 else None
        row.version = (row.version or 0) + 1
        self.keep(row)

    def customer(self, a: int, b: int, c: int) -> None:
        row = self.account(a)
        if b % 4 == 0:
            row.segment = ("standard", "strategic")[c % 2]
        elif b % 4 == 1:
            other = self.account(c)
            row.parent = other if other.pk != row.pk and not why_no_merge(row, other) else None
        elif b % 4 == 2:
            row.name, row.domain = NAMES[c % 6], DOMAINS[c % 4]
        else:
            row = factories.account(self.cast, f"A-{self.new()}", NAMES[c % 6], domain=DOMAINS[a % 4])
        services.record_account(account=row, by=None, at=self.at)

    def identity(self, a: int, b: int, c: int) -> None:
        by = self.cast.olga
        try:
            if a % 3 == 0:
                change = merge_accounts(subject=self.account(b), target=self.account(c), by=by, at=self.at)
            elif a % 3 == 1:
                change = merge_partners(subject=self.partners[b % 3], target=self.partners[c % 3], by=by, at=self.at)
            else:
                change = self.one(m.IdentityChange.objects.filter(undone_at=None), b)
                change = change and undo_change(change=change, by=by, at=self.at)
        except NotPossibleError:
            return
        if change:
            pipeline.process_change(self.cast.program, change.pk, self.at)

    def snooze(self, a: int, b: int, c: int) -> None:
        case = self.one(Case.objects.filter(status__in=("open", "in_review", "snoozed")), a)
        if case is None:
            return
        by = self.cast.staff["rita"]
        try:
            if case.status == "snoozed":
                wake_findings(
                    case=case, findings=case.conflict.findings.all(), by=by, at=self.at, seen_version=case.version
                )
            else:
                some = list(case.conflict.findings.filter(gone_at=None).order_by("pk"))[: None if b % 3 else 1]
                until = self.at + timedelta(days=1 + c % 40)
                snooze_findings(case=case, findings=some, until=until, reason="Later.", by=by, at=self.at,
                                seen_version=case.version)  # fmt: skip
        except (NotPossibleError, NotAllowedError):
            return

    def wait(self, a: int, b: int, c: int) -> None:
        self.at += timedelta(days=a % 45, hours=b % 24)


ACTS = [name for name in vars(Program) if name not in ("one", "account", "keep", "new") and not name.startswith("_")]
events = st.lists(
    st.tuples(st.sampled_from(["submit", "submit", *ACTS]), *[st.integers(0, 419)] * 3), min_size=A_RUN, max_size=A_RUN
)


def snapshot(program: m.Program) -> dict[str, Any]:
    """What stands: findings, claim sets, recommendations, cases, statuses, and who is who."""
    conflicts = {}
    for conflict in Conflict.objects.filter(status="open"):
        findings = conflict.findings.filter(gone_at=None).values_list(
            "registration__number", "kind", "against_id", "blocking", "identity_confirmed", "snooze_reason"
        )
        answer = conflict.recommendations.get(superseded_at=None)
        case = Case.objects.filter(conflict=conflict).order_by("-pk").first()
        conflicts[conflict.pk] = (
            sorted(map(str, conflict.claims.values_list("registration__number", "ownership", "opportunity"))), sorted(findings),
            (answer.action, answer.owner_id, answer.owner_direct), case and (case.status, case.kind, case.route),
        )  # fmt: skip
    return {
        "conflicts": conflicts,
        "held": sorted(
            map(str, Claim.objects.filter(registration=None).values_list("ownership", "opportunity", "account"))
        ),
        "statuses": dict(m.Registration.objects.values_list("number", "status")),
        "claims": {
            number: rest
            for number, *rest in Claim.objects.registered().values_list(
                "registration__number", "account", "possible_account", "related_account", "partner"
            )
        },
    }


def live(happened: list[tuple[str, int, int, int]], cast: Any) -> None:
    program = Program(cast)
    for act, a, b, c in happened:
        with cast.scope():
            getattr(program, act)(a, b, c)
        pipeline.detect(cast.program, program.at)
        pipeline.look_again(cast.program, program.at)
        with cast.scope():
            before = snapshot(cast.program)
        pipeline.detect(cast.program, program.at, everything=True)
        with cast.scope():
            assert snapshot(cast.program) == before, (act, a, b, c)


@pytest.mark.django_db
def test_looking_again_at_what_changed_is_looking_at_everything(cast):
    @settings(
        max_examples=max(1, EVENTS // A_RUN), deadline=None, database=None, derandomize=EVENTS <= 300, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(events)
    def run(happened: list[tuple[str, int, int, int]]) -> None:
        with transaction.atomic():
            live(happened, cast)
            transaction.set_rollback(True)
        seen.append(len(happened))
        if len(seen) % 25 == 0:
            print(f"{sum(seen):,} events of {EVENTS:,}: incremental is full", flush=True)  # noqa: T201 - a long proof says how far it is

    seen: list[int] = []
    run()
    assert sum(seen) >= EVENTS - A_RUN
