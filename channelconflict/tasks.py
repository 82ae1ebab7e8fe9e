"""Background work: one way to queue it. A task gets ids only; what it may see, it states itself (scope.staff_of)."""

import uuid

from django.db import transaction
from django_q.tasks import async_task


def nudge(task: str, *ids: uuid.UUID) -> None:
    """Queue `task` (a dotted name) once the surrounding transaction has committed.

    The queue is written as app_login, outside any scope. A lost nudge loses nothing: the row that waits is found by
    `sweep`, and every task may run twice.
    """
    transaction.on_commit(lambda: async_task(task, *[str(i) for i in ids]), robust=True)
