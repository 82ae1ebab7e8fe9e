"""The search for studies by their words."""

from django.db import migrations

# The words of studies are found by a GIN index. Under row-level security none is used (its operators are not leakproof),
# so this search runs as the owner and compares the program ids of the caller's scope itself; it answers ids alone, which
# the caller reads under its own rights. Each asked value is a literal of the statement: the planner then knows how common
# a word is, and walks the newest studies for a common one, the index of words for a rare one. One page at a time.
SEARCH = """
CREATE INDEX study_words ON reviews_study USING gin (to_tsvector('simple', words));
CREATE FUNCTION study_search(
    program uuid, wanted text, kind text, action text, reason text, region text, product text, tier text,
    since timestamptz, until timestamptz, before_at timestamptz, before_id uuid, most integer)
RETURNS TABLE (study_id uuid) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    sql text := format('SELECT s.id FROM reviews_study AS s WHERE s.program_id = %L', program);
BEGIN
    IF program <> ALL (COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{}')::uuid[]) THEN RETURN; END IF;
    IF wanted <> '' THEN sql := sql || format(' AND to_tsvector(''simple'', s.words) @@ %L::tsquery', wanted); END IF;
    IF kind <> '' THEN sql := sql || format(' AND s.kind = %L', kind); END IF;
    IF action <> '' THEN sql := sql || format(' AND s.action = %L', action); END IF;
    IF reason = 'any' THEN sql := sql || ' AND s.is_override';
    ELSIF reason <> '' THEN sql := sql || format(' AND s.reason_code = %L', reason); END IF;
    IF length(region) = 2 THEN sql := sql || format(' AND s.country = %L', region);
    ELSIF region <> '' THEN sql := sql || format(' AND s.subdivision = %L', region); END IF;
    IF product <> '' THEN
        sql := sql || format(' AND (%L = ANY (s.product_lines) OR s.product_lines = ''{}'')', product);
    END IF;
    IF tier <> '' THEN sql := sql || format(' AND %L = ANY (s.tiers)', tier); END IF;
    IF since IS NOT NULL THEN sql := sql || format(' AND s.decided_at >= %L', since); END IF;
    IF until IS NOT NULL THEN sql := sql || format(' AND s.decided_at < %L', until); END IF;
    IF before_at IS NOT NULL THEN
        sql := sql || format(' AND (s.decided_at, s.id) < (%L::timestamptz, %L::uuid)', before_at, before_id);
    END IF;
    RETURN QUERY EXECUTE sql || format(' ORDER BY s.decided_at DESC, s.id DESC LIMIT %s', most);
END $$;
REVOKE ALL ON FUNCTION study_search(uuid, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, uuid,
    integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION study_search(uuid, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz,
    uuid, integer) TO staff;
"""
GONE = """
DROP FUNCTION study_search(uuid, text, text, text, text, text, text, text, timestamptz, timestamptz, timestamptz, uuid, integer);
DROP INDEX study_words;
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_case_number")]
    operations = [migrations.RunSQL(SEARCH, GONE)]
