"""A program's own playbooks, and what of them was done on a case."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from channelconflict.audit import explain, record
from channelconflict.models import User
from partners.models import Program
from partners.permissions import may
from partners.services import NotPossibleError, StaleRowError, save_row
from reviews.models import Case, Playbook, PlaybookTick
from reviews.models.playbook import LONGEST_ITEM
from reviews.permissions import NotAllowedError
from reviews.playbooks import STANDARD_PLAYS, Play, problems
from reviews.playbooks.play import MOST_ITEMS
from reviews.services.cases import lock_case
from reviews.services.working import check_staff
from reviews.states import UNDECIDED, WrongStateError


def play_for(program: Program, kind: str) -> tuple[Play, Playbook | None]:
    """The playbook in force for a kind of case: the program's own, else the standard one; and the own row, if any."""
    own = Playbook.objects.filter(program=program, kind=kind).first()
    return of_row(own) if own else standard(kind), own


def standard(kind: str) -> Play:
    """The playbook that ships; a kind without one of its own is handled as routine."""
    return STANDARD_PLAYS.get(kind) or STANDARD_PLAYS["routine"]


def of_row(row: Playbook) -> Play:
    """A program's own playbook as a value."""
    return Play(row.kind, standard(row.kind).title, tuple(row.gather), tuple(row.weigh), row.question, row.notice)


@transaction.atomic
def change_playbook(
    *, program: Program, play: Play, reason: str, by: User, at: datetime, seen_version: int
) -> Playbook:
    """Keep a program's own playbook of a kind as its next version; 0 was seen by whoever saw the standard one.

    Going back to the standard is a change like any other: its words become the next version.
    """
    if not may(by, "change_rules", program):
        raise NotAllowedError("Playbooks are changed by program admins and sales operations.")
    if play.kind not in STANDARD_PLAYS:
        raise NotPossibleError("There is no such kind of case.")
    _check_items("gather", play.gather)
    _check_items("weigh", play.weigh)
    for text in (play.question, play.notice):
        wrong = problems(text) if text.strip() else ["A text is missing."]
        if wrong:
            raise NotPossibleError(wrong[0])
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # two first versions at once: the second sees it
    row = Playbook.objects.filter(program=program, kind=play.kind).first()
    version = row.version if row else 0
    if version != seen_version:
        raise StaleRowError(
            f"This playbook was changed by somebody else meanwhile (version {version}, you saw {seen_version}). "
            "Nothing was saved: compare, and send yours again."
        )
    row = row or Playbook(program=program, kind=play.kind, version=0)
    row.gather, row.weigh, row.question, row.notice = list(play.gather), list(play.weigh), play.question, play.notice
    row.version, row.changed_at = row.version + 1, at
    facts = {"kind": row.kind, "version": row.version}
    return save_row(row, by=by, at=at, action="playbook.changed", reason=reason, facts=facts)


def _check_items(name: str, items: Iterable[str]) -> None:
    items = list(items)
    called = "what to gather" if name == "gather" else "what to weigh"
    if not 1 <= len(items) <= MOST_ITEMS:
        raise NotPossibleError(f"List 1 to {MOST_ITEMS} lines under {called}.")
    if len(set(items)) < len(items):
        raise NotPossibleError(f"A line stands twice under {called}.")
    if any(not item.strip() or len(item) > LONGEST_ITEM for item in items):
        raise NotPossibleError(f"A line under {called} is empty or longer than {LONGEST_ITEM} characters.")


@transaction.atomic
def tick_item(*, case: Case, item: str, done: bool, by: User, at: datetime) -> PlaybookTick:
    """Say that an item of the case's playbook is done, or that it is not after all. The case itself stays as it is.

    An item that was ticked under earlier words can still be unticked.
    """
    case = lock_case(case, None)
    check_staff(by, case)
    if case.status not in UNDECIDED:
        raise WrongStateError(f"{case.ref} is decided: its checklist stays as it was.")
    row = PlaybookTick.objects.filter(case=case, item=item).first()
    if row is None and item not in play_for(case.program, case.kind)[0].gather:
        raise NotPossibleError("This item is not on the playbook any more: load the page again.")
    if row is not None and row.done == done:
        return row
    row = row or PlaybookTick(program_id=case.program_id, case=case, item=item)
    row.done, row.said_by_id, row.said_at = done, by.pk, at
    action = "case.item_done" if done else "case.item_undone"
    explain(row, by=by, at=at, reason=action)
    row.save()
    record(
        action=action, by=by, at=at, subject=row, program_id=case.program_id, case_id=case.pk, private={"item": item}
    )
    return row
