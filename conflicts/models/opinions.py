"""What a model was asked and what came of it: calls, opinions, versions of the prompt, switches and budgets."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from channelconflict.database.rights import PROGRAM, RowSecurity
from channelconflict.models import Row
from conflicts.models.reasoning import Conflict, PolicyVersion, Recommendation
from partners.models import Partner, Program


class ModelMode(models.TextChoices):
    ON = "on", "On"
    SHADOW = "shadow", "Shadow"
    OFF = "off", "Off"


class ModelSwitch(Row):
    """Whether the model is asked in a program, for one kind of finding or ("") at all. No row = on.

    Shadow: it is asked and its opinion is kept, and no case page shows it.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="model_switches")
    kind = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=20, choices=ModelMode.choices, default=ModelMode.ON)
    reason = models.TextField(blank=True)
    set_by_id = models.UUIDField(null=True, editable=False)
    set_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "model switch"
        verbose_name_plural = "model switches"
        constraints = [models.UniqueConstraint(fields=["program", "kind"], name="model_switch_once")]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ') or 'every kind'}: {self.get_mode_display()}"


class ModelBudget(Row):
    """What model calls of a program may use up. No row = the defaults of the settings."""

    program = models.OneToOneField(Program, on_delete=models.PROTECT, related_name="model_budget")
    calls_per_case = models.PositiveIntegerField()
    calls_per_day = models.PositiveIntegerField()
    cost_per_day = models.DecimalField(max_digits=10, decimal_places=2)
    cost_per_month = models.DecimalField(max_digits=10, decimal_places=2)
    set_at = models.DateTimeField()
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = PROGRAM

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cost_per_day__gte=0, cost_per_month__gte=0), name="model_budget_is_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.calls_per_case} calls a case"


class PromptStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "In force"
    RETIRED = "retired", "Retired"


class PromptVersion(Row):
    """One version of what the model is told to do, with how it did on the exercises. Its text never changes."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="prompt_versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=PromptStatus.choices, default=PromptStatus.DRAFT)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    evaluation = models.JSONField(default=dict, blank=True)  # conflicts.recommend.llm.evaluation.tally
    evaluated_at = models.DateTimeField(null=True, blank=True)
    evaluated_model = models.CharField(max_length=100, blank=True)
    made_by_id = models.UUIDField(null=True, editable=False)
    made_at = models.DateTimeField()
    live_from = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords(user_db_constraint=False)

    rows: ClassVar = RowSecurity(
        staff=PROGRAM.staff,
        locked_when="true",
        locked_except=("status", "evaluation", "evaluated_at", "evaluated_model", "live_from"),
    )

    class Meta:
        verbose_name = "version of the prompt"
        verbose_name_plural = "versions of the prompt"
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="prompt_number"),
            models.UniqueConstraint(fields=["program"], condition=Q(status="live"), name="one_live_prompt_a_program"),
            models.CheckConstraint(
                condition=Q(status="draft", live_from__isnull=True) | ~Q(status="draft"),
                name="prompt_live_from_when_used",
            ),
        ]

    @property
    def version(self) -> str:
        """What calls and opinions name it by."""
        return f"prompt v{self.number}"

    def __str__(self) -> str:
        return self.version


class ModelCall(Row):
    """One call of the endpoint: noted before it is made, completed after it, locked then."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="model_calls")
    conflict = models.ForeignKey(Conflict, on_delete=models.PROTECT, null=True, blank=True, related_name="model_calls")
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, null=True, blank=True, related_name="model_calls"
    )
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, blank=True)
    prompt = models.ForeignKey(PromptVersion, on_delete=models.PROTECT, null=True, blank=True)  # none = the shipped one
    purpose = models.CharField(max_length=20)
    asked_model = models.CharField("model asked for", max_length=100)
    model = models.CharField("model that answered", max_length=100, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    format = models.CharField(max_length=20, blank=True)
    http_status = models.PositiveIntegerField(null=True, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    seconds = models.FloatField(default=0)
    request_id = models.CharField(max_length=100, blank=True)
    request_sha256 = models.CharField(max_length=64, blank=True)
    answer = models.TextField(blank=True)  # as it came, cut off where it is too long

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="OLD.ended_at IS NOT NULL")

    class Meta:
        verbose_name = "model call"
        verbose_name_plural = "model calls"
        indexes = [
            models.Index(fields=["program", "-began_at"], name="model_call_recent"),
            models.Index(fields=["conflict"], name="model_call_conflict"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.outcome or 'under way'}"


class OpinionStatus(models.TextChoices):
    OK = "ok", "Opinion"
    ABSTAINED = "abstained", "Abstains"
    FELL_BACK = "fell_back", "By the rules alone"
    OFF = "off", "Switched off"
    SHADOW = "shadow", "Shadow"


class ModelOpinion(Row):
    """What the model said of a recommendation, in pseudonyms (`names` tells them), or why it said nothing. Never changed.

    The recommendation stays what the rules said: an opinion stands beside it.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    recommendation = models.OneToOneField(Recommendation, on_delete=models.PROTECT, related_name="opinion")
    prompt = models.ForeignKey(PromptVersion, on_delete=models.PROTECT, null=True, blank=True)
    model = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, choices=OpinionStatus.choices)
    why = models.CharField(max_length=30, blank=True)
    problems = models.JSONField(default=list, blank=True)
    summary = models.TextField(blank=True)
    action = models.CharField(max_length=30, blank=True)
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner_direct = models.BooleanField(default=False)
    option = models.TextField(blank=True)
    agrees = models.BooleanField(null=True, blank=True)  # with what the rules chose; null = it chose nothing
    reasons = models.JSONField(default=list, blank=True)  # [{evidence, quote, sentence}]
    names = models.JSONField(default=dict, blank=True)  # pseudonym -> name
    confidence = models.FloatField(null=True, blank=True)
    brief_sha256 = models.CharField(max_length=64, blank=True)
    calls = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    asked_at = models.DateTimeField()

    rows: ClassVar = RowSecurity(staff=PROGRAM.staff, locked_when="true")

    class Meta:
        verbose_name = "model opinion"
        verbose_name_plural = "model opinions"
        constraints = [
            models.CheckConstraint(
                condition=Q(action="", agrees__isnull=True) | ~Q(action="") & Q(agrees__isnull=False),
                name="model_agrees_or_not_where_it_chose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}"
