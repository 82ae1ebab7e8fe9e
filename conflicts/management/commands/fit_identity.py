"""manage.py fit_identity: learn weights of the identity score from what people said, try them, put them in force."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.identity.learning import Proposal, draft_weights, propose, publish_weights
from conflicts.identity.trial import Trial, side_by_side
from conflicts.models import IdentityWeights
from partners.models import Program, Registration
from partners.services import NotPossibleError, program_by_code

SHOWN = 20


class Command(BaseCommand):
    """Fit, try, keep as a draft; or put a draft in force."""

    help = (
        "Learn the weights of the identity score from reviewed queries, and show how they would have judged beside the "
        "version in force. From 100 reviewed queries on a draft is kept; --publish puts one in force. "
        "Examples: manage.py fit_identity; manage.py fit_identity --publish p-3 --user pat"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which program; whether to put a version in force, and who does."""
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--publish", default="", metavar="VERSION", help="put this draft in force, as in p-3")
        parser.add_argument("--user", default="", metavar="NAME", help="who does it (--publish needs one)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit, or publish."""
        try:
            program = program_by_code(options["program"])
            by = _user(options["user"])
            with staff_of(program.pk, by=by):
                report = self._publish(program, by, options) if options["publish"] else self._fit(program, by)
        except NotPossibleError as error:
            raise CommandError(str(error)) from None
        lines = report.pop("lines")
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(lines))

    def _fit(self, program: Program, by: User | None) -> dict[str, Any]:
        proposal = propose(program.pk)
        said = proposal.too_few
        version = ""
        if not said:
            version = draft_weights(program=program, proposal=proposal, by=by, at=timezone.now()).version
            said = _advice(version, proposal.trial)
        lines = [*_table(proposal, version or "learned"), *_changes(proposal.trial), said]
        report = proposal.trial.as_json() | {
            "program": program.code, "version": version, "in_force": proposal.in_force.weights.version,
            "reviewed": len(proposal.queries), "left_out": proposal.left_out, "sentence": said,
            "thresholds": asdict(proposal.version.thresholds),
        }  # fmt: skip
        return report | {"lines": lines}

    def _publish(self, program: Program, by: User | None, options: dict[str, Any]) -> dict[str, Any]:
        number = options["publish"].removeprefix("p-")
        rows = IdentityWeights.objects.filter(program=program)
        row = rows.filter(number=int(number)).first() if number.isdigit() and len(number) < 9 else None
        if row is None:
            known = ", ".join(str(row) for row in rows.order_by("-number")[:5]) or "none yet"
            raise NotPossibleError(
                f"--publish '{options['publish'][:40]}' is no version of {program.code} (the last ones: {known})."
            )
        if by is None:
            raise NotPossibleError("--publish needs --user: somebody stands behind what decides from now on.")
        row = publish_weights(weights=row, by=by, at=timezone.now())
        sentence = f"{row} is in force in {program.code}. What was matched before is looked at again by detect --all."
        return {"program": program.code, "version": row.version, "status": row.status, "lines": [sentence]}


def _user(name: str) -> User | None:
    user = User.objects.filter(username=name, is_active=True).first() if name else None
    if name and user is None:
        raise NotPossibleError(f"There is no user '{name[:60]}'.")
    return user


def _table(proposal: Proposal, version: str) -> list[str]:
    left_out = f" ({proposal.left_out} more left out: nothing to learn from)" if proposal.left_out else ""
    told = proposal.trial.as_json()
    rows = [("", proposal.in_force.weights.version, version), *side_by_side(told["before"], told["after"])]
    held_out = proposal.trial.before.queries
    head = f"{len(proposal.queries)} reviewed queries{left_out}; on {held_out} that nothing is learned from:"
    return [head, *(f"  {name:<36}{was:>22}{now:>22}" for name, was, now in rows)]


def _changes(trial: Trial) -> list[str]:
    if not trial.changes:
        return ["No reviewed query would be judged otherwise."]
    shown = sorted(trial.changes, key=lambda change: not change.held_out)[:SHOWN]
    refs = {str(row.pk): row.ref for row in Registration.objects.filter(pk__in=[change.key for change in shown])}
    lines = [f"{len(trial.changes)} reviewed queries would be judged otherwise:"]
    for change in shown:
        note = "" if change.held_out else " (learned from)"
        lines.append(f"  {refs.get(change.key, change.key)}: {change.before} -> {change.after}{note}")
    return lines + ([f"  and {len(trial.changes) - SHOWN} more"] if len(trial.changes) > SHOWN else [])


def _advice(version: str, trial: Trial) -> str:
    if not trial.holds:
        return f"{version} is kept as a draft. It cannot be put in force: what it calls the same is right less often."
    return f"{version} is kept as a draft; manage.py fit_identity --publish {version} --user NAME puts it in force."
