"""My company and its pages, full, refused and over: axe finds nothing, light and dark, wide and narrow."""

import re
from datetime import timedelta
from itertools import cycle

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners import services
from partners.models import MemberRole, Membership
from reviews.models import NoticeKind
from reviews.services.cases import tell
from reviews.text import Text
from tests import factories
from tests.conflicts.policy_life import rules_changed
from tests.factories import AT
from tests.journeys.axe import LOOKS, Answer, Eye

pytestmark = pytest.mark.django_db


def answers(cast, boss):
    """Every page, as its answers to Alpha's admin and to somebody who is not signed in."""
    now = timezone.now()
    with cast.scope():
        summary = rules_changed(cast, at=now)
        deal = factories.draft(cast, cast.alpha)
        services.submit_registration(registration=deal, by=cast.acme_rep, at=now - timedelta(days=80))
        deal.status, deal.decided_at, deal.protected_from = "approved", now, now - timedelta(days=78)
        deal.protected_until = now + timedelta(days=2)
        services.save_row(deal, by=None, at=now, action="registration.approved")
        tell(cast.alpha.pk, deal, NoticeKind.APPROVED, Text("Approved", "It is protected."), now)
        member = Membership.objects.get(user=cast.acme_rep)
        other = factories.partner(cast, "P-SECOND", "Second Company")
        services.add_member(partner=other, user=boss, role=MemberRole.USER, by=None, at=AT)
    client, stranger = Client(), Client()
    client.force_login(boss)

    def get(name, *args, by=client):
        address = reverse(f"portal:{name}", args=args)
        return Answer(name, address, by.get(address))

    yield from (get("company"), get("scorecard"), get("policy_change", summary.pk), get("registrations"))
    yield from (get("registration", deal.pk), get("survey", deal.pk), get("invite"), get("person", member.pk))
    invite = reverse("portal:invite")
    yield Answer("refused", invite, client.post(invite, {"email": "nonsense"}))
    sent = client.post(invite, {"partner": str(cast.alpha.pk), "email": "nia@alpha.example", "role": "partner_user"})
    yield Answer("invited", invite, sent)
    yield get("people")
    join = re.search(r'value="http://testserver([^"]+)"', sent.content.decode())[1]
    yield Answer("join", join, stranger.get(join))
    yield Answer("join, refused", join, stranger.post(join, {"name": ""}))
    yield Answer("join, signed in", join, client.get(join))
    yield Answer("over", "/portal/join/nothing/", stranger.get("/portal/join/nothing/"))


def test_axe_finds_nothing_on_my_company(cast, browser) -> None:
    with cast.scope():
        boss = factories.rep(cast.alpha, "boss", MemberRole.ADMIN)
    eye, looks, found = Eye(browser), cycle(zip(LOOKS[::2], LOOKS[1::2], strict=True)), []
    for answer in answers(cast, boss):
        assert answer.drawn, answer
        found += eye.looks_at(answer, next(looks))
    eye.close()
    assert found == []
