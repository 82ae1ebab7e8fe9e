"""A row of a file as the registration form takes it: columns, words for values, and what the form says of it.

The form is the one check: a row is bad where a person could not have typed it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from channelconflict.spreadsheet import as_was
from partners.forms import BANDS, LARGEST, Claimant, RegistrationForm, quarter_ends
from partners.models import PENDING, Partner, ProductLine, Registration, RegistrationStatus, RowState
from partners.papers.refusing import RefusedFileError
from partners.places import place_name

MOST_ROWS = 1_000
# The columns of a file, in order: the field of the form, and how the template calls it.
COLUMNS = {
    "account_name": "Customer's legal name", "account_domain": "Website or mail domain", "place": "Country and state",
    "contact_email": "Contact's e-mail", "product_lines": "Product", "band": "Value", "closes": "Closes in",
    "stage": "Stage", "activity_kind": "Proof of work", "activity_on": "Proof of work on", "incumbent": "Current supplier",
    "note": "Note",
}  # fmt: skip
BAD_COLUMNS = ("bad_row", "bad_because")  # of the file of rows to mend; they are left out when it comes back
EXAMPLE_NAME = "Example: Orion Chemicals Inc."
LISTED = 8  # values that an error names


def plain(text: str) -> str:
    """A word for comparing: letters and digits alone."""
    return re.sub(r"[\W_]+", "", text.casefold())


_FIELDS = {plain(name): name for name in COLUMNS} | {plain(label): name for name, label in COLUMNS.items()}


@dataclass(frozen=True)
class Judged:
    """One row: its cells, what it would do, and why not."""

    line: int
    cells: list[str]
    account_name: str
    state: RowState
    told: str = ""
    form: RegistrationForm | None = None


@dataclass
class Known:
    """The partner's own deals that are under way or protected, and those of the file so far: key and product -> which."""

    deals: dict[tuple[str, str], str | int] = field(default_factory=dict)  # a registration's number, or a row's line

    def meets(self, name: str, domain: str, products: Iterable[str]) -> str | int:
        """The deal that is meant already, or ""."""
        keys = [(key, line) for key in _keys(name, domain) for line in products]
        return next((self.deals[key] for key in keys if key in self.deals), "")

    def add(self, name: str, domain: str, products: Iterable[str], which: str | int) -> None:
        """One more deal."""
        for key in _keys(name, domain):
            for line in products:
                self.deals.setdefault((key, line), which)


def _keys(name: str, domain: str) -> list[str]:
    return [f"name:{plain(name)}", *([f"domain:{domain.lower()}"] if domain else [])]


def own_deals(partner: Partner, names: Iterable[str], domains: Iterable[str]) -> Known:
    """The partner's live registrations of these customers: one query, of its own rows alone."""
    live = Q(status__in=PENDING) | Q(status=RegistrationStatus.APPROVED)
    meant = Q(account_domain__in=list(domains)) | Q(lower_name__in=[name.lower() for name in names])
    rows = Registration.objects.filter(live, partner=partner).annotate(lower_name=Lower("account_name")).filter(meant)
    found = Known()
    for row in rows.order_by("pk"):
        found.add(row.account_name, row.account_domain, row.product_lines, row.ref)
    return found


@dataclass
class Reader:
    """Reads the rows of one file for one partner."""

    partner: Partner
    products: Sequence[ProductLine]
    today: date
    columns: Sequence[str]  # of the file, as they stand there

    @cached_property
    def fields(self) -> list[str]:
        """The form's field of each column; "" = left out. A sentence says what is wrong with the header."""
        found = ["" if plain(c) in map(plain, BAD_COLUMNS) else _FIELDS.get(plain(c), "?") for c in self.columns]
        unknown = [column for column, name in zip(self.columns, found, strict=True) if name == "?"]
        if unknown:
            text = gettext_noop("has a column that is not known: ‘%(column)s’. Expected: %(columns)s.")
            raise RefusedFileError(text, column=unknown[0][:60], columns=", ".join(COLUMNS.values()))
        twice = next((name for name in found if name and found.count(name) > 1), "")
        if twice:
            raise RefusedFileError(gettext_noop("names the column ‘%(column)s’ twice."), column=COLUMNS[twice])
        if "account_name" not in found:
            text = gettext_noop("has no column ‘%(column)s’: begin with the template.")
            raise RefusedFileError(text, column=COLUMNS["account_name"])
        return found

    def check_header(self) -> None:
        """Say what is wrong with the header, whatever stands below it."""
        assert self.fields

    def form(self, cells: Sequence[str]) -> RegistrationForm:
        """The registration form as this row fills it in."""
        said = {name: cell.strip() for name, cell in zip(self.fields, cells, strict=False) if name}
        data: dict[str, Any] = {"claimant": str(self.partner.pk), **said}
        for name, options in self.words.items():
            if name in said:
                data[name] = options.get(plain(said[name]), said[name])
        data["product_lines"] = [
            self.products_by_word.get(plain(word), word.strip())
            for word in re.split(r"[;,\n]", said.get("product_lines", ""))
            if word.strip()
        ]
        data["band"] = self._band(data.get("band", ""))
        data["closes"] = self._quarter(data.get("closes", ""))
        return RegistrationForm(data, **self.options)

    @cached_property
    def options(self) -> dict[str, Any]:
        """What every form of this file is made with."""
        claimant = Claimant(str(self.partner.pk), self.partner.name, self.partner.pk)
        return {
            "program": self.partner.program, "products": self.products, "claimants": [claimant], "today": self.today,
        }  # fmt: skip

    @cached_property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """The values that a field takes: what is sent, and how it is called."""
        return self._choices()

    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        form = RegistrationForm(**self.options)
        return {name: _flat(form.fields[name]) for name in ("place", "band", "closes", "stage", "activity_kind")}

    @cached_property
    def words(self) -> dict[str, dict[str, str]]:
        """How each of these values may be written, in every language: a file may be older than the choice of one."""
        known: dict[str, dict[str, str]] = {}
        spoken = translation.get_language()
        for language in sorted(dict(settings.LANGUAGES), key=lambda code: code == spoken):  # what is spoken here wins
            with translation.override(language):
                for name, found in self._choices().items():
                    said = known.setdefault(name, {})
                    for value, label in found:
                        said |= {plain(word): value for word in (label, value, *_also(name, value))}
        return known

    @cached_property
    def products_by_word(self) -> dict[str, str]:
        """A product by its name or code."""
        return {plain(word): line.code for line in self.products for word in (line.name, line.code)}

    def _band(self, word: str) -> str:
        """An amount stands for the band that it is in."""
        if word in self.words["band"].values():
            return word
        try:
            amount = Decimal(re.sub(r"[,\s]", "", word))
        except InvalidOperation:
            return word
        if not 0 < amount.copy_abs() == amount:
            return word
        return str(next((upper for upper in BANDS if amount <= upper), LARGEST))

    def _quarter(self, word: str) -> str:
        """A day, or Q1 2027 the other way round, stands for its quarter."""
        turned = re.fullmatch(r"(\d{4})\W*[Qq]([1-4])", word)
        if turned:
            return self.words["closes"].get(f"q{turned[2]}{turned[1]}", word)
        try:
            on = date.fromisoformat(word[:10])
        except ValueError:
            return word
        return (
            next((end.isoformat() for end in quarter_ends(self.today) if on <= end), word) if on >= self.today else word
        )

    def judge(self, rows: Iterable[tuple[int, Sequence[str]]]) -> list[Judged]:
        """What each row would do. Duplicates are the partner's own deals alone, and rows of this file."""
        filled = [(line, [as_was(cell) for cell in cells]) for line, cells in rows]
        forms_ = [(line, cells, self.form(cells)) for line, cells in filled if not self._is_example(cells)]
        good = [form.cleaned_data for line, cells, form in forms_ if form.is_valid()]
        known = own_deals(self.partner, [g["account_name"] for g in good], [g["account_domain"] for g in good])
        return [self._judge(line, cells, form, known) for line, cells, form in forms_]

    def _is_example(self, cells: Sequence[str]) -> bool:
        at = self.fields.index("account_name")
        return len(cells) > at and cells[at].strip() == EXAMPLE_NAME

    def _judge(self, line: int, cells: list[str], form: RegistrationForm, known: Known) -> Judged:
        name = str(form.data.get("account_name", ""))[:500]
        told = self.complaints(form)
        if len(cells) > len(self.columns):
            text = _("The row has %(cells)s cells, the header %(columns)s.")
            told.insert(0, text % {"cells": len(cells), "columns": len(self.columns)})
        if told:
            return Judged(line, cells, name, RowState.BAD, " ".join(told))
        said = form.cleaned_data
        meant = known.meets(said["account_name"], said["account_domain"], said["product_lines"])
        if meant:
            text = _("It is %(deal)s. It is left out.")
            if isinstance(meant, int):
                text = _("It is the same deal as row %(deal)s. It is left out.")
            return Judged(line, cells, name, RowState.DUPLICATE, text % {"deal": meant}, form)
        known.add(said["account_name"], said["account_domain"], said["product_lines"], line)
        return Judged(line, cells, name, RowState.NEW, form=form)

    def complaints(self, form: RegistrationForm) -> list[str]:
        """What the form has against a row: each sentence begins with its column and says what was expected."""
        found = []
        for name, errors in form.errors.items():
            label = COLUMNS.get(name, "")
            for error in errors.as_data():
                sentence = self._expected(name, form) if error.code == "invalid_choice" else " ".join(error.messages)
                told = _("%(column)s: %(trouble)s") % {"column": label, "trouble": sentence}
                found.append(told if label else sentence)
        return found

    def _expected(self, name: str, form: RegistrationForm) -> str:
        if name == "product_lines":
            labels, typed = [line.name for line in self.products], ", ".join(form.data[name])
        else:
            labels, typed = [label for value, label in self.choices[name] if value], str(form.data.get(name, ""))
        if name == "place":
            text = _(
                "‘%(typed)s’ is not known. Expected: a code such as DE or US-TX, or the name as the form shows it."
            )
        elif len(labels) > LISTED:
            text = _("‘%(typed)s’ is not known. Expected: %(values)s; …")
        else:
            text = _("‘%(typed)s’ is not known. Expected: %(values)s.")
        return text % {"typed": typed[:60], "values": "; ".join(labels[:LISTED])}


def _also(name: str, value: str) -> list[str]:
    """A place as lists and pages write it, with the country first."""
    return [place_name(value[:2], value if "-" in value else "")] if name == "place" and value else []


def _flat(found: forms.Field) -> list[tuple[str, str]]:
    """The choices of a select, groups opened."""
    flat: list[tuple[str, str]] = []
    for value, label in cast(Any, found).choices:
        if isinstance(label, list | tuple):
            flat += [(str(v), str(text)) for v, text in label]
        else:
            flat.append((str(value), str(label)))
    return flat


def example(reader: Reader) -> Mapping[str, str]:
    """One row that is good but for its name, which leaves it out."""
    first = {name: next(label for value, label in found if value) for name, found in reader.choices.items()}
    return {
        "account_name": EXAMPLE_NAME, "account_domain": "orionchem.example", "contact_email": "j.ortiz@orionchem.example",
        "product_lines": "; ".join(line.name for line in reader.products[:2]), **first, "place": "US-TX",
        "activity_on": reader.today.isoformat(), "incumbent": "", "note": "",
    }  # fmt: skip
