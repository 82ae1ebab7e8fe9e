"""Phone numbers as digits that can be compared. Pure."""

import re
from functools import lru_cache

import phonenumbers

_EXTENSION = re.compile(r"(?i)\s*(?:ext|extn|x|poste|durchwahl|#)\.?\s*\d+\s*$")


@lru_cache(maxsize=65536)
def phone_key(text: str, country: str = "") -> str:
    """E.164 where the number is possible ("+493012345678"), else its bare digits, "" below six of them.

    A number without country code is read as one of `country` (ISO 3166-1); without that, its digits have to do.
    """
    plain = _EXTENSION.sub("", text[:60])
    digits = "".join(str(unicode_digit) for unicode_digit in _digits(plain))
    if not 6 <= len(digits) <= 17:
        return ""
    try:
        number = phonenumbers.parse(plain, country.upper() or None)
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    return digits.removeprefix("00").lstrip("0") if len(digits) <= 15 else ""


def _digits(text: str) -> list[int]:
    return [int(c) for c in text if c.isdecimal()]


def same_phone(left: str, right: str) -> bool:
    """Two keys are one number: equal, or one is the other with its country code."""
    if left == right:
        return bool(left)
    short, long = sorted((left.lstrip("+"), right.lstrip("+")), key=len)
    return len(short) >= 8 and len(long) - len(short) <= 3 and long.endswith(short)
