"""A page that watches itself: what the console, the network and the content policy complain about is kept."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page


class Watch:
    """Problems of one page. `expects` names the refusals that a journey is about: a conflict answers 409."""

    def __init__(self, page: Page, home: str, who: str) -> None:
        self.page, self.home, self.who = page, urlsplit(home).netloc, who
        self.problems: list[str] = []
        self.expected: set[int] = set()
        self.log = Path()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def expects(self, *statuses: int) -> None:
        """Answers with these statuses are no problem from here on."""
        self.expected |= set(statuses)

    def keep(self, folder: Path) -> None:
        """Keep where the page was and how it looked, for the report of a failure."""
        self.log = folder / f"{self.who}.txt"
        picture = folder / f"{self.who}-{id(self)}.png"
        try:
            self.page.screenshot(path=picture, full_page=True)
            self.log.write_text(f"{self.page.url}\n{picture}\n{self.page.locator('body').inner_text()}", "utf-8")
        except Error as error:
            self.log.write_text(f"{self.page.url}\nno picture: {error}", "utf-8")

    def _said(self, message: Any) -> None:
        # What the network answered is judged below: the console repeats it without saying of which request.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.netloc != self.home:
            self.problems.append(f"foreign host: {request.url}")

    def _failed(self, request: Any) -> None:
        # Whoever follows a link while something still loads ends that request: nothing failed.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.method} {request.url} ({request.failure})")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")
