"""Territory rules: what one covers (covering), where two collide (overlaps), whose lead an account is (leads). Pure."""

from conflicts.territories.covering import (
    OWNER,
    SPACES,
    assignees,
    covers,
    fold,
    folded,
    held_by_others,
    live,
    missing_facts,
    own_territories,
)
from conflicts.territories.ground import Ground, filed_under, looked_up
from conflicts.territories.holders import Holders
from conflicts.territories.leads import HELD, NOBODY, TIE, Lead, dimensions_set, lead_among, lead_order, lead_territory
from conflicts.territories.moves import Change, Move, Shift, shift
from conflicts.territories.overlaps import TerritoryOverlap, collide, common_day, territory_overlaps

__all__ = [
    "HELD", "NOBODY", "OWNER", "SPACES", "TIE", "Change", "Ground", "Holders", "Lead", "Move", "Shift",
    "TerritoryOverlap", "assignees", "collide", "common_day", "covers", "dimensions_set", "filed_under", "fold",
    "folded", "held_by_others", "lead_among", "lead_order", "lead_territory", "live", "looked_up", "missing_facts",
    "own_territories", "shift", "territory_overlaps",
]  # fmt: skip
