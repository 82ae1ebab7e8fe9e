"""Who may do what, and which rows they see: the only room that asks guardian.

One rule answers three questions: may(user, right, obj), visible(user, rows), who(right, obj). Rights on a Program come
through roles (groups), rights on a Partner belong to its members and to the staff who manage it.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.models import TextChoices
from django.http import Http404
from guardian.shortcuts import assign_perm, remove_perm

from channelconflict.models import User
from channelconflict.scope import NOBODY, Scope
from partners.models import MemberRole, Membership, Partner, PartnerUserPermission, Program, ProgramGroupPermission

M = TypeVar("M", bound=models.Model)


class Role(TextChoices):
    """The roles of vendor staff; partner_user and partner_admin are roles of a Membership."""

    PARTNER_MANAGER = "partner_manager", "Partner manager"
    CHANNEL_LEAD = "channel_lead", "Channel lead"
    SALES_OPS = "sales_ops", "Sales operations"
    LEGAL = "legal", "Legal"
    REVENUE_LEAD = "revenue_lead", "Revenue lead"
    PROGRAM_ADMIN = "program_admin", "Program admin"
    AUDITOR = "auditor", "Auditor"


DECIDING_ROLES = (Role.PARTNER_MANAGER, Role.CHANNEL_LEAD, Role.SALES_OPS, Role.LEGAL, Role.REVENUE_LEAD)

RIGHTS: dict[Role, tuple[str, ...]] = {
    Role.PARTNER_MANAGER: ("view_desk", "register_deals", "act_as_partner_manager"),
    Role.CHANNEL_LEAD: ("view_desk", "register_deals", "act_as_channel_lead", "read_survey_texts"),
    Role.SALES_OPS: ("view_desk", "register_deals", "change_rules", "import_records", "act_as_sales_ops"),
    Role.LEGAL: ("view_desk", "act_as_legal"),
    Role.REVENUE_LEAD: ("view_desk", "act_as_revenue_lead", "read_survey_texts"),
    Role.PROGRAM_ADMIN: ("view_desk", "register_deals", "change_rules", "import_records"),
    Role.AUDITOR: ("view_desk", "read_audit"),
}

MEMBER_RIGHTS: dict[str, tuple[str, ...]] = {
    MemberRole.USER: ("use_portal",),
    MemberRole.ADMIN: ("use_portal", "manage_members"),
}


@dataclass(frozen=True)
class Entitlements:
    """Everything a user may do, read once a request in three queries."""

    programs: dict[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    partners: dict[uuid.UUID, frozenset[str]] = field(default_factory=dict)
    member_programs: frozenset[uuid.UUID] = field(default_factory=frozenset)


def entitlements(user: Any) -> Entitlements:
    """What `user` may do, kept on the user object (which lives for one request)."""
    kept = getattr(user, "_entitlements", None)
    if kept is None:
        kept = user._entitlements = _read(user) if user.is_authenticated and user.is_active else Entitlements()
    return kept


def _read(user: User) -> Entitlements:
    programs = ProgramGroupPermission.objects.all() if user.is_staff else ProgramGroupPermission.objects.none()
    on_programs = _collect(programs.filter(group__user=user).values_list("content_object_id", "permission__codename"))
    on_partners = _collect(
        PartnerUserPermission.objects.filter(user=user).values_list("content_object_id", "permission__codename")
    )
    members = Membership.objects.none() if user.is_staff else Membership.objects.filter(user=user, active=True)
    member_programs = list(members.values_list("partner_id", "program_id"))
    mine = {partner for partner, _ in member_programs}
    if not user.is_staff:
        on_partners = {partner: rights for partner, rights in on_partners.items() if partner in mine}
    return Entitlements(on_programs, on_partners, frozenset(program for _, program in member_programs))


def _collect(pairs: Iterable[tuple[uuid.UUID, str]]) -> dict[uuid.UUID, frozenset[str]]:
    found: dict[uuid.UUID, set[str]] = {}
    for key, codename in pairs:
        found.setdefault(key, set()).add(codename)
    return {key: frozenset(codenames) for key, codenames in found.items()}


def scope_of(user: Any) -> Scope:
    """The database scope of a user's requests (settings.SCOPE_OF): staff see their programs, members their partners."""
    has = entitlements(user)
    if user.is_staff:
        return Scope(role="staff", program_ids=frozenset(has.programs), user_id=user.pk)
    partners = frozenset(partner for partner, rights in has.partners.items() if "use_portal" in rights)
    if not partners:
        return NOBODY
    managed = frozenset(partner for partner in partners if "manage_members" in has.partners[partner])
    return Scope("portal", partners, has.member_programs, user.pk, managed)


def programs_of(user: Any, right: str = "view_desk") -> frozenset[uuid.UUID]:
    """The programs in which staff member `user` has `right`."""
    return frozenset(program for program, rights in entitlements(user).programs.items() if right in rights)


def partners_of(user: Any, right: str = "use_portal") -> frozenset[uuid.UUID]:
    """The partners on which `user` has `right`: `use_portal` for members, `manage_partner` for staff."""
    return frozenset(partner for partner, rights in entitlements(user).partners.items() if right in rights)


def visible(user: Any, rows: models.QuerySet[M], right: str = "") -> models.QuerySet[M]:
    """The rows of `rows` that `user` may see (wall one; the database's policies are wall two).

    Staff see the rows of the programs in which they have `right` (view_desk unless named), partner users those of
    their own partners; rows that belong to no partner are none of a partner user's.
    """
    if user.is_staff:
        column = "id" if getattr(rows.model, "instance_type", rows.model) is Program else "program_id"
        return rows.filter(**{f"{column}__in": programs_of(user, right or "view_desk")})
    if rows.model is Partner:
        return rows.filter(pk__in=partners_of(user, right or "use_portal"))
    if any(f.name == "partner" for f in rows.model._meta.fields):
        return rows.filter(partner_id__in=partners_of(user, right or "use_portal"))
    return rows.none()


def may(user: Any, right: str, subject: Any) -> bool:
    """Whether `user` has `right` on a program or a partner, or on the program or partner that a row belongs to."""
    has = entitlements(user)
    if isinstance(subject, Partner) and right in ("use_portal", "manage_members", "manage_partner"):
        return right in has.partners.get(subject.pk, frozenset())
    program_id = subject.pk if isinstance(subject, Program) else subject.program_id
    return right in has.programs.get(program_id, frozenset())


def get_or_404(user: Any, rows: models.QuerySet[M], right: str = "", **lookup: Any) -> M:
    """One row that `user` may see, or the same 404 for a row of others and for one that does not exist."""
    try:
        return visible(user, rows, right).get(**lookup)
    except (ObjectDoesNotExist, ValueError):
        raise Http404("Not found.") from None


def roles_in(user: Any, program_id: uuid.UUID) -> frozenset[Role]:
    """The roles in which `user` may decide in a program."""
    rights = entitlements(user).programs.get(program_id, frozenset())
    return frozenset(role for role in DECIDING_ROLES if f"act_as_{role.value}" in rights)


def staff_in(program_id: uuid.UUID, roles: Iterable[Role]) -> models.QuerySet[User]:
    """The staff who hold one of these roles in a program."""
    rights = [f"act_as_{role.value}" for role in roles]
    groups = ProgramGroupPermission.objects.filter(content_object_id=program_id, permission__codename__in=rights)
    return User.objects.filter(groups__in=groups.values("group"), is_staff=True, is_active=True).distinct()


def deciders(program: Program) -> list[User]:
    """Everybody who decides in a program, by name, with what they may do read at once: asking each costs no query."""
    groups = ProgramGroupPermission.objects.filter(content_object=program)
    rights = _collect(groups.filter(group__user__isnull=False).values_list("group__user", "permission__codename"))
    acting = {f"act_as_{role.value}" for role in DECIDING_ROLES}
    people = User.objects.filter(
        pk__in=[key for key, has in rights.items() if has & acting], is_active=True, is_staff=True
    )
    found = sorted(people, key=lambda user: (str(user), str(user.pk)))
    on_partners: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
    rows = PartnerUserPermission.objects.filter(user__in=[user.pk for user in found])
    for user_id, partner, right in rows.values_list("user_id", "content_object_id", "permission__codename"):
        on_partners.setdefault(user_id, []).append((partner, right))
    for user in found:
        user.__dict__["_entitlements"] = Entitlements(
            {program.pk: rights[user.pk]}, _collect(on_partners.get(user.pk, []))
        )
    return found


def role_group(program: Program, role: Role) -> Group:
    """The group that holds `role` in `program`, with its rights; made when it is not there yet."""
    group, created = Group.objects.get_or_create(name=f"{program.code}: {role.label}")
    if created:
        rights = Permission.objects.filter(content_type__app_label="partners", codename__in=RIGHTS[role])
        given = [ProgramGroupPermission(permission=right, group=group, content_object=program) for right in rights]
        ProgramGroupPermission.objects.bulk_create(given)
    return group


def grant_role(user: User, program: Program, role: Role) -> None:
    """Give a staff member a role in a program."""
    user.groups.add(role_group(program, role))
    _forget(user)


def grant_member(user: User, partner: Partner, role: str) -> None:
    """Give a partner's person exactly the rights of `role` (none of another partner's)."""
    for right in ("use_portal", "manage_members"):
        (assign_perm if right in MEMBER_RIGHTS[role] else remove_perm)(right, user, partner)
    _forget(user)


def revoke_member(user: User, partner: Partner) -> None:
    """Take a person's rights on a partner away; the next request already lacks them."""
    for right in ("use_portal", "manage_members"):
        remove_perm(right, user, partner)
    _forget(user)


def has_portal(user: User, partner_id: uuid.UUID) -> bool:
    """Whether somebody has a partner's portal now, asked anew (for workers): active, a member, and with the right."""
    member = Membership.objects.filter(user=user, partner=partner_id, active=True, user__is_active=True)
    given = PartnerUserPermission.objects.filter(
        user=user, content_object=partner_id, permission__codename="use_portal"
    )
    return member.exists() and given.exists()


def grant_manager(user: User, partner: Partner) -> None:
    """Make a staff member a manager of a partner."""
    assign_perm("manage_partner", user, partner)
    _forget(user)


def _forget(user: User) -> None:
    user.__dict__.pop("_entitlements", None)


def deciders_in(program: Program) -> dict[User, frozenset[Role]]:
    """Everybody who may decide in a program, with their roles, by name: one query."""
    rights = "groups__programgrouppermission"
    people = User.objects.filter(
        is_active=True, is_staff=True,
        **{f"{rights}__content_object": program, f"{rights}__permission__codename__startswith": "act_as_"},
    ).only(*User.NAMED).annotate(rights=ArrayAgg(f"{rights}__permission__codename", distinct=True))  # fmt: skip
    found: list[Any] = sorted(people, key=lambda user: (str(user), user.pk))
    return {user: frozenset(Role(right.removeprefix("act_as_")) for right in user.rights) for user in found}


def managed_by(partners: models.QuerySet[Partner]) -> list[tuple[uuid.UUID, uuid.UUID, str]]:
    """Which member of staff manages which of these partners, with its name."""
    rows = PartnerUserPermission.objects.filter(
        content_object__in=partners, permission__codename="manage_partner", user__is_staff=True
    )
    return list(rows.values_list("user", "content_object", "content_object__name"))
