"""Forget the sample program entirely, so that the demo can begin again. Works for that one program and no other."""

from django.apps import apps
from django.db import connections, transaction

from channelconflict.database.creation import OWNER_ALIAS
from partners.models import Program

_USERS = """
delete from channelconflict_user_groups where group_id in (select id from auth_group where name like %(groups)s);
delete from partners_programgrouppermission where content_object_id = %(id)s;
delete from partners_programuserpermission where content_object_id = %(id)s;
delete from partners_partneruserpermission where content_object_id in
    (select id from partners_partner where program_id = %(id)s);
delete from partners_partnergrouppermission where content_object_id in
    (select id from partners_partner where program_id = %(id)s);
delete from auth_group where name like %(groups)s;
delete from channelconflict_chainhead where chain in (select chain from channelconflict_auditevent where program_id = %(id)s);
"""


def reset(code: str) -> bool:
    """Delete every row of the sample program, as the owner of the tables; says whether there was one.

    The record of acts cannot be deleted by anybody while its triggers stand: they are off inside this transaction,
    for a program that was made to be thrown away.
    """
    program = Program.objects.filter(code=code).first()
    if program is None:
        return False
    tables = _tables()
    with transaction.atomic(using=OWNER_ALIAS), connections[OWNER_ALIAS].cursor() as cursor:
        cursor.execute("set constraints all deferred")
        for table, _ in tables:
            cursor.execute(f'alter table "{table}" disable trigger user')
        cursor.execute(_USERS, {"id": program.pk, "groups": f"{code}: %"})
        for table, column in tables:
            cursor.execute(f'delete from "{table}" where "{column}" = %s', [program.pk])  # noqa: S608 (names of our own tables)
        cursor.execute("set constraints all immediate")
        for table, _ in tables:
            cursor.execute(f'alter table "{table}" enable trigger user')
    return True


def _tables() -> list[tuple[str, str]]:
    """Every table with a program column, history included; the program's own last."""
    found = [
        (model._meta.db_table, "program_id")
        for model in apps.get_models()
        if any(field.attname == "program_id" for field in model._meta.concrete_fields)
    ]
    return [*found, ("partners_historicalprogram", "id"), ("partners_program", "id")]
