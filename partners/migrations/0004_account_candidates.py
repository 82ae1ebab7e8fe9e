"""The searches for accounts: under row-level security no GIN index is used (its operators are not leakproof), so these
run as the owner, and compare the program ids of the caller's scope themselves. Indexes alone: no sequential scan."""

from django.db import migrations

_OUT_OF_SCOPE = "program <> ALL (COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{}')::uuid[])"
_KEYS = """LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET plan_cache_mode = force_generic_plan"""
# A LIMIT makes the planner walk a whole index and filter; GIN is read by bitmap scans alone.
_BITMAPS = f"{_KEYS} SET enable_indexscan = off SET enable_indexonlyscan = off"


def _for_staff(function: str) -> str:
    return f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {function} TO staff;"


NAME_WORDS = "name_words(uuid, bigint[], bigint[])"
_NAME_WORDS = f"""
CREATE FUNCTION name_words(program uuid, wanted bigint[], near bigint[])
RETURNS TABLE (key bigint, token varchar, names integer) {_BITMAPS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY SELECT t.key, t.token, t.names FROM partners_nametoken AS t WHERE t.key = ANY (wanted)
        UNION SELECT t.key, t.token, t.names FROM partners_nametoken AS t WHERE t.variants && near;
END $$;
{_for_staff(NAME_WORDS)}
"""

BY_KEYS = "accounts_by_keys(uuid, bigint, bigint[], bigint[], bigint[], bigint[], integer)"
_BY_KEYS = f"""
CREATE FUNCTION accounts_by_keys(
    program uuid, place bigint, cores bigint[], orders bigint[], joins bigint[], marks bigint[], at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_KEYS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT m.account_id, 1, 30::real FROM unnest(marks) AS wanted (mark) CROSS JOIN LATERAL
            (SELECT a.account_id FROM partners_accountmark AS a WHERE a.mark = wanted.mark LIMIT 40) AS m
        UNION ALL
        (SELECT k.account_id, 2, 1000 FROM partners_accountkey AS k WHERE k.placed = place LIMIT at_most)
        UNION ALL
        SELECT c.account_id, 3, 40 FROM unnest(cores) AS wanted (core) CROSS JOIN LATERAL
            (SELECT k.account_id FROM partners_accountkey AS k WHERE k.core = wanted.core LIMIT at_most) AS c
        UNION ALL
        SELECT o.account_id, 4, 35 FROM unnest(orders) AS wanted (ordered) CROSS JOIN LATERAL
            (SELECT k.account_id FROM partners_accountkey AS k WHERE k.ordered = wanted.ordered LIMIT at_most) AS o
        UNION ALL
        SELECT j.account_id, 5, 35 FROM unnest(joins) AS wanted (joined) CROSS JOIN LATERAL
            (SELECT k.account_id FROM partners_accountkey AS k WHERE k.joined = wanted.joined LIMIT at_most) AS j;
END $$;
{_for_staff(BY_KEYS)}
"""

# `pairs` holds up to six pairs, two and two; a missing one is NULL, which finds nothing (an empty array finds all).
BY_WORDS = "accounts_by_words(uuid, bigint[], bigint[], bigint[], real[], integer)"
_BY_WORDS = f"""
CREATE FUNCTION accounts_by_words(
    program uuid, rare bigint[], pairs bigint[], weighed bigint[], weights real[], at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_BITMAPS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT t.account_id, 6, (
                SELECT COALESCE(sum(w.weight), 0) - GREATEST(0, cardinality(t.tokens) / 2.0 - count(*))
                  FROM unnest(weighed, weights) AS w (key, weight) WHERE w.key = ANY (t.tokens))::real AS likeness
          FROM (SELECT k.account_id, k.tokens FROM partners_accountkey AS k
                 WHERE k.tokens && rare
                    OR k.tokens @> NULLIF(pairs[1:2], '{{}}') OR k.tokens @> NULLIF(pairs[3:4], '{{}}')
                    OR k.tokens @> NULLIF(pairs[5:6], '{{}}') OR k.tokens @> NULLIF(pairs[7:8], '{{}}')
                    OR k.tokens @> NULLIF(pairs[9:10], '{{}}') OR k.tokens @> NULLIF(pairs[11:12], '{{}}')
                 LIMIT 10000) AS t
         ORDER BY likeness DESC, t.account_id LIMIT at_most;
END $$;
{_for_staff(BY_WORDS)}
"""

COUNTS = "name_counts(uuid, bigint[], bigint[], bigint[], integer)"
_COUNTS = f"""
CREATE FUNCTION name_counts(program uuid, words bigint[], cores bigint[], marks bigint[], at_most integer)
RETURNS TABLE (kind text, key bigint, count bigint) {_KEYS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT 'word', t.key, t.names::bigint FROM partners_nametoken AS t WHERE t.key = ANY (words)
        UNION ALL
        SELECT 'core', wanted.core, (SELECT count(*) FROM
            (SELECT 1 FROM partners_accountkey AS k WHERE k.core = wanted.core LIMIT at_most) AS c)
          FROM unnest(cores) AS wanted (core)
        UNION ALL
        SELECT 'mark', wanted.mark, (SELECT count(*) FROM
            (SELECT 1 FROM partners_accountmark AS a WHERE a.mark = wanted.mark LIMIT at_most) AS c)
          FROM unnest(marks) AS wanted (mark);
END $$;
{_for_staff(COUNTS)}
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_lookup")]
    operations = [
        migrations.RunSQL(_NAME_WORDS, f"DROP FUNCTION {NAME_WORDS};"),
        migrations.RunSQL(_BY_KEYS, f"DROP FUNCTION {BY_KEYS};"),
        migrations.RunSQL(_BY_WORDS, f"DROP FUNCTION {BY_WORDS};"),
        migrations.RunSQL(_COUNTS, f"DROP FUNCTION {COUNTS};"),
    ]
