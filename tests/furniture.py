"""A program with something in every room: each model that may hold partner data has rows of Alpha, of Beta and of staff.

Made through the services and the pipeline; only states that no service reaches yet are set on the row itself.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from conflicts.drafting import publishing
from conflicts.drafting import services as drafting
from conflicts.drafting.values import values_of
from conflicts.duplicates import reject_cluster, start_scan
from conflicts.identity.weights import SHIPPED
from conflicts.models import ChangeKind, IdentityWeights, Signal
from conflicts.overlaps import examine_territories, snooze_overlap
from conflicts.scanning import work
from conflicts.services import policy_in_force
from conflicts.signals import services as signals
from conflicts.signals.measure import Measure
from partners import identity, services
from partners import models as m
from partners.ingest import load_rows
from partners.leads import accept_offer, decline_offer
from partners.pasted import Found, Reading
from partners.protection import ask_extension, ask_to_be_told
from reviews import leads, pipeline
from reviews.models import Case
from reviews.permissions import next_step
from reviews.services import (
    add_note,
    answer_request,
    approve,
    claim_case,
    current_recommendation,
    request_information,
    standing_decision,
)
from reviews.services.leads import offer_lead
from reviews.services.snooze import snooze_findings
from reviews.services.undo import undo_decision
from reviews.tasks import process_registration
from reviews.writeback.outbox import deliver_due
from tests import factories
from tests.factories import AT, Cast
from tests.furniture_channel import tell_outside
from tests.furniture_form import fill_in_forms
from tests.furniture_interim import appeal_and_hold
from tests.furniture_knowledge import know
from tests.furniture_learning import ask_a_model, learn
from tests.furniture_mine import mind_their_own
from tests.furniture_opinions import say_own_views
from tests.furniture_papers import bring_papers
from tests.furniture_policies import change_policies, put_in_shadow, try_policies
from tests.furniture_queue import use_the_queue
from tests.furniture_spot_checks import check_on_the_spot
from tests.furniture_stages import go_through_stages

S = m.RegistrationStatus
LATER = (S.SUBMITTED, S.EXPIRED, S.CONVERTED, S.REVOKED, S.CLOSED_LOST, S.REJECTED)

RECORDS: dict[str, list[dict[str, Any]]] = {
    "territories": [
        {"external_id": f"T-{n}", "name": f"West {n}", "countries": ["US"], "priority": 5, "valid_from": "2025-01-01",
         "excluded_accounts": ["A-ATLAS", "A-RIGEL"]}
        for n in (1, 2)
    ],
    "territory_assignments": [
        {"territory": "T-1", "assignee": "P-ALPHA", "role": "owner"},
        {"territory": "T-2", "assignee": "P-BETA", "role": "owner"},
        {"territory": "T-2", "assignee": "direct", "role": "support"},
    ],
    "ownerships": [
        {"account": "A-LYRA", "owner": owner, "role": "support", "product_lines": ["valves"], "valid_from": "2025-01-01"}
        for owner in ("P-ALPHA", "P-BETA", "direct")
    ],
    "exceptions": [
        {"external_id": f"X-{party}", "kind": "pilot", "account": "A-LYRA", "party": party, "lifts": ["account_owned"],
         "product_lines": ["valves"], "reason": "A pilot of two years.", "owner_email": "olga@vendor.example"}
        for party in ("P-ALPHA", "P-BETA")
    ],
    "crm_opportunities": [
        {"external_id": f"O-{owner}", "account": "A-MIRA", "owner": owner, "product_lines": ["valves"], "amount": 9000,
         "currency": "USD", "stage": "qualified", "created_at": "2026-02-20T09:00:00Z"}
        for owner in ("P-ALPHA", "P-BETA", "direct")
    ],
    "quotes": [
        {"external_id": f"Q-{seller}", "seller": seller, "account": "A-MIRA", "product_line": "valves",
         "unit_price": 12, "currency": "USD", "discount_pct": 5}
        for seller in ("P-ALPHA", "P-BETA", "direct")
    ],
    "support_tickets": [
        {"external_id": f"S-{partner}", "partner": partner, "opened_at": "2026-02-01T09:00:00Z", "subject": "Late parts"}
        for partner in ("P-ALPHA", "P-BETA")
    ],
}  # fmt: skip


def furnish(code: str) -> Cast:
    """A cast whose program holds everything; also `acme_admin` and `root`, a superuser without a role."""
    cast = factories.make_cast(code)
    suffix = "" if code == "northwind" else f".{code}"
    with cast.scope():
        for name in ("NILE", "VEGA", "LYRA", "MIRA", "ATLAS", "TIGRIS", "HYDRA", "CORVUS", "RIGEL"):
            factories.account(
                cast, f"A-{name}", f"{name.title()} Industries Ltd.", city="Austin", phone="+1 512 555 0100"
            )
        cast.staff["acme_admin"] = factories.rep(cast.alpha, f"acme_admin{suffix}", m.MemberRole.ADMIN)
        for kind, rows in RECORDS.items():
            load_rows(kind=kind, rows=rows, program=cast.program, by=cast.olga, at=AT, source_name=f"{kind}.csv")
    put_in_shadow(cast)
    _open_case(cast)
    _decided_case(cast)
    appeal_and_hold(cast, _pair(cast, "Rigel"))
    _asked_case(cast)
    _snoozed_case(cast)
    go_through_stages(cast, _pair(cast, "Hydra"), _pair(cast, "Corvus"))
    _leaving_case(cast)
    _without_conflict(cast)
    _of_every_status(cast)
    _who_is_who(cast)
    _asked_about_protection(cast)
    _leads(cast)
    fill_in_forms(cast)
    with cast.scope():
        (overlap, *_) = examine_territories(program=cast.program, at=AT).standing
        snooze_overlap(overlap=overlap, until=date(2040, 1, 1), reason="After the merger.", by=cast.olga, at=AT)
        _learned_weights(cast)
        _drafted(cast)
        change_policies(cast)
        changed = m.Territory.objects.get(program=cast.program, external_id="T-2")
        changed.name = "West again"  # and nobody has looked at what that concerns
        services.record_territory(territory=changed, by=cast.olga, at=AT)
    _signals(cast)
    ask_a_model(cast)
    learn(cast)
    know(cast)
    deliver_due(cast.program)
    _duplicates(cast)
    more = (try_policies, use_the_queue, check_on_the_spot, say_own_views, bring_papers, tell_outside, mind_their_own)
    for room in more:
        room(cast)
    return cast


def _drafted(cast: Cast) -> None:
    """A draft that a second person agreed to although rules collide, one that waits, and one that somebody writes."""
    rule = m.Territory.objects.get(program=cast.program, external_id="T-1")
    now = values_of(rule, list(rule.assignments.all()))
    for name, ref in (("Live", "T-3"), ("Waiting", "T-4"), ("Written", "T-5")):
        draft = drafting.open_draft(program=cast.program, name=f"{name} draft", why="As agreed.", by=cast.olga, at=AT)
        new = drafting.Edit(ChangeKind.ADD, now | {"external_id": ref, "name": f"West {ref}"})
        drafting.put_in_draft(draft=draft, edit=new, by=cast.olga, at=AT)
        edit = drafting.Edit(ChangeKind.CHANGE, now | {"industries": ["325"]}, rule, rule.version)
        drafting.put_in_draft(draft=draft, edit=edit, by=cast.olga, at=AT)
        if name == "Written":
            return
        draft.refresh_from_db()
        draft = drafting.ask_second_person(draft=draft, seen_version=draft.version, by=cast.olga, at=AT)
        if name == "Live":
            words: dict[str, Any] = {"by": cast.pat, "at": AT, "reason": "For a quarter."}
            publishing.approve_draft(draft=draft, seen_version=draft.version, **words)
            rule.refresh_from_db()
            now = values_of(rule, list(rule.assignments.all()))


def _learned_weights(cast: Cast) -> None:
    """A version in force and a draft; a hundred reviewed registrations would be the way to them."""
    change = {"key": str(m.Registration.objects.filter(partner=cast.alpha).first().pk), "held_out": True, "known": True,
              "before": "possible", "after": "same", "right_before": True, "right_after": True, "better": True}  # fmt: skip
    figures = {"queries": 30, "same": 20, "same_right": 20, "possible": 5, "known": 25, "missed": 0, "log_loss": 0.1}
    trial = {
        "before": figures,
        "after": figures,
        "holds": True,
        "against": "2026-11",
        "changes": [change],
        "changed": 1,
    }
    for number, live_from in ((1, AT), (2, None)):
        row = IdentityWeights(
            program=cast.program, number=number, status="live" if live_from else "draft", live_from=live_from,
            start=-5.0, bits=dict(SHIPPED.bits), base="2026-11", reviewed=120, same=0.9, margin=0.3, different=0.1,
            trial=trial, made_by_id=cast.pat.pk, made_at=AT,
        )  # fmt: skip
        services.save_row(row, by=cast.pat, at=AT, action="identity_weights.drafted")


def _duplicates(cast: Cast) -> None:
    """Two pairs of accounts are found: one is said not to be one company, the other waits."""
    with cast.scope():
        for name in ("Zenith Boilers", "Quarry Conveyors"):
            for number in (1, 2):
                factories.account(
                    cast, f"A-{name[0]}{number}", name, domain=f"{name[:6].lower()}.example", city="Austin"
                )
        scan = start_scan(program=cast.program, by=cast.olga, at=AT, in_background=False)
    work(cast.program, scan.pk)
    with cast.scope():
        reject_cluster(cluster=scan.clusters.order_by("title")[0], by=cast.olga, at=AT)


def _signals(cast: Cast) -> None:
    """Alpha, Beta and a product line: one each; Ada looks into Alpha's, the line's sleeps."""
    with cast.scope():
        in_force = policy_in_force(cast.program)
        measures = [_measure(partner=str(partner.pk)) for partner in (cast.alpha, cast.beta)]
        signals.keep_signals(
            program=cast.program, measures=[*measures, _measure(line="pumps")], in_force=in_force, at=AT
        )
        mine, asleep = (
            Signal.objects.get(program=cast.program, **w) for w in ({"partner": cast.alpha}, {"partner": None})
        )
        signals.acknowledge_signal(signal=mine, by=cast.ada, at=AT)
        until = AT.date() + timedelta(days=9000)
        signals.snooze_signal(signal=asleep, until=until, reason="The fair.", by=cast.carl, at=AT)


def _measure(partner: str = "", line: str = "") -> Measure:
    key = f"partner:{partner}" if partner else f"line:{line}"
    return Measure(
        kind="registration_burst", key=key, unit="registrations", observed=14, expected=3.2, spread=1.2, score=4.4,
        threshold=3.5, since=AT.date() - timedelta(days=27), until=AT.date(), sentence="14 registrations, 3.2 are usual.",
        series=(("2026-02-02", 1), ("2026-02-09", 3), ("2026-02-16", 5), ("2026-02-23", 6)), partner=partner, line=line,
        stake=60_000,
    )  # fmt: skip


def _pair(cast: Cast, account: str) -> Case:
    """Alpha and Beta register the same deal, Alpha has worked it: a case is open."""
    words = {"account_name": f"{account} Industries", "account_domain": f"a-{account.lower()}.example", **_TYPED}
    first = factories.submitted(cast, cast.alpha, days_ago=4, by=cast.acme_rep, **words)
    second = factories.submitted(cast, cast.beta, days_ago=1, by=cast.rival_rep, **words)
    with cast.scope():
        on = AT.date() - timedelta(days=1)
        for registration, kind in ((first, "technical_validation"), (second, "first_contact")):
            services.add_activity(registration=registration, kind=kind, occurred_on=on, by=None, at=AT, note="On site.")
            services.add_evidence(registration=registration, kind="meeting_notes", by=None, at=AT, note="Signed.")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(parties__registration=first)


_TYPED = {"account_city": "Austin", "account_postal_code": "78701", "incumbent": "Their supplier", "note": "Our words."}


def _open_case(cast: Cast) -> None:
    case = _pair(cast, "Orion")
    with cast.scope():
        claim_case(case=case, by=cast.bob, at=AT)
        add_note(case=case, text="Beta is late again.", by=cast.bob, at=AT)
        registration = m.Registration.objects.get(partner=cast.alpha, parties__case=case)
        account = m.Account.objects.get(program=cast.program, external_id="A-ATLAS")
        services.save_row(
            m.MatchVerdict(program=cast.program, registration=registration, account=account, verdict="different",
                           seen=[{"account": str(account.pk), "facts": {"name_other": 1.0}}], said_by_id=cast.bob.pk,
                           said_at=AT),
            by=cast.bob, at=AT, action="identity.said",
        )  # fmt: skip


def _decided_case(cast: Cast) -> None:
    _decide(cast, _pair(cast, "Nile"), AT)


def _decide(cast: Cast, case: Case, at: datetime) -> None:
    with cast.scope():
        case.refresh_from_db()
        while case.pending:
            standing = standing_decision(case, current_recommendation(case))
            able = (p for p in cast.staff.values() if p.is_staff and next_step(p, case, standing).role)
            approve(case=case, by=next(able), at=at, seen_version=case.version)
            case.refresh_from_db()


def _leaving_case(cast: Cast) -> None:
    """Decided, taken back, and decided again: for four hours it does not leave."""
    case, now = _pair(cast, "Tigris"), timezone.now()
    for minutes in (240, 0):
        cast.program.undo_minutes = minutes
        with cast.scope():
            services.change_program(program=cast.program, by=cast.pat, at=AT)
        if minutes:
            _decide(cast, case, now)
            with cast.scope():
                by = case.approvals.latest("approved_at").approved_by
                undo_decision(case=case, by=by, at=now, seen_version=case.version)
            _decide(cast, case, now)


def _asked_case(cast: Cast) -> None:
    """Both are asked, Beta has answered: Alpha still owes an answer, so the clock stands."""
    case = _pair(cast, "Vega")
    with cast.scope():
        parties = list(case.parties.filter(partner__isnull=False))
        request_information(
            case=case, parties=parties, fields=["note", "amount"], body="Who signs?", by=cast.bob, at=AT
        )
        theirs = m.Registration.objects.get(partner=cast.beta, parties__case=case)
        answer_request(registration=theirs, changes={"note": "They do."}, body="The owner.", by=cast.rival_rep, at=AT)
    process_registration(str(cast.program.pk), str(theirs.pk))


def _snoozed_case(cast: Cast) -> None:
    """What stands against both can wait: the case sleeps."""
    case = _pair(cast, "Atlas")
    with cast.scope():
        findings = case.conflict.findings.filter(gone_at__isnull=True)
        snooze_findings(
            case=case, findings=findings, until=AT + timedelta(days=300), reason="They merge in June.", by=cast.rita, at=AT,
            seen_version=case.version,
        )  # fmt: skip


def _without_conflict(cast: Cast) -> None:
    for partner, account in ((cast.alpha, "Lyra"), (cast.beta, "Mira")):
        words = {"account_name": f"{account} Industries", "account_domain": f"a-{account.lower()}.example", **_TYPED}
        factories.submitted(cast, partner, days_ago=2, product_lines=["controls"], **words)
    pipeline.detect(cast.program, AT)


def _asked_about_protection(cast: Cast) -> None:
    """Both ask for more time for what is protected, and to be told of what was not approved."""
    late = AT + timedelta(days=80)
    with cast.scope():
        for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
            mine = m.Registration.objects.filter(partner=partner).order_by("pk")
            held = mine.filter(status=S.APPROVED, product_lines=["controls"]).get()
            ask_extension(registration=held, days=30, reason="The board meets in June.", by=rep, at=late)
            for lost in mine.filter(status=S.REJECTED):
                ask_to_be_told(registration=lost, by=rep, at=late)


def _leads(cast: Cast) -> None:
    """Each partner has a lead that waits for its answer, one that it accepted and one that it declined."""
    late = AT + timedelta(days=9000)
    for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
        for number in range(3):
            with cast.scope():
                lead = factories.lead(cast, f"{partner.name} Customer {number}")
                at = late if number == 0 else AT
                offer_lead(lead=lead, partner=partner, reason="They know each other.", by=cast.olga, at=at)
                offer = m.LeadOffer.objects.get(lead=lead)
                if number == 1:
                    accept_offer(offer=offer, by=rep, at=AT)
                elif number == 2:
                    decline_offer(offer=offer, reason="Too far away.", by=rep, at=AT)
    leads.look_after(cast.program, AT)
    with cast.scope():
        factories.lead(cast, "Nobody's Customer", external_id="L-1")


def _of_every_status(cast: Cast) -> None:
    """What no pipeline touches any more, and what waits for it: made last."""
    with cast.scope():
        for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
            for number in (1, 2):
                row = factories.draft(cast, partner, **_TYPED | {"note": f"draft {number}"})
                services.save_draft(registration=row, by=rep, at=AT)
                text, line = f"Customer: a mail to {partner.name}", Reading("qualified", f"as {partner.name} wrote")
                found = Found({"stage": line}, (f"{partner.name} told a value in another currency.",))
                services.keep_pasted_text(registration=row, text=text, found=found, by=rep, at=AT)
            services.withdraw_registration(registration=row, by=rep, at=AT)
            for status in LATER:
                row = factories.draft(cast, partner, account_name="Bygone Works", account_domain="", **_TYPED)
                row.external_id = f"R-{partner.external_id}-{status}"
                row = services.submit_registration(registration=row, by=rep, at=AT)
                row.status, row.assessed_at = status, AT
                services.save_row(row, by=None, at=AT, action=f"registration.{status}")
        services.submit_registration(registration=factories.draft(cast, None, **_TYPED), by=cast.olga, at=AT)


def _who_is_who(cast: Cast) -> None:
    """An account that counts as another one, one that was two, and a partner under a second name (Alpha's)."""
    accounts = m.Account.objects.filter(program=cast.program)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
        nilus = factories.account(cast, "A-NILUS", "Nilus Works", parent=accounts.get(external_id="A-ATLAS"))
        mira = accounts.get(external_id="A-MIRA")
        services.record_account(account=mira, by=None, at=AT, aliases=("Mira Nova",))
        typed = {"account_name": "Nilus Works", "account_domain": "a-nilus.example", "product_lines": ["controls"]}
        deal = factories.draft(cast, gamma, contact_email="", **typed, **_TYPED)
        services.submit_registration(registration=deal, by=cast.pat, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        parts = identity.Parts(
            names=mira.names.filter(name="Mira Nova").values_list("pk", flat=True),
            opportunities=mira.opportunities.filter(direct=True).values_list("pk", flat=True),
            quotes=mira.quotes.filter(direct=True).values_list("pk", flat=True),
        )
        words: dict[str, Any] = {"by": cast.pat, "at": AT, "reason": "As the customer told us."}
        changes = [
            identity.merge_accounts(subject=nilus, target=accounts.get(external_id="A-NILE"), **words),
            identity.split_account(account=mira, name="Mira Nova Inc.", parts=parts, **words),
            identity.merge_partners(subject=gamma, target=cast.alpha, **words),
        ]
    for change in changes:
        pipeline.process_change(cast.program, change.pk, AT)
