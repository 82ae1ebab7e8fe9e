"""A party's statement of reasons: what was decided, by which rule, what counted of its own, what could have changed it."""

from datetime import timedelta

import pytest

from channelconflict.templatetags.look import letter
from partners.services import NotPossibleError, add_activity, add_evidence, change_program
from reviews import pipeline
from reviews.models import Case, Message, Notice
from reviews.reasons import BLOCKS, blocked
from reviews.services import approve, request_information
from tests import factories
from tests.factories import AT

db = pytest.mark.django_db
LOST = """\
Your registration {ref} for ORION CHEMICALS, INCORPORATED is not approved.

Decided under rule R-08 (Score) of policy v1. Whoever is well ahead in the evidence wins.

What counted of yours:
- You registered it on 1 March 2026.

Another claim had priority.

What could have changed it:
- A letter in which the customer prefers you. We check it.
- Dated proof of work: from first contact up to signed statement of work.
- Work on the deal in the last 14 days.

If you disagree, you can appeal once, until {until}: open the registration and choose a reason, such as new evidence, a \
fact that is wrong, or a rule that was not applied as written. A person who had no part in this decision answers."""


def told(cast, *, kind="technical_validation", letter_too=False):
    """Alpha registered first and worked it, Beta registered later: what each is told, by partner."""
    first = factories.submitted(cast, cast.alpha, days_ago=4)
    factories.submitted(cast, cast.beta, days_ago=1, account_name="ORION CHEMICALS, INCORPORATED")
    with cast.scope():
        add_activity(registration=first, kind=kind, occurred_on=AT.date() - timedelta(days=1), by=None, at=AT)
        if letter_too:
            add_evidence(registration=first, kind="customer_letter", verified=True, by=None, at=AT)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        return {notice.partner: notice for notice in Notice.objects.select_related("partner", "registration")}


@db
def test_who_wins_reads_what_counted_and_until_when_it_is_protected(cast):
    body = told(cast)[cast.alpha].body
    assert "is approved.\n\nDecided under rule R-08 (Score) of policy v1." in body
    assert (
        "What counted of yours:\n- You registered it on 26 February 2026.\n- Your technical validation of 1 March"
        in body
    )
    assert "The deal is protected until " in body
    assert "appeal" not in body
    assert "could have changed" not in body
    assert "Another" not in body


@db
@pytest.mark.parametrize("ahead", [{}, {"kind": "sow_signed"}, {"kind": "proposal", "letter_too": True}])
def test_who_does_not_win_reads_the_same_however_far_ahead_the_other_side_was(cast, ahead):
    notice = told(cast, **ahead)[cast.beta]
    until = (AT + timedelta(days=14)).date()
    expected = LOST.format(ref=notice.registration.ref, until=f"{until.day} {until:%B %Y}")
    assert notice.body == expected


@db
def test_days_are_those_of_the_program_s_own_zone(cast):
    cast.program.timezone = "Pacific/Kiritimati"  # 14 hours ahead: ten in the morning is the next day there
    with cast.scope():
        change_program(program=cast.program, by=cast.pat, at=AT)
    body = told(cast)[cast.beta].body
    assert "You registered it on 2 March 2026." in body
    assert "you can appeal once, until 17 March 2026:" in body


@db
def test_a_rule_that_weighs_no_work_says_so(cast):
    first = factories.submitted(cast, cast.alpha, days_ago=40)
    with cast.scope():
        add_activity(registration=first, kind="meeting", occurred_on=AT.date() - timedelta(days=30), by=None, at=AT)
    pipeline.detect(cast.program, AT - timedelta(days=29))
    factories.submitted(cast, cast.beta, days_ago=1, account_name="ORION CHEMICALS, INCORPORATED")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        approve(case=case, by=cast.bob, at=AT, seen_version=case.version)
        body = Notice.objects.get(partner=cast.beta).body
    assert "Decided under rule R-05 (Protection held)" in body
    assert "What we have of yours:\n- You registered it on" in body
    assert "- More proof of work would not have: this rule does not weigh it." in body


def test_what_stood_against_a_registration_comes_with_what_would_have_lifted_it():
    assert blocked(()).counted == ()
    for kind in BLOCKS:
        own = blocked([kind, "competing_registration", kind])
        assert len(own.counted) == len(own.could) == 1


@db
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("Beta Industrial says it met the buyer first. Did you?", "‘Beta Industrial’ is not this party's"),
        ("Do you know P-BETA?", "‘P-BETA’ is not this party's"),
        ("A competitor met the buyer first.", "‘competitor’ tells of others"),
        ("You stole this deal, it seems.", "‘stole’ is not neutral"),
    ],
)
def test_a_question_that_tells_of_others_or_judges_is_not_sent(cast, body, sentence):
    case = factories.conflict_case(cast)
    with cast.scope():
        party = case.parties.get(partner=cast.alpha)
        with pytest.raises(NotPossibleError, match=sentence):
            request_information(case=case, parties=[party], fields=["note"], body=body, by=cast.bob, at=AT)
        assert not Message.objects.exists()
        request_information(
            case=case, parties=[party], fields=["note"], body="When did Alpha Flow meet the buyer?", by=cast.bob, at=AT
        )
        assert Message.objects.count() == 1


@db
def test_a_question_to_both_names_neither(cast):
    case = factories.conflict_case(cast)
    with cast.scope(), pytest.raises(NotPossibleError, match="Alpha Flow"):
        request_information(
            case=case,
            parties=case.parties.all(),
            fields=["note"],
            body="Alpha Flow met them. Who else did?",
            by=cast.bob,
            at=AT,
        )


def test_a_letter_becomes_paragraphs_and_lists_and_nothing_else():
    assert letter("One\ntwo\n\nWhat counted:\n- a <b>\n- c") == (
        "<p>One<br>two</p>\n<p>What counted:</p><ul><li>a &lt;b&gt;</li><li>c</li></ul>"
    )
    assert letter("") == ""
