"""A second opinion as people meet it: on the case, in the queue, and the switch that stops it."""

import json
import os
from pathlib import Path

from conflicts.recommend.llm import client
from reviews import pipeline
from reviews.models import Case
from reviews.services import current_recommendation
from reviews.tasks import ask_model
from tests import factories, model_server

SHOTS = os.environ.get("SHOTS")


def keep(page, name):
    """A picture of the page, light and dark, wide and narrow, where SHOTS names a folder."""
    if not SHOTS:
        return
    for scheme in ("light", "dark"):
        for width in (1280, 390):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(SHOTS) / f"{name}-{scheme}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def differs(asked):
    number = next(n for n, option in enumerate(asked.case["options"]) if "mediates" in option["means"])
    return model_server.Sent(json.dumps(asked.good(number)))


def test_a_model_differs_and_is_switched_off(cast, page_of, settings):
    case = factories.conflict_case(cast)
    with cast.scope():
        kept = current_recommendation(case)
    with model_server.serving(differs) as server:
        settings.MODEL_KEY, settings.MODEL_URL, settings.MODEL_NAME = "sk-test", server.url, "worst-1"
        ask_model(str(cast.program.pk), str(kept.pk))
        client.hang_up()
        page = page_of(cast.ada)
        page.goto("/review/?view=differs")
        assert page.get_by_text("model differs").first.is_visible()
        page.get_by_role("link", name="Orion").first.click()
        page.get_by_text("It would choose: A person mediates between the claimants.").wait_for()
        page.get_by_text("The model's 1 reason").click()
        assert page.get_by_text("‘Alpha Flow registered").is_visible()
        keep(page, "case")
        pat = page_of(cast.pat)
        pat.goto("/admin/conflicts/modelswitch/")
        keep(pat, "model")
        pat.get_by_label("Why", exact=True).fill("We look into an answer.")
        pat.get_by_role("button", name="Switch it off").click()
        pat.get_by_text("The model is switched off in").wait_for()
        keep(pat, "model-off")
        pat.goto("/admin/conflicts/modelcall/")
        keep(pat, "calls")
        pat.goto("/admin/conflicts/promptversion/new/")
        pat.get_by_role("button", name="Keep as a draft").click()
        pat.get_by_text("It may not be put in force yet").wait_for()
        keep(pat, "prompt")
        other = factories.submitted(
            cast, cast.beta, account_name="Vega Works", account_domain="vega.example", contact_email="b@vega.example"
        )
        factories.submitted(
            cast, cast.alpha, account_name="Vega Works", account_domain="vega.example", contact_email="b@vega.example"
        )
        pipeline.detect(cast.program, factories.AT)
        with cast.scope():
            second = Case.objects.get(parties__registration=other)
            waiting = current_recommendation(second)
        ask_model(str(cast.program.pk), str(waiting.pk))
        assert len(server.received) == 1
        page.goto(f"/review/cases/{second.pk}/")
        page.get_by_text("By the rules alone, because the model is switched off.").wait_for()
        keep(page, "case-off")
