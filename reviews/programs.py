"""Making a program: tenant, calendar, roles, live policy, a target, and its first admin."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from uuid_utils.compat import uuid7

from channelconflict.audit import explain, record
from channelconflict.models import User
from channelconflict.scope import staff_of
from conflicts.services import install_standard_policy
from partners.models import Program
from partners.permissions import Role, grant_role, role_group
from partners.services import save_row
from reviews.models import Target, TargetKind


@transaction.atomic
def create_program(
    *, code: str, name: str, at: datetime, currency: str = "USD", timezone: str = "UTC",
    open_weekdays: list[int] | None = None, holidays: list[date] | None = None, undo_minutes: int = 10,
    opinion_share: int = 5, opinion_high_impact: bool = True, admin: str = "", password: str = "",
) -> Program:  # fmt: skip
    """Make a program with the standard policy live, its roles and a file target; refuses with sentences."""
    program = Program(
        id=uuid7(), code=code, name=name, currency=currency, timezone=timezone,
        open_weekdays=open_weekdays or [1, 2, 3, 4, 5], holidays=holidays or [], undo_minutes=undo_minutes,
        opinion_share=opinion_share, opinion_high_impact=opinion_high_impact, created_at=at,
    )  # fmt: skip
    if Program.objects.filter(code=code).exists():
        raise ValidationError(f"There is already a program with the code '{code}'.")
    if not all(1 <= day <= 7 for day in program.open_weekdays):
        raise ValidationError("Open weekdays are numbers from 1 (Monday) to 7.")
    program.full_clean(validate_unique=False)
    with staff_of(program.pk):
        explain(program, by=None, at=at, reason="program.created")
        program.save()
        record(action="program.created", by=None, at=at, subject=program, program_id=program.pk, facts={"code": code})
        for role in Role:
            role_group(program, role)
        install_standard_policy(program=program, by=None, at=at)
        target = Target(program=program, name=f"{code}-outcomes", kind=TargetKind.FILE)
        save_row(target, by=None, at=at, action="target.recorded")
        if admin:
            staff_user(username=admin, password=password, program=program, role=Role.PROGRAM_ADMIN, at=at)
    return program


def staff_user(
    *,
    username: str,
    password: str,
    program: Program,
    role: Role,
    at: datetime,
    by: User | None = None,
    name: str = "",
    email: str = "",
) -> User:
    """A staff member with a role in a program; an existing one gets the role and keeps the password."""
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, email=email, display_name=name, is_staff=True)
        user.set_password(password)
        user.save()
    if not user.is_staff:
        raise ValidationError(f"'{username}' signs in for a partner and cannot be vendor staff.")
    grant_role(user, program, role)
    record(action="role.granted", by=by, at=at, subject=user, program_id=program.pk, facts={"role": role})
    return user
