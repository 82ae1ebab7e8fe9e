"""Early warnings at the desk: the list with its filters, and one signal with numbers, chart, playbook and acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from channelconflict.models import AuditEvent, User
from conflicts.models import Signal, SignalKind, SignalOutcome, SignalOwner, SignalStatus
from conflicts.signals.measure import BURST, NO_FOLLOW_UP, PRICE, TICKETS, WAKES
from conflicts.signals.playbooks import PLAYBOOKS, Playbook
from conflicts.signals.triage import SEVERITIES
from conflicts.signals.wording import number
from partners.permissions import partners_of, programs_of, roles_in, visible
from reviews.desk.queue import Link
from reviews.desk.signal_chart import Chart, chart_of
from reviews.desk.words import Chip, age, day_of, stamp
from reviews.models import Case
from reviews.permissions import NotAllowedError

PAGE = 50
STATUSES = {
    "": "To do",
    "open": "Open",
    "acknowledged": "Acknowledged",
    "snoozed": "Snoozed",
    "closed": "Closed",
    "all": "All",
}
OWNERS = {"": "Every owner", "mine": "Mine", **dict(SignalOwner.choices)}
TONES = {1: ("bad", "alert"), 2: ("warn", "clock"), 3: ("", "eye")}
STATUS_TONES = {"open": "acc", "acknowledged": "", "snoozed": "quiet", "closed": "good"}
_TO_DO = (SignalStatus.OPEN, SignalStatus.ACKNOWLEDGED)


@dataclass(frozen=True)
class AskedSignals:
    """What the address asks for; whatever is not known is left out."""

    kind: str = ""
    severity: str = ""
    owner: str = ""
    status: str = ""
    page: str = ""

    @classmethod
    def of(cls, data: Mapping[str, str]) -> "AskedSignals":
        """Read GET data."""
        return cls(
            kind=_known(data, "kind", SignalKind.values),
            severity=_known(data, "severity", [str(level) for level in SEVERITIES]),
            owner=_known(data, "owner", OWNERS),
            status=_known(data, "status", STATUSES),
            page=data.get("page", ""),
        )

    def query(self, **other: str) -> str:
        """The address's query with some parameters changed; a change goes back to the first page."""
        now = {"kind": self.kind, "severity": self.severity, "owner": self.owner, "status": self.status, **other}
        return urlencode({key: value for key, value in now.items() if value})

    def links(self, name: str, choices: Mapping[str, str]) -> list[Link]:
        """A filter's choices as links."""
        chosen = getattr(self, name)
        return [Link(text, f"?{self.query(**{name: key})}", key == chosen) for key, text in choices.items()]


def _known(data: Mapping[str, str], name: str, choices: Any) -> str:
    value = data.get(name, "")
    return value if value in choices else ""


@dataclass(frozen=True)
class SignalRow:
    """One signal in the list."""

    url: str
    sentence: str
    kind: str
    severity: Chip
    owner: str
    partner: str
    status: Chip
    found: str
    stands: str


@dataclass(frozen=True)
class SignalsPage:
    """The list as the template draws it."""

    rows: list[SignalRow]
    counts: list[Chip]
    statuses: list[Link]
    severities: list[Link]
    kinds: list[Link]
    owners: list[Link]
    kind_label: str
    owner_label: str
    asked: AskedSignals
    page: Page
    query: str
    filtered: bool


def signals_page(user: Any, data: Mapping[str, str], now: datetime) -> SignalsPage:
    """Everything the list shows to `user`."""
    asked = AskedSignals.of(data)
    order = ("severity", "-found_at", "-id")
    rows = _chosen(user, asked).select_related("partner").defer("series").order_by(*order)
    page = Paginator(rows, PAGE).get_page(asked.page)
    query = asked.query()
    severities = {"": "Every severity"} | {str(level): f"{level} {text}" for level, text in SEVERITIES.items()}
    kinds = {"": "Every kind", **dict(SignalKind.choices)}
    return SignalsPage(
        rows=[_row(signal, now) for signal in page],
        counts=_counts(user),
        statuses=asked.links("status", STATUSES),
        severities=asked.links("severity", severities),
        kinds=asked.links("kind", kinds),
        owners=asked.links("owner", OWNERS),
        kind_label=kinds[asked.kind] if asked.kind else "Kind",
        owner_label=OWNERS[asked.owner] if asked.owner else "Owner",
        asked=asked,
        page=page,
        query=f"{query}&" if query else "",
        filtered=bool(query),
    )


def signals() -> QuerySet[Signal]:
    """Signals with everything that one page needs of them."""
    return Signal.objects.select_related("partner", "account", "policy", "acted_by", "program")


def _chosen(user: Any, asked: AskedSignals) -> QuerySet[Signal]:
    rows = visible(user, Signal.objects.all())
    if asked.status != "all":
        rows = rows.filter(status__in=[asked.status] if asked.status else _TO_DO)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.severity:
        rows = rows.filter(severity=int(asked.severity))
    if asked.owner == "mine":
        rows = rows.filter(_mine(user))
    elif asked.owner:
        rows = rows.filter(owner=asked.owner)
    return rows


def _mine(user: Any) -> Q:
    """Those of partners that the user manages, and the channel lead's where the user is one."""
    leads = [pk for pk in programs_of(user) if SignalOwner.CHANNEL_LEAD in roles_in(user, pk)]
    managed = Q(owner=SignalOwner.PARTNER_MANAGER, partner_id__in=partners_of(user, "manage_partner"))
    return managed | Q(owner=SignalOwner.CHANNEL_LEAD, program_id__in=leads)


def _counts(user: Any) -> list[Chip]:
    rows = visible(user, Signal.objects.filter(status__in=_TO_DO))
    found = rows.aggregate(total=Count("pk"), urgent=Count("pk", filter=Q(severity=1)))
    urgent = Chip(
        f"{found['urgent']} to act on today", "bad" if found["urgent"] else "", "alert" if found["urgent"] else "check"
    )
    return [Chip(f"{found['total']} to do"), urgent]


def _row(signal: Signal, now: datetime) -> SignalRow:
    return SignalRow(
        url=reverse("review:signal", args=[signal.pk]),
        sentence=signal.sentence,
        kind=signal.get_kind_display(),
        severity=severity_chip(signal.severity),
        owner=signal.get_owner_display(),
        partner=signal.partner.name if signal.partner else "",
        status=status_chip(signal),
        found=day_of(signal.found_at),
        stands=age(signal.found_at, now),
    )


def severity_chip(level: int) -> Chip:
    """1 act today, 2 this week, 3 watch."""
    tone, icon = TONES[level]
    return Chip(f"{level} {SEVERITIES[level]}", tone, icon)


def status_chip(signal: Signal) -> Chip:
    """Where it stands, with its end or its outcome."""
    text = str(signal.get_status_display())
    if signal.status == SignalStatus.SNOOZED:
        text = f"Snoozed until {day_of(signal.snoozed_until)}"
    elif signal.status == SignalStatus.CLOSED:
        text = {SignalOutcome.TRUE: "Closed: true", SignalOutcome.GONE: "Closed: cause gone"}.get(
            SignalOutcome(signal.outcome), "Closed: false alarm"
        )
    return Chip(text, STATUS_TONES[signal.status])


@dataclass(frozen=True)
class SignalPage:
    """One signal as the template draws it."""

    signal: Signal
    title: str
    severity: Chip
    status: Chip
    owner: str
    about: list[tuple[str, str, str]]
    numbers: list[tuple[str, str, str]]
    chart: Chart
    playbook: Playbook
    why_not: str
    may_acknowledge: bool
    may_close: bool
    may_reopen: bool
    acts: list[tuple[str, str, str]]
    earlier: list[SignalRow]
    tomorrow: date


def signal_page(user: Any, signal: Signal, now: datetime) -> SignalPage:
    """Everything the page of one signal shows to `user`."""
    why_not = why_only_reads(user, signal)
    free = not why_not
    past = Signal.objects.filter(program=signal.program_id, kind=signal.kind, subject=signal.subject)
    earlier = past.exclude(pk=signal.pk).select_related("partner").defer("series").order_by("-found_at", "-id")[:5]
    return SignalPage(
        signal=signal,
        title=str(signal.get_kind_display()),
        severity=severity_chip(signal.severity),
        status=status_chip(signal),
        owner=_owner(signal),
        about=list(_about(signal)),
        numbers=_numbers(signal),
        chart=chart_of(signal),
        playbook=PLAYBOOKS[signal.kind],
        why_not=why_not,
        may_acknowledge=free and signal.status in (SignalStatus.OPEN, SignalStatus.SNOOZED),
        may_close=free and signal.status != SignalStatus.CLOSED,
        may_reopen=free and signal.status != SignalStatus.OPEN,
        acts=_acts(signal),
        earlier=[_row(row, now) for row in earlier],
        tomorrow=date.fromordinal(now.date().toordinal() + 1),
    )


def why_only_reads(user: Any, signal: Signal) -> str:
    """The sentence that says why `user` may look at a signal but not act on it, or ""."""
    if signal.gone_at:
        return f"The cause of this signal is gone since {day_of(signal.gone_at)}: there is nothing left to do."
    return "" if roles_in(user, signal.program_id) else "Acting on a signal takes a role that decides in this program."


def check_may_act(user: Any, signal: Signal) -> None:
    """Refuse, with the sentence that says why, whoever decides nothing in the program."""
    if not roles_in(user, signal.program_id):
        raise NotAllowedError("Acting on a signal takes a role that decides in this program.")


def _owner(signal: Signal) -> str:
    """The role, with the people who manage the partner."""
    if signal.owner != SignalOwner.PARTNER_MANAGER or signal.partner is None:
        return str(signal.get_owner_display())
    managers = User.objects.filter(
        partneruserpermission__content_object=signal.partner,
        partneruserpermission__permission__codename="manage_partner",
    )
    names = ", ".join(str(user) for user in managers.order_by("username"))
    return f"{signal.get_owner_display()} ({names})" if names else str(signal.get_owner_display())


def _about(signal: Signal) -> Any:
    """(what, name, address): where to look first."""
    if signal.partner:
        yield "Partner", signal.partner.name, reverse("admin:partners_partner_change", args=[signal.partner_id])
    if signal.account:
        yield "Account", signal.account.name, reverse("admin:partners_account_change", args=[signal.account_id])
    if signal.product_line:
        yield "Product line", signal.product_line, ""
    if signal.region:
        yield "Country", signal.region, ""
    source, _, key = signal.subject.partition(":")
    if source == "registration":
        case = Case.objects.filter(parties__registration_id=key).order_by("-opened_at", "-pk").first()
        if case:
            yield "Case", case.ref, reverse("review:case", args=[case.pk])


SCALES = {
    **dict.fromkeys((BURST, TICKETS), "of chance (square-root scale)"),
    **dict.fromkeys((WAKES, NO_FOLLOW_UP), "of the natural log of days"),
    PRICE: "points of discount",
}


def _numbers(signal: Signal) -> list[tuple[str, str, str]]:
    """(name, value, remark): everything that the score is made of."""
    unit, scale = signal.unit, SCALES.get(signal.kind, signal.unit)
    plain = f"{signal.observed:.2f}" if signal.unit == "isolation" else number(signal.observed)
    usual = f"{signal.expected:.2f}" if signal.unit == "isolation" else number(signal.expected)
    return [
        ("Observed", plain, unit),
        ("Expected", usual, unit),
        ("Spread", f"{signal.spread:.2f}", scale),
        ("Score", f"{signal.score:.1f}", "distance from the expected in spreads"),
        ("Threshold", f"{signal.threshold:g}", f"of {signal.policy}"),
        ("Window", f"{day_of(signal.since)} – {day_of(signal.until)}", f"looked at {stamp(signal.seen_at)}"),
        ("At stake", f"{signal.stake:,.0f}" if signal.stake else "–", signal.program.currency if signal.stake else ""),
    ]  # fmt: skip


def _acts(signal: Signal) -> list[tuple[str, str, str]]:
    """(what, who, when) of the record of acts."""
    events = list(AuditEvent.objects.filter(subject_id=signal.pk, subject_type="signal").order_by("at", "sequence"))
    people = {user.pk: str(user) for user in User.objects.filter(pk__in={e.actor_id for e in events if e.actor_id})}
    told = [(e.action.partition(".")[2], people.get(e.actor_id, "the product"), stamp(e.at)) for e in events]
    return [("found", "the product", stamp(signal.found_at)), *told]
