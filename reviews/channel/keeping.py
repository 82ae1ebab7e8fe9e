"""Where every notice is put: into the party's portal, and the worker is told that it waits to leave."""

from channelconflict.tasks import nudge
from reviews.models import Notice


def keep_notice(notice: Notice) -> Notice:
    """Save a new notice in its act's transaction; the direct team reads the desk, and gets no mail."""
    notice.save()
    if notice.partner_id is not None:
        nudge("reviews.tasks.send_notices", notice.program_id)
    return notice
