"""The records of an exercise come in as CSV, XLSX and JSON lines too, and `detect --as-of` makes the same of them."""

import csv
import json

import openpyxl
import pytest
from django.core.management import call_command

from channelconflict.scope import staff_of
from partners.models import Registration, RegistrationStatus
from reviews import exercises
from reviews.exercise_file import read_file
from reviews.models import Case
from reviews.pipeline import Outcome
from reviews.programs import create_program
from reviews.training.shelf import FOLDER

NAMES = ("122-corporate-family", "201-every-kind-of-record")


def cell(value):
    """As people write it in a table: lists by semicolons, empty for nothing."""
    if isinstance(value, list):
        return ";".join(value)
    return str(value).lower() if isinstance(value, bool) else value


def table(rows):
    """A header and the rows under it."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return [columns, *([cell(row.get(column)) for column in columns] for row in rows)]


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table(rows))


def write_xlsx(path, rows):
    book = openpyxl.Workbook()
    for row in table(rows):
        book.active.append(row)
    for line in book.active.iter_rows():
        for one in line:
            if isinstance(one.value, str):
                one.data_type = "s"  # a text that begins with = is no formula
    book.save(path)


def write_jsonl(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "jsonl": write_jsonl}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_files_and_detect_come_to_the_same(db, tmp_path, capsys, name, form):
    exercise = read_file(FOLDER / f"{name}.json")
    program = create_program(code="files", at=exercise.at, **exercise.program)
    for kind, rows in exercise.records.items():
        if rows:
            path = tmp_path / f"{kind}.{form}"
            WRITERS[form](path, rows)
            call_command("import_records", kind, str(path), program="files")
    with staff_of(program.pk):
        approved_before = set(Registration.objects.filter(status=RegistrationStatus.APPROVED).values_list("pk"))
    call_command("detect", program="files", as_of=exercise.at.isoformat(), json=True)
    counts = json.loads(capsys.readouterr().out.splitlines()[-1])
    with staff_of(program.pk):
        approved = set(Registration.objects.filter(status=RegistrationStatus.APPROVED).values_list("pk"))
        done = Outcome(
            cases=list(Case.objects.values_list("pk", flat=True)), approved=[pk for (pk,) in approved - approved_before]
        )
        assert list(exercises.compare(exercise.expect, exercises.outcome(program, done))) == []
    assert (counts["cases"], counts["approved"]) == (len(done.cases), len(done.approved))
