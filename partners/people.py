"""Who acts for a partner: its own admin invites colleagues, changes roles and takes access away.

An invitation is a signed link with a token that works once. Whether the address has an account is never looked at
while inviting, so the answer says nothing about it (TRUST 2).
"""

import hashlib
import re
import secrets
import uuid
from datetime import datetime

from django.core.signing import BadSignature, dumps, loads
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from channelconflict.audit import record
from channelconflict.models import User
from channelconflict.scope import NOBODY, Scope, acting
from partners.models import Invitation, MemberRole, Membership, Partner
from partners.models.invitation import VALID
from partners.models.registration import LETTERS
from partners.permissions import MEMBER_RIGHTS, grant_member, may, partners_of
from partners.services import NotPossibleError, add_member, remove_member, save_row

OPEN_AT_ONCE = 50  # invitations of one partner that wait
ONLY_ADMINS = gettext_noop("Only an admin of the partner does this.")
LAST_ADMIN = gettext_noop("This is the only admin: make a colleague an admin first.")
GONE = gettext_noop(
    "This invitation cannot be used: it was used already, withdrawn, or is older than 7 days."
    " Ask the person who sent it for a new one."
)
NOT_FOR_STAFF = gettext_noop("Vendor staff cannot act for a partner.")
_SALT = "partners.invitation"


class InvitationGoneError(NotPossibleError):
    """The link is forged, used, withdrawn or too old: which of these, nobody is told."""

    def __init__(self) -> None:
        super().__init__(_(GONE))


def people_of(partners: list[uuid.UUID]) -> list[Membership]:
    """Who acts for these partners now, admins first, by name."""
    rows = Membership.objects.filter(partner__in=partners, active=True).select_related("user", "partner")
    return sorted(rows, key=lambda m: (m.role != MemberRole.ADMIN, str(m.user).casefold(), str(m.pk)))


def waiting_invitations(partners: list[uuid.UUID], at: datetime) -> list[Invitation]:
    """The invitations whose link still works, the latest first."""
    rows = Invitation.objects.filter(
        partner__in=partners, joined_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=at
    )
    return list(rows.order_by("-invited_at", "-pk"))


def _check_may_manage(by: User, partner: Partner, role: str = MemberRole.USER) -> None:
    """Refuse whoever is no admin of the partner, and a role with more rights than their own."""
    if not may(by, "manage_members", partner):
        raise NotPossibleError(_(ONLY_ADMINS))
    if role not in MEMBER_RIGHTS or not all(may(by, right, partner) for right in MEMBER_RIGHTS[role]):
        raise NotPossibleError(_("Choose one of the two roles."))


@transaction.atomic
def invite(*, partner: Partner, email: str, role: str, by: User, at: datetime) -> tuple[Invitation, str]:
    """Ask a colleague to join. Returns the invitation and its token, which is kept nowhere: it is for the link alone."""
    _check_may_manage(by, partner, role)
    waiting = waiting_invitations([partner.pk], at)
    if len(waiting) >= OPEN_AT_ONCE:
        text = ngettext(
            "%(n)s invitation waits already: withdraw it first.",
            "%(n)s invitations wait already: withdraw one first.",
            OPEN_AT_ONCE,
        )
        raise NotPossibleError(text % {"n": OPEN_AT_ONCE})
    for earlier in waiting:
        if earlier.email.casefold() == email.casefold():  # one link an address works
            withdraw_invitation(invitation=earlier, by=by, at=at)
    secret = secrets.token_urlsafe(24)
    row = Invitation(
        program_id=partner.program_id, partner=partner, email=email, role=role, token_sha256=_hash(secret),
        invited_at=at, invited_by_id=by.pk, expires_at=at + VALID,
    )  # fmt: skip
    save_row(row, by=by, at=at, action="invitation.sent", facts={"role": role})
    return row, dumps([str(partner.pk), secret], salt=_SALT)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Take an invitation back: its link no longer works."""
    row = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    _check_may_manage(by, row.partner)
    if not row.open_at(at):
        raise NotPossibleError(_("This invitation is over already."))
    row.withdrawn_at = at
    return save_row(row, by=by, at=at, action="invitation.withdrawn")


@transaction.atomic
def change_role(*, member: Membership, role: str, by: User, at: datetime) -> Membership:
    """Make a colleague an admin, or no admin any more; one admin stays."""
    _check_may_manage(by, member.partner, role)
    row = _locked(member)
    if row.role == role:
        return row
    row.role = role
    save_row(row, by=by, at=at, action="member.role_changed", facts={"role": role})
    grant_member(row.user, row.partner, role)
    return row


@transaction.atomic
def remove_colleague(*, member: Membership, by: User, at: datetime) -> None:
    """Take a colleague's access away, from the next click on; one admin stays."""
    _check_may_manage(by, member.partner)
    remove_member(member=_locked(member), by=by, at=at)


def _locked(member: Membership) -> Membership:
    """The member as it stands. All of the partner's are locked, so that two admins cannot end each other at once."""
    rows = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "partner")
    active = {row.pk: row for row in rows.filter(partner=member.partner_id, active=True).order_by("pk")}
    row = active.get(member.pk)
    if row is None:
        raise NotPossibleError(_("This person does not act for your company any more."))
    admins = [m for m in active.values() if m.role == MemberRole.ADMIN]
    if admins == [row]:
        raise NotPossibleError(_(LAST_ADMIN))
    return row


# --- joining ---


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _behind(token: str) -> tuple[uuid.UUID, str]:
    """The partner and the secret of a link that we signed."""
    try:
        partner, secret = loads(token, salt=_SALT, max_age=VALID)
        return uuid.UUID(partner), str(secret)
    except (BadSignature, ValueError, TypeError):
        raise InvitationGoneError from None


def _scope(partner_id: uuid.UUID, user_id: uuid.UUID | None = None) -> Scope:
    """What whoever holds the link may do, in one act: what an admin of this partner could do for them."""
    return Scope("portal", frozenset({partner_id}), user_id=user_id, managed_ids=frozenset({partner_id}))


def invitation_behind(token: str, at: datetime) -> Invitation:
    """The open invitation of a link, with its partner and program; InvitationGoneError for any other link."""
    partner_id, secret = _behind(token)
    with acting(_scope(partner_id)):
        rows = Invitation.objects.select_related("partner__program")
        found = rows.filter(token_sha256=_hash(secret), partner=partner_id).first()
    if found is None or not found.open_at(at):
        raise InvitationGoneError
    return found


@transaction.atomic
def join(*, token: str, by: User | None, at: datetime, name: str = "", password: str = "") -> User:
    """Use an invitation: with the account that is signed in (`by`), or with a new one of this name and password.

    Vendor staff can do neither. The sign-in name of a new account is made here, so that it tells nothing of others.
    """
    invitation = invitation_behind(token, at)
    user = by or _new_account(invitation.email, name, password)
    if user.is_staff:
        raise NotPossibleError(_(NOT_FOR_STAFF))
    with acting(_scope(invitation.partner_id, user.pk)):
        row = Invitation.objects.select_for_update(no_key=True, of=("self",)).select_related("partner").get(
            pk=invitation.pk
        )  # fmt: skip
        if not row.open_at(at):
            raise InvitationGoneError
        if by is None:
            record(action="user.joined", by=user, at=at, subject=user, program_id=row.program_id)
        known = Membership.objects.filter(partner=row.partner_id, user=user, active=True).first()
        role = MemberRole.ADMIN if known and known.role == MemberRole.ADMIN else row.role  # nobody loses by joining
        add_member(partner=row.partner, user=user, role=role, by=user, at=at)
        row.joined_at, row.joined_by_id = at, user.pk
        save_row(row, by=user, at=at, action="invitation.used", facts={"role": role})
    return user


def _new_account(email: str, name: str, password: str) -> User:
    """An account for a mail address; written as app_login, which alone makes users."""
    with acting(NOBODY):
        if User.objects.filter(is_staff=True, email__iexact=email).exists():
            raise NotPossibleError(_(NOT_FOR_STAFF))
        user = User(username=_sign_in_name(email), email=email, display_name=name)
        user.set_password(password)
        user.save(force_insert=True)
    return user


def _sign_in_name(email: str) -> str:
    """The part before the @, and five random letters: free, whoever else has an account."""
    plain = re.sub(r"[^a-z0-9._-]", "", email.partition("@")[0].lower())[:40] or "user"
    return f"{plain}-{''.join(secrets.choice(LETTERS) for letter in range(5)).lower()}"


def managed(user: User, partners: list[Partner]) -> list[Partner]:
    """Those of these partners whose people `user` manages."""
    mine = partners_of(user, "manage_members")
    return [partner for partner in partners if partner.pk in mine]
