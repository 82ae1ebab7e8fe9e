"""The breach register: recorded, told, commented once, confirmed or dismissed by a second person; it counts for a time."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError
from django.urls import reverse
from django.utils import timezone

from channelconflict.scope import acting
from partners import permissions
from partners.services import NotPossibleError
from reviews.models import Breach, BreachFile, Notice
from reviews.permissions import NotAllowedError
from reviews.services import answer_breach, comment_on_breach, record_breach
from reviews.services.breaches import Entry
from tests import factories
from tests.factories import AT
from tests.reviews.at_the_desk import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REFUSED = r"is not this party's|is not neutral|tells of others"
WHAT = "The buyer was called while the claims were on hold."


def recorded(cast, *, by=None, partner=None, at=AT, **words) -> Breach:
    entry = Entry(
        **({"category": "broke_hold", "what": WHAT, "happened_on": AT.date(), "evidence": "Her mail."} | words)
    )
    with cast.scope():
        return record_breach(partner=partner or cast.beta, entry=entry, by=by or cast.bob, at=at)


def commented(cast, breach, text="It was a wrong number.", at=AT + DAY) -> Breach:
    with acting(permissions.scope_of(cast.rival_rep)):
        return comment_on_breach(breach=breach, comment=text, by=cast.rival_rep, at=at)


def answered(
    cast,
    breach,
    *,
    confirmed=True,
    by=None,
    at=AT + 8 * DAY,
    reasons="The mail shows it.",
    seen=True,
    answer="Please call us first.",
) -> Breach:
    with cast.scope():
        return answer_breach(
            breach=breach,
            confirmed=confirmed,
            answer=answer,
            reasons=reasons,
            comment_seen=seen,
            by=by or cast.carl,
            at=at,
        )


@pytest.mark.parametrize(
    "words", ["Beta Industrial called.", "P-BETA called.", "It stole the deal.", "Its rival called."]
)
def test_what_the_partner_reads_names_nobody_and_judges_nothing(cast, words):
    case = factories.conflict_case(cast)
    ours = {"partner": cast.alpha, "what": words}
    for more in ({"case": case}, {}):
        with pytest.raises(NotPossibleError, match=REFUSED):
            recorded(cast, **ours, **more)
    breach = recorded(cast, partner=cast.alpha, what="Alpha Flow called the buyer.")
    with pytest.raises(NotPossibleError, match=REFUSED):
        answered(cast, breach, answer=words)
    with cast.scope():
        assert Breach.objects.get().status == "recorded"


@pytest.mark.parametrize("gone", ["nobody", "alpha", "beta"])
def test_with_a_case_its_numbers_are_not_named_either(cast, gone):
    case = factories.conflict_case(cast)
    with cast.scope():
        if gone != "nobody":
            case.parties.filter(partner=getattr(cast, gone)).update(left_at=AT)
        words = f"After {case.parties.get(partner=cast.beta).registration.number} the buyer was called."
    with pytest.raises(NotPossibleError, match="is not this party's"):
        recorded(cast, partner=cast.alpha, what=words, case=case)
    breach = recorded(cast, partner=cast.alpha, case=case)
    with pytest.raises(NotPossibleError, match="is not this party's"):
        answered(cast, breach, answer=words)


def told(cast) -> list[str]:
    with cast.scope():
        return [n.subject + "\n" + n.body for n in Notice.objects.filter(partner=cast.beta).order_by("sent_at", "pk")]


def test_from_the_record_to_what_counts(cast):
    breach = recorded(cast)
    assert breach.comment_until == AT + 7 * DAY  # five open days
    assert WHAT in told(cast)[0]
    assert "Nothing is decided yet" in told(cast)[0]
    with pytest.raises(NotPossibleError, match="may comment until 9 March 2026"):
        answered(cast, breach, at=AT + DAY)
    commented(cast, breach)
    with pytest.raises(NotPossibleError, match="a comment is given once"):
        commented(cast, breach, "And another thing.")
    with pytest.raises(NotAllowedError, match="a second person confirms"):
        answered(cast, breach, by=cast.bob)
    done = answered(cast, breach, at=AT + DAY)
    assert (done.status, done.counts_until) == ("confirmed", (AT + 366 * DAY).date())
    assert "It counts until 3 March 2027" in told(cast)[1]
    with cast.scope():
        assert Breach.history.filter(id=breach.pk).count() == 3
        assert BreachFile.objects.get().answered_by == cast.carl
    with pytest.raises(NotPossibleError, match="confirmed already"):
        answered(cast, breach, by=cast.rita)
    with pytest.raises(NotPossibleError, match=r"commented|confirmed already"):
        commented(cast, breach)


def test_dismissed_does_not_count_and_the_program_says_how_long_a_confirmed_one_does(cast):
    done = answered(cast, recorded(cast), confirmed=False, at=AT + DAY)
    assert (done.status, done.counts_until) == ("dismissed", None)
    assert "It does not count" in told(cast)[1]
    with cast.scope():
        cast.program.breach_days = 30
        factories.services.change_program(program=cast.program, by=cast.pat, at=AT)
    assert answered(cast, recorded(cast), at=AT + 8 * DAY).counts_until == (AT + 38 * DAY).date()


def test_a_comment_that_came_meanwhile_is_read_before_anybody_answers(cast, client):
    breach = recorded(cast, at=timezone.now())
    page = reverse("review:breach", args=[breach.pk])
    client.force_login(cast.carl)
    assert 'name="comment_seen" value="False"' in client.get(page).content.decode()
    commented(cast, breach, at=timezone.now())
    sent = {"verdict": "confirm", "reasons": "Her mail.", "comment_seen": "False"}
    refused = client.post(page, sent)
    assert (refused.status_code, "read it, then answer" in text_of(refused)) == (409, True)
    assert 'name="comment_seen" value="True"' in refused.content.decode()
    assert "It was a wrong number." in text_of(refused)
    assert client.post(page, sent | {"comment_seen": "True"}).status_code == 302


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"category": "ugly"}, "from the list"),
        ({"what": " "}, "what happened"),
        ({"happened_on": (AT + DAY).date()}, "still to come"),
        ({"evidence": ""}, "Name the case"),
    ],
)
def test_what_an_entry_must_say(cast, words, sentence):
    with pytest.raises(NotPossibleError, match=sentence):
        recorded(cast, **words)


def test_only_deciders_record_and_only_of_a_party_of_the_case(cast):
    with pytest.raises(NotAllowedError, match="does not record"):
        recorded(cast, by=cast.audrey)
    case = factories.conflict_case(cast)
    with cast.scope():
        gamma = factories.partner(cast, "P-GAMMA", "Gamma Supply")
    with pytest.raises(NotPossibleError, match="no party of"):
        recorded(cast, partner=gamma, case=case, evidence="")
    assert recorded(cast, case=case, evidence="").file.case == case


def test_the_partner_writes_its_comment_and_nothing_else_and_never_sees_the_file(cast):
    breach = recorded(cast)
    for write in (lambda: Breach.objects.filter(pk=breach.pk).update(what="Nothing."), BreachFile.objects.exists):
        with pytest.raises(ProgrammingError, match="permission denied"), acting(permissions.scope_of(cast.rival_rep)):
            write()
    with acting(permissions.scope_of(cast.acme_rep)):
        assert not Breach.objects.exists()


def test_the_pages(cast, client):
    breach = recorded(cast, at=timezone.now())
    mine = reverse("portal:breach", args=[breach.pk])
    client.force_login(cast.rival_rep)
    assert "while the claims were on hold" in text_of(client.get(reverse("portal:breaches")))
    assert "Her mail" not in text_of(client.get(mine))
    assert "Write your comment first" in text_of(client.post(mine, {"comment": ""}))
    client.force_login(cast.carl)
    page = reverse("review:breach", args=[breach.pk])
    assert "None yet. It may comment until" in text_of(client.get(page))
    assert client.post(page, {"verdict": "confirm", "reasons": ""}).status_code == 400
    client.force_login(cast.bob)
    assert "a second person confirms" in text_of(client.get(page))
    refused = client.post(page, {"verdict": "dismiss", "reasons": "Kept."})
    assert refused.status_code == 403
    assert "Kept." in refused.content.decode()
    new = reverse("review:new_breach")
    typed = {
        "partner": cast.alpha.pk,
        "category": "price",
        "what": "A gift.",
        "happened_on": "2026-03-01",
        "evidence": "",
    }
    refused = client.post(new, typed)
    assert refused.status_code == 409
    assert "A gift." in refused.content.decode()
    assert client.post(new, typed | {"evidence": "The quote."}).status_code == 302
    register = text_of(client.get(reverse("review:breaches")))
    assert "Alpha Flow" in register
    assert "Beta Industrial" in register
    client.force_login(cast.audrey)
    assert client.get(new).status_code == 403
    assert client.get(reverse("review:breaches") + f"?partner={cast.beta.pk}").status_code == 200
