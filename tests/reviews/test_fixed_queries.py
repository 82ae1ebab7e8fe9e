"""Detection on submit asks the database the same number of questions, however much there is in it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conflicts.load import Families, load_facts, load_territories
from conflicts.services import assess, policy_in_force
from conflicts.territories import Ground, covers, filed_under, looked_up
from partners import models as m
from partners.services import save_row
from reviews import pipeline
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.django_db


def keep(row):
    return save_row(row, by=None, at=AT, action="test.kept")


def rule(cast, number, partner=None, **ground):
    made = keep(
        m.Territory(
            program=cast.program, external_id=f"T-{number}", name=f"Territory {number}", priority=number, **ground
        )
    )
    keep(m.TerritoryAssignment(program=cast.program, territory=made, partner=partner or cast.beta, role="owner"))
    return made


def crowd(cast, *, claims, territories, accounts, lines="valves"):
    """So many owners on one account, rules elsewhere, accounts in its family."""
    orion = m.Account.objects.get(external_id="A-ORION")
    for number in range(territories):
        rule(cast, number, countries=["DE"], subdivisions=[f"DE-{number % 90:02}"])
    rule(cast, 10_000, countries=["US"])
    m.Account.objects.bulk_create(
        m.Account(program=cast.program, external_id=f"A-{n}", name=f"Subsidiary {n}", parent=orion)
        for n in range(accounts)
    )
    partners = m.Partner.objects.bulk_create(
        m.Partner(program=cast.program, external_id=f"P-{number}", name=f"Partner {number}") for number in range(claims)
    )
    m.Ownership.objects.bulk_create(
        m.Ownership(program=cast.program, account=orion, partner=partner, product_lines=[lines]) for partner in partners
    )


SMALL, LARGE = {"claims": 5, "territories": 3, "accounts": 2}, {"claims": 60, "territories": 80, "accounts": 40}


def test_the_number_of_queries_is_fixed(cast):
    assert _submitting(cast, SMALL) == _submitting(factories.make_cast("southwind"), LARGE)


def _submitting(cast, size):
    with cast.scope():
        crowd(cast, **size)
    first, second = (factories.submitted(cast, partner) for partner in (cast.alpha, cast.beta))
    pipeline.process_registration(cast.program, first.pk, AT)
    with CaptureQueriesContext(connection) as queries:
        done = pipeline.process_registration(cast.program, second.pk, AT)
    assert len(done.cases) == 1
    return len(queries)


def test_what_stands_against_a_registration_is_read_in_a_fixed_number_of_queries(cast):
    assert _reading(cast, SMALL) == _reading(factories.make_cast("southwind"), LARGE)


def _reading(cast, size):
    registration = factories.submitted(cast, cast.alpha)
    with cast.scope():
        crowd(cast, **size, lines="pumps")
        (account,) = pipeline.project(registration, AT)
        with CaptureQueriesContext(connection) as queries:
            facts = load_facts(cast.program, [account], AT)
        assert len(facts.ownerships) == size["claims"]
        assert len(facts.accounts) == 1 + size["accounts"]
        assert len(assess(facts=facts, policy=policy_in_force(cast.program).policy)[0].findings) == size["claims"]
    return len(queries)


def test_only_the_rules_that_can_matter_are_read(cast):
    with cast.scope():
        for number in range(30):
            rule(cast, number, countries=["DE"])
        here, own = rule(cast, 100, countries=["US"]), rule(cast, 101, cast.alpha, countries=["FR"])
        named = rule(cast, 102, named_accounts=["A-ORION"], countries=["US"])
        rule(cast, 103, named_accounts=["A-VEGA"], countries=["US"])
        everywhere = rule(cast, 104)
        postal = rule(cast, 105, postal_prefixes=["77 0"])
        orion = m.Account.objects.get()
        m.Account.objects.update(postal_code="77002")
    factories.submitted(cast, cast.alpha)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        facts = load_facts(cast.program, [orion.pk], AT)
        assert {t.id for t in facts.territories} == {str(t.pk) for t in (here, own, named, everywhere, postal)}


SHAPES = [
    {}, {"countries": ["DE", "US"]}, {"countries": ["US"], "subdivisions": ["US-TX"]}, {"subdivisions": ["DE-BY"]},
    {"postal_prefixes": ["77", "8 0"], "countries": ["US"]}, {"named_accounts": ["A-ORION", "A-GONE"]},
    {"named_accounts": ["A-ORION"], "postal_prefixes": ["1"]}, {"industries": ["32"]},
]  # fmt: skip


def test_the_database_and_the_rules_agree_on_the_ground(cast):
    with cast.scope():
        made = {rule(cast, number, **shape).pk: shape for number, shape in enumerate(SHAPES)}
        with connection.cursor() as cursor:
            cursor.execute(
                "select id, partners_ground(named_accounts, postal_prefixes, subdivisions, countries) from partners_territory"
            )
            kept = dict(cursor.fetchall())
        orion = m.Account.objects.get()
        rules = load_territories(cast.program)
        for one in rules:
            keys = {key.replace(str(orion.pk), "A-ORION").replace("unknown:", "") for key in filed_under(one)}
            assert keys == set(kept[m.Territory.objects.get(external_id=one.ref).pk]), made
        facts = load_facts(cast.program, [orion.pk], AT)
        (account,) = facts.accounts
        keys = looked_up((account.id, "A-ORION"), account.country, account.subdivision, account.postal_code)
        covering = {one.ref for one in rules if covers(one, account, frozenset())}
        assert covering <= {one.ref for one in Ground.of(rules).bearing(keys, ())}


def test_a_family_reads_the_same_alone_and_among_others(cast):
    with cast.scope():
        crowd(cast, claims=3, territories=3, accounts=2)
        orion = m.Account.objects.get(external_id="A-ORION")
        factories.account(cast, "A-VEGA", "Vega Marine", domain="vega.example")
    for partner in (cast.alpha, cast.beta):
        factories.submitted(cast, partner)
        factories.submitted(cast, partner, account_name="Vega Marine", account_domain="vega.example")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        ids = set(m.Account.objects.values_list("pk", flat=True))
        several = Families(cast.program, ids, AT)
        assert len(several.groups()) == 2
        for group in several.groups():
            alone, among = load_facts(cast.program, [min(group)], AT), several.facts(group)
            assert among == alone
        assert orion.pk in several.groups()[0] | several.groups()[1]
