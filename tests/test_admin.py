"""The staff site: whose rows, who may change them, how errors are told, and how many queries a list costs."""

import uuid
from datetime import date

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from channelconflict.models import AuditEvent, User
from channelconflict.scope import staff_of
from conflicts.models import PolicyVersion
from partners import models as m
from partners import services
from reviews.models import Target
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
# Queries of a change list: session, user, three for entitlements, scope in and out, savepoint, two counts of the
# navigation, count and rows of the list; some pages prefetch or fill a filter besides.
LIST_BUDGET = 18


def address(model, page, *args):
    """The address of an admin page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def as_(user):
    """A client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


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


def territory(cast, **extra):
    """A recorded territory."""
    values = {"external_id": "T-1", "name": "Texas", "countries": ["US"], **extra}
    return services.record_territory(territory=m.Territory(program=cast.program, **values), by=None, at=AT)


def exception(cast, account, **extra):
    """An unsaved exception."""
    values = {"external_id": "X-1", "kind": "pilot", "lifts": ["account_owned"], "reason": "Agreed in writing.",
              "owner_email": "olga@example.com", **extra}  # fmt: skip
    return m.AccountException(program=cast.program, account=account, **values)


def territory_form(**extra):
    """What a browser posts for a territory without assignments."""
    return {
        "name": "Texas", "external_id": "T-1", "countries": "US", "priority": "0",
        "assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0", **extra,
    }  # fmt: skip


def errors_of(response):
    """All sentences that the page shows."""
    page = response.context["adminform"].form.errors
    formsets = [e for f in response.context["inline_admin_formsets"] for row in f.formset.errors for e in row.values()]
    return " ".join(str(sentence) for found in [*page.values(), *formsets] for sentence in found)


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
        client, wanted = as_(cast.staff[name]), 200
        if model is AuditEvent and name != "audrey":
            wanted = 403
        page = client.get(address(model, "changelist"))
        assert page.status_code == wanted, name
        if wanted == 200:
            assert client.get(address(model, "changelist"), {"q": "Orion 1"}).status_code == 200
            rows = list(page.context["cl"].result_list[:1])
            for row in rows:
                assert client.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_foreign_absent_and_malformed_ids_look_the_same(pat, other, cast, model):
    client = as_(cast.audrey) if model is AuditEvent else pat
    with other.scope():
        foreign = model._default_manager.values_list("pk", flat=True).first() or uuid.uuid4()
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


def test_a_territory_is_made_with_its_assignments_through_the_service(pat, cast):
    answer = pat.post(address(m.Territory, "add"), territory_form(**{
        "countries": "us, Germany\nDE", "subdivisions": "us-tx", "industries": "325; 211", "product_lines": ["pumps"],
        "named_accounts": "A-ORION", "employees_min": "10", "employees_max": "500", "valid_from": "2026-01-01",
        "exclusive": "on", "why": "Board decision 12",
        "assignments-TOTAL_FORMS": "2",
        "assignments-0-partner": str(cast.alpha.pk), "assignments-0-role": "owner",
        "assignments-1-direct": "on", "assignments-1-role": "support",
    }))  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    with cast.scope():
        made = m.Territory.objects.get()
        assert (made.countries, made.subdivisions, made.industries) == (["US", "DE"], ["US-TX"], ["325", "211"])
        assert (made.product_lines, made.named_accounts, made.version) == (["pumps"], ["A-ORION"], 1)
        assert {(a.partner_id, a.direct, a.role) for a in made.assignments.all()} == {
            (cast.alpha.pk, False, "owner"), (None, True, "support"),
        }  # fmt: skip
        kept = made.history.get()
        assert (kept.history_user, kept.history_change_reason) == (cast.pat, "Board decision 12")
        acts = set(AuditEvent.objects.filter(actor_id=cast.pat.pk).values_list("action", flat=True))
    assert acts == {"territory.recorded", "assignment.recorded"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"countries": "US, Atlantis"}, "“Atlantis” is not a country"),
        ({"subdivisions": "US-ZZ, TX"}, "“TX” is not a state or province"),
        ({"postal_prefixes": "77%"}, "“77%” is not the beginning of a postal code"),
        ({"named_accounts": "A-ORION\nA-NONE"}, "No account of this program has the reference “A-NONE”"),
        ({"named_accounts": "A-ORION", "excluded_accounts": "A-ORION"}, "either covered or excluded"),
        ({"employees_min": "9", "employees_max": "3"}, "lies below the lower one"),
        ({"valid_from": "2026-05-01", "valid_until": "2026-04-01"}, "lies before the first day"),
        ({"product_lines": ["rockets"]}, "rockets"),
        ({"assignments-TOTAL_FORMS": "1", "assignments-0-role": "support"}, "Choose a partner, or tick the direct team"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_bad_territory_is_told_in_a_sentence_and_loses_nothing(pat, cast, typed, sentence):
    answer = pat.post(address(m.Territory, "add"), territory_form(**{"name": "Kept as typed", **typed}))
    assert answer.status_code == 200
    assert sentence in errors_of(answer)
    assert not typed.get("name", "Kept as typed") or b"Kept as typed" in answer.content
    with cast.scope():
        assert not m.Territory.objects.exists()


def test_a_used_reference_is_an_error_on_the_form(pat, cast):
    with cast.scope():
        territory(cast)
    assert "already exists" in errors_of(pat.post(address(m.Territory, "add"), territory_form()))


def test_what_only_the_database_sees_is_an_error_on_the_form_too(pat, cast):
    answer = pat.post(address(m.Territory, "add"), territory_form(**{
        "assignments-TOTAL_FORMS": "2", "assignments-0-direct": "on", "assignments-0-role": "owner",
        "assignments-1-direct": "on", "assignments-1-role": "owner", "name": "Kept as typed",
    }))  # fmt: skip
    assert answer.status_code == 200
    assert "listed twice" in errors_of(answer)
    assert b"Kept as typed" in answer.content
    with cast.scope():
        assert not m.Territory.objects.exists()


def test_the_second_of_two_editors_sees_the_difference_and_keeps_what_was_typed(pat, cast):
    with cast.scope():
        made = territory(cast)
        made.name = "Texas and Oklahoma"
        services.record_territory(territory=made, by=cast.olga, at=AT, seen_version=1)
    mine = territory_form(name="Texas only", seen_version="1")
    answer = pat.post(address(m.Territory, "change", made.pk), mine)
    told = errors_of(answer)
    assert answer.status_code == 200
    assert "Olga changed this meanwhile" in told
    assert "stored is Texas and Oklahoma, you typed Texas only" in told
    assert b'value="Texas only"' in answer.content
    assert b'name="seen_version" value="2"' in answer.content
    assert pat.post(address(m.Territory, "change", made.pk), {**mine, "seen_version": "2"}).status_code == 302
    with cast.scope():
        assert (m.Territory.objects.get().name, m.Territory.objects.get().version) == ("Texas only", 3)


def test_a_form_without_its_version_is_refused(pat, cast):
    with cast.scope():
        made = territory(cast)
    assert "you saw none" in errors_of(pat.post(address(m.Territory, "change", made.pk), territory_form(name="Blind")))


def test_saving_without_a_change_records_nothing(pat, cast):
    with cast.scope():
        made = territory(cast)
    saved = pat.post(address(m.Territory, "change", made.pk), territory_form(seen_version="1", why="Only looked"))
    assert saved.status_code == 302
    with cast.scope():
        assert m.Territory.objects.get().version == 1
        assert made.history.count() == 1


def test_an_assignment_is_removed_and_counts_as_a_change_of_the_territory(pat, cast):
    with cast.scope():
        made = territory(cast)
        held = services.record_assignment(
            assignment=m.TerritoryAssignment(program=cast.program, territory=made, partner=cast.alpha), by=None, at=AT
        )
    answer = pat.post(address(m.Territory, "change", made.pk), territory_form(**{
        "seen_version": "1", "assignments-TOTAL_FORMS": "1", "assignments-INITIAL_FORMS": "1",
        "assignments-0-id": str(held.pk), "assignments-0-territory": str(made.pk),
        "assignments-0-partner": str(cast.alpha.pk), "assignments-0-role": "owner", "assignments-0-DELETE": "on",
    }))  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    with cast.scope():
        assert not made.assignments.exists()
        assert m.Territory.objects.get().version == 2
        assert AuditEvent.objects.filter(action="assignment.removed", actor_id=cast.pat.pk).count() == 1


def test_only_listed_fields_can_be_posted(pat, other, cast):
    with cast.scope():
        made = territory(cast)
    changed = territory_form(name="Renamed", seen_version="1", program=str(other.program.pk), version="77", id=str(uuid.uuid4()))
    assert pat.post(address(m.Territory, "change", made.pk), changed).status_code == 302
    with cast.scope():
        kept = m.Territory.objects.get()
    assert (kept.pk, kept.program_id, kept.version, kept.name) == (made.pk, cast.program.pk, 2, "Renamed")


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
    assert pat.post(address(m.Territory, "simple_history", made.pk, version), territory_form(name="Bent")).status_code == 403
    for key in (foreign, uuid.uuid4(), "none-such"):
        assert pat.get(address(m.Territory, "simple_history", made.pk, key)).status_code == 404
    with cast.scope():
        assert m.Territory.objects.get().name == "Texas"


def test_an_agreement_and_an_exception_are_kept(pat, cast):
    with cast.scope():
        account = m.Account.objects.get()
    assert pat.post(address(m.Agreement, "add"), {
        "partner": str(cast.beta.pk), "external_id": "AG-9", "status": "active", "product_lines": ["valves"],
        "max_discount_pct": "12.5", "valid_until": "2026-12-31",
    }).status_code == 302  # fmt: skip
    fields = {"external_id": "X-9", "kind": "pilot", "account": str(account.pk), "reason": "Pilot until June.",
              "owner_email": "olga@example.com", "lifts": ["account_owned", "reserved_account"]}  # fmt: skip
    assert pat.post(address(m.AccountException, "add"), fields).status_code == 302
    both = {**fields, "external_id": "X-10", "partner": str(cast.alpha.pk), "direct": "on"}
    assert "not both" in errors_of(pat.post(address(m.AccountException, "add"), both))
    none = {**fields, "external_id": "X-11", "lifts": []}
    assert "at least one finding" in errors_of(pat.post(address(m.AccountException, "add"), none))
    with cast.scope():
        assert m.Agreement.objects.get(external_id="AG-9").valid_until == date(2026, 12, 31)
        assert m.AccountException.objects.get().lifts == ["account_owned", "reserved_account"]


def partner_form(cast, **extra):
    """What a browser posts for Alpha."""
    with cast.scope():
        member = m.Membership.objects.get(partner=cast.alpha)
    return {
        "name": "Alpha Flow", "external_id": "P-ALPHA", "status": "active", "type": "reseller", "country": "US",
        "tier": str(cast.alpha.tier_id), "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(member.pk), "memberships-0-partner": str(cast.alpha.pk), "memberships-0-role": "partner_user",
        **extra,
    }  # fmt: skip


def test_members_come_and_go_through_the_services(pat, cast):
    newcomer = User(username="newcomer")
    newcomer.set_password(factories.PASSWORD)
    with cast.scope():
        newcomer.save()
    edit = address(m.Partner, "change", cast.alpha.pk)
    added = partner_form(cast, **{
        "memberships-TOTAL_FORMS": "2", "memberships-1-sign_in": "newcomer", "memberships-1-role": "partner_admin",
        "memberships-1-partner": str(cast.alpha.pk), "memberships-0-DELETE": "on", "certifications": "pump-pro, safety",
    })  # fmt: skip
    answer = pat.post(edit, added)
    assert answer.status_code == 302, errors_of(answer)
    with cast.scope():
        assert m.Partner.objects.get(pk=cast.alpha.pk).certifications == ["pump-pro", "safety"]
        found = dict(m.Membership.objects.filter(partner=cast.alpha).values_list("user__username", "active"))
        assert found == {"acme_rep": False, "newcomer": True}
        rights = set(m.PartnerUserPermission.objects.filter(content_object=cast.alpha).values_list("user__username", "permission__codename"))
    assert rights == {("newcomer", "use_portal"), ("newcomer", "manage_members"), ("ada", "manage_partner")}


@pytest.mark.parametrize("name", ["ada", "nobody-at-all"])
def test_vendor_staff_and_strangers_get_the_same_answer_as_members(pat, cast, name):
    answer = pat.post(address(m.Partner, "change", cast.alpha.pk), partner_form(cast, **{
        "memberships-TOTAL_FORMS": "2", "memberships-1-sign_in": name, "memberships-1-role": "partner_user",
    }))  # fmt: skip
    assert f"“{name}” is no partner user" in errors_of(answer)


def test_a_partner_cannot_buy_through_itself(pat, cast):
    with cast.scope():
        below = factories.partner(cast, "P-SUB", "Sub Reseller", distributor=cast.alpha)
    answer = pat.post(address(m.Partner, "change", cast.alpha.pk), partner_form(cast, distributor=str(below.pk)))
    assert "buy through itself" in errors_of(answer)


def account_form(**extra):
    """What a browser posts for an account."""
    return {
        "name": "Orion Chemicals Inc.", "external_id": "A-ORION", "segment": "standard", "country": "US",
        "subdivision": "US-TX", "domain": "orion.example.com", "ownerships-TOTAL_FORMS": "0",
        "ownerships-INITIAL_FORMS": "0", "names-TOTAL_FORMS": "0", "names-INITIAL_FORMS": "0", **extra,
    }  # fmt: skip


def test_an_account_keeps_its_names_and_owners(pat, cast):
    with cast.scope():
        account = m.Account.objects.get()
    answer = pat.post(address(m.Account, "change", account.pk), account_form(**{
        "domain": "https://www.orion-chem.com/contact", "also_known_as": "Orion Chem\nOC Industries, LLC",
        "ownerships-TOTAL_FORMS": "1", "ownerships-0-partner": str(cast.alpha.pk), "ownerships-0-role": "owner",
        "ownerships-0-product_lines": "pumps, valves", "ownerships-0-share_pct": "60", "ownerships-0-valid_from": "2026-01-01",
    }))  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    with cast.scope():
        kept = m.Account.objects.get()
        assert kept.domain == "orion-chem.com"
        assert set(kept.names.values_list("key", flat=True)) == {"orion chemicals", "orion chem", "oc industries"}
        owned = kept.ownerships.get()
    assert (owned.partner_id, owned.product_lines, owned.program_id) == (cast.alpha.pk, ["pumps", "valves"], cast.program.pk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"domain": "someone@gmail.com"}, "is no domain of a company"),
        ({"country": "DE"}, "US-TX does not lie in DE"),
        ({"name": "..."}, "A name needs letters or digits"),
        ({"ownerships-TOTAL_FORMS": "1", "ownerships-0-direct": "on", "ownerships-0-role": "owner",
          "ownerships-0-product_lines": "rockets"}, "no product line rockets"),
        ({"ownerships-TOTAL_FORMS": "1", "ownerships-0-direct": "on", "ownerships-0-role": "owner",
          "ownerships-0-share_pct": "130"}, "A share is a percentage"),
    ],
)  # fmt: skip
def test_a_bad_account_is_told_in_a_sentence(pat, cast, typed, sentence):
    with cast.scope():
        account = m.Account.objects.get()
    assert sentence in errors_of(pat.post(address(m.Account, "change", account.pk), account_form(**typed)))


def test_a_target_is_no_path_and_stays_within_the_program(pat, cast):
    for name in ("../../etc/cron", "southsea-outcomes"):
        answer = pat.post(address(Target, "add"), {"name": name, "kind": "file", "enabled": "on"})
        assert answer.status_code == 200
    assert pat.post(address(Target, "add"), {"name": "northwind-crm", "kind": "file", "enabled": "on"}).status_code == 302


def test_hostile_queries_are_answers_not_errors(pat, cast):
    for query in ({"q": "\x00"}, {"q": "%_\\"}, {"p": "999"}, {"e": "1"}, {"o": "99"}, {"in_force": "x"}, {"id": "x"}):
        assert pat.get(address(m.Territory, "changelist"), query).status_code in (200, 302), query
    assert pat.get(address(m.Territory, "changelist"), {"program__code": "x"}).status_code == 400
    asked = {"app_label": "partners", "model_name": "accountexception", "field_name": "account", "term": "\x00"}
    assert pat.get(reverse("admin:autocomplete"), asked).status_code == 200
    assert pat.post(address(m.Territory, "add"), territory_form(name="a\x00b", named_accounts="A\x00B")).status_code == 200


def test_staff_of_two_programs_choose_one_and_do_not_mix_them(other, cast):
    from partners.permissions import Role, grant_role

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
            services.record_exception(exception=exception(cast, account, external_id=f"X-{i}", partner=partner), by=None, at=AT)
            owned = m.Ownership(program=cast.program, account=account, partner=partner)
            services.save_row(owned, by=None, at=AT, action="ownership.recorded")


def queries(client, url, counter):
    """How many queries a page costs, once everything that is cached for the process is cached."""
    assert client.get(url).status_code == 200
    with counter() as seen:
        client.get(url)
    return len(seen)


@pytest.fixture
def counter():
    """Counts queries on the working connection."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_list_costs_the_same_however_long_it_is(cast, model, counter):
    client, url = as_(cast.audrey), address(model, "changelist")
    factories.conflict_case(cast)
    fill(cast, range(1))
    few = queries(client, url, counter)
    fill(cast, range(1, 7))
    many = queries(client, url, counter)
    assert many == few
    assert many <= LIST_BUDGET
