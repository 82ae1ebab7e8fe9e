"""Furniture of the crawl that comes of knowledge: concerns of every state, a playbook of the program's own, ticks, lessons."""

from dataclasses import replace
from typing import Any

from partners import models as m
from reviews.frames import standard
from reviews.models import Case, Concern, Lesson
from reviews.playbooks import STANDARD_PLAYS
from reviews.raising import make_case
from reviews.services.concerns import answer_concern, raise_concern
from reviews.services.frames import change_template
from reviews.services.playbooks import change_playbook, play_for, tick_item
from reviews.services.studies import change_lesson, write_lesson
from tests.factories import AT, Cast


def know(cast: Cast) -> None:
    """Both partners have a concern that waits, one that was answered, and Alpha one that is decided as a case."""
    for partner, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
        with cast.scope():
            mine = m.Registration.objects.filter(partner=partner, account_name="Orion Industries").get()
            for number in range(3 if partner == cast.alpha else 2):
                new = Concern(
                    program=cast.program, partner=partner, registration=mine, category="direct", who=f"Somebody {number}",
                    happened_on=AT.date(), text=f"What {partner.name} saw {number}.",
                )  # fmt: skip
                concern = raise_concern(concern=new, by=rep, at=AT)
                words: dict[str, Any] = {"concern": concern, "by": cast.bob, "at": AT, "seen_version": 1}
                if number == 1:
                    answer_concern(
                        outcome="explained", answer=f"As we told {partner.name}.", note="Not for them.", **words
                    )
                elif number == 2:
                    make_case(**words)
    with cast.scope():
        account = m.Account.objects.get(program=cast.program, external_id="A-MIRA")
        new = Concern(
            program=cast.program, category="records", who="Mira", text="Two addresses.", product_lines=["pumps"]
        )
        raise_concern(concern=new, account=account, by=cast.bob, at=AT)
        _own_playbook(cast)
        _own_notice_text(cast)
        case = Case.objects.get(
            program=cast.program, account__name__startswith="Orion", status__in=("open", "in_review")
        )
        first, second, *_ = play_for(cast.program, case.kind)[0].gather
        tick_item(case=case, item=first, done=True, by=cast.bob, at=AT)
        for done in (True, False):
            tick_item(case=case, item=second, done=done, by=cast.bob, at=AT)
        decided = Case.objects.filter(program=cast.program, decided_at__isnull=False).order_by("number").first()
        lesson = write_lesson(case=decided, text="Ask for dates.", tags=["dates"], by=cast.carl, at=AT)
        change_lesson(lesson=lesson, text="Ask for dates first.", tags=["dates"], by=cast.carl, at=AT, seen_version=1)
        assert Lesson.objects.get(pk=lesson.pk).version == 2


def _own_notice_text(cast: Cast) -> None:
    """Two versions of the program's own words around an approval."""
    for version in (0, 1):
        frame = standard("approved")
        change_template(
            program=cast.program, kind="approved", frame=replace(frame, body=f"Good news no. {version}.\n\n{frame.body}"),
            reason=f"Because of {version}.", by=cast.pat, at=AT, seen_version=version,
        )  # fmt: skip


def _own_playbook(cast: Cast) -> None:
    """Two versions of the program's own words for one kind."""
    for version, kind in ((0, "competing_registration"), (1, "competing_registration"), (0, "routine")):
        play = replace(STANDARD_PLAYS[kind], gather=(*STANDARD_PLAYS[kind].gather, f"Our own item {version}"))
        change_playbook(
            program=cast.program, play=play, reason=f"Because of {version}.", by=cast.pat, at=AT, seen_version=version
        )
