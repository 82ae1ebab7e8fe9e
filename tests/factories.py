"""Named test objects, brought into their states by the services, so that no test object is in an impossible one.

The cast: ada (partner manager of Alpha), lena (legal), carl (channel lead), rita (revenue lead), olga (sales
operations), pat (program admin), audrey (auditor); acme_rep signs in for Alpha, rival_rep for Beta (must see nothing
of Alpha's).
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from channelconflict.models import User
from channelconflict.scope import staff_of
from partners import models as m
from partners import services
from partners.permissions import Role, grant_manager
from reviews import pipeline
from reviews.models import Case
from reviews.programs import create_program, staff_user
from reviews.services.leads import record_lead

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@dataclass
class Cast:
    """A program and its people."""

    program: m.Program
    staff: dict[str, User] = field(default_factory=dict)
    alpha: Any = None
    beta: Any = None
    acme_rep: Any = None
    rival_rep: Any = None

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["staff"][name]
        except KeyError:
            raise AttributeError(name) from None

    def scope(self):
        """Act as staff of the program."""
        return staff_of(self.program.pk)


STAFF = {
    "ada": Role.PARTNER_MANAGER, "bob": Role.PARTNER_MANAGER, "carl": Role.CHANNEL_LEAD, "cleo": Role.CHANNEL_LEAD,
    "olga": Role.SALES_OPS, "lena": Role.LEGAL, "rita": Role.REVENUE_LEAD, "pat": Role.PROGRAM_ADMIN,
    "audrey": Role.AUDITOR,
}  # fmt: skip


_kept: list[Cast] = []


def keep_cast() -> None:
    """Make the usual cast once, committed: most tests begin with it, and it takes .1 s to make."""
    _kept[:] = [_make_cast("northwind")]


def keeps_cast() -> bool:
    """Whether the usual cast is in the database."""
    return bool(_kept)


def forget_cast() -> None:
    """It has been removed: from here on each test makes its own."""
    _kept.clear()


def make_cast(code: str = "northwind") -> Cast:
    """A program with product lines, two partners under agreements, an account, staff in every role and two reps."""
    return deepcopy(_kept[0]) if code == "northwind" and _kept else _make_cast(code)


def _make_cast(code: str) -> Cast:
    # Decisions leave at once, but where a test is about the minutes in between.
    # And no case asks for a first opinion, but where a test is about one.
    program = create_program(
        code=code, name=f"{code.title()} Partners", at=AT, undo_minutes=0, opinion_share=0, opinion_high_impact=False
    )
    made = Cast(program)
    suffix = "" if code == "northwind" else f".{code}"
    with made.scope():
        for username, role in STAFF.items():
            made.staff[username] = staff_user(
                username=username + suffix, password=PASSWORD, program=program, role=role, name=username.title(), at=AT
            )
        for line in ("pumps", "valves", "controls"):
            row = m.ProductLine(program=program, code=line, name=line.title())
            services.save_row(row, by=None, at=AT, action="product_line.recorded")
        tier = m.Tier(program=program, code="gold", name="Gold", rank=2)
        services.save_row(tier, by=None, at=AT, action="tier.recorded")
        made.alpha = partner(made, "P-ALPHA", "Alpha Flow", tier)
        made.beta = partner(made, "P-BETA", "Beta Industrial", tier)
        made.acme_rep = rep(made.alpha, "acme_rep" + suffix)
        made.rival_rep = rep(made.beta, "rival_rep" + suffix)
        grant_manager(made.staff["ada"], made.alpha)
        account(made)
    return made


def partner(cast: Cast, external_id: str, name: str, tier: m.Tier | None = None, **extra: Any) -> m.Partner:
    """A partner with an agreement that covers everything."""
    made = services.record_partner(
        partner=m.Partner(program=cast.program, external_id=external_id, name=name, tier=tier, country="US", **extra),
        by=None, at=AT,
    )  # fmt: skip
    agreement = m.Agreement(
        program=cast.program, partner=made, external_id=f"AG-{external_id}", valid_from=date(2025, 1, 1)
    )
    services.record_agreement(agreement=agreement, by=None, at=AT)
    return made


def rep(of: m.Partner, username: str, role: str = m.MemberRole.USER) -> User:
    """Somebody who signs in for a partner."""
    user = User(username=username, display_name=username)
    user.set_password(PASSWORD)
    user.save()
    services.add_member(partner=of, user=user, role=role, by=None, at=AT)
    return user


def account(cast: Cast, external_id: str = "A-ORION", name: str = "Orion Chemicals Inc.", **extra: Any) -> m.Account:
    """An account in Texas."""
    values = {"domain": f"{external_id.lower()}.example", "country": "US", "subdivision": "US-TX", **extra}
    return services.record_account(
        account=m.Account(program=cast.program, external_id=external_id, name=name, **values), by=None, at=AT
    )


def draft(cast: Cast, of: m.Partner | None, **extra: Any) -> m.Registration:
    """An unsaved registration of the Orion deal."""
    values = {
        "account_name": "Orion Chemicals", "account_domain": "a-orion.example", "account_country": "US",
        "account_subdivision": "US-TX", "contact_email": "buyer@a-orion.example", "product_lines": ["pumps"],
        "amount": 40_000, "currency": "USD", "expected_close_on": date(2026, 7, 31), "stage": m.Stage.QUALIFIED, **extra,
    }  # fmt: skip
    return m.Registration(program=cast.program, partner=of, direct=of is None, created_at=AT, **values)


def lead(cast: Cast, name: str = "Vega Works", *, by: User | None = None, at: datetime = AT, **extra: Any) -> m.Lead:
    """A customer in Texas who asked for pumps."""
    values = {
        "country": "US", "subdivision": "US-TX", "city": "Austin", "postal_code": "78701", "industry": "333",
        "employees": 120, "customer_domain": "vega-works.example", "need": "Two pumps by June.", "source": "Web form",
        "contact_name": "Jo Ortiz", "contact_email": "jo@vega-works.example", "contact_phone": "+1 512 555 0199",
        "product_lines": ["pumps"], **extra,
    }  # fmt: skip
    new = m.Lead(program=cast.program, customer_name=name, received_at=at, **values)
    return record_lead(lead=new, by=by, at=at)


def submitted(
    cast: Cast, of: m.Partner | None, *, days_ago: int = 0, by: User | None = None, **extra: Any
) -> m.Registration:
    """A registration as its partner submits it."""
    with cast.scope():
        return services.submit_registration(
            registration=draft(cast, of, **extra), by=by, at=AT - timedelta(days=days_ago)
        )


def conflict_case(cast: Cast) -> Case:
    """Alpha registered the Orion deal and worked it, Beta registered it three days later: a case is open."""
    first = submitted(cast, cast.alpha, days_ago=4)
    submitted(cast, cast.beta, days_ago=1, account_name="ORION CHEMICALS, INCORPORATED")
    with cast.scope():
        services.add_activity(
            registration=first, kind="technical_validation", occurred_on=AT.date() - timedelta(days=1), by=None, at=AT
        )
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(program=cast.program)
