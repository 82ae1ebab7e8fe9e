"""The portal's pages about a partner's own people, and the page where somebody who was invited joins."""

import uuid
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache

from channelconflict.models import User
from partners.inviting import mail_invitation, mail_is_configured
from partners.models import Invitation, MemberRole, Membership, Partner
from partners.people import (
    GONE,
    ONLY_ADMINS,
    InvitationGoneError,
    change_role,
    invitation_behind,
    invite,
    join,
    managed,
    people_of,
    remove_colleague,
    waiting_invitations,
    withdraw_invitation,
)
from partners.permissions import get_or_404
from partners.services import NotPossibleError
from partners.views import PortalView, attempt, user_of

ROLES = [
    (MemberRole.USER, gettext_lazy("User: registers deals, follows them and answers for the company")),
    (MemberRole.ADMIN, gettext_lazy("Admin: the same, and manages the people of the company")),
]


def _role_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Role"), choices=ROLES, widget=forms.RadioSelect, initial=MemberRole.USER,
        error_messages={"required": gettext_lazy("Choose a role.")},
    )  # fmt: skip


class InviteForm(forms.Form):
    """Whom to invite, as what, and for which company where there are several."""

    partner = forms.ChoiceField(
        label=gettext_lazy("Company"), error_messages={"required": gettext_lazy("Choose the company.")}
    )
    email = forms.EmailField(
        label=gettext_lazy("Colleague's mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter a mail address, as in name@example.com."),
                        "invalid": gettext_lazy("Enter a mail address, as in name@example.com.")},
    )  # fmt: skip
    role = _role_field()

    def __init__(self, data: Any = None, *, partners: list[Partner]) -> None:
        super().__init__(data)
        self.by_id = {str(partner.pk): partner for partner in partners}
        self.fields["partner"] = forms.ChoiceField(
            label=_("Company"), choices=[(key, partner.name) for key, partner in self.by_id.items()],
            widget=forms.Select if len(partners) > 1 else forms.HiddenInput, initial=str(partners[0].pk),
            error_messages={"required": _("Choose the company."), "invalid_choice": _("Choose one of your companies.")},
        )  # fmt: skip

    @property
    def said(self) -> dict[str, Any]:
        """What the valid form says, in the words of the service."""
        clean = self.cleaned_data
        return {"partner": self.by_id[clean["partner"]], "email": clean["email"], "role": clean["role"]}


class RoleForm(forms.Form):
    """As what a colleague acts."""

    role = _role_field()


class JoinForm(forms.Form):
    """The name and the password of a new account."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=gettext_lazy("Your colleagues and the vendor see it."),
        error_messages={"required": gettext_lazy("Enter your name.")},
    )  # fmt: skip
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 8 characters, and none that is easy to guess."),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )  # fmt: skip
    again = forms.CharField(
        label=gettext_lazy("The password again"), strip=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Enter the password again.")},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean(self) -> None:
        """The same password twice, and one that is not easily guessed."""
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", _("The two passwords differ: enter the same one twice."))
        elif password:
            known = User(username=self.email, email=self.email, display_name=self.cleaned_data.get("name", ""))
            try:
                password_validation.validate_password(password, known)
            except ValidationError as error:
                self.add_error("password", error)


class PeopleView(PortalView):
    """Who acts for the company, and who was invited."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; its admins see the invitations and lead to a colleague's page."""
        mine, now = managed(user_of(request), self.partners), timezone.now()
        keys = {partner.pk for partner in mine}
        return self.page(
            "people", people=[(m, m.partner_id in keys) for m in people_of([p.pk for p in self.partners])], mine=mine,
            invitations=waiting_invitations([p.pk for p in mine], now) if mine else [], me=request.user,
        )  # fmt: skip


class AdminView(PortalView):
    """A page for the admins of a partner."""

    @property
    def mine(self) -> list[Partner]:
        """The partners whose people the user manages; without one there is nothing here."""
        found = managed(user_of(self.request), self.partners)
        if not found:
            raise PermissionDenied(_(ONLY_ADMINS))
        return found


@method_decorator(never_cache, name="dispatch")
class InviteView(AdminView):
    """Invite a colleague; the link is shown once."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self.page("invite", form=InviteForm(partners=self.mine), mails=mail_is_configured())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the invitation and show its link, which is kept nowhere."""
        form = InviteForm(request.POST, partners=self.mine)
        words: dict[str, Any] = {"by": user_of(request), "at": timezone.now()}
        made = attempt(request, lambda: invite(**form.said, **words), form) if form.is_valid() else None
        if made is None:
            page = self.page("invite", form=form, mails=mail_is_configured())
            page.status_code = 400
            return page
        invitation, token = made
        link = request.build_absolute_uri(reverse("portal:join", args=[token]))
        transaction.on_commit(partial(mail_invitation, invitation, link), robust=True)
        return self.page("invited", invitation=invitation, link=link, mails=mail_is_configured())


class PersonView(AdminView):
    """A colleague: the role, and taking the access away."""

    def member(self, pk: uuid.UUID) -> Membership:
        """A colleague of a partner that the user manages, or 404."""
        rows = Membership.objects.filter(active=True).select_related("user", "partner")
        found: Membership = get_or_404(self.request.user, rows, "manage_members", pk=pk)
        return found

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page."""
        member = self.member(pk)
        return self.draw(member, RoleForm(initial={"role": member.role}))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Change the role."""
        member, form = self.member(pk), RoleForm(request.POST)
        words: dict[str, Any] = {"by": user_of(request), "at": timezone.now()}
        if form.is_valid() and attempt(
            request, lambda: change_role(member=member, role=form.cleaned_data["role"], **words), form
        ):
            text = _("%(person)s is partner user now.")
            if form.cleaned_data["role"] == MemberRole.ADMIN:
                text = _("%(person)s is partner admin now.")
            messages.success(request, text % {"person": member.user})
            return redirect("portal:people")
        page = self.draw(member, form)
        page.status_code = 400
        return page

    def draw(self, member: Membership, form: RoleForm) -> HttpResponse:
        """The page with a form."""
        return self.page("person", member=member, form=form, myself=member.user_id == self.request.user.pk)


class RemoveView(PersonView):
    """Take a colleague's access away."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The button stands on the colleague's page."""
        return redirect("portal:person", self.member(pk).pk)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Remove; whoever removes themselves is out with the next click."""
        member, by, at = self.member(pk), user_of(request), timezone.now()

        def act() -> bool:
            remove_colleague(member=member, by=by, at=at)
            return True

        if not attempt(request, act):
            return redirect("portal:person", pk)
        text = _("%(person)s no longer acts for %(partner)s.")
        messages.success(request, text % {"person": member.user, "partner": member.partner})
        return redirect("home" if member.user_id == by.pk else "portal:people")


class WithdrawInvitationView(AdminView):
    """Take an invitation back."""

    def invitation(self, pk: uuid.UUID) -> Invitation:
        """One of a partner that the user manages, or 404."""
        rows = Invitation.objects.select_related("partner")
        found: Invitation = get_or_404(self.request.user, rows, "manage_members", pk=pk)
        return found

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The button stands in the list."""
        self.invitation(pk)
        return redirect("portal:people")

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Withdraw it."""
        found, by, at = self.invitation(pk), user_of(request), timezone.now()
        if attempt(request, lambda: withdraw_invitation(invitation=found, by=by, at=at)):
            text = _("The invitation of %(email)s is withdrawn: its link no longer works.")
            messages.success(request, text % {"email": found.email})
        return redirect("portal:people")


@method_decorator(never_cache, name="dispatch")
class JoinView(View):
    """Where an invitation leads: a new account, or the one that is signed in. The page is the same for every address."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The form."""
        try:
            invitation = invitation_behind(token, timezone.now())
        except InvitationGoneError:
            return _gone(request)
        return self.draw(invitation, token, JoinForm(email=invitation.email))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Join."""
        now, me = timezone.now(), user_of(request) if request.user.is_authenticated else None
        try:
            invitation = invitation_behind(token, now)
            form = JoinForm(request.POST, email=invitation.email)
            if me is None and not form.is_valid():
                return self.draw(invitation, token, form, status=400)
            account = {} if me else {name: form.cleaned_data[name] for name in ("name", "password")}
            user = join(token=token, by=me, at=now, **account)
        except InvitationGoneError:
            return _gone(request)
        except NotPossibleError as error:
            form = JoinForm(email=invitation.email)
            return self.draw(invitation, token, form, status=409, refused=str(error))
        if me is None:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            text = _("Welcome, %(person)s. Your name to sign in is %(name)s: keep it.")
            messages.success(request, text % {"person": user, "name": user.username})
        else:
            messages.success(request, _("You act for %(partner)s now.") % {"partner": invitation.partner})
        return redirect("portal:registrations")

    def draw(
        self, invitation: Invitation, token: str, form: JoinForm, status: int = 200, refused: str = ""
    ) -> HttpResponse:
        """The page, with what was refused."""
        context = {"invitation": invitation, "form": form, "refused": refused, "here": self.request.path}
        return render(self.request, "portal/join.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/join.html", {"gone": _(GONE)}, status=404)
