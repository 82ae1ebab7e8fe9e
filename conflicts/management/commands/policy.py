"""manage.py policy: list a program's policy versions, write one to a file, begin one with a file."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policies import import_policy
from conflicts.policy.files import BadFileError, from_text, to_text
from partners.models import Program
from partners.services import NotPossibleError, program_by_code


class Command(BaseCommand):
    """List, export, import. Publishing takes two persons, on the staff site."""

    help = (
        "List the policy versions of a program, export one as JSON, or begin a draft with a file. Nothing goes live here: "
        "that takes a second person on the staff site. "
        "Examples: manage.py policy list; manage.py policy export --number 2 --out policy.json; "
        "manage.py policy import policy.json --user olga --why 'As agreed in May'"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, with which version or file."""
        parser.add_argument("act", choices=("list", "export", "import"))
        parser.add_argument("file", nargs="?", default="", help="the file to import, - for standard input")
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument(
            "--number", type=int, default=0, metavar="N", help="the version to export (else the live one)"
        )
        parser.add_argument("--out", default="", metavar="FILE", help="where to write it (else standard output)")
        parser.add_argument("--user", default="", metavar="NAME", help="who imports it")
        parser.add_argument("--why", default="", metavar="TEXT", help="what the draft is for")
        parser.add_argument("--json", action="store_true", help="print JSON (list and import)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, as staff of the program."""
        try:
            program = program_by_code(options["program"])
            by = _user(options["user"])
            with staff_of(program.pk, by=by):
                {"list": self._list, "export": self._export, "import": self._import}[options["act"]](
                    program, by, options
                )
        except (NotPossibleError, BadFileError, OSError) as error:
            problems = getattr(error, "problems", None)
            raise CommandError("\n".join(problems) if problems else str(error)) from None

    def _list(self, program: Program, by: User | None, options: dict[str, Any]) -> None:
        rows = list(PolicyVersion.objects.filter(program=program).order_by("-number"))
        if options["json"]:
            self.stdout.write(json.dumps([_told(row) for row in rows]))
            return
        for row in rows:
            since = f" since {row.live_from:%d %b %Y}" if row.status == PolicyStatus.LIVE and row.live_from else ""
            self.stdout.write(
                f"v{row.number:<4} {row.status:<10} {row.sha256[:12]}  {row.document.get('title', '')}{since}"
            )

    def _export(self, program: Program, by: User | None, options: dict[str, Any]) -> None:
        rows = PolicyVersion.objects.filter(program=program)
        number = options["number"]
        row = rows.filter(number=number).first() if number else rows.filter(status=PolicyStatus.LIVE).first()
        if row is None:
            wanted = f"version {number}" if number else "live version"
            raise NotPossibleError(
                f"Program {program.code} has no {wanted}: manage.py policy list shows what there is."
            )
        text = to_text(row.document)
        if options["out"]:
            Path(options["out"]).write_text(text, encoding="utf-8")
            self.stderr.write(f"v{row.number} is in {options['out']}.")
        else:
            self.stdout.write(text, ending="")

    def _import(self, program: Program, by: User | None, options: dict[str, Any]) -> None:
        if not options["file"]:
            raise NotPossibleError("Name the file to import, as in: manage.py policy import policy.json --user olga.")
        if by is None:
            raise NotPossibleError("--user is needed: somebody stands behind what is drafted.")
        try:
            text = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise BadFileError("The file is no text (UTF-8).") from None
        why = options["why"] or f"Imported from {Path(options['file']).name}."
        row = import_policy(program=program, document=from_text(text), why=why, by=by, at=timezone.now())
        sentence = f"v{row.number} is a draft in {program.code}. A second person publishes it on the staff site."
        self.stdout.write(json.dumps(_told(row)) if options["json"] else sentence)


def _told(row: PolicyVersion) -> dict[str, Any]:
    live_from = row.live_from.isoformat() if row.live_from else None
    return {"number": row.number, "status": row.status, "sha256": row.sha256, "title": row.document.get("title", ""),
            "live_from": live_from}  # fmt: skip


def _user(name: str) -> User | None:
    user = User.objects.filter(username=name, is_active=True).first() if name else None
    if name and user is None:
        raise NotPossibleError(f"There is no user '{name[:60]}'.")
    return user
