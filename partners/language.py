"""In which language a partner is told things and reads the portal: its own choice, else the program's first."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from channelconflict.models import User
from partners.models import Partner, PartnerLanguage
from partners.permissions import may
from partners.services import NotPossibleError, save_row


def speaking_to(partner_id: uuid.UUID | None) -> Any:
    """A context in which texts are written in the language of this partner; the direct team's is the first. One query."""
    chosen = PartnerLanguage.objects.filter(partner=partner_id).values_list("language", flat=True).first()
    return translation.override(chosen or settings.LANGUAGE_CODE)


@transaction.atomic
def choose_language(*, partner: Partner, language: str, by: User, at: datetime) -> PartnerLanguage:
    """The language of what this partner is told from now on, and of its portal; whoever manages its people says it."""
    if not may(by, "manage_members", partner):
        raise NotPossibleError(_("Only an admin of your company can choose its language."))
    if language not in dict(settings.LANGUAGES):
        raise NotPossibleError(_("Choose one of the languages."))
    rows = PartnerLanguage.objects.select_for_update(no_key=True)
    row = rows.filter(partner=partner).first() or PartnerLanguage(program_id=partner.program_id, partner=partner)
    row.language, row.chosen_at = language, at
    return save_row(row, by=by, at=at, action="language.chosen", facts={"language": language, "partner": partner.pk})
