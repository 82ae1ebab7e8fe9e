"""One case after the other: the view that one goes through stands in the session, and its next case opens by itself."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from channelconflict.models import User
from partners.services import NotPossibleError
from reviews import desk
from reviews.desk.saved import query_of
from reviews.models import Case
from reviews.permissions import NotAllowedError
from reviews.services import StaleCaseError, claim_case
from reviews.states import WrongStateError

_VIEW, _CASE = "queue_view", "queue_case"  # in the session: the view that one goes through, and the case it gave


def start(request: HttpRequest, user: User) -> str:
    """Take the first case of a view: of the one that the queue shows, or, from a case, of the one that was started."""
    if "queue" in request.POST:
        request.session[_VIEW] = query_of(request.POST)
    return following(request, user)


def following(request: HttpRequest, user: User, after: Case | None = None) -> str:
    """Take the next case of the view, `after` left out; its address, or the queue's when none is left."""
    now, view = timezone.now(), QueryDict(request.session.get(_VIEW, ""))
    case = desk.first_free(user, view, now, but=after and after.pk)
    if case is None:
        request.session.pop(_CASE, None)
        which = "every other" if after else "every"
        messages.info(request, f"Nobody waits for you: {which} open case of this view is taken or waits for a party.")
        return desk.Asked.of(view).url()
    request.session[_CASE] = str(case.pk)
    try:
        claim_case(case=case, by=user, at=now)
    except (NotPossibleError, NotAllowedError, StaleCaseError, WrongStateError) as error:  # somebody was quicker
        messages.error(request, str(error))
    return reverse("review:case", args=[case.pk])


class GoesOn:
    """An act after which the next case of the view opens by itself, if this one was given by 'Start queue'."""

    def next_url(self: Any, case: Case) -> str:
        """The next case that nobody holds; this one if it was opened by hand."""
        if self.request.session.get(_CASE) != str(case.pk):
            return reverse("review:case", args=[case.pk])
        return following(self.request, self.user, after=case)
