"""Editing the facts on the staff site: what is kept, what is refused with which sentence, and two editors at once."""

from datetime import date

import pytest

from channelconflict.models import AuditEvent, User
from conflicts.models import TerritoryChange, TerritoryDraft
from partners import models as m
from partners import services
from reviews.models import Target
from tests import factories
from tests.factories import AT
from tests.staff_site import address, as_, errors_of, territory, territory_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def pat(cast):
    """The program admin's client."""
    return as_(cast.pat)


def kept(cast):
    """What the only draft has of its only rule."""
    with cast.scope():
        return TerritoryChange.objects.get()


def test_a_territory_is_typed_with_its_assignments_into_a_draft(pat, cast):
    answer = pat.post(address(m.Territory, "add"), territory_form(**{
        "countries": "us, Germany\nDE", "subdivisions": "us-tx", "industries": "325; 211", "product_lines": ["pumps"],
        "named_accounts": "A-ORION", "employees_min": "10", "employees_max": "500", "valid_from": "2026-01-01",
        "exclusive": "on", "why": "Board decision 12",
        "assignments-TOTAL_FORMS": "2",
        "assignments-0-partner": str(cast.alpha.pk), "assignments-0-role": "owner",
        "assignments-1-direct": "on", "assignments-1-role": "support",
    }))  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    made = kept(cast).after
    assert (made["countries"], made["subdivisions"], made["industries"]) == (["US", "DE"], ["US-TX"], ["325", "211"])
    assert (made["product_lines"], made["named_accounts"]) == (["pumps"], ["A-ORION"])
    assert made["assignments"] == [
        {"partner": str(cast.alpha.pk), "direct": False, "role": "owner"},
        {"partner": None, "direct": True, "role": "support"},
    ]
    with cast.scope():
        draft = TerritoryDraft.objects.get()
        assert (draft.created_by_id, draft.why) == (cast.pat.pk, "Board decision 12")
        acts = set(AuditEvent.objects.filter(actor_id=cast.pat.pk).values_list("action", flat=True))
        assert not m.Territory.objects.exists()
    assert acts == {"territory_draft.opened", "territory_draft.changed", "territory_draft.edited"}


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
        (
            {"assignments-TOTAL_FORMS": "1", "assignments-0-role": "support"},
            "Choose a partner, or tick the direct team",
        ),
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
    assert (kept(cast).after["name"], kept(cast).seen_version) == ("Texas only", 2)


def test_what_only_the_other_editor_changed_is_taken_over(pat, cast):
    with cast.scope():
        made = territory(cast, product_lines=["pumps"])
        made.priority, made.exclusive, made.industries, made.product_lines = 30, True, ["325"], ["valves"]
        made.valid_until = date(2027, 1, 31)
        services.record_territory(territory=made, by=cast.olga, at=AT, seen_version=1)
    mine = territory_form(name="Texas only", seen_version="1", product_lines=["pumps"])
    answer = pat.post(address(m.Territory, "change", made.pk), mine)
    told = errors_of(answer)
    assert "Priority: changed to 30, and taken over below" in told
    assert "stored is Texas, you typed Texas only" in told
    page = answer.content.decode()
    for shown in ('name="priority" value="30"', 'value="Texas only"', 'value="2027-01-31"', ">\n325</textarea>"):
        assert shown in page
    form = answer.context["adminform"].form
    assert (form["exclusive"].value(), form["product_lines"].value()) == (True, ["valves"])


def test_a_form_without_its_version_is_refused(pat, cast):
    with cast.scope():
        made = territory(cast)
    assert "you saw none" in errors_of(pat.post(address(m.Territory, "change", made.pk), territory_form(name="Blind")))


def test_saving_without_a_change_keeps_nothing(pat, cast):
    with cast.scope():
        made = territory(cast)
    saved = pat.post(address(m.Territory, "change", made.pk), territory_form(seen_version="1", why="Only looked"))
    assert saved.status_code == 302
    with cast.scope():
        assert not TerritoryDraft.objects.exists()
        assert made.history.count() == 1


def test_an_assignment_taken_away_is_a_change_of_the_territory(pat, cast):
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
    assert (kept(cast).after["assignments"], kept(cast).seen_version) == ([], 1)
    with cast.scope():
        assert made.assignments.exists()


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
        held = m.PartnerUserPermission.objects.filter(content_object=cast.alpha)
        rights = set(held.values_list("user__username", "permission__codename"))
    assert rights == {("newcomer", "use_portal"), ("newcomer", "manage_members"), ("ada", "manage_partner")}


@pytest.mark.parametrize("name", ["ada", "nobody-at-all", "rival_rep.southsea"])
def test_vendor_staff_strangers_and_people_of_other_programs_get_the_same_answer(pat, cast, name):
    factories.make_cast("southsea")
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
        "ownerships-0-product_lines": "pumps, valves", "ownerships-0-share_pct": "100", "ownerships-0-valid_from": "2026-01-01",
    }))  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    with cast.scope():
        kept = m.Account.objects.get()
        assert kept.domain == "orion-chem.com"
        assert set(kept.names.values_list("key", flat=True)) == {"orion chem", "oc ind"}
        owned = kept.ownerships.get()
    assert (owned.partner_id, owned.product_lines, owned.program_id) == (
        cast.alpha.pk,
        ["pumps", "valves"],
        cast.program.pk,
    )


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
        ({"ownerships-TOTAL_FORMS": "1", "ownerships-0-direct": "on", "ownerships-0-role": "owner",
          "ownerships-0-share_pct": "60"}, "do not sum to 100"),
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
    assert (
        pat.post(address(Target, "add"), {"name": "northwind-crm", "kind": "file", "enabled": "on"}).status_code == 302
    )
