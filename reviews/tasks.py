"""What workers run. A task gets ids, states whose scope it runs in, and may run twice; `sweep` finds what was missed."""

import uuid
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import Claim
from conflicts.services import examine_territories
from partners.models import Program, Registration
from reviews import pipeline
from reviews.models import Case, Outbox, OutboxStatus
from reviews.services.cases import resume_case, save_case
from reviews.states import Act, CaseStatus, check_can
from reviews.writeback import outbox

APPEAL_WINDOW = timedelta(days=14)


def process_registration(program_id: str, registration_id: str) -> None:
    """Assess a submitted registration; an answered request first starts its case's clock again."""
    program, at = Program.objects.get(pk=program_id), timezone.now()
    with staff_of(program.pk):
        registration = Registration.objects.get(pk=registration_id)
        resume_case(registration=registration, at=at)
    pipeline.process_registration(program, uuid.UUID(registration_id), at)


def claims_changed(program_id: str, registration_id: str) -> None:
    """A claim changed or ended: look at its claim set again."""
    program, at = Program.objects.get(pk=program_id), timezone.now()
    with staff_of(program.pk):
        claim = Claim.objects.filter(registration_id=registration_id).first()
    if claim:
        pipeline.examine(program, pipeline.claim_accounts(claim), at)


def rules_changed(program_id: str) -> None:
    """Territory rules changed: see whether they collide."""
    program = Program.objects.get(pk=program_id)
    with staff_of(program.pk):
        examine_territories(program=program, at=timezone.now())


def deliver(program_id: str) -> None:
    """Send what is due to the program's targets."""
    outbox.deliver_due(Program.objects.get(pk=program_id))


def sweep() -> None:
    """Find what waits in any program: registrations whose nudge was lost, writes that are due, windows that ended."""
    at = timezone.now()
    for program in Program.objects.order_by("code"):
        with staff_of(program.pk):
            waiting = list(Registration.objects.awaiting_assessment().filter(program=program))
            for registration in waiting:
                resume_case(registration=registration, at=at)
        if waiting:
            pipeline.detect(program, at, careful=True)
        outbox.deliver_due(program)
        with staff_of(program.pk):
            close_cases(program)


def close_cases(program: Program) -> None:
    """Make decided cases final when the appeal window has passed, and close final ones whose writes are confirmed."""
    at = timezone.now()
    for case in Case.objects.select_for_update(skip_locked=True).filter(
        program=program, status=CaseStatus.DECIDED, decided_at__lte=at - APPEAL_WINDOW
    ):
        case.status = check_can(case.status, Act.FINALISE)
        save_case(case, by=None, at=at, action="case.final")
    unsent = Outbox.objects.filter(case=OuterRef("pk")).exclude(status=OutboxStatus.DELIVERED)
    for case in Case.objects.select_for_update(skip_locked=True).filter(
        ~Exists(unsent), program=program, status=CaseStatus.FINAL
    ):
        case.status, case.closed_at = check_can(case.status, Act.CLOSE), at
        save_case(case, by=None, at=at, action="case.closed")
