"""The search for words within names, for people who type half of one: the words that begin so, then the names they stand in.
As the other searches (0003) it runs as the owner, since under row-level security neither index would be used."""

from django.db import migrations, models

NAME = "accounts_with_words(uuid, bigint[], text, integer)"
# By bytes, not by a language's order: then the beginning of a word is a range of the index, and 1114111 sorts last.
# The shortest words first: what was typed whole, then what is nearly so. Bitmaps alone, as 0003 says.
_FUNCTION = f"""
CREATE FUNCTION accounts_with_words(program uuid, whole bigint[], start text, at_most integer)
RETURNS TABLE (account_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
SET enable_indexscan = off SET enable_indexonlyscan = off AS $$
DECLARE begun bigint[];
BEGIN
    IF program <> ALL (COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{{}}')::uuid[]) THEN RETURN; END IF;
    begun := ARRAY(SELECT t.key FROM partners_nametoken AS t
                    WHERE t.program_id = program AND t.token ~>=~ start AND t.token ~<~ (start || chr(1114111))
                    ORDER BY length(t.token), t.token LIMIT 50);
    IF cardinality(whole) = 0 THEN
        RETURN QUERY SELECT k.account_id FROM partners_accountkey AS k WHERE k.tokens && begun LIMIT at_most;
    ELSE
        RETURN QUERY SELECT k.account_id FROM partners_accountkey AS k
                      WHERE k.tokens @> whole AND k.tokens && begun LIMIT at_most;
    END IF;
END $$;
REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {NAME} TO staff;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0006_first_opinions")]

    operations = [
        migrations.AddIndex(
            model_name="nametoken",
            index=models.Index(
                fields=["program", "token"], name="name_token_token", opclasses=["uuid_ops", "varchar_pattern_ops"]
            ),
        ),
        migrations.RemoveIndex(model_name="nametoken", name="name_token_all"),
        migrations.RunSQL(_FUNCTION, f"DROP FUNCTION {NAME}"),
    ]
