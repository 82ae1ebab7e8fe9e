"""The queries of early warning. Each aggregates in the database; weeks count backwards from the last day, 0 = the latest."""

_WEEKS = "array_agg(ago), array_agg(n)"

# Series, partner, weeks ago, events.
COUNTS = f"""
with events(series, partner_id, day) as (
    select 'registrations', partner_id, (submitted_at at time zone 'UTC')::date from partners_registration
    where program_id = %(program)s and status <> 'draft'
    union all
    select 'refused', partner_id, (coalesce(decided_at, submitted_at) at time zone 'UTC')::date from partners_registration
    where program_id = %(program)s and status in ('rejected', 'withdrawn', 'revoked')
    union all
    select 'tickets', partner_id, (opened_at at time zone 'UTC')::date from partners_supportticket
    where program_id = %(program)s
    union all
    select 'escalated', partner_id, (opened_at at time zone 'UTC')::date from partners_supportticket
    where program_id = %(program)s and escalated
    union all
    select 'activities', partner_id, occurred_on from partners_activity where program_id = %(program)s
), weekly as (
    select series, partner_id, (%(day)s::date - day) / 7 as ago, count(*) as n from events
    where partner_id is not null and day between %(begin)s and %(day)s group by 1, 2, 3
)
select series, partner_id, {_WEEKS} from weekly group by 1, 2
"""  # noqa: S608 (constants)

# Sort of place, its code, weeks ago, partners that registered there.
PLACES = f"""
with registered as (
    select partner_id, product_lines, account_country,
           (%(day)s::date - (submitted_at at time zone 'UTC')::date) / 7 as ago
    from partners_registration
    where program_id = %(program)s and partner_id is not null and status <> 'draft'
      and (submitted_at at time zone 'UTC')::date between %(begin)s and %(day)s
), weekly(sort, code, ago, n) as (
    select 'line', line, ago, count(distinct partner_id)
    from registered cross join lateral unnest(product_lines) as line group by 2, 3
    union all
    select 'region', account_country, ago, count(distinct partner_id) from registered
    where account_country <> '' group by 2, 3
)
select sort, code, {_WEEKS} from weekly group by 1, 2
"""  # noqa: S608 (constants)

# Partner, product line, weeks ago, median discount, quotes. Without a discount, the price tells it against the list.
QUOTES = """
with quoted as (
    select partner_id, product_line, (%(day)s::date - valid_from) / 7 as ago,
           coalesce(discount_pct, 100 * (1 - unit_price / nullif(list_price, 0)))::float as discount
    from partners_pricequote
    where program_id = %(program)s and partner_id is not null and valid_from between %(begin)s and %(day)s
), weekly as (
    select partner_id, product_line, ago, percentile_cont(0.5) within group (order by discount) as discount, count(*) as n
    from quoted where discount is not null group by 1, 2, 3
)
select partner_id, product_line, array_agg(ago), array_agg(discount), array_agg(n) from weekly group by 1, 2
"""

# Days on which something happened on a registration: its submission and its activities.
_TOUCHES = """
touches as (
    select id as registration_id, (submitted_at at time zone 'UTC')::date as day from partners_registration
    where program_id = %(program)s and status <> 'draft' and submitted_at is not null
    union
    select registration_id, occurred_on from partners_activity where program_id = %(program)s
)
"""

# Partner, line, region (none = all of them), number of gaps, quartiles of the log of their days.
GAPS = f"""
with {_TOUCHES}, gaps as (
    select r.partner_id::text as partner, r.product_lines[1] as line, r.account_country as region,
           t.day - lag(t.day) over (partition by t.registration_id order by t.day) as gap
    from touches t join partners_registration r on r.id = t.registration_id
    where t.day between %(begin)s and %(day)s
)
select partner, line, region, count(*), percentile_cont(array[0.25, 0.5, 0.75]) within group (order by ln(1 + gap))
from gaps where gap > 0 group by grouping sets ((), (line, region), (partner)) having count(*) > 0
"""  # noqa: S608 (constants)

# Source, id, reference, partner, account, its name, days idle, days of the gap before, line, region, amount, contested,
# whether a follow-up is expected.
CLAIMS = f"""
with {_TOUCHES}, latest as (
    select registration_id, (array_agg(day order by day desc))[1] as last, (array_agg(day order by day desc))[2] as before
    from touches where day <= %(day)s group by registration_id
), states(source, id, ref, partner_id, account_id, name, idle, gap, line, region, amount, promised) as (
    select 'registration', r.id, coalesce(nullif(r.external_id, ''), r.number), r.partner_id, c.account_id,
           r.account_name, %(day)s::date - l.last, l.last - l.before, r.product_lines[1], r.account_country, r.amount,
           r.status = 'approved' and r.protected_from <= %(at)s and r.protected_until > %(at)s
    from latest l join partners_registration r on r.id = l.registration_id
    left join conflicts_claim c on c.registration_id = r.id
    where r.status in ('approved', 'expired')
    union all
    select 'opportunity', o.id, o.external_id, o.partner_id, o.account_id, a.name,
           %(day)s::date - (o.last_activity_at at time zone 'UTC')::date,
           (o.last_activity_at at time zone 'UTC')::date - (h.before at time zone 'UTC')::date,
           o.product_lines[1], a.country, o.amount, true
    from partners_crmopportunity o join partners_account a on a.id = o.account_id
    left join lateral (
        select max(past.last_activity_at) as before from partners_historicalcrmopportunity past
        where past.id = o.id and past.last_activity_at < o.last_activity_at
    ) h on true
    where o.program_id = %(program)s and o.stage not in ('closed_won', 'closed_lost') and o.last_activity_at <= %(at)s
    union all
    select 'ownership', o.id, 'owner', o.partner_id, o.account_id, a.name,
           %(day)s::date - (o.last_activity_at at time zone 'UTC')::date,
           (o.last_activity_at at time zone 'UTC')::date - (h.before at time zone 'UTC')::date,
           o.product_lines[1], a.country, null, false
    from partners_ownership o join partners_account a on a.id = o.account_id
    left join lateral (
        select max(past.last_activity_at) as before from partners_historicalownership past
        where past.id = o.id and past.last_activity_at < o.last_activity_at
    ) h on true
    where o.program_id = %(program)s and o.role = 'owner' and o.last_activity_at <= %(at)s
      and (o.valid_from is null or o.valid_from <= %(day)s) and (o.valid_until is null or o.valid_until >= %(day)s)
)
select source, id, ref, partner_id, account_id, name, idle, gap, line, region, amount,
       exists (
           select from conflicts_claim other left join partners_registration r on r.id = other.registration_id
           where other.account_id = states.account_id and other.partner_id is distinct from states.partner_id
             and (r.id is null or r.status in ('submitted', 'in_review', 'action_required', 'approved'))
       ),
       promised
from states where (promised and idle >= %(idle)s) or (idle <= %(recent)s and gap >= %(gap)s)
"""  # noqa: S608 (constants)

# Partner, registrations old enough to have been worked, those neither worked nor won, those refused.
PROBING = """
select partner_id, count(*),
       count(*) filter (where status <> 'converted' and not exists (
           select from partners_activity a where a.registration_id = r.id and a.occurred_on <= %(day)s)),
       count(*) filter (where status in ('rejected', 'withdrawn', 'revoked'))
from partners_registration r
where program_id = %(program)s and partner_id is not null and status <> 'draft'
  and (submitted_at at time zone 'UTC')::date between %(probed_from)s and %(probed_until)s
group by partner_id
"""

# Partner, name, country, the sum of its live claims.
SELLERS = """
select p.id, p.name, p.country, coalesce(live.amount, 0)
from partners_partner p left join (
    select partner_id, sum(amount) as amount from partners_registration
    where program_id = %(program)s and status in ('submitted', 'in_review', 'action_required', 'approved')
    group by partner_id
) live on live.partner_id = p.id
where p.program_id = %(program)s
"""
