"""axe over what the application answers: a real Chromium draws each answer of the test client, and axe looks at it.

No server and no reload: an answer (a refused form too) is laid before the browser as the page at its address, with its
own headers and the application's styles and scripts; light and dark, wide and narrow are changed on the page that is there.
"""

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
from django.contrib.staticfiles import finders
from django.test import RequestFactory
from django.views.i18n import JavaScriptCatalog
from playwright.sync_api import Browser, Route

SOURCE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
HOME = "https://desk.example"
LOOKS = (("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390))
# Everything that axe knows, target size (WCAG 2.2 AA) included, which it leaves out unless it is asked for.
RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations'],
    rules: {'target-size': {enabled: true}}});
  return found.violations.map(v => `${v.id} (${v.impact}): ` + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' +
    n.html.slice(0, 160) + ' ' + [...n.any, ...n.all, ...n.none].slice(0, 1).map(c => c.message).join()).join(' | '));
}"""
# What is folded is looked at too; `name` would let only one of a group be open.
UNFOLD = "() => document.querySelectorAll('details').forEach(d => { d.removeAttribute('name'); d.open = true; })"


@dataclass(frozen=True)
class Answer:
    """One answer of the application, and what it is an answer to."""

    what: str
    path: str
    response: Any

    @property
    def drawn(self) -> bool:
        """Whether there is a page to look at."""
        kind = self.response.headers.get("Content-Type", "")
        return self.response.status_code not in (301, 302) and "text/html" in kind and bool(self.response.content)


class Eye:
    """One page of a browser that shows answers and says what axe has against them."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(base_url=HOME, viewport={"width": 1280, "height": 800})
        self.page = self.context.new_page()
        self.answer: Answer | None = None
        self.said: list[str] = []
        self.page.on("pageerror", lambda error: self.said.append(f"script error: {error}"))
        self.page.on("console", self._console)
        self.page.route("**/*", self._serve)

    def close(self) -> None:
        """The end of its context."""
        self.context.close()

    def looks_at(self, answer: Answer, looks: Iterable[tuple[str, int]] = LOOKS) -> list[str]:
        """What axe, the console and the width of the page say against an answer, in each look."""
        self.answer, self.said = answer, []
        self.page.goto(answer.path)
        self.page.evaluate(SOURCE)
        self.page.evaluate(UNFOLD)
        for scheme, width in looks:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wide = self._as_high_as_its_page(width)
            self.said += [f"{scheme} {width}: {line}" for line in self.page.evaluate(RUN)]
            if wide > width:
                self.said.append(f"{scheme} {width}: wider than the screen")
        return [f"{answer.what} {answer.path} ({answer.response.status_code}): {line}" for line in self.said]

    def _as_high_as_its_page(self, width: int) -> int:
        """Show all of the page at a width, and say how wide it is.

        A bar that sticks to the bottom of a screen covers half of whatever lies at the fold; axe takes that half for all
        there is of a target, though who scrolls sees the rest.
        """
        self.page.set_viewport_size({"width": width, "height": 800})
        wide, high = self.page.evaluate("(({scrollWidth: w, scrollHeight: h}) => [w, h])(document.documentElement)")
        self.page.set_viewport_size({"width": width, "height": max(800, high)})
        return int(wide)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.said.append(f"console: {message.text}")

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(HOME).split("?")[0]
        if route.request.is_navigation_request():
            response = self.answer.response
            headers = {k: v for k, v in response.headers.items() if k not in ("Content-Length", "Set-Cookie")}
            route.fulfill(status=response.status_code, headers=headers, body=response.content)
        elif path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
            kind = mimetypes.guess_type(found)[0] or "text/plain"
            route.fulfill(body=Path(found).read_bytes(), content_type=kind)
        elif path.endswith("/jsi18n/"):
            words = JavaScriptCatalog.as_view(packages=["django.contrib.admin"])(RequestFactory().get(path))
            route.fulfill(body=words.content, content_type="text/javascript")
        else:
            route.fulfill(status=204, body="")
