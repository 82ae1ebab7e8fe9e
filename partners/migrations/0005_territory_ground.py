"""Territory rules by what they can cover: an index that a claim's accounts look their rules up in."""

from django.db import migrations

# The dimension that tells most, each value a key; `*` for a rule without any. conflicts.territories.ground says the same.
GROUND = r"""
create function partners_fold(code text) returns text language sql immutable strict parallel safe
return translate(upper(code collate "C"), U&'\0020\0009\00A0\202F', '');

create function partners_ground(named text[], postal text[], subdivisions text[], countries text[]) returns text[]
language sql immutable parallel safe as $body$
    -- qualified: whoever asks may have another search path
    select case
        when cardinality(named) > 0 then (select array_agg('A:' || v) from unnest(named) v)
        when cardinality(postal) > 0 then (select array_agg('P:' || public.partners_fold(v)) from unnest(postal) v)
        when cardinality(subdivisions) > 0 then (select array_agg('S:' || public.partners_fold(v)) from unnest(subdivisions) v)
        when cardinality(countries) > 0 then (select array_agg('C:' || public.partners_fold(v)) from unnest(countries) v)
        else array['*'] end
$body$
"""
INDEX = """
create index territory_ground on partners_territory
 using gin (partners_ground(named_accounts, postal_prefixes, subdivisions, countries))
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_touch")]

    operations = [
        migrations.RunSQL(GROUND, "drop function partners_ground(text[], text[], text[], text[]); drop function partners_fold(text)"),
        migrations.RunSQL(INDEX, "drop index territory_ground"),
    ]
