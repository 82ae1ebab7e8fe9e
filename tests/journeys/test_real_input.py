"""Real records come in by the documented commands, detection makes cases of them, and one is decided in the browser."""

import json
import re
import shlex
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.models import Claim
from partners.models import Partner
from partners.permissions import Role
from reviews.models import Case, Notice
from reviews.programs import create_program, staff_user
from tests import factories
from tests.journeys.steps import follow, until

pytestmark = pytest.mark.real_data

ROOT, AT = Path(__file__).resolve().parent.parent.parent, factories.AT
COMMANDS = re.findall(r"manage\.py (import_records|detect) (.+)", (ROOT / "docs" / "real-input.md").read_text("utf-8"))
# The CRM's part of the records, whole. The legal entities and the resellers, who register nothing, take a minute more;
# tests/partners/test_real_input.py brings them in.
LEFT_OUT = ("gleif", "adventureworks", "resellers")


@pytest.fixture
def real(live, real_data):
    """The program of docs/real-input.md with the CRM's records, a partner manager, and somebody at each office."""
    program = create_program(code="real", name="Real records", at=AT, undo_minutes=0, opinion_share=0)
    for command, words in COMMANDS:
        if not any(part in words for part in LEFT_OUT):
            words = words.replace("$DATA", str(real_data)).replace("$MAPS", str(ROOT / "docs" / "real-input"))
            call_command(command, *shlex.split(words), verbosity=0, stderr=StringIO(), stdout=StringIO())
    with staff_of(program.pk):
        staff_user(username="ada", password=factories.PASSWORD, program=program, role=Role.PARTNER_MANAGER, at=AT)
        for partner in Partner.objects.all():
            factories.rep(partner, partner.external_id.lower())
    return program


@pytest.mark.slow
def test_a_case_of_real_records_is_decided(real, page_of, request, settings):
    with staff_of(real.pk):
        cases, claims = Case.objects.count(), Claim.objects.filter(registration__isnull=False).count()
        assert 0 < cases < claims / 2  # one a claim set, never one a pair
        assert Case.objects.values("conflict").distinct().count() == cases
        case = Case.objects.filter(kind="competing_registration").order_by("number").first()
        names = sorted(party.name for party in case.parties.all())
    ada = page_of(User.objects.get(username="ada"))
    ada.get_by_role("searchbox").fill(case.ref)
    with ada.expect_navigation():
        ada.keyboard.press("Enter")
    follow(ada, ada.get_by_role("row").filter(has_text=case.ref).get_by_role("link"))
    for name in names:
        expect(ada.get_by_role("columnheader", name=name).first).to_be_visible()
    with ada.expect_navigation():
        ada.keyboard.press("1")
    expect(ada.get_by_text(f"{case.ref} is decided")).to_be_visible()

    with staff_of(real.pk):
        notices = {notice.partner.external_id.lower(): notice.subject for notice in _notices(case)}
    assert {subject.split(" is ")[1] for subject in notices.values()} == {"approved", "not approved"}
    for username, subject in notices.items():
        page = page_of(User.objects.get(username=username))
        follow(page, page.get_by_role("link", name=subject))
        expect(page.get_by_role("heading", name=subject)).to_be_visible()
    # Only now a worker: its first sweep looks at all that ended since 2017 and tells the partners, some 20 seconds in
    # which these notices would sink below the first page of the list.
    request.getfixturevalue("worker")
    writes = until(lambda: _written(settings, case.ref), "the writes are delivered", seconds=180)
    assert len(writes) == len({line["key"] for line in writes})


def _notices(case):
    case.refresh_from_db()
    return Notice.objects.filter(registration__parties__case=case, sent_at=case.decided_at)


def _written(settings, ref):
    path = settings.FILE_TARGET_DIR / "real-outcomes.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    mine = [line for line in lines if line["case"] == ref]
    return mine if len(mine) > 1 else None
