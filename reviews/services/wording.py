"""What people write to a party is read before it leaves: it must not name another party, nor take a side."""

import uuid
from collections.abc import Iterable, Iterator

from partners.models import Partner, Registration
from partners.services import NotPossibleError
from reviews.models import Case, Party
from reviews.neutral import About, hard_flaws


def check_words(text: str, *, case: Case, to: Iterable[Party] | None = None) -> None:
    """Refuse a text for these parties of a case (None: for every one) that names another party or is not neutral.

    A text that goes to several must be fit for each: it may name none of them.
    """
    parties = list(case.parties.filter(left_at__isnull=True).select_related("partner", "registration"))
    _check(text, parties, {party.pk for party in (parties if to is None else to)})


def check_words_about(text: str, registration: Registration) -> None:
    """The same for a text to the party of one registration, whatever cases it is in."""
    here = Party.objects.filter(case__parties__registration=registration, left_at__isnull=True)
    parties = list(here.select_related("partner", "registration").order_by("pk").distinct())
    own = {p.pk for p in parties if p.partner_id == registration.partner_id}
    if own:
        _check(text, parties, own)
    else:
        _refuse(hard_flaws(text))


def check_words_to(text: str, partner: Partner, case: Case | None = None) -> None:
    """The same for a text to a partner that is about none of its registrations: it names nobody it ever met in a case.

    With a case also the numbers and addresses of that case's other sides.
    """
    if case:  # who left it is meant too
        sides = list(case.parties.select_related("partner", "registration"))
        _check(text, sides, {side.pk for side in sides if side.partner_id == partner.pk})
    met = Party.objects.filter(case__parties__partner=partner, partner__isnull=False).exclude(partner=partner)
    names = met.order_by().values_list("partner__name", "partner__external_id").distinct()
    others = tuple(word for pair in names for word in pair if not word.isdecimal())  # a bare number may be a year
    _refuse(hard_flaws(text, About((partner.name, partner.external_id), others)))


def _check(text: str, parties: list[Party], receivers: set[uuid.UUID]) -> None:
    for receiver in parties:
        if receiver.pk in receivers:
            others = [word for party in parties if party.name != receiver.name for word in _called(party)]
            _refuse(hard_flaws(text, About(tuple(_called(receiver)), tuple(others))))


def _called(party: Party) -> Iterator[str]:
    """What a side is called by: names, numbers and addresses that stand for it and nobody else."""
    yield party.name
    if party.partner:
        yield party.partner.external_id
    if party.registration:
        yield from (party.registration.ref, party.registration.number, party.registration.contact_email)


def _refuse(flaws: list[str]) -> None:
    if flaws:
        raise NotPossibleError(" ".join(dict.fromkeys(flaws)))
