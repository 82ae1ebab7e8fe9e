"""Papers with files: added to a registration, taken back from a draft by its party, withdrawn by staff for a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from channelconflict.audit import explain, record
from channelconflict.language import counted
from channelconflict.models import User
from channelconflict.tasks import nudge
from partners.evidence_files import Brought, keep_bytes, lock_files
from partners.models import PENDING, Evidence, EvidenceFile, Registration, RegistrationStatus
from partners.permissions import roles_in
from partners.services import NotPossibleError, add_evidence, save_row

TAKES_PROOF = (RegistrationStatus.DRAFT, *PENDING, RegistrationStatus.APPROVED)
_MIB = 1024**2


@dataclass(frozen=True)
class Added:
    """The papers that were added, and the names of files that the registration had already."""

    papers: tuple[Evidence, ...]
    again: tuple[str, ...]


@transaction.atomic
def add_files(
    *, registration: Registration, files: Sequence[Brought], kind: str, by: User, at: datetime, note: str = ""
) -> Added:
    """Add files as papers of one kind, each its own; the same bytes on one registration are kept once."""
    registration = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
    if registration.status not in TAKES_PROOF:
        status = registration.get_status_display().lower()
        raise NotPossibleError(_("Nothing can be added: this registration is %(status)s.") % {"status": status})
    lock_files(registration.program_id, registration.partner_id)
    known = set(_counting(registration).values_list("sha256", flat=True))
    new: dict[str, Brought] = {}
    again = []
    for file in files:
        if file.sha256 in known or file.sha256 in new:
            again.append(file.name)
        else:
            new[file.sha256] = file
    _check_room(registration, len(known), list(new.values()))
    return Added(tuple(_add(registration, file, kind, note, by, at) for file in new.values()), tuple(again))


def _counting(registration: Registration) -> QuerySet[EvidenceFile]:
    return registration.files.filter(evidence__withdrawn_at__isnull=True)


def _check_room(registration: Registration, has: int, new: Sequence[Brought]) -> None:
    most, room = settings.EVIDENCE_FILES_OF_REGISTRATION, settings.EVIDENCE_BYTES_OF_PARTNER
    if has + len(new) > most:
        text = _("A registration holds up to %(most)s files: this one has %(has)s, and you bring %(new)s more.")
        raise NotPossibleError(text % {"most": most, "has": has, "new": len(new)})
    mine = EvidenceFile.objects.filter(
        program_id=registration.program_id, partner_id=registration.partner_id, evidence__withdrawn_at__isnull=True
    )
    used = mine.aggregate(bytes=Sum("size"))["bytes"] or 0
    if used + sum(file.size for file in new) > room:
        text = _(
            "Your company's files may take %(room)s MB together; %(used)s MB are used."
            " Send smaller ones, or ask the vendor for more room."
        )
        raise NotPossibleError(text % {"room": counted(room // _MIB), "used": counted(round(used / _MIB))})


def _add(registration: Registration, file: Brought, kind: str, note: str, by: User, at: datetime) -> Evidence:
    # The bytes first: a row never names what is not there. Bytes without a row are swept.
    keep_bytes(registration.program_id, registration.partner_id, file)
    paper = add_evidence(registration=registration, kind=kind, note=note, by=by, at=at)
    row = EvidenceFile(
        program_id=registration.program_id, partner_id=registration.partner_id, registration=registration, evidence=paper,
        name=file.name, form=file.form, size=file.size, sha256=file.sha256, flags=list(file.flags), added_by_id=by.pk,
        added_at=at,
    )  # fmt: skip
    facts = {"form": file.form, "bytes": file.size, "sha256": file.sha256, "flags": list(file.flags)}
    save_row(row, by=by, at=at, action="evidence.file_added", facts=facts)
    return paper


@transaction.atomic
def take_evidence_back(*, evidence: Evidence, by: User, at: datetime) -> Evidence:
    """A party takes a paper back while its registration is a draft; afterwards what was sent is on the record."""
    evidence, registration = _locked(evidence)
    if registration.status != RegistrationStatus.DRAFT or registration.submitted_at:
        raise NotPossibleError(
            _("It was sent: papers can be taken back from a draft only. Ask the vendor to withdraw it.")
        )
    return _withdraw(evidence, by, at, "evidence.taken_back")


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, reason: str, by: User, at: datetime) -> Evidence:
    """Staff who decide cases withdraw a paper for a reason, which its party reads: it stays on the record, and counts no
    more."""
    evidence = _locked(evidence)[0]
    if not roles_in(by, evidence.program_id):
        raise NotPossibleError("Only people who decide cases can withdraw a paper.")
    if not reason.strip():
        raise NotPossibleError("Say in a sentence why it counts no more: its party reads it.")
    evidence.withdrawn_because = reason.strip()
    return _withdraw(evidence, by, at, "evidence.withdrawn")


def _locked(evidence: Evidence) -> tuple[Evidence, Registration]:
    registration = Registration.objects.select_for_update(no_key=True).get(pk=evidence.registration_id)
    evidence = Evidence.objects.get(pk=evidence.pk)
    if evidence.withdrawn_at:
        raise NotPossibleError(_("It is withdrawn already."))
    return evidence, registration


def _withdraw(evidence: Evidence, by: User, at: datetime, action: str) -> Evidence:
    evidence.withdrawn_at, evidence.withdrawn_by_id = at, by.pk
    explain(evidence, by=by, at=at, reason=action)
    # Of these columns alone: a party may write no other of a paper that it added.
    evidence.save(update_fields=["withdrawn_at", "withdrawn_by_id", "withdrawn_because"])
    private = {"reason": evidence.withdrawn_because} if evidence.withdrawn_because else {}
    record(action=action, by=by, at=at, subject=evidence, program_id=evidence.program_id, private=private)
    nudge("reviews.tasks.look_again", evidence.program_id)
    return evidence


@transaction.atomic
def read_file(*, file: EvidenceFile, by: User, at: datetime) -> EvidenceFile:
    """Staff fetch a file: who read what of a party is on the record."""
    facts = {"registration": file.registration_id, "sha256": file.sha256}
    record(action="evidence.file_read", by=by, at=at, subject=file, program_id=file.program_id, facts=facts)
    return file
