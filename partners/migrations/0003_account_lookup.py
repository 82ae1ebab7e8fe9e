"""The searches for accounts: under row-level security no GIN index is used (its operators are not leakproof), so these
run as the owner, and compare the program ids of the caller's scope themselves. Indexes alone: no sequential scan, one
statement whose plan is kept, sets of words that are bounded each."""

from django.db import migrations


_OUT_OF_SCOPE = "program <> ALL (COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{}')::uuid[])"
_KEYS = """LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET enable_seqscan = off SET plan_cache_mode = force_generic_plan"""
# A LIMIT makes the planner walk a whole index and filter; GIN is read by bitmap scans alone.
_BITMAPS = f"{_KEYS} SET enable_indexscan = off SET enable_indexonlyscan = off"
# A bitmap holds all accounts of a name before the first one comes: of equal names a few are wanted.
_FEW = f"{_KEYS} SET enable_bitmapscan = off"


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

AHEAD = 400  # accounts of one name that are asked where they are: some two milliseconds
BY_KEYS = "accounts_by_keys(uuid, bigint[], bigint[], bigint[], bigint[], bigint[], text, integer)"
# What more accounts share than are wanted says little. Of equal names those at home say as much as a shared domain, the others little.
_BY_KEYS = f"""
CREATE FUNCTION accounts_by_keys(
    program uuid, places bigint[], cores bigint[], orders bigint[], joins bigint[], marks bigint[], home text,
    at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_FEW} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT f.account_id, f.way, CASE WHEN count(*) OVER (PARTITION BY f.way, f.key) <= at_most
                                         THEN (ARRAY[30, 1000, 40, 35, 35])[f.way]
                                         WHEN f.at_home THEN 30 ELSE 5 END::real
          FROM (SELECT m.account_id, 1 AS way, wanted.key, false AS at_home FROM unnest(marks) AS wanted (key)
                 CROSS JOIN LATERAL
                  (SELECT a.account_id FROM partners_accountmark AS a WHERE a.mark = wanted.key LIMIT at_most + 1) AS m
                UNION ALL
                SELECT p.account_id, 2, wanted.key, false FROM unnest(places) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.placed = wanted.key LIMIT at_most) AS p
                UNION ALL
                SELECT c.account_id, 3, wanted.key, c.at_home FROM unnest(cores) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT near.account_id, home <> '' AND home =
                          (SELECT a.country FROM partners_account AS a WHERE a.id = near.account_id) AS at_home
                     FROM (SELECT k.account_id FROM partners_accountkey AS k WHERE k.core = wanted.key
                            LIMIT CASE WHEN home = '' THEN at_most + 1 ELSE {AHEAD} END) AS near
                    ORDER BY 2 DESC, 1 LIMIT at_most + 1) AS c
                UNION ALL
                SELECT o.account_id, 4, wanted.key, false FROM unnest(orders) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.ordered = wanted.key LIMIT at_most + 1) AS o
                UNION ALL
                SELECT j.account_id, 5, wanted.key, false FROM unnest(joins) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.joined = wanted.key LIMIT at_most + 1) AS j
               ) AS f;
END $$;
{_for_staff(BY_KEYS)}
"""

# Each of `sets` is words that stand together ('{{1,2}}'), never none of them (an empty set finds all). Weighed in one join of
# all words of all names: a subquery for each name took twice as long.
BY_WORDS = "accounts_by_words(uuid, bigint[], text[], integer, bigint[], real[], integer)"
_BY_WORDS = f"""
CREATE FUNCTION accounts_by_words(
    program uuid, rare bigint[], sets text[], set_most integer, weighed bigint[], weights real[], at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_BITMAPS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT t.account_id, 6,
               (COALESCE(sum(w.weight), 0) - GREATEST(0, max(t.words) / 2.0 - count(w.key)))::real AS likeness
          FROM (SELECT u.account_id, u.name_id, cardinality(u.tokens) AS words, unnest(u.tokens) AS token
                  FROM (SELECT DISTINCT ON (f.name_id) f.account_id, f.name_id, f.tokens
                          FROM ((SELECT k.account_id, k.name_id, k.tokens FROM partners_accountkey AS k
                                  WHERE k.tokens && rare LIMIT 1000)
                                UNION ALL
                                SELECT s.account_id, s.name_id, s.tokens FROM unnest(sets) AS wanted (words) CROSS JOIN LATERAL
                                       (SELECT k.account_id, k.name_id, k.tokens FROM partners_accountkey AS k
                                         WHERE k.tokens @> wanted.words::bigint[] LIMIT set_most) AS s) AS f) AS u) AS t
          LEFT JOIN unnest(weighed, weights) AS w (key, weight) ON w.key = t.token
         GROUP BY t.name_id, t.account_id ORDER BY likeness DESC, t.account_id LIMIT at_most;
END $$;
{_for_staff(BY_WORDS)}
"""

# For people who type half of a word: the words that begin so, the shortest first (what was typed whole, then what is nearly
# so). By bytes, not by a language's order: then a beginning is a range of the index, and 1114111 sorts last.
WITH_WORDS = "accounts_with_words(uuid, bigint[], text, integer)"
_WITH_WORDS = f"""
CREATE FUNCTION accounts_with_words(program uuid, whole bigint[], start text, at_most integer)
RETURNS TABLE (account_id uuid) {_BITMAPS} AS $$
DECLARE begun bigint[];
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
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
{_for_staff(WITH_WORDS)}
"""

COUNTS = "name_counts(uuid, bigint[], bigint[], bigint[], integer)"
_COUNTS = f"""
CREATE FUNCTION name_counts(program uuid, words bigint[], cores bigint[], marks bigint[], at_most integer)
RETURNS TABLE (kind text, key bigint, count bigint) {_FEW} AS $$
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

# One at home has the words of the others: the search by words ends before it has brought all of a name.
# `mark + 0` keeps the index of marks out: a mark may be that of a hundred thousand accounts.
FOUND = (
    "accounts_found(uuid, bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], integer, bigint[],"
    " real[], text, integer)"
)
_FOUND = f"""
CREATE FUNCTION accounts_found(
    program uuid, places bigint[], cores bigint[], orders bigint[], joins bigint[], brands bigint[],
    marks bigint[], rare bigint[], sets text[], set_most integer, weighed bigint[], weights real[], home text, at_most integer)
RETURNS TABLE (account_id uuid, score real) {_KEYS} AS $$
BEGIN
    IF {_OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        WITH found AS (
            SELECT * FROM accounts_by_keys(program, places, cores, orders, joins, brands || marks, home, at_most)
            UNION ALL SELECT * FROM accounts_by_words(program, rare, sets, set_most, weighed, weights, 4 * at_most)
        ), best AS (SELECT f.account_id, f.way, max(f.score) AS score FROM found AS f GROUP BY f.account_id, f.way),
        total AS (SELECT b.account_id, sum(b.score) + CASE WHEN bool_or(b.way = 3 AND b.score = 30) AND NOT bool_or(b.way = 6)
                         THEN COALESCE((SELECT max(w.score) FROM best AS w WHERE w.way = 6), 0) ELSE 0 END AS score
                    FROM best AS b GROUP BY b.account_id),
        marked AS (SELECT DISTINCT a.account_id FROM partners_accountmark AS a
                    WHERE a.account_id = ANY (ARRAY(SELECT t.account_id FROM total AS t WHERE cardinality(marks) > 0))
                      AND a.mark + 0 = ANY (marks))
        SELECT t.account_id, (t.score + CASE WHEN m.account_id IS NULL THEN 0 ELSE 25 END)::real AS likeness
          FROM total AS t LEFT JOIN marked AS m USING (account_id) ORDER BY likeness DESC, t.account_id LIMIT at_most;
END $$;
{_for_staff(FOUND)}
"""

# Each with its own record: the standing account itself, then those merged into it. By indexes alone too: a table that was filled a moment ago has no statistics, and is joined badly without them.
PARTIES = "account_parties(uuid[])"
_PARTIES = f"""
CREATE FUNCTION account_parties(ids uuid[])
RETURNS TABLE (id uuid, record uuid, account_name varchar, domain varchar, country varchar, city varchar,
               postal_code varchar, phone varchar, lei varchar, vat_id varchar, duns varchar, name varchar)
{_FEW} AS $$
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
{_for_staff(PARTIES)}
"""

# Counted without waiting for anybody, as they are counted in: about right is enough.
_COUNT_DOWN = """
CREATE FUNCTION account_keys_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
BEGIN
    WITH gone AS (SELECT w.key, count(*) AS names FROM gone_rows AS g, unnest(g.tokens) AS w (key) GROUP BY w.key),
         free AS (SELECT t.key, gone.names FROM partners_nametoken AS t JOIN gone ON gone.key = t.key
                   ORDER BY t.key FOR UPDATE OF t SKIP LOCKED)
    UPDATE partners_nametoken AS t SET names = GREATEST(0, t.names - free.names) FROM free WHERE t.key = free.key;
    WITH gone AS (SELECT g.program_id, count(*) AS names FROM gone_rows AS g GROUP BY g.program_id),
         free AS (SELECT t.key, gone.names FROM partners_nametoken AS t JOIN gone ON gone.program_id = t.program_id
                   WHERE t.token = '' FOR UPDATE OF t SKIP LOCKED)
    UPDATE partners_nametoken AS t SET names = GREATEST(0, t.names - free.names) FROM free WHERE t.key = free.key;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION account_keys_gone() FROM PUBLIC;
CREATE TRIGGER account_keys_gone AFTER DELETE ON partners_accountkey
    REFERENCING OLD TABLE AS gone_rows FOR EACH STATEMENT EXECUTE FUNCTION account_keys_gone();
"""
_NO_COUNT_DOWN = "DROP TRIGGER account_keys_gone ON partners_accountkey; DROP FUNCTION account_keys_gone();"


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_shares_sum_to_100")]
    operations = [
        migrations.RunSQL(_NAME_WORDS, f"DROP FUNCTION {NAME_WORDS};"),
        migrations.RunSQL(_BY_KEYS, f"DROP FUNCTION {BY_KEYS};"),
        migrations.RunSQL(_BY_WORDS, f"DROP FUNCTION {BY_WORDS};"),
        migrations.RunSQL(_WITH_WORDS, f"DROP FUNCTION {WITH_WORDS};"),
        migrations.RunSQL(_COUNTS, f"DROP FUNCTION {COUNTS};"),
        migrations.RunSQL(_FOUND, f"DROP FUNCTION {FOUND};"),
        migrations.RunSQL(_PARTIES, f"DROP FUNCTION {PARTIES};"),
        migrations.RunSQL(_COUNT_DOWN, _NO_COUNT_DOWN),
    ]
