"""Every exercise runs against the real engine, agrees, and leaves nothing behind; broken files are refused in sentences."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from channelconflict.models import AuditEvent
from channelconflict.scope import staff_of
from partners.models import Account, Program, Registration
from reviews import exercises
from reviews.exercise_file import BadExerciseError, read, read_file
from reviews.models import Case
from reviews.programs import create_program
from reviews.training.shelf import FOLDER

FILES = sorted(FOLDER.glob("*.json"))
FIRST = FILES[0]
TRACES = (Account, Registration, Case, AuditEvent)


@pytest.fixture
def scratch(db, monkeypatch):
    """The programs that exercises have made."""
    made = []

    def create(**given):
        made.append(create_program(**given))
        return made[-1]

    monkeypatch.setattr(exercises, "create_program", create)
    return made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_exercise_agrees_and_leaves_nothing_behind(scratch, path):
    exercise = read_file(path)
    assert exercise.name == path.stem
    assert exercises.run(exercise).differences == []
    (program,) = scratch
    with staff_of(program.pk):
        assert not [model for model in TRACES if model.objects.exists()]
        assert not Program.objects.filter(pk=program.pk).exists()
    assert not Group.objects.filter(name__startswith=program.code).exists()


def changed(**parts):
    """The first exercise with other parts (None = without it)."""
    document = json.loads(FIRST.read_text()) | parts
    return {key: value for key, value in document.items() if value is not None}


def expecting(**case):
    """The first exercise, with a case among what is expected."""
    full = {"registrations": ["R-1"], "findings": [], "action": "mediate"} | case
    return changed(expect={"cases": [full]})


DIFFERENCES = [
    ({"approved": []}, ["approved: expected [], found ['R-1']"]),
    (
        {"approved": ["R-1"], "territory_overlaps": [["B", "A"]]},
        ["territory_overlaps: expected [['A', 'B']], found []"],
    ),
    ({"approved": ["R-1"], "cases": [{"registrations": ["R-2", "R-1"]}]}, ["case R-1, R-2: expected, not found"]),
]


@pytest.mark.parametrize(("expect", "lines"), DIFFERENCES)
def test_what_differs_is_said(db, expect, lines):
    report = exercises.run(read(changed(expect=expect)))
    assert (report.passed, report.differences) == (False, lines)


def test_every_part_of_a_case_is_compared():
    wanted = {
        "registrations": ["R-1"],
        "findings": [{"kind": "co_sell", "registration": "R-1", "against": "O-1"}],
        "action": "award",
        "owner": "P-1",
        "support": ["direct"],
        "shares": {"P-1": 50},
        "route": ["legal", "channel_lead"],
    }
    found = {
        "registrations": ["R-1"],
        "findings": [{"kind": "same_chain", "registration": "R-1", "against": None}],
        "action": "mediate",
        "owner": None,
        "support": [],
        "shares": {},
        "route": ["channel_lead", "legal"],
    }
    actual = {"approved": [], "territory_overlaps": [], "cases": [found, found | {"registrations": ["R-9"]}]}
    assert list(exercises.compare({"cases": [wanted]}, actual)) == [
        "case R-1: finding co_sell of R-1 against O-1 expected, not found",
        "case R-1: finding same_chain of R-1 against nothing found, not expected",
        "case R-1: action expected award, found mediate",
        "case R-1: owner expected P-1, found None",
        "case R-1: support expected ['direct'], found []",
        "case R-1: shares expected {'P-1': 50}, found {}",
        "case R-1: route expected ['legal', 'channel_lead'], found ['channel_lead', 'legal']",
        "case R-9: found, not expected",
    ]


PROGRAM = {"code": "x"}
BROKEN = [
    ([], "An exercise: [] is not an object in braces."),
    (changed(as_of=None), "An exercise needs 'as_of'."),
    (changed(as_of="yesterday"), "'as_of': \"yesterday\" is not a time, like 2026-03-20T10:00:00Z."),
    (changed(as_of="2026-03-20"), "'as_of': \"2026-03-20\" is not a time, like 2026-03-20T10:00:00Z."),
    (changed(as_of=5), "'as_of': 5 is not a time, like 2026-03-20T10:00:00Z."),
    (changed(program="x"), "'program': \"x\" is not an object in braces."),
    (
        changed(program=PROGRAM | {"timezone": "Mars"}),
        "'program': \"Mars\" is not a time zone, like Europe/Berlin.",
    ),
    (
        changed(program=PROGRAM | {"open_weekdays": ["mon"]}),
        "'program': open_weekdays are numbers from 1 (Monday) to 7.",
    ),
    (changed(program=PROGRAM | {"holidays": [1]}), "'program': holidays are days, like 2026-12-25."),
    (changed(records=[]), "'records': [] is not an object in braces."),
    (changed(records={"partners": {}}), "'records': partners: {} is not a list."),
    (changed(expect=[]), "'expect': [] is not an object in braces."),
    (changed(expect={"approved": "R-1"}), "'expect': approved: \"R-1\" is not a list."),
    (changed(expect={"approved": [1]}), "'expect': approved, an item: 1 is not a text in quotes."),
    (
        changed(expect={"territory_overlaps": [["A"]]}),
        "'expect': territory_overlaps, an item: [\"A\"] is not a pair.",
    ),
    (expecting(findings=[{}]), "'expect': the kind of a finding: null is not a text in quotes."),
    (expecting(shares=["P-1"]), "'expect': the shares of a case: [\"P-1\"] is not an object in braces."),
    (expecting(route="legal"), "'expect': the route of a case: \"legal\" is not a list."),
]


@pytest.mark.parametrize(("document", "sentence"), BROKEN, ids=lambda part: part if isinstance(part, str) else "")
def test_a_document_that_is_no_exercise_is_refused(document, sentence):
    with pytest.raises(BadExerciseError) as error:
        read(document)
    assert str(error.value) == sentence


def test_an_unknown_kind_of_records_is_refused():
    with pytest.raises(BadExerciseError, match=r"^'records' knows no invoices; its kinds are product_lines, tiers"):
        read(changed(records={"invoices": []}))


def test_a_time_without_a_zone_is_utc():
    assert read(changed(as_of="2026-03-02T10:00:00")) == read(changed(as_of="2026-03-02T10:00:00Z"))


UNREADABLE = [
    (b"{\n oops", "Line 2 is not JSON: Expecting property name enclosed in double quotes."),
    ('"Müller"'.encode("latin-1"), "The file is not UTF-8 text (byte 3)."),
    (None, "The file cannot be read: No such file or directory."),
]


@pytest.mark.parametrize(("content", "sentence"), UNREADABLE, ids=("JSON", "UTF-8", "missing"))
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, sentence):
    path = tmp_path / "exercise.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadExerciseError) as error:
        read_file(path)
    assert str(error.value) == sentence


def test_a_program_that_cannot_be_is_refused(db):
    with pytest.raises(BadExerciseError, match=r"^'program': Ensure this value has at most 3 characters"):
        exercises.run(read(changed(program={"currency": "DOLLARS"})))


def test_bad_rows_are_named_with_their_kind(scratch):
    records = {"tiers": [{"code": "gold", "name": "Gold", "colour": "red"}, {"code": "gold plus", "name": "Plus"}]}
    with pytest.raises(BadExerciseError) as error:
        exercises.run(read(changed(records=records)))
    lines = str(error.value).splitlines()
    assert lines[0].startswith("tiers, row 1, column colour: tiers have no such column")
    assert lines[1].startswith("tiers, row 2, column code: 'gold plus' is not a code")
    with staff_of(scratch[0].pk):
        assert not Program.objects.filter(pk=scratch[0].pk).exists()


@pytest.fixture
def three(db, tmp_path):
    """A good file, a failing one and a broken one."""
    wrong, broken = tmp_path / "wrong.json", tmp_path / "broken.json"
    wrong.write_text(json.dumps(changed(expect={}, name="wrong")))
    broken.write_text("{")
    return [str(path) for path in (broken, wrong, FIRST)]


def test_the_command_runs_all_and_fails_when_one_fails(three, capsys):
    with pytest.raises(CommandError, match=r"^2 of 3 exercises failed\.$"):
        call_command("run_exercise", *three)
    assert capsys.readouterr().out.splitlines() == [
        "FAILED  broken",
        "    Line 1 is not JSON: Expecting property name enclosed in double quotes.",
        "FAILED  wrong",
        "    approved: expected [], found ['R-1']",
        "passed  01-no-conflict",
    ]


def test_the_command_in_json_prints_one_object_a_file(three, capsys):
    with pytest.raises(CommandError):
        call_command("run_exercise", *three, json=True)
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(report) for report in reports] == [["name", "passed", "actual", "differences"]] * 3
    assert [(report["name"], report["passed"], len(report["differences"])) for report in reports] == [
        ("broken", False, 1),
        ("wrong", False, 1),
        ("01-no-conflict", True, 0),
    ]
    assert reports[1]["actual"] == {"cases": [], "approved": ["R-1"], "territory_overlaps": []}


def test_the_command_is_content_when_all_pass(db, capsys):
    call_command("run_exercise", str(FIRST))
    assert capsys.readouterr().out == "passed  01-no-conflict\n"
