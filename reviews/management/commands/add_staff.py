"""manage.py add_staff: let a vendor's person sign in with a role in a program."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from channelconflict.scope import staff_of
from partners.permissions import Role
from partners.services import NotPossibleError, program_by_code
from reviews.programs import staff_user


class Command(BaseCommand):
    """Make a staff member, or give one another role."""

    help = "Give a person a staff role in a program. Example: manage.py add_staff mira --role partner_manager"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, where, as what."""
        parser.add_argument("username")
        parser.add_argument("--program", default="", metavar="CODE", help="needed when there is more than one program")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="", help="how people call them")
        parser.add_argument("--email", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make or change, print a new person's password once."""
        password = secrets.token_urlsafe(12)
        try:
            program = program_by_code(options["program"])
            with staff_of(program.pk):
                user = staff_user(
                    username=options["username"], password=password, program=program, role=Role(options["role"]),
                    name=options["name"], email=options["email"], at=timezone.now(),
                )  # fmt: skip
        except (NotPossibleError, ValidationError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user} is {Role(options['role']).label.lower()} of {program}.")
        if user.check_password(password):
            self.stdout.write(f"Sign in as {user.username} with the password {password} (shown only now).")
