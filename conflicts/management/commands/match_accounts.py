"""manage.py match_accounts: which accounts of a file the companies of another file are, or whether pairs are one company."""

import csv
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from conflicts.identity.files import BadFileError, party_of, read_companies, read_pairs
from conflicts.identity.matching import Answer, answer_pairs, answer_queries
from conflicts.identity.scratch import load_accounts, scratch_program
from conflicts.identity.stock import StandingStock

HEADER = ("query_id", "rank", "account_id", "probability", "verdict", "reasons")


class Command(BaseCommand):
    """Match companies in files, in a scratch program that leaves no trace."""

    help = (
        "Match the companies of --queries to those of --base, or judge --pairs. "
        "Example: manage.py match_accounts --base accounts.csv --queries registrations.csv --out matches.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("--base", type=Path, metavar="BASE.csv", help="the accounts")
        parser.add_argument("--queries", type=Path, metavar="QUERIES.csv", help="the companies to look for")
        parser.add_argument("--pairs", type=Path, metavar="PAIRS.csv", help="left_* and right_* columns instead")
        parser.add_argument("--out", type=Path, metavar="OUT.csv", required=True, help="where the answers go")
        parser.add_argument("--top", type=int, default=5, metavar="N", help="candidates a query at most (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Match, write, and say how it went (on the error stream)."""
        options |= {name: Path(options[name]) for name in ("base", "queries", "pairs", "out") if options[name]}
        self._check(options)
        started = time.monotonic()
        try:
            with _writer(options["out"]) as write:
                count = self._pairs(options, write) if options["pairs"] else self._queries(options, write)
        except BadFileError as error:
            raise CommandError(str(error)) from None
        self.stderr.write(f"{count:,} answers in {time.monotonic() - started:.1f} s: {options['out']}")

    def _check(self, options: dict[str, Any]) -> None:
        given = bool(options["base"]), bool(options["queries"]), bool(options["pairs"])
        if given not in ((True, True, False), (False, False, True)):
            raise CommandError("Name --base and --queries, or --pairs alone.")
        if options["top"] < 1:
            raise CommandError("--top must be 1 or more.")

    def _pairs(self, options: dict[str, Any], write: Any) -> int:
        count = 0
        for answer in answer_pairs(list(read_pairs(options["pairs"]))):
            write(answer)
            count += 1
        return count

    def _queries(self, options: dict[str, Any], write: Any) -> int:
        base, queries = read_companies(options["base"]), read_companies(options["queries"])
        count = 0
        with scratch_program(timezone.now()) as program:
            refs = load_accounts(program, base, self._progress("accounts loaded", len(base)))
            stock = StandingStock()
            stock.load(list(refs))
            tell = self._progress("queries answered", len(queries))
            for number, query in enumerate(queries, 1):
                for answer in answer_queries(program.pk, query["id"], party_of(query), stock, refs, options["top"]):
                    write(answer)
                    count += 1
                tell(number)
        return count

    def _progress(self, what: str, total: int) -> Any:
        """Says every few seconds how far it is."""
        last = time.monotonic()

        def tell(done: int) -> None:
            nonlocal last
            if time.monotonic() - last > 5 or (done == total and total > 1000):
                last = time.monotonic()
                self.stderr.write(f"{done:,} of {total:,} {what}")

        return tell


@contextmanager
def _writer(path: Path) -> Iterator[Any]:
    """Writes answers to a file beside the wanted one, which takes its place when all went well."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(HEADER)
            yield lambda answer: lines.writerow(_line(answer))
        unfinished.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        if sys.exc_info()[0] is not None:
            unfinished.unlink(missing_ok=True)


def _line(answer: Answer) -> tuple[Any, ...]:
    return (
        answer.query_id, answer.rank, answer.account_id, f"{answer.probability:.6f}", answer.verdict,
        " ".join(f"{reason.sentence} ({reason.bits:+.1f})" for reason in answer.reasons),
    )  # fmt: skip
