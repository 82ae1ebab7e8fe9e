"""Whoever was merged into an account keeps what its own source knows of it: its domain, its town, its phone."""

from importlib import import_module

from django.db import migrations

_cascade = import_module("partners.migrations.0004_account_candidates")
_lookup = import_module("partners.migrations.0006_account_lookup")

# As before, with a row's own record: the standing account itself, then those merged into it.
_PARTIES = f"""
CREATE FUNCTION account_parties(ids uuid[])
RETURNS TABLE (id uuid, record uuid, account_name varchar, domain varchar, country varchar, city varchar,
               postal_code varchar, phone varchar, lei varchar, vat_id varchar, duns varchar, name varchar)
{_lookup._FEW} AS $$
DECLARE scope uuid[] := COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{{}}');
BEGIN
    RETURN QUERY
        SELECT standing.id, a.id, a.name, a.domain, a.country, a.city, a.postal_code, a.phone, a.lei, a.vat_id, a.duns,
               n.name
          FROM (SELECT DISTINCT COALESCE(i.merged_into_id, i.id) AS id
                  FROM partners_account AS i WHERE i.id = ANY (ids) AND i.program_id = ANY (scope)) AS standing
         CROSS JOIN LATERAL (SELECT standing.id UNION ALL
                             SELECT m.id FROM partners_account AS m WHERE m.merged_into_id = standing.id) AS member
          JOIN partners_account AS a ON a.id = member.id
          LEFT JOIN partners_accountname AS n ON n.account_id = member.id
         ORDER BY standing.id, member.id <> standing.id, member.id, n.id;
END $$;
{_cascade._for_staff(_lookup.PARTIES)}
"""
_GONE = f"DROP FUNCTION {_lookup.PARTIES};"


class Migration(migrations.Migration):
    dependencies = [("partners", "0012_leads")]
    operations = [
        migrations.RunSQL(_GONE, _lookup._PARTIES),
        migrations.RunSQL(_PARTIES, _GONE),
    ]
