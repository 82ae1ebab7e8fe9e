"""What somebody does at the desk in a test: open a page, send a form, read what it says."""

import re
from decimal import Decimal

from django.contrib.messages import get_messages
from django.urls import reverse

from reviews import pipeline
from reviews.models import Case
from tests import factories

ACTS = ("claim", "release", "approve", "decide", "ask", "note", "identity", "snooze_findings", "wake_findings", "skip")


def url(name, case):
    return reverse(f"review:{name}", args=[case.pk])


def text_of(response):
    """The page as people read it: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def opened(client, user, case):
    client.force_login(user)
    return client.get(url("case", case))


def send(client, user, name, case, **data):
    client.force_login(user)
    return client.post(url(name, case), {"seen_version": case.version, **data})


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def fresh(cast, case):
    with cast.scope():
        return Case.objects.get(pk=case.pk)


def many_cases(cast, count, *, begin=0):
    for number in range(begin, count):
        with cast.scope():
            factories.account(cast, f"A-{number:03}", f"Customer {number:03} Water Works")
        names = {"account_name": f"Customer {number:03} Water Works", "account_domain": f"a-{number:03}.example"}
        factories.submitted(cast, cast.alpha, days_ago=2, amount=Decimal(10_000 * (number + 1)), **names)
        factories.submitted(cast, cast.beta, days_ago=1, **names)
    pipeline.detect(cast.program, factories.AT)
