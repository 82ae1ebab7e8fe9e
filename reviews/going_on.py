"""One case after the other: who took a case from 'Start queue' is given the next one of that view when it is decided."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from partners.services import NotPossibleError
from reviews import desk
from reviews.models import Case
from reviews.services import claim_case
from reviews.states import WrongStateError

_KEY = "start_queue"  # in the session: the case that was given, and the view that it came from


def begin(request: HttpRequest, case: Case, view: QueryDict) -> None:
    """Remember which view a case was taken from."""
    request.session[_KEY] = {"case": str(case.pk), "view": desk.Asked.of(view).params()}


class GoesOn:
    """An act after which the next case of the view opens by itself, if this one was taken from there."""

    def next_url(self: Any, case: Case) -> str:
        """The next case that nobody holds; the queue after the last one; this case if it was opened by hand."""
        going = self.request.session.get(_KEY)
        if not going or going["case"] != str(case.pk):
            return reverse("review:case", args=[case.pk])
        view = QueryDict(mutable=True)
        view.update(going["view"])
        following = desk.first_free(self.user, view, timezone.now(), but=case.pk)
        if following is None:
            del self.request.session[_KEY]
            messages.info(self.request, "That was the last case of this view that waits for somebody.")
            return desk.Asked.of(view).url()
        begin(self.request, following, view)
        try:
            claim_case(case=following, by=self.user, at=timezone.now())
        except (NotPossibleError, WrongStateError) as error:  # somebody was quicker
            messages.error(self.request, str(error))
        return reverse("review:case", args=[following.pk])
