"""What the portal's form leaves: drafts that kept themselves half typed, an amended registration, one that comes again."""

from partners import drafts, services
from partners.amending import amend_registration, resubmit_registration
from tests import factories
from tests.factories import AT, Cast


def fill_in_forms(cast: Cast) -> None:
    """Of both partners alike."""
    with cast.scope():
        for of, rep in ((cast.alpha, cast.acme_rep), (cast.beta, cast.rival_rep)):
            half = factories.draft(cast, of, account_name="Lyra Half Ltd.", account_domain="", contact_email="")
            rest = {"contact_email": "half an address", "activity_on": "the third of"}
            drafts.autosave_draft(registration=half, rest=rest, by=rep, at=AT)
            sent = factories.draft(cast, of, account_name="Lyra Amended Ltd.", account_domain="", note="as it was")
            sent = services.submit_registration(registration=sent, by=rep, at=AT)
            amend_registration(registration=sent, changes={"note": "as it is"}, by=rep, at=AT)
            gone = factories.draft(
                cast, of, account_name="Lyra Again Ltd.", account_domain="", note="for the time being"
            )
            gone = services.submit_registration(registration=gone, by=rep, at=AT)
            gone = services.withdraw_registration(registration=gone, by=rep, at=AT)
            resubmit_registration(registration=gone, by=rep, at=AT)
