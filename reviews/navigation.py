"""The left navigation of desk and admin."""

from typing import Any


def navigation(request: Any) -> dict[str, Any]:
    """Context processor: groups of links with counts."""
    return {"navigation": []}
