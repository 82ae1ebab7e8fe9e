"""The triggers on the facts that write a waiting row for what changed."""

from django.db import migrations

# One function for all: its arguments are the kind, the column that holds the subject, and the columns that matter
# (none: all). It runs as the owner of the tables, since a partner who adds proof may not write waiting rows itself.
FUNCTION = """
create or replace function partners_touch() returns trigger language plpgsql security definer set search_path from current as $body$
declare
    matters text[] := TG_ARGV[2]::text[];
    was text := case when TG_ARGV[3] = 'was' then 'to_jsonb(o)' else 'null::jsonb' end;
    differs text := case when matters = '{}' then 'to_jsonb(o) is distinct from to_jsonb(n)' else
        (select '(' || string_agg(format('o.%1$I is distinct from n.%1$I', c), ' or ') || ')' from unnest(matters) c) end;
    asked text;
begin
    -- What looking at claims writes itself changes nothing that it found (reviews.pipeline.examine).
    if TG_ARGV[0] in ('registration', 'capacity') and current_setting('app.examining', true) = 'yes' then
        return null;
    end if;
    if TG_OP = 'INSERT' then
        asked := format('select n.program_id, n.%1$I as subject, null::jsonb as was from new_rows n', TG_ARGV[1]);
    elsif TG_OP = 'DELETE' then
        asked := format('select o.program_id, o.%1$I as subject, %2$s as was from old_rows o', TG_ARGV[1], was);
    else
        asked := format(
            'select o.program_id, s.subject, %2$s as was from old_rows o join new_rows n using (id)
              cross join lateral (values (o.%1$I), (n.%1$I)) s (subject) where %3$s', TG_ARGV[1], was, differs);
    end if;
    execute format('insert into partners_touch (program_id, kind, subject_id, was, at)
        select distinct program_id, %1$L, subject, was, now() from (%2$s) touched
         where subject is not null', TG_ARGV[0], asked);
    return null;
end $body$;
revoke all on function partners_touch() from public;
"""

# (table, kind, column, columns that matter on an update (none: all), events)
ALL = "insert update delete"
FOUND_BY = "name domain country city postal_code phone lei vat_id duns merged_into_id"
JUDGED = "country subdivision postal_code industry employees segment parent_id merged_into_id name external_id"
DEAL = (
    "product_lines amount band_upper currency status submitted_at protected_from protected_until partner_id direct "
    "external_id account_name"
)
TYPED = "account_name account_domain account_country account_subdivision account_city account_postal_code contact_email partner_id"
TOUCHES = [
    ("account", "identity", "id", FOUND_BY, "insert update"),
    ("account", "account", "id", JUDGED, "update"),
    ("account", "account", "parent_id", "parent_id", ALL),
    ("account", "account", "merged_into_id", "merged_into_id", "update"),
    ("accountname", "identity", "account_id", "", "insert delete"),
    ("ownership", "account", "account_id", "", ALL),
    ("crmopportunity", "account", "account_id", "", ALL),
    ("pricequote", "account", "account_id", "", ALL),
    ("accountexception", "account", "account_id", "", ALL),
    ("registration", "registration", "id", DEAL, "update"),
    ("registration", "named", "id", TYPED, "update"),
    ("registration", "capacity", "id", "status submitted_at protected_from protected_until partner_id", "update"),
    ("activity", "registration", "registration_id", "", ALL),
    ("evidence", "registration", "registration_id", "", ALL),
    ("agreement", "partner", "partner_id", "", ALL),
    ("partner", "partner", "id", "tier_id distributor_id certifications status name external_id domain", "update"),
    ("partner", "partner", "distributor_id", "distributor_id", ALL),
    ("tier", "tier", "id", "", "update"),
    ("productline", "program", "program_id", "", ALL),
    ("territory", "territory", "id", "", ALL),
    ("territoryassignment", "territory", "territory_id", "", ALL),
    ("territoryassignment", "partner", "partner_id", "", ALL),
]
TABLES = {"insert": "new table as new_rows", "update": "old table as old_rows new table as new_rows", "delete": "old table as old_rows"}


def triggers():
    for number, (table, kind, column, matters, events) in enumerate(TOUCHES):
        was = "was" if kind == "territory" and table == "territory" else ""
        for event in events.split():
            yield (
                f'create trigger touch_{number:02}_{event} after {event} on partners_{table} referencing {TABLES[event]} '
                f"for each statement execute function partners_touch('{kind}', '{column}', '{{{','.join(matters.split())}}}', '{was}')",
                f"drop trigger touch_{number:02}_{event} on partners_{table}",
            )


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_account_lookup")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function partners_touch()"),
        *[migrations.RunSQL(make, drop) for make, drop in triggers()],
    ]
