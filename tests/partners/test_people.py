"""Who acts for a partner: inviting without an oracle, joining, roles, and taking the access away; walls included."""

import re
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import mail
from django.core.signing import dumps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import AuditEvent, User
from channelconflict.scope import Scope, acting
from partners.models import Invitation, MemberRole, Membership, PartnerUserPermission, ProgramGroupPermission
from partners.people import GONE, LAST_ADMIN, ONLY_ADMINS, change_role, invite, join, remove_colleague
from partners.permissions import entitlements, scope_of
from partners.services import NotPossibleError
from tests import factories

pytestmark = pytest.mark.django_db
ADMIN, USER = MemberRole.ADMIN, MemberRole.USER
PASSWORD = "a long and quiet river"


@pytest.fixture
def boss(cast):
    """Alpha's admin."""
    with cast.scope():
        return factories.rep(cast.alpha, "boss", ADMIN)


@pytest.fixture
def admin(boss, client):
    """Alpha's admin, signed in."""
    client.force_login(boss)
    return client


def invited(client, email="new@alpha.example", role=USER):
    """Invite somebody by the form; the link, as the page shows it once."""
    form = client.get(reverse("portal:invite")).content.decode()
    partner = re.search(r'name="partner" value="([^"]+)"', form)[1]
    page = client.post(reverse("portal:invite"), {"partner": partner, "email": email, "role": role})
    found = re.search(r'id="link"[^>]* value="http://testserver([^"]+)"', page.content.decode())
    return page, found and found[1]


def joined(client, link, **typed):
    """Fill in the page of an invitation."""
    return client.post(link, {"name": "Nia New", "password": PASSWORD, "again": PASSWORD, **typed})


def acts(cast, **wanted):
    """What the record says."""
    with cast.scope():
        return list(AuditEvent.objects.filter(**wanted).order_by("at", "sequence"))


# --- inviting and joining ---


def test_a_colleague_is_invited_joins_and_sees_the_deals(cast, admin, boss, django_user_model) -> None:
    with cast.scope():
        factories.submitted(cast, cast.alpha, account_name="Alpha's Customer")
    page, link = invited(admin)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    stranger = type(admin)()
    shown = stranger.get(link).content.decode()
    assert "Join Alpha Flow" in shown
    answer = joined(stranger, link)
    assert answer.status_code == 302
    home = stranger.get(reverse("portal:registrations"))
    assert "Alpha&#x27;s Customer" in home.content.decode()
    user = django_user_model.objects.get(display_name="Nia New")
    assert user.email == "new@alpha.example"
    assert re.fullmatch(r"new-[0-9a-z]{5}", user.username)
    assert not user.is_staff
    assert user.check_password(PASSWORD)
    assert {e.action for e in acts(cast, actor_id=user.pk)} == {"user.joined", "member.added", "invitation.used"}
    assert "new@alpha.example" not in "".join(e.body for e in acts(cast, action__startswith="invitation"))
    with cast.scope():
        row = Invitation.objects.get()
        assert (row.joined_by_id, row.invited_by_id) == (user.pk, boss.pk)
        assert row.token_sha256 not in link


def test_the_link_works_once_and_every_dead_link_gets_the_same_answer(cast, admin, boss) -> None:
    _, link = invited(admin)
    _, second = invited(admin, "other@alpha.example")
    assert joined(type(admin)(), link).status_code == 302
    with cast.scope():
        waits = Invitation.objects.get(joined_at=None)
    admin.post(reverse("portal:withdraw_invitation", args=[waits.pk]))
    forged = reverse("portal:join", args=[dumps([str(cast.alpha.pk), "guessed"], salt="partners.invitation")])
    foreign = reverse("portal:join", args=[dumps([str(cast.alpha.pk), "guessed"], salt="another salt")])
    pages = set()
    for dead in (link, second, forged, foreign, reverse("portal:join", args=["nothing"])):
        for answer in (type(admin)().get(dead), joined(type(admin)(), dead)):
            assert answer.status_code == 404
            pages.add(re.sub(r'href="[^"]*"', "", answer.content.decode()))
    assert len(pages) == 1
    assert GONE.split(":")[0] in pages.pop()
    with cast.scope():
        assert Membership.objects.filter(partner=cast.alpha).count() == 3


def test_a_link_older_than_seven_days_is_dead(cast, boss) -> None:
    at = timezone.now()
    with acting(scope_of(boss)):
        _, token = invite(partner=cast.alpha, email="late@alpha.example", role=USER, by=boss, at=at)
    with pytest.raises(NotPossibleError, match="cannot be used"):
        join(token=token, by=None, at=at + timedelta(days=7), name="Late", password=PASSWORD)
    assert not User.objects.filter(display_name="Late").exists()


def test_the_answer_for_a_known_address_is_the_answer_for_a_new_one(cast, admin) -> None:
    """Somebody of Beta, somebody of the vendor, a colleague, and nobody: inviting tells none of them apart."""
    with cast.scope():
        for user, address in ((cast.rival_rep, "rep@beta.example"), (cast.ada, "ada@vendor.example"),
                              (cast.acme_rep, "rep@alpha.example")):  # fmt: skip
            user.email = address
            user.save()
    pages, forms = set(), set()
    for address in ("rep@beta.example", "ada@vendor.example", "rep@alpha.example", "nobody@alpha.example"):
        page, link = invited(admin, address)
        assert page.status_code == 200
        text = page.content.decode().replace(address, "ADDRESS").replace(link, "LINK")
        pages.add(re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", text))
        form = type(admin)().get(link).content.decode()
        forms.add(re.sub(r'csrfmiddlewaretoken" value="[^"]+"|next=[^"]+', "", form))
    assert len({re.sub(r"\d\d:\d\d", "", page) for page in pages}) == 1
    assert len(forms) == 1


def test_who_has_an_account_joins_with_it_and_keeps_what_they_had(cast, admin) -> None:
    _, link = invited(admin, role=ADMIN)
    beta = type(admin)()
    beta.force_login(cast.rival_rep)
    assert f"Join as {cast.rival_rep}" in beta.get(link).content.decode()
    assert beta.post(link).status_code == 302
    assert "Company" in beta.get(reverse("portal:people")).content.decode()
    has = entitlements(User.objects.get(pk=cast.rival_rep.pk)).partners
    assert has == {cast.beta.pk: {"use_portal"}, cast.alpha.pk: {"use_portal", "manage_members"}}


def test_an_admin_who_joins_as_a_user_stays_admin(cast, admin, boss) -> None:
    _, link = invited(admin, role=USER)
    admin.post(link)
    with cast.scope():
        assert Membership.objects.get(user=boss).role == ADMIN


def test_vendor_staff_never_act_for_a_partner(cast, admin) -> None:
    _, link = invited(admin)
    staff = type(admin)()
    staff.force_login(cast.ada)
    assert staff.post(link).status_code == 409
    with cast.scope():
        cast.ada.email = "Ada@vendor.example"
        cast.ada.save()
    _, link = invited(admin, "ada@VENDOR.example")
    answer = joined(type(admin)(), link)
    assert answer.status_code == 409
    assert "Vendor staff cannot act for a partner" in answer.content.decode()
    with cast.scope():
        assert not Membership.objects.filter(user__is_staff=True).exists()
    assert not User.objects.filter(display_name="Nia New").exists()


def test_what_is_missing_is_named_and_the_link_still_works(cast, admin) -> None:
    _, link = invited(admin)
    stranger = type(admin)()
    for typed, told in (
        ({"name": ""}, "Enter your name."),
        ({"again": "something else"}, "The two passwords differ"),
        ({"password": "password", "again": "password"}, "too common"),
        ({"password": "short", "again": "short"}, "too short"),
    ):
        answer = joined(stranger, link, **typed)
        assert answer.status_code == 400
        assert told in answer.content.decode()
    assert joined(stranger, link).status_code == 302


def test_inviting_again_replaces_the_link_and_bad_addresses_are_named(cast, admin) -> None:
    _, first = invited(admin)
    _, second = invited(admin, "NEW@alpha.example")
    assert type(admin)().get(first).status_code == 404
    assert type(admin)().get(second).status_code == 200
    page, link = invited(admin, "nonsense")
    assert (page.status_code, link) == (400, None)
    assert "Enter a mail address" in page.content.decode()
    page, link = invited(admin, role="owner")
    assert (page.status_code, link) == (400, None)


def test_the_link_is_mailed_where_mail_is_configured(cast, admin, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _, link = invited(admin)
    (sent,) = mail.outbox
    assert sent.to == ["new@alpha.example"]
    assert f"http://testserver{link}" in sent.body
    assert "Alpha Flow" in sent.body


def test_mails_that_would_be_files_hold_no_link(
    cast, admin, settings, tmp_path, django_capture_on_commit_callbacks
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        _page, link = invited(admin)
    assert link
    assert not list(tmp_path.iterdir())


# --- roles and access ---


def test_the_last_admin_stays_and_one_of_two_may_go(cast, boss, admin) -> None:
    with cast.scope():
        mine, other = Membership.objects.get(user=boss), Membership.objects.get(user=cast.acme_rep)
    with acting(scope_of(boss)):
        for act in (lambda: change_role(member=mine, role=USER, by=boss, at=timezone.now()),
                    lambda: remove_colleague(member=mine, by=boss, at=timezone.now())):  # fmt: skip
            with pytest.raises(NotPossibleError, match=re.escape(LAST_ADMIN)):
                act()
    page = admin.post(reverse("portal:remove_person", args=[mine.pk]), follow=True)
    assert LAST_ADMIN in page.content.decode()
    assert admin.post(reverse("portal:person", args=[other.pk]), {"role": ADMIN}).status_code == 302
    assert "manage_members" in entitlements(User.objects.get(pk=cast.acme_rep.pk)).partners[cast.alpha.pk]
    answer = admin.post(reverse("portal:remove_person", args=[mine.pk]))
    assert answer.status_code == 302
    assert admin.get(reverse("portal:people")).status_code == 403
    assert [e.action for e in acts(cast, actor_id=boss.pk)] == ["member.role_changed", "member.removed"]


def test_who_is_removed_is_out_with_the_next_click(cast, admin, client) -> None:
    rep = type(client)()
    rep.force_login(cast.acme_rep)
    assert rep.get(reverse("portal:registrations")).status_code == 200
    with cast.scope():
        member = Membership.objects.get(user=cast.acme_rep)
    admin.post(reverse("portal:remove_person", args=[member.pk]))
    assert rep.get(reverse("portal:registrations")).status_code == 403
    assert User.objects.filter(pk=cast.acme_rep.pk, is_active=True).exists()  # the person may act elsewhere


def test_only_admins_and_only_of_their_own_partner(cast, admin, boss, client) -> None:
    with cast.scope():
        beta = Membership.objects.get(user=cast.rival_rep)
    for address in ("portal:person", "portal:remove_person"):
        assert admin.post(reverse(address, args=[beta.pk]), {"role": ADMIN}).status_code == 404
    with acting(scope_of(boss)), pytest.raises(NotPossibleError, match=re.escape(ONLY_ADMINS)):
        invite(partner=cast.beta, email="x@beta.example", role=USER, by=boss, at=timezone.now())
    rep = type(client)()
    rep.force_login(cast.acme_rep)
    people = rep.get(reverse("portal:people"))
    assert people.status_code == 200
    assert "Invite" not in people.content.decode()
    assert rep.get(reverse("portal:invite")).status_code == 403
    with cast.scope():
        own = Membership.objects.get(user=cast.acme_rep)
    assert rep.post(reverse("portal:person", args=[own.pk]), {"role": ADMIN}).status_code == 404


def test_the_database_lets_only_a_partners_admin_write(cast, boss) -> None:
    """Wall two: whatever a view forgets, nobody makes themselves an admin, and nobody of another partner a member."""
    with cast.scope():
        mine = Membership.objects.get(user=cast.acme_rep)
    right = PartnerUserPermission.objects.filter(permission__codename="manage_members").values_list("permission_id")[0][
        0
    ]

    def denied(scope: Scope, act) -> None:
        with pytest.raises(DatabaseError, match="row-level security"), acting(scope), transaction.atomic():
            act()

    rep = scope_of(cast.acme_rep)
    denied(rep, lambda: Membership(id=mine.id, program_id=mine.program_id, partner=cast.alpha, user=cast.acme_rep,
                                   role=ADMIN).save(force_update=True))  # fmt: skip
    denied(rep, lambda: PartnerUserPermission.objects.create(
        user=cast.acme_rep, content_object=cast.alpha, permission_id=right))  # fmt: skip
    denied(scope_of(boss), lambda: PartnerUserPermission.objects.create(
        user=cast.acme_rep, content_object=cast.beta, permission_id=right))  # fmt: skip
    with acting(rep):
        assert not Invitation.objects.exists()


def test_the_page_takes_a_fixed_number_of_queries(cast, admin) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            assert admin.get(reverse("portal:people")).status_code == 200
        return len(found)

    count()
    before = count()
    with cast.scope():
        for number in range(10):
            factories.rep(cast.alpha, f"more{number}")
    assert count() == before


def test_who_leads_a_channel_already_gets_the_new_right(cast) -> None:
    """The migration, on a program that is older than the right."""
    given = ProgramGroupPermission.objects.filter(permission__codename="read_survey_texts")
    migration = import_module("partners.migrations.0009_my_company")
    with cast.scope():
        before = set(given.values_list("group__name", flat=True))
        given.all().delete()
        migration.let_leaders_read(apps, SimpleNamespace(connection=connection))
        assert set(given.values_list("group__name", flat=True)) == before
        assert {name.split(": ")[1] for name in before} == {"Channel lead", "Revenue lead"}
