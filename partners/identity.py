"""Who is who, as people say it: merges and splits of accounts, merges of partners; each can be undone.

A merged row stays as its source knows it and counts as another one (`Account.merged_into`; for partners the change
itself, which the portal never sees). So nothing is copied, sources keep writing to their own rows, and undoing is exact.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Q

from channelconflict.audit import explain, record
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.lookup import index_accounts
from partners.models import (
    Account,
    AccountException,
    AccountName,
    ChangeKind,
    CrmOpportunity,
    IdentityChange,
    MatchVerdict,
    Ownership,
    Partner,
    PriceQuote,
    Protection,
    Registration,
    Verdict,
)
from partners.naming import city_key, country_code, name_key, registered_domain
from partners.services import NotPossibleError, record_account, save_row

# What hangs on an account and may go to another one when it is split, by the name that the change keeps its ids under.
HELD: dict[str, type[models.Model]] = {
    "ownerships": Ownership,
    "opportunities": CrmOpportunity,
    "quotes": PriceQuote,
    "exceptions": AccountException,
}


def typed_key(registration: Registration) -> str:
    """How a registration names its customer, in one spelling: what a person said of it holds for its like.

    A name without a domain or a city may be anybody's: "".
    """
    name, country = name_key(registration.account_name), country_code(registration.account_country)
    domain, city = registered_domain(registration.account_domain), city_key(registration.account_city)
    return f"{name}|{country}|{domain}|{city}"[:700] if name and (domain or city) else ""


def standing_partners(program_id: uuid.UUID) -> dict[uuid.UUID, uuid.UUID]:
    """Partners that were merged -> the partner that each counts as."""
    rows = IdentityChange.objects.filter(
        program_id=program_id, of_partners=True, kind=ChangeKind.MERGE, undone_at__isnull=True
    )
    direct = dict(rows.values_list("subject_id", "target_id"))
    return {one: _end_of(one, direct) for one in direct}


def _end_of(one: uuid.UUID, direct: dict[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    while one in direct:  # merge_partners makes no circles
        one = direct[one]
    return one


def why_no_merge(subject: Account, target: Account) -> str:
    """A sentence why these accounts cannot be merged; "" if they can."""
    if subject.pk == target.pk or subject.program_id != target.program_id:
        return "Choose two different accounts of one program."
    for account in (subject, target):
        if account.merged_into_id:
            return f"{account} counts as {account.merged_into} already: choose that one."
    for one, other in ((subject, target), (target, subject)):
        if one.pk in _ancestors(other):
            return f"{one} is a parent of {other}: relatives are not the same. Take the parent away first."
    return ""


def _ancestors(account: Account) -> list[uuid.UUID]:
    above: list[uuid.UUID] = []
    current = account.parent
    while current and current.pk not in above:
        above.append(current.pk)
        current = current.parent
    return above


@transaction.atomic
def merge_accounts(
    *, subject: Account, target: Account, by: User | None, at: datetime, reason: str = ""
) -> IdentityChange:
    """Let `subject` (and what was merged into it) count as `target` from now on."""
    subject, target = _locked(Account, subject, target)
    if sentence := why_no_merge(subject, target):
        raise NotPossibleError(sentence)
    members = list(Account.objects.select_for_update(no_key=True).filter(merged_into=subject).order_by("pk"))
    change = _change(ChangeKind.MERGE, subject, target, by, at, reason)
    for account in (subject, *members):
        account.merged_into = target
        save_row(account, by=by, at=at, action="account.merged", reason=reason, facts={"into": target.pk})
    change.moved = {
        "accounts": [str(member.pk) for member in members],
        "protections": _move_protections(subject, target, by, at),
    }
    return _keep(change, by, at)


def _move_protections(subject: Account, target: Account, by: User | None, at: datetime) -> list[str]:
    """One deal is protected at a time, which the database holds by account: where two meet, both stay where they are."""
    moved = []
    for row in Protection.objects.filter(account=subject, ended_at__isnull=True).order_by("pk"):
        row.account = target
        try:
            with transaction.atomic():
                save_row(row, by=by, at=at, action="protection.moved", facts={"to": target.pk})
        except IntegrityError:
            continue
        moved.append(str(row.pk))
    return moved


def why_no_partner_merge(subject: Partner, target: Partner) -> str:
    """A sentence why these partners cannot be merged; "" if they can."""
    if subject.pk == target.pk or subject.program_id != target.program_id:
        return "Choose two different partners of one program."
    standing = standing_partners(subject.program_id)
    for partner in (subject, target):
        if partner.pk in standing:
            return f"{partner} counts as {Partner.objects.get(pk=standing[partner.pk])} already: choose that one."
    if target.distributor_id == subject.pk or subject.distributor_id == target.pk:
        return f"{subject} and {target} are reseller and distributor: they are not the same company."
    return ""


@transaction.atomic
def merge_partners(
    *, subject: Partner, target: Partner, by: User | None, at: datetime, reason: str = ""
) -> IdentityChange:
    """Let `subject` count as `target`: one claimant with one set of agreements, in detection and in decisions.

    Their people keep seeing what each registered under its own name, and nothing else.
    """
    subject, target = _locked(Partner, subject, target)
    if sentence := why_no_partner_merge(subject, target):
        raise NotPossibleError(sentence)
    change = _change(ChangeKind.MERGE, subject, target, by, at, reason)
    return _keep(change, by, at)


@dataclass(frozen=True)
class Parts:
    """What leaves an account when it is split: names, and the ids of what hangs on it."""

    names: Collection[uuid.UUID] = ()
    registrations: Collection[uuid.UUID] = ()
    ownerships: Collection[uuid.UUID] = ()
    opportunities: Collection[uuid.UUID] = ()
    quotes: Collection[uuid.UUID] = ()
    exceptions: Collection[uuid.UUID] = ()

    def __bool__(self) -> bool:
        return any((self.names, self.registrations, *(getattr(self, kind) for kind in HELD)))


@transaction.atomic
def split_account(
    *, account: Account, name: str, parts: Parts, by: User, at: datetime, reason: str = ""
) -> IdentityChange:
    """Make an account of its own of what is another company: `parts` go to it, and so do later registrations like them."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if account.merged_into_id:
        raise NotPossibleError(f"{account} counts as {account.merged_into}: undo that merge instead.")
    if not name_key(name):
        raise NotPossibleError("Give the new account a name.")
    if not parts:
        raise NotPossibleError("Choose at least one record that goes to the new account.")
    other = _offshoot(account, name, by, at, reason)
    change = _change(ChangeKind.SPLIT, account, other, by, at, reason)
    change.moved = {
        "names": _move_names(parts.names, account, other, by, at),
        "registrations": [str(pk) for pk in _say(parts.registrations, account, other, by, at)],
    } | {kind: _move(kind, getattr(parts, kind), account, other, by, at) for kind in HELD}
    return _keep(change, by, at)


def _offshoot(account: Account, name: str, by: User | None, at: datetime, reason: str) -> Account:
    other = Account(
        program_id=account.program_id, name=name, country=account.country, subdivision=account.subdivision,
        city=account.city, postal_code=account.postal_code, industry=account.industry, segment=account.segment,
    )  # fmt: skip
    return record_account(account=other, by=by, at=at, reason=reason or "account.split")


def _move_names(
    names: Iterable[uuid.UUID], account: Account, other: Account, by: User | None, at: datetime
) -> list[str]:
    taken = _take_names(AccountName.objects.filter(account=account, pk__in=list(names)), account, by, at)
    record_account(account=other, by=by, at=at, aliases=tuple(taken), reason="account.split")
    return taken


def _say(
    registrations: Iterable[uuid.UUID], account: Account, other: Account, by: User, at: datetime
) -> list[uuid.UUID]:
    """These registrations name the other account, not this one."""
    rows = Registration.objects.filter(program_id=account.program_id, pk__in=list(registrations)).order_by("pk")
    for row in rows:
        say(registration=row, account=account, verdict=Verdict.DIFFERENT, by=by, at=at)
        say(registration=row, account=other, verdict=Verdict.SAME, by=by, at=at)
    return [row.pk for row in rows]


def _move(
    kind: str, ids: Iterable[uuid.UUID], account: Account, other: Account, by: User | None, at: datetime
) -> list[str]:
    rows: Any = HELD[kind]._default_manager.filter(account=account, pk__in=list(ids)).order_by("pk")
    moved = []
    for row in rows:
        row.account = other
        save_row(row, by=by, at=at, action=f"{row._meta.model_name}.moved", facts={"to": other.pk})
        moved.append(str(row.pk))
    return moved


@transaction.atomic
def say(
    *,
    registration: Registration,
    account: Account,
    verdict: Verdict,
    by: User,
    at: datetime,
    seen: list[dict[str, Any]] | None = None,
) -> MatchVerdict:
    """Keep a person's verdict on what a registration names; it wins over the machine from now on.

    "Same" makes the typed name a name of the account, so that the next one who types it is understood; "not the same"
    takes it away again.
    """
    row = MatchVerdict.objects.filter(registration=registration, account=account).first() or MatchVerdict(
        program_id=registration.program_id, registration=registration, account=account
    )
    row.verdict, row.said_by_id, row.said_at = verdict, by.pk, at
    # What was seen first stays: a second look would see the name that the first verdict gave to the account.
    row.typed, row.seen = typed_key(registration), row.seen or seen or []
    save_row(row, by=by, at=at, action="identity.said", facts={"verdict": verdict, "account": account.pk})
    if verdict == Verdict.SAME:
        record_account(account=account, by=by, at=at, aliases=(registration.account_name,), reason="identity.said")
    elif (key := name_key(registration.account_name)) != name_key(account.name):
        _take_names(AccountName.objects.filter(account=account, key=key), account, by, at)
    return row


def _take_names(names: models.QuerySet, account: Account, by: User | None, at: datetime) -> list[str]:
    rows = list(names.order_by("pk"))
    for row in rows:
        explain(row, by=by, at=at, reason="identity.said")
        row.delete()
    if rows:
        index_accounts(account.program_id, [account.pk])
    return [row.name for row in rows]


def why_no_undo(change: IdentityChange) -> str:
    """A sentence why this change cannot be taken back (now); "" if it can."""
    if change.undone_at:
        return "This was undone already."
    later = _later(change)
    return f"Undo the later {later.get_kind_display().lower()} of {later.subject_name} first." if later else ""


@transaction.atomic
def undo_change(*, change: IdentityChange, by: User | None, at: datetime) -> IdentityChange:
    """Take a merge or a split back: everything stands where it stood, and the conflicts are looked at again."""
    change = IdentityChange.objects.select_for_update(no_key=True).get(pk=change.pk)
    if sentence := why_no_undo(change):
        raise NotPossibleError(sentence)
    if not change.of_partners:
        _unmerge(change, by, at) if change.kind == ChangeKind.MERGE else _unsplit(change, by, at)
    change.undone_by_id, change.undone_at, change.examined_at = by.pk if by else None, at, None
    return _keep(change, by, at)


def _later(change: IdentityChange) -> IdentityChange | None:
    touched = (change.subject_id, change.target_id)
    return (
        IdentityChange.objects.filter(
            Q(subject_id__in=touched) | Q(target_id__in=touched),
            program_id=change.program_id, undone_at__isnull=True, pk__gt=change.pk,
        )
        .order_by("-pk")
        .first()
    )  # fmt: skip


def _unmerge(change: IdentityChange, by: User | None, at: datetime) -> None:
    members = change.moved["accounts"]
    for account in (
        Account.objects.select_for_update(no_key=True).filter(pk__in=[change.subject_id, *members]).order_by("pk")
    ):
        account.merged_into_id = None if account.pk == change.subject_id else change.subject_id
        save_row(account, by=by, at=at, action="account.unmerged", facts={"from": change.target_id})
    for row in Protection.objects.filter(pk__in=change.moved["protections"], account_id=change.target_id):
        row.account_id = change.subject_id
        save_row(row, by=by, at=at, action="protection.moved", facts={"to": change.subject_id})


def _unsplit(change: IdentityChange, by: User | None, at: datetime) -> None:
    """What left comes back; whatever the offshoot gained meanwhile follows, since it counts as the account again."""
    account, other = _locked(
        Account, Account.objects.get(pk=change.subject_id), Account.objects.get(pk=change.target_id)
    )
    for kind in HELD:
        _move(kind, change.moved[kind], other, account, by, at)
    for row in MatchVerdict.objects.filter(
        registration_id__in=change.moved["registrations"], account__in=(account, other)
    ):
        row.verdict, row.said_at = Verdict.SAME, at  # with the offshoot too: it counts as the account again
        save_row(row, by=by, at=at, action="identity.said", facts={"verdict": row.verdict, "account": row.account_id})
    other.merged_into = account
    save_row(other, by=by, at=at, action="account.merged", facts={"into": account.pk})
    record_account(account=account, by=by, at=at, aliases=tuple(change.moved["names"]), reason="account.unsplit")


def _locked(model: Any, subject: Any, target: Any) -> tuple[Any, Any]:
    """Both rows as they are now, locked in one order for everybody."""
    rows = {
        row.pk: row
        for row in model.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[subject.pk, target.pk])
        .order_by("pk")
    }
    return rows[subject.pk], rows[target.pk]


def _change(kind: ChangeKind, subject: Any, target: Any, by: User | None, at: datetime, reason: str) -> IdentityChange:
    return IdentityChange(
        program_id=subject.program_id, of_partners=isinstance(subject, Partner), kind=kind,
        subject_id=subject.pk, subject_name=subject.name, target_id=target.pk, target_name=target.name,
        reason=reason or f"{kind} of {subject.name} and {target.name}", made_by_id=by.pk if by else None, made_at=at,
    )  # fmt: skip


def _keep(change: IdentityChange, by: User | None, at: datetime) -> IdentityChange:
    """Save the change with its audit row; what it concerns is looked at again by whoever hears the nudge, or the sweep."""
    what = f"identity.{'undone' if change.undone_at else change.kind}"
    change.save()
    record(action=what, by=by, at=at, subject=change, program_id=change.program_id,
           facts={"subject": change.subject_id, "target": change.target_id})  # fmt: skip
    nudge("reviews.tasks.identity_changed", change.program_id, change.pk)
    return change
