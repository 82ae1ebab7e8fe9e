"""A program's own playbooks, and what of them was done on a case. The standard ones are code (reviews.playbooks)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program
from reviews.models.case import Case

LONGEST_ITEM = 300


class Playbook(Row):
    """A program's own copy of the playbook of one kind of case; each change is a version in its history."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="playbooks")
    kind = models.CharField(max_length=40)
    gather = ArrayField(models.CharField(max_length=LONGEST_ITEM))
    weigh = ArrayField(models.CharField(max_length=LONGEST_ITEM))
    question = models.TextField()
    notice = models.TextField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "kind"], name="playbook_once_a_kind")]

    def __str__(self) -> str:
        return f"playbook {self.kind}"


class PlaybookTick(Row):
    """An item of a checklist on one case: done or not, who said so last, and when."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ticks")
    item = models.CharField(max_length=LONGEST_ITEM)
    done = models.BooleanField()
    said_by_id = models.UUIDField(editable=False)
    said_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="tick_once_an_item")]

    def __str__(self) -> str:
        return self.item
