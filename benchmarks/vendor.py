"""A made-up vendor at a scale, loaded in bulk: accounts with families, partners with papers and territories, a year of
registrations of which most protections have ended, owners, opportunities, quotes. Everybody reads the same from a seed."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

from django.db import connections

from benchmarks.identity.names import COUNTRIES, companies
from channelconflict.database.creation import OWNER_ALIAS
from channelconflict.scope import staff_of
from conflicts.identity.scratch import load_accounts
from partners.models import Program
from reviews.programs import create_program
from reviews.sample import reset

Say = Callable[[str], None]
SEED, BATCH = 2026, 25_000
LINES = ("pumps", "valves", "controls", "drives", "sensors", "seals", "meters", "services")


@dataclass(frozen=True)
class Size:
    """How many of each."""

    accounts: int
    registrations: int
    partners: int
    territories: int


SIZES = {
    "small": Size(1_000, 2_000, 40, 60),
    "medium": Size(100_000, 50_000, 2_000, 600),
    "large": Size(1_000_000, 500_000, 50_000, 3_000),
}


@contextmanager
def vendor(size: Size, at: datetime, say: Say) -> Iterator[Program]:
    """A program of this size, which is removed at the end."""
    code = f"bench-{uuid.uuid4().hex[:12]}"
    try:
        program = create_program(code=code, name="Benchmark", at=at)
        _load_accounts(program, size.accounts, say)
        _load_rest(program, size, at, say)
        yield program
    finally:
        say("removing it")
        reset(code)


def _load_accounts(program: Program, count: int, say: Say) -> None:
    rng = Random(SEED)
    rows = (row | {"postal_code": f"{rng.randrange(100_000):05}"} for row in companies(count, SEED))
    for start in range(0, count, BATCH):
        with staff_of(program.pk):
            load_accounts(program, islice(rows, BATCH))
        say(f"{min(start + BATCH, count):,} of {count:,} accounts")


def _load_rest(program: Program, size: Size, at: datetime, say: Say) -> None:
    """Everything else in plain SQL as the tables' owner; the waiting rows that it leaves are taken away again."""
    values: dict[str, Any] = {
        "program": program.pk, "at": at, "partners": size.partners, "deals": size.registrations,
        "accounts": size.accounts, "territories": size.territories, "lines": list(LINES), "countries": list(COUNTRIES),
    }  # fmt: skip
    with connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute("select setseed(0.26)")
        for what, statement in _STATEMENTS:
            say(what)
            cursor.execute(statement, values)
        for table in ("partners_account", "partners_registration", "partners_partner", "partners_activity",
                      "partners_ownership", "partners_crmopportunity", "partners_pricequote", "partners_agreement",
                      "partners_territory", "partners_territoryassignment", "partners_touch", "conflicts_claim"):  # fmt: skip
            cursor.execute(f"analyze {table}")
        cursor.execute("drop table bench_account, bench_partner, bench_deal")


_STATEMENTS = (
    ("families", """
create temp table bench_account as
select id, country, left(postal_code, 1)::int as decile, external_id::int as n,
       row_number() over (partition by country, left(postal_code, 1) order by id) as k
  from partners_account where program_id = %(program)s;
create index on bench_account (country, decile, k);
create unique index on bench_account (n);
update partners_account a set parent_id = above.id from bench_account one join bench_account above on above.n = one.n - 1
 where a.id = one.id and one.n %% 10 = 1;
analyze bench_account
"""),
    ("partners, papers and territories", """
insert into partners_productline (id, program_id, code, name, required_certification)
select gen_random_uuid(), %(program)s, line, initcap(line), '' from unnest(%(lines)s::text[]) line;
insert into partners_tier (id, program_id, code, name, rank, max_deal_amount, capacity)
values (gen_random_uuid(), %(program)s, 'gold', 'Gold', 1, null, null),
       (gen_random_uuid(), %(program)s, 'silver', 'Silver', 2, 500000, null),
       (gen_random_uuid(), %(program)s, 'bronze', 'Bronze', 3, 250000, 40);
create temp table bench_partner as
select n, gen_random_uuid() as id, (%(countries)s::text[])[1 + n %% 10] as country, n / 10 %% 10 as decile,
       abs(hashint4(n)) %% 20 = 7 or n %% 100 = 42 as assigned  -- one in twenty; all of one country's decile: the hard case
  from generate_series(0, %(partners)s - 1) n;
create unique index on bench_partner (n);
insert into partners_partner (id, program_id, external_id, name, domain, country, type, status, certifications, tier_id,
                              distributor_id)
select p.id, %(program)s, 'P-' || p.n, 'Partner ' || p.n, 'partner-' || p.n || '.example', p.country, 'reseller', 'active',
       '{}', t.id, above.id
  from bench_partner p join partners_tier t on t.program_id = %(program)s and t.rank = 1 + p.n %% 3
  left join bench_partner above on p.n %% 10 = 9 and above.n = p.n / 100;
insert into partners_agreement (id, program_id, partner_id, external_id, product_lines, exclusive, status, version)
select gen_random_uuid(), %(program)s, id, 'AG-' || n, '{}', false, 'active', 1 from bench_partner;
insert into partners_territory (id, program_id, external_id, name, countries, subdivisions, postal_prefixes, industries,
                                product_lines, named_accounts, excluded_accounts, exclusive, priority, version)
select gen_random_uuid(), %(program)s, 'T-' || n, 'Territory ' || n, array[(%(countries)s::text[])[1 + n %% 10]], '{}',
       array[lpad((n / 10 %% 100)::text, 2, '0')], '{}', array[(%(lines)s::text[])[1 + n / 1000 %% 8]], '{}', '{}',
       n %% 50 = 0, n, 1
  from generate_series(0, %(territories)s - 1) n;
insert into partners_territoryassignment (id, program_id, territory_id, partner_id, direct, role)
select gen_random_uuid(), %(program)s, t.id, p.id, false, case when p.n %% 3 = 0 then 'support' else 'owner' end
  from bench_partner p join partners_territory t on t.program_id = %(program)s and t.countries[1] = p.country
   and left(t.postal_prefixes[1], 1) = p.decile::text
 where p.assigned;
analyze bench_partner
"""),
    ("registrations", """
create temp table bench_deal as
with buckets as (select country, decile, max(k) as size from bench_account group by country, decile),
     fresh as (
    select d.n, p.n as partner, b.country, b.decile, 1 + floor(random() * b.size)::int as k,
           (%(lines)s::text[])[1 + floor(random() * 8)::int] as line,
           %(at)s::timestamptz - random() * interval '365 days' as submitted
      from (select n, floor(%(partners)s * power(random(), 1.7))::int as partner,
                   floor(random() * 10)::int as decile
              from generate_series(1, %(deals)s * 98 / 100) n) d
      join bench_partner p on p.n = d.partner
      join buckets b on b.country = p.country and b.decile = case when p.assigned then p.decile else d.decile end),
     again as (  -- two partners after one deal
    select %(deals)s + f.n as n, (f.partner + 1 + f.n %% (%(partners)s - 2)) %% %(partners)s as partner, f.country,
           f.decile, f.k, f.line, least(f.submitted + random() * interval '20 days', %(at)s) as submitted
      from fresh f where f.n %% 49 = 0)
select d.n, gen_random_uuid() as id, p.id as partner_id, a.id as account_id, d.line, d.submitted,
       %(at)s::timestamptz - d.submitted as age, random() as dice
  from (select * from fresh union all select * from again) d
  join bench_partner p on p.n = d.partner
  join bench_account a on (a.country, a.decile, a.k) = (d.country, d.decile, d.k);
insert into partners_registration (id, program_id, partner_id, direct, number, external_id, account_name, account_domain,
    account_country, account_subdivision, account_city, account_postal_code, contact_email, product_lines, amount, currency,
    stage, incumbent, note, status, requested_fields, created_at, submitted_at, assessed_at, due_at, decided_at,
    protected_from, protected_until)
select d.id, %(program)s, d.partner_id, false, 'R-' || d.n, '', a.name, a.domain, a.country, '', a.city, a.postal_code, '',
       array[d.line], round((5000 + d.dice * 200000)::numeric, 2), 'USD', 'qualified', '', '', s.status, '{}', d.submitted,
       d.submitted, d.submitted, d.submitted + interval '2 days', d.submitted + interval '1 day',
       case when s.status in ('approved', 'expired', 'converted') then d.submitted end,
       case when s.status in ('approved', 'expired', 'converted') then d.submitted + interval '90 days' end
  from bench_deal d join partners_account a on a.id = d.account_id
  cross join lateral (select case
       when d.dice < 0.14 then 'rejected' when d.dice < 0.2 then 'withdrawn'
       when d.age < interval '90 days' then 'approved' when d.dice < 0.75 then 'expired' else 'converted' end as status) s;
insert into conflicts_claim (id, program_id, source, registration_id, partner_id, direct, account_id, made_account,
                             match_verdict, match_reasons, match_weights, match_probability, product_lines, projected_at)
select gen_random_uuid(), %(program)s, 'registration', id, partner_id, false, account_id, false, 'same', '[]', '', 1,
       array[line], submitted from bench_deal
"""),
    ("work, owners, opportunities and quotes", """
insert into partners_activity (id, program_id, partner_id, registration_id, kind, occurred_on, note)
select gen_random_uuid(), %(program)s, partner_id, id, case when number = 1 then 'first_contact' else 'meeting' end,
       least(submitted + (dice * 50 + number) * interval '1 day', %(at)s)::date, ''
  from bench_deal cross join generate_series(1, 2) number where dice > 0.3 * number;
insert into partners_ownership (id, program_id, account_id, partner_id, direct, role, product_lines)
select gen_random_uuid(), %(program)s, a.id, case when a.n %% 3 > 0 then p.id end, a.n %% 3 = 0,
       case when a.n %% 7 = 0 then 'support' else 'owner' end, array[(%(lines)s::text[])[1 + a.n / 20 %% 8]]
  from bench_account a join bench_partner p on p.n = a.n %% %(partners)s where a.n %% 20 = 3;
insert into partners_crmopportunity (id, program_id, external_id, account_id, partner_id, direct, product_lines, currency,
                                     amount, stage, created_at, closed_at, last_activity_at)
select gen_random_uuid(), %(program)s, 'O-' || a.n, a.id, case when a.n %% 4 = 0 then p.id end, a.n %% 4 > 0,
       array[(%(lines)s::text[])[1 + a.n / 10 %% 8]], 'USD', 40000, s.stage, %(at)s::timestamptz - interval '300 days',
       case when s.stage <> 'qualified' then %(at)s::timestamptz - random() * interval '900 days' end,
       %(at)s::timestamptz - random() * interval '200 days'
  from bench_account a join bench_partner p on p.n = a.n %% %(partners)s
  cross join lateral (select (array['qualified', 'closed_won', 'closed_lost'])[1 + a.n / 10 %% 3] as stage) s
 where a.n %% 10 = 5;
insert into partners_pricequote (id, program_id, external_id, partner_id, direct, account_id, product_line, unit_price,
                                 currency, list_price)
select gen_random_uuid(), %(program)s, 'Q-' || n, partner_id, false, account_id, line, 100, 'USD', 105
  from bench_deal where n %% 5 = 0;
delete from partners_touch where program_id = %(program)s
"""),
)  # fmt: skip
