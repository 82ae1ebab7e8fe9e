"""Candidates in one statement whose plan is kept, by sets of words that are bounded each; word counts fall when names
go; which spelling made a key is known. The searches run as the owner, as in 0004, and compare the program themselves."""

from importlib import import_module

from django.db import migrations, models

_before = import_module("partners.migrations.0004_account_candidates")
# A bitmap holds all accounts of a name before the first one comes: of equal names a few are wanted.
_FEW = f"{_before._KEYS} SET enable_bitmapscan = off"

BY_KEYS = "accounts_by_keys(uuid, bigint[], bigint[], bigint[], bigint[], bigint[], integer)"
# What more accounts share than are wanted says little: those that come are any of them.
_BY_KEYS = f"""
CREATE FUNCTION accounts_by_keys(
    program uuid, places bigint[], cores bigint[], orders bigint[], joins bigint[], marks bigint[], at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_FEW} AS $$
BEGIN
    IF {_before._OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT f.account_id, f.way, CASE WHEN count(*) OVER (PARTITION BY f.way, f.key) > at_most THEN 5
                                         ELSE (ARRAY[30, 1000, 40, 35, 35])[f.way] END::real
          FROM (SELECT m.account_id, 1 AS way, wanted.key FROM unnest(marks) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT a.account_id FROM partners_accountmark AS a WHERE a.mark = wanted.key LIMIT at_most + 1) AS m
                UNION ALL
                SELECT p.account_id, 2, wanted.key FROM unnest(places) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.placed = wanted.key LIMIT at_most) AS p
                UNION ALL
                SELECT c.account_id, 3, wanted.key FROM unnest(cores) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.core = wanted.key LIMIT at_most + 1) AS c
                UNION ALL
                SELECT o.account_id, 4, wanted.key FROM unnest(orders) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.ordered = wanted.key LIMIT at_most + 1) AS o
                UNION ALL
                SELECT j.account_id, 5, wanted.key FROM unnest(joins) AS wanted (key) CROSS JOIN LATERAL
                  (SELECT k.account_id FROM partners_accountkey AS k WHERE k.joined = wanted.key LIMIT at_most + 1) AS j
               ) AS f;
END $$;
{_before._for_staff(BY_KEYS)}
"""

# Each of `sets` is words that stand together ('{{1,2}}'), never none of them (an empty set finds all).
BY_WORDS = "accounts_by_words(uuid, bigint[], text[], integer, bigint[], real[], integer)"
_BY_WORDS = f"""
CREATE FUNCTION accounts_by_words(
    program uuid, rare bigint[], sets text[], set_most integer, weighed bigint[], weights real[], at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_before._BITMAPS} AS $$
BEGIN
    IF {_before._OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        SELECT t.account_id, 6, (
                SELECT COALESCE(sum(w.weight), 0) - GREATEST(0, cardinality(t.tokens) / 2.0 - count(*))
                  FROM unnest(weighed, weights) AS w (key, weight) WHERE w.key = ANY (t.tokens))::real AS likeness
          FROM ((SELECT k.account_id, k.tokens FROM partners_accountkey AS k WHERE k.tokens && rare LIMIT 1000)
                UNION ALL
                SELECT r.account_id, r.tokens FROM unnest(sets) AS wanted (words) CROSS JOIN LATERAL
                       (SELECT k.account_id, k.tokens FROM partners_accountkey AS k
                         WHERE k.tokens @> wanted.words::bigint[] LIMIT set_most) AS r) AS t
         ORDER BY likeness DESC, t.account_id LIMIT at_most;
END $$;
{_before._for_staff(BY_WORDS)}
"""

# `mark + 0` keeps the index of marks out: a mark may be that of a hundred thousand accounts.
FOUND = (
    "accounts_found(uuid, bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], integer, bigint[],"
    " real[], integer)"
)
_FOUND = f"""
CREATE FUNCTION accounts_found(
    program uuid, places bigint[], cores bigint[], orders bigint[], joins bigint[], brands bigint[],
    marks bigint[], rare bigint[], sets text[], set_most integer, weighed bigint[], weights real[], at_most integer)
RETURNS TABLE (account_id uuid, score real) {_before._KEYS} AS $$
BEGIN
    IF {_before._OUT_OF_SCOPE} THEN RETURN; END IF;
    RETURN QUERY
        WITH found AS (
            SELECT * FROM accounts_by_keys(program, places, cores, orders, joins, brands || marks, at_most)
            UNION ALL SELECT * FROM accounts_by_words(program, rare, sets, set_most, weighed, weights, 4 * at_most)
        ), best AS (SELECT f.account_id, f.way, max(f.score) AS score FROM found AS f GROUP BY f.account_id, f.way),
        total AS (SELECT b.account_id, sum(b.score) AS score FROM best AS b GROUP BY b.account_id)
        SELECT t.account_id, (t.score + CASE WHEN cardinality(marks) = 0 THEN 0 ELSE COALESCE((
                    SELECT 25 FROM partners_accountmark AS a
                     WHERE a.account_id = t.account_id AND a.mark + 0 = ANY (marks) LIMIT 1), 0) END)::real AS likeness
          FROM total AS t ORDER BY likeness DESC, t.account_id LIMIT at_most;
END $$;
{_before._for_staff(FOUND)}
"""

# By indexes alone too: a table that was filled a moment ago has no statistics, and is joined badly without them.
PARTIES = "account_parties(uuid[])"
_PARTIES = f"""
CREATE FUNCTION account_parties(ids uuid[])
RETURNS TABLE (id uuid, account_name varchar, domain varchar, country varchar, city varchar, postal_code varchar,
               phone varchar, lei varchar, vat_id varchar, duns varchar, name varchar) {_FEW} AS $$
DECLARE scope uuid[] := COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{{}}');
BEGIN
    RETURN QUERY
        SELECT a.id, a.name, a.domain, a.country, a.city, a.postal_code, a.phone, a.lei, a.vat_id, a.duns, n.name
          FROM (SELECT DISTINCT COALESCE(i.merged_into_id, i.id) AS id
                  FROM partners_account AS i WHERE i.id = ANY (ids) AND i.program_id = ANY (scope)) AS standing
          JOIN partners_account AS a ON a.id = standing.id
         CROSS JOIN LATERAL (SELECT standing.id UNION ALL
                             SELECT m.id FROM partners_account AS m WHERE m.merged_into_id = standing.id) AS member
          LEFT JOIN partners_accountname AS n ON n.account_id = member.id
         ORDER BY a.id, member.id <> a.id, n.id;
END $$;
{_before._for_staff(PARTIES)}
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


_FEW_COUNTED = f"ALTER FUNCTION {_before.COUNTS} SET enable_bitmapscan = off;"
_ALL_COUNTED = f"ALTER FUNCTION {_before.COUNTS} RESET enable_bitmapscan;"


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_protection")]
    operations = [
        migrations.AddField("accountkey", "made_by", models.PositiveSmallIntegerField(default=0)),
        migrations.AddIndex("accountkey", models.Index(fields=["made_by"], name="account_key_made_by")),
        migrations.AddIndex(
            "nametoken", models.Index(fields=["program"], name="name_token_all", condition=models.Q(token=""))
        ),
        migrations.RunSQL(f"DROP FUNCTION {_before.BY_KEYS};", _before._BY_KEYS),
        migrations.RunSQL(f"DROP FUNCTION {_before.BY_WORDS};", _before._BY_WORDS),
        migrations.RunSQL(_BY_KEYS, f"DROP FUNCTION {BY_KEYS};"),
        migrations.RunSQL(_BY_WORDS, f"DROP FUNCTION {BY_WORDS};"),
        migrations.RunSQL(_FOUND, f"DROP FUNCTION {FOUND};"),
        migrations.RunSQL(_PARTIES, f"DROP FUNCTION {PARTIES};"),
        migrations.RunSQL(_FEW_COUNTED, _ALL_COUNTED),
        migrations.RunSQL(_COUNT_DOWN, _NO_COUNT_DOWN),
    ]
