"""What workers run. A task gets ids, states whose scope it runs in, and may run twice; `sweep` finds what was missed."""

import logging
import uuid
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from channelconflict.scope import staff_of
from channelconflict.tasks import nudge
from conflicts.drafting.publishing import publish_due
from conflicts.opinions.giving import give_opinion, waits_for_opinion
from conflicts.opinions.reading import read_further
from conflicts.scanning import resume_scans, work
from conflicts.signals.services import examine_signals
from partners import evidence_files
from partners.batch_work import forget_previews, resume_batches, work_on_batch
from partners.models import IdentityChange, Program, Registration
from reviews import interim, leads, leaving, pipeline, practice, protection, reminding, sending, stages
from reviews.backtest.running import resume_trials, work_on_trial
from reviews.bulk import resume_bulks, work_on_bulk
from reviews.handing_out import hand_out_cases
from reviews.low_risk import approve_low_risk
from reviews.models import Appeal, AppealStatus, Case, Outbox, OutboxStatus, PolicyReminder
from reviews.services import appeals
from reviews.services.announcing import send_policy_reminder
from reviews.services.asking import resume_case
from reviews.services.cases import save_case
from reviews.services.concerns import settle_concerns
from reviews.spot_checks import draw_spot_checks
from reviews.states import APPEAL_WINDOW, Act, CaseStatus, check_can
from reviews.writeback import outbox

log = logging.getLogger(__name__)
FILING_TAKES = timedelta(minutes=5)  # an appeal sent in the last second of its window is still on its way


def process_registration(program_id: str, registration_id: str) -> None:
    """Assess a submitted registration; an answered request first starts its case's clock again."""
    found = _found(program_id, registration_id)
    if found is None:
        return
    program, registration, at = *found, timezone.now()
    protection.settle_ends(program, at)  # what ended a moment ago may renew: nobody is judged in between
    with staff_of(program.pk):
        resume_case(registration=registration, at=at)
    pipeline.process_registration(program, registration.pk, at)


def look_again(program_id: str) -> None:
    """Facts changed, or a date came: look at what that concerns again."""
    for program in Program.objects.filter(pk=program_id):
        at = timezone.now()
        protection.settle_ends(program, at)
        pipeline.look_again(program, at)


def identity_changed(program_id: str, change_id: str) -> None:
    """Accounts or partners were merged, split, or that was undone: look at what it concerns again."""
    for program in Program.objects.filter(pk=program_id):
        with staff_of(program.pk):
            waits = IdentityChange.objects.filter(pk=change_id, examined_at__isnull=True).exists()
        if waits:
            pipeline.process_change(program, uuid.UUID(change_id), timezone.now())


def _found(program_id: str, registration_id: str) -> tuple[Program, Registration] | None:
    """The rows that a task is about; None when they are gone meanwhile (a demo was reset): then nothing is to do."""
    program = Program.objects.filter(pk=program_id).first()
    if program is None:
        return None
    with staff_of(program.pk):
        registration = Registration.objects.select_related("program", "partner").filter(pk=registration_id).first()
    return (program, registration) if registration else None


def look_for_duplicates(program_id: str, scan_id: str) -> None:
    """Go on with a look through the stock: some two minutes at a time, as a worker ends what takes five."""
    for program in Program.objects.filter(pk=program_id):
        scan = work(program, uuid.UUID(scan_id), seconds=120)
        if scan and scan.finished_at is None:
            nudge("reviews.tasks.look_for_duplicates", program.pk, scan.pk)


def try_policy(program_id: str, trial_id: str) -> None:
    """Go on with a policy's trial on past cases: some two minutes at a time, as a worker ends what takes five."""
    for program in Program.objects.filter(pk=program_id):
        trial = work_on_trial(program, uuid.UUID(trial_id), seconds=120)
        if trial and trial.finished_at is None:
            nudge("reviews.tasks.try_policy", program.pk, trial.pk)


def look_after_leads(program_id: str) -> None:
    """A partner answered an offer: take it over, or offer the lead to the next one."""
    for program in Program.objects.filter(pk=program_id):
        leads.look_after(program, timezone.now())


def follow_talks(program_id: str) -> None:
    """A side answered a proposal: see whether there is an agreement."""
    for program in Program.objects.filter(pk=program_id):
        stages.look_after(program, timezone.now())


def ask_model(program_id: str, recommendation_id: str) -> None:
    """Ask the model for its opinion of a recommendation that stands; no transaction is open while it is waited for."""
    for program in Program.objects.filter(pk=program_id):
        give_opinion(program, uuid.UUID(recommendation_id))


def read_pasted(program_id: str, registration_id: str) -> None:
    """Ask the model, where one is configured, for what our rules did not find in a pasted text."""
    for program in Program.objects.filter(pk=program_id):
        read_further(program, uuid.UUID(registration_id))


def take_up_appeal(program_id: str, appeal_id: str) -> None:
    """A side appealed: its case is under appeal from now on."""
    for program in Program.objects.filter(pk=program_id):
        with staff_of(program.pk):
            appeal = Appeal.objects.filter(pk=appeal_id).first()
            if appeal:
                appeals.take_up_appeal(appeal=appeal, at=timezone.now())


def remind_of_policy(program_id: str, reminder_id: str) -> None:
    """Staff remind whoever has not acknowledged a change of the rules: write the notices."""
    for program in Program.objects.filter(pk=program_id):
        with staff_of(program.pk):
            for reminder in PolicyReminder.objects.filter(pk=reminder_id):
                send_policy_reminder(reminder=reminder, at=timezone.now())


def approve_bulk(program_id: str, bulk_id: str) -> None:
    """Approve the cases of a bulk that somebody sent."""
    for program in Program.objects.filter(pk=program_id):
        work_on_bulk(program, uuid.UUID(bulk_id))


def help_with_bulk(program_id: str, bulk_id: str) -> None:
    """The same beside it, where there are many: each takes what the other has not."""
    approve_bulk(program_id, bulk_id)


def register_many(program_id: str, batch_id: str) -> None:
    """Register the rows of a file that a partner sent."""
    for program in Program.objects.filter(pk=program_id):
        work_on_batch(program, uuid.UUID(batch_id))


def tidy_files() -> None:
    """Every night: bytes that no paper names any more, and previews that nobody sent."""
    for program in Program.objects.order_by("code"):
        try:
            with staff_of(program.pk):
                evidence_files.sweep(program, timezone.now())
                forget_previews(program, timezone.now())
        except Exception:  # one program's trouble must not keep the others waiting
            log.exception("tidying up files failed in program %s", program.code)


def deliver(program_id: str) -> None:
    """Send what is due to the program's targets."""
    for program in Program.objects.filter(pk=program_id):
        outbox.deliver_due(program)


def send_notices(program_id: str) -> None:
    """Something waits to be told outside the portal: plan it, and send what is due by mail and to webhooks."""
    for program in Program.objects.filter(pk=program_id):
        sending.send_notices(program)


def sweep() -> None:
    """Find what waits in any program: ended protections, rows whose nudge was lost, due writes, ended windows."""
    for program in Program.objects.order_by("code"):
        for look in _LOOKS:
            try:
                look(program)
            except Exception:  # one program's trouble must not keep the others waiting
                log.exception("%s failed in program %s", look.__name__, program.code)


def look_for_signals() -> None:
    """Every night: compare the histories of each program with what is usual."""
    for program in Program.objects.order_by("code"):
        try:
            with staff_of(program.pk):
                examine_signals(program=program, at=timezone.now())
        except Exception:  # one program's trouble must not keep the others waiting
            log.exception("looking for signals failed in program %s", program.code)


def look_for_drift() -> None:
    """Every night: whether people part from the rules in any stream of decisions."""
    for program in Program.objects.order_by("code"):
        try:
            with staff_of(program.pk):
                practice.examine_drift(program=program, at=timezone.now())
        except Exception:  # one program's trouble must not keep the others waiting
            log.exception("looking for drift failed in program %s", program.code)


def _look_again(program: Program) -> None:
    """Protections that ended, registrations that wait for assessment, facts that changed, dates, merges that wait."""
    at = timezone.now()
    protection.look_after(program, at)
    with staff_of(program.pk):
        waiting = list(Registration.objects.awaiting_assessment().filter(program=program))
        changes = list(
            IdentityChange.objects.filter(program=program, examined_at__isnull=True).order_by("made_at", "pk")
        )
    for registration in waiting:
        with staff_of(program.pk):
            resume_case(registration=registration, at=at)
    if waiting:
        pipeline.detect(program, at, careful=True)
    for change in changes:
        try:
            pipeline.process_change(program, change.pk, at)
        except Exception:  # one change's trouble must not keep the others waiting; it waits itself
            log.exception("change %s could not be looked at", change.pk)
    pipeline.look_again(program, at, careful=True)


def _look_after_leads(program: Program) -> None:
    leads.look_after(program, timezone.now())


def _look_after_appeals_and_holds(program: Program) -> None:
    interim.look_after(program, timezone.now())


def _look_after_stages(program: Program) -> None:
    stages.look_after(program, timezone.now())


def _remind_of_answers(program: Program) -> None:
    reminding.look_after(program, timezone.now())


def _settle_concerns(program: Program) -> None:
    """Tell those who raised a concern that its case is decided; one whose case ended otherwise waits for an answer."""
    with staff_of(program.pk):
        settle_concerns(program=program, at=timezone.now())


def _remind_of_policies(program: Program) -> None:
    """Reminders whose nudge was lost."""
    with staff_of(program.pk):
        for reminder in PolicyReminder.objects.filter(program=program, sent_at__isnull=True):
            send_policy_reminder(reminder=reminder, at=timezone.now())


def _ask_models(program: Program) -> None:
    """Recommendations whose nudge was lost wait for the model: they are queued again, asking is the workers' own task."""
    with staff_of(program.pk):
        waiting = waits_for_opinion(program, timezone.now())
    for key in waiting:
        nudge("reviews.tasks.ask_model", program.pk, key)


def publish_drafts(program: Program) -> None:
    """Let drafts of territory rules go live whose day has come."""
    with staff_of(program.pk):
        publish_due(program=program, at=timezone.now())


def settle_due(program: Program) -> None:
    """Let decided cases leave whose minutes are over."""
    leaving.settle_due(program, timezone.now())


def close_cases(program: Program) -> None:
    """Make decided cases final when the appeal window has passed, and close final ones whose writes are confirmed."""
    with staff_of(program.pk):
        _close_cases(program, timezone.now())


def _close_cases(program: Program, at: datetime) -> None:
    filed = Appeal.objects.filter(party__case=OuterRef("pk"), status=AppealStatus.FILED)
    over = at - APPEAL_WINDOW - FILING_TAKES
    for case in Case.objects.select_for_update(no_key=True, skip_locked=True).filter(
        ~Exists(filed), program=program, status=CaseStatus.DECIDED, decided_at__lte=over
    ):
        case.status = check_can(case.status, Act.FINALISE)
        save_case(case, by=None, at=at, action="case.final")
    unsent = Outbox.objects.filter(case=OuterRef("pk")).exclude(status=OutboxStatus.DELIVERED)
    for case in Case.objects.select_for_update(no_key=True, skip_locked=True).filter(
        ~Exists(unsent), program=program, status=CaseStatus.FINAL
    ):
        case.status, case.closed_at = check_can(case.status, Act.CLOSE), at
        save_case(case, by=None, at=at, action="case.closed")


# What a sweep looks for, in this order.
_LOOKS = (
    publish_drafts, _look_after_appeals_and_holds,
    _look_again, approve_low_risk, settle_due, outbox.deliver_due, close_cases, resume_scans, resume_trials, _look_after_leads,
    _ask_models, resume_bulks, hand_out_cases, _settle_concerns, _look_after_stages, draw_spot_checks,
    resume_batches, _remind_of_answers, sending.look_after, _remind_of_policies,
)  # fmt: skip
