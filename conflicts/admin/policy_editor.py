"""The policy editor: sections as forms and tables, rules with conditions as rows. Every button posts; no script is needed."""

import re
import uuid
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from conflicts import policies
from conflicts.models import PolicyVersion
from conflicts.policies import StalePolicyError, UnreadablePolicyError
from conflicts.policy.catalogue import ACTIONS, BETWEEN, CALLED, DIRECT_TEAM, GROUPS, WHO
from conflicts.policy.condition_rows import HOW, Row, document_of, facts_offered, rows_of, typed_rows, with_errors
from conflicts.policy.condition_rows import pressed as row_pressed
from conflicts.policy.conditions import read_condition
from conflicts.policy.editing import (
    SECTIONS,
    Grid,
    Input,
    as_edited,
    by_path,
    filled,
    grids_of,
    merged,
    pressed,
    shown_in,
    whole,
)
from conflicts.policy.readable import ACTION_TITLES, parameters_of, say_outcome, told
from conflicts.policy.reading import Reader
from conflicts.policy.rules import NAMES
from conflicts.policy.saying import words
from conflicts.policy_review import changed_fields, plain
from partners.services import NotPossibleError

Posted = Mapping[str, Sequence[str]]
SELECTORS = (
    ("owner", "To whom", WHO, "award, co-sell"),
    ("support", "Who supports", GROUPS, "co-sell"),
    ("between", "Between whom", BETWEEN, "share"),
)


@dataclass(frozen=True)
class Cell:
    """A field as it is drawn: with what stands in it and what is wrong with it."""

    field: Input
    value: Any
    error: str = ""

    @property
    def id(self) -> str:
        """An id that a label and a link can name."""
        return "f-" + re.sub(r"[^a-z0-9]+", "-", self.field.path.lower()).strip("-")


def address_of(row: PolicyVersion, page: str) -> str:
    """The address of a page of a version."""
    return reverse(f"admin:conflicts_policyversion_{page}", args=[row.pk])


class PolicyEditing:
    """Mixin: the pages that edit a draft. What is typed is read by the document's own reader, which names the field."""

    draw: Any
    get_object: Any

    def edit(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """The first section."""
        row = self.get_object(request, str(object_id))
        return redirect(address_of(row, f"edit_{SECTIONS[0].slug}"))

    def section(self, request: HttpRequest, object_id: uuid.UUID, slug: str) -> HttpResponse:
        """One section: its form, or why it cannot be edited."""
        row: PolicyVersion = self.get_object(request, str(object_id))
        if slug == "rules":
            return self._rules(request, row)
        if request.method != "POST":
            return self._section(request, row, slug, as_edited(slug, row.document))
        typed, button = _posted(request), request.POST.get("do", "save")
        made = filled(slug, row.document, typed)
        if button != "save":
            return self._section(request, row, slug, pressed(made, slug, button), seen=_seen(request), changed=True)
        try:
            self._keep(request, row, made)
        except UnreadablePolicyError as error:
            return self._section(request, row, slug, made, problems=error.problems, seen=_seen(request))
        except StalePolicyError as error:
            both = merged(slug, error.seen, made, error.now)
            return self._section(request, row, slug, both, stale=error, seen=error.version)
        except NotPossibleError as error:
            return self._section(request, row, slug, made, problems=(str(error),), seen=_seen(request))
        messages.success(request, "Kept.")
        return redirect(address_of(row, f"edit_{slug}"))

    def _section(
        self, request: HttpRequest, row: PolicyVersion, slug: str, document: Mapping[str, Any], *,
        problems: Sequence[str] = (), stale: StalePolicyError | None = None, seen: int | None = None, changed: bool = False,
    ) -> HttpResponse:  # fmt: skip
        placed, loose = by_path(problems)
        grids = [_drawn(grid, document, placed) for grid in grids_of(slug, document)]
        shown = {cell.field.path for grid in grids for line in grid["rows"] for cell in line["cells"]}
        links = [(cell, cell.error) for grid in grids for line in grid["rows"] for cell in line["cells"] if cell.error]
        loose += [f"{path}: {sentence}" for path, sentence in placed.items() if path not in shown]
        return self.draw(
            request, row, "edit", "section", section=next(s for s in SECTIONS if s.slug == slug), grids=grids,
            loose=loose, links=links, seen=row.version if seen is None else seen, unsaved=changed, **_editor(row, slug),
            stale=_meanwhile(stale), status=409 if stale else 400 if problems else 200,
        )  # fmt: skip

    def _keep(
        self, request: HttpRequest, row: PolicyVersion, document: Mapping[str, Any], seen: int | None = None
    ) -> None:
        user: Any = request.user
        policies.edit_policy(policy=row, document=document, seen_version=_seen(request) if seen is None else seen,
                             by=user, at=timezone.now())  # fmt: skip

    # --- rules ---

    def _rules(self, request: HttpRequest, row: PolicyVersion) -> HttpResponse:
        """The rules in their order; buttons move them and take them out."""
        if request.method == "POST":
            return self._order(request, row)
        parameters = parameters_of(row.document)
        listed = [
            {"rule": rule, "when": told(rule, parameters), "then": say_outcome(rule["then"]),
             "last": n == len(row.document["rules"]), "first": n == 1}
            for n, rule in enumerate(row.document["rules"], start=1)
        ]  # fmt: skip
        section = SECTIONS[0]
        return self.draw(
            request, row, "edit", "rules", section=section, listed=listed, seen=row.version, **_editor(row, "rules")
        )

    def _order(self, request: HttpRequest, row: PolicyVersion) -> HttpResponse:
        act, _, key = request.POST.get("do", "").partition(":")
        rules = deepcopy(row.document["rules"])
        at = next((n for n, rule in enumerate(rules) if rule["id"] == key), None)
        if at is None or act not in ("up", "down", "remove"):
            messages.error(request, "Choose a rule that is still there.")
            return redirect(address_of(row, "edit_rules"))
        if act == "remove":
            del rules[at]
        else:
            other = at - 1 if act == "up" else at + 1
            if 0 <= other < len(rules):
                rules[at]["priority"], rules[other]["priority"] = rules[other]["priority"], rules[at]["priority"]
        try:
            self._keep(request, row, row.document | {"rules": _in_order(rules)})
        except StalePolicyError as error:
            messages.error(request, f"{error} Look at the rules as they are now first.")
        except UnreadablePolicyError as error:
            messages.error(request, " ".join(error.problems))
        except NotPossibleError as error:
            messages.error(request, str(error))
        return redirect(address_of(row, "edit_rules"))

    def rule(self, request: HttpRequest, object_id: uuid.UUID) -> HttpResponse:
        """One rule: title, reason, condition, outcome. `id` names it; without one it is new."""
        row: PolicyVersion = self.get_object(request, str(object_id))
        was = request.POST.get("was", request.GET.get("id", ""))
        known = next((rule for rule in row.document["rules"] if rule["id"] == was), None)
        if was and known is None and request.method != "POST":  # what was typed of one that is gone since is told so
            raise Http404("Not found.")
        if request.method != "POST":
            made = known or _new_rule(row.document)
            return self._rule(request, row, was, made, rows_of(made["when"]))
        typed, button = _posted(request), request.POST.get("do", "save")
        tree = typed_rows(typed)
        if button != "save":
            tree = row_pressed(tree, button)
        made = _typed_rule(typed, known) | {"when": document_of(tree)}
        if button != "save":
            return self._rule(request, row, was, made, tree, seen=_seen(request), at=button)
        return self._keep_rule(request, row, was, made, tree)

    def _keep_rule(
        self, request: HttpRequest, row: PolicyVersion, was: str, made: dict[str, Any], tree: Row
    ) -> HttpResponse:
        rules = _in_order([rule for rule in row.document["rules"] if rule["id"] != was] + [made])
        try:
            self._keep(request, row, row.document | {"rules": rules})
        except UnreadablePolicyError as error:
            mine, loose = _about_the_rule(error.problems, rules.index(made) + 1)
            tree = with_errors(tree, mine)
            return self._rule(request, row, was, made, tree, errors=mine, loose=loose, seen=_seen(request))
        except StalePolicyError as error:
            return self._rule(request, row, was, made, tree, stale=error, seen=error.version)
        except NotPossibleError as error:
            return self._rule(request, row, was, made, tree, loose=[str(error)], seen=_seen(request))
        messages.success(request, f"{made['id']} is kept.")
        return redirect(address_of(row, "edit_rules"))

    def _rule(
        self, request: HttpRequest, row: PolicyVersion, was: str, made: Mapping[str, Any], tree: Row, *,
        errors: Mapping[str, str] | None = None, loose: Sequence[str] = (), stale: StalePolicyError | None = None,
        seen: int | None = None, at: str = "",
    ) -> HttpResponse:  # fmt: skip
        errors, then = errors or {}, made.get("then", {})
        fields = {
            name: Cell(Input(name, label, kind), "" if made.get(name) is None else made[name], errors.get(name, ""))
            for name, label, kind in (
                ("id", "Id", "text"), ("priority", "Priority", "whole"), ("title", "Title", "text"),
                ("reason", "Reason that people read", "text"),
            )
        }  # fmt: skip
        selectors = [
            {"name": name, "label": label, "used": used, "value": then.get(name, ""), "error": errors.get(f"then.{name}", ""),
             "choices": [(who, CALLED.get(who, who)) for who in offered]}
            for name, label, offered, used in SELECTORS
        ]  # fmt: skip
        return self.draw(
            request, row, "edit", "rule", rule=made, was=was, fields=fields, tree=tree, facts=facts_offered(), how=HOW,
            actions=[(action, ACTION_TITLES[action]) for action in ACTIONS], action=then.get("action", ""),
            action_error=errors.get("then.action", errors.get("then", "")), selectors=selectors, loose=loose, pressed_at=at,
            wrong=bool(errors), says="" if errors else _says(made, row.document), seen=row.version if seen is None else seen,
            stale=_meanwhile(stale), status=409 if stale else 400 if errors or loose else 200, **_editor(row, "rules"),
        )  # fmt: skip


# --- what is drawn ---


def _editor(row: PolicyVersion, slug: str) -> dict[str, Any]:
    return {"sections": [(s.title, address_of(row, f"edit_{s.slug}"), s.slug == slug) for s in SECTIONS]}


def _drawn(grid: Grid, document: Mapping[str, Any], placed: Mapping[str, str]) -> dict[str, Any]:
    """A grid with values and errors; a row of a list knows its place, for its buttons."""
    rows = []
    for n, line in enumerate(grid.rows, start=1):
        cells = [Cell(field, shown_in(field, document), _error_at(field, placed)) for field in line]
        label = grid.labels[n - 1] if n <= len(grid.labels) else ""
        rows.append(
            {"cells": cells, "label": label, "path": f"{grid.list_path}[{n}]" if grid.list_path else "", "n": n}
        )
    return {"grid": grid, "rows": rows, "error": placed.get(grid.list_path, "") if grid.list_path else ""}


def _error_at(field: Input, placed: Mapping[str, str]) -> str:
    return placed.get(field.path, "")


def _about_the_rule(problems: Sequence[str], place: int) -> tuple[dict[str, str], list[str]]:
    """What the reader says of the rule at this place, by field; and of anything else."""
    placed, loose = by_path(problems)
    of_all, here = placed.pop("rules", ""), f"rules[{place}]."
    mine = {path.removeprefix(here): text for path, text in placed.items() if path.startswith(here)}
    loose += [f"{path}: {text}" for path, text in placed.items() if not path.startswith(here)]
    twice = next((name for name in ("id", "priority") if f"different {name}" in of_all), "")
    if twice:
        mine[twice] = f"Another rule has this {twice}."
    elif of_all:
        loose.append(of_all)
    return mine | {
        f"then.{name}": "Choose whom the rule names." for name, *_ in SELECTORS if f"then.{name}" in mine
    }, loose


def _says(made: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """The rule in words, as far as it can be read."""
    reader = Reader(made["when"])
    condition = read_condition(reader)
    if reader.problems:
        return ""
    return f"If {words(condition, parameters_of(document))}: {say_outcome(made.get('then', {}))}"


def _meanwhile(stale: StalePolicyError | None) -> dict[str, Any] | None:
    """What somebody else changed since the form was opened."""
    if stale is None:
        return None
    return {"sentence": str(stale), "changed": changed_fields(plain(stale.seen), plain(stale.now))}


# --- what is typed ---


def _posted(request: HttpRequest) -> Posted:
    return {name: [value.replace("\x00", "")[:2000] for value in values] for name, values in request.POST.lists()}


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _typed_rule(typed: Posted, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The rule as typed; its id is for ever once it has one."""

    def of(name: str) -> str:
        return typed[name][-1].strip() if typed.get(name) else ""

    action = of("action")  # whom it does not name is left out: without a script the form shows all of them
    then = {"action": action} | {name: of(name) for name in NAMES.get(action, ())}
    if action == "direct_retained":
        then["owner"] = DIRECT_TEAM
    return {
        "id": known["id"] if known else of("id"), "priority": whole(of("priority")), "title": of("title"),
        "reason": of("reason"), "when": {"all": []}, "then": then,
    }  # fmt: skip


def _new_rule(document: Mapping[str, Any]) -> dict[str, Any]:
    """A rule before the last one, which always holds: with the next id and a priority between."""
    taken = [int(found.group(1)) for rule in document["rules"] if (found := re.search(r"(\d+)$", str(rule["id"])))]
    priorities = [rule["priority"] for rule in document["rules"]]
    before = priorities[-2] if len(priorities) > 1 else 0
    when = {"all": [{"fact": "amount", "op": ">=", "value": None}]}
    return {"id": f"R-{max(taken, default=0) + 1:02}", "priority": (before + priorities[-1]) // 2, "title": "", "reason": "",
            "when": when, "then": {"action": "mediate"}}  # fmt: skip


def _in_order(rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """By priority, what is no number last, where the reader finds it."""
    return sorted(rules, key=lambda rule: rule["priority"] if isinstance(rule["priority"], int) else 10**9)
