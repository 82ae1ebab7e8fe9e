"""The staff site: whose rows, who may change them, how errors are told, and how many queries a list costs."""

import uuid

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.models import AuditEvent
from channelconflict.scope import staff_of
from conflicts.models import ModelSwitch, PolicyVersion, TerritoryChange
from partners import models as m
from partners import services
from partners.identity import merge_accounts
from partners.permissions import Role, grant_role, programs_of
from reviews.models import Target
from reviews.navigation import navigation
from tests import factories
from tests.factories import AT
from tests.staff_site import address, as_, errors_of, exception, territory, territory_form

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Queries of a change list: session, user, three for entitlements, scope in and out, savepoint, two counts of the
# navigation, count and rows of the list; some pages prefetch or fill a filter besides.
LIST_BUDGET = 18
METERED = {ModelSwitch: 24}  # what calls have used up stands above this list
SHUT = {AuditEvent: {"pat": 403, "ada": 403}, m.IdentityChange: {"audrey": 404, "ada": 404}}


def looker(cast, model):
    """Somebody who may see rows of this model."""
    return as_(cast.pat if "audrey" in SHUT.get(model, ()) else cast.audrey)


@pytest.fixture
def pat(cast):
    """The program admin's client."""
    return as_(cast.pat)


@pytest.fixture
def other(cast):
    """A second program on the same database, with a territory, an exception and a conflict of its own."""
    made = factories.make_cast("southsea")
    with made.scope():
        account = factories.account(made, "A-SECRET", "Secret Canary Works")
        territory(made, external_id="T-SECRET", name="Secret canary coast")
        services.record_exception(exception=exception(made, account, external_id="X-SECRET"), by=None, at=AT)
    factories.conflict_case(made)
    return made


def test_only_our_own_models_are_on_the_site():
    assert {model._meta.app_label for model in REGISTERED} <= {"channelconflict", "partners", "conflicts", "reviews"}


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_every_list_and_row_opens_for_those_who_may(cast, model):
    factories.conflict_case(cast)
    with cast.scope():
        made = territory(cast)
        services.record_exception(exception=exception(cast, m.Account.objects.get()), by=None, at=AT)
        services.record_assignment(
            assignment=m.TerritoryAssignment(program=cast.program, territory=made, partner=cast.alpha), by=None, at=AT
        )
    for name in ("audrey", "pat", "ada"):
        client, wanted = as_(cast.staff[name]), SHUT.get(model, {}).get(name, 200)
        page = client.get(address(model, "changelist"))
        assert page.status_code == wanted, name
        if wanted == 200:
            assert client.get(address(model, "changelist"), {"q": "Orion 1"}).status_code == 200
            listed = page.context.get("cl")  # some lists are pages of their own
            rows = list(listed.result_list[:1]) if listed else []
            for row in rows:
                assert client.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_foreign_absent_and_malformed_ids_look_the_same(other, cast, model):
    client = looker(cast, model)
    with other.scope():
        own = {"pk": other.program.pk} if model is m.Program else {}  # whose names everybody may read in the database
        foreign = model._default_manager.filter(**own).values_list("pk", flat=True).first() or uuid.uuid4()
    pages = ["change", *(["history"] if hasattr(model, "history") else [])]
    for page in pages:
        answers = {
            (found.status_code, found.content.replace(str(key).encode(), b""))
            for key in (foreign, uuid.uuid4(), "none-such")
            for found in [client.get(address(model, page, key))]
        }
        assert {status for status, _ in answers} == {404}
        assert len(answers) == 1


def test_a_foreign_row_is_on_no_list_select_filter_or_search(pat, other):
    with other.scope():
        secret = m.Account.objects.get(external_id="A-SECRET")
    for model in REGISTERED:
        if model is AuditEvent:
            continue
        for query in ({}, {"q": "Secret"}):
            body = pat.get(address(model, "changelist"), query).content.decode()
            assert "ecret canary" not in body.lower().replace('value="secret"', ""), model
            assert str(secret.pk) not in body
    for model in (m.Territory, m.Agreement, m.AccountException, m.Partner, m.Account, Target):
        assert "canary" not in pat.get(address(model, "add")).content.decode().lower()
    found = pat.get(reverse("admin:autocomplete"), {
        "app_label": "partners", "model_name": "accountexception", "field_name": "account", "term": "Secret",
    })  # fmt: skip
    assert found.json()["results"] == []


def test_a_foreign_key_posted_by_hand_is_refused(pat, other, cast):
    answer = pat.post(address(m.Agreement, "add"), {
        "partner": str(other.alpha.pk), "external_id": "AG-X", "status": "active",
    })  # fmt: skip
    assert answer.status_code == 200
    assert "valid choice" in errors_of(answer)
    answer = pat.post(address(m.Territory, "add"), territory_form(**{
        "assignments-TOTAL_FORMS": "1", "assignments-0-partner": str(other.alpha.pk), "assignments-0-role": "owner",
    }))  # fmt: skip
    assert answer.status_code == 200
    with cast.scope():
        assert not m.Territory.objects.exists()


def test_search_as_you_type_tells_accounts_of_one_name_apart(pat, cast):
    with cast.scope():
        factories.account(cast, "A-2", "Orion Chemicals Ltd", city="Leeds", country="GB", subdivision="")
    found = pat.get(reverse("admin:autocomplete"), {
        "app_label": "partners", "model_name": "accountexception", "field_name": "account", "term": "ORION CHEMICALS",
    }).json()["results"]  # fmt: skip
    assert sorted(option["text"] for option in found) == [
        "Orion Chemicals Inc. · US-TX · A-ORION",
        "Orion Chemicals Ltd · Leeds, GB · A-2",
    ]


@pytest.mark.parametrize("name", ["acme_rep", "rival_rep"])
def test_partner_users_get_nowhere(cast, name):
    client = as_(getattr(cast, name))
    for model in REGISTERED:
        answer = client.get(address(model, "changelist"))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("admin:login"))


def test_there_is_one_sign_in_page(cast):
    wanted = reverse("admin:partners_territory_changelist")
    asked = Client().get(reverse("admin:login"), {"next": wanted})
    assert asked.url == f"{reverse('login')}?next={wanted}"
    assert as_(cast.acme_rep).get(reverse("admin:login")).url == reverse("home")
    assert as_(cast.pat).get(reverse("admin:login")).url == reverse("admin:index")


def test_a_password_is_changed_and_the_session_goes_on_until_it_is_ended(pat):
    typed = {
        "old_password": factories.PASSWORD,
        "new_password1": "seven quiet valves",
        "new_password2": "seven quiet valves",
    }
    assert pat.post(reverse("admin:password_change"), typed).status_code == 302
    assert pat.get(reverse("admin:index")).status_code == 200
    assert pat.post(reverse("admin:logout")).url == reverse("login")
    assert pat.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize("name", ["audrey", "ada", "lena"])
def test_who_may_only_look_changes_nothing(cast, name):
    client = as_(cast.staff[name])
    with cast.scope():
        made = territory(cast)
    page = client.get(address(m.Territory, "change", made.pk)).content.decode()
    assert 'name="name"' not in page
    assert client.get(address(m.Territory, "add")).status_code == 403
    assert client.post(address(m.Territory, "add"), territory_form(external_id="T-9")).status_code == 403
    assert client.post(address(m.Territory, "change", made.pk), territory_form(name="Mine")).status_code == 403
    assert client.post(address(m.Territory, "delete", made.pk), {"post": "yes"}).status_code == 403
    with cast.scope():
        assert m.Territory.objects.get().name == "Texas"


def test_nobody_deletes_and_windows_are_shut(pat, cast):
    with cast.scope():
        made = territory(cast)
        policy = PolicyVersion.objects.get()
    assert pat.post(address(m.Territory, "delete", made.pk), {"post": "yes"}).status_code == 403
    assert pat.post(address(PolicyVersion, "change", policy.pk), {"number": "9"}).status_code == 403
    assert pat.get(address(PolicyVersion, "add")).status_code == 403


def test_only_listed_fields_can_be_posted(pat, other, cast):
    with cast.scope():
        made = territory(cast)
    changed = territory_form(
        name="Renamed", seen_version="1", program=str(other.program.pk), version="77", id=str(uuid.uuid4())
    )
    assert pat.post(address(m.Territory, "change", made.pk), changed).status_code == 302
    with cast.scope():
        kept, rule = TerritoryChange.objects.get(), m.Territory.objects.get()
    assert (rule.version, rule.name) == (1, "Texas")
    assert (kept.territory_id, kept.program_id, kept.seen_version, kept.after["name"]) == (
        made.pk, cast.program.pk, 1, "Renamed",
    )  # fmt: skip


def test_history_is_scoped_and_read_only(pat, other, cast):
    with cast.scope():
        made = territory(cast)
        version = made.history.get().pk
    with other.scope():
        foreign = m.Territory.objects.get().history.get().pk
    assert b"Texas" in pat.get(address(m.Territory, "history", made.pk)).content
    then = pat.get(address(m.Territory, "simple_history", made.pk, version))
    assert then.status_code == 200
    assert b'name="name"' not in then.content
    assert (
        pat.post(address(m.Territory, "simple_history", made.pk, version), territory_form(name="Bent")).status_code
        == 403
    )
    for key in (foreign, uuid.uuid4(), "none-such"):
        assert pat.get(address(m.Territory, "simple_history", made.pk, key)).status_code == 404
    with cast.scope():
        assert m.Territory.objects.get().name == "Texas"


def test_hostile_queries_are_answers_not_errors(pat, cast):
    for query in ({"q": "\x00"}, {"q": "%_\\"}, {"p": "999"}, {"e": "1"}, {"o": "99"}, {"in_force": "x"}, {"id": "x"}):
        assert pat.get(address(m.Territory, "changelist"), query).status_code in (200, 302), query
    assert pat.get(address(m.Territory, "changelist"), {"program__code": "x"}).status_code == 400
    asked = {"app_label": "partners", "model_name": "accountexception", "field_name": "account", "term": "\x00"}
    assert pat.get(reverse("admin:autocomplete"), asked).status_code == 200
    assert (
        pat.post(address(m.Territory, "add"), territory_form(name="a\x00b", named_accounts="A\x00B")).status_code == 200
    )


def test_staff_of_two_programs_choose_one_and_do_not_mix_them(other, cast):
    with staff_of(cast.program.pk, other.program.pk):
        grant_role(cast.pat, other.program, Role.PROGRAM_ADMIN)
    client = as_(cast.pat)
    assert b'name="program"' in client.get(address(m.Agreement, "add")).content
    mixed = {"program": str(other.program.pk), "partner": str(cast.alpha.pk), "external_id": "AG-M", "status": "active"}
    assert "belongs to another program" in errors_of(client.post(address(m.Agreement, "add"), mixed))
    plain = {**mixed, "partner": str(other.alpha.pk)}
    assert client.post(address(m.Agreement, "add"), plain).status_code == 302
    with other.scope():
        assert m.Agreement.objects.get(external_id="AG-M").program_id == other.program.pk


def fill(cast, numbers):
    """Rows of every kind that people edit."""
    with cast.scope():
        parent = m.Account.objects.order_by("pk").first()
        for i in numbers:
            account = factories.account(cast, f"A-{i}", f"Account {i} Works", parent=parent)
            partner = factories.partner(cast, f"P-{i}", f"Partner {i}", distributor=cast.alpha)
            made = territory(cast, external_id=f"T-{i + 10}", name=f"Area {i}")
            services.record_assignment(
                assignment=m.TerritoryAssignment(program=cast.program, territory=made, partner=partner), by=None, at=AT
            )
            services.record_exception(
                exception=exception(cast, account, external_id=f"X-{i}", partner=partner), by=None, at=AT
            )
            owned = m.Ownership(program=cast.program, account=account, partner=partner)
            services.save_row(owned, by=None, at=AT, action="ownership.recorded")
            twin = factories.account(cast, f"A-TWIN-{i}", f"Works of Account {i}")
            merge_accounts(subject=twin, target=account, by=cast.pat, at=AT)


def queries(client, url, counter):
    """How many queries a page costs, once everything that is cached for the process is cached."""
    assert client.get(url).status_code == 200
    with counter() as seen:
        client.get(url)
    return len(seen)


@pytest.fixture
def counter():
    """Counts queries on the working connection."""
    return lambda: CaptureQueriesContext(connection)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_costs_the_same_however_long_it_is(cast, model, counter):
    client, url = looker(cast, model), address(model, "changelist")
    factories.conflict_case(cast)
    fill(cast, range(1))
    few = queries(client, url, counter)
    fill(cast, range(1, 7))
    many = queries(client, url, counter)
    assert many == few
    assert many <= METERED.get(model, LIST_BUDGET)


def navigation_of(user):
    """(label, count, current) of each line that the user sees on the list of territories."""
    groups = as_(user).get(address(m.Territory, "changelist")).context["navigation"]
    return {item["label"]: (item["count"], item["current"]) for group in groups for item in group["items"]}


def test_the_navigation_offers_what_the_user_may_open(cast):
    factories.conflict_case(cast)
    seen = {name: navigation_of(cast.staff[name]) for name in ("pat", "lena", "audrey")}
    assert seen["pat"]["Queue"] == (1, False)
    assert seen["pat"]["Territories"] == (0, True)
    assert "Record of acts" in seen["audrey"]
    assert "Record of acts" not in seen["pat"]
    assert "Register a deal" in seen["pat"]
    assert "Register a deal" not in seen["lena"]
    assert [line for line, (_, current) in seen["pat"].items() if current] == ["Territories"]


def test_the_navigation_counts_only_the_users_programs_in_two_queries(other, cast, counter):
    request = RequestFactory().get("/admin/")
    request.user = cast.pat
    programs_of(cast.pat)  # entitlements are read once a request, whoever asks first
    with cast.scope(), counter() as seen:
        groups = list(navigation(request)["navigation"])
    assert len(seen) <= 2
    assert {item["label"]: item["count"] for group in groups for item in group["items"]}["Queue"] == 0


def test_strangers_have_no_navigation(counter):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with counter() as seen:
        assert navigation(request) == {"navigation": []}
    assert not seen
