"""What the tests of merging, splitting and undoing share: the addresses, what a browser would post, what is shown."""

import re
from datetime import date

from django.contrib.messages import get_messages

from partners import models as m
from partners.services import save_row
from tests import factories
from tests.factories import AT
from tests.staff_site import address, exception


def said(response):
    return " ".join(re.sub(r"<[^>]+>", "", str(message)) for message in get_messages(response.wsgi_request))


def ask(row, other):
    """The address of the preview of a merge."""
    return f"{address(type(row), 'merge', row.pk)}?other={other.pk}"


def confirm(client, row, other, **changes):
    """Post what the preview of a merge offers."""
    seen = client.get(ask(row, other)).context["preview"].seen
    return client.post(
        address(type(row), "merge", row.pk), {"other": other.pk, "seen": seen, "reason": "Renamed in 2019.", **changes}
    )


def held_in(preview):
    return {one.kind: ([i.text for i in one.left], [i.text for i in one.right]) for one in preview.held}


def furnish(cast, orion, old):
    """Something of every kind on the old account."""
    with cast.scope():
        child = factories.account(cast, "A-KID", "Old Star Water", parent=old)
        day = {"valid_from": date(2025, 1, 1)}
        made = (
            m.Ownership(program=cast.program, account=old, partner=cast.beta, **day),
            m.CrmOpportunity(program=cast.program, account=old, direct=True, external_id="O-1", stage="qualified"),
            m.PriceQuote(program=cast.program, account=old, partner=cast.beta, external_id="Q-1", product_line="pumps"),
            exception(cast, old, external_id="X-9"),
        )
        for row in made:
            save_row(row, by=None, at=AT, action="recorded")
    return child


def split_form(client, account, **typed):
    """The form with its boxes: kind -> {text: id}."""
    page = client.get(address(m.Account, "split", account.pk))
    return {one.kind: {item.text: item.pk for item in one.left} for one in page.context["form"].held}
