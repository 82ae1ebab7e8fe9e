"""The shares of one account's owners, for one product scope and period, sum to 100 (or none is given).

A deferred constraint: the rows of a split are written one after the other, and the sum counts when all are there.
"""

from django.db import migrations

CHECK = """
CREATE FUNCTION check_ownership_shares() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    total numeric;
    subject uuid := COALESCE(NEW.account_id, OLD.account_id);
BEGIN
    SELECT sum(share_pct) INTO total
    FROM (SELECT share_pct, ARRAY(SELECT unnest(product_lines) ORDER BY 1) AS lines, valid_from, valid_until
          FROM partners_ownership
          WHERE account_id = subject AND role = 'owner' AND share_pct IS NOT NULL) AS owners
    GROUP BY lines, valid_from, valid_until HAVING sum(share_pct) <> 100 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the shares of this account''s owners sum to %, not to 100', total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ownership_shares_sum_to_100', TABLE = 'partners_ownership';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION check_ownership_shares() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER ownership_shares_sum_to_100 AFTER INSERT OR UPDATE OR DELETE ON partners_ownership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ownership_shares();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [
        migrations.RunSQL(
            CHECK,
            "DROP TRIGGER ownership_shares_sum_to_100 ON partners_ownership; DROP FUNCTION check_ownership_shares();",
        )
    ]
