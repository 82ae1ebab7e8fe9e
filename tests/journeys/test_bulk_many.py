"""As many cases as one may approve at once, from the queue to the last one's approval, by the workers of an installation.

`PROVE=1` takes 500, the most that a bulk may hold, and has a limit of ten seconds; the suite takes 60 and no limit.
"""

import os
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from benchmarks.desk_stock import Size, desk
from channelconflict.models import User
from channelconflict.scope import staff_of
from reviews.models import Case
from reviews.services.bulk import MANY, MOST
from reviews.states import CaseStatus
from tests import factories

PROVE = bool(os.environ.get("PROVE"))
CASES = MOST if PROVE else MANY + 10  # more than one worker goes through by itself
LIMIT_SECONDS, PATIENCE_SECONDS = 10, 60


@pytest.fixture
def program(live):
    """A program with so many open cases; it is removed after pages and workers have ended."""
    with desk(Size(cases=CASES, staff=15), timezone.now(), lambda _: None) as program:
        yield program


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_all_of_a_view_is_approved(program, page_of, start_worker):
    start_worker(workers=2)
    page = page_of(_manager(program))
    page.goto("/review/")
    with page.expect_navigation():
        page.get_by_role("button", name="All of this view").click()
    button = page.get_by_role("button", name="Approve these")
    expect(button).to_contain_text(f"({CASES})")
    started = time.monotonic()
    with page.expect_navigation():
        button.click()
    while not _is_over(page) and time.monotonic() - started < PATIENCE_SECONDS:
        page.wait_for_timeout(300)  # to expect something of 500 rows looks at them so often that a core is busy with it
    expect(page.get_by_text(f"{CASES} of {CASES} approved.")).to_be_visible()
    seconds = time.monotonic() - started
    expect(page.get_by_role("status")).to_contain_text("can be undone")
    with staff_of(program.pk):
        assert not Case.objects.filter(program=program).exclude(status=CaseStatus.SETTLING).exists()
    if PROVE:
        print(f"\n{CASES} cases approved in bulk, from the click to the last one: {seconds:.1f} s")  # noqa: T201
        assert seconds <= LIMIT_SECONDS


def _is_over(page):
    try:
        return page.locator(".notice.good").count() > 0
    except Error:  # it is being loaded again
        return False


def _manager(program):
    """One of the program's partner managers, who can sign in."""
    with staff_of(program.pk):
        person = User.objects.get(username=f"{program.code}-0")
        person.set_password(factories.PASSWORD)
        person.save()
    return person
