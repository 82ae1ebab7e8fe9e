"""A claim row for every owner and every open opportunity of the direct team, kept by triggers on their tables."""

from django.db import migrations

# What makes a row of each table a claim (conflicts.claims: time alone decides the rest), and whose it is.
SOURCES = {
    "ownership": "n.role = 'owner'",
    "opportunity": "n.direct and n.account_id is not null and n.stage not in ('closed_won', 'closed_lost')",
}
TABLES = {"ownership": "partners_ownership", "opportunity": "partners_crmopportunity"}

KEPT = """
    insert into conflicts_claim (id, program_id, source, {source}_id, partner_id, direct, account_id, made_account,
                                 match_verdict, match_reasons, match_weights, product_lines, projected_at)
    select gen_random_uuid(), n.program_id, '{source}', n.id, n.partner_id, n.direct, n.account_id, false,
           '', '[]', '', n.product_lines, now()
      from new_rows n where {condition}
        on conflict ({source}_id) do update
       set partner_id = excluded.partner_id, direct = excluded.direct, account_id = excluded.account_id,
           product_lines = excluded.product_lines, projected_at = excluded.projected_at
     where (conflicts_claim.partner_id, conflicts_claim.direct, conflicts_claim.account_id, conflicts_claim.product_lines)
           is distinct from (excluded.partner_id, excluded.direct, excluded.account_id, excluded.product_lines)
"""
# Written as the owner of the tables: whoever writes the source need not be able to write claims. An update that
# changes nothing of the claim (the last activity, mostly) leaves its row, and its lock, alone.
FUNCTION = """
create function conflicts_claim_of_{source}() returns trigger language plpgsql security definer
set search_path from current as $body$
begin
    if TG_OP = 'DELETE' then
        delete from conflicts_claim where {source}_id in (select id from old_rows);
        return null;
    end if;
    if TG_OP = 'UPDATE' then
        delete from conflicts_claim where {source}_id in (select n.id from new_rows n where not ({condition}));
    end if;
    {kept};
    return null;
end $body$;
revoke all on function conflicts_claim_of_{source}() from public;
"""
SEEN = {
    "insert": "new table as new_rows", "update": "old table as old_rows new table as new_rows",
    "delete": "old table as old_rows",
}  # fmt: skip


def statements(source):
    table, condition = TABLES[source], SOURCES[source]
    kept = KEPT.format(source=source, condition=condition)
    function = FUNCTION.format(source=source, condition=condition, kept=kept)
    yield function, f"drop function conflicts_claim_of_{source}()"
    for event, rows in SEEN.items():
        yield (
            f"create trigger claim_{event} after {event} on {table} referencing {rows} "
            f"for each statement execute function conflicts_claim_of_{source}()",
            f"drop trigger claim_{event} on {table}",
        )


class Migration(migrations.Migration):
    dependencies = [("conflicts", "0001_initial"), ("partners", "0005_territory_ground")]
    operations = [migrations.RunSQL(make, drop) for source in SOURCES for make, drop in statements(source)]
