"""What each database role may see and do, declared beside the models (`rows = RowSecurity(...)`).

Pure declarations: policies.py turns them into row-level security, grants and triggers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

WRITES = ("INSERT", "UPDATE", "DELETE")

# The settings that scope.py sets with SET LOCAL. Each is a scalar sub-select, so that PostgreSQL
# evaluates it once a query (an init plan) and can still use an index on the compared column.
# Unset and empty both mean "nobody": no row, no error.
PARTNER_IDS = "(SELECT COALESCE(NULLIF(current_setting('app.partner_ids', true), ''), '{}'))::uuid[]"
PROGRAM_IDS = "(SELECT COALESCE(NULLIF(current_setting('app.program_ids', true), ''), '{}'))::uuid[]"
MANAGED_IDS = "(SELECT COALESCE(NULLIF(current_setting('app.managed_ids', true), ''), '{}'))::uuid[]"
USER_ID = "(SELECT NULLIF(current_setting('app.user_id', true), ''))::uuid"

OF_PARTNER = f"partner_id = ANY ({PARTNER_IDS})"
OF_MANAGED = f"partner_id = ANY ({MANAGED_IDS})"  # of a partner whose people the user manages
OF_PROGRAM = f"program_id = ANY ({PROGRAM_IDS})"
OF_USER = f"user_id = {USER_ID}"
EVERY_ROW = "true"


@dataclass(frozen=True)
class RowSecurity:
    """Row-level security of one table, as SQL predicates over its columns; "" = no rights at all.

    A role's predicate says which rows it may read, and, for the commands named in its `_writes`,
    which rows it may write and what they may look like afterwards.
    """

    portal: str = ""
    portal_writes: str = ""
    portal_columns: tuple[str, ...] = ()  # if set: the only columns that the portal may UPDATE
    portal_check: str = ""  # if set: what a row that the portal wrote must be, where it reads more than it may write
    staff: str = ""
    staff_writes: str = "INSERT UPDATE"
    staff_check: str = ""  # if set: what a row that staff wrote must be, where they read more than they may write
    login: str = ""  # app_login itself, before any scope exists
    login_writes: str = ""
    insert_only: bool = False  # trigger: no UPDATE and no DELETE, by anybody
    locked_when: str = ""  # trigger: no UPDATE and no DELETE where this holds, e.g. "OLD.status = 'live'"
    locked_except: tuple[str, ...] = ()  # columns that may still change on such a row

    def __post_init__(self) -> None:
        """Refuse a declaration that could not mean what it says."""
        for role in ("portal", "staff", "login"):
            unknown = set(self.written_by(role)) - set(WRITES)
            if unknown:
                raise ValueError(f"{role}_writes knows {', '.join(WRITES)}, not {', '.join(sorted(unknown))}.")
        if self.portal_columns and "UPDATE" not in self.portal_writes:
            raise ValueError("portal_columns needs UPDATE in portal_writes.")
        if self.locked_except and not self.locked_when:
            raise ValueError("locked_except needs locked_when.")

    def predicate(self, role: str) -> str:
        """Which rows `role` (portal, staff, login) reaches; "" = none."""
        return str(getattr(self, role))

    def check(self, role: str) -> str:
        """What a row must be after `role` wrote it."""
        return str(getattr(self, f"{role}_check", "")) or self.predicate(role)

    def written_by(self, role: str) -> tuple[str, ...]:
        """The writing commands of `role`, in a fixed order; unknown words last."""
        words = str(getattr(self, f"{role}_writes")).split()
        if not self.predicate(role):
            return ()
        if self.insert_only:
            words = [word for word in words if word not in ("UPDATE", "DELETE")]
        return tuple(sorted(set(words), key=lambda word: (WRITES.index(word) if word in WRITES else 9, word)))


# Ready-made declarations.
CLOSED = RowSecurity()  # nobody but the owner
PARTNER = RowSecurity(portal=OF_PARTNER, staff=OF_PROGRAM)  # a partner's row: that partner reads it
PROGRAM = RowSecurity(staff=OF_PROGRAM)  # the vendor's side only
PROGRAM_SHARED = RowSecurity(portal=OF_PROGRAM, staff=OF_PROGRAM)  # of a program, partners read it too
_READ_BY_ALL = RowSecurity(portal=EVERY_ROW, staff=EVERY_ROW, staff_writes="", login=EVERY_ROW)
_OWN_ROWS = RowSecurity(portal=OF_USER, staff=EVERY_ROW, login=EVERY_ROW)
_LOGIN_READS = RowSecurity(login=EVERY_ROW)
_LOGIN_WRITES = RowSecurity(login=EVERY_ROW, login_writes="INSERT UPDATE DELETE")

# Tables whose models are not ours, by table name. None of them holds partner data.
THIRD_PARTY: dict[str, RowSecurity] = {
    "django_content_type": _READ_BY_ALL,
    "auth_permission": _READ_BY_ALL,
    "auth_group": replace(_READ_BY_ALL, staff_writes="INSERT UPDATE"),
    "auth_group_permissions": replace(_READ_BY_ALL, staff_writes="INSERT DELETE"),
    "channelconflict_user_groups": replace(_OWN_ROWS, staff_writes="INSERT DELETE"),
    "channelconflict_user_user_permissions": replace(_OWN_ROWS, staff_writes="INSERT DELETE"),
    # Only the direct foreign-key tables of partners hold object permissions; these two stay empty.
    "guardian_userobjectpermission": _LOGIN_READS,
    "guardian_groupobjectpermission": _LOGIN_READS,
    "django_session": _LOGIN_WRITES,
    "django_migrations": _LOGIN_READS,
    "django_admin_log": CLOSED,  # AuditEvent is our log of acts
    "django_q_ormq": _LOGIN_WRITES,
    "django_q_task": _LOGIN_WRITES,
    "django_q_schedule": _LOGIN_WRITES,
    "django_site": _READ_BY_ALL,
}


def of_history(rows: RowSecurity) -> RowSecurity:
    """Rights on the history of a table: who writes the table adds to its history; nobody changes it.

    Staff read the history of what they read; of what staff of every program read, that of what they may write. The
    portal and the login role only where they write, since INSERT ... RETURNING needs the right to read.
    """
    return RowSecurity(
        portal=rows.portal if rows.portal_writes else "",
        portal_writes="INSERT" if rows.portal_writes else "",
        staff=rows.check("staff"),
        staff_writes="INSERT" if rows.staff_writes else "",
        login=rows.login if rows.login_writes else "",
        login_writes="INSERT" if rows.login_writes else "",
        insert_only=True,
    )


def of_link_table(rows: RowSecurity, table: str, column: str, source: str, key: str) -> RowSecurity:
    """Rights on a many-to-many table: a link is seen and written where its source row is."""
    # The sub-select runs with the asking role's own rights, so the source's policy decides.
    visible = f'EXISTS (SELECT 1 FROM "{source}" AS source WHERE source."{key}" = "{table}"."{column}")'  # noqa: S608 - names of tables
    links = "INSERT DELETE"
    return RowSecurity(
        portal=visible if rows.portal else "",
        portal_writes=links if rows.portal_writes else "",
        staff=visible if rows.staff else "",
        staff_writes=links if rows.staff_writes else "",
        login=visible if rows.login else "",
        login_writes=links if rows.login_writes else "",
        insert_only=False,
    )
