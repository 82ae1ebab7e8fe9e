"""The audit chain: each new AuditEvent is linked to the last one of its chain, whose head row is locked meanwhile."""

from django.db import migrations

LINK = """
CREATE FUNCTION link_audit_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    head channelconflict_chainhead%ROWTYPE;
BEGIN
    INSERT INTO channelconflict_chainhead (chain, sequence, hash) VALUES (NEW.chain, 0, '')
        ON CONFLICT (chain) DO NOTHING;
    SELECT * INTO head FROM channelconflict_chainhead WHERE chain = NEW.chain FOR UPDATE;
    NEW.sequence := head.sequence + 1;
    NEW.previous_hash := head.hash;
    NEW.hash := encode(sha256(convert_to(
        NEW.previous_hash || E'\\n' || NEW.sequence::text || E'\\n' || NEW.body, 'UTF8')), 'hex');
    UPDATE channelconflict_chainhead SET sequence = NEW.sequence, hash = NEW.hash WHERE chain = NEW.chain;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION link_audit_event() FROM PUBLIC;

CREATE TRIGGER audit_event_link BEFORE INSERT ON channelconflict_auditevent
    FOR EACH ROW EXECUTE FUNCTION link_audit_event();
"""

UNLINK = "DROP TRIGGER audit_event_link ON channelconflict_auditevent; DROP FUNCTION link_audit_event();"


class Migration(migrations.Migration):
    dependencies = [("channelconflict", "0001_initial")]
    operations = [migrations.RunSQL(LINK, UNLINK)]
