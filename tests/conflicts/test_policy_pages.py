"""The pages of policy versions: the editor keeps what it can read and says the rest at the field; buttons do as they say."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from channelconflict.scope import acting
from conflicts import policies
from conflicts.models import PolicyStatus, PolicyVersion
from conflicts.policy import STANDARD
from partners.permissions import scope_of
from tests.conflicts.policy_life import back_tested, fresh, live, published, with_margin
from tests.crawl_writes import forms_on
from tests.factories import AT
from tests.staff_site import address, as_

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(cast):
    return as_(cast.olga)


@pytest.fixture
def pat(cast):
    return as_(cast.pat)


@pytest.fixture
def draft(cast):
    with cast.scope():
        return policies.draft_policy(program=cast.program, by=cast.olga, at=AT)


def now(cast, row):
    with cast.scope():
        return fresh(row)


def page(row, name):
    return address(PolicyVersion, name, row.pk)


def form_on(client, url):
    """The longest form of a page: what a browser would send, each field with all its values."""
    answer = client.get(url)
    assert answer.status_code == 200
    fields = max((fields for _, fields in forms_on(answer)), key=len)
    fields.pop("csrfmiddlewaretoken", None)
    checked = re.findall(
        r'<input type="checkbox"[^>]*?name="([^"]+)" value="([^"]+)"( checked)?', answer.content.decode()
    )
    for name, _, _ in checked:
        fields[name] = [value for other, value, on in checked if other == name and on]
    return fields


@pytest.mark.parametrize("section", ["findings", "numbers", "weights", "routing", "automation", "signals"])
def test_a_section_sent_back_as_it_came_says_the_same(cast, olga, draft, section):
    url = page(draft, f"edit_{section}")
    assert olga.post(url, form_on(olga, url) | {"do": "save"}).status_code == 302
    kept = now(cast, draft)
    assert kept.document == STANDARD | {"version": 2}
    assert kept.version == 2


def test_a_number_is_changed_and_a_wrong_one_is_said_at_its_field(cast, olga, draft):
    url = page(draft, "edit_numbers")
    form = form_on(olga, url) | {"do": "save"}
    wrong = olga.post(url, form | {"parameters.margin": "wide"})
    assert wrong.status_code == 400
    text = wrong.content.decode()
    assert re.search(r'name="parameters.margin" value="wide"[^>]*aria-invalid="true"', text)
    assert "Expected a whole number" in text
    assert now(cast, draft).version == 1
    assert olga.post(url, form | {"parameters.margin": "40"}).status_code == 302
    assert now(cast, draft).document["parameters"]["margin"] == 40


def test_rows_are_added_by_a_button_and_kept_by_saving(cast, olga, draft):
    url = page(draft, "edit_routing")
    answer = olga.post(url, form_on(olga, url) | {"do": "add:routing.table"})
    assert answer.status_code == 200
    assert 'name="routing.table[4].amount_at_least"' in answer.content.decode()
    assert "Not kept yet" in answer.content.decode()
    assert now(cast, draft).version == 1


def test_a_stale_edit_shows_the_difference_and_keeps_what_was_typed(cast, olga, pat, draft):
    url = page(draft, "edit_numbers")
    form = form_on(olga, url) | {"do": "save"}
    pat.post(url, form | {"clock.hours": "24"})
    answer = olga.post(url, form | {"parameters.margin": "40"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody else changed" in text
    assert re.search(r"<del>48</del>.*<ins>24</ins>", text)
    assert 'name="parameters.margin" value="40"' in text
    assert 'name="clock.hours" value="24"' in text  # what only the other one changed is taken over
    again = {name: [v for v in values if v] for name, values in forms_on(answer)[-1][1].items()}
    assert now(cast, draft).document["parameters"]["margin"] == 15
    assert olga.post(url, form | again | {"do": "save"}).status_code == 302
    kept = now(cast, draft).document
    assert (kept["parameters"]["margin"], kept["clock"]["hours"]) == (40, 24)


def rule_form(client, row, rule=""):
    url = page(row, "rule") + (f"?id={rule}" if rule else "")
    return form_on(client, url)


def test_a_rule_with_a_condition_is_added_before_the_last(cast, olga, draft):
    form = rule_form(olga, draft) | {
        "title": "Large deals", "reason": "A large deal is talked about.", "action": "mediate", "when.how": "all",
        "when-1.fact": "amount", "when-1.op": ">=", "when-1.value": "500,000", "when-2.fact": "reserved_account",
        "when-2.op": "=", "when-2.value": "no", "do": "save",
    }  # fmt: skip
    answer = olga.post(page(draft, "rule"), form)
    assert answer.status_code == 302, answer.content.decode()
    rule = now(cast, draft).document["rules"][-2]
    assert rule == {
        "id": "R-13", "priority": 115, "title": "Large deals", "reason": "A large deal is talked about.",
        "when": {"all": [{"fact": "amount", "op": ">=", "value": 500000},
                         {"fact": "reserved_account", "op": "=", "value": False}]},
        "then": {"action": "mediate"},
    }  # fmt: skip
    assert "Large deals" in olga.get(page(draft, "edit_rules")).content.decode()
    assert "500,000" in olga.get(page(draft, "change")).content.decode()


def test_an_error_of_a_condition_stands_at_its_row(cast, olga, draft):
    typed = {"title": "Large", "reason": "Large.", "action": "mediate", "when-1.value": "much", "do": "save"}
    form = rule_form(olga, draft) | typed
    answer = olga.post(page(draft, "rule"), form)
    assert answer.status_code == 400
    assert re.search(r'name="when-1.value" value="much"[^>]*aria-invalid="true"', answer.content.decode())
    assert now(cast, draft).version == 1


def test_buttons_of_a_condition_add_and_take_out_without_keeping(cast, olga, draft):
    form = rule_form(olga, draft, "R-08")
    answer = olga.post(page(draft, "rule"), form | {"do": "group:when"}).content.decode()
    assert 'name="when-2.how"' in answer
    assert 'name="when-2-1.fact"' in answer
    assert 'value="R-08"' in answer
    assert now(cast, draft).version == 1


def test_rules_are_moved_and_taken_out(cast, olga, draft):
    url = page(draft, "edit_rules")
    olga.post(url, {"do": "up:R-08", "seen_version": "1"})
    assert [rule["id"] for rule in now(cast, draft).document["rules"]][6:8] == ["R-08", "R-07"]
    olga.post(url, {"do": "remove:R-08", "seen_version": "1"})  # seen before the move
    assert len(now(cast, draft).document["rules"]) == 12
    olga.post(url, {"do": "remove:R-08", "seen_version": "2"})
    assert "R-08" not in [rule["id"] for rule in now(cast, draft).document["rules"]]
    olga.post(url, {"do": "remove:R-12", "seen_version": "3"})  # the last rule always holds
    assert now(cast, draft).version == 3


@pytest.mark.parametrize("section", ["rules", "findings", "numbers"])
def test_a_live_version_is_read_not_edited(cast, olga, section):
    with cast.scope():
        row = live(cast)
    url = page(row, f"edit_{section}")
    text = olga.get(url).content.decode()
    assert "A change is a new version" in text
    assert 'value="save">' not in text.replace('tabindex="-1"', "") or "disabled" in text
    with cast.scope():
        before = fresh(row).document
    olga.post(url, {"do": "save", "seen_version": "1", "parameters.margin": "3"})
    assert now(cast, row).document == before


@pytest.mark.parametrize("who", ["ada", "audrey", "carl"])
def test_who_may_not_change_rules_reads_and_does_nothing(cast, draft, who):
    client = as_(cast.staff[who])
    for tab in ("change", "edit_rules", "rule", "checks", "differences", "backtest", "publish", "download"):
        assert client.get(page(draft, tab)).status_code == 200, tab
    assert client.post(page(draft, "edit_numbers"), {"do": "save", "seen_version": "1"}).status_code == 400
    assert client.post(address(PolicyVersion, "new"), {"source": str(draft.pk)}).status_code == 404
    client.post(page(draft, "publish"), {"act": "discard"})
    assert now(cast, draft).status == PolicyStatus.DRAFT
    assert now(cast, draft).version == 1


def test_from_asking_to_live_to_rolled_back(cast, olga, pat, draft):
    with cast.scope():
        policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=cast.olga, at=AT)
        row = fresh(draft)
        back_tested(row)
    url = page(row, "publish")
    olga.post(url, {"act": "ask", "seen_version": "2", "reason": "Agreed in the council."})
    assert "second person publishes" in olga.get(url).content.decode()
    text = pat.get(url).content.decode()
    assert "Agreed in the council." in text
    assert "Publish: live at once in place of v1" in text
    done = pat.post(url, {"act": "publish", "seen_version": "2", "seen_live": "1"}, follow=True).content.decode()
    assert "Policy v2 is live." in done
    back = pat.post(url, {"act": "roll_back", "seen_live": "2", "reason": "Too wide."}, follow=True).content.decode()
    assert "Policy v3 is live and says what policy v1 said." in back
    with cast.scope():
        assert live(cast).number == 3


def test_a_version_goes_out_as_a_file_and_comes_back_as_a_draft(cast, olga, draft):
    with cast.scope():
        policies.edit_policy(policy=draft, document=with_margin(draft, 40), seen_version=1, by=cast.olga, at=AT)
    answer = olga.get(page(draft, "download"))
    assert answer["Content-Disposition"] == 'attachment; filename="policy-northwind-v2.json"'
    file = SimpleUploadedFile("mine.json", answer.content, content_type="application/json")
    done = olga.post(address(PolicyVersion, "upload"), {"program": str(cast.program.pk), "file": file})
    assert done.status_code == 302
    with cast.scope():
        made = PolicyVersion.objects.get(number=3)
    assert made.document["parameters"]["margin"] == 40
    assert made.why == "Uploaded."


@pytest.mark.parametrize(("content", "said"), [
    (b"nonsense", "no JSON"), (b"\xff\xfe", "no text"), (b'{"id": "x"}', "parameters: expected"), (b"[]", "no object"),
])  # fmt: skip
def test_a_bad_file_is_refused_with_what_is_wrong(cast, olga, content, said):
    file = SimpleUploadedFile("mine.json", content)
    done = olga.post(address(PolicyVersion, "upload"), {"program": str(cast.program.pk), "file": file}, follow=True)
    assert said in done.content.decode()
    with cast.scope():
        assert PolicyVersion.objects.count() == 1


# --- partners ---


def partner_page(user):
    client = Client()
    client.force_login(user)
    return client.get(reverse("portal:policy"))


def test_partners_read_the_live_version_and_nothing_internal(cast):
    with cast.scope():
        secret = policies.draft_policy(program=cast.program, by=cast.olga, at=AT, why="Squeeze the resellers")
        policies.edit_policy(policy=secret, document=fresh(secret).document | {"title": "Secret plans"}, seen_version=1,
                             by=cast.olga, at=AT)  # fmt: skip
    text = partner_page(cast.acme_rep).content.decode()
    assert "How a deal is decided" in text
    assert "version 1" in text
    assert "For 14 days after a decision you can appeal" in text
    for hidden in ("Secret plans", "Squeeze", "margin", "Beta Industrial", "Olga", "spreads"):
        assert hidden not in text, hidden
    with cast.scope():
        published(cast, margin=90)
    assert "version 3" in partner_page(cast.rival_rep).content.decode()


def test_the_portal_cannot_read_the_document_itself(cast):
    with acting(scope_of(cast.acme_rep)), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        list(PolicyVersion.objects.all())


# --- the command ---


def test_the_command_lists_exports_and_imports(cast, tmp_path, capsys):
    path = tmp_path / "policy.json"
    call_command("policy", "export", out=str(path))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document == STANDARD
    path.write_text(json.dumps(document | {"title": "Ours"}), encoding="utf-8")
    call_command("policy", "import", str(path), user="olga", json=True)
    assert json.loads(capsys.readouterr().out)["number"] == 2
    call_command("policy", "list")
    listed = capsys.readouterr().out
    assert re.search(r"v2 +draft .*Ours", listed)
    assert re.search(r"v1 +live .*since", listed)
    with pytest.raises(CommandError, match="change the program's rules"):
        call_command("policy", "import", str(path), user="ada")
    with pytest.raises(CommandError, match="--user is needed"):
        call_command("policy", "import", str(path))
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError, match="parameters"):
        call_command("policy", "import", str(path), user="olga")
    with pytest.raises(CommandError, match="no version 9"):
        call_command("policy", "export", number=9)


def test_a_rule_that_is_gone_since_keeps_what_was_typed(cast, olga, pat, draft):
    form = rule_form(olga, draft, "R-05") | {"do": "save", "title": "Held and worked"}
    pat.post(page(draft, "edit_rules"), {"do": "remove:R-05", "seen_version": "1"})
    assert "R-05" not in {rule["id"] for rule in now(cast, draft).document["rules"]}
    answer = olga.post(page(draft, "rule"), form)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody else changed" in text
    assert 'value="Held and worked"' in text
    assert "R-05" not in {rule["id"] for rule in now(cast, draft).document["rules"]}
    assert olga.get(page(draft, "rule") + "?id=R-05").status_code == 404
