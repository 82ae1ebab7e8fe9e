"""Background work: one way to queue it. A task gets ids only; what it may see, it states itself (scope.staff_of)."""

import uuid
from functools import partial

from django.db import transaction
from django_q.tasks import async_task


def nudge(task: str, *ids: uuid.UUID) -> None:
    """Queue `task` (a dotted name) once the surrounding transaction has committed; twice asked for is queued once.

    The queue is written as app_login, outside any scope. A lost nudge loses nothing: the row that waits is found by
    `sweep`, and every task may run twice.
    """
    call = partial(async_task, task, *map(str, ids))
    waiting = (entry[1] for entry in transaction.get_connection().run_on_commit)
    if not any(isinstance(other, partial) and other.args == call.args for other in waiting):
        transaction.on_commit(call, robust=True)
