"""Load the sample program and play its story: submit, detect, decide some cases, write back. All through the services."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.learning.services import give_feedback
from conflicts.models import Claim, Recommendation
from conflicts.overlaps import examine_territories
from conflicts.signals.services import examine_signals
from partners.ingest import load_rows
from partners.models import Account, MemberRole, Partner, Program, Registration, Stage
from partners.permissions import Role, grant_manager
from partners.services import add_activity, add_evidence, add_member, save_draft, submit_registration
from reviews import pipeline
from reviews.choices import Choice
from reviews.desk import case_page, cases
from reviews.first_opinion import View
from reviews.models import Case, Decision, Outbox, OutboxStatus
from reviews.programs import create_program, staff_user
from reviews.sample.histories import histories
from reviews.sample.leads import enter_leads
from reviews.sample.records import setting
from reviews.sample.story import AGAINST_DIRECT, PAIRS, QUIET, STORY, Deal
from reviews.sample.talks import enter_talks
from reviews.services import add_note, claim_case, decide, request_information
from reviews.services import approve as approve_case
from reviews.services.asked_first import owes
from reviews.services.decisions import Override
from reviews.services.first_opinions import say_first_opinion
from reviews.services.undo import settle_case
from reviews.writeback.outbox import deliver_due

CODE = "halden"
PASSWORD = "channel-demo"  # noqa: S105 (of throwaway people on this machine)
STAFF = [
    ("ada", "Ada Moreau", Role.PARTNER_MANAGER), ("ben", "Ben Osei", Role.PARTNER_MANAGER),
    ("carl", "Carl Lindqvist", Role.CHANNEL_LEAD), ("rita", "Rita Okafor", Role.REVENUE_LEAD),
    ("lena", "Lena Fischer", Role.LEGAL), ("olga", "Olga Petrova", Role.SALES_OPS),
    ("pat", "Pat Quinn", Role.PROGRAM_ADMIN), ("audrey", "Audrey Tan", Role.AUDITOR),
]  # fmt: skip
# What the people have decided by now: the registration whose case it is, and who approved the recommendation.
DECIDED = [
    ("R-1232", "ada"), ("R-1234", "ada"), ("R-1206", "ada"), ("R-1218", "ada"), ("R-1214", "ada"), ("R-1260", "ada"),
    ("R-1238", "carl"),
]  # fmt: skip
MEMBERS = [
    ("alpha", "Alice of Alpha Flow", "P-ALPHA", MemberRole.ADMIN),
    ("beta", "Bruno of Beta Industrial", "P-BETA", MemberRole.USER),
]


@dataclass
class Played:
    """What the run came to: counts, and seconds by step."""

    program: Program
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def play(now: datetime, say: Callable[[str], None] = lambda _: None) -> Played:
    """Make the sample program as of `now` and play it through; `say` is told of each step."""
    played = Played(Program())
    for name, sentence, step in (
        ("load", "loading 40 partners and 1,000 accounts", _load),
        ("submit", "partners register their deals", _submit),
        ("detect", "detecting conflicts and recommending", _detect),
        ("decide", "people decide some cases", _decide),
        ("leads", "customers ask, and a lead is offered", _lead),
        ("deliver", "writing outcomes back", _deliver),
    ):
        say(sentence)
        started = time.perf_counter()
        step(played, now)
        played.seconds[name] = round(time.perf_counter() - started, 3)
    _count(played)
    return played


def _load(played: Played, now: datetime) -> None:
    made_at = now - timedelta(days=30)
    played.program = program = create_program(code=CODE, name="Halden Flow Partner Program", at=made_at)
    with staff_of(program.pk):
        # As of the first deal: on a weekend that is days before now, and nothing may lie in its future.
        records = setting(_ago(program, now, 41).date()) | histories(now.date())
        for kind, rows in records.items():
            load_rows(kind=kind, rows=rows, program=program, by=None, at=made_at, source_name="sample")
        people = {
            u: staff_user(username=u, password=PASSWORD, program=program, role=role, name=name, at=made_at)
            for u, name, role in STAFF
        }
        partners = {p.external_id: p for p in Partner.objects.filter(program=program)}
        for username, name, ref, role in MEMBERS:
            add_member(partner=partners[ref], user=_member(username, name), role=role, by=None, at=made_at)
        for ref in ("P-ALPHA", "P-DELTA", "P-THAMES"):
            grant_manager(people["ben"], partners[ref])


def _member(username: str, name: str) -> User:
    user = User.objects.filter(username=username).first() or User(username=username)
    user.display_name, user.email = name, f"{username}@partners.example"
    user.set_password(PASSWORD)
    user.save()
    return user


def deals() -> Iterator[Deal]:
    """The whole story: named deals, pairs on generated accounts, deals against direct, and quiet ones."""
    yield from STORY
    for number, (first, second, account, work, other) in enumerate(PAIRS):
        hours = 40.5 - 3 * number
        yield Deal(
            f"R-{1230 + 2 * number}",
            f"P-{first:03}",
            f"#{account}",
            "",
            "",
            hours,
            30_000 + 7_500 * number,
            work=((work, 5),),
        )
        yield Deal(
            f"R-{1231 + 2 * number}", f"P-{second:03}", f"#{account}", "", "", hours - 1, 28_000, work=((other, 2),)
        )
    for number, (partner, account) in enumerate(AGAINST_DIRECT):
        yield Deal(
            f"R-{1260 + number}", f"P-{partner:03}", f"#{account}", "", "", 19 - number, 45_000, work=(("meeting", 4),)
        )
    for number, (partner, account) in enumerate(QUIET):
        yield Deal(f"R-{1300 + number}", f"P-{partner:03}", f"#{account}", "", "", 3 + number, 15_000 + 900 * number)


def _submit(played: Played, now: datetime) -> None:
    program = played.program
    with staff_of(program.pk):
        partners = {p.external_id: p for p in Partner.objects.filter(program=program)}
        accounts = {a.external_id: a for a in Account.objects.filter(program=program)}
        for deal in deals():
            _register(program, deal, partners[deal.partner], accounts.get(f"A-{deal.account[1:]}"), now)
        draft = _registration(program, STORY[0], partners["P-ALPHA"], None)
        draft.external_id, draft.account_name, draft.account_domain = "", "Aurora Energy", ""
        save_draft(registration=draft, by=User.objects.get(username="alpha"), at=now - timedelta(hours=2))


def _register(program: Program, deal: Deal, partner: Partner, account: Account | None, now: datetime) -> None:
    at = _ago(program, now, deal.hours_ago)
    registration = submit_registration(registration=_registration(program, deal, partner, account), by=None, at=at)
    for kind, days in deal.work:
        add_activity(
            registration=registration, kind=kind, occurred_on=(at - timedelta(days=days)).date(), by=None, at=at
        )
    if deal.letter:
        add_evidence(registration=registration, kind="customer_letter", by=None, at=at, verified=True,
                     note="The plant manager asks for this partner in writing.")  # fmt: skip


def _registration(program: Program, deal: Deal, partner: Partner, account: Account | None) -> Registration:
    return Registration(
        program=program, partner=partner, external_id=deal.ref, account_name=account.name if account else deal.account,
        account_domain=account.domain if account else deal.domain, account_country=account.country if account else deal.country,
        product_lines=list(deal.lines), amount=deal.amount, currency=program.currency, stage=Stage.QUALIFIED,
        contact_email=f"buyer@{(account.domain if account else deal.domain) or 'customer.example'}",
    )  # fmt: skip


def _ago(program: Program, now: datetime, hours: float) -> datetime:
    """The latest moment since which `hours` open hours have passed: the demo looks alike on any day of the week."""
    at = now
    while program.calendar.hours_between(at, now) < hours:
        at -= timedelta(minutes=30)
    return at


def _detect(played: Played, now: datetime) -> None:
    """As days went by: what had come in by each of some past moments is assessed at that moment, so clocks differ."""
    program = played.program
    with staff_of(program.pk):
        waiting = list(
            Registration.objects.awaiting_assessment().filter(program=program).order_by("submitted_at", "pk")
        )
    for hours in (38, 24, 12, 5, 0):
        at = _ago(program, now, hours)
        accounts: set = set()
        for registration in [r for r in waiting if r.submitted_at <= at]:
            with staff_of(program.pk):
                accounts |= pipeline.project(registration, at)
            waiting.remove(registration)
        for account in sorted(accounts):
            pipeline.examine(program, [account], at)
    with staff_of(program.pk):
        examine_territories(program=program, at=now)
        examine_signals(program=program, at=now)


def _decide(played: Played, now: datetime) -> None:
    """Ada and Carl have been at work: some cases decided, an override waits for a second person, one party is asked."""
    program = played.program
    with staff_of(program.pk):
        people = {user.username: user for user in User.objects.filter(username__in=[u for u, *_ in STAFF])}
        refs = {c.registration.ref: c for c in _claims(program)}
        for ref, username in DECIDED:
            case = refs[ref].conflict.cases.get()
            _own_view(case, people[username], now)
            approved_at = now - 1.5 * timedelta(minutes=program.undo_minutes)
            approve_case(case=case, by=people[username], at=approved_at, seen_version=case.version)
            settle_case(case=case, by=None, at=now)
        # Of a large deal Carl said his own view, and has not decided yet: Rita has neither.
        _own_view(refs["R-1195"].conflict.cases.get(), people["carl"], now)
        overridden = refs["R-1230"].conflict.cases.get()
        _own_view(overridden, people["ada"], now)
        _override(overridden, people["ada"], str(refs["R-1231"].partner_id), now)
        asked = refs["R-1204"].conflict.cases.get()
        _ask(asked, people["carl"], now)
        enter_talks(refs["R-1201"].conflict.cases.get(), people, now)
        add_note(case=refs["R-1188"].conflict.cases.get(), by=people["ada"], at=now,
                 text="Spoke to Orion's plant manager: the trial in February was with Alpha's engineer.")  # fmt: skip

        _say(refs["R-1188"].conflict.cases.get(), people["ada"], {0: ("useful", ""), -1: ("useful", "")}, now)
        _say(overridden, people["ada"], {
            0: ("wrong", "The buyer's word counts for nothing in the points; it should."),
            -1: ("unclear", "Which of the two came first is not said here."),
        }, now)  # fmt: skip


def _own_view(case: Case, by: User, at: datetime) -> None:
    """Where a case asks for it: that the partner gets it, before the recommendation shows."""
    if owes(by, case):
        first = case.parties.filter(partner__isnull=False).order_by("joined_at", "pk").first()
        view, why = View("award", str(first.partner_id)), "The partner has worked for it."
        say_first_opinion(case=case, view=view, text=why, by=by, at=at, seen_version=case.version)


def _say(case: Case, by: User, words: dict[int, tuple[str, str]], at: datetime) -> None:
    """A word on some outputs of a case page, by their place on it."""
    page = case_page(by, cases().get(pk=case.pk), at)
    for place, (verdict, text) in words.items():
        give_feedback(
            recommendation=page.recommendation,
            output=page.asked[place].output,
            verdict=verdict,
            text=text,
            by=by,
            at=at,
        )


def _claims(program: Program) -> list[Claim]:
    rows = Claim.objects.filter(program=program, registration__isnull=False, conflict__isnull=False)
    return list(rows.select_related("registration", "conflict"))


def _override(case: Case, by: User, owner: str, at: datetime) -> None:
    why = Override("relationship", "The buyer has worked with this partner for years and asked for it by phone.")
    decide(case=case, choice=Choice("award", owner), by=by, at=at, seen_version=case.version, override=why)


def _ask(case: Case, by: User, at: datetime) -> None:
    claim_case(case=case, by=by, at=at)
    case.refresh_from_db()
    request_information(case=case, parties=[case.parties.order_by("pk").first()], fields=["note", "stage"], by=by, at=at,
                        body="Please tell us whom you met at the customer, and when.", seen_version=case.version)  # fmt: skip


def _lead(played: Played, now: datetime) -> None:
    with staff_of(played.program.pk):
        people = {user.username: user for user in User.objects.filter(username__in=[u for u, *_ in STAFF])}
        enter_leads(played.program, people, now)


def _deliver(played: Played, now: datetime) -> None:
    while deliver_due(played.program):
        pass


def _count(played: Played) -> None:
    program = played.program
    with staff_of(program.pk):
        played.counts = {
            "partners": Partner.objects.filter(program=program).count(),
            "accounts": Account.objects.filter(program=program).count(),
            "registrations": Registration.objects.filter(program=program).count(),
            "cases": Case.objects.filter(program=program).count(),
            "recommendations": Recommendation.objects.filter(program=program).count(),
            "decisions": Decision.objects.filter(program=program).count(),
            "deliveries": Outbox.objects.filter(program=program, status=OutboxStatus.DELIVERED).count(),
        }
