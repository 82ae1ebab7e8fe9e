"""Names, domains, phones, places and identifiers in one spelling, so that what means the same compares equal. Pure.

What was typed is always kept beside it. VERSION changes whenever a spelling does: keys of another version are made anew.
"""

from partners.naming.domain import FREE_MAIL, brand_label, registered_domain
from partners.naming.identifiers import Identifier, read_identifier
from partners.naming.name import Name, read_name
from partners.naming.phone import phone_key, same_phone
from partners.naming.place import city_key, country_code

VERSION = 2

__all__ = [
    "FREE_MAIL", "VERSION", "Identifier", "Name", "brand_label", "city_key", "country_code", "name_key", "phone_key",
    "read_identifier", "read_name", "registered_domain", "same_phone",
]  # fmt: skip


def name_key(name: str) -> str:
    """The part of a company name that its spellings share ("" if none). Never longer than 500 characters."""
    return read_name(name).core
