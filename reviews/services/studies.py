"""Studies: a decided case becomes one in the decision's own transaction; people write the lessons."""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from channelconflict.audit import explain, record
from channelconflict.models import User
from conflicts.models import Precedent
from partners.permissions import Role, roles_in
from partners.services import NotPossibleError, StaleRowError
from reviews.models import Case, Decision, Lesson, Study
from reviews.models.study import LONGEST_TAG
from reviews.permissions import NotAllowedError
from reviews.services.working import check_staff

_WORD = re.compile(r"[^\W_]+")
MOST_TAGS = 8
LEADS = (Role.CHANNEL_LEAD, Role.REVENUE_LEAD)


def folded(text: str) -> str:
    """Text as it is searched: plain words, small letters, no accents: 'muller' finds 'Müller', 'cf 2041' CF-2041."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).casefold()))


def keep_study(*, case: Case, decision: Decision) -> Study:
    """What a decided case is found by, from the case, its precedent, its decision and its lessons; once a case."""
    like = Precedent.objects.get(conflict=case.conflict_id)
    lessons = list(case.lessons.order_by("written_at", "pk"))
    names = [party.name for party in case.parties.select_related("partner")]
    told = [case.ref, case.account.name, *names, decision.reason_text, decision.recommendation.sentence]
    told += [part for lesson in lessons for part in (lesson.text, *lesson.tags)]
    kept, _ = Study.objects.update_or_create(
        case=case,
        defaults={
            "program_id": case.program_id,
            "kind": case.kind,
            "action": decision.action,
            "is_override": decision.is_override,
            "reason_code": decision.reason_code,
            "country": like.country,
            "subdivision": like.subdivision,
            "product_lines": like.product_lines,
            "tiers": like.tiers,
            "tags": sorted({tag for lesson in lessons for tag in lesson.tags}),
            "words": folded("\n".join(told)),
            "decided_at": decision.decided_at,
        },
    )
    return kept


def keep_missing_studies(*, program_id: uuid.UUID) -> Iterator[Study]:
    """Make studies of the decided cases of a program that have a precedent and no study: from before there were any."""
    rows = Case.objects.filter(
        Q(program_id=program_id, decided_at__isnull=False, study__isnull=True), conflict__precedent__isnull=False
    )
    for case in rows.select_related("account").order_by("number").iterator(200):
        latest = case.decisions.select_related("recommendation").defer("snapshot").order_by("-number").first()
        if latest is not None:
            yield keep_study(case=case, decision=latest)


def why_no_lesson(user: User, case: Case) -> str:
    """The sentence that says why `user` may not write a lesson of a case, or ""."""
    if case.decided_at is None:
        return "A lesson is drawn from a decided case."
    if roles_in(user, case.program_id) & set(LEADS) or case.approvals.filter(approved_by=user).exists():
        return ""
    return "Whoever decided the case, or a lead, writes its lessons."


@transaction.atomic
def write_lesson(*, case: Case, text: str, tags: Iterable[str], by: User, at: datetime) -> Lesson:
    """Keep a lesson of a decided case; it is found by its words and tags from now on."""
    _check_may_write(case, by)
    lesson = Lesson(program_id=case.program_id, case=case, written_by=by, written_at=at, version=0)
    return _keep(lesson, text, tags, by, at)


@transaction.atomic
def change_lesson(
    *, lesson: Lesson, text: str, tags: Iterable[str], by: User, at: datetime, seen_version: int
) -> Lesson:
    """Put a lesson in other words: its writer's own, or for a lead anybody's; the history keeps the earlier ones."""
    lesson = Lesson.objects.select_for_update(no_key=True, of=("self",)).select_related("case").get(pk=lesson.pk)
    _check_may_write(lesson.case, by)
    if lesson.written_by_id != by.pk and not roles_in(by, lesson.program_id) & set(LEADS):
        raise NotAllowedError("Its writer, or a lead, changes a lesson.")
    if lesson.version != seen_version:
        raise StaleRowError(
            "Somebody else changed this lesson meanwhile. Nothing was saved: read it and send yours again."
        )
    return _keep(lesson, text, tags, by, at)


def _check_may_write(case: Case, by: User) -> None:
    check_staff(by, case)
    why_not = why_no_lesson(by, case)
    if why_not:
        raise NotAllowedError(why_not)


def _keep(lesson: Lesson, text: str, tags: Iterable[str], by: User, at: datetime) -> Lesson:
    if not text.strip():
        raise NotPossibleError("Write the lesson in a sentence or two.")
    lesson.text, lesson.tags, lesson.version = text.strip(), _tags(tags), lesson.version + 1
    explain(lesson, by=by, at=at, reason="lesson.written")
    lesson.save()
    case = lesson.case
    record(action="case.lesson_written", by=by, at=at, subject=lesson, program_id=case.program_id, case_id=case.pk,
           facts={"lesson_version": lesson.version}, private={"text": lesson.text})  # fmt: skip
    decision = case.decisions.select_related("recommendation").defer("snapshot").order_by("-number").first()
    if decision is not None:
        keep_study(case=case, decision=decision)
    return lesson


def _tags(tags: Iterable[str]) -> list[str]:
    found = sorted({" ".join(tag.split()).casefold() for tag in tags} - {""})
    if len(found) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in found):
        raise NotPossibleError(f"Up to {MOST_TAGS} tags of {LONGEST_TAG} characters, with commas between them.")
    return found
