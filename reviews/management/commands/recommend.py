"""manage.py recommend CASE: what the policy says about a case, why, and what would change it."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channelconflict.scope import staff_of
from partners.models import Program
from reviews.models import Case
from reviews.services import current_recommendation


class Command(BaseCommand):
    """Print the recommendation in force for a case."""

    help = "Print the recommendation in force for a case. Example: manage.py recommend CF-2041"

    def add_arguments(self, parser: CommandParser) -> None:
        """The case's number."""
        parser.add_argument("case", help="its number, with or without CF-")
        parser.add_argument("--program", default="", metavar="CODE", help="look in this program only")
        parser.add_argument("--json", action="store_true", help="print the whole recommendation as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the case in any program and print."""
        text = options["case"].upper().removeprefix("CF-")
        if not text.isdigit():
            raise CommandError(f"'{options['case']}' is not a case number: write 2041 or CF-2041.")
        programs = Program.objects.filter(**({"code": options["program"]} if options["program"] else {}))
        with staff_of(*programs.values_list("pk", flat=True)):
            case = Case.objects.filter(number=int(text)).order_by("pk").first()
            if case is None:
                raise CommandError(f"There is no case CF-{text}.")
            recommendation = current_recommendation(case)
        self.stdout.write(
            json.dumps(recommendation.result, indent=1) if options["json"] else _text(case, recommendation)
        )


def _text(case: Case, recommendation: Any) -> str:
    result = recommendation.result
    lines = [
        f"{case.ref}: {recommendation.sentence} (confidence {recommendation.confidence:.2f}, {recommendation.policy})"
    ]
    lines += [
        f"  - {reason['sentence']} {' '.join('[' + c + ']' for c in reason['cites'])}" for reason in result["reasons"]
    ]
    lines += [f"  not {o['title']}: {o['why_not']}" for o in result["options"] if not o["chosen"] and o["why_not"]]
    lines += [f"  would change it: {sentence}" for sentence in result["would_change"]]
    return "\n".join(lines)
