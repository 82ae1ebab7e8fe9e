"""Looking at everything page by page comes to what examining group by group comes to, and writes only what differs."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings

from channelconflict.models import AuditEvent
from conflicts.models import Claim, Finding, Recommendation
from conflicts.together import groups_of
from partners.models import Account, Registration, RegistrationStatus, Touch
from partners.services import save_row
from reviews import everything, pipeline
from reviews.examining import Outcome, examine
from reviews.models import Case
from tests import factories
from tests.factories import AT
from tests.reviews.test_incremental import Program, events, snapshot

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("EVENTS", "60")) // 12


def group_by_group(program: Any, at: Any) -> Outcome:
    done = Outcome()
    with factories.staff_of(program.pk):
        groups = groups_of(Account.objects.values_list("pk", flat=True))
    for group in groups:
        done.add(examine(program, group, at))
    return done


def seen(cast: Any, look: Any, at: Any) -> Any:
    """What stands after a look, without the ids of what it made; the look itself is undone."""
    with transaction.atomic():
        done = look(cast.program, at)
        with cast.scope():
            found = snapshot(cast.program)
            found["conflicts"] = sorted(map(repr, found["conflicts"].values()))
            moments = dict(Claim.objects.registered().values_list("registration", "look_again_at"))
            approved = sorted(Registration.objects.filter(pk__in=done.approved).values_list("number", flat=True))
        transaction.set_rollback(True)
    return found, moments, done.seen, len(done.cases), approved


def test_pages_come_to_what_groups_come_to(cast, monkeypatch):
    monkeypatch.setattr(everything, "PAGE", 2)

    @settings(max_examples=max(1, EXAMPLES), deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(events, events)
    def run(before: Any, after: Any) -> None:
        with transaction.atomic():
            program = Program(cast)
            for happened in (before, after):
                for act, a, b, c in happened:
                    with cast.scope():
                        getattr(program, act)(a, b, c)
                if happened is before:
                    pipeline.detect(cast.program, program.at)
            with cast.scope():
                for registration in Registration.objects.filter(submitted_at__isnull=False).order_by("pk"):
                    pipeline.project(registration, program.at)
            pages, groups = (seen(cast, look, program.at) for look in (everything.look_at_everything, group_by_group))
            live = {key: moment for key, moment in pages[1].items() if moment != groups[1][key]}
            with cast.scope():  # what is over is not looked at
                assert not Registration.objects.live_at(program.at).filter(pk__in=live).exists()
            assert (pages[0], *pages[3:]) == (groups[0], *groups[3:])
            assert pages[2] == groups[2]
            transaction.set_rollback(True)

    run()


def test_what_stands_is_only_read(cast):
    case = factories.conflict_case(cast)
    factories.submitted(cast, cast.alpha, account_name="Vega Marine", account_domain="vega.example", contact_email="")
    first = pipeline.detect(cast.program, AT)
    written = rows(cast)
    with CaptureQueriesContext(connection) as asked:
        done = everything.look_at_everything(cast.program, AT)
    assert done.cases == [case.pk]
    assert done.claim_sets == 2
    assert first.claim_sets == 1
    assert not [q["sql"] for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE", "insert", "update"))]
    assert rows(cast) == written


def rows(cast):
    with cast.scope():
        return AuditEvent.objects.count(), Recommendation.objects.count(), Finding.objects.count()


@pytest.mark.parametrize("number", [2, 40])
def test_the_number_of_queries_does_not_grow_with_the_families(cast, number):
    with cast.scope():
        for n in range(number):
            name = f"{'abcdefghij'[n % 10] * 6}{'klmnopqrst'[n // 10] * 6} Works"
            account = factories.account(cast, f"A-{n}", name, domain=f"works-{n}.example")
            registration = factories.draft(cast, cast.alpha, account_name=name, submitted_at=AT)
            registration.status = RegistrationStatus.APPROVED
            registration.protected_from, registration.protected_until = AT, AT + timedelta(days=90)
            save_row(registration, by=None, at=AT, action="test.kept")
            Claim.objects.create(program=cast.program, source="registration", registration=registration, account=account,
                                 partner=cast.alpha, product_lines=["pumps"], projected_at=AT)  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        assert everything.look_at_everything(cast.program, AT).claim_sets == number
    assert len(asked) == _QUERIES.setdefault("of a page", len(asked))


_QUERIES: dict[str, int] = {}


def test_one_group_that_fails_keeps_no_other_waiting(cast, monkeypatch):
    for partner in (cast.alpha, cast.beta):
        factories.submitted(cast, partner)
        factories.submitted(cast, partner, account_name="Vega Marine", account_domain="vega.example", contact_email="")
    with cast.scope():
        for registration in Registration.objects.all():
            pipeline.project(registration, AT)
        orion = Account.objects.get(external_id="A-ORION")

    def fails(program, group, *more):
        if orion.pk in group:
            raise ValueError("broken")
        return examine(program, group, *more)

    monkeypatch.setattr(everything, "examine", fails)
    with pytest.raises(ValueError, match="broken"):
        everything.look_at_everything(cast.program, AT)
    assert len(everything.look_at_everything(cast.program, AT, careful=True).cases) == 1


def test_two_processes_share_many_pages(committed_cast, monkeypatch, capsys):
    cast = committed_cast
    for name in ("Vega Marine", "Lyra Optik"):
        for partner in (cast.alpha, cast.beta):
            factories.submitted(
                cast, partner, account_name=name, account_domain=f"{name[:4].lower()}.example", contact_email=""
            )
    pipeline.detect(cast.program, AT)
    monkeypatch.setattr(everything, "MANY", 1)
    monkeypatch.setattr(everything, "PAGE", 1)
    told: list[tuple[int, int]] = []
    with cast.scope():
        Case.objects.update(amount=1)  # differs from what is found
        Touch.objects.all().delete()
    done = everything.look_at_everything(cast.program, AT, progress=lambda *so_far: told.append(so_far))
    assert told == [(1, 2), (2, 2)]
    assert len(done.cases) == 2
    with cast.scope():
        assert not Case.objects.filter(amount=1).exists()
    call_command("detect", all=True, as_of="2026-03-02T10:00:00Z", json=True)
    assert '"cases": 2' in capsys.readouterr().out
