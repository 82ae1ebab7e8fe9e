"""Merges and splits of accounts and partners: what they change, what undoing brings back, what is refused."""

from datetime import timedelta

import pytest

from channelconflict.models import AuditEvent
from conflicts.identity.resolve import resolve
from conflicts.load import load_facts
from conflicts.models import Claim
from partners.identity import (
    Parts,
    merge_accounts,
    merge_partners,
    say,
    split_account,
    standing_partners,
    typed_key,
    undo_change,
)
from partners.models import Account, AccountName, IdentityChange, MatchVerdict, Ownership, Protection, Registration
from partners.services import NotPossibleError, save_row
from reviews import pipeline, tasks
from reviews.models import Case
from tests import factories
from tests.factories import AT

LATER = AT + timedelta(hours=1)


def two_accounts(cast):
    """Orion, and the same company as somebody else keeps it."""
    with cast.scope():
        orion = Account.objects.get(external_id="A-ORION")
        other = factories.account(cast, "A-OLD", "Old Star Chemistry", domain="oldstar.example")
    return orion, other


def two_cases_apart(cast):
    """Alpha registers Orion, Beta the same company under its old name: nothing stands against either."""
    orion, other = two_accounts(cast)
    first = factories.submitted(cast, cast.alpha, days_ago=2)
    second = factories.submitted(
        cast, cast.beta, days_ago=1, account_name="Old Star Chemistry", account_domain="oldstar.example"
    )
    return orion, other, first, second


def examined(cast, change):
    pipeline.process_change(cast.program, change.pk, LATER)


def test_merged_accounts_make_one_case_and_undoing_parts_them(cast):
    orion, other, first, second = two_cases_apart(cast)
    with cast.scope():
        change = merge_accounts(subject=other, target=orion, by=cast.olga, at=AT, reason="Renamed in 2019.")
    pipeline.detect(cast.program, AT)
    with cast.scope():
        case = Case.objects.get()
        assert {party.partner for party in case.parties.all()} == {cast.alpha, cast.beta}
        assert Claim.objects.get(registration=second).standing_account_id == orion.pk
        undo_change(change=change, by=cast.olga, at=LATER)
    examined(cast, change)
    with cast.scope():
        case.refresh_from_db()
        assert case.status == "closed"  # nothing stands against anybody any more
        assert Claim.objects.get(registration=second).account_id == other.pk
        assert {r.status for r in Registration.objects.filter(pk__in=[first.pk, second.pk])} == {"approved"}


def test_a_merge_of_two_protected_deals_makes_a_case_of_both(cast):
    orion, other, first, second = two_cases_apart(cast)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        assert not Case.objects.exists()
        change = merge_accounts(subject=other, target=orion, by=cast.olga, at=AT)
    examined(cast, change)
    with cast.scope():
        case = Case.objects.get()
        assert set(case.conflict.claims.values_list("registration", flat=True)) == {first.pk, second.pk}
        # One deal cannot be protected twice on one account, so the second's protection stays where it was.
        assert {p.account_id for p in Protection.objects.all()} == {orion.pk, other.pk}


def test_what_the_nudge_missed_is_found_by_the_sweep(cast):
    orion, other = two_accounts(cast)
    with cast.scope():
        change = merge_accounts(subject=other, target=orion, by=cast.olga, at=AT)
    tasks.sweep()
    with cast.scope():
        change.refresh_from_db()
        assert change.examined_at is not None
    tasks.identity_changed(str(cast.program.pk), str(change.pk))  # may run twice


def test_what_is_typed_like_a_merged_account_is_the_one_that_stands(cast):
    orion, other = two_accounts(cast)
    with cast.scope():
        merge_accounts(subject=other, target=orion, by=cast.olga, at=AT)
        typed = factories.draft(
            cast, cast.beta, account_name="OLD STAR CHEMISTRY Inc", account_domain="oldstar.example"
        )
        assert resolve(typed).same == orion


def test_facts_know_only_the_account_that_stands(cast):
    orion, other, _, second = two_cases_apart(cast)
    pipeline.detect(cast.program, AT)
    with cast.scope():
        owner = Ownership(program=cast.program, account=other, partner=cast.beta)
        save_row(owner, by=None, at=AT, action="ownership.recorded")
        merge_accounts(subject=other, target=orion, by=cast.olga, at=AT)
        facts = load_facts(cast.program, [orion.pk], AT)
    assert [account.id for account in facts.accounts] == [str(orion.pk)]
    assert {o.account_id for o in facts.ownerships} == {str(orion.pk)}
    assert {r.account_id for r in facts.registrations} == {str(orion.pk)}
    assert str(second.pk) in {r.id for r in facts.registrations}


def test_members_of_a_merged_account_come_along_and_go_back(cast):
    orion, other = two_accounts(cast)
    with cast.scope():
        third = factories.account(cast, "A-THIRD", "Third Star Chemistry", domain="third.example")
        first = merge_accounts(subject=third, target=other, by=cast.olga, at=AT)
        second = merge_accounts(subject=other, target=orion, by=cast.olga, at=LATER)
        assert set(orion.merged.values_list("external_id", flat=True)) == {"A-OLD", "A-THIRD"}
        with pytest.raises(NotPossibleError, match="Undo the later merge of Old Star Chemistry first"):
            undo_change(change=first, by=cast.olga, at=LATER)
        undo_change(change=second, by=cast.olga, at=LATER)
        third.refresh_from_db()
        other.refresh_from_db()
        assert (third.merged_into, other.merged_into) == (other, None)
        undo_change(change=first, by=cast.olga, at=LATER)
        with pytest.raises(NotPossibleError, match="undone already"):
            undo_change(change=first, by=cast.olga, at=LATER)


def test_relatives_and_merged_accounts_are_not_merged(cast):
    orion, other = two_accounts(cast)
    with cast.scope():
        child = factories.account(cast, "A-CHILD", "Orion Chemicals Brasil", domain="", parent=orion)
        for subject, target, sentence in (
            (orion, orion, "two different accounts"),
            (child, orion, "is a parent of"),
            (orion, child, "is a parent of"),
        ):
            with pytest.raises(NotPossibleError, match=sentence):
                merge_accounts(subject=subject, target=target, by=cast.olga, at=AT)
        merge_accounts(subject=other, target=orion, by=cast.olga, at=AT)
        with pytest.raises(NotPossibleError, match="counts as Orion"):
            merge_accounts(subject=child, target=other, by=cast.olga, at=AT)
        assert IdentityChange.objects.count() == 1


def test_a_split_takes_its_records_along_and_can_be_undone(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        orion = Account.objects.get(external_id="A-ORION")
        owner = Ownership(program=cast.program, account=orion, partner=cast.beta)
        save_row(owner, by=None, at=AT, action="ownership.recorded")
        second = Registration.objects.get(partner=cast.beta)
        change = split_account(
            account=orion, name="Orion Chemicals Belgium", by=cast.olga, at=AT, reason="Two companies.",
            parts=Parts(registrations=[second.pk], ownerships=[owner.pk]),
        )  # fmt: skip
        other = Account.objects.get(pk=change.target_id)
    examined(cast, change)
    with cast.scope():
        assert Claim.objects.get(registration=second).account == other
        owner.refresh_from_db()
        assert owner.account == other
        case.refresh_from_db()
        assert case.status == "closed"  # nothing stands against anybody any more
        undo_change(change=change, by=cast.olga, at=LATER)
    examined(cast, change)
    with cast.scope():
        owner.refresh_from_db()
        assert owner.account == orion
        assert Claim.objects.get(registration=second).standing_account_id == orion.pk
        assert AuditEvent.objects.filter(action__in=("identity.split", "identity.undone")).count() == 2


def test_a_split_needs_a_name_and_something_to_take(cast):
    orion, _ = two_accounts(cast)
    with cast.scope():
        with pytest.raises(NotPossibleError, match="a name"):
            split_account(account=orion, name=" ", parts=Parts(), by=cast.olga, at=AT)
        with pytest.raises(NotPossibleError, match="at least one record"):
            split_account(account=orion, name="Orion Two", parts=Parts(), by=cast.olga, at=AT)


def test_names_go_with_a_split_and_come_back(cast):
    with cast.scope():
        orion = factories.account(cast, "A-BOTH", "Meridian Pumps", domain="")
        say_name = factories.draft(cast, cast.alpha, account_name="Zephyr Turbines", account_city="Oslo")
        say_name.save()
        say(registration=say_name, account=orion, verdict="same", by=cast.olga, at=AT)
        alias = AccountName.objects.get(account=orion, key="zephyr turbines")
        change = split_account(
            account=orion, name="Zephyr Turbines", parts=Parts(names=[alias.pk]), by=cast.olga, at=AT
        )
        assert not AccountName.objects.filter(account=orion, key="zephyr turbines").exists()
        undo_change(change=change, by=cast.olga, at=LATER)
        assert AccountName.objects.filter(account=orion, key="zephyr turbines").exists()


def test_what_a_person_said_holds_for_who_types_the_same(cast):
    with cast.scope():
        meridian = factories.account(cast, "A-MER", "Meridian Pumps", domain="")
        words = {"account_name": "Zephyr Turbines", "account_domain": "zephyr.example", "contact_email": ""}
        first = factories.draft(cast, cast.alpha, **words)
        first.save()
        say(registration=first, account=meridian, verdict="same", by=cast.olga, at=AT)
        again = factories.draft(cast, cast.beta, **words | {"account_name": "ZEPHYR TURBINES INC."})
        assert resolve(again).same == meridian
        elsewhere = factories.draft(cast, cast.beta, **words | {"account_domain": "other.example"})
        assert resolve(elsewhere).verdict != "same"
        say(registration=first, account=meridian, verdict="different", by=cast.olga, at=LATER)
        assert resolve(again).same is None
        assert MatchVerdict.objects.get().typed == typed_key(first)


def test_of_two_verdicts_on_the_same_words_the_later_holds(cast):
    with cast.scope():
        first_said, then_said = (
            factories.account(cast, f"A-{n}", f"{n} Pumps", domain="") for n in ("Meridian", "Boreal")
        )
        words = {"account_name": "Zephyr Turbines", "account_domain": "zephyr.example", "contact_email": ""}
        for account, at in ((first_said, AT), (then_said, LATER), (first_said, LATER + timedelta(hours=1))):
            row = factories.draft(cast, cast.alpha, **words)
            row.save()
            say(registration=row, account=account, verdict="same", by=cast.olga, at=at)
        again = factories.draft(cast, cast.beta, **words)
        assert resolve(again).same == first_said
        say(registration=row, account=then_said, verdict="same", by=cast.olga, at=LATER + timedelta(hours=2))
        assert resolve(again).same == then_said


def test_a_merged_record_is_found_by_its_own_domain_as_the_account_that_it_counts_as(cast):
    with cast.scope():
        meridian = factories.account(cast, "A-MER", "Meridian Pumps", domain="meridian.example")
        boreal = factories.account(cast, "A-BOR", "Boreal Turbines", domain="boreal.example")
        words = {"account_name": "Meridian Pumps", "account_domain": "meridian.example", "contact_email": ""}
        registration = factories.draft(cast, cast.beta, **words)
        assert resolve(registration).same == meridian
        change = merge_accounts(subject=meridian, target=boreal, by=cast.pat, at=AT, reason="One company.")
        assert resolve(registration).same == boreal
        undo_change(change=change, by=cast.pat, at=LATER)
        assert resolve(registration).same == meridian


def test_a_name_alone_is_remembered_for_nobody_else(cast):
    with cast.scope():
        meridian = factories.account(cast, "A-MER", "Meridian Pumps", domain="")
        bare = {"account_name": "Global Solutions", "account_domain": "", "contact_email": "", "account_city": ""}
        first = factories.draft(cast, cast.alpha, **bare)
        first.save()
        say(registration=first, account=meridian, verdict="same", by=cast.olga, at=AT)
        assert resolve(first).same == meridian
        assert typed_key(first) == ""
        assert resolve(factories.draft(cast, cast.beta, **bare)).verdict != "same"


def test_a_partner_under_two_names_is_one_claimant(cast):
    case = factories.conflict_case(cast)
    with cast.scope():
        change = merge_partners(subject=cast.beta, target=cast.alpha, by=cast.olga, at=AT, reason="Alpha bought Beta.")
        assert standing_partners(cast.program.pk) == {cast.beta.pk: cast.alpha.pk}
    examined(cast, change)
    with cast.scope():
        case.refresh_from_db()
        kinds = set(case.conflict.findings.filter(gone_at=None).values_list("kind", flat=True))
        assert kinds == {"duplicate_registration"}
        undo_change(change=change, by=cast.olga, at=LATER)
    examined(cast, change)
    with cast.scope():
        case.refresh_from_db()
        kinds = set(case.conflict.findings.filter(gone_at=None).values_list("kind", flat=True))
        assert kinds == {"competing_registration"}


def test_a_partner_is_not_merged_into_its_distributor_nor_twice(cast):
    with cast.scope():
        reseller = factories.partner(cast, "P-RES", "Reseller of Alpha", distributor=cast.alpha)
        with pytest.raises(NotPossibleError, match="reseller and distributor"):
            merge_partners(subject=reseller, target=cast.alpha, by=cast.olga, at=AT)
        merge_partners(subject=reseller, target=cast.beta, by=cast.olga, at=AT)
        with pytest.raises(NotPossibleError, match="counts as Beta"):
            merge_partners(subject=cast.alpha, target=reseller, by=cast.olga, at=AT)
