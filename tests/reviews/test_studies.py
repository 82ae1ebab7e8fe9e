"""Decided cases as studies: found by words and filters through an indexed search, told as a study, with lessons; the charter."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from conflicts.services import policy_in_force
from partners import services
from partners.services import NotPossibleError, StaleRowError
from reviews import pipeline
from reviews.choices import Choice
from reviews.desk.charter import REMEDIES, staff_charter
from reviews.desk.studies import Wanted, _found
from reviews.models import Lesson, Study
from reviews.permissions import NotAllowedError
from reviews.services import approve, decide
from reviews.services.decisions import Override
from reviews.services.studies import change_lesson, folded, keep_missing_studies, write_lesson
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import text_of

db = pytest.mark.django_db


@pytest.fixture
def case(cast):
    """Decided as recommended."""
    found = factories.conflict_case(cast)
    with cast.scope():
        approve(case=found, by=cast.carl, at=AT, seen_version=found.version)
        found.refresh_from_db()
    return found


def overridden(cast):
    """A second case, in Kansas, decided otherwise than recommended and seconded."""
    names = {"account_name": "Müller Wasser", "account_domain": "mueller.example", "account_subdivision": "US-KS"}
    first = factories.submitted(cast, cast.alpha, days_ago=3, product_lines=["valves"], **names)
    factories.submitted(cast, cast.beta, days_ago=1, product_lines=["valves"], **names)
    with cast.scope():
        services.add_activity(
            registration=first, kind="proposal", occurred_on=AT.date() - timedelta(days=1), by=None, at=AT
        )
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = first.claim.conflict.cases.get()
        choice = Choice("award", str(cast.beta.pk))
        why = Override("relationship", "The buyer asked for Beta in writing.")
        later = AT + timedelta(hours=1)
        decide(case=case, choice=choice, by=cast.carl, at=later, seen_version=case.version, override=why)
        case.refresh_from_db()
        approve(case=case, by=cast.cleo, at=later, seen_version=case.version)
        case.refresh_from_db()
    return case


def refs(client, **asked):
    response = client.get(reverse("review:studies"), asked)
    assert response.status_code == 200
    return [row.ref for row in response.context["page"].rows]


@given(st.text())
def test_folded_text_is_plain_words(text):
    once = folded(text)
    assert folded(once) == once
    assert all(word.isalnum() for word in once.split())


@given(st.text())
def test_any_words_make_a_query_that_postgresql_can_read(text):
    assert "\x00" not in Wanted.of({"q": text}).query
    assert Wanted.of({"q": text}).query.count("'") % 2 == 0


@db
def test_a_decided_case_is_found_by_words_and_by_what_it_is(client, cast, case):
    other = overridden(cast)
    client.force_login(cast.bob)
    assert refs(client) == [other.ref, case.ref]
    for words, found in [
        ("orion", [case]), ("alpha", [other, case]), ("MULL was", [other]), (case.ref, [case]), ("müller", [other]),
        ("buyer writing", [other]), ("orion muller", []), ("'; drop table --", []), ("&|!():*", []), ("zzz", []),
    ]:  # fmt: skip
        assert refs(client, q=words) == [one.ref for one in found], words
    for asked, found in [
        ({"kind": "competing_registration"}, [other, case]), ({"kind": "routine"}, []), ({"outcome": "award"}, [other, case]),
        ({"reason": "relationship"}, [other]), ({"reason": "any"}, [other]), ({"region": "US-KS"}, [other]),
        ({"region": "US"}, [other, case]), ({"region": "DE"}, []), ({"product": "valves"}, [other]),
        ({"tier": "gold"}, [other, case]),
        ({"tier": "tin"}, []), ({"since": "2026-03-03"}, []), ({"until": "2026-03-02"}, [other, case]),
        ({"until": "2026-03-01"}, []), ({"since": "x", "until": "2026-99-99"}, [other, case]),
        ({"q": "orion", "product": "valves"}, []),
        ({"before": "nonsense"}, [other, case]),
    ]:  # fmt: skip
        assert refs(client, **asked) == [one.ref for one in found], asked


@db
def test_pages_go_on_where_the_one_before_ended(client, cast, case, monkeypatch):
    monkeypatch.setattr("reviews.desk.studies.PAGE", 1)
    other = overridden(cast)
    client.force_login(cast.bob)
    first = client.get(reverse("review:studies")).context["page"]
    assert [row.ref for row in first.rows] == [other.ref]
    assert refs(client, before=first.older) == [case.ref]


@db
def test_the_list_takes_as_many_queries_for_two_as_for_one(client, cast, case):
    client.force_login(cast.bob)
    counts = []
    for _ in range(2):
        client.get(reverse("review:studies"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("review:studies"), {"q": "alpha"})
        counts.append(len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
        if len(counts) == 1:
            overridden(cast)
    assert counts[0] == counts[1]


@db
def test_the_search_answers_nothing_of_a_program_out_of_scope(cast, case):
    south = factories.make_cast("southwind")
    with cast.scope():
        assert len(_found(cast.program, Wanted())) == 1
        assert _found(south.program, Wanted()) == []
    with south.scope():
        assert _found(cast.program, Wanted(words="orion")) == []


@db
def test_rare_words_are_found_by_their_index(cast, case):
    """As the function asks it, with enough rows that the planner has a choice."""
    with connection.cursor() as cursor:
        cursor.execute("select to_tsvector('simple', 'cf 2041 orion') @@ %s::tsquery", [Wanted(words="CF-2041").query])
        assert cursor.fetchone() == (True,)
    with cast.scope(), connection.cursor() as cursor:
        cursor.execute("select indexdef from pg_indexes where indexname = 'study_words'")
        assert "USING gin (to_tsvector('simple'::regconfig, words))" in cursor.fetchone()[0]


@db
def test_a_study_tells_the_case_and_what_came_of_it(client, cast, case):
    other = overridden(cast)
    client.force_login(cast.bob)
    with cast.scope():
        one, two = (Study.objects.get(case=c) for c in (case, other))
    page = text_of(client.get(reverse("review:study", args=[one.pk])))
    for words in ("What was at stake", "USD 40,000", "Award to Alpha Flow", "as recommended", "Carl as channel lead",
                  "technical validation", "approved, protected until", "Nobody has written one yet."):  # fmt: skip
        assert words in page or words.replace("channel lead", "partner manager") in page, words
    page = text_of(client.get(reverse("review:study", args=[two.pk])))
    assert "otherwise than recommended" in page
    assert "The buyer asked for Beta in writing." in page


@db
def test_a_lesson_is_written_found_and_put_in_other_words(client, cast, case):
    client.force_login(cast.carl)
    with cast.scope():
        study = Study.objects.get(case=case)
    url = reverse("review:study", args=[study.pk])
    assert client.post(url, {"text": ""}).status_code == 400
    assert client.post(url, {"text": "Ask for dates before anything.", "tags": "Dates,  proof "}).status_code == 302
    assert refs(client, q="dates anything") == [case.ref]
    assert refs(client, q="proof") == [case.ref]
    with cast.scope():
        lesson = Lesson.objects.get()
        assert lesson.tags == ["dates", "proof"]
    changed = {"lesson": str(lesson.pk), "seen_version": 1, "text": "Notes beat memory.", "tags": "proof"}
    assert client.post(url, changed).status_code == 302
    assert refs(client, q="anything") == []
    stale = client.post(url, changed)
    assert (stale.status_code, "changed this lesson meanwhile" in text_of(stale)) == (409, True)
    client.force_login(cast.bob)
    assert "Whoever decided the case, or a lead, writes its lessons." in text_of(client.get(url))
    assert client.post(url, {"text": "Mine too."}).status_code == 403


@db
def test_who_writes_lessons_and_of_which_cases(cast, case):
    with cast.scope():
        written = write_lesson(case=case, text="One.", tags=[], by=cast.rita, at=AT)
        for who in (cast.bob, cast.audrey):
            with pytest.raises(NotAllowedError):
                write_lesson(case=case, text="No.", tags=[], by=who, at=AT)
        with pytest.raises(NotPossibleError, match="Up to 8 tags"):
            write_lesson(case=case, text="Tags.", tags=map(str, range(9)), by=cast.rita, at=AT)
        with pytest.raises(StaleRowError):
            change_lesson(lesson=written, text="Two.", tags=[], by=cast.rita, at=AT, seen_version=5)
        assert (
            change_lesson(lesson=written, text="By a lead.", tags=[], by=cast.carl, at=AT, seen_version=1).version == 2
        )


@db
def test_cases_decided_before_there_were_studies_become_ones(cast, case):
    with cast.scope():
        assert not list(keep_missing_studies(program_id=cast.program.pk))


# --- the charter ---


@db
def test_the_charter_says_what_the_live_policy_says(client, cast):
    client.force_login(cast.bob)
    page = text_of(client.get(reverse("review:charter")))
    for words in ("version 1", "250,000 USD or more, or account reserved for direct",
                  "Decided by the channel lead, then the revenue lead.", "Any other case",
                  "Joins before the last decider", "Within 48 open hours", "14 days"):  # fmt: skip
        assert words in page, words
    with cast.scope():
        row = policy_in_force(cast.program).row
        row.document = {**row.document, "clock": {"hours": 24, "at_risk_pct": 50}}
        charter = staff_charter(row, cast.program)
    (clocks,) = (s for s in charter.sections if s.title == "Clocks")
    assert "Within 24 open hours" in clocks.lines[0][1]
    (remedies,) = (s for s in charter.sections if s.title == "Permitted remedies")
    assert len(remedies.lines) == len(REMEDIES)


@db
def test_a_partner_reads_what_concerns_it_and_no_names_or_amounts(client, cast):
    client.force_login(cast.acme_rep)
    page = text_of(client.get(reverse("portal:charter")))
    assert "about your own registrations" in page
    assert "Within 14 days after a decision" in page
    for hidden in ("250,000", "Beta", "Carl", "coded reason", "direct team keeps the account"):
        assert hidden not in page
