"""manage.py evaluate_prompt: ask the configured model about the exercises' cases, and keep how the prompt did."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import PromptVersion
from conflicts.opinions.services import draft_prompt, prompt_in_force, shipped_prompt
from partners.models import Program
from partners.services import NotPossibleError
from reviews.evaluating import EXERCISES, evaluate, known_cases


class Command(BaseCommand):
    """Evaluate one version of the prompt on the exercises."""

    help = (
        "Ask the configured model about the cases of the exercises and keep the result with the version of the prompt."
        " Example: manage.py evaluate_prompt --prompt new-prompt.txt --limit 40"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which version, and how much."""
        parser.add_argument("--program", default="", metavar="CODE", help="whose version (default: the only program)")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--prompt-version", type=int, dest="number", metavar="N", help="a version that is kept already"
        )
        which.add_argument("--prompt", type=Path, metavar="FILE", help="a text file: kept as a draft, then evaluated")
        parser.add_argument("--limit", type=int, default=0, metavar="N", help="the first N exercises only")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, keep, print."""
        program = self._program(options["program"])
        files = sorted(EXERCISES.glob("*.json"))[: options["limit"] or None]
        try:
            prompt = self._prompt(program, options)
            found = evaluate(
                program=program,
                prompt=prompt,
                cases=known_cases(files),
                by=None,
                at=timezone.now(),
                progress=self._progress,
            )
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"version": prompt.number, "sha256": prompt.sha256, **found}))
            return
        self.stdout.write(
            f"{prompt}: {found['usable']} of {found['cases']} answers could be used, {found['agreed']} as the exercise"
            f" expects, {found['abstained']} abstained; {found['calls']} calls, cost {found['cost']},"
            f" {found['seconds_median']:.2f} s a case (median)."
        )
        for problem, number in found["problems"].items():
            self.stdout.write(f"  {number} x {problem}")

    def _program(self, code: str) -> Program:
        programs = list(Program.objects.filter(**({"code": code} if code else {})).order_by("code")[:2])
        if len(programs) != 1:
            raise CommandError("Name the program: --program CODE." if not code else f"There is no program {code}.")
        return programs[0]

    def _prompt(self, program: Program, options: dict[str, Any]) -> PromptVersion:
        with staff_of(program.pk):
            if options["prompt"]:
                try:
                    text = options["prompt"].read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError):
                    raise CommandError(f"{options['prompt']} cannot be read as text.") from None
                return draft_prompt(program=program, text=text, by=None, at=timezone.now())
            if options["number"]:
                row = PromptVersion.objects.filter(program=program, number=options["number"]).first()
                if row is None:
                    raise CommandError(f"There is no prompt v{options['number']}.")
                return row
            return prompt_in_force(program.pk) or shipped_prompt(program=program, by=None, at=timezone.now())

    def _progress(self, done: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done} cases asked", ending="")
