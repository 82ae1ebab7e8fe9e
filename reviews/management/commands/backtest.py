"""manage.py backtest POLICY_FILE: what a policy would have changed in past cases, before anybody is bound by it."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.backtest import Row, Trial
from conflicts.models import PolicyTrial
from conflicts.services import NoPolicyError
from conflicts.trials import Wanted, cancel_trial, start_trial
from partners.models import Program
from partners.services import NotPossibleError, program_by_code
from reviews.backtest.running import work_on_trial

BAR, LISTED = 40, 20
CANCELLED, CHANGES = 2, 3  # exit codes; 1 = it could not be tried


class Command(BaseCommand):
    """Try a policy file on the past cases of a program."""

    told = -1  # tenths, where no terminal draws the bar
    help = (
        "Try a policy on past cases beside the live one: who would win, who would lose. Nothing is decided anew. "
        "Exit status: 0 tried, 1 it could not be tried, 2 cancelled, 3 (with --check) some outcome changes. "
        "Example: manage.py backtest policy.json --program northwind --json"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, the program, how many cases."""
        parser.add_argument("file", type=Path, metavar="POLICY_FILE", help="a policy document (JSON), as exported")
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--limit", type=int, metavar="N", help="only the newest N cases (all)")
        parser.add_argument("--check", action="store_true", help="exit with status 3 when some outcome changes")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try it, with a bar on the error stream, and say what came of it."""
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit is a number of cases, at least 1.")
        document = _read(options["file"])
        try:
            program = program_by_code(options["program"])
            trial = self._tried(program, Wanted(document, f"File {options['file'].name}", most=options["limit"]))
        except (NotPossibleError, NoPolicyError) as error:
            raise CommandError(str(error)) from None
        found = Trial.from_json(trial.result)
        if options["json"]:
            about = {"program": program.code, "policy": trial.title, "sha256": trial.document_sha256,
                     "held_against": trial.held_against.number, "seconds": trial.seconds}  # fmt: skip
            self.stdout.write(json.dumps(about | trial.result))
        else:
            self.stdout.writelines(f"{line}\n" for line in told(trial, found))
        if options["check"] and found.changed:
            raise CommandError(f"{found.changed:,} outcomes change.", returncode=CHANGES)

    def _tried(self, program: Program, wanted: Wanted) -> PolicyTrial:
        with staff_of(program.pk):
            trial = start_trial(program=program, wanted=wanted, by=None, at=timezone.now(), in_background=False)
        try:
            done = work_on_trial(program, trial.pk, tell=self._bar)
        except KeyboardInterrupt:
            with staff_of(program.pk):
                cancel_trial(trial=trial, by=None, at=timezone.now())
            raise CommandError("Cancelled: nothing was changed.", returncode=CANCELLED) from None
        if done is None or done.cancelled_at:
            raise CommandError("Somebody cancelled it: nothing was changed.", returncode=CANCELLED)
        with staff_of(program.pk):
            return PolicyTrial.objects.select_related("held_against").get(pk=done.pk)

    def _bar(self, trial: PolicyTrial) -> None:
        share = trial.done / trial.total if trial.total else 1.0
        line = f"[{'#' * round(share * BAR):<{BAR}}] {share:4.0%}  {trial.done:,} of {trial.total:,} cases"
        if sys.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="\n" if share >= 1 else "")
        elif int(share * 10) > self.told:
            self.told = int(share * 10)
            self.stderr.write(line)


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise CommandError(f"{file} is not a JSON document: {error}.") from None


def told(trial: PolicyTrial, found: Trial) -> Iterator[str]:
    """The result in lines."""
    yield (
        f"{found.total:,} past cases tried in {trial.seconds:.1f} s beside version {trial.held_against.number}: "
        f"{found.changed:,} outcomes change."
    )
    if found.unreadable:
        yield f"  {found.unreadable:,} more could not be read any more."
    if found.decided:
        yield (
            f"  of {found.decided:,} decisions of people {found.matched_before:,} are as the live version recommends, "
            f"{found.matched_after:,} as this one would."
        )
    yield f"  cases that would not have been: {found.vanish:,}; that would have been as well: {found.arise:,}."
    yield f"  registrations that may compete now: {found.eligible_now:,}; not any more: {found.ineligible_now:,}."
    yield f"  cases that other people would decide: {found.routes:,}."
    if found.by_rule:
        yield (
            f"  cases of low risk, approved without a person: {found.by_rule:,}; of {found.by_rule_decided:,} that people "
            f"decided, {found.by_rule_otherwise:,} otherwise."
        )
    yield from _rules(found)
    yield from _partners(found.partners)
    for change in found.changes[:LISTED]:
        yield f"  {change.ref} {change.account}: {change.before} ({change.before_rule}) -> {change.after} ({change.after_rule})"
    if found.changed > LISTED:
        yield f"  ... and {found.changed - LISTED:,} more; the admin shows them under Trials."


def _rules(found: Trial) -> Iterator[str]:
    moved = sorted((rule, pair) for rule, pair in found.rules.items() if pair[0] != pair[1])
    for rule, (before, after) in moved:
        yield f"  {rule or 'no rule':12} decides {before:,} -> {after:,}"


def _partners(rows: dict[str, Row]) -> Iterator[str]:
    concerned = sorted(
        (row for row in rows.values() if row.gained or row.lost), key=lambda row: (row.lost - row.gained, row.label)
    )
    for row in [*concerned[:5], *concerned[5:][-5:]]:
        yield f"  {row.label:30} wins {row.gained:,}, loses {row.lost:,} (won {row.before:,} -> {row.after:,})"
