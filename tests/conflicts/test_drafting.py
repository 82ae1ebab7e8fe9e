"""A draft of territory rules from its first line to the day that it is live: two persons, stale rules, overlaps, undoing."""

from datetime import timedelta

import pytest

from channelconflict.models import AuditEvent
from conflicts.drafting import publishing, services
from conflicts.drafting.preview import preview
from conflicts.drafting.rules import wish_of
from conflicts.drafting.services import Edit
from conflicts.drafting.states import ACTS, why_not
from conflicts.drafting.values import values_of
from conflicts.models import ChangeKind, DraftStatus, TerritoryDraft
from conflicts.services import policy_in_force
from partners import models as m
from partners import services as facts
from partners.services import NotPossibleError, StaleRowError
from reviews.tasks import publish_drafts
from tests import factories
from tests.factories import AT
from tests.staff_site import territory

pytestmark = pytest.mark.django_db
C = ChangeKind


@pytest.fixture
def texas(cast):
    """Alpha's territory; everything happens as staff of the program."""
    with cast.scope():
        rule = territory(cast, subdivisions=["US-TX"])
        give(cast, rule, cast.alpha)
        yield rule


def give(cast, rule, partner):
    made = m.TerritoryAssignment(program=cast.program, territory=rule, partner=partner)
    facts.record_assignment(assignment=made, by=None, at=AT)


def now(rule):
    return values_of(rule, list(m.TerritoryAssignment.objects.filter(territory=rule)))


def drafted(cast, *edits, live_on=None):
    draft = services.open_draft(program=cast.program, name="July", by=cast.olga, at=AT, live_on=live_on)
    for edit in edits:
        services.put_in_draft(draft=draft, edit=edit, by=cast.olga, at=AT)
    return fresh(draft)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def changed(rule, **values):
    return Edit(C.CHANGE, now(rule) | values, rule, fresh(rule).version)


def new(cast, partner, **values):
    blank = dict.fromkeys(
        (
            "countries",
            "subdivisions",
            "postal_prefixes",
            "industries",
            "product_lines",
            "named_accounts",
            "excluded_accounts",
        )
    )
    owners = [{"partner": str(partner.pk), "direct": False, "role": "owner"}]
    rule = {k: [] for k in blank} | {"external_id": "T-NEW", "name": "New", "employees_min": None, "employees_max": None,
            "exclusive": False, "priority": 0, "valid_from": None, "valid_until": None, "assignments": owners}  # fmt: skip
    return Edit(C.ADD, rule | values)


def asked(cast, draft, at=AT):
    return services.ask_second_person(draft=draft, seen_version=fresh(draft).version, by=cast.olga, at=at)


def agreed(cast, draft, at=AT, **words):
    asked(cast, draft, at)
    return publishing.approve_draft(draft=draft, seen_version=fresh(draft).version, by=cast.pat, at=at, **words)


def to(partner):
    return [{"partner": str(partner.pk), "direct": False, "role": "owner"}]


def looked_at(cast, draft):
    wishes = [wish_of(change, AT.date()) for change in draft.changes.order_by("pk")]
    policy = policy_in_force(cast.program).policy
    return preview(program=cast.program, wishes=wishes, policy=policy, at=AT, on=AT.date())


def test_nothing_holds_before_a_second_person_agreed_and_then_all_of_it(cast, texas):
    draft = drafted(
        cast, changed(texas, priority=7, assignments=to(cast.beta)), new(cast, cast.alpha, countries=["DE"])
    )
    asked(cast, draft)
    assert (fresh(texas).version, fresh(texas).priority, m.Territory.objects.count()) == (1, 0, 1)
    publishing.approve_draft(draft=draft, seen_version=fresh(draft).version, by=cast.pat, at=AT)
    assert fresh(draft).status == DraftStatus.LIVE
    assert (fresh(texas).version, fresh(texas).priority) == (2, 7)
    assert [a.partner_id for a in texas.assignments.all()] == [cast.beta.pk]
    assert m.Territory.objects.get(external_id="T-NEW").countries == ["DE"]
    told = AuditEvent.objects.get(action="territory_draft.live")
    assert str(cast.olga.pk) in told.body
    assert str(cast.pat.pk) in told.body
    assert "Olga, agreed by Pat" in fresh(texas).history.get(version=2).history_change_reason


@pytest.mark.parametrize("who", ["olga", "ada", "audrey"])
def test_the_second_person_is_another_one_who_may_change_rules(cast, texas, who):
    draft = drafted(cast, changed(texas, priority=7))
    asked(cast, draft)
    with pytest.raises(NotPossibleError, match=r"second person|may change the program's rules"):
        publishing.approve_draft(draft=draft, seen_version=fresh(draft).version, by=cast.staff[who], at=AT)
    with pytest.raises(NotPossibleError):
        publishing.reject_draft(draft=draft, reason="No.", by=cast.staff[who], at=AT)
    assert fresh(texas).priority == 0


def test_whoever_wrote_in_it_is_not_the_second_person_either(cast, texas):
    draft = drafted(cast, changed(texas, priority=7))
    services.put_in_draft(draft=draft, edit=new(cast, cast.beta, countries=["DE"]), by=cast.pat, at=AT)
    asked(cast, draft)
    with pytest.raises(NotPossibleError, match="second person"):
        publishing.approve_draft(draft=draft, seen_version=fresh(draft).version, by=cast.pat, at=AT)


def test_a_later_day_is_waited_for(cast, texas):
    on = AT.date() + timedelta(days=3)
    draft = drafted(cast, changed(texas, priority=7), live_on=on)
    assert agreed(cast, draft).status == DraftStatus.SCHEDULED
    assert publishing.publish_due(program=cast.program, at=AT + timedelta(days=2)) == []
    assert fresh(texas).priority == 0
    assert [row.pk for row in publishing.publish_due(program=cast.program, at=AT + timedelta(days=3))] == [draft.pk]
    assert (fresh(texas).priority, fresh(draft).status) == (7, DraftStatus.LIVE)
    told = AuditEvent.objects.get(action="territory_draft.live")
    assert told.actor_id is None
    assert str(cast.olga.pk) in told.body
    assert str(cast.pat.pk) in told.body
    assert publishing.publish_due(program=cast.program, at=AT + timedelta(days=4)) == []


def test_a_rule_that_changed_meanwhile_is_refused_with_the_difference_and_can_be_rebased(cast, texas):
    draft = drafted(cast, changed(texas, priority=7, name="Texas East"))
    theirs = fresh(texas)
    theirs.exclusive, theirs.name = True, "Lone Star"
    facts.record_territory(territory=theirs, by=None, at=AT)
    with pytest.raises(StaleRowError, match="Lone Star: changed by somebody else"):
        asked(cast, draft)
    with pytest.raises(StaleRowError, match="version 2, you saw 1"):
        services.put_in_draft(draft=draft, edit=Edit(C.CHANGE, now(texas), texas, 1), by=cast.olga, at=AT)
    told = services.rebase_draft(draft=draft, by=cast.olga, at=AT)
    assert told == ["Lone Star: both changed name; this draft's counts."]
    agreed(cast, draft)
    assert (fresh(texas).name, fresh(texas).exclusive, fresh(texas).priority) == ("Texas East", True, 7)


def test_a_changed_assignment_makes_it_stale_too(cast, texas):
    draft = drafted(cast, changed(texas, priority=7))
    give(cast, texas, cast.beta)
    with pytest.raises(StaleRowError):
        asked(cast, draft)


def test_what_is_stale_on_its_day_is_a_draft_again_with_the_reason(cast, texas):
    draft = drafted(cast, changed(texas, priority=7), live_on=AT.date() + timedelta(days=1))
    agreed(cast, draft)
    theirs = fresh(texas)
    theirs.name = "Lone Star"
    facts.record_territory(territory=theirs, by=None, at=AT)
    assert publishing.publish_due(program=cast.program, at=AT + timedelta(days=1)) == []
    assert fresh(draft).status == DraftStatus.DRAFT
    assert "Lone Star" in fresh(draft).note
    assert fresh(texas).priority == 0


def test_approving_what_was_changed_since_it_was_seen_is_refused(cast, texas):
    draft = drafted(cast, changed(texas, priority=7))
    seen = asked(cast, draft).version
    services.take_back_draft(draft=draft, by=cast.olga, at=AT)
    asked(cast, draft)
    with pytest.raises(StaleRowError, match="you saw"):
        publishing.approve_draft(draft=draft, seen_version=seen, by=cast.pat, at=AT)


def test_an_overlap_takes_a_reason_and_goes_to_sales_operations(cast, texas):
    draft = drafted(cast, new(cast, cast.beta, countries=["US"], subdivisions=["US-TX"]))
    found = looked_at(cast, draft)
    assert [o.refs for o in found.made] == [("T-1", "T-NEW")]
    assert [(flow.before, flow.after, flow.accounts) for flow in found.flows] == [
        ("Alpha Flow", "Sales operations (a tie)", 1)
    ]
    with pytest.raises(publishing.OverlapError, match="cover the same ground"):
        agreed(cast, draft)
    assert not m.Territory.objects.filter(external_id="T-NEW").exists()
    publishing.approve_draft(
        draft=draft, seen_version=fresh(draft).version, by=cast.pat, at=AT, reason="Both for a quarter."
    )
    kept = fresh(draft)
    assert (kept.status, kept.reason, len(kept.confirmed)) == (DraftStatus.LIVE, "Both for a quarter.", 1)


def test_a_confirmed_overlap_stays_confirmed_until_its_day(cast, texas):
    edit = new(cast, cast.beta, countries=["US"], subdivisions=["US-TX"])
    draft = drafted(cast, edit, live_on=AT.date() + timedelta(days=1))
    agreed(cast, draft, reason="Agreed.")
    assert len(publishing.publish_due(program=cast.program, at=AT + timedelta(days=1))) == 1


@pytest.mark.parametrize("end", ["reject", "withdraw"])
def test_rejected_and_withdrawn_drafts_change_nothing_for_good(cast, texas, end):
    draft = drafted(cast, changed(texas, priority=7))
    asked(cast, draft)
    if end == "reject":
        with pytest.raises(NotPossibleError, match="Say why"):
            publishing.reject_draft(draft=draft, reason=" ", by=cast.pat, at=AT)
        publishing.reject_draft(draft=draft, reason="Not now.", by=cast.pat, at=AT)
    else:
        services.withdraw_draft(draft=draft, by=cast.olga, at=AT)
    assert fresh(texas).version == 1
    for act in ACTS:
        assert why_not(fresh(draft), act, cast.pat)
    with pytest.raises(NotPossibleError):
        services.put_in_draft(draft=draft, edit=changed(texas, priority=9), by=cast.olga, at=AT)


def test_a_live_draft_is_undone_by_one_that_a_second_person_agrees_to(cast, texas):
    second = territory(cast, external_id="T-2", name="Oklahoma")
    edits = [
        changed(texas, priority=7, assignments=to(cast.beta)),
        Edit(C.END, {}, second, 1),
        new(cast, cast.alpha, countries=["DE"]),
    ]
    draft = drafted(cast, *edits)
    agreed(cast, draft)
    assert fresh(second).valid_until == AT.date() - timedelta(days=1)
    later = AT + timedelta(days=2)
    other = fresh(texas)
    other.exclusive = True
    facts.record_territory(territory=other, by=None, at=later)
    back = services.reverse_draft(draft=draft, by=cast.olga, at=later)
    assert (back.reverses_id, back.name) == (draft.pk, "Undo of July")
    agreed(cast, back, at=later)
    assert (fresh(texas).priority, fresh(texas).exclusive) == (0, True)
    assert [a.partner_id for a in texas.assignments.all()] == [cast.alpha.pk]
    assert fresh(second).valid_until is None
    assert m.Territory.objects.get(external_id="T-NEW").valid_until == later.date() - timedelta(days=1)


def test_a_rule_that_has_not_begun_cannot_be_ended(cast, texas):
    coming = territory(cast, external_id="T-2", name="Next year", valid_from=AT.date() + timedelta(days=300))
    with pytest.raises(NotPossibleError, match="begins on"):
        drafted(cast, Edit(C.END, {}, coming, 1))


def test_a_reference_that_is_taken_by_then_is_refused(cast, texas):
    draft = drafted(cast, new(cast, cast.beta, countries=["DE"]))
    territory(cast, external_id="T-NEW", name="Somebody else's", countries=["FR"])
    with pytest.raises(NotPossibleError, match="reference T-NEW by now"):
        agreed(cast, draft)


def test_the_preview_tells_who_moves_who_is_left_out_and_which_findings_come_and_go(cast, texas):
    factories.conflict_case(cast)
    with cast.scope():
        draft = drafted(cast, changed(texas, exclusive=True, assignments=to(cast.beta)))
        found = looked_at(cast, draft)
        assert (found.shift.moved, found.shift.gaps, found.accounts[0].ref) == (1, 0, "A-ORION")
        assert {(p.name, p.gained, p.lost) for p in found.parties} == {("Alpha Flow", 0, 1), ("Beta Industrial", 1, 0)}
        assert [(e.kind, e.claimant) for e in found.effects.appear] == [("exclusive_territory", str(cast.alpha.pk))]
        ended = looked_at(cast, drafted(cast, Edit(C.END, {}, texas, 1)))
        assert ended.shift.gaps == 1
        assert ended.matrix["state"][0].cells == (("covered", 3, 0), ("contested", 0, 0), ("uncovered", 0, 3))


def test_a_preview_costs_the_same_however_many_accounts_and_rules(cast, texas, django_assert_max_num_queries):
    def cost():
        draft = TerritoryDraft.objects.first() or drafted(cast, changed(texas, priority=3, assignments=to(cast.beta)))
        with django_assert_max_num_queries(60) as seen:
            looked_at(cast, draft)
        return len(seen)

    few = cost()
    for n in range(5):
        factories.account(cast, f"A-{n}", f"Account {n}")
        give(cast, territory(cast, external_id=f"T-{n + 5}", name=f"Area {n}", countries=["DE"]), cast.alpha)
    assert cost() == few
    assert few <= 16


def test_the_sweep_lets_drafts_go_live_whose_day_has_come(cast, texas):
    draft = drafted(cast, changed(texas, priority=7), live_on=AT.date() + timedelta(days=1))
    agreed(cast, draft)
    publish_drafts(cast.program)
    assert (fresh(texas).priority, fresh(draft).status) == (7, DraftStatus.LIVE)
