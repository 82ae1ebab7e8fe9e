"""What a party's own page says of an appeal and a hold: from its own side alone, one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from partners.models import Registration
from partners.permissions import visible
from reviews.interim_notices import who_speaks
from reviews.models import Appeal, Party, PartyOutcome

_AGAINST = (PartyOutcome.SHARED, PartyOutcome.SUPPORT, PartyOutcome.NOT_AWARDED)


@dataclass(frozen=True)
class Standing:
    """One side as its own people see it; `appeal_until` is set while it may still appeal."""

    party: Party
    appeal: Appeal | None
    appeal_until: datetime | None
    held_until: datetime | None
    speaks: str


def standing_of(user: Any, registration: Registration, now: datetime) -> Standing | None:
    """The side of the latest case that this registration opened for its partner; None when no case did."""
    rows = visible(user, Party.objects.filter(registration=registration, left_at__isnull=True))
    party = rows.select_related("appeal").order_by("-joined_at", "-pk").first()
    if party is None:
        return None
    party.registration = registration
    appeal = getattr(party, "appeal", None)
    open_ = party.outcome in _AGAINST and appeal is None and party.appeal_until and now <= party.appeal_until
    speaks = who_speaks(party.speaker) if party.held_until else ""
    return Standing(party, appeal, party.appeal_until if open_ else None, party.held_until, speaks)
