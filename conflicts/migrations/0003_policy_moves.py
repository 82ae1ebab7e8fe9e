"""How a policy version may move, and that every claim is looked at again under a new one."""

from django.db import migrations

# What no check constraint can say: how a version may move, what a rollback puts back, and who wrote in it.
MOVES = """
create function conflicts_policy_moves() returns trigger language plpgsql as $body$
declare
    back record;
begin
    if TG_OP = 'UPDATE' and NEW.status <> OLD.status and (OLD.status, NEW.status) not in (
        ('draft', 'shadow'), ('shadow', 'draft'), ('draft', 'live'), ('shadow', 'live'), ('draft', 'discarded'),
        ('shadow', 'discarded'), ('live', 'retired')) then
        raise exception 'A policy that is % cannot become %.', OLD.status, NEW.status using errcode = 'restrict_violation';
    end if;
    if TG_OP = 'UPDATE' and OLD.asked_by_id is not null and NEW.asked_by_id is not null
        and NEW.document <> OLD.document then
        raise exception 'A second person was asked about this document: take it back before you change it.'
            using errcode = 'restrict_violation';
    end if;
    if NEW.status = 'live' and (TG_OP = 'INSERT' or OLD.status <> 'live') then
        if NEW.restores_id is null and NEW.published_by_id = any(NEW.written_by) then
            raise exception 'Whoever wrote in a policy does not publish it.' using errcode = 'restrict_violation';
        end if;
        if NEW.restores_id is not null then
            select p.program_id, p.status, p.document into back from conflicts_policyversion p where p.id = NEW.restores_id;
            if back.status is distinct from 'retired' or back.program_id <> NEW.program_id
                or back.document - 'version' <> NEW.document - 'version' then
                raise exception 'A rollback puts a retired version back as it was.' using errcode = 'restrict_violation';
            end if;
        end if;
    end if;
    return NEW;
end $body$;
create trigger policy_moves before insert or update on conflicts_policyversion
    for each row execute function conflicts_policy_moves();
"""
# Every claim is looked at again under a new version: as with other facts a trigger says so, so that nothing can forget it.
TOUCH = """
create function conflicts_policy_touch() returns trigger language plpgsql security definer set search_path from current as $body$
begin
    if NEW.status = 'live' and NEW.number > 1 and (TG_OP = 'INSERT' or OLD.status <> 'live') then
        insert into partners_touch (program_id, kind, subject_id, was, at)
            values (NEW.program_id, 'program', NEW.program_id, null, now());
    end if;
    return null;
end $body$;
revoke all on function conflicts_policy_touch() from public;
create trigger policy_touch after insert or update on conflicts_policyversion
    for each row execute function conflicts_policy_touch();
"""
UNDO = """
drop trigger policy_moves on conflicts_policyversion;
drop trigger policy_touch on conflicts_policyversion;
drop function conflicts_policy_moves();
drop function conflicts_policy_touch();
"""


class Migration(migrations.Migration):
    dependencies = [("conflicts", "0002_claims_of_every_source")]
    operations = [migrations.RunSQL(MOVES + TOUCH, UNDO)]
