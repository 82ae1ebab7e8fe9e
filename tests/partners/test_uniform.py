"""Sending the form is no oracle: the same statements are asked, and it takes as long, whoever else works the account.

The suite compares the statements; PROVE=1 also times 2 x 1,000 submissions and ranks them (the area under the ROC curve:
.5 is a coin, 1 tells every time).
"""

import os
import re
import time
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.models import Ownership, Registration
from partners.services import record_account, save_row, submit_registration
from reviews import pipeline
from tests import factories
from tests.factories import AT
from tests.partners.test_portal import typed

pytestmark = pytest.mark.django_db
EACH = 1_000 if os.environ.get("PROVE") else 5
ACCOUNTS = 50 if os.environ.get("PROVE") else 5
_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")


def worked_by_others(cast):
    """Accounts that a rival owns, registered and works; who sends the form next does not know them."""
    with cast.scope():
        for number in range(ACCOUNTS):
            account = factories.account(cast, f"W-{number}", f"Worked {number} Ltd")
            record_account(account=account, by=None, at=AT)
            owned = Ownership(
                program=cast.program, account=account, partner=cast.beta, valid_from=AT.date(), share_pct=100
            )
            save_row(owned, by=None, at=AT, action="ownership.recorded")
            theirs = factories.draft(cast, cast.beta, account_name=account.name, account_domain=f"w-{number}.example")
            submit_registration(registration=theirs, by=cast.rival_rep, at=AT)
    pipeline.detect(cast.program, AT)


def form(page, name, number):
    """The form as a partner sends it, for one customer."""
    domain = f"{name[0].lower()}-{number}.example"
    return page | {
        "form_token": str(uuid.uuid4()), "account_name": f"{name} {number} Ltd", "account_domain": domain,
        "contact_email": f"buyer@{domain}",
    }  # fmt: skip


def sent(client, page, name, number):
    """Send it: the statements without their values, and the seconds until the answer."""
    typed_in = form(page, name, number % ACCOUNTS)
    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        response = client.post(reverse("portal:register"), typed_in)
        took = time.perf_counter() - started
    assert response.status_code == 302
    receipt = client.get(response.headers["Location"])
    assert receipt.status_code == 200
    return [_LITERAL.sub("?", query["sql"]) for query in queries], took


def area(first, second):
    """The share of pairs in which a value of the first list is the larger; ties count half (Mann and Whitney 1947)."""
    larger = sum((a > b) + 0.5 * (a == b) for a in first for b in second)
    return larger / (len(first) * len(second))


def test_the_form_asks_the_same_whoever_else_works_the_account(cast, client):
    worked_by_others(cast)
    client.force_login(cast.acme_rep)
    page, times = typed(client), {"Worked": [], "Free": []}
    sent(client, page, "Warm", 0)  # the first one fills caches
    asked = set()
    for number in range(EACH):
        for name in ("Worked", "Free") if number % 2 else ("Free", "Worked"):
            statements, took = sent(client, page, name, number)
            times[name].append(took)
            if number < ACCOUNTS:  # later ones are the party's own duplicates, on both sides alike
                asked.add(tuple(statements))
    assert len(asked) == 1, "\n\n".join("\n".join(statements) for statements in asked)
    with cast.scope():
        assert Registration.objects.filter(partner=cast.alpha).count() == 2 * EACH + 1
    if EACH >= 1_000:
        told = area(times["Worked"], times["Free"])
        print(f"area under the curve of {EACH:,} and {EACH:,} submissions: {told:.3f}")  # noqa: T201
        assert 0.45 <= told <= 0.55


def test_the_measure_tells_what_is_slower():
    assert area([3, 4], [1, 2]) == 1
    assert area([1, 2], [1, 2]) == 0.5
