"""What tests of the review desk share."""

import pytest

from partners import services
from reviews.models import Target, TargetKind
from tests.factories import AT
from tests.reviews.as_time_passes import approved


@pytest.fixture
def deal(cast):
    """Alpha's deal, approved and protected at AT; a target waits for what becomes of it."""
    with cast.scope():
        services.save_row(Target(program=cast.program, name="crm", kind=TargetKind.FILE), by=None, at=AT, action="t")
    return approved(cast, cast.alpha)
