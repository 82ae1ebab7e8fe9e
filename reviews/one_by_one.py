"""Rows whose time has come, each settled in a transaction of its own that may run twice: none keeps another waiting."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import models

from channelconflict.scope import staff_of
from partners.models import Program

log = logging.getLogger(__name__)
R = TypeVar("R", bound=models.Model)


def one_by_one(program: Program, rows: Iterable[R], act: Callable[[R], bool]) -> int:
    """Do `act` to each row as the program's staff; returns how many there was something to do for."""
    done = 0
    for row in rows:
        try:
            with staff_of(program.pk):
                done += act(row)
        except Exception:  # the log names no customer and no partner
            log.exception(
                "%s %s of program %s could not be looked after", type(row).__name__.lower(), row.pk, program.code
            )
    return done
