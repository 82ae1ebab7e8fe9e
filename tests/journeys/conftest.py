"""What the journeys stand on: the real application on a port, a real worker beside it, and pages that watch themselves."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from psycopg.conninfo import make_conninfo

from partners.permissions import grant_manager
from tests import factories
from tests.journeys.steps import sign_in
from tests.journeys.watch import Watch
from tests.receivers import mail_server

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LOGS = pytest.StashKey[dict[str, Path]]()


def pytest_collection_modifyitems(items):
    """Every journey drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed journey shows what the worker said, and says where the screenshots of its pages lie."""
    report = yield
    if report.failed and LOGS in item.stash:
        for title, path in item.stash[LOGS].items():
            if path.exists():
                report.sections.append((title, path.read_text(encoding="utf-8", errors="replace")[-8000:]))
    return report


@pytest.fixture(scope="session")
def browser(chromium) -> Iterator[Browser]:
    """One Chromium for all journeys; each signed-in person gets a context of their own."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright's synchronous API runs an event loop in this thread; Django would refuse its queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    expect.set_options(timeout=15_000)  # a machine at work is slow, not wrong
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session", autouse=True)
def _folder_of_static_files(tmp_path_factory) -> Iterator[None]:
    """Whitenoise warns when it is missing; the live server serves them from where they lie."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture
def live(transactional_db, live_server) -> str:
    """The address of the application, which works as app_login on what tests commit."""
    return live_server.url.replace("localhost", "127.0.0.1")


@pytest.fixture
def box(live, monkeypatch) -> Iterator[Any]:
    """A mail server that the worker sends to."""
    with mail_server() as box:
        told = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(box.port), "EMAIL_USE_TLS": "no", "PUBLIC_URL": live,
                "CHANNELCONFLICT_PLAIN_HTTP": "1"}  # fmt: skip
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        yield box


@pytest.fixture
def cast(committed_cast, live):
    """The cast, committed. Ada manages both partners here: whoever manages only one of them has an interest."""
    with committed_cast.scope():
        grant_manager(committed_cast.ada, committed_cast.beta)
    return committed_cast


@pytest.fixture
def start_worker(live, settings, tmp_path, request) -> Iterator[Any]:
    """Start `manage.py work` in a process of its own on the test's database; killed as a group at the end."""
    log, running = tmp_path / "worker.log", []
    request.node.stash.setdefault(LOGS, {})["worker"] = log

    def start(workers: int = 1) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "work"], cwd=ROOT, env=_worker_environment(settings, workers),
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        running.append(process)
        return process

    yield start
    ended = [process.pid for process in running if process.poll() is not None]
    for process in running:
        os.killpg(process.pid, signal.SIGKILL) if process.pid not in ended else None
        process.wait(timeout=20)
    assert not ended, "the worker ended by itself"


@pytest.fixture
def worker(start_worker) -> subprocess.Popen[bytes]:
    """A worker that runs from the beginning."""
    return start_worker()


def _worker_environment(settings: Any, workers: int) -> dict[str, str]:
    connection.ensure_connection()
    address = connection.connection.info.get_parameters()
    password = connection.settings_dict["PASSWORD"]
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATABASE_POOL")}
    return environment | {
        "APP_DATABASE_URL": make_conninfo(**address, **({"password": password} if password else {})),
        "SECRET_KEY": project.SECRET_KEY,
        "TASK_KEY": project.TASK_KEY,
        "FILE_TARGET_DIR": str(settings.FILE_TARGET_DIR),
        "WORKERS": str(workers),
    }


@pytest.fixture
def page_of(browser, live, tmp_path, request) -> Iterator[Any]:
    """A page of a user who signed in by the form; an error, a foreign host or a refused source fails the journey."""
    watches: list[Watch] = []

    def page_of(user: Any, *, by_keyboard: bool = False, **options: Any) -> Page:
        context = browser.new_context(**{"base_url": live, "viewport": {"width": 1280, "height": 800}, **options})
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.watch = Watch(page, live, user.username)
        watches.append(page.watch)
        page.goto("/sign-in/")
        sign_in(page, user.username, factories.PASSWORD, by_keyboard=by_keyboard)
        return page

    yield page_of
    logs = request.node.stash.setdefault(LOGS, {})
    for watch in watches:
        watch.keep(tmp_path)
        logs[f"page of {watch.who}"] = watch.log
        watch.page.context.close()
    found = [f"{watch.who}: {problem}" for watch in watches for problem in watch.problems]
    assert not found, "\n".join(found)
