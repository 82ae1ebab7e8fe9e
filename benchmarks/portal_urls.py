"""The product's addresses, and beside them Django's own list view on the same registrations, as one would write it."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q
from django.template import engines
from django.urls import include, path
from django.views.generic import ListView

from channelconflict.urls import urlpatterns as ours
from partners.models import Registration

_PAGE = """<table>{% for row in object_list %}<tr><td>{{ row.account_name }}<td>{{ row.number }}
<td>{{ row.get_status_display }}<td>{{ row.amount }}{% endfor %}</table>{{ page_obj.number }} of {{ paginator.num_pages }}"""


class PlainList(LoginRequiredMixin, ListView):
    """A page of a list, by number, with a search; row-level security shows everybody their own rows."""

    model = Registration
    paginate_by = 25

    def get_queryset(self) -> Any:
        """The newest first, with what was searched for."""
        words = self.request.GET.get("q", "").strip()
        found = Q(account_name__icontains=words) | Q(account_domain__icontains=words) if words else Q()
        return Registration.objects.filter(found).order_by("-submitted_at", "-id")

    def get_template_names(self) -> Any:
        """A bare table."""
        return engines["django"].from_string(_PAGE)


urlpatterns = [path("plain/", include(([path("", PlainList.as_view(), name="list")], "plain"))), *ours]
