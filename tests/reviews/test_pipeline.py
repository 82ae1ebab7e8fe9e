"""The path of a registration, through the services and against PostgreSQL as the unprivileged role."""

from reviews import pipeline
from reviews.models import Case
from tests import factories


def test_two_partners_on_one_account_make_one_case(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        assert case.kind == "competing_registration"
        assert case.route == ["partner_manager"]
        assert {party.name for party in case.parties.all()} == {"Alpha Flow", "Beta Industrial"}


def test_a_registration_with_nothing_against_it_is_approved(cast):
    registration = factories.submitted(cast, cast.alpha)
    done = pipeline.detect(cast.program, factories.AT)
    with cast.scope():
        registration.refresh_from_db()
        assert done.approved == [registration.pk]
        assert registration.status == "approved"
        assert registration.protected_until is not None
        assert not Case.objects.exists()
