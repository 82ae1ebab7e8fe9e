"""manage.py propose_weights: points of the score that fit what people decided, kept as a draft of the policy."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.learning.services import propose_policy
from conflicts.learning.trial import LEFT_OUT, Learned
from conflicts.services import NoPolicyError
from partners.services import NotPossibleError, program_by_code
from reviews.desk.proposals import step_name
from reviews.practice import learn_weights


class Command(BaseCommand):
    """Fit, try on held out decisions, keep as a draft."""

    help = (
        "Learn the points of the score from decided cases, and show how often each version would have recommended what "
        "people chose. From 100 decisions that rest on the score on, a draft of the policy is kept; nothing is applied. "
        "Example: manage.py propose_weights --program northwind"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program, and for whom it prints."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Learn, and keep what says enough."""
        draft = ""
        try:
            program = program_by_code(options["program"])
            with staff_of(program.pk):
                learned = learn_weights(program)
                if not learned.why_not:
                    draft = str(propose_policy(program=program, learned=learned, by=None, at=timezone.now()).policy)
        except (NotPossibleError, NoPolicyError) as error:
            raise CommandError(str(error)) from None
        said = (
            learned.why_not or f"{draft} is a draft with these points; it changes nothing until two people publish it."
        )
        if options["json"]:
            self.stdout.write(
                json.dumps(_report(learned) | {"program": program.code, "draft": draft, "sentence": said})
            )
            return
        self.stdout.writelines(f"{line}\n" for line in [*_lines(learned), said])


def _report(learned: Learned) -> dict[str, Any]:
    points = [
        {"step": name, "now": now, "proposed": then, "told_apart_in": seen} for name, now, then, seen in learned.points
    ]
    return {"decisions": learned.used, "left_out": learned.left_out, "points": points, "trial": learned.trial.as_json()}


def _lines(learned: Learned) -> list[str]:
    lines = [f"{learned.used} decided cases rest on the score."]
    lines += [f"  left out, {LEFT_OUT.get(code, code)}: {count}" for code, count in sorted(learned.left_out.items())]
    lines.append(f"  {'points for':<44}{'now':>5}{'fit':>5}{'told apart in':>15}")
    lines += [f"  {step_name(name):<44}{now:>5}{then:>5}{seen:>15}" for name, now, then, seen in learned.points]
    trial = learned.trial
    lines.append(f"Would have recommended what people chose, of held out cases: {trial.before.words} now,")
    lines.append(f"{trial.after.words} with the points that fit.")
    return lines
