"""Who is who, on the staff site: accounts and partners that are one are merged, an account that is two is split."""

import uuid
from collections import Counter
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone

from channelconflict.models import User
from conflicts.admin.choosing import ConfirmForm, OtherForm, SplitForm
from conflicts.admin.confirmed import NOT_AS_SHOWN, Confirmed
from conflicts.as_shown import merge_as_shown, split_as_shown
from conflicts.family import family_tree
from conflicts.models import Claim
from conflicts.moves import alike, merging, splitting
from partners.admin.accounts import AccountAdmin
from partners.admin.partner import PartnerAdmin
from partners.models import Account, ChangeKind, IdentityChange, Partner

MERGES = Q(kind=ChangeKind.MERGE, undone_at__isnull=True)


class Mergeable(Confirmed):
    """Mixin: 'Merge into another …' for accounts and for partners."""

    media: Any
    related_by = ""  # a column that refers to rows of the same kind: the search-as-you-type field goes by it
    actions = ("merge_two",)

    def get_urls(self) -> list[Any]:
        """With the page that merges."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<path:object_id>/merge/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose the other, see what would happen, confirm it."""
        subject = self.row_to_change(request, object_id)
        asked = request.POST if request.method == "POST" else request.GET
        choice = OtherForm(asked if "other" in asked else None, to=subject, by=self.related_by, model_admin=self)
        if not choice.is_valid():
            title = f"Merge {subject} into another {self.opts.verbose_name}"
            return self.page(
                request, "merge_choose", subject, title,
                choice=choice, media=self.media + choice.media, alike=self.alike(subject),
            )  # fmt: skip
        target = choice.cleaned_data["other"]
        if request.method == "POST":
            return self._merge(request, subject, target)
        return self._show(request, subject, target, ConfirmForm())

    def alike(self, row: Any) -> Any:
        """Rows to offer first; subclasses that can say which."""
        return ()

    def _merge(self, request: HttpRequest, subject: Any, target: Any) -> HttpResponse:
        form, by, at = ConfirmForm(request.POST), cast(User, request.user), timezone.now()
        if not form.is_valid():
            return self._show(request, subject, target, form)
        change, refused = self.attempt(
            request, lambda: merge_as_shown(subject=subject, target=target, by=by, at=at, **form.cleaned_data)
        )
        if change is None:
            return self._show(request, subject, target, form, refused)
        return self.done(request, change, f"{subject} counts as {target} from now on.")

    def _show(self, request: HttpRequest, subject: Any, target: Any, form: Any, refused: str = "") -> HttpResponse:
        swap = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_merge", args=[target.pk])
        return self.page(
            request, "merge", subject, f"Merge {subject} into {target}", NOT_AS_SHOWN if refused else 200,
            target=target, preview=merging(subject, target), form=form, refused=refused, swap=f"{swap}?other={subject.pk}",
        )  # fmt: skip

    @admin.action(description="Merge the two", permissions=["change"])
    def merge_two(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """The page that merges two; whoever has a reference of another system, else the older one, stays."""
        chosen = list(rows.order_by("pk")[:3])
        if len(chosen) != 2:
            many = "more than two" if len(chosen) > 2 else "one"
            messages.error(request, f"Tick the two {self.opts.verbose_name_plural} that are one; you ticked {many}.")
            return None
        target, subject = sorted(chosen, key=lambda row: (not row.external_id, row.pk))
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_merge", args=[subject.pk])
        return redirect(f"{page}?other={target.pk}")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Merging alone: nothing is deleted here."""
        return {name: act for name, act in super().get_actions(request).items() if name == "merge_two"}  # type: ignore[misc]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """With the merge by which the row counts as another one, and whether the user may merge at all."""
        row = kwargs.get("obj")
        may = row is not None and self._may(request, "change_rules", row)
        merge = IdentityChange.objects.filter(MERGES, subject_id=row.pk).first() if row is not None else None
        context |= {"counts_as": merge, "may_merge": may}
        return super().render_change_form(request, context, **kwargs)  # type: ignore[misc]


@admin.register(Account)
class MergingAccountAdmin(Mergeable, AccountAdmin):
    """Accounts, which can be merged and split."""

    related_by = "parent"

    def alike(self, row: Account) -> Any:
        """Accounts that look like it, which do not count as another one."""
        return [(self.choice_label(other), other, likely) for other, likely in alike(row)]

    def get_urls(self) -> list[Any]:
        """With the page that splits."""
        view = self.admin_site.admin_view(self.split_view)
        return [path("<path:object_id>/split/", view, name="partners_account_split"), *super().get_urls()]

    def split_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose what belongs to the other company, see what would happen, confirm it."""
        account = self.row_to_change(request, object_id)
        step = request.POST.get("step", "")
        form = SplitForm(request.POST if request.method == "POST" else None, account=account)
        if step == "change" or not form.is_valid():
            return self.page(request, "split_choose", account, f"Split {account}", form=form, step=step)
        refused = ""
        if step == "confirm":
            by, at, seen = cast(User, request.user), timezone.now(), form.cleaned_data["seen"]
            told: Any = {key: form.cleaned_data[key] for key in ("name", "reason")}
            change, refused = self.attempt(
                request,
                lambda: split_as_shown(account=account, parts=form.parts(), seen=seen, by=by, at=at, **told),
            )
            if change:
                return self.done(request, change, f"{change.target_name} is an account of its own now.")
        preview = splitting(account, form.cleaned_data["name"], form.parts())
        return self.page(
            request, "split", account, f"Split {account}", NOT_AS_SHOWN if refused else 200,
            form=form, preview=preview, refused=refused or preview.refusal,
        )  # fmt: skip

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """With the family as a tree, and how many registrations stand where."""
        if (account := kwargs.get("obj")) is not None:
            context["family"] = family_tree([account.pk], marks=_registrations, here=[account.pk])
        return super().render_change_form(request, context, **kwargs)


def _registrations(accounts: Any) -> dict[uuid.UUID, tuple[str, ...]]:
    claims = Claim.objects.filter(account_id__in=list(accounts), registration__isnull=False)
    counted = Counter(claims.values_list("account_id", flat=True))
    return {pk: (f"{count} registration{'' if count == 1 else 's'}",) for pk, count in counted.items()}


@admin.register(Partner)
class MergingPartnerAdmin(Mergeable, PartnerAdmin):
    """Partners, which can be merged."""

    related_by = "distributor"
