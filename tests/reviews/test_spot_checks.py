"""Spot checks: what is drawn from what was approved without a person, who looks, and what follows of a wrong one."""

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from channelconflict.models import AuditEvent
from channelconflict.scope import acting
from conflicts.learning.shares import Share
from partners.permissions import scope_of
from partners.services import NotPossibleError, StaleRowError
from reviews import spot_checks, tasks
from reviews.models import AutomaticApproval, Concern, SpotCheck, SpotCheckAlarm, SpotCheckWeek
from reviews.permissions import NotAllowedError
from reviews.services import spot_checks as services
from reviews.services.spot_checks import Said, acknowledge_alarm, answer_check, approvals_of, draw_of, draw_week
from tests import factories
from tests.factories import AT
from tests.reviews.as_time_passes import approved
from tests.reviews.at_the_desk import said, text_of

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
NAMES = ("Altair", "Bellatrix", "Castor", "Deneb", "Electra", "Fomalhaut", "Gienah", "Hadar", "Izar")
MONDAY = date(2026, 3, 2)
WRONG = Said("wrong", "evidence_wrong", "The customer never heard of it.")


def approvals(cast, count, at=AT, partners=None, begin=0):
    for number in range(begin, begin + count):
        name = f"{NAMES[number]} Works"
        words = {"account_name": name, "account_domain": f"{NAMES[number].lower()}.example"}
        words["contact_email"] = f"buyer@{NAMES[number].lower()}.example"
        approved(cast, (partners or [cast.alpha, cast.beta])[number % 2], at + timedelta(minutes=number), **words)


def drawn(cast, at=AT + WEEK):
    spot_checks.draw_spot_checks(cast.program, at)
    with cast.scope():
        rows = SpotCheck.objects.select_related("approval__registration", "approval__partner", "week")
        return list(rows.order_by("week__week_on", "place"))


def answer(cast, check, what=WRONG, *, by=None, at=AT + WEEK):
    with cast.scope():
        return answer_check(check=check, said=what, by=by or cast.bob, at=at)


def test_an_approval_without_a_person_is_kept_with_what_was_known(cast):
    row = approved(cast, cast.alpha)
    with cast.scope():
        kept = AutomaticApproval.objects.get()
        assert (kept.registration, kept.partner, kept.rule, kept.decision) == (row, cast.alpha, "no_conflict", None)
        assert (kept.tier, kept.region, kept.policy.number, kept.approved_at) == ("Gold", "US-TX", 1, AT)
        assert kept.facts["Customer as typed"] == "Orion Chemicals"
        assert kept.facts["Account on record"] == "Orion Chemicals Inc."
        assert kept.facts["Amount"] == "40,000 USD"


def test_people_s_approvals_are_none_of_it(cast):
    factories.conflict_case(cast)
    with cast.scope():
        assert not AutomaticApproval.objects.exists()


def test_a_week_is_drawn_once_when_it_is_over_and_can_be_drawn_again_from_the_rows(cast):
    approvals(cast, 7)
    assert drawn(cast, AT + timedelta(days=6)) == []
    checks = drawn(cast)
    assert [check.place for check in checks] == [1, 2, 3, 4, 5]
    assert {check.approval.partner for check in checks} == {cast.alpha, cast.beta}
    assert [check.pk for check in drawn(cast, AT + 2 * WEEK)] == [check.pk for check in checks]
    with cast.scope():
        week = SpotCheckWeek.objects.get()
        assert (week.week_on, week.approvals, week.share_pct, week.least) == (MONDAY, 7, 5, 5)
        again = draw_of(week, list(approvals_of(cast.program, MONDAY)))
        assert again == [str(check.approval_id) for check in checks]
        assert AuditEvent.objects.filter(action="spot_checks.drawn").count() == 1
        assert draw_week(program=cast.program, week_on=MONDAY, at=AT + WEEK) == week


def test_a_worker_that_comes_late_draws_every_week_and_a_week_without_approvals_is_none(cast):
    approvals(cast, 2)
    approvals(cast, 2, AT + 2 * WEEK, begin=2)
    assert [check.week.week_on for check in drawn(cast, AT + 3 * WEEK)] == [MONDAY] * 2 + [MONDAY + 2 * WEEK] * 2
    with cast.scope():
        assert draw_week(program=cast.program, week_on=MONDAY + WEEK, at=AT + 3 * WEEK) is None
        with pytest.raises(NotPossibleError, match="not over"):
            draw_week(program=cast.program, week_on=MONDAY + 3 * WEEK, at=AT + 3 * WEEK)


def test_weeks_begin_on_monday_in_the_program_s_time_zone(cast):
    cast.program.timezone = "America/Chicago"
    with cast.scope():
        assert services.monday_of(cast.program, AT.replace(hour=3)) == MONDAY - WEEK  # Sunday evening in Chicago
        assert services.monday_of(cast.program, AT) == MONDAY


def test_the_sweep_draws(cast, monkeypatch):
    approvals(cast, 1)
    monkeypatch.setattr("reviews.spot_checks.timezone.now", lambda: AT + WEEK)
    tasks.sweep()
    with cast.scope():
        assert SpotCheck.objects.count() == 1


def test_who_has_an_interest_or_only_reads_does_not_answer(cast):
    approvals(cast, 1, partners=[cast.alpha, cast.alpha])
    (check,) = drawn(cast)
    for who, why in ((cast.ada, "You manage Alpha Flow"), (cast.audrey, "Your role reads"), (cast.pat, "Your role reads"),
                     (cast.acme_rep, "Your role reads")):  # fmt: skip
        with pytest.raises(NotAllowedError, match=why):
            answer(cast, check, Said("right"), by=who)
    done = answer(cast, check, Said("right"), by=cast.lena)
    assert (done.answer, done.answered_by, done.concern) == ("right", cast.lena, None)
    with pytest.raises(NotPossibleError, match=r"Lena answered meanwhile: right\. Nothing was saved"):
        answer(cast, check)


@pytest.mark.parametrize(
    ("what", "why"),
    [(Said(""), "Choose right"), (Said("perhaps"), "Choose right"), (Said("wrong"), "Choose from the list"),
     (Said("wrong", "evidence_wrong", " "), "Say in a sentence")],
)  # fmt: skip
def test_an_answer_that_says_too_little_is_refused(cast, what, why):
    approvals(cast, 1)
    (check,) = drawn(cast)
    with pytest.raises(NotPossibleError, match=why):
        answer(cast, check, what)
    with cast.scope():
        assert not Concern.objects.exists()


def test_a_wrong_one_becomes_a_concern_that_somebody_answers(cast):
    approvals(cast, 1)
    (check,) = drawn(cast)
    done = answer(cast, check)
    with cast.scope():
        concern = Concern.objects.get()
        assert (done.concern, concern.partner, concern.category) == (concern, None, "records")
        assert (concern.registration, concern.status) == (check.approval.registration, "received")
        assert "by rule no_conflict wrong (evidence wrong or outdated)" in concern.text
        assert concern.text.endswith("The customer never heard of it.")
    with acting(scope_of(cast.acme_rep)):
        assert not Concern.objects.exists()
        for model in (AutomaticApproval, SpotCheckWeek, SpotCheck, SpotCheckAlarm):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                model.objects.exists()


def test_more_than_one_wrong_above_the_share_raises_an_alarm_and_turns_nothing_off(cast):
    approvals(cast, 5)
    checks = drawn(cast)
    answer(cast, checks[0])
    answer(cast, checks[1], Said("cannot_tell"))
    answer(cast, checks[2], Said("right"))
    with cast.scope():
        assert not SpotCheckAlarm.objects.exists()  # one is a concern, not yet an alarm
    answer(cast, checks[3])
    with cast.scope():
        alarm = SpotCheckAlarm.objects.get()
        assert (alarm.wrong, alarm.answered, alarm.wrong_pct) == (2, 3, 10)
        assert "2 of 3 approvals" in alarm.sentence
        assert "Nothing was turned off" in alarm.sentence
    answer(cast, checks[4])
    with cast.scope():
        alarm.refresh_from_db()
        assert (alarm.wrong, alarm.answered, alarm.version) == (3, 4, 2)
    approvals(cast, 1, AT + WEEK, begin=5)  # nothing is turned off


def test_a_lead_answers_the_alarm_and_the_count_begins_anew(cast):
    approvals(cast, 5)
    checks = drawn(cast)
    for check in checks[:2]:
        answer(cast, check)
    with cast.scope():
        alarm = SpotCheckAlarm.objects.get()
        words = {"alarm": alarm, "at": AT + WEEK + timedelta(hours=1)}
        with pytest.raises(NotAllowedError, match="channel lead"):
            acknowledge_alarm(reason="Mine.", by=cast.bob, seen_version=1, **words)
        with pytest.raises(StaleRowError, match="Nothing was saved"):
            acknowledge_alarm(reason="Old.", by=cast.carl, seen_version=7, **words)
        with pytest.raises(NotPossibleError, match="what came of it"):
            acknowledge_alarm(reason=" ", by=cast.carl, seen_version=1, **words)
        done = acknowledge_alarm(reason="Domains are checked now.", by=cast.carl, seen_version=1, **words)
        assert done.acknowledged_by == cast.carl
        with pytest.raises(NotPossibleError, match="answered this alarm"):
            acknowledge_alarm(reason="Again.", by=cast.carl, seen_version=2, **words)
    later = AT + WEEK + timedelta(hours=2)
    answer(cast, checks[2], at=later)
    with cast.scope():
        assert SpotCheckAlarm.objects.filter(acknowledged_at=None).count() == 0
    answer(cast, checks[3], at=later)
    with cast.scope():
        assert SpotCheckAlarm.objects.get(acknowledged_at=None).answered == 2


def test_old_weeks_do_not_count_for_the_alarm(cast):
    approvals(cast, 5)
    checks = drawn(cast)
    late = AT + 6 * WEEK
    for check in checks[:2]:
        answer(cast, check, at=late)
    with cast.scope():
        assert not SpotCheckAlarm.objects.exists()


# --- pages ---


def page(client, cast, user, **data):
    client.force_login(user)
    return client.get(reverse("review:spot_checks"), {"program": cast.program.code, **data})


def test_an_empty_page_says_what_will_come(client, cast):
    text = text_of(page(client, cast, cast.bob))
    assert "Nothing is drawn yet" in text
    assert "5 % of a week's approvals, at least 5 where there are as many" in text.replace("&#x27;", "'")


@pytest.fixture
def now(monkeypatch):
    """It is the Monday after."""
    for place in ("reviews.spot_check_views", "reviews.navigation"):
        monkeypatch.setattr(f"{place}.timezone.now", lambda: AT + WEEK)


def test_the_page_of_a_week_shows_progress_and_the_share_of_wrong_ones(client, cast, now):
    approvals(cast, 6)
    checks = drawn(cast)
    answer(cast, checks[0])
    answer(cast, checks[1], Said("right"))
    text = text_of(page(client, cast, cast.bob))
    assert "Drawn from 6 approvals without a person 2 of 5 looked at" in text
    assert Share(1, 2).words in text
    assert "2 Mar to 8 Mar 2026" in text
    answer(cast, checks[2])
    text = text_of(page(client, cast, cast.carl))
    assert "Too many were wrong" in text
    assert "Answer the alarm" in text
    assert "This is for the channel lead or the revenue lead." in text_of(page(client, cast, cast.bob))
    client.force_login(cast.carl)
    drift = text_of(client.get(reverse("review:drift")))
    assert "2 of 3 approvals without a person" in drift


def test_a_week_of_a_month_ago_can_be_read(client, cast, now):
    approvals(cast, 1)
    approvals(cast, 1, AT - WEEK, begin=1)
    drawn(cast)
    assert "Altair Works" in text_of(page(client, cast, cast.bob))
    earlier = text_of(page(client, cast, cast.bob, week="2026-02-23"))
    assert "Bellatrix Works" in earlier
    assert "Altair Works" not in earlier
    assert "Altair Works" in text_of(page(client, cast, cast.bob, week="nonsense"))


def test_one_approval_shows_what_was_known_and_what_is_known_now(client, cast, now):
    approvals(cast, 1)
    (check,) = drawn(cast)
    with cast.scope():
        row = check.approval.registration
        row.account_city = "Dallas"
        row.amount = 90_000
        row.save()
    client.force_login(cast.bob)
    text = text_of(client.get(reverse("review:spot_check", args=[check.pk])))
    assert "Nothing stands against this registration." in text
    assert "rule no_conflict of policy v1" in text
    assert "Amount 40,000 USD 90,000 USD" in text
    assert "The registration approved" in text


def test_an_answer_is_sent_once_and_a_wrong_one_leads_to_its_concern(client, cast, now):
    approvals(cast, 2, partners=[cast.beta, cast.beta])
    first, second = drawn(cast)
    client.force_login(cast.ada)
    url = reverse("review:spot_check", args=[first.pk])
    refused = client.post(url, {"answer": "wrong", "reason_text": "They sell nothing there."})
    assert refused.status_code == 400
    assert "Choose from the list what is wrong." in text_of(refused)
    assert "They sell nothing there." in text_of(refused)
    sent = client.post(url, {"answer": "wrong", "reason_code": "rule_wrong", "reason_text": "They sell nothing there."})
    with cast.scope():
        concern = Concern.objects.get()
        assert concern.category == "handling"
    assert sent["Location"] == reverse("review:concern", args=[concern.pk])
    assert said(sent) == [f"Wrong. Concern {concern.number} is raised about it: somebody answers it."]
    again = client.post(url, {"answer": "right", "reason_text": "Fine."})
    assert again.status_code == 409
    assert "Ada answered meanwhile: wrong. Nothing was saved." in text_of(again)
    other = client.post(reverse("review:spot_check", args=[second.pk]), {"answer": "cannot_tell"})
    assert other["Location"].startswith(reverse("review:spot_checks"))
    with cast.scope():
        assert SpotCheck.objects.get(pk=second.pk).answer == "cannot_tell"


def test_the_alarm_is_answered_on_the_page_and_a_stale_answer_is_refused(client, cast, now):
    approvals(cast, 5)
    checks = drawn(cast)
    for check in checks[:2]:
        answer(cast, check)
    with cast.scope():
        alarm = SpotCheckAlarm.objects.get()
    url = reverse("review:spot_alarm", args=[alarm.pk])
    client.force_login(cast.carl)
    assert client.get(url).status_code == 302
    assert client.post(url, {"seen_version": 1, "reason": ""}).status_code == 400
    stale = client.post(url, {"seen_version": 5, "reason": "Domains are checked."})
    assert stale.status_code == 409
    assert "Domains are checked." in text_of(stale)
    client.force_login(cast.bob)
    assert client.post(url, {"seen_version": 1, "reason": "Mine."}).status_code == 403
    client.force_login(cast.carl)
    assert client.post(url, {"seen_version": 1, "reason": "Domains are checked."}).status_code == 302
    assert "Domains are checked." in text_of(page(client, cast, cast.carl))


def test_partners_and_other_programs_see_none_of_it(client, cast, now):
    approvals(cast, 1)
    (check,) = drawn(cast)
    other = factories.make_cast("southwind")
    for user in (cast.acme_rep, other.carl):
        client.force_login(user)
        assert client.get(reverse("review:spot_check", args=[check.pk])).status_code == 404
        assert client.post(reverse("review:spot_check", args=[check.pk]), {"answer": "right"}).status_code == 404
    client.force_login(cast.acme_rep)
    assert client.get(reverse("review:spot_checks")).status_code == 404


def test_the_pages_ask_a_fixed_number_of_queries(client, cast, now):
    def asked(url):
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    approvals(cast, 3)
    client.force_login(cast.bob)
    listed = f"{reverse('review:spot_checks')}?program={cast.program.code}"
    checks = drawn(cast)
    few, one = asked(listed), asked(reverse("review:spot_check", args=[checks[0].pk]))
    approvals(cast, 6, AT - WEEK, begin=3)
    more = drawn(cast)
    assert len(more) == 8
    assert asked(listed) == few
    assert asked(reverse("review:spot_check", args=[more[0].pk])) == one
    assert (few, one) == (18, 20)
