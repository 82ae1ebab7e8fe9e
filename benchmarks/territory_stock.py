"""A program of its own with many accounts and territory rules, made up in the database itself and removed afterwards."""

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from partners.models import Partner, ProductLine, Program, Territory, TerritoryAssignment
from partners.places import SUBDIVISIONS

STATES = sorted(code for code in SUBDIVISIONS if code.startswith("US-"))
COUNTRIES = ["DE", "GB", "FR", "NL", "ES", "IT", "PL", "SE", "JP", "IN", "BR", "MX", "CA", "AU", "ZA", "KR", "TR", "AT"]
INDUSTRIES = ["325", "3254", "32541", "211", "2211", "3331", "333", "4231", "5415", "622", "3118", "541", "336", "3364"]
LINES = ("pumps", "valves", "controls")
_BATCH = 100_000
_TABLES = ("territoryassignment", "territory", "account", "partner", "productline", "touch")

# Of ten accounts four and a half lie in the US; some have no postal code, industry or number of employees.
_ACCOUNTS = """
insert into partners_account (program_id, id, external_id, name, domain, country, subdivision, city, postal_code, industry,
                              employees, segment, phone, lei, vat_id, duns, unit)
select %s, gen_random_uuid(), 'B-' || n, 'Company ' || n, 'c' || n || '.example', country,
       case when country = 'US' then (%s::text[])[1 + mod(h2, %s)] else '' end, 'City ' || mod(h3, 9000),
       case when mod(h3, 20) = 0 then '' when country = 'GB' then 'SW' || mod(h3, 20) || 'A 1AA'
            when country = 'US' then lpad((mod(h2, 51) * 19 + mod(h3, 19))::text, 3, '0') || lpad(mod(h3, 100)::text, 2, '0')
            else lpad(mod(h3 * 7919, 100000)::text, 5, '0') end,
       case when mod(h1, 12) = 0 then '' else (%s::text[])[1 + mod(h3, %s)] end,
       case when mod(h2, 9) = 0 then null else power(10, 0.5 + mod(h2, 1000) / 220.0)::int end, 'standard', '', '', '', '', ''
  from (select n, h1, h2, h3, case when mod(h1, 100) < 45 then 'US' else (%s::text[])[1 + mod(h2, %s)] end as country
          from (select n, abs(hashint4(n)::bigint) as h1, abs(hashint4(n + 1000003)::bigint) as h2,
                       abs(hashint4(n + 2000003)::bigint) as h3 from generate_series(%s::int, %s::int) n) hashed) placed
"""


@contextmanager
def stocked(accounts: int, rules: int, say: Callable[[str], None]) -> Iterator[Program]:
    """The program, filled, while it lasts."""
    code = f"bench-{uuid.uuid4().hex[:12]}"
    program: Any = Program(id=uuid7(), code=code, name="Benchmark", created_at=timezone.now())
    try:
        with staff_of(program.pk):
            program.save_without_historical_record(force_insert=True)
        _fill(program, accounts, say)
        with staff_of(program.pk):
            _rules(program, rules)
        _analyze()
        yield program
    finally:
        say("removing them")
        _remove(program)


def _fill(program: Program, count: int, say: Callable[[str], None]) -> None:
    for start in range(0, count, _BATCH):
        last = min(start + _BATCH, count)
        with staff_of(program.pk), connection.cursor() as cursor:
            lists: list[Any] = [STATES, len(STATES), INDUSTRIES, len(INDUSTRIES), COUNTRIES, len(COUNTRIES)]
            cursor.execute(_ACCOUNTS, [program.pk, *lists, start + 1, last])
        say(f"{last:,} of {count:,} accounts made")


def _analyze() -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"analyze partners_{table}")


def _rules(program: Program, count: int) -> None:
    """Countries, states, postal codes within states, industries, sizes, products, named accounts; one owner each."""
    dice = random.Random(count)
    ProductLine.objects.bulk_create(ProductLine(program=program, code=code, name=code.title()) for code in LINES)
    partners = [Partner(program=program, external_id=f"P-{n}", name=f"Partner {n}") for n in range(max(8, count // 5))]
    Partner.objects.bulk_create(partners)
    made = [
        Territory(program=program, external_id=f"T-{n}", name=f"Rule {n}", **_ground(n, dice)) for n in range(count)
    ]
    Territory.objects.bulk_create(made)
    TerritoryAssignment.objects.bulk_create(
        TerritoryAssignment(program=program, territory=rule, partner=dice.choice(partners)) for rule in made
    )


def _ground(number: int, dice: random.Random) -> dict[str, Any]:
    if number <= len(COUNTRIES):
        return {"countries": [(["US", *COUNTRIES])[number]], "priority": 10}
    state = dice.choice(STATES)
    kinds: list[dict[str, Any]] = [
        {"countries": ["US"], "subdivisions": [state], "priority": 20},
        {"countries": ["US"], "postal_prefixes": [f"{dice.randrange(1000):03}" for _ in range(5)], "priority": 30},
        {"countries": [dice.choice(COUNTRIES)], "postal_prefixes": [f"{dice.randrange(100):02}"], "priority": 30},
        {"countries": ["US"], "subdivisions": [state], "industries": [dice.choice(INDUSTRIES)], "priority": 40},
        {"countries": [dice.choice(COUNTRIES)], "employees_min": dice.choice((500, 1000, 5000)), "priority": 40},
        {"countries": ["US"], "subdivisions": [state], "product_lines": [dice.choice(LINES)], "priority": 50},
        {"named_accounts": [f"B-{dice.randrange(1, 1000)}" for _ in range(5)]},
    ]
    return dice.choice(kinds)


def _remove(program: Program) -> None:
    with connections[OWNER_ALIAS].cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"delete from partners_{table} where program_id = %s", [program.pk])
        cursor.execute("delete from partners_program where id = %s", [program.pk])
