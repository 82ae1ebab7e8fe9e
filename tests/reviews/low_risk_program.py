"""A program whose live policy lets the product approve cases of low risk; how often deciders agree is measured."""

import copy

from conflicts.models import Calibration
from conflicts.policy import STANDARD
from partners.models import Registration
from partners.services import add_activity
from reviews import pipeline
from reviews.models import Case
from tests import factories
from tests.conflicts.policy_life import put_in_force
from tests.factories import AT

KINDS = ["competing_registration"]


def clear_case(cast) -> Case:
    """A collision of which everything is known: both worked it, Alpha more and earlier."""
    case = factories.conflict_case(cast)
    work(cast, Registration.objects.filter(partner=cast.beta), "first_contact")
    return case


def work(cast, rows, kind):
    """Dated work of today on these registrations, and a look at it."""
    with cast.scope():
        for row in rows:
            add_activity(registration=row, kind=kind, occurred_on=AT.date(), by=None, at=AT)
    pipeline.look_again(cast.program, AT)


def turned_on(cast, share=97, at=AT, **changes):
    """Version 2 is live; of 100 recommendations of any confidence deciders followed `share`."""
    document = copy.deepcopy(STANDARD) | {"version": 2}
    rules = {"approve": True, "kinds": KINDS, "amount_at_most": 50_000, **changes}
    document["automation"]["cases"] |= rules
    with cast.scope():
        Calibration.objects.create(
            program=cast.program, number=1, bins=[{"lowest": 0.0, "highest": 1.0, "n": 100, "agreed": share}],
            decisions=100, agreed=share, error=0.01, holds=True, fitted_at=at,
        )  # fmt: skip
        return put_in_force(cast, document)
