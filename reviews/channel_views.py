"""The portal pages of how a partner is told: each person's own choice, and the webhook for whoever manages its people."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import activate
from django.utils.translation import gettext as _

from partners.language import choose_language
from partners.models import Partner
from partners.permissions import get_or_404, may, visible
from partners.views import REFUSALS, PortalView, attempt, user_of
from reviews.channel.planning import DAILY_AT
from reviews.channel_forms import HowToldForm, ReplaceForm, WebhookForm
from reviews.models import Enclosure, HowTold, NoticePreference, Sending, SendingTry, Webhook
from reviews.permissions import NotAllowedError
from reviews.services.telling import ask_for_test, change_webhook, choose_how_told, make_webhook, replace_secret

MANAGES = "manage_members"
SHOWN = 20
REFUSED = (*REFUSALS, NotAllowedError)


class HowToldView(PortalView):
    """How you are told: at once, once a day, or in the portal only; of each partner for oneself."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The choice as it is."""
        return self._page({})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep what was chosen, for every partner or for none."""
        forms = {partner.pk: HowToldForm(request.POST, prefix=str(n)) for n, partner in enumerate(self.partners)}
        by, at = user_of(request), timezone.now()
        valid = [form.is_valid() for form in forms.values()]  # each says what is wrong with it
        if not all(valid):
            return self._page(forms)
        kept = attempt(
            request,
            lambda: [
                choose_how_told(partner=partner, how=forms[partner.pk].cleaned_data["how"], by=by, at=at)
                for partner in self.partners
            ],
            None,
            REFUSED,
        )
        if kept:
            messages.success(request, _("Kept: from now on you are told so."))
        return redirect("portal:how_told")

    def _page(self, sent: dict[uuid.UUID, HowToldForm]) -> HttpResponse:
        mine = NoticePreference.objects.filter(user=user_of(self.request))
        chosen = dict(visible(self.request.user, mine).values_list("partner", "how"))
        shown = []
        for number, partner in enumerate(self.partners):
            now = {"how": chosen.get(partner.pk, HowTold.AT_ONCE)}
            shown.append((partner, sent.get(partner.pk) or HowToldForm(prefix=str(number), initial=now)))
        return self.page(
            "how_told", chosen=shown, wrong=[form for _partner, form in shown if form.errors], daily_at=DAILY_AT,
            managed=[partner for partner in self.partners if may(self.request.user, MANAGES, partner)],
            languages=settings.LANGUAGES,
        )  # fmt: skip


class LanguageView(PortalView):
    """In which language the company is told things and reads the portal; whoever manages its people says it."""

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Keep it, and go on in it."""
        partner = get_or_404(request.user, Partner.objects.all(), pk=pk)
        by, chosen = user_of(request), request.POST.get("language", "")
        kept = attempt(
            request, lambda: choose_language(partner=partner, language=chosen, by=by, at=timezone.now()), None, REFUSED
        )
        if kept:
            activate(kept.language)
            messages.success(request, _("Kept: this is your language from now on."))
        return redirect("portal:how_told")


class WebhooksView(PortalView):
    """The webhooks that the user manages, and the form that makes one for a partner that has none."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One webhook is shown at once; none, or several, on a page of their own."""
        return self._page(WebhookForm(made=False))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one; its secret is on this answer and nowhere else."""
        form = WebhookForm(request.POST, made=False)
        partner = next((p for p in self._without() if str(p.pk) == request.POST.get("partner")), None)
        if partner is None:
            messages.error(request, _("Choose one of your companies that has no webhook yet."))
            return self._page(form)
        by, at = user_of(request), timezone.now()
        made = form.is_valid() and attempt(
            request, lambda: make_webhook(partner=partner, url=form.cleaned_data["url"], by=by, at=at), form, REFUSED
        )
        return secret_page(self, partner, str(made)) if made else self._page(form)

    def _managed(self) -> list[Partner]:
        return [partner for partner in self.partners if may(self.request.user, MANAGES, partner)]

    def _without(self) -> list[Partner]:
        made = set(visible(self.request.user, Webhook.objects.all(), MANAGES).values_list("partner", flat=True))
        return [partner for partner in self._managed() if partner.pk not in made]

    def _page(self, form: WebhookForm) -> HttpResponse:
        rows = visible(self.request.user, Webhook.objects.select_related("partner"), MANAGES)
        webhooks = list(rows.order_by("partner__name", "pk"))
        made = {webhook.partner_id for webhook in webhooks}
        free = [partner for partner in self._managed() if partner.pk not in made]
        return self.page("webhooks", webhooks=webhooks, free=free, form=form, manages=bool(self._managed()))


class WebhookView(PortalView):
    """One webhook: its address, its secret, a test, and what became of the last sendings."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """The page."""
        return self._page(self._webhook(pk))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Change it, replace its secret, or send a test."""
        webhook = self._webhook(pk)
        acts = {"secret": self._replace, "test": self._test}
        return acts.get(request.POST.get("act", ""), self._change)(request, webhook)

    def _webhook(self, pk: uuid.UUID) -> Webhook:
        return get_or_404(self.request.user, Webhook.objects.select_related("partner"), MANAGES, pk=pk)

    def _change(self, request: HttpRequest, webhook: Webhook) -> HttpResponse:
        form, by, at = WebhookForm(request.POST, made=True), user_of(request), timezone.now()
        if form.is_valid():
            said = form.cleaned_data
            if attempt(request, lambda: change_webhook(webhook=webhook, by=by, at=at, **said), form, REFUSED):
                messages.success(request, _("Saved."))
                return redirect("portal:webhook", webhook.pk)
        return self._page(webhook, form)

    def _replace(self, request: HttpRequest, webhook: Webhook) -> HttpResponse:
        form, by, at = ReplaceForm(request.POST), user_of(request), timezone.now()
        if not form.is_valid():
            messages.error(request, _("Nothing was changed: load the page again and repeat it."))
            return redirect("portal:webhook", webhook.pk)
        said = form.cleaned_data
        secret = attempt(request, lambda: replace_secret(webhook=webhook, by=by, at=at, **said), None, REFUSED)
        if secret is None:
            return redirect("portal:webhook", webhook.pk)
        return secret_page(self, webhook.partner, secret, ended=said["at_once"], replaced=True)

    def _test(self, request: HttpRequest, webhook: Webhook) -> HttpResponse:
        by, at = user_of(request), timezone.now()
        if attempt(request, lambda: ask_for_test(webhook=webhook, by=by, at=at), None, REFUSED):
            messages.success(request, _("A test is on its way: load this page again in a moment to see how it went."))
        return redirect("portal:webhook", webhook.pk)

    def _page(self, webhook: Webhook, form: WebhookForm | None = None) -> HttpResponse:
        now = timezone.now()
        initial = {"url": webhook.url, "enabled": webhook.enabled, "seen_version": webhook.version}
        secrets = list(webhook.secrets.order_by("-made_at", "-pk")[:2])
        sendings = list(
            visible(self.request.user, Sending.objects.filter(webhook=webhook)).order_by("-created_at", "-pk")[:SHOWN]
        )
        said = {row.sending_id: row for row in SendingTry.objects.filter(sending__in=sendings).order_by("number")}
        enclosed = Enclosure.objects.filter(sending__in=sendings).select_related("notice")
        what = {row.sending_id: row.notice.get_kind_display() for row in enclosed}
        return self.page(
            "webhook", webhook=webhook, form=form or WebhookForm(made=True, initial=initial), secret=secrets[0],
            old=next((row for row in secrets[1:] if row.ends_at and row.ends_at > now), None),
            replace=ReplaceForm(initial={"seen_version": webhook.version}),
            sendings=[(row, said.get(row.pk), what.get(row.pk, _("Test"))) for row in sendings],
        )  # fmt: skip


def secret_page(view: PortalView, partner: Partner, secret: str, **context: Any) -> HttpResponse:
    """The one page that shows a secret: an answer to a form, kept by no cache."""
    page = view.page("webhook_secret", partner=partner, secret=secret, **context)
    page["Cache-Control"] = "no-store"
    return page
