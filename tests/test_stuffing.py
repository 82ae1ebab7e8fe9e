"""Every field of a row, posted with the form of the page: only what the form offers may change (TRUST 1)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib import admin
from django.db import models, transaction
from django.test import Client

from channelconflict.scope import staff_of
from partners.models import Partner, Program, Registration
from tests.crawl_writes import forms_on
from tests.factories import Cast
from tests.furniture import furnish

TYPED = {
    "account_name", "account_domain", "account_country", "account_subdivision", "account_city", "account_postal_code",
    "contact_email", "product_lines", "amount", "band_upper", "currency", "expected_close_on", "stage", "incumbent",
    "note",
}  # fmt: skip
OF_SUBMITTING = {"status", "submitted_at", "due_at", "assessed_at", "requested_fields"}
COUNTED = {"version"}


STAFF = ("ada", "lena", "olga", "pat", "audrey")


@pytest.mark.slow
@pytest.mark.django_db
def test_everybody_changes_only_what_the_forms_offer(tmp_path, settings) -> None:
    """One furniture for all of them: each finds it as it was."""
    settings.FILE_TARGET_DIR = tmp_path
    north, south = furnish("northwind"), furnish("southwind")
    with undone():
        a_partner(north, south)
    for who in STAFF:
        with undone():
            one_of_staff(north, south, who)


@contextmanager
def undone() -> Iterator[None]:
    """What is written within is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def poison(model: type[models.Model], strangers: dict[Any, Any]) -> dict[str, str]:
    """A value for every column of the model that nobody should be able to set."""
    found = {}
    for f in model._meta.concrete_fields:
        if isinstance(f, models.ForeignKey):
            value = str(strangers.get(f.related_model, uuid.uuid4()))
        elif f.choices:
            value = str(list(f.choices)[-1][0])
        elif isinstance(f, models.BooleanField):
            value = "on"
        elif isinstance(f, models.DateTimeField):
            value = "2030-01-01 00:00:00"
            found |= {f"{f.name}_0": "2030-01-01", f"{f.name}_1": "00:00:00"}
        elif isinstance(f, models.DateField):
            value = "2030-01-01"
        elif isinstance(f, models.IntegerField | models.DecimalField):
            value = "77"
        else:
            value = str(uuid.uuid4()) if isinstance(f, models.UUIDField) else "stuffed"
        found |= {f.name: value, f.attname: value}
    return found


def stuffed(
    client: Client, path: str, row: models.Model, strangers: Any, button: dict[str, str]
) -> tuple[set[str], set[str]]:
    """Post the page's form with everything else of the model in it: (names that the form offers, columns that changed)."""
    page = client.get(path)
    assert page.status_code == 200, path
    forms = [fields for _, fields in forms_on(page) if len(fields) > 2]
    if not forms:
        return set(), set()
    offered = max(forms, key=len)
    before = _values(row)
    client.post(path, {**poison(type(row), strangers), **offered, **button})
    after = _values(row)
    return set(offered), {name for name in before if before[name] != after[name]}


def _values(row: Any) -> dict[str, Any]:
    with staff_of(row.program_id):
        return dict(type(row)._base_manager.filter(pk=row.pk).values().get())


def strangers_of(cast: Any) -> dict[Any, Any]:
    """A row of another program of each model that forms may point to."""
    with cast.scope():
        registration = Registration.objects.filter(partner=cast.alpha).order_by("pk")[:1].get()
    return {Program: cast.program.pk, Partner: cast.beta.pk, Registration: registration.pk}


def a_partner(north: Cast, south: Cast) -> None:
    client = Client()
    client.force_login(north.acme_rep)
    strangers = strangers_of(south)
    reached = set()
    for status, page, button in (
        ("draft", "edit", {"draft": "1"}),
        ("draft", "edit", {}),
        ("action_required", "answer", {}),
    ):
        with north.scope():
            row = Registration.objects.filter(partner=north.alpha, status=status)[:1].get()
        _, changed = stuffed(client, f"/portal/registrations/{row.pk}/{page}/", row, strangers, button)
        allowed = TYPED if page == "edit" else set(row.requested_fields)
        allowed = allowed | COUNTED | (set() if "draft" in button else OF_SUBMITTING)
        assert changed <= allowed, f"{page} changed {changed - allowed}"
        reached |= changed
    assert reached, "nothing was saved at all"


def one_of_staff(north: Cast, south: Cast, who: str) -> None:
    client = Client()
    client.force_login(north.staff[who])
    strangers, seen, saved = strangers_of(south), 0, set()
    for model in admin.site._registry:
        with north.scope():
            column = "pk" if model is Program else "program_id"
            row = model._base_manager.filter(**{column: north.program.pk}).order_by("pk").first()
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}/change/" if row else ""
        if not row or client.get(path).status_code != 200:
            continue
        offered, changed = stuffed(client, path, row, strangers, {})
        seen, saved = seen + 1, saved | changed
        allowed = {f.attname for f in model._meta.concrete_fields if {f.name, f"{f.name}_0"} & offered} | COUNTED
        assert changed <= allowed, f"{path} changed {changed - allowed}"
        if who not in ("olga", "pat"):
            assert not changed, f"{who} may not change {model._meta.label}"
    assert seen > 5
    assert bool(saved) is (who in ("olga", "pat"))
