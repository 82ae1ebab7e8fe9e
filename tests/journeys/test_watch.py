"""The watch over the pages is awake: what it must report, it reports."""

import pytest

ADD = "html => document.body.insertAdjacentHTML('beforeend', html)"


@pytest.mark.parametrize(("html", "reported"), [
    ('<img src="https://pictures.example/a.png">', "Content Security Policy"),
    ('<p style="color:red">red</p>', "Content Security Policy"),
    ('<img src="/nowhere.png">', "404"),
])  # fmt: skip
def test_it_reports(cast, page_of, html, reported):
    page = page_of(cast.acme_rep)
    page.evaluate(ADD, html)
    page.wait_for_load_state("networkidle")
    problems, page.watch.problems = page.watch.problems, []
    assert any(reported in problem for problem in problems), problems
