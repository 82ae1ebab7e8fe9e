"""The house rules as tests: directions, doors, names and sizes. They read the source, not the behaviour."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ("channelconflict", "partners", "conflicts", "reviews")  # from the ground up
ROOMS = (*FLOORS, "tests", "benchmarks")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "base", "common", "constants", "managers", "exceptions", "misc"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60

# `update()` writes past save(): no history, no audit. Allowed on rows that have no history, each for a reason
# (tests/test_services.py watches which rows these really are).
UPDATES = {
    "partners/indexing.py": "how a verdict's registration is spelled: derived",
    "conflicts/scanning.py": "who works on a scan, proposals that a later scan replaced: no history",
    "conflicts/services.py": "joining claims, closing findings and superseded recommendations: no history",
    "conflicts/overlaps.py": "collisions of rules that ended or changed: no history",
    "conflicts/trying.py": "who works on a trial, and how far it is: no history",
    "conflicts/signals/services.py": "the numbers of standing signals: no history",
    "reviews/examining.py": "when the claims of an account were last looked at: no history",
    "reviews/pipeline.py": "when a merge's registrations were looked at: no history",
    "reviews/services/appeals.py": "ends of leases: no history",
    "reviews/services/holds.py": "which claims are looked at again when a hold ends: no history",
    "reviews/services/asking.py": "answered messages: no history",
    "reviews/services/bulk.py": "what waits and what is left out of a bulk: no history",
    "reviews/services/cases.py": "ends of leases and answered messages: no history",
    "reviews/services/outcomes.py": "questions that need no answer any more: no history",
    "reviews/services/snooze.py": "what sleeps and wakes, ends of leases: no history",
    "reviews/services/decisions.py": "ends of leases: no history",
    "reviews/writeback/queue.py": "the end of one's own attempt: no history",
    "reviews/channel/planning.py": "which notices are planned: no history",
    "reviews/sending.py": "when what waits for a webhook that rests is due: no history",
}


@cache
def sources(*rooms: str) -> dict[str, ast.Module]:
    """Path -> parsed source of every module of these rooms, migrations left out."""
    found = {}
    for room in rooms or FLOORS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name:
                found[name] = ast.parse(path.read_text(encoding="utf-8"), name)
    return found


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in names:
                yield node


def within(package: str, names: Iterator[str]) -> set[str]:
    return {name for name in names if name == package or name.startswith(package + ".")}


def own_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in FLOORS]


def is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "instance_type")


# --- directions ---


def test_the_import_contracts_hold() -> None:
    script = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_foreign_keys_point_down_only() -> None:
    """What import-linter cannot see: a relation named by its label."""
    for model in own_models():
        for field in model._meta.get_fields():
            target = field.related_model if getattr(field, "concrete", False) else None
            if target is not None and target._meta.app_label in FLOORS:
                here, there = FLOORS.index(model._meta.app_label), FLOORS.index(target._meta.app_label)
                assert there <= here, f"{model._meta.label}.{field.name} points up to {target._meta.label}"


def test_queued_tasks_exist_and_take_what_they_are_given() -> None:
    """Task names are strings, so that a lower room need not import a higher one."""
    seen = 0
    for name, tree in sources().items():
        for call in calls(tree, "nudge"):
            seen += 1
            task = call.args[0]
            assert isinstance(task, ast.Constant), f"{name}:{call.lineno}: name the task in words"
            assert isinstance(task.value, str)
            wanted = inspect.signature(import_string(task.value)).parameters
            given = len(call.args) - 1
            where = f"{name}:{call.lineno}: {task.value} takes {list(wanted)}"
            assert any(isinstance(a, ast.Starred) for a in call.args) or given == len(wanted), where
    assert seen > 5


def test_the_names_in_the_settings_exist() -> None:
    assert callable(import_string(settings.SCOPE_OF))
    assert callable(import_string(settings.HIDDEN_FROM))


def test_guardian_has_one_door() -> None:
    for name, tree in sources().items():
        used = within("guardian", imported(tree))
        if name.startswith("partners/models/"):
            used -= within("guardian.models", iter(used))
        assert not used or name == "partners/permissions.py", f"{name} imports {used}"


def test_the_model_has_one_door() -> None:
    for name, tree in sources().items():
        assert not within("openai", imported(tree)) or name == "conflicts/recommend/llm/client.py", name


def test_the_solver_is_only_loaded_when_a_policy_is_checked() -> None:
    """59 MB of library, in no process that merely decides by a policy. The contracts hold who may import it at all."""
    script = "import sys; import conflicts.policy.checks, conflicts.recommend; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120).returncode == 0


def test_the_queue_has_one_door() -> None:
    for name, tree in sources().items():
        used = within("django_q.tasks", imported(tree))
        assert not used or name == "channelconflict/tasks.py" or name.startswith("reviews/management/"), name


def test_only_audit_writes_audit_events() -> None:
    for name, tree in sources().items():
        if name == "channelconflict/audit.py":
            continue
        assert not list(calls(tree, "AuditEvent", "ChainHead")), f"{name} makes an AuditEvent: use audit.record()"
        writers = calls(tree, "create", "bulk_create", "update_or_create", "get_or_create")
        assert not any("AuditEvent" in ast.unparse(call.func) for call in writers), name


def test_there_are_no_signals() -> None:
    """A write shows all that it does: nothing listens behind it."""
    for name, tree in sources().items():
        used = set(imported(tree))
        bad = {n for n in used if n.startswith("django.dispatch") or re.search(r"\bsignals?\b", n)}
        own = {n for n in bad if n.split(".")[0] in FLOORS}
        assert not bad - own - {"signal"}, f"{name} imports {bad}"
        for node in ast.walk(tree):
            decorators = getattr(node, "decorator_list", [])
            assert not any("receiver" in ast.unparse(d) for d in decorators), f"{name}:{node.lineno}"


def test_the_domain_knows_no_request() -> None:
    """Services, pipelines, reasoning and models take values; only edges know HTTP."""
    edges = re.compile(
        r"(^|/)(views|\w+_views|talk_portal|interim_portal|going_on|first_opinion_page|admin|api|urls|forms|portal|portal_urls|desk|navigation|permissions|scope|asgi|wsgi)(\.py|/)"
        r"|templatetags/|/middleware|^channelconflict/apps"
    )
    for name, tree in sources().items():
        if edges.search(name):
            continue
        assert not within("django.http", imported(tree)), f"{name} imports django.http"
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                assert node.arg != "request", f"{name}:{node.lineno} takes a request"


# --- writes ---


def test_update_is_not_used_where_it_would_skip_history() -> None:
    for name, tree in sources().items():
        for call in calls(tree, "update", "bulk_update"):
            value = ast.unparse(call.func)
            if call.keywords and not call.args:  # a queryset's update(field=value); a dict's or a hash's takes a value
                assert name in UPDATES, f"{name}:{call.lineno} {value}(): save the row through its service"
            assert not value.endswith("bulk_update") or name in UPDATES or name.startswith("partners/ingest/"), name


def test_locks_take_no_more_than_they_need() -> None:
    """FOR UPDATE makes every insert that points to the row wait, and a join locks the joined rows too: the program's."""
    for name, tree in sources().items():
        for call in calls(tree, "select_for_update"):
            assert "no_key" in {keyword.arg for keyword in call.keywords}, f"{name}:{call.lineno}: no_key=True"
        for call in calls(tree, "select_related"):
            chain = ast.unparse(call.func)
            if "select_for_update(" in chain:
                assert re.search(r"select_for_update\([^)]*\bof=", chain), f'{name}:{call.lineno}: of=("self",)'


# --- names and sizes ---


def test_no_module_has_a_name_that_says_nothing() -> None:
    for name in sources(*ROOMS):
        stem = Path(name).stem
        assert stem not in FORBIDDEN_NAMES or name == "channelconflict/database/base.py", name


def test_files_and_functions_stay_short() -> None:
    found = []
    for name, tree in sources(*ROOMS).items():
        lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            found.append(f"{name} has {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found.append(f"{name}: {node.name}() has {length} lines")
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is_for() -> None:
    for name, tree in sources(*ROOMS).items():
        text = ast.get_docstring(tree)
        if not tree.body and name.endswith("__init__.py"):
            continue
        assert text, f"{name} has no docstring"
        assert len(text.splitlines()) <= 7, f"{name}: a module docstring is a few lines"


def test_models_have_no_default_order_and_no_nullable_strings() -> None:
    for model in own_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and not field.name.startswith("history_"):
                assert not field.null, f"{model._meta.label}.{field.name}: an empty string says it"
        if not is_history(model):  # simple_history's own are newest first
            assert not model._meta.ordering, f"{model._meta.label} has an order: say it where rows are read"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-bulk.txt", "tests/requirements.txt"])
def test_every_requirement_is_pinned_and_says_why(name: str) -> None:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith(("#", "-r ")):
            assert re.match(r"[A-Za-z0-9_.\[\],-]+==[0-9][0-9a-z.]*\s+# \S.{5,}", line), f"{name}: {line}"
