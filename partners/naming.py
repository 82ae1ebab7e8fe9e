"""Names and domains in one spelling: what 'ORION CHEMICALS, INCORPORATED' and 'Orion Chemicals Inc.' share. Pure.

Good enough for exact keys; the full resolver (legal forms of all countries, initials, abbreviations) replaces it.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from publicsuffixlist import PublicSuffixList

# Legal forms, as they end a name once punctuation is gone. They are no part of who a company is.
LEGAL_FORMS = frozenset(
    "inc incorporated corp corporation co company llc llp lp ltd limited plc gmbh ag kg ohg se sa sas sarl srl spa bv nv "
    "ab as asa oy oyj aps pty pte pvt kk sl sro zrt kft doo dd ad ooo oao zao ltda cv".split()
)
FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com aol.com icloud.com me.com gmx.de gmx.net web.de "
    "mail.com mail.ru yandex.ru proton.me protonmail.com qq.com 163.com 126.com".split()
)
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")


def name_key(name: str) -> str:
    """The part of a company name that its spellings share: small ASCII words without the legal form ("" if none).

    Never longer than 500 characters, whatever comes in.
    """
    text = anyascii(unicodedata.normalize("NFKC", name[:2000])).lower().replace("&", " and ").replace("'", "")
    text = _INITIALS.sub(lambda match: match.group().replace(".", ""), text)
    words = _PUNCTUATION.sub(" ", text).split()
    core = list(words)
    while len(core) > 1 and core[-1] in LEGAL_FORMS:
        core.pop()
    if core and core[0] == "the" and len(core) > 1:
        core.pop(0)
    return " ".join(core)[:500]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # The list is 10,000 lines: read once a process, and only when a domain is looked at.
    return PublicSuffixList()


def registered_domain(text: str) -> str:
    """The domain somebody registered, from a host, URL or mail address; "" for none and for free-mail domains."""
    host = text.strip().lower().rsplit("@", 1)[-1]
    host = re.sub(r"^[a-z]+://", "", host).split("/", 1)[0].split(":", 1)[0].strip(".")
    if "." not in host or len(host) > 253:
        return ""
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return ""
    domain = _suffixes().privatesuffix(host) or ""
    return "" if domain in FREE_MAIL else domain
