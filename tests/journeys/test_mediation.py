"""Talks in the browser: a mediation that both sides accept, and one that fails and is decided by somebody else."""

from django.utils import timezone
from playwright.sync_api import expect

from reviews import stages
from reviews.models import Decision, Mediation
from tests.journeys.steps import collide, follow, fresh, no_wider_than_the_screen, open_case, until


def begin(page, case, facilitator):
    """Press 4, choose a mediation and who facilitates."""
    open_case(page, case)
    page.keyboard.press("4")
    form = page.locator("#do-mediate")
    expect(form.get_by_label("Who facilitates")).to_be_hidden()
    form.get_by_label("With a facilitator").check()
    form.get_by_label("Who facilitates").select_option(label=facilitator)
    follow(page, form.get_by_role("button", name="Ask every side"))
    expect(page.get_by_text("Every side is told.")).to_be_visible()


def put(page, alpha, beta):
    """Press P and put a split to both."""
    page.keyboard.press("p")
    form = page.locator("#do-propose")
    form.get_by_role("spinbutton", name="Alpha Flow").fill(alpha)
    form.get_by_role("spinbutton", name="Beta Industrial").fill(beta)
    form.get_by_label("Why it is fair").fill("One found the deal, the other delivers it.")
    follow(page, form.get_by_role("button", name="Put it to every side"))
    expect(page.get_by_text("is put to every side")).to_be_visible()


def answer(page, name, verdict, comment=""):
    """From the portal's first page to the talk, and answer."""
    page.goto("/portal/")
    follow(page, page.get_by_role("link", name="Open the talk"))
    if comment:
        page.get_by_label("Your comment").fill(comment)
    follow(page, page.get_by_role("button", name=verdict))
    expect(page.get_by_text(f"You {name} proposal")).to_be_visible()


def test_accepted_by_both_and_confirmed(cast, page_of, worker):
    case = collide(cast)
    begin(page_of(cast.bob), case, "Lena (legal)")
    lena = page_of(cast.lena)
    open_case(lena, case)
    follow(lena, lena.get_by_role("link", name="Mediation", exact=True))
    put(lena, "60", "40")

    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    alpha, beta = page_of(cast.acme_rep, **phone), page_of(cast.rival_rep)
    answer(alpha, "accepted", "Accept")
    assert no_wider_than_the_screen(beta)
    assert "Beta" not in alpha.content()
    expect(alpha.get_by_text("share of 60 %").first).to_be_visible()
    answer(beta, "accepted", "Accept", "The service is what matters.")
    until(lambda: fresh(cast, case).status == "in_review", "the worker sees the agreement")

    carl = page_of(cast.carl)
    open_case(carl, case)
    expect(carl.get_by_text("Every side agreed on it in talks.")).to_be_visible()
    with carl.expect_navigation():
        carl.keyboard.press("1")
    expect(carl.get_by_text(f"{case.ref} is decided")).to_be_visible()
    expect(carl.get_by_text("agreed by every side in talks")).to_be_visible()
    with cast.scope():
        decision = Decision.objects.get()
        assert (decision.action, decision.is_override, decision.agreed_in_id is not None) == ("split", False, True)
    alpha.goto("/portal/")
    expect(alpha.get_by_role("row", name="Orion Chemicals")).to_contain_text("Protected")


def test_declined_failed_and_decided_by_somebody_else(cast, page_of):
    case = collide(cast)
    begin(page_of(cast.bob), case, "Carl (channel lead)")
    carl = page_of(cast.carl)
    open_case(carl, case)
    follow(carl, carl.get_by_role("link", name="Mediation", exact=True))
    put(carl, "50", "50")
    beta = page_of(cast.rival_rep)
    answer(beta, "declined", "Decline", "Half is too little.")
    stages.look_after(cast.program, timezone.now())
    carl.reload()
    expect(carl.get_by_text("Half is too little.")).to_be_visible()
    carl.keyboard.press("x")
    carl.locator("#do-memo").get_by_label("Memo").fill("Beta wants more than half.")
    follow(carl, carl.locator("#do-memo").get_by_role("button", name="End the talks"))
    expect(carl.get_by_text("back for a binding decision")).to_be_visible()

    open_case(carl, case)
    expect(carl.get_by_text("You mediated this case").first).to_be_visible()
    bob = page_of(cast.bob)
    open_case(bob, case)
    expect(bob.get_by_text("Beta wants more than half.")).to_be_visible()
    with bob.expect_navigation():
        bob.keyboard.press("1")
    expect(bob.get_by_text(f"{case.ref} is decided")).to_be_visible()
    with cast.scope():
        assert (Mediation.objects.get().status, Decision.objects.get().agreed_in) == ("failed", None)
