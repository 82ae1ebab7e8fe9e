"""Cases of low risk: approved by the live policy's rule and no more, taken back by any partner manager, told as it was."""

from datetime import timedelta

import pytest
from django.urls import reverse

from channelconflict.models import AuditEvent
from conflicts.services import policy_in_force
from partners.models import Registration
from partners.services import change_program, withdraw_registration
from reviews import calibrating, leaving, low_risk, practice, tasks
from reviews.models import AutomaticApproval, Concern, Decision, Notice, SpotCheck
from reviews.permissions import NotAllowedError
from reviews.services import add_note, claim_case
from reviews.services.by_rule import reasons_against
from reviews.services.concerns import raise_concern
from reviews.services.decisions import current_recommendation
from reviews.services.undo import undo_decision
from tests.factories import AT
from tests.reviews.at_the_desk import fresh, many_cases, opened, text_of
from tests.reviews.low_risk_program import clear_case, turned_on, work

pytestmark = pytest.mark.django_db
LEAVES = AT + timedelta(minutes=10)


@pytest.fixture
def cast(cast):
    """The product's default: ten minutes to undo."""
    with cast.scope():
        cast.program.undo_minutes = 10
        change_program(program=cast.program, by=cast.pat, at=AT)
    return cast


def swept(cast, at=AT):
    return low_risk.approve_low_risk(cast.program, at)


def reasons(cast, case, at=AT):
    with cast.scope():
        case = fresh(cast, case)
        return reasons_against(case, current_recommendation(case), policy_in_force(cast.program), at)


def test_the_standard_policy_decides_no_case(cast):
    case = clear_case(cast)
    assert swept(cast) == []
    assert reasons(cast, case) == ("The live policy lets people decide it.",)
    assert fresh(cast, case).status == "open"


def test_a_case_of_low_risk_is_approved_as_recommended_and_pinned_to_the_rule(cast):
    live = turned_on(cast)
    case = clear_case(cast)
    (decision,) = swept(cast)
    case = fresh(cast, case)
    assert (case.status, case.settles_at, case.pending) == ("settling", LEAVES, [])
    assert (decision.decided_by, decision.decided_as, decision.policy) == (None, "rule low-risk", live)
    assert (decision.action, str(decision.owner_id), decision.is_override) == ("award", str(cast.alpha.pk), False)
    assert decision.snapshot["policy"]["number"] == 2
    with cast.scope():
        assert not decision.approvals.exists()
        event = AuditEvent.objects.filter(chain=f"case:{case.pk}").latest("sequence")
        assert (event.action, event.actor_id) == ("case.decided_by_rule", None)
        assert '"rule":"low-risk"' in event.body
        assert not Notice.objects.exists()
    assert swept(cast) == []


def test_it_leaves_after_its_minutes_and_the_parties_are_told_that_no_person_decided(cast):
    turned_on(cast)
    case = clear_case(cast)
    swept(cast)
    leaving.settle_due(cast.program, LEAVES)
    assert fresh(cast, case).status == "decided"
    with cast.scope():
        assert set(Registration.objects.values_list("partner__name", "status")) == {
            ("Alpha Flow", "approved"), ("Beta Industrial", "rejected"),
        }  # fmt: skip
        bodies = list(Notice.objects.values_list("body", flat=True))
        assert len(bodies) == 2
        assert all("No person decided: the program's rules did. You can appeal" in body for body in bodies)
        kept = AutomaticApproval.objects.get()
        assert (kept.decision.case, kept.rule, kept.partner) == (case, "low-risk", cast.alpha)


def test_any_partner_manager_takes_it_back_and_then_people_decide(client, cast):
    turned_on(cast)
    case = clear_case(cast)
    swept(cast)
    with cast.scope():
        version = fresh(cast, case).version
        for who, why in ((cast.olga, "A partner manager"), (cast.audrey, "role reads"), (cast.ada, "You manage Alpha")):
            with pytest.raises(NotAllowedError, match=why):
                undo_decision(case=case, by=who, at=AT, seen_version=version)
    page = text_of(opened(client, cast.bob, case))
    assert "rule low-risk" in page
    assert "Only those who decided" not in page
    with cast.scope():
        undo_decision(case=case, by=cast.bob, at=AT, seen_version=fresh(cast, case).version)
    case = fresh(cast, case)
    assert case.status == "in_review"
    assert swept(cast) == []
    assert "It was decided before: people decide it now." in reasons(cast, case)
    with cast.scope():
        assert not AutomaticApproval.objects.exists()


def test_new_facts_take_it_back_and_then_people_decide(cast):
    turned_on(cast)
    case = clear_case(cast)
    swept(cast)
    with cast.scope():
        mine = Registration.objects.get(partner=cast.alpha)
        withdraw_registration(registration=mine, by=cast.acme_rep, at=AT)
    leaving.settle_due(cast.program, LEAVES)
    assert fresh(cast, case).status != "decided"
    with cast.scope():
        assert not Notice.objects.filter(body__contains="No person decided").exists()


def test_what_people_do_about_a_case_leaves_it_to_them(cast):
    turned_on(cast)
    case = clear_case(cast)
    assert reasons(cast, case) == ()
    assert "older than a day" in " ".join(reasons(cast, case, AT + timedelta(days=1)))
    with cast.scope():
        mine = Registration.objects.get(partner=cast.beta)
        concern = Concern(program=cast.program, registration=mine, category="conduct", text="They called the buyer.")
        raise_concern(concern=concern, by=cast.bob, at=AT)
        assert reasons(cast, case) == ("A concern about it is open.",)
        add_note(case=case, text="Careful.", by=cast.bob, at=AT)
        claim_case(case=fresh(cast, case), by=cast.bob, at=AT)
    said = reasons(cast, case)
    assert "Somebody has it in hands." in said
    assert "People have written about it." in said
    assert swept(cast) == []


@pytest.mark.parametrize(
    ("share", "changes"),
    [(94, {}), (97, {"amount_at_most": 39_999}), (97, {"kinds": ["price_overlap"]}), (97, {"a_day": 0}),
     (97, {"approve": False}), (97, {"confidence_at_least": 98})],
)  # fmt: skip
def test_one_condition_of_the_policy_leaves_it_to_people(cast, share, changes):
    turned_on(cast, share, **changes)
    case = clear_case(cast)
    assert swept(cast) == []
    assert fresh(cast, case).status == "open"


def test_without_a_measure_of_agreement_people_decide(cast):
    turned_on(cast, at=AT + timedelta(days=1))
    clear_case(cast)
    assert swept(cast) == []


def test_at_most_so_many_a_day(cast):
    turned_on(cast, a_day=2, amount_at_most=200_000)
    many_cases(cast, 3)
    work(cast, Registration.objects.filter(partner=cast.alpha), "proposal")
    work(cast, Registration.objects.filter(partner=cast.beta), "first_contact")
    assert len(swept(cast)) == 2
    assert swept(cast) == []
    assert len(swept(cast, AT + timedelta(hours=15))) == 1  # the next day in the program's time zone


def test_what_the_product_decided_teaches_nothing_about_people(cast):
    turned_on(cast)
    clear_case(cast)
    swept(cast)
    leaving.settle_due(cast.program, LEAVES)
    with cast.scope():
        assert Decision.objects.count() == 1
        assert practice.decided_cases(cast.program) == []
        assert calibrating.examples(cast.program.pk) == []


def test_the_sweep_approves_and_the_spot_check_shows_the_case(client, cast, monkeypatch):
    turned_on(cast)
    case = clear_case(cast)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    tasks.sweep()
    assert fresh(cast, case).status == "settling"
    leaving.settle_due(cast.program, LEAVES)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=7))
    tasks.sweep()
    with cast.scope():
        check = SpotCheck.objects.get()
    client.force_login(cast.rita)
    text = text_of(client.get(reverse("review:spot_check", args=[check.pk])))
    assert "rule low-risk of policy v2" in text
    assert case.ref in text
    client.force_login(cast.ada)
    assert "You manage Alpha Flow" in text_of(client.get(reverse("review:spot_check", args=[check.pk])))
