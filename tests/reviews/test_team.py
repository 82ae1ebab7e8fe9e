"""Whose case it is: by hand, by itself, and handed on when somebody is away."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from partners.permissions import Role, deciders, entitlements
from partners.services import NotPossibleError
from reviews.handing_out import hand_out_cases
from reviews.models import Absence, Case
from reviews.permissions import NotAllowedError
from reviews.programs import staff_user
from reviews.services import StaleCaseError, approve
from reviews.services.skipping import skip_case
from reviews.services.team import (
    assign_case,
    away_on,
    end_absence,
    load_of,
    record_absence,
    set_automatic,
)
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, many_cases, opened, text_of

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def case(cast):
    return factories.conflict_case(cast)


def assign(cast, case, to, *, by=None):
    with cast.scope():
        return assign_case(
            case=case, to=to, by=by or cast.carl, at=AT, seen_version=Case.objects.get(pk=case.pk).version
        )


def away(cast, who, *, days=(0, 5), substitute=None, by=None):
    begin, end = (TODAY + timedelta(days=n) for n in days)
    with cast.scope():
        return record_absence(
            program=cast.program, user=who, from_on=begin, until_on=end, substitute=substitute, by=by or who, at=AT
        )


def automatic(cast, on=True):
    with cast.scope():
        set_automatic(program=cast.program, automatic=on, by=cast.carl, at=AT)


def holders(cast):
    with cast.scope():
        return [str(case.assignee) for case in Case.objects.select_related("assignee").order_by("number")]


def test_a_lead_gives_a_case_to_who_may_decide_it(cast, case):
    assign(cast, case, cast.bob)
    assert fresh(cast, case).assignee == cast.bob
    assert fresh(cast, case).version == case.version, "whose it is changes nothing of what others saw"
    with pytest.raises(NotPossibleError, match="Lena cannot get it"):
        assign(cast, case, cast.lena)
    with pytest.raises(NotPossibleError, match="You manage Alpha Flow"):
        assign(cast, case, cast.ada)
    with pytest.raises(NotAllowedError, match="channel lead"):
        assign(cast, case, cast.bob, by=cast.bob)
    with cast.scope(), pytest.raises(StaleCaseError):
        assign_case(case=case, to=cast.bob, by=cast.carl, at=AT, seen_version=99)
    assign(cast, case, None)
    assert fresh(cast, case).assignee is None


def test_new_cases_go_to_who_has_the_fewest_and_ties_by_name(cast):
    many_cases(cast, 3)
    assert hand_out_cases(cast.program, AT) == 0, "only where the program says so"
    automatic(cast)
    with cast.scope():
        staff_user(username="abe", password="x", program=cast.program, role=Role.PARTNER_MANAGER, name="Abe", at=AT)
    assert hand_out_cases(cast.program, AT) == 3
    assert holders(cast) == ["Abe", "Bob", "Abe"]
    assert hand_out_cases(cast.program, AT) == 0
    with cast.scope():
        assert {str(p): load_of(cast.program)[p.pk] for p in deciders(cast.program) if load_of(cast.program)[p.pk]} == {
            "Abe": 2, "Bob": 1,
        }  # fmt: skip


def test_who_is_away_gets_nothing_and_hands_on(cast):
    many_cases(cast, 2)
    automatic(cast)
    away(cast, cast.bob)
    hand_out_cases(cast.program, AT)
    assert holders(cast) == ["Carl", "Cleo"], "no other manager is free: the next higher role"
    away(cast, cast.carl, substitute=cast.rita)
    away(cast, cast.cleo, by=cast.carl)
    hand_out_cases(cast.program, AT)
    assert holders(cast) == ["Rita", "Rita"]
    automatic(cast, False)
    away(cast, cast.rita)
    hand_out_cases(cast.program, AT)
    assert holders(cast) == ["None", "None"], "whoever takes it"
    with cast.scope():
        case = Case.objects.order_by("number").first()
    with pytest.raises(NotPossibleError, match="They are away until 7 Mar 2026"):
        assign(cast, case, cast.rita)


def test_a_substitute_who_may_not_decide_does_not_get_it(cast, case):
    assign(cast, case, cast.bob)
    away(cast, cast.bob, substitute=cast.ada)  # who manages Alpha
    hand_out_cases(cast.program, AT)
    assert fresh(cast, case).assignee is None


def test_an_absence_that_is_over_or_not_begun_hands_nothing_on(cast, case):
    assign(cast, case, cast.bob)
    away(cast, cast.bob, days=(1, 3))
    hand_out_cases(cast.program, AT)
    assert fresh(cast, case).assignee == cast.bob
    absence = away(cast, cast.bob)
    with cast.scope():
        end_absence(absence=absence, by=cast.bob, at=AT)
    hand_out_cases(cast.program, AT)
    assert fresh(cast, case).assignee == cast.bob


def test_the_next_step_is_anothers_case(cast, case):
    with cast.scope():
        Case.objects.filter(pk=case.pk).update(route=["partner_manager", "legal"], pending=["partner_manager", "legal"])
    assign(cast, case, cast.bob)
    with cast.scope():
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
    assert fresh(cast, case).assignee is None
    automatic(cast)
    hand_out_cases(cast.program, AT)
    assert fresh(cast, case).assignee == cast.lena


@pytest.mark.parametrize(
    ("days", "who", "by", "substitute", "why"),
    [
        ((3, 1), "bob", "bob", None, "last day comes before"),
        ((-9, -1), "bob", "bob", None, "not over"),
        ((400, 401), "bob", "bob", None, "within a year"),
        ((0, 1), "bob", "bob", "bob", "somebody else"),
        ((0, 1), "bob", "bob", "audrey", "somebody else"),
        ((0, 1), "audrey", "carl", None, "decides nothing"),
    ],
)
def test_absences_that_cannot_be(cast, days, who, by, substitute, why):
    with pytest.raises(NotPossibleError, match=why):
        away(cast, cast.staff[who], days=days, by=cast.staff[by], substitute=substitute and cast.staff[substitute])


def test_ones_own_absence_is_ones_own_and_a_leads_to_say(cast):
    with pytest.raises(NotAllowedError):
        away(cast, cast.bob, by=cast.ada)
    with pytest.raises(NotAllowedError):
        away(cast, cast.audrey, by=cast.audrey)
    absence = away(cast, cast.bob, by=cast.carl)
    with cast.scope():
        assert set(away_on(cast.program, TODAY)) == {cast.bob.pk}
        with pytest.raises(NotAllowedError):
            end_absence(absence=absence, by=cast.ada, at=AT)
        end_absence(absence=absence, by=cast.carl, at=AT)
        with pytest.raises(NotPossibleError):
            end_absence(absence=absence, by=cast.carl, at=AT)
        assert not away_on(cast.program, TODAY)


def test_deciders_come_with_what_they_may_do(cast):
    with cast.scope():
        found = deciders(cast.program)
        assert [str(person) for person in found] == ["Ada", "Bob", "Carl", "Cleo", "Lena", "Olga", "Rita"]
        with CaptureQueriesContext(connection) as queries:
            read = [entitlements(person) for person in found]
        assert not len(queries)
        assert read == [entitlements(type(person).objects.get(pk=person.pk)) for person in found]


# The pages


def test_the_team_page_by_its_forms(client, cast, case):
    client.force_login(cast.bob)
    page = text_of(client.get(reverse("review:team")))
    assert "Everybody is here" in page
    assert "Who has what" not in page
    typed = {"who": str(cast.bob.pk), "from_on": "2040-03-02", "until_on": "2040-03-01"}
    refused = client.post(reverse("review:absences"), typed)
    assert "last day comes before" in text_of(refused)
    assert 'value="2040-03-02"' in refused.content.decode()
    assert client.post(reverse("review:absences"), {"who": str(cast.ada.pk)}).status_code == 400
    assert client.post(reverse("review:automatic"), {"on": "1"}).status_code == 403
    client.force_login(cast.carl)
    begin = timezone.now().date()
    kept = client.post(
        reverse("review:absences"),
        {
            "who": str(cast.bob.pk),
            "from_on": begin,
            "until_on": begin + timedelta(days=3),
            "substitute": str(cast.cleo.pk),
        },
        follow=True,
    )
    assert "Bob is away from" in text_of(kept)
    assert "away now" in text_of(kept)
    with cast.scope():
        absence = Absence.objects.get()
        skip_case(case=case, reason="time", text="", by=cast.cleo, at=absence.entered_at, seen_version=case.version)
    page = text_of(client.get(reverse("review:team")))
    assert "needs more time than i have now" in page
    assert case.ref in page
    ended = client.post(reverse("review:end_absence", args=[absence.pk]), follow=True)
    assert "Bob is here." in text_of(ended)
    assert "Cases are assigned by hand only" not in text_of(
        client.post(reverse("review:automatic"), {"on": "1"}, follow=True)
    )


def test_assigning_by_its_page(client, cast, case):
    page = text_of(opened(client, cast.carl, case))
    assert "Assigned to nobody · Assign…" in page
    assert "Assign…" not in text_of(opened(client, cast.bob, case))
    client.force_login(cast.carl)
    address = reverse("review:assign", args=[case.pk])
    shown = client.get(address).context["candidates"]
    assert [str(one.person) for one in shown if not one.why_not] == ["Bob", "Carl", "Cleo", "Rita"]
    assert "Choose who gets the case" in text_of(client.post(address, {"seen_version": case.version}))
    assert client.post(address, {"seen_version": case.version, "to": str(cast.lena.pk)}).status_code == 409
    assert client.post(address, {"seen_version": case.version, "to": "zz"}).status_code == 404
    done = client.post(address, {"seen_version": case.version, "to": str(cast.bob.pk)}, follow=True)
    assert "Assigned to Bob" in text_of(done)
    client.force_login(cast.bob)
    assert case.ref in text_of(client.get(reverse("review:queue"), {"view": "mine"}))
    assert client.post(address, {"seen_version": case.version, "to": "nobody"}).status_code == 403
    client.force_login(cast.carl)
    assert "Nobody waits for you" in text_of(client.post(reverse("review:start"), follow=True))


@given(load=st.dictionaries(st.integers(0, 6), st.integers(0, 3)), off=st.sets(st.integers(0, 6)))
def test_the_least_loaded_of_those_that_may(load, off):
    from types import SimpleNamespace

    from reviews.services import team

    people = [SimpleNamespace(pk=n, name=f"P{n}") for n in range(7)]
    case = SimpleNamespace(pending=["legal"], program_id=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team, "roles_in", lambda person, _: {"legal"} if person.pk % 2 else set())
        patch.setattr(team, "why_not_for", lambda _case, person, _away: "away" if person.pk in off else "")
        chosen = team.least_loaded(case, people, load, {})
    left = [person for person in people if person.pk not in off]
    if not left:
        assert chosen is None
        return
    same_role = [person for person in left if person.pk % 2] or left
    assert chosen in same_role
    assert load.get(chosen.pk, 0) == min(load.get(person.pk, 0) for person in same_role)
