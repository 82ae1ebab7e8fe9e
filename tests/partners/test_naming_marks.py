"""Domains, phones, places and identifiers in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.naming import (
    brand_label,
    city_key,
    country_code,
    phone_key,
    read_identifier,
    registered_domain,
    same_phone,
)

DOMAINS = [
    ("https://www.Acme.co.uk/path?x=1", "acme.co.uk"), ("shop.acme.com", "acme.com"), ("jane@mail.acme.de", "acme.de"),
    ("foo.example", "foo.example"), ("münchen.de", "xn--mnchen-3ya.de"), ("HTTP://user:pw@foo.com:80", "foo.com"),
    ("gmail.com", ""), ("x@Outlook.com", ""), ("linkedin.com/company/acme", ""), ("1.2.3.4", ""), ("", ""),
    ("..", ""), ("me@", ""),
    ("co.uk", ""), ("a" * 5000 + ".com", ""),
]  # fmt: skip
COUNTRIES = [
    ("Deutschland", "DE"), ("Korea", "KR"), ("USA", "US"), ("U.K.", "GB"), ("uk", "GB"), ("Korea, the Republic of", "KR"),
    ("The Netherlands", "NL"), ("KOR", "KR"), ("in", "IN"), ("Россия", "RU"), ("中国", "CN"), ("Türkiye", "TR"),
    ("xx", ""), ("", ""),
]  # fmt: skip
IDENTIFIERS = [
    ("lei", "213800I3ZA8U8E3DLO51", "", "213800I3ZA8U8E3DLO51"), ("lei", "213800I3ZA8U8E3DLO52", "", ""),
    ("vat", "DE 136 695 976", "", "DE136695976"), ("vat", "136695976", "DE", "DE136695976"), ("vat", "DE136695975", "", ""),
    ("duns", "15-048-3782", "", "150483782"), ("duns", "000000000", "", ""), ("duns", "12345", "", ""), ("lei", "", "", ""),
    ("crm", "A-77", "", ""), ("crm", "A-7788", "", "A7788"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "domain"), DOMAINS)
def test_registered_domains(text: str, domain: str) -> None:
    assert registered_domain(text) == domain


@pytest.mark.parametrize(("text", "code"), COUNTRIES)
def test_countries_by_their_names(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize(("scheme", "text", "country", "value"), IDENTIFIERS)
def test_wrong_identifiers_carry_nothing_and_say_so(scheme: str, text: str, country: str, value: str) -> None:
    found = read_identifier(scheme, text, country)
    assert found.value == value
    assert bool(found.problem) is not bool(value)


def test_phones_compare_with_and_without_country_code() -> None:
    assert phone_key("030 901820", "DE") == phone_key("+49 30 901820") == "+4930901820"
    assert same_phone(phone_key("+49 30 901820"), phone_key("030 901820"))
    assert not same_phone("", "")
    assert not same_phone("30901820", "30901821")
    assert phone_key("12") == phone_key("call me") == ""


def test_cities_in_their_languages_and_brands_in_their_countries() -> None:
    assert city_key("München") == city_key("Munich") == city_key("MUENCHEN")
    assert city_key("75008 Paris Cedex 08") == city_key("Paris")
    assert city_key("221 East 51st Street") == city_key("221 E. 51st St.") == "221 e 51st"
    assert city_key("St. Louis") == city_key("Saint Louis")
    assert brand_label("acme.co.uk") == brand_label("acme.de") == "acme"


@given(st.text(max_size=200), st.text(max_size=4))
def test_no_text_raises(text: str, country: str) -> None:
    registered_domain(text)
    phone_key(text, country)
    country_code(text)
    city_key(text)
    for scheme in ("lei", "vat", "duns", "other"):
        read_identifier(scheme, text, country)
