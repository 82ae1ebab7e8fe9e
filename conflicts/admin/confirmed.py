"""What the pages share on which an act is shown first, and done when it is confirmed as shown."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from conflicts.load import claims_concerned
from partners.admin.scoped import REFUSED, Scoped, sentence_of
from partners.models import IdentityChange

NOT_AS_SHOWN = 409


class Confirmed(Scoped):
    """Mixin: pages that show what would happen, and do it when it is confirmed as shown."""

    def row_to_change(self, request: HttpRequest, object_id: str) -> Any:
        """One row that the user may change; for everybody else it is not there."""
        row = self.get_object(request, unquote(object_id))
        if not self._may(request, "change_rules", row):
            raise Http404("Not found.")
        return row

    def page(
        self, request: HttpRequest, template: str, row: Any, title: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        """A page about `row` in the staff site's shell."""
        shell = {**self.admin_site.each_context(request), "opts": self.opts, "original": row, "title": title}
        return TemplateResponse(request, f"admin/partners/{template}.html", {**shell, **context}, status=status)

    def attempt(self, request: HttpRequest, act: Any) -> tuple[IdentityChange | None, str]:
        """What `act` did, or the sentence why it was refused."""
        try:
            with transaction.atomic():
                return act(), ""
        except REFUSED as error:
            return None, sentence_of(error)

    def done(self, request: HttpRequest, change: IdentityChange, sentence: str) -> HttpResponse:
        """To the page of the change, which says how far it is looked at again."""
        undo = reverse("admin:partners_identitychange_undo", args=[change.pk])
        messages.success(
            request, format_html('{} {}. <a href="{}">Undo</a>', sentence, looked_at_again(change).capitalize(), undo)
        )
        return redirect("admin:partners_identitychange_change", change.pk)


def looked_at_again(change: IdentityChange) -> str:
    """How many registrations a change concerns, and that they are looked at again."""
    count = claims_concerned(change).count()
    if not count:
        return "no registration stands on them"
    return f"{count} registration{' is' if count == 1 else 's are'} being looked at again"
