"""A mediation under way: neither side is clearly ahead, Lena facilitates, and a split waits for both answers."""

from datetime import datetime, timedelta
from decimal import Decimal

from channelconflict.models import User
from reviews.choices import Choice
from reviews.models import Case, EntryKind, MediationStage
from reviews.services.mediation import Invitation, note_entry, open_talks, propose
from reviews.settling_texts import playbook

INTERESTS = ("The service contract of the next five years.", "The pumps of the first phase, as it planned them.")


def enter_talks(case: Case, people: dict[str, User], now: datetime) -> None:
    """Carl asked the sides this morning; Lena has heard both and puts a proposal."""
    begun = now - timedelta(hours=3)
    asked = Invitation(MediationStage.MEDIATION, playbook(case.kind), case.program.settle_days, people["lena"])
    talks = open_talks(case=case, invitation=asked, by=people["carl"], at=begun, seen_version=case.version)
    parties = list(case.parties.filter(left_at__isnull=True).order_by("joined_at", "pk"))
    for party, text in zip(parties, INTERESTS, strict=True):
        note_entry(mediation=talks, kind=EntryKind.INTEREST, text=text, party=party, by=people["lena"], at=now)
    note_entry(mediation=talks, kind=EntryKind.MINUTES, text="Both sides know the plant; neither disputes the other's visits.",
               by=people["lena"], at=now)  # fmt: skip
    note_entry(mediation=talks, kind=EntryKind.ACTION, text="Send both the drawing of the first phase.", who="Lena Fischer",
               due_on=(now + timedelta(days=2)).date(), by=people["lena"], at=now)  # fmt: skip
    shares = {str(parties[0].partner_id): Decimal(45), str(parties[1].partner_id): Decimal(55)}
    case.refresh_from_db()
    propose(
        mediation=talks, choice=Choice("split", shares=shares), by=people["lena"], at=now, seen_version=case.version,
        body="The first contact and the signed statement of work count about alike; the service goes with the larger share.",
    )  # fmt: skip
