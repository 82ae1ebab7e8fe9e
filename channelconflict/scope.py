"""Who is asking -> the database's row-level scope, for one transaction at a time.

A connection starts as app_login, which sees no partner data. Inside `acting(scope)` the transaction becomes `portal`
(rows of the user's partners) or `staff` (rows of the user's programs). Nothing is set per session: SET LOCAL ends with
the transaction, so a forgotten scope shows no rows instead of somebody else's.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Scope:
    """What one transaction may see: the database role ("none" = app_login) and the ids its policies compare with."""

    role: str = "none"
    partner_ids: frozenset[uuid.UUID] = field(default_factory=frozenset)
    program_ids: frozenset[uuid.UUID] = field(default_factory=frozenset)
    user_id: uuid.UUID | None = None
    managed_ids: frozenset[uuid.UUID] = field(default_factory=frozenset)  # partners whose people the user manages


NOBODY = Scope()
_current: ContextVar[Scope] = ContextVar("scope", default=NOBODY)

_SET = (
    "select set_config('role', %s, true), set_config('app.partner_ids', %s, true),"
    " set_config('app.program_ids', %s, true), set_config('app.user_id', %s, true),"
    " set_config('app.managed_ids', %s, true)"
)


def current() -> Scope:
    """The scope that this thread of work acts in."""
    return _current.get()


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Open a transaction (or a savepoint in one) that sees what `scope` may see, and go back to the outer scope after."""
    outer, nested = _current.get(), connection.in_atomic_block
    with transaction.atomic():
        _apply(scope)
        token = _current.set(scope)
        try:
            yield
        finally:
            _current.reset(token)
        # A released savepoint leaves SET LOCAL behind; a rolled back one, and the end of the transaction, undo it.
        if nested and not connection.needs_rollback:
            _apply(outer)


def staff_of(*program_ids: uuid.UUID, by: Any = None) -> Any:
    """Act as staff of these programs: for tasks and commands, which state whose scope they run in."""
    return acting(Scope(role="staff", program_ids=frozenset(program_ids), user_id=getattr(by, "pk", None)))


def _apply(scope: Scope) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SET,
            [
                scope.role,
                _array(scope.partner_ids),
                _array(scope.program_ids),
                str(scope.user_id) if scope.user_id else "",
                _array(scope.managed_ids),
            ],
        )


def _array(ids: frozenset[uuid.UUID]) -> str:
    return "{" + ",".join(str(i) for i in sorted(ids)) + "}"


class ScopeMiddleware:
    """Run each signed-in request in one transaction under its user's scope; everybody else stays app_login.

    The transaction is opened here, since ATOMIC_REQUESTS wraps only the view: templates rendered after it would lose
    the scope. Rights are read anew for each request, so a revoked right bites on the next one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.scope_of: Callable[[Any], Scope] = import_string(settings.SCOPE_OF)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        with acting(self.scope_of(request.user)):
            return self.get_response(request)
