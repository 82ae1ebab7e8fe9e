"""Of many accounts of one name those of the country that was typed come first; before, any of them came."""

from importlib import import_module

from django.db import migrations

_first = import_module("partners.migrations.0004_account_candidates")
_before = import_module("partners.migrations.0006_account_lookup")
AHEAD = 400  # accounts of one name that are asked where they are: some two milliseconds

BY_KEYS = "accounts_by_keys(uuid, bigint[], bigint[], bigint[], bigint[], bigint[], text, integer)"
# As in 0006, but of equal names: those at home say as much as a shared domain, the others little.
_BY_KEYS = f"""
CREATE FUNCTION accounts_by_keys(
    program uuid, places bigint[], cores bigint[], orders bigint[], joins bigint[], marks bigint[], home text,
    at_most integer)
RETURNS TABLE (account_id uuid, way integer, score real) {_before._FEW} AS $$
BEGIN
    IF {_first._OUT_OF_SCOPE} THEN RETURN; END IF;
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
{_first._for_staff(BY_KEYS)}
"""

# One at home has the words of the others: the search by words ends before it has brought all of a name.
_WITH_WORDS = """sum(b.score) + CASE WHEN bool_or(b.way = 3 AND b.score = 30) AND NOT bool_or(b.way = 6)
                         THEN COALESCE((SELECT max(w.score) FROM best AS w WHERE w.way = 6), 0) ELSE 0 END AS score
                    FROM best AS b GROUP BY"""
FOUND = _before.FOUND.replace("text[], integer, bigint[], real[]", "text[], integer, bigint[], real[], text")
_FOUND = (
    _before._FOUND.replace(_before.FOUND, FOUND)
    .replace("weights real[], at_most integer)", "weights real[], home text, at_most integer)")
    .replace("brands || marks, at_most)", "brands || marks, home, at_most)")
    .replace("sum(b.score) AS score FROM best AS b GROUP BY", _WITH_WORDS)
)


class Migration(migrations.Migration):
    dependencies = [("partners", "0014_pasted_text")]
    operations = [
        migrations.RunSQL(f"DROP FUNCTION {_before.FOUND};", _before._FOUND),
        migrations.RunSQL(f"DROP FUNCTION {_before.BY_KEYS};", _before._BY_KEYS),
        migrations.RunSQL(_BY_KEYS, f"DROP FUNCTION {BY_KEYS};"),
        migrations.RunSQL(_FOUND, f"DROP FUNCTION {FOUND};"),
    ]
