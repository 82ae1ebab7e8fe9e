"""What is learned from people: their word on each output, alarms when they part from the rules, points that fit them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from channelconflict.database.rights import PROGRAM
from channelconflict.models import Row, User
from conflicts.models.reasoning import PolicyVersion, Recommendation
from partners.models import Program


class OutputPart(models.TextChoices):
    RECOMMENDATION = "recommendation", "Recommendation"
    REASON = "reason", "Reason"
    FINDING = "finding", "Finding"
    SUMMARY = "summary", "Summary"
    PRECEDENT = "precedent", "Earlier case"


class FeedbackVerdict(models.TextChoices):
    USEFUL = "useful", "Useful"
    WRONG = "wrong", "Wrong"
    UNCLEAR = "unclear", "Unclear"
    TAKEN_BACK = "taken_back", "Taken back"


class Feedback(Row):
    """What one reviewer says of one output of a recommendation; said again, it is changed.

    `subject` tells outputs of one part apart (a digest of the words), `about` is what it came from: a rule, a kind of
    finding, a version of a prompt. `told` is the output as it read.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="feedback")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=20, choices=OutputPart.choices)
    subject = models.CharField(max_length=64)
    about = models.CharField(max_length=60, blank=True)
    told = models.TextField()
    verdict = models.CharField(max_length=20, choices=FeedbackVerdict.choices)
    text = models.TextField(blank=True)
    said_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "part", "subject", "reviewer"], name="feedback_once_a_person_and_output"
            )
        ]
        indexes = [models.Index(fields=["program", "-said_at"], name="feedback_list")]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.told[:80]}"


class DriftStream(models.TextChoices):
    PROGRAM = "program", "All cases"
    RULE = "rule", "A rule"
    KIND = "kind", "A kind of case"


class DriftStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"


class DriftAnswer(models.TextChoices):
    WATCH = "watch", "Looked into: go on watching as before"
    USUAL = "usual", "This is how it is now: call it usual"


class DriftAlarm(Row):
    """Overrides rose in one stream of decisions (conflicts.learning.cusum). Acknowledged, the stream is begun anew.

    `usual` is the share that was taken as usual, `new_usual` the one from then on; `path` the sum after each of the
    latest decisions.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    stream = models.CharField(max_length=20, choices=DriftStream.choices)
    subject = models.CharField(max_length=60, blank=True)  # the rule or the kind
    usual = models.FloatField()
    drifted = models.FloatField()
    score = models.PositiveIntegerField()
    threshold = models.PositiveIntegerField()
    overridden = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    since = models.DateTimeField()
    crossed_at = models.DateTimeField()
    path = models.JSONField(default=list)
    sentence = models.TextField()
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=DriftStatus.choices, default=DriftStatus.OPEN)
    answer = models.CharField(max_length=20, choices=DriftAnswer.choices, blank=True)
    reason = models.TextField(blank=True)
    new_usual = models.FloatField(null=True)
    acted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    acted_at = models.DateTimeField(null=True)

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "drift alarm"
        constraints = [
            models.UniqueConstraint(
                fields=["program", "stream", "subject"], condition=Q(status="open"), name="one_open_alarm_a_stream"
            ),
            models.CheckConstraint(
                condition=Q(status="open", answer="", acted_at__isnull=True, new_usual__isnull=True)
                | Q(status="acknowledged", acted_at__isnull=False, new_usual__isnull=False)
                & ~Q(answer="")
                & ~Q(reason=""),
                name="drift_acknowledged_with_answer_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(usual__gt=0, usual__lt=models.F("drifted"), drifted__lt=1), name="drift_is_a_rise"
            ),
        ]
        indexes = [models.Index(fields=["program", "status", "-found_at"], name="drift_list")]

    def __str__(self) -> str:
        return self.sentence


class WeightsProposal(Row):
    """Points of the score that fit what people decided, kept as a draft of the policy: it changes nothing by itself.

    `points` are [[step, now, proposed, decisions that tell of it]], `trial` is conflicts.learning.trial.Trial.as_json,
    `left_out` counts decisions that nothing was learned from, by reason.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT)
    policy = models.OneToOneField(PolicyVersion, on_delete=models.PROTECT, related_name="weights_proposal")
    against = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    decisions = models.PositiveIntegerField()
    left_out = models.JSONField(default=dict, blank=True)
    points = models.JSONField()
    trial = models.JSONField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    rows: ClassVar = PROGRAM

    class Meta:
        verbose_name = "proposal of weights"
        verbose_name_plural = "proposals of weights"
        indexes = [models.Index(fields=["program", "-made_at"], name="weights_proposal_list")]

    def __str__(self) -> str:
        return f"points proposed as {self.policy}"
