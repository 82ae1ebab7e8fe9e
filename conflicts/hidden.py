"""What somebody may not read yet, as the room above says (settings.HIDDEN_FROM): no page of this room shows it either."""

import uuid
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def hidden_from(user: Any) -> frozenset[uuid.UUID]:
    """The ids of the cases whose recommendation waits for the user's own view, and of their conflicts."""
    found: frozenset[uuid.UUID] = import_string(settings.HIDDEN_FROM)(user)
    return found
