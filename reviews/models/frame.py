"""A program's own wording around what parties are told. The standard wording is code (reviews.frames)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row
from partners.models import Program


class NoticeTemplate(Row):
    """A program's own template of one kind of notice; each change is a version in its history."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="notice_templates")
    kind = models.CharField(max_length=30)  # of NoticeKind; the service checks it
    language = models.CharField(max_length=10, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "kind", "language"], name="notice_template_once_a_kind")
        ]

    def __str__(self) -> str:
        return f"template {self.kind}"
