"""The territory card: where the account lies, which rules cover it, whose lead it is; and the cut of the map."""

import pytest

from conflicts.drafting.around import HERE, REACHED, around
from partners import models as m
from partners import services
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import opened, text_of


def kinds(cut):
    return {land.code: land.kind for land in cut.lands}


def test_a_state_is_cut_out_with_its_neighbours_and_lies_on_top():
    cut = around("US", "us-tx", lambda _, state: state in ("US-TX", "US-LA"))
    found = kinds(cut)
    assert found["US-TX"] == HERE
    assert found["US-LA"] == REACHED
    assert found["US-OK"] == "other"
    assert "US-ME" not in found
    assert cut.lands[-1].code == "US-TX"
    x, y, width, height = map(int, cut.view.split())
    assert x < cut.x < x + width
    assert y < cut.y < y + height
    assert sum(len(land.path) for land in cut.lands) < 20_000


@pytest.mark.parametrize(("country", "subdivision", "code"), [
    ("DE", "", "DE"), ("DE", "DE-BY", "DE"), ("US", "", "US"), ("NZ", "", "NZ"), ("FJ", "", "FJ"), ("US", "US-HI", "US-HI"),
])  # fmt: skip
def test_each_country_and_state_has_a_cut(country, subdivision, code):
    assert kinds(around(country, subdivision, lambda *_: False))[code] == HERE


@pytest.mark.parametrize("place", [("", ""), ("XX", ""), ("US", "US-ZZ"), ("SG", "")])
def test_what_the_maps_do_not_draw_has_none(place):
    assert around(*place, lambda *_: True) is None


def rule(cast, ref, owner, **ground):
    with cast.scope():
        made = services.record_territory(
            territory=m.Territory(program=cast.program, external_id=ref, name=f"Rule {ref}", **ground), by=None, at=AT
        )
        row = m.TerritoryAssignment(program=cast.program, territory=made, partner=owner, role="owner")
        services.save_row(row, by=None, at=AT, action="territory_assignment.recorded")
    return made


@pytest.mark.django_db
def test_the_card_names_the_rules_that_cover_and_who_leads(client, cast):
    rule(cast, "T-GULF", cast.beta, subdivisions=["US-TX", "US-LA"], priority=9)
    rule(cast, "T-US", cast.alpha, countries=["US"], priority=1)
    rule(cast, "T-DE", cast.alpha, countries=["DE"])
    case = factories.conflict_case(cast)
    response = opened(client, cast.carl, case)
    ground = response.context["page"].ground
    assert ground.place == "United States · Texas"
    assert ground.whose == "The lead is with Beta Industrial."
    assert [(one.ref, one.leads, one.reach) for one in ground.rules] == [
        ("T-GULF", True, "Louisiana and Texas"), ("T-US", False, "United States"),
    ]  # fmt: skip
    assert [holder.name for holder in ground.rules[0].holders] == ["Beta Industrial"]
    assert ground.rules[0].holders[0].side == "side-b"
    assert kinds(ground.map)["US-LA"] == REACHED
    assert "Rule T-GULF" in text_of(response)
    assert len(response.content) < 100_000


@pytest.mark.django_db
def test_two_rules_that_tie_and_none_at_all_are_told(client, cast):
    case = factories.conflict_case(cast)
    page = opened(client, cast.carl, case).context["page"]
    assert page.ground.rules == []
    assert page.ground.whose == "No rule gives it to anybody."
    for ref, owner in (("T-1", cast.alpha), ("T-2", cast.beta)):
        rule(cast, ref, owner, countries=["US"])
    other = factories.make_cast("southwind")
    for ref, owner in (("T-1", other.alpha), ("T-2", other.beta)):
        rule(other, ref, owner, countries=["US"])
    page = opened(client, other.carl, factories.conflict_case(other)).context["page"]
    assert page.ground.tie
    assert [one.leads for one in page.ground.rules] == [True, True]
