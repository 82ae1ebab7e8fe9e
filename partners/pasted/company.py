"""The customer in a line: a name that ends with a legal form, a mail address, a domain."""

from __future__ import annotations

import re

from partners.naming import FREE_MAIL, read_name, registered_domain
from partners.pasted.about import About

_MAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_SITE = re.compile(r"\b(?:https?://|www\.)[^\s<>\"')\]]{3,200}", re.I)
_HOST = re.compile(r"(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@-])", re.I)
# A run of words with capitals (and the small words between them) as company names have them.
_CAPITAL = r"[A-ZÀ-ÖØ-Þ0-9][\w'’.-]*"
_SMALL = r"(?:&|and|und|et|y|e|de|du|del|della|des|do|da|der|van|von|of|la|le|für)"
_RUN = re.compile(rf"{_CAPITAL}(?:,? +(?:{_SMALL} +){{0,2}}{_CAPITAL}|\s*&\s*{_CAPITAL}){{1,7}}")
_FIRST = frozenset(
    """the our we customer client with at for from by meeting call regarding about new hello hi dear hallo bonjour hola der die
    das kunde firma le la les une un el los somos wir nous siamo sono soy hier from""".split()
)
MOST_WORDS = 8
_DOTTED = (" inc.", " ltd.", " co.", " corp.", " ltda.")  # the dot is theirs, not the sentence's


def company_in(text: str, about: About) -> str:
    """The first run of capitalised words that ends with a legal form, and is neither the partner nor the vendor."""
    for run in _RUN.finditer(text):
        words = run[0].split()
        while words and words[0].lower().strip(".,") in _FIRST:
            words = words[1:]
        for last in range(min(len(words), MOST_WORDS), 1, -1):
            name = " ".join(words[:last]).strip(" ,;")
            if _has_form(name) and not about.is_own(name):
                return name if name.lower().endswith(_DOTTED) or "." in name.split()[-1][:-1] else name.rstrip(".")
    return ""


def _has_form(name: str) -> bool:
    """It ends with a legal form, and something that tells companies apart stands before it."""
    last = re.sub(r"[^\w]", "", name.split()[-1])
    known = read_name(name)
    return bool(known.form and known.core and last and (last[0].isupper()) and len(known.core) > 1)


def mail_in(text: str, about: About) -> str:
    """The first address that is not the partner's or the vendor's own."""
    found = (item[0].strip(".'").lower() for item in _MAIL.finditer(text))
    return next((mail for mail in found if registered_domain(mail) not in about.own_domains), "")


def domain_of(text: str, about: About, *, only_sites: bool = False) -> str:
    """A website's or an address's domain; nothing of those who write, no free mail. `only_sites`: with http or www."""
    hosts = [item[0] for item in _SITE.finditer(text)]
    if not only_sites:
        hosts += [item[0] for item in _MAIL.finditer(text)] + [item[0] for item in _HOST.finditer(text)]
    for host in hosts:
        domain = registered_domain(host)
        if domain and domain not in about.own_domains and domain not in FREE_MAIL:
            return domain
    return ""
