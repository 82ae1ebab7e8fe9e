"""manage.py create_program: a program with its admin, its calendar and the standard policy."""

import secrets
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reviews.programs import create_program


class Command(BaseCommand):
    """Make a program."""

    help = (
        "Make a program with its admin, calendar and the standard policy. "
        "Example: manage.py create_program northwind --name 'Northwind Partners' --currency USD --admin ada"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What a program needs; all but the code have defaults."""
        parser.add_argument("code", help="small letters, digits, - and _")
        parser.add_argument("--name", default="", help="what people call it (default: the code)")
        parser.add_argument("--currency", default="USD", help="ISO 4217 (default USD)")
        parser.add_argument("--timezone", default="UTC", help="of the business calendar (default UTC)")
        parser.add_argument(
            "--open", default="1,2,3,4,5", metavar="DAYS", help="open weekdays, Monday is 1 (default 1,2,3,4,5)"
        )
        parser.add_argument(
            "--holiday", action="append", default=[], metavar="DATE", help="a closed day; may be repeated"
        )
        parser.add_argument(
            "--admin", default="", metavar="USERNAME", help="make this program admin, with a printed password"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, make, print the password once."""
        if options["timezone"] not in available_timezones():
            raise CommandError(f"--timezone '{options['timezone']}' is not a time zone: write one like Europe/Berlin.")
        password = secrets.token_urlsafe(12)
        try:
            create_program(
                code=options["code"], name=options["name"] or options["code"], currency=options["currency"].upper(),
                timezone=options["timezone"], open_weekdays=[int(day) for day in options["open"].split(",")],
                holidays=[date.fromisoformat(day) for day in options["holiday"]],
                admin=options["admin"], password=password, at=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except ValueError as error:
            raise CommandError(f"{error}: weekdays are numbers 1-7, dates are written 2026-12-25.") from None
        self.stdout.write(f"Program {options['code']} is ready.")
        if options["admin"]:
            self.stdout.write(f"Sign in as {options['admin']} with the password {password} (shown only now).")
