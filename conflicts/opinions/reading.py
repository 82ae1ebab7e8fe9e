"""A worker asks the model where in a pasted text the fields stand that our rules did not find, and fills the draft with them."""

import uuid

from django.conf import settings
from django.utils import timezone

from channelconflict.scope import staff_of
from conflicts.models import ModelMode
from conflicts.opinions.configured import endpoint, limits
from conflicts.opinions.ledger import CallLedger
from conflicts.opinions.services import mode_of
from conflicts.recommend.llm import pointing
from conflicts.recommend.llm.talk import Answered
from partners.models import PastedText, Program, Registration, RegistrationStatus
from partners.pasted import pointed_at
from partners.pasted_form import about, missing_in, with_more
from partners.services import add_readings
from partners.views import products_of, today_in


def read_further(program: Program, registration_id: uuid.UUID) -> tuple[str, ...]:
    """The fields that were added. Nothing without a model that may read texts (a setting of its own, since names and all are
    sent), a switch that is on, or a draft with gaps; asked once."""
    where = endpoint() if settings.MODEL_READS_TEXTS else None
    with staff_of(program.pk):
        pasted = _gaps(registration_id)
        on = mode_of(program.pk)[0] == ModelMode.ON
    if where is None or pasted is None or not on:
        return ()
    from conflicts.recommend.llm import client  # takes half a second to import: only a worker that asks needs it

    asked = pointing.question(pasted.text, missing_in(pasted))
    answer = client.ask(asked, endpoint=where, limits=limits(), ledger=CallLedger(program.pk, where.model))
    if not isinstance(answer, Answered):
        return ()
    with staff_of(program.pk):
        return _fill(program, registration_id, answer.value)


def _gaps(registration_id: uuid.UUID) -> PastedText | None:
    """The text of a draft that has fields to fill."""
    rows = PastedText.objects.select_related("registration__partner")
    pasted = rows.filter(registration=registration_id, registration__status=RegistrationStatus.DRAFT).first()
    return pasted if pasted and missing_in(pasted) else None


def _fill(program: Program, registration_id: uuid.UUID, words: dict[str, str]) -> tuple[str, ...]:
    """Read what was pointed at into the fields that are still empty: the partner may have typed them meanwhile."""
    Registration.objects.select_for_update(no_key=True).filter(pk=registration_id).first()
    pasted = _gaps(registration_id)
    if pasted is None:
        return ()
    products, today = products_of(program), today_in(program)
    known = about(program, products, [pasted.registration.partner], today)
    found = pointed_at(pasted.text, {f: said for f, said in words.items() if f in missing_in(pasted)}, known)
    draft, taken = with_more(pasted.registration, found, program=program, products=products, today=today)
    if taken:
        add_readings(pasted=pasted, draft=draft, readings=taken, by=None, at=timezone.now())
    return tuple(taken)
