"""Names in one spelling: which share a key, which must not, and that nothing that is typed breaks it."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.naming import name_key, read_name
from partners.naming.name import _forms, _prefixes, _spell

SHARE = [
    ("ORION CHEMICALS, INCORPORATED", "Orion Chemicals Inc."),
    ("I.B.M. Corp", "I B M Corporation"),
    ("IBM", "I.B.M. Corp."),
    ("株式会社日立製作所", "日立製作所(株)"),
    ("ООО Ромашка", "Общество с ограниченной ответственностью «Ромашка»"),
    ("Kurt Maier GmbH", "Kurt Maier Gesellschaft mit beschränkter Haftung"),
    ("Müller GmbH & Co. KG", "Muller GmbH"),
    ("Foo Bar S.A. de C.V.", "Foo Bar Sociedad Anónima de Capital Variable"),
    ("Zeta Spółka z ograniczoną odpowiedzialnością", "Zeta Sp. z o.o."),
    ("AKSHAT INDUSTRIES orivate Limited", "Akshat Industries Pvt Ltd"),
    ("Acme Pty Ltd", "ACME PROPRIETARY LIMITED"),
    ("PT Astra International Tbk", "Astra Intl"),
    ("Tech Manufacturing International LLC", "Technology Mfg Intl"),
    ("B&H Air, LLC", "BH Air"),
    ("The Housing Authority of the City of X1", "Housing Auth. City X1"),
    ("M/S ERNAD ENGINEERING", "Ernad Engineering"),
    ("上海汽车股份有限公司", "上海汽车有限公司"),
    ("삼성전자 주식회사", "(주)삼성전자"),
    ("VF Project Societa' a responsabilita'", "VF PROJECT SRL"),
    ("Target dba Foo", "Target Inc"),
    ("SociÃ©tÃ© GÃ©nÃ©rale", "Société Générale S.A."),
    ("L'Air Liquide - SociÃƒÂ©tÃƒÂ© Anonyme", "L'Air Liquide Société Anonyme"),
    ("Tatwa Metal Pvt. Lttd.", "Tatwa Metal Private Limited"),
    ("Orion LLX", "Orion LLC"),
    ("Zeta Druzhestvo s ogranichena otgovornost", "Zeta ООД"),
    ("Casartigiani Società Cooperativa Consortile", "Casartigiani"),
    ("Acme™ Corp ®", "Acme"),
]
APART = [
    ("Rational AG", "National AG"),
    ("ML Casa VII LP", "ML Casa VIII LP"),
    ("Acme Europe Ltd", "Acme Ltd"),
    ("Acme EU", "Acme"),
    ("Smith Trust", "Smith Ltd"),
    ("One Two", "Two One"),
    ("Steel Traders", "Steel Trading"),
    ("Sharma PVC", "Sharma Pvt"),
    ("Boston Credit Union", "Boston"),
    ("Orion Trust", "Orion"),
    ("Lima Investment Company", "Lima"),
    ("Delta Society", "Delta"),
]
NASTY = ["", " ", "x", "😀" * 10_000, "a" * 10_000, "a b " * 5_000, "漢" * 10_000, "\u202eabc\u202d" * 3_000, "S.A.", "Inc",
         "THE", "\x00\ud800", "שלום בע\"מ GmbH ООО 株式会社", "&&&&", "((((", "'\"`"]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), SHARE)
def test_spellings_of_one_name_share_a_key(left: str, right: str) -> None:
    assert name_key(left) == name_key(right) != ""


@pytest.mark.parametrize(("left", "right"), APART)
def test_other_names_do_not(left: str, right: str) -> None:
    assert name_key(left) != name_key(right)


@pytest.mark.parametrize("text", NASTY)
def test_whatever_is_typed_comes_out_bounded(text: str) -> None:
    name = read_name(text)
    assert len(name.core) <= 500
    assert len(name.tokens) == len(name.words) <= 60
    assert name.core.isascii()


def test_a_legal_form_alone_stays_a_name() -> None:
    assert (name_key("Inc"), name_key("S.A."), name_key("The")) == ("inc", "sa", "the")


def test_pictures_are_no_name() -> None:
    assert name_key("😀😀") == ""


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    name = read_name(text)
    assert " ".join(name.tokens)[:500] == name.core


@given(st.lists(st.sampled_from("orion chemicals of zeta kappa 42 viii münchen".split()), min_size=1, max_size=6))
def test_reading_a_key_again_changes_nothing(words: list[str]) -> None:
    key = name_key(" ".join(["acme", *words]))
    assert name_key(key) == key
    assert name_key(key + " GmbH") == key


ELF = Path(__file__).parents[2].parent / "shared" / "data" / "identity" / "elf_codes.csv"


@pytest.mark.real_data
def test_the_legal_forms_cover_those_of_the_world(capsys: pytest.CaptureFixture[str]) -> None:
    if not ELF.exists():
        pytest.skip("the register of legal forms (../shared/data/identity/elf_codes.csv) is not here")
    with ELF.open(encoding="utf-8-sig") as lines:
        rows = [row for row in csv.DictReader(lines) if row["ELF Status ACTV/INAC"] == "ACTV"]
    short = [s for row in rows for s in re.split(r"[;,]", row["Abbreviations Local language"]) if s.strip()]
    spelled = [s for row in rows if (s := row["Entity Legal Form name Local name"]).strip()]
    abbreviated, written_out = _covered(short), _covered(spelled)
    with capsys.disabled():
        sys.stdout.write(f" legal forms known: {abbreviated:.1%} of abbreviations, {written_out:.1%} spelled out ")
    # What is left are authorities, churches, funds and associations, whose words are their names.
    assert abbreviated >= 0.86
    assert written_out >= 0.47


def _covered(spellings: list[str]) -> float:
    return sum(_spell(s) in _forms() or _spell(s) in _prefixes() for s in spellings) / len(spellings)
