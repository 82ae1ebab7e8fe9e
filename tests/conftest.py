"""What every test stands on: the real database as the unprivileged role, and a named cast (tests/factories.py)."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from partners.models import Program
from tests import factories

QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # no test is about hashing, and it is slow
REAL_DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def pytest_collection_modifyitems(items):
    """Files whose tests commit come last, since they remove the cast that the others find; of each kind the slow ones come
    first, so that no worker is left alone with them at the end (`--no-loadscope-reorder` keeps this order)."""
    commits = {item.path for item in items if _commits(item)}
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path in commits, item.path not in slow))


def _commits(item):
    mark = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(mark and mark.kwargs.get("transaction"))


@pytest.fixture(scope="session")
def real_data():
    """The folder of real records beside the project; without it the test is skipped, loudly."""
    if not REAL_DATA.is_dir():
        pytest.skip("REAL RECORDS ARE MISSING: ../shared/data is not beside the project")
    return REAL_DATA


@pytest.fixture(autouse=True)
def _quiet_outbox(settings, tmp_path):
    settings.FILE_TARGET_DIR = tmp_path / "outbox"
    settings.STATIC_ROOT = str(tmp_path)  # whitenoise warns when it is missing
    settings.PASSWORD_HASHERS = QUICK


@pytest.fixture(scope="session", autouse=True)
def _evidence_folder(tmp_path_factory):
    """The bytes of evidence lie in a folder of the session, by program."""
    folder = str(tmp_path_factory.mktemp("evidence"))
    kept = {**project.STORAGES, "evidence": {**project.STORAGES["evidence"], "OPTIONS": {"location": folder}}}
    with override_settings(STORAGES=kept):
        yield folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database with the cast in it, once a session and worker; what a run left behind (--reuse-db) is removed."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK):
        if Program.objects.exists():
            call_command("flush", interactive=False, verbosity=0)
        factories.keep_cast()


@pytest.fixture(autouse=True)
def _nothing_for_who_commits(request, django_db_blocker):
    """A test that commits begins with an empty database, whether or not it is the first one."""
    if _commits(request.node) and factories.keeps_cast():
        request.getfixturevalue("django_db_setup")
        with django_db_blocker.unblock():
            call_command("flush", interactive=False, verbosity=0)
        factories.forget_cast()


@pytest.fixture
def at():
    """The moment at which tests happen: Monday 2 March 2026, 10:00 UTC."""
    return factories.AT


@pytest.fixture
def cast(db, _evidence_folder):
    """A program with its people (factories.Cast) and without files, inside a transaction that is rolled back."""
    made = factories.make_cast()
    files = Path(_evidence_folder) / str(made.program.pk)
    if files.exists():  # of an earlier test: no rollback takes them back
        shutil.rmtree(files)
    return made


@pytest.fixture
def committed_cast(transactional_db):
    """The same, really committed: for tests with several connections, the crawl and the browser."""
    return factories.make_cast()


@pytest.fixture(scope="session")
def chromium():
    """The path of Debian's or the system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next((p for name in names if (p := shutil.which(name))), None)
    if not path:
        pytest.skip("NO CHROMIUM: browser journeys are not run (install Debian's chromium)")
    return path


def pytest_sessionfinish(session, exitstatus):
    """The tests' role is the one of production: nothing was proved if it could bypass row-level security."""
    if connection.connection is not None and not connection.connection.closed:
        connection.close()
