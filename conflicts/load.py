"""Database -> facts.Facts, for one claim set or for many families at once, in a fixed number of queries."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from conflicts import facts as f
from conflicts import rows
from conflicts.claims import registration_live
from conflicts.models import Claim
from conflicts.standing import stand, stand_partners, stand_rule
from conflicts.territories import Ground, Holders, looked_up
from conflicts.together import claims_on, connected, parted, roots_of
from conflicts.windows import day
from partners import models as m
from partners.identity import standing_partners

# The rules that can cover one of the accounts, and those in which one of the partners has a part: each by an index.
_BEARING = """
select id from partners_territory
 where program_id = %(program)s
   and partners_ground(named_accounts, postal_prefixes, subdivisions, countries) && %(ground)s::text[]
union
select territory_id from partners_territoryassignment where partner_id = any(%(partners)s)
"""


_ASSIGNED = """
select territory_id::text, id::text, coalesce(partner_id::text, %s), role
  from partners_territoryassignment where territory_id = any(%s::uuid[]) order by territory_id, id
"""


def load_facts(
    program: m.Program, account_ids: Iterable[uuid.UUID], at: datetime, rules: "Rules | None" = None
) -> f.Facts:
    """Everything that reasoning may know at `at` about the claims on these accounts and what is judged with them.

    `rules` are all of the program's, for whoever has read them lately (Common.read_all)."""
    accounts, common = connected(account_ids), Common(program, at)
    common.rules = rules
    return Families(program, accounts, at, common).facts(accounts)


class Common:
    """What is the same for every family of a program, and read once: all rules, all registrations that fill a capacity."""

    def __init__(self, program: m.Program, at: datetime) -> None:
        self.product_lines = tuple(map(rows.line, m.ProductLine.objects.filter(program=program).order_by("code")))
        self.tiers = tuple(map(rows.tier, m.Tier.objects.filter(program=program).order_by("code")))
        self.merged = standing_partners(program.pk)
        self.rules: Rules | None = None
        self.elsewhere: dict[uuid.UUID, list[f.PastRegistration]] | None = None
        self.program, self.at = program, at

    def read_all(self) -> "Common":
        """Read what is otherwise chosen for the families that are looked at: worth it when all of them are."""
        self.rules = self.rules_of(load_territories(self.program))
        self.elsewhere = self.counting(Q())
        return self

    def counting(self, whose: Q) -> dict[uuid.UUID, list[f.PastRegistration]]:
        """The live registrations of partners, under one name or several, whose capacity is limited."""
        found: dict[uuid.UUID, list[f.PastRegistration]] = defaultdict(list)
        limited = Q(partner__tier__capacity__isnull=False) | Q(partner_id__in=list(self.merged))
        live = m.Registration.objects.live_at(self.at).filter(whose, limited, program=self.program)
        for row in live.order_by("pk").only(*_ELSEWHERE).iterator():
            found[row.partner_id].append(rows.elsewhere(row))
        return found

    def rules_of(self, territories: Iterable[f.Territory]) -> "Rules":
        """Rules, found by ground and assignee, with those whom they are assigned to and whom these buy through."""
        counts_as = self.standing
        rules = [stand_rule(rule, {}, counts_as) for rule in territories]
        people = _People(self.program)
        people.learn_with_distributors(self.with_merged(_assigned(rules)), self)
        known = {one.id: one for one in stand_partners(people.records.values(), counts_as)}
        return Rules(Ground.of(rules), Holders(known, self.at), people)

    @cached_property
    def standing(self) -> dict[str, str]:
        """Merged partners -> those that they count as, as records call them."""
        return {str(one): str(other) for one, other in self.merged.items()}

    def with_merged(self, partners: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """These partners, those they count as, and all that count as those."""
        standing = {self.merged.get(partner, partner) for partner in partners}
        return {*partners, *standing, *(one for one, other in self.merged.items() if other in standing)}


_PARTNER = ("external_id", "name", "tier_id", "distributor_id", "certifications", "status")
_ELSEWHERE = (
    "external_id", "number", "partner_id", "status", "submitted_at", "protected_from", "protected_until",
)  # fmt: skip


class _People:
    """The records of partners, each read once."""

    def __init__(self, program: m.Program) -> None:
        self.program = program
        self.records: dict[uuid.UUID, f.Partner] = {}

    def learn_with_distributors(self, ids: set[uuid.UUID], common: Common) -> None:
        """Read those that are not known yet, and whom they buy through."""
        self._learn(ids)
        self._learn(self.with_distributors(ids, common))

    def _learn(self, ids: set[uuid.UUID]) -> None:
        found = m.Partner.objects.filter(pk__in=ids - self.records.keys(), program=self.program)
        self.records |= {row.pk: rows.partner(row) for row in found.only(*_PARTNER)}

    def with_distributors(self, ids: Iterable[uuid.UUID], common: Common) -> set[uuid.UUID]:
        """These partners, and under every name those that they buy through."""
        known = [self.records[pk].distributor_id for pk in ids if pk in self.records]
        return {*ids, *common.with_merged({uuid.UUID(above) for above in known if above})}


@dataclass(frozen=True)
class Rules:
    """Territory rules with those whom they are assigned to."""

    ground: Ground
    holders: Holders
    people: _People


@dataclass
class _Held:
    """What the accounts of one group hold."""

    claims: list[Claim]
    ownerships: list[m.Ownership]
    opportunities: list[m.CrmOpportunity]
    quotes: list[m.PriceQuote]

    @cached_property
    def partner_ids(self) -> set[uuid.UUID]:
        """The partners that stand or stood on these accounts."""
        found = [claim.registration.partner_id for claim in self.claims]
        found += [row.partner_id for kind in (self.ownerships, self.opportunities, self.quotes) for row in kind]
        found += [row.co_sell_partner_id for row in self.opportunities]
        return {partner for partner in found if partner}


class Families:
    """The rows of whole groups of accounts (together.connected); `facts` are those of one group, or of all."""

    def __init__(
        self, program: m.Program, accounts: Collection[uuid.UUID], at: datetime, common: Common | None = None
    ) -> None:
        self.program, self.at, self.common = program, at, common or Common(program, at)
        self.accounts = {row.pk: row for row in m.Account.objects.filter(pk__in=accounts).order_by("pk")}
        self.above = {row.pk: row.merged_into_id or row.parent_id for row in self.accounts.values()}
        self.roots = roots_of(self.above)
        held = Claim.objects.filter(claims_on(self.accounts), registration__isnull=False)
        self.claims = list(held.select_related("registration").order_by("pk"))
        self._on = {
            "claims": _by("account_id", self.claims),
            "ownerships": _by("account_id", self._rows(m.Ownership)),
            "opportunities": _by("account_id", self._rows(m.CrmOpportunity, _recent(at))),
            "quotes": _by("account_id", self._rows(m.PriceQuote)),
            "exceptions": _by("account_id", self._rows(m.AccountException)),
        }
        self._read_partners(self._held(self.accounts).partner_ids)
        self._read_work([claim.registration_id for claim in self.claims])

    def groups(self) -> list[frozenset[uuid.UUID]]:
        """The accounts, parted into those that are judged together."""
        edges = [(one, other) for one, other in self.above.items() if other]
        for claim in self.claims:
            edges += [(claim.account_id, a) for a in (claim.possible_account_id, claim.related_account_id) if a]
        return parted(self.accounts, edges)

    def facts(self, group: Collection[uuid.UUID]) -> f.Facts:
        """Everything that reasoning may know about the claims on one group's accounts."""
        here = sorted(group)
        held, accounts = self._held(here), [self.accounts[pk] for pk in here]
        partner_ids = self.common.with_merged(held.partner_ids)
        partners = self.people.with_distributors(partner_ids, self.common)
        records = tuple(rows.account(row, self.roots[row.pk]) for row in accounts)
        registrations = tuple(rows.registration(claim) for claim in held.claims if claim.registration.submitted_at)
        rules = self._rules_for(accounts, partners, registrations)
        ids = [claim.registration_id for claim in held.claims]
        facts = f.Facts(
            at=self.at,
            program=f.Program(str(self.program.pk), self.program.code, self.program.name, self.program.currency),
            product_lines=self.common.product_lines,
            tiers=self.common.tiers,
            partners=self._partners(partners, rules),
            agreements=_sorted(self._agreements, partner_ids),
            territories=rules,
            exceptions=tuple(map(rows.exception, _in(self._on["exceptions"], here))),
            accounts=records,
            registrations=registrations,
            other_registrations=self._others(partner_ids, {str(pk) for pk in ids}),
            activities=_sorted(self._activities, ids),
            evidence=_sorted(self._evidence, ids),
            ownerships=tuple(map(self._ownership, held.ownerships)),
            opportunities=tuple(map(rows.opportunity, held.opportunities)),
            quotes=tuple(map(rows.quote, held.quotes)),
        )
        stands = {str(row.pk): str(row.merged_into_id) for row in accounts if row.merged_into_id}
        return stand(facts, stands, self.common.standing)

    def claims_of(self, group: Iterable[uuid.UUID]) -> list[Claim]:
        """The claims of registrations on a group's accounts."""
        return _in(self._on["claims"], group)

    def _rows(self, model: Any, *conditions: Q) -> QuerySet[Any]:
        return model.objects.filter(*conditions, account_id__in=list(self.accounts)).order_by("pk")

    def _held(self, group: Iterable[uuid.UUID]) -> _Held:
        here = list(group)
        kinds = ("claims", "ownerships", "opportunities", "quotes")
        return _Held(*(_in(self._on[kind], here) for kind in kinds))

    def _read_partners(self, named: set[uuid.UUID]) -> None:
        """The partners that stand there with their distributors, and the rules that bear on them."""
        self.people, parties = _People(self.program), self.common.with_merged(named)
        self.people.learn_with_distributors(parties, self.common)
        self.rules = self.common.rules or self.common.rules_of(
            rules_bearing(
                self.program, _ground(self.accounts.values()), self.people.with_distributors(parties, self.common)
            )
        )
        papers = m.Agreement.objects.filter(partner_id__in=parties).order_by("pk")
        self._agreements = _records("partner_id", papers, rows.agreement)
        counting = self.common.elsewhere
        self._elsewhere = self.common.counting(Q(partner_id__in=parties)) if counting is None else counting

    def _rules_for(
        self, accounts: list[m.Account], partners: set[uuid.UUID], registrations: Iterable[f.Registration]
    ) -> tuple[f.Territory, ...]:
        """The rules that bear on accounts and partners, with those of their holders only who can matter there."""
        bearing = self.rules.ground.bearing(_ground(accounts), map(str, partners))
        known = stand_partners(
            (self.people.records[pk] for pk in partners if pk in self.people.records), self.common.standing
        )
        judged: dict[str, set[date]] = {one.id: set() for one in known}
        for one in registrations:
            claimant = self.common.standing.get(one.claimant, one.claimant)
            if claimant in judged and registration_live(one, self.at):
                judged[claimant].add(day(one.submitted_at))
        return self.rules.holders.cut(bearing, judged, {one.id: one for one in known})

    def _partners(self, partners: set[uuid.UUID], rules: Iterable[f.Territory]) -> tuple[f.Partner, ...]:
        """The records of these partners and of all who have a part in the rules, and whom those buy through."""
        assigned = self.rules.people.with_distributors(self.common.with_merged(_assigned(rules)), self.common)
        return tuple(
            self.people.records.get(pk) or self.rules.people.records[pk]
            for pk in sorted(partners | assigned)
            if pk in self.people.records or pk in self.rules.people.records
        )

    def _read_work(self, registrations: list[uuid.UUID]) -> None:
        work = m.Activity.objects.filter(registration__in=registrations).order_by("pk")
        papers = m.Evidence.objects.counting().filter(registration__in=registrations).order_by("pk")
        self._activities = _records("registration_id", work, rows.activity)
        self._evidence = _records("registration_id", papers, rows.evidence)

    def _others(self, partners: Iterable[uuid.UUID], here: set[str]) -> tuple[f.PastRegistration, ...]:
        found = [one for partner in partners for one in self._elsewhere.get(partner, ()) if one.id not in here]
        return tuple(sorted(found, key=lambda one: one.id))

    def _ownership(self, row: m.Ownership) -> f.Ownership:
        return rows.ownership(row, self.accounts[row.account_id], self.people.records.get(row.partner_id))


def _assigned(rules: Iterable[f.Territory]) -> set[uuid.UUID]:
    assignees = {one.assignee for rule in rules for one in rule.assignments} - {"", f.DIRECT}
    return set(map(uuid.UUID, assignees))


def _by(column: str, found: Iterable[Any]) -> dict[uuid.UUID, list[Any]]:
    index: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in found:
        index[getattr(row, column)].append(row)
    return index


def _in(index: dict[uuid.UUID, list[Any]], keys: Iterable[uuid.UUID]) -> list[Any]:
    """The rows under these keys in the order of their own ids, so that one group reads the same alone and among others."""
    return sorted((row for key in keys for row in index.get(key, ())), key=lambda row: row.pk)


def _records(column: str, found: Iterable[Any], record: Callable[[Any], Any]) -> dict[uuid.UUID, list[Any]]:
    index: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for row in found:
        index[getattr(row, column)].append(record(row))
    return index


def _sorted(index: dict[uuid.UUID, list[Any]], keys: Iterable[uuid.UUID]) -> tuple[Any, ...]:
    return tuple(sorted((one for key in keys for one in index.get(key, ())), key=lambda one: one.id))


def _ground(accounts: Iterable[m.Account]) -> set[str]:
    return {
        key
        for row in accounts
        for key in looked_up((str(row.pk), row.external_id), row.country, row.subdivision, row.postal_code)
    }


def with_assignees(program: m.Program, facts: f.Facts, rules: Iterable[f.Territory]) -> f.Facts:
    """The facts with everybody who has a part in other rules than theirs, and whom these buy through: two queries."""
    common, people = Common(program, facts.at), _People(program)
    people.learn_with_distributors(common.with_merged(_assigned(rules)), common)
    known = {one.id: one for one in (*facts.partners, *stand_partners(people.records.values(), common.standing))}
    return replace(facts, partners=tuple(known[key] for key in sorted(known)))


def claims_concerned(change: m.IdentityChange) -> QuerySet[Claim]:
    """The claims of registrations whose account or claimant a merge or a split may change."""
    ends = [change.subject_id, change.target_id]
    claims = Claim.objects.filter(program_id=change.program_id, registration__isnull=False)
    if change.of_partners:
        return claims.filter(registration__partner_id__in=ends)
    own = Q(account_id__in=ends) | Q(account__merged_into_id__in=ends)
    perhaps = Q(possible_account_id__in=ends) | Q(related_account_id__in=ends)
    return claims.filter(own | perhaps | Q(registration_id__in=change.moved.get("registrations", [])))


def load_territories(program: m.Program) -> tuple[f.Territory, ...]:
    """The territory rules of a program."""
    return _territories(program, m.Territory.objects.filter(program=program))


def territory_as_rule(territory: m.Territory) -> f.Territory:
    """One territory rule."""
    (rule,) = _territories(territory.program, m.Territory.objects.filter(pk=territory.pk))
    return rule


def rules_bearing(
    program: m.Program, keys: Iterable[str], partners: Iterable[uuid.UUID] = ()
) -> tuple[f.Territory, ...]:
    """The rules that can cover an account with one of these keys (looked_up), and those in which these have a part."""
    asked: dict[str, Any] = {"program": program.pk, "ground": list(keys), "partners": list(partners)}
    with connection.cursor() as cursor:
        cursor.execute(_BEARING, asked)
        found = [row[0] for row in cursor.fetchall()]
    return _territories(program, m.Territory.objects.filter(pk__in=found))


def _territories(program: m.Program, found: QuerySet[m.Territory]) -> tuple[f.Territory, ...]:
    territories = list(found.order_by("pk"))
    assigned = _assignments(territories)
    refs = {ref for rule in territories for ref in (*rule.named_accounts, *rule.excluded_accounts)}
    named = m.Account.objects.filter(program=program, external_id__in=refs).values_list("external_id", "pk")
    known = {ref: str(pk) for ref, pk in named} if refs else {}
    return tuple(rows.territory(rule, known, assigned[str(rule.pk)]) for rule in territories)


def _assignments(territories: Iterable[m.Territory]) -> dict[str, list[f.Assignment]]:
    """By rule, each in the order of its ids. Read as they are: a rule may have hundreds, and as objects they take long."""
    refs = {str(rule.pk): rule.external_id for rule in territories}
    found: dict[str, list[f.Assignment]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNED, [f.DIRECT, list(refs)])
        for rule, key, assignee, role in cursor.fetchall():
            found[rule].append(f.Assignment(key, refs[rule], assignee, role))
    return found


def _recent(at: datetime) -> Q:
    """Open opportunities, and won ones that can still weigh (730 days and a day of slack)."""
    return ~Q(stage__in=m.CLOSED_STAGES) | Q(closed_at__gte=at - timedelta(days=732)) | Q(closed_at__isnull=True)
