"""What the tests of the staff site share: clients, addresses, recorded rows, posted forms, shown errors."""

from django.test import Client
from django.urls import reverse

from partners import models as m
from partners import services
from tests.factories import AT


def address(model, page, *args):
    """The address of an admin page."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def as_(user):
    """A client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


def territory(cast, **extra):
    """A recorded territory."""
    values = {"external_id": "T-1", "name": "Texas", "countries": ["US"], **extra}
    return services.record_territory(territory=m.Territory(program=cast.program, **values), by=None, at=AT)


def exception(cast, account, **extra):
    """An unsaved exception."""
    values = {"external_id": "X-1", "kind": "pilot", "lifts": ["account_owned"], "reason": "Agreed in writing.",
              "owner_email": "olga@example.com", **extra}  # fmt: skip
    return m.AccountException(program=cast.program, account=account, **values)


def territory_form(**extra):
    """What a browser posts for a territory without assignments."""
    return {
        "name": "Texas", "external_id": "T-1", "countries": "US", "priority": "0",
        "assignments-TOTAL_FORMS": "0", "assignments-INITIAL_FORMS": "0", **extra,
    }  # fmt: skip


def errors_of(response):
    """All sentences that the page shows."""
    page = response.context["adminform"].form.errors
    formsets = [e for f in response.context["inline_admin_formsets"] for row in f.formset.errors for e in row.values()]
    return " ".join(str(sentence) for found in [*page.values(), *formsets] for sentence in found)
