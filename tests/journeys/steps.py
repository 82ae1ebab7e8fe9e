"""What people do in more than one journey."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from partners import services
from reviews import pipeline
from reviews.models import Case
from tests import factories

T = TypeVar("T")
ORION = {
    "name": "Orion Chemicals Inc.", "domain": "a-orion.example", "place": "US-TX", "mail": "j.ortiz@a-orion.example",
    "product": "Pumps", "value": "25000", "stage": "qualified",
}  # fmt: skip


def until(check: Callable[[], T | None], what: str, seconds: float = 30) -> T:
    """The first answer of `check` that is not empty: the worker takes its time."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, f"{what}: still not so after {seconds} seconds"
        time.sleep(0.1)
    return found


def sign_in(page: Page, username: str, password: str, *, by_keyboard: bool = False) -> None:
    """Sign in by the form, with the mouse or with the keyboard alone."""
    if by_keyboard:
        expect(page.get_by_label("Username")).to_be_focused()  # by itself; on a busy machine a moment after the page
        page.keyboard.type(username)
        page.keyboard.press("Tab")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
    else:
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
    page.locator("form[action$='/sign-out/']").first.wait_for(state="attached")  # on a phone it lies in the menu


def fill_in(page: Page, **changes: str) -> None:
    """Type the eight fields of a registration."""
    typed = ORION | changes
    page.get_by_label("Customer's legal name").fill(typed["name"])
    page.get_by_label("Website or mail domain").fill(typed["domain"])
    page.get_by_label("Country and state").select_option(typed["place"])
    page.get_by_label("Contact's e-mail").fill(typed["mail"])
    page.get_by_label(typed["product"], exact=True).check()
    page.get_by_label("Value", exact=True).select_option(typed["value"])
    page.get_by_label("Closes in").select_option(index=2)
    page.get_by_label("Stage").select_option(typed["stage"])


def add_proof(page: Page, kind: str = "meeting", days_ago: int = 3) -> None:
    """Open the optional part and name a dated activity."""
    page.get_by_text("Add proof now").click()
    page.get_by_label("Proof of work").select_option(kind)
    page.get_by_label("When").fill((timezone.now() - timedelta(days=days_ago)).date().isoformat())


def submit(page: Page) -> None:
    """Send the form."""
    page.get_by_role("button", name="Submit").click()


def follow(page: Page, target: Locator) -> None:
    """Click what leads to another page, and wait for that page."""
    with page.expect_navigation():
        target.click()


def collide(cast: Any, account: str = "A-ORION", name: str = "Orion Chemicals Inc.", amount: int = 40_000) -> Case:
    """Alpha registered a deal and met the customer, Beta registered it an hour later: a case is open, as of now."""
    now = timezone.now()
    deal = {"account_domain": f"{account.lower()}.example", "amount": amount}
    with cast.scope():
        first = factories.draft(cast, cast.alpha, account_name=name, **deal)
        services.submit_registration(registration=first, by=cast.acme_rep, at=now - timedelta(hours=2))
        met_on = (now - timedelta(days=3)).date()
        services.add_activity(registration=first, kind="meeting", occurred_on=met_on, by=cast.acme_rep, at=now)
        second = factories.draft(cast, cast.beta, account_name=name.upper(), **deal)
        services.submit_registration(registration=second, by=cast.rival_rep, at=now - timedelta(hours=1))
    pipeline.detect(cast.program, now)
    with cast.scope():
        return Case.objects.get(account__external_id=account)


def open_case(page: Page, case: Case) -> None:
    """From the queue to the case's page."""
    page.goto("/review/")
    follow(page, page.get_by_role("row").filter(has_text=case.ref).get_by_role("link"))


def decide_otherwise(page: Page, owner: str, reason: str, why: str) -> None:
    """Press 2, choose another owner with a coded reason and a sentence, and send it."""
    page.keyboard.press("2")
    form = page.locator("#do-owner")
    form.get_by_role("radio", name=owner).check()
    form.get_by_label("Why otherwise").select_option(reason)
    form.get_by_label("In a sentence").fill(why)
    follow(page, form.get_by_role("button", name="Decide so"))


def fresh(cast: Any, row: Any) -> Any:
    """The row as the database has it now."""
    with cast.scope():
        row.refresh_from_db()
    return row


def no_wider_than_the_screen(page: Page) -> bool:
    """Whether the page needs no sideways scrolling."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
