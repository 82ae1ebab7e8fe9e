"""The family on the case page: who belongs to whom, which claim stands where, what nobody has confirmed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conflicts.family import SHOWN, Tie, family_tree
from conflicts.models import Claim
from partners import models as m
from partners.identity import merge_accounts
from partners.services import record_account, save_row
from reviews import pipeline
from reviews.models import Case
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import opened, text_of, url

pytestmark = pytest.mark.django_db


def told(nodes, depth=0):
    """The tree as lines: depth, name, relation."""
    for node in nodes:
        yield depth, node.name, node.relation
        yield from told(node.children, depth + 1)


@pytest.fixture
def orion(cast):
    with cast.scope():
        return m.Account.objects.get(external_id="A-ORION")


def relatives(cast, orion, count):
    with cast.scope():
        return [factories.account(cast, f"A-R{n}", f"Relative {n:02}", parent=orion) for n in range(count)]


@pytest.fixture
def family_case(cast, orion):
    """Alpha claims Orion, Beta its subsidiary: one case over two companies of a family."""
    with cast.scope():
        water = factories.account(
            cast, "A-WATER", "Waterworks Meridian", parent=orion, unit=m.Unit.SUBSIDIARY, domain="meridian.example"
        )
        owned = m.Ownership(program=cast.program, account=orion, direct=True)
        save_row(owned, by=None, at=AT, action="ownership.recorded")
    typed = {"account_name": "Waterworks Meridian", "account_domain": "meridian.example"}
    factories.submitted(cast, cast.beta, days_ago=1, **typed)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        return Case.objects.get(kind="corporate_family"), water


def test_claims_on_two_companies_of_a_family_are_drawn_where_they_stand(client, cast, family_case):
    case, _ = family_case
    page = opened(client, cast.bob, case)
    card = page.context["page"].family
    assert card.apart
    assert list(told(card.tree.roots)) == [(0, "Orion Chemicals Inc.", ""), (1, "Waterworks Meridian", "subsidiary")]
    root = card.tree.roots[0]
    assert [(s.claimant, s.side) for s in root.marks] == [("Direct team", "house")]
    assert [s.claimant for s in root.children[0].marks] == ["Beta Industrial"]
    assert "the claims stand on different companies" in text_of(page)
    assert "nobody has confirmed" not in text_of(page)


def test_an_account_alone_has_no_tree(client, cast):
    page = opened(client, cast.bob, factories.conflict_case(cast))
    assert 'id="family-title"' not in page.content.decode()


def test_a_merged_account_is_told_under_the_one_that_it_counts_as(client, cast, orion):
    with cast.scope():
        old = factories.account(cast, "A-OLD", "Old Star Chemistry", domain="oldstar.example")
    factories.submitted(cast, cast.alpha, days_ago=2)
    typed = {"account_name": "Old Star Chemistry", "account_domain": "oldstar.example"}
    second = factories.submitted(cast, cast.beta, days_ago=1, **typed)
    with cast.scope():
        change = merge_accounts(subject=old, target=orion, by=cast.olga, at=AT)
    pipeline.detect(cast.program, AT)
    pipeline.process_change(cast.program, change.pk, AT)
    with cast.scope():
        Claim.objects.filter(registration=second).update(account=old)  # it stood there before the merge
        case = Case.objects.get(status="open")
    card = opened(client, cast.bob, case).context["page"].family
    assert not card.apart
    merged = card.tree.roots[0].children[0]
    assert (merged.name, merged.relation, merged.merged) == (
        "Old Star Chemistry", "counts as Orion Chemicals Inc.", True,
    )  # fmt: skip
    assert [stand.ref for stand in merged.marks] == [second.ref]


def test_what_nobody_has_confirmed_is_dashed_and_told(client, cast, orion):
    case = factories.conflict_case(cast)
    with cast.scope():
        other = factories.account(cast, "A-GMBH", "Orion Chemicals GmbH", country="DE", subdivision="")
        Claim.objects.filter(registration__partner=cast.beta).update(related_account=other)
    page = opened(client, cast.bob, case)
    node = page.context["page"].family.tree.roots[0]
    assert (node.name, node.children[0].unsure) == ("Orion Chemicals GmbH", True)
    assert node.children[0].note == "perhaps a relative of Orion Chemicals GmbH; nobody has said so yet"
    assert "dashed: nobody has confirmed it" in text_of(page)
    assert 'class=" unsure"' in page.content.decode()


def test_a_tie_never_makes_a_ring_nor_hides_a_parent(cast, orion):
    one, two = relatives(cast, orion, 2)
    ties = {orion.pk: Tie(one.pk, "perhaps a relative of"), two.pk: Tie(one.pk, "perhaps a relative of")}
    with cast.scope():
        tree = family_tree([orion.pk], ties=ties)
    assert list(told(tree.roots)) == [
        (0, "Orion Chemicals Inc.", ""), (1, "Relative 00", "belongs to it"), (1, "Relative 01", "belongs to it"),
    ]  # fmt: skip
    assert "perhaps a relative of Relative 00" in tree.roots[0].note


def test_a_circle_of_parents_is_drawn_once(cast, orion):
    with cast.scope():
        other = factories.account(cast, "A-2", "Second Works", parent=orion)
        orion.parent = other
        record_account(account=orion, by=None, at=AT)
        tree = family_tree([orion.pk])
    assert sorted(name for _, name, _ in told(tree.roots)) == ["Orion Chemicals Inc.", "Second Works"]


def test_a_large_family_is_drawn_in_part_and_counted(cast, orion):
    kids = relatives(cast, orion, SHOWN + 9)
    with cast.scope():
        grandchild = factories.account(cast, "A-G", "Grandchild", parent=kids[-1])
        tree = family_tree([grandchild.pk], here=[grandchild.pk])
    drawn = [name for _, name, _ in told(tree.roots)]
    assert len(drawn) == SHOWN
    assert (tree.size, tree.left_out) == (SHOWN + 11, 11)
    assert {"Orion Chemicals Inc.", kids[-1].name, "Grandchild"} <= set(drawn)  # what was asked for, and all above it


def test_accounts_of_another_program_are_in_no_tree(cast, orion):
    other = factories.make_cast("southsea")
    with other.scope():
        assert family_tree([orion.pk]).roots == ()


def test_the_tree_is_one_query_more_however_large_it_is(client, cast, orion):
    case = factories.conflict_case(cast)

    def cost():
        opened(client, cast.bob, case)
        with CaptureQueriesContext(connection) as queries:
            client.get(url("case", case))
        return len(queries), sum("with recursive" in query["sql"] for query in queries)

    alone = cost()
    relatives(cast, orion, 20)
    assert cost() == alone
    assert alone[1] == 1
