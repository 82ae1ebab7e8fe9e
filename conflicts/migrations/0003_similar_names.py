"""Accounts whose names look like a typed one: under row-level security no trigram index is used (its operator is not
leakproof), so this one search runs as the owner, and compares the program ids of the caller's scope itself."""

from django.db import migrations

SIMILAR = """
CREATE FUNCTION similar_account_names(wanted text, at_most integer)
RETURNS TABLE (account_id uuid, similarity real)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET pg_trgm.similarity_threshold = 0.6 AS $$
    SELECT n.account_id, max(similarity(n.key, wanted)) AS likeness
    FROM partners_accountname AS n
    WHERE n.key % wanted
      AND n.program_id = ANY ((SELECT COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{}'))::uuid[])
    GROUP BY n.account_id ORDER BY likeness DESC, n.account_id LIMIT at_most
$$;
REVOKE ALL ON FUNCTION similar_account_names(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION similar_account_names(text, integer) TO staff;
"""


class Migration(migrations.Migration):
    dependencies = [("conflicts", "0002_initial")]
    operations = [
        migrations.RunSQL(
            SIMILAR, "DROP FUNCTION similar_account_names(text, integer);"
        )
    ]
