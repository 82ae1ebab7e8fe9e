"""The policy document as forms and words: what is typed becomes the document, what cannot be read stays as typed and is named."""

import json

import pytest

from conflicts.policy import STANDARD, Policy, PolicyError
from conflicts.policy.condition_rows import document_of, pressed, rows_of, typed_rows, walk, with_errors
from conflicts.policy.editing import SECTIONS, as_edited, by_path, filled, grids_of, merged, shown_in
from conflicts.policy.editing import pressed as section_pressed
from conflicts.policy.files import BadFileError, from_text, to_text
from conflicts.policy.readable import for_staff, summary_of

FORMS = [section.slug for section in SECTIONS if section.slug != "rules"]


def posted(slug, document=STANDARD, **typed):
    """What a browser sends for a section, with other values in some fields."""
    sent = {}
    for grid in grids_of(slug, document):
        if grid.list_path:
            sent[f"rows:{grid.list_path}"] = [str(len(grid.rows))]
        for field in (field for row in grid.rows for field in row):
            value = shown_in(field, document)
            if value is not False:
                sent[field.path] = value if isinstance(value, list) else ["on"] if value is True else [value]
    return sent | {name: value if isinstance(value, list) else [value] for name, value in typed.items()}


@pytest.mark.parametrize("slug", FORMS)
def test_a_form_sent_back_untouched_says_the_same(slug):
    assert filled(slug, STANDARD, posted(slug)) == STANDARD


def test_typed_values_reach_the_document():
    made = filled("numbers", STANDARD, posted("numbers", **{
        "parameters.margin": "1,020", "parameters.reserved_segments": " strategic , key ", "protection.reminder_days": "30, 7",
    }))  # fmt: skip
    assert made["parameters"]["margin"] == 1020
    assert made["parameters"]["reserved_segments"] == ["strategic", "key"]
    assert made["protection"]["reminder_days"] == [30, 7]
    assert STANDARD["parameters"]["margin"] == 15
    Policy.from_document(made)


def test_automation_is_typed_in_a_section_of_its_own():
    made = filled("automation", STANDARD, posted("automation", **{
        "automation.approve_without_finding": [], "automation.cases.approve": ["on"],
        "automation.cases.kinds": ["price_overlap", "competing_registration"], "automation.cases.amount_at_most": "25,000",
        "automation.checks.share_pct": "10",
    }))  # fmt: skip
    assert made["automation"]["approve_without_finding"] is False
    policy = Policy.from_document(made).automation
    assert policy.cases.approve
    assert set(policy.cases.kinds) == {"price_overlap", "competing_registration"}
    assert (policy.cases.amount_at_most, policy.checks.share_pct, policy.checks.least) == (25_000, 10, 5)


def test_a_document_from_before_low_risk_reads_as_the_standard_and_is_shown_so():
    older = STANDARD | {"automation": {k: v for k, v in STANDARD["automation"].items() if k not in ("cases", "checks")}}
    assert Policy.from_document(older).automation == Policy.from_document(STANDARD).automation
    assert as_edited("automation", older) == STANDARD
    assert filled("automation", older, posted("automation")) == STANDARD


def test_cases_without_a_kind_are_not_approved_by_rule():
    made = filled("automation", STANDARD, posted("automation", **{"automation.cases.approve": ["on"]}))
    with pytest.raises(PolicyError, match=r"automation\.cases\.kinds: expected at least one kind"):
        Policy.from_document(made)


def test_what_is_no_number_stays_as_typed_and_is_named():
    made = filled("numbers", STANDARD, posted("numbers", **{"parameters.margin": "wide", "clock.hours": ""}))
    with pytest.raises(PolicyError) as wrong:
        Policy.from_document(made)
    placed, loose = by_path(wrong.value.problems)
    assert set(placed) == {"parameters.margin", "clock.hours"}
    assert placed["parameters.margin"].startswith("Expected a whole number")
    assert "wide" in placed["parameters.margin"]
    assert not loose


def test_rows_are_added_moved_and_taken_out():
    more = section_pressed(STANDARD, "routing", "add:routing.table")
    assert [row["amount_at_least"] for row in more["routing"]["table"]] == [None, 250000, 50000, 0]
    typed = posted("routing", more, **{"routing.table[1].amount_at_least": "1000000",
                                       "routing.table[1].roles": ["revenue_lead"]})  # fmt: skip
    made = filled("routing", STANDARD, typed)
    assert made["routing"]["table"][0] == {
        "amount_at_least": 1_000_000, "findings": [], "actions": [], "roles": ["revenue_lead"],
    }  # fmt: skip
    Policy.from_document(made)
    up = section_pressed(made, "routing", "up:routing.table[2]")
    assert up["routing"]["table"][0]["amount_at_least"] == 250000
    assert section_pressed(made, "routing", "remove:routing.table[1]") == STANDARD
    assert section_pressed(made, "routing", "remove:routing.table[77]") == made
    assert section_pressed(made, "findings", "remove:findings[1]") == made  # kinds are not taken out


@pytest.mark.parametrize("count", ["-1", "1e9", "x", "", "999"])
def test_a_forged_number_of_rows_changes_nothing(count):
    sent = posted("routing") | {"rows:routing.table": [count]}
    assert filled("routing", STANDARD, sent)["routing"]["table"] == STANDARD["routing"]["table"]


def test_two_edits_of_one_section_meet_field_by_field():
    mine = filled("numbers", STANDARD, posted("numbers", **{"parameters.margin": "20", "clock.hours": "24"}))
    theirs = filled("numbers", STANDARD, posted("numbers", **{"parameters.margin": "30", "protection.days": "60"}))
    both = merged("numbers", STANDARD, mine, theirs)
    found = both["parameters"]["margin"], both["clock"]["hours"], both["protection"]["days"]
    assert found == (20, 24, 60)


# --- conditions ---

DEEP = {"all": [
    {"fact": "lead", "op": ">=", "value": {"parameter": "margin"}},
    {"any": [{"fact": "account_region", "op": "covers_region", "value": ["DE", "US-TX"]},
             {"fact": "amount", "op": "between", "value": [1000, 250000]}]},
    {"not": {"any": [{"fact": "reserved_account", "op": "=", "value": True},
                     {"fact": "top_tier", "op": "in", "value": ["gold", "silver"]}]}},
    {"not": {"fact": "first_claim", "op": "within_days", "value": 30}},
    {"fact": "account_employees", "op": "is_known", "value": False},
]}  # fmt: skip


def form_of(row):
    """What a browser sends for the rows of a condition."""
    sent = {}
    for one in walk(row):
        names = ("how",) if one.is_group else ("fact", "op", "value", "parameter")
        sent |= {f"{one.key}.{name}": [getattr(one, name)] for name in names}
    return sent


@pytest.mark.parametrize("when", [DEEP, {"all": []}, *(rule["when"] for rule in STANDARD["rules"])])
def test_a_condition_comes_back_from_its_rows_as_it_was(when):
    assert document_of(rows_of(when)) == when
    assert document_of(typed_rows(form_of(rows_of(when)))) == when


@pytest.mark.parametrize("when", [
    {"all": [{"fact": "amount", "op": ">=", "value": n} for n in range(70)]},
    {"all": [{"any": [{"fact": "amount", "op": op, "value": n} for op in (">=", "<")]} for n in range(18)]},
])  # fmt: skip
def test_of_many_rows_none_is_dropped(when):
    assert document_of(typed_rows(form_of(rows_of(when)))) == when


def test_rows_and_groups_are_added_and_taken_out():
    root = rows_of({"fact": "amount", "op": ">=", "value": 5})
    root = pressed(root, "test:when")
    root = pressed(root, "group:when")
    assert [part.key for part in root.parts] == ["when-1", "when-2", "when-3"]
    assert [part.key for part in root.parts[2].parts] == ["when-3-1"]
    root = pressed(root, "remove:when-2")
    assert [part.is_group for part in root.parts] == [False, True]
    assert pressed(root, "remove:when") == root
    assert pressed(root, "test:nowhere") == root


def test_an_error_stands_at_the_field_that_it_is_about():
    when = {"all": [{"fact": "lead", "op": ">=", "value": "much"},
                    {"not": {"any": [{"fact": "amount", "op": "covers_region", "value": ["DE"]},
                                     {"fact": "amount", "op": ">=", "value": 5}]}}]}  # fmt: skip
    rules = [
        *STANDARD["rules"][:-1],
        STANDARD["rules"][0] | {"id": "R-20", "priority": 115, "when": when},
        STANDARD["rules"][-1],
    ]
    with pytest.raises(PolicyError) as wrong:
        Policy.from_document(STANDARD | {"rules": rules})
    placed, _ = by_path(wrong.value.problems)
    mine = {path.removeprefix("rules[12]."): text for path, text in placed.items()}
    root = with_errors(rows_of(when), mine)
    assert "whole number" in root.parts[0].errors["value"]
    assert "op" in root.parts[1].parts[0].errors
    assert not root.parts[1].parts[1].errors


@pytest.mark.parametrize("sent", [
    {}, {"when.how": ["forged"]}, {"when.fact": ["nonsense"], "when.op": ["<>"]},
    {"when.how": ["all"], "when-1.fact": ["amount"], "when-1.op": ["in"], "when-1.value": [""]},
])  # fmt: skip
def test_a_forged_form_never_breaks_the_reader(sent):
    row = typed_rows(sent)
    assert [(part.ops, part.offered, part.parameters, part.expected) for part in walk(row)]
    document = document_of(row)
    json.dumps(document)


# --- in words ---


def test_staff_read_all_of_it():
    parts = {part.title: part for part in for_staff(STANDARD, "USD")}
    rules = {row[0]: row for row in parts["Recommendation"].rows}
    assert set(rules) == {rule["id"] for rule in STANDARD["rules"]}
    assert "15" in rules["R-08"][2]
    assert ("Any other", "–", "–", "Partner manager") in parts["Who decides"].rows
    assert all(len(line) == len(part.head) for part in parts.values() for line in part.rows)


def test_partners_read_no_thresholds_of_the_decision():
    made = STANDARD | {"parameters": STANDARD["parameters"] | {"margin": 7717, "price_tolerance_pct": 3319}}
    table = [dict(row) for row in STANDARD["routing"]["table"]]
    table[0]["amount_at_least"] = 9_917_331
    scoring = STANDARD["scoring"] | {"earliest": 5519, "customer_letter": 8837}
    words = json.dumps(summary_of(made | {"scoring": scoring, "routing": STANDARD["routing"] | {"table": table}}))
    for number in ("7717", "3319", "9917331", "9,917,331", "5519", "8837"):
        assert number not in words
    for word in ("spread", "sensitivity", "fishing", "price_overlap"):
        assert word not in words
    assert "90 days" in words
    assert "48 hours" in words


# --- files ---


def test_a_file_comes_back_as_it_went():
    assert from_text(to_text(STANDARD)) == STANDARD


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": NaN}', '{"a": "\\ud800"}', "[" * 100_000,
                                  '{"a": "' + "x" * 1_000_001 + '"}'])  # fmt: skip
def test_a_file_that_holds_no_document_is_refused_in_a_sentence(text):
    with pytest.raises(BadFileError, match=r"^The file .*\.$"):
        from_text(text)


@pytest.mark.parametrize("depth", [100, 400, 600])
def test_what_could_not_be_kept_is_no_policy(depth):
    """Nested deeper than anybody writes, or with the character that no database keeps: a sentence, not a crash."""
    for text in ('{"a": ' * depth + "1" + "}" * depth, '{"a": ' + "[" * depth + "]" * depth + "}", '{"a": "\\u0000"}'):
        with pytest.raises((BadFileError, PolicyError)):
            Policy.from_document(from_text(text))
