"""What partners' weeks looked like before the story: support tickets and quotes, with two things to warn of. Pure."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Record = dict[str, Any]

WEEKS = 40
HELPED = [f"P-{number:03}" for number in range(11, 21)]  # partners whose customers ask for help now and then
ALARMED, LATELY = "P-014", 3  # whose customers ask so much more in the last weeks
QUOTING = [f"P-{number:03}" for number in range(21, 29)]  # partners who quote pumps once a week
CHEAP, CHEAPER = "P-023", 10  # who lately gives so many points more
LIST_PRICE, USUAL = 1_000, 8  # dollars; percent


def histories(today: date) -> dict[str, list[Record]]:
    """The records of the weeks before `today`, in the columns of `import_records`."""
    chance = random.Random(11)  # noqa: S311 (the same weeks each time)
    return {"support_tickets": [*_tickets(today, chance)], "quotes": [*_quotes(today, chance)]}


def _tickets(today: date, chance: random.Random) -> Iterator[Record]:
    number = 0
    for week in range(WEEKS, 0, -1):
        for partner in HELPED:
            alarmed = partner == ALARMED and week <= LATELY
            for _ in range(chance.choice((0, 1, 1, 2)) + (6 if alarmed else 0)):
                number += 1
                yield {
                    "external_id": f"S-{number:04}", "partner": partner, "opened_at": _hour(today, 7 * week, number),
                    "escalated": alarmed and number % 2 == 0,
                    "subject": "Seal leaks after service" if alarmed else "Question on a delivery",
                }  # fmt: skip


def _quotes(today: date, chance: random.Random) -> Iterator[Record]:
    number = 0
    for week in range(WEEKS, 0, -1):
        for at, partner in enumerate(QUOTING):
            number += 1
            lately = partner == CHEAP and week <= LATELY
            discount = USUAL + chance.choice((-3, -1, 0, 0, 1, 3)) + (CHEAPER if lately else 0)
            begins = today - timedelta(days=7 * week - at % 5)
            yield {
                "external_id": f"Q-{number:04}", "seller": partner, "account": f"A-{1500 + number % 90}",
                "product_line": "pumps", "unit_price": LIST_PRICE * (100 - discount) / 100, "currency": "USD",
                "list_price": LIST_PRICE, "discount_pct": discount, "valid_from": begins.isoformat(),
                "valid_until": (begins + timedelta(days=20)).isoformat(),
            }  # fmt: skip


def _hour(today: date, days_ago: int, number: int) -> str:
    return f"{(today - timedelta(days=days_ago - number % 5)).isoformat()}T{8 + number % 9:02}:00:00Z"
