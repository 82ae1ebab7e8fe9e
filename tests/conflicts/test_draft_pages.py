"""The pages of the territory editor: what is typed goes into a draft, previews write nothing, buttons do as they say."""

import pytest
from django.urls import reverse

from conflicts.drafting import services
from conflicts.drafting.values import values_of
from conflicts.models import DraftStatus, TerritoryChange, TerritoryDraft
from partners import models as m
from partners import services as facts
from tests import factories
from tests.factories import AT
from tests.staff_site import address, as_, errors_of, territory, territory_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(cast):
    return as_(cast.olga)


@pytest.fixture
def pat(cast):
    return as_(cast.pat)


@pytest.fixture
def texas(cast):
    with cast.scope():
        rule = territory(cast, subdivisions=["US-TX"])
        made = m.TerritoryAssignment(program=cast.program, territory=rule, partner=cast.alpha)
        facts.record_assignment(assignment=made, by=None, at=AT)
    return rule


def form(cast, rule, **extra):
    """What a browser posts for Alpha's Texas."""
    held = m.TerritoryAssignment.objects.get(territory=rule)
    return territory_form(**{
        "subdivisions": "US-TX", "seen_version": "1", "assignments-TOTAL_FORMS": "1", "assignments-INITIAL_FORMS": "1",
        "assignments-0-id": str(held.pk), "assignments-0-territory": str(rule.pk),
        "assignments-0-partner": str(held.partner_id), "assignments-0-role": "owner", **extra,
    })  # fmt: skip


def posted(cast, client, rule, **extra):
    with cast.scope():
        data = form(cast, rule, **extra)
    return client.post(address(m.Territory, "change", rule.pk), data)


def draft_of(cast):
    with cast.scope():
        return TerritoryDraft.objects.order_by("-created_at").first()


def act(client, draft, doing, **extra):
    return client.post(address(TerritoryDraft, "change", draft.pk), {"act": doing, **extra}, follow=True)


def test_a_change_goes_into_a_draft_and_live_after_the_second_person(cast, olga, pat, texas):
    answer = posted(cast, olga, texas, priority="7", why="Agreed", draft_name="July")
    draft = draft_of(cast)
    assert answer.url == address(TerritoryDraft, "change", draft.pk)
    with cast.scope():
        assert (m.Territory.objects.get().priority, draft.name, draft.why) == (0, "July", "Agreed")
    page = olga.get(answer.url).content.decode()
    assert "Priority" in page
    assert "Hand to a second person" in page
    act(olga, draft, "ask", seen_version=draft.version)
    refused = act(olga, draft, "approve", seen_version=draft_of(cast).version).content.decode()
    assert "a second person decides" in refused
    assert "It is live." in act(pat, draft, "approve", seen_version=draft_of(cast).version).content.decode()
    with cast.scope():
        assert m.Territory.objects.get().priority == 7
    assert draft_of(cast).status == DraftStatus.LIVE
    assert "This draft undoes it" in act(pat, draft, "undo").content.decode()
    assert draft_of(cast).name == "Undo of July"


def test_a_preview_of_what_is_typed_keeps_nothing(cast, olga, texas):
    gone = {"assignments-0-DELETE": "on", "priority": "7"}
    page = posted(cast, olga, texas, _preview="1", **gone)
    body = page.content.decode()
    assert page.status_code == 200
    assert page.context["preview"].shift.gaps == 1
    assert 'name="priority" value="7"' in body
    part = posted(cast, olga, texas, _preview="part", **gone).content.decode()
    assert "would be nobody" in part
    assert "<html" not in part
    assert "Mend what is marked" in posted(cast, olga, texas, _preview="1", countries="Atlantis").content.decode()
    with cast.scope():
        assert not TerritoryDraft.objects.exists()
        assert m.Territory.objects.get().version == 1


def test_a_rule_is_edited_again_as_the_draft_has_it(cast, olga, texas):
    to_beta = {"assignments-TOTAL_FORMS": "2", "assignments-0-DELETE": "on", "assignments-1-partner": str(cast.beta.pk),
               "assignments-1-role": "owner"}  # fmt: skip
    posted(cast, olga, texas, priority="7", **to_beta)
    draft = draft_of(cast)
    page = olga.get(address(m.Territory, "change", texas.pk), {"draft": draft.pk})
    forms = page.context["inline_admin_formsets"][0].formset.forms
    assert 'name="priority" value="7"' in page.content.decode()
    assert [(f["DELETE"].value(), str(f["partner"].value())) for f in forms] == [
        (True, str(cast.alpha.pk)), (None, str(cast.beta.pk)),
    ]  # fmt: skip
    posted(cast, olga, texas, priority="9", draft=str(draft.pk), **to_beta)
    with cast.scope():
        kept = TerritoryChange.objects.get()
    assert (kept.after["priority"], kept.after["assignments"][0]["partner"]) == (9, str(cast.beta.pk))


def test_new_rules_are_drafted_edited_and_taken_out(cast, olga):
    olga.post(address(m.Territory, "add"), territory_form(draft_name="Texas begins"))
    draft = draft_of(cast)
    with cast.scope():
        kept = TerritoryChange.objects.get()
    again = f"{address(m.Territory, 'add')}?draft={draft.pk}&change={kept.pk}"
    assert 'value="T-1"' in olga.get(again).content.decode()
    olga.post(again, territory_form(name="Texas South", draft=str(draft.pk)))
    with cast.scope():
        assert TerritoryChange.objects.get().after["name"] == "Texas South"
        assert not m.Territory.objects.exists()
    assert "Texas South is out of the draft." in act(olga, draft, "drop", change=str(kept.pk)).content.decode()
    assert "Nothing in it yet" in olga.get(address(TerritoryDraft, "change", draft.pk)).content.decode()


def test_a_rule_is_ended_by_a_button(cast, olga, texas):
    answer = posted(cast, olga, texas, _end="1")
    assert answer.url == address(TerritoryDraft, "change", draft_of(cast).pk)
    assert "Last day" in olga.get(answer.url).content.decode()
    stale = posted(cast, olga, texas, _end="1", seen_version="8")
    assert stale.url == address(m.Territory, "change", texas.pk)


def test_drafts_are_begun_named_and_dated(cast, olga):
    begin = reverse("admin:conflicts_territorydraft_open")
    assert "Give the draft a name" in olga.post(begin, {"program": cast.program.pk}, follow=True).content.decode()
    olga.post(begin, {"program": cast.program.pk, "name": "July"})
    draft = draft_of(cast)
    words = {"name": "August", "why": "Because", "live_on": "2099-08-01", "seen_version": draft.version}
    act(olga, draft, "name", **words)
    assert (draft_of(cast).name, str(draft_of(cast).live_on)) == ("August", "2099-08-01")
    assert "changed by somebody else meanwhile" in act(olga, draft, "name", **words).content.decode()
    assert "Live from" in act(olga, draft, "name", **words | {"live_on": "soon"}).content.decode()


def test_maps_say_who_covers_what_before_and_after(cast, olga, texas):
    posted(cast, olga, texas, **{"assignments-TOTAL_FORMS": "2", "assignments-0-DELETE": "on",
           "assignments-1-partner": str(cast.beta.pk), "assignments-1-role": "owner"})  # fmt: skip
    where = reverse("admin:conflicts_territorydraft_map", args=[draft_of(cast).pk])
    page = olga.get(where, {"which": "us", "line": "valves"})
    rows = {p.code: (p.before.label, p.after.label) for p in page.context["map"].rows}
    assert rows == {"US-TX": ("Alpha Flow", "Beta Industrial")}
    assert "<title>Texas: Beta Industrial</title>" in page.content.decode()
    world = olga.get(where).context["map"]
    assert {p.code: p.after.label for p in world.rows} == {"US": "Covered in part"}
    assert olga.get(where, {"which": "moon", "line": "\x00"}).status_code == 200


def test_who_may_only_look_sees_the_draft_and_no_button(cast, olga, texas):
    posted(cast, olga, texas, priority="7")
    draft = draft_of(cast)
    for name in ("audrey", "ada"):
        page = as_(cast.staff[name]).get(address(TerritoryDraft, "change", draft.pk)).content.decode()
        assert "Priority" in page
        assert "Hand to a second person" not in page
        said = act(as_(cast.staff[name]), draft, "withdraw").content.decode()
        assert "Only people who may change the program" in said
    assert draft_of(cast).status == DraftStatus.DRAFT


def test_a_draft_page_costs_the_same_however_many_accounts_and_changes(
    cast, olga, texas, django_assert_max_num_queries
):
    posted(cast, olga, texas, priority="7")
    draft = draft_of(cast)

    def cost():
        olga.get(address(TerritoryDraft, "change", draft.pk))
        with django_assert_max_num_queries(60) as seen:
            assert olga.get(address(TerritoryDraft, "change", draft.pk)).status_code == 200
        return len(seen)

    few = cost()
    with cast.scope():
        for n in range(4):
            factories.account(cast, f"A-{n}", f"Account {n}")
            rule = territory(cast, external_id=f"T-{n + 5}", name=f"Area {n}", countries=["US"])
            values = {"priority": n}
            edit = services.Edit("change", values_of(rule, []) | values, rule, 1)
            services.put_in_draft(draft=draft, edit=edit, by=cast.olga, at=AT)
    assert cost() <= few + 1  # naming partners is asked for once there are any
    assert few <= 40


def test_two_of_one_kind_in_a_rule_are_refused(cast, olga):
    answer = olga.post(address(m.Territory, "add"), territory_form(**{
        "assignments-TOTAL_FORMS": "2", "assignments-0-direct": "on", "assignments-0-role": "owner",
        "assignments-1-direct": "on", "assignments-1-role": "owner",
    }))  # fmt: skip
    assert "listed twice" in errors_of(answer)
