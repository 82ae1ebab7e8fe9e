"""Two people decide one case at the same time: the second is told what changed, and what was typed is not lost."""

from playwright.sync_api import expect

from reviews.models import Decision
from tests.journeys.steps import collide, decide_otherwise, fresh, open_case

TYPED = "Nobody has shown dated work, and the customer wants a tender."


def test_the_second_gets_a_sentence_and_keeps_what_was_typed(cast, page_of):
    case = collide(cast)
    ada, bob = page_of(cast.ada), page_of(cast.bob)
    open_case(ada, case)
    open_case(bob, case)
    decide_otherwise(bob, "Beta Industrial", "other", "Beta's engineer did the trial.")
    expect(bob.get_by_text("Your step is kept.")).to_be_visible()

    ada.watch.expects(409)
    decide_otherwise(ada, "Nobody: reject all registrations", "other", TYPED)
    refused = ada.get_by_role("alert")
    expect(refused).to_contain_text(f"{case.ref} changed while you were looking at it")
    expect(refused).to_contain_text("Nothing was saved")
    expect(refused).to_contain_text("step approved – Bob")
    expect(ada.locator("#do-owner").get_by_label("In a sentence")).to_have_value(TYPED)
    with cast.scope():
        assert Decision.objects.get().decided_by_id == cast.bob.pk

    with ada.expect_navigation():  # the page is fresh again: she stands behind Bob's choice instead
        ada.keyboard.press("1")
    expect(ada.get_by_text(f"{case.ref} is decided")).to_be_visible()


def test_who_comes_after_the_decision_sees_it_and_keeps_what_was_typed(cast, page_of):
    case = collide(cast)
    ada, bob = page_of(cast.ada), page_of(cast.bob)
    open_case(ada, case)
    open_case(bob, case)
    with bob.expect_navigation():
        bob.keyboard.press("1")
    expect(bob.get_by_text(f"{case.ref} is decided")).to_be_visible()

    ada.watch.expects(409)
    decide_otherwise(ada, "Beta Industrial", "other", TYPED)
    expect(ada.get_by_role("alert")).to_contain_text(f"{case.ref} changed while you were looking at it")
    expect(ada.get_by_role("alert")).to_contain_text("nothing has left yet – Bob")
    expect(ada.get_by_text(TYPED)).to_be_visible()
    with cast.scope():
        assert Decision.objects.get().decided_by_id == cast.bob.pk
    assert fresh(cast, case).status == "decided"
