"""A request begins in the first language and ends in it; a partner's page changes to its company's in between."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class LanguageMiddleware:
    """Stands outside of messages and error pages: what a view activates holds for both, and not for the next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the first language, unless the page activates another."""
        with translation.override(settings.LANGUAGE_CODE):
            return self.get_response(request)
