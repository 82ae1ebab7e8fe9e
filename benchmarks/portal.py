"""bench portal: how long a partner's pages take with many registrations of many partners, beside Django's own list view on
the same rows, and how long it takes to send a form. Through the whole application, no network."""

import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.pages import STORAGES, line, milliseconds
from benchmarks.portal_stock import Say, Size, Stock, stock
from channelconflict.models import User
from channelconflict.scope import staff_of
from partners.forms import quarter_ends
from partners.models import Membership, Registration
from reviews.models import Notice

PARTS = ("pages", "send", "plain")
SIZES = {
    "small": Size(10_000, 200, 1_000),
    "medium": Size(100_000, 2_000, 5_000),
    "large": Size(1_000_000, 50_000, 20_000),
}
READS = {"small": 60, "medium": 100, "large": 100}  # of each address
GOAL_MS = 100  # p95 of a page, and of sending a form
_CLAIMANT = re.compile(r'name="claimant" value="([^"]*)"')  # from the page: outside of tests an answer has no context
Report = dict[str, Any]
Reader = tuple[Client, User]


def run(scale: str, say: Say, only: Sequence[str] = (), data: Path | None = None) -> Report:
    """Make the program, measure the parts that are asked for (all), and remove it; no files are read."""
    return measure(SIZES[scale], READS[scale], say, only)


def measure(size: Size, reads: int, say: Say, only: Sequence[str] = ()) -> Report:
    """The parts on a program of a size; half of the reads are of the partner with most registrations."""
    parts = [part for part in PARTS if not only or part in only]
    started = time.perf_counter()
    found: Report = {
        "registrations": size.registrations,
        "partners": size.partners,
        "largest": size.largest,
        "reads": reads,
    }
    outside = override_settings(ROOT_URLCONF="benchmarks.portal_urls", ALLOWED_HOSTS=["testserver"], STORAGES=STORAGES)
    with stock(size, timezone.now(), say) as made, outside:
        found["load_seconds"] = round(time.perf_counter() - started)
        readers = _readers(made)
        if "pages" in parts:
            say("the portal's pages")
            found["pages"] = {name: _times(readers, address, reads) for name, address in _pages(made).items()}
        if "send" in parts:
            say("sending forms")
            found["pages"] = found.get("pages", {}) | {"sending a form": _sends(readers, reads)}
        if "plain" in parts:
            say("Django's list view")
            listed = reverse("plain:list")
            found["plain"] = {name: _times(readers, _always(listed + end), reads) for name, end in PLAIN.items()}
    return found


PLAIN = {"first page": "", "last page": "?page=last", "a search": "?q=customer+77+"}


def _pages(made: Stock) -> dict[str, Callable[[User], str]]:
    """The address of each page, for whoever reads it."""
    with staff_of(made.program.pk):
        deals = {user.pk: _own(user, Registration) for user in made.people}
        notices = {user.pk: _own(user, Notice) for user in made.people}
    listed = reverse("portal:registrations")
    return {
        "own deals": lambda _: listed,
        "own deals, further on": lambda user: f"{listed}?before={deals[user.pk][1]}",
        "own deals, approved": lambda _: f"{listed}?status=approved",
        "own deals, a search": lambda _: f"{listed}?q=customer+77+",
        "a registration": lambda user: reverse("portal:registration", args=[deals[user.pk][0]]),
        "notices": lambda _: reverse("portal:notices"),
        "a notice": lambda user: reverse("portal:notice", args=[notices[user.pk][0]]),
        "the form": lambda _: reverse("portal:register"),
        "rules": lambda _: reverse("portal:policy"),
        "my company": lambda _: reverse("portal:company"),
        "our numbers": lambda _: reverse("portal:scorecard"),
    }


def _always(url: str) -> Callable[[User], str]:
    return lambda _user: url


def _own(user: User, model: Any) -> list[uuid.UUID]:
    """The first and the middle one of a person's rows."""
    partner = Membership.objects.get(user=user).partner_id
    keys = list(model.objects.filter(partner=partner).order_by("-id").values_list("pk", flat=True))
    return [keys[0], keys[len(keys) // 2]]


def _readers(made: Stock) -> list[Reader]:
    """Signed-in people: every second one is of the largest partner."""
    found = []
    for user in made.people:
        client = Client()
        client.force_login(user)
        found.append((client, user))
    return [reader for other in found[1:] for reader in (found[0], other)]


def _times(readers: list[Reader], address: Callable[[User], str], reads: int) -> Report:
    """Milliseconds of `reads` answers, readers in turn."""

    def prepare(number: int) -> Callable[[], Any]:
        client, user = readers[number % len(readers)]
        url = address(user)
        return lambda: client.get(url, secure=True)

    return milliseconds(prepare, reads)


def _sends(readers: list[Reader], reads: int) -> Report:
    """Milliseconds until a form that was sent is answered; what it makes is looked at by a worker, later."""
    url = reverse("portal:register")
    closes = quarter_ends(timezone.now().date() + timedelta(days=90))[0].isoformat()

    def prepare(number: int) -> Callable[[], Any]:
        client, _ = readers[number % len(readers)]
        hidden = _CLAIMANT.search(client.get(url, secure=True).content.decode())
        claimant = hidden.group(1) if hidden else ""
        typed = {
            "form_token": uuid.uuid4(), "claimant": claimant, "account_name": f"New Customer {number} Ltd",
            "account_domain": f"new-{number}.example", "place": "US-TX", "contact_email": f"buyer@new-{number}.example",
            "product_lines": ["pumps"], "band": "50000", "closes": closes, "stage": "qualified",
        }  # fmt: skip
        return lambda: client.post(url, typed, secure=True)

    return milliseconds(prepare, reads, status=302)


# --- the report ---


def lines(found: Report) -> Iterator[str]:
    """The report for people, with the goals."""
    counts = f"{found['registrations']:,} registrations of {found['partners']:,} partners, {found['largest']:,} of the largest"
    yield f"{counts}; loaded in {found['load_seconds']} s"
    yield f"  {found['reads']} reads of each, milliseconds {'p50':>12}{'p95':>10}   goal p95 < {GOAL_MS}"
    for name, times in found.get("pages", {}).items():
        yield line(name, times, "met" if times["p95"] < GOAL_MS else "NOT MET")
    for name, times in found.get("plain", {}).items():
        yield line(f"Django's list view, {name}", times, "")
