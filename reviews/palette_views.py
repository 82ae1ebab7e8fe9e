"""The command palette: what its search finds as JSON, and the page that does the same without JavaScript."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from reviews.desk.finder import LEAST, Group, Hit, hits
from reviews.navigation import pages_of
from reviews.views import DeskView


class FindView(DeskView):
    """Pages, cases, partners and accounts by their names."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Every page of the navigation, or whatever fits the words."""
        words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        groups = [*self._pages(words), *hits(self.user, words)]
        context = {"words": words, "groups": groups, "too_short": 0 < len(words) < LEAST}
        return render(request, "reviews/find.html", context)

    def _pages(self, words: str) -> list[Group]:
        found = [(title, link, url) for title, link, url in pages_of(self.user) if words.lower() in link.label.lower()]
        titles = dict.fromkeys(title for title, _, _ in found)
        return [
            Group(title, [Hit(link.label, "", url, link.icon) for its, link, url in found if its == title])
            for title in titles
        ]


class HitsView(DeskView):
    """What the palette asks for while somebody types."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Cases, partners and accounts that fit `q`: {"groups": [{"title", "hits": [{"label", "note", "href"}]}]}."""
        groups = [asdict(group) for group in hits(self.user, request.GET.get("q", ""))]
        for group in groups:
            group["hits"] = [{"label": hit["label"], "note": hit["note"], "href": hit["url"]} for hit in group["hits"]]
        return JsonResponse({"groups": groups})
