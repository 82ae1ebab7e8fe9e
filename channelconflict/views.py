"""Signing in and out, and where each kind of user starts."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from channelconflict.scope import NOBODY, acting


class SignInView(LoginView):
    """One page for portal, desk and admin; who is signed in already goes on to where they start."""

    redirect_authenticated_user = True


class SignOutView(LogoutView):
    """Signing out ends the session, a table that only app_login may write."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leave the user's scope for as long as that takes."""
        with acting(NOBODY):
            return super().dispatch(request, *args, **kwargs)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Staff start at the desk, a partner's people at their deals."""
    return redirect("review:queue" if request.user.is_staff else "portal:registrations")


def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """The process answers and reaches its database."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")
