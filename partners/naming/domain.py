"""Domains: the one that somebody registered, whether it can speak for a company, and the brand in it. Pure."""

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com outlook.fr outlook.de hotmail.com hotmail.co.uk hotmail.fr hotmail.it hotmail.de "
    "live.com live.co.uk live.fr live.nl msn.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.in yahoo.fr yahoo.de yahoo.it "
    "yahoo.es yahoo.co.jp yahoo.com.br yahoo.com.cn yahoo.com.hk yahoo.com.tw ymail.com rocketmail.com aol.com icloud.com "
    "me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de arcor.de mail.com email.com mail.ru "
    "bk.ru list.ru inbox.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua proton.me protonmail.com protonmail.ch "
    "pm.me tutanota.com tuta.io fastmail.com zoho.com zohomail.com hey.com qq.com 163.com 126.com 139.com 188.com yeah.net "
    "sina.com sina.cn sohu.com foxmail.com aliyun.com naver.com daum.net hanmail.net nate.com rediffmail.com "
    "indiatimes.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it tin.it "
    "hotmail.es telefonica.net terra.com.br uol.com.br bol.com.br ig.com.br seznam.cz centrum.cz email.cz wp.pl o2.pl "
    "onet.pl interia.pl op.pl bigpond.com optusnet.com.au btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com shaw.ca "
    "rogers.com sympatico.ca telus.net ziggo.nl kpnmail.nl planet.nl home.nl xs4all.nl skynet.be telenet.be bluewin.ch "
    "sapo.pt mail.bg abv.bg walla.co.il walla.com gmx.us hushmail.com".split()
)
# Sites where many have a page: the address says nothing of who they are.
SHARED_SITES = frozenset(
    "linkedin.com facebook.com twitter.com x.com instagram.com youtube.com google.com wordpress.com blogspot.com wixsite.com "
    "weebly.com squarespace.com godaddysites.com business.site sharepoint.com github.io tripod.com indiamart.com "
    "alibaba.com amazon.com ebay.com wikipedia.org bit.ly crunchbase.com".split()
)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # The list is 10,000 lines: read once a process, and only when a domain is looked at.
    return PublicSuffixList()


@lru_cache(maxsize=65536)
def registered_domain(text: str) -> str:
    """The domain somebody registered, from a host, URL or mail address; "" for none and for free-mail domains.

    International names come out as punycode. Names that are reserved for examples (.example) work like any other.
    """
    host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text[:2000].strip().lower().removeprefix("mailto:"))
    host = re.split(r"[/?#\s,;]", host, maxsplit=1)[0].rsplit("@", 1)[-1].split(":", 1)[0].strip(".")
    if "." not in host or len(host) > 253:
        return ""
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return ""
    if re.fullmatch(r"[0-9.]+", host) or not re.fullmatch(r"[a-z0-9_.-]+", host) or ".." in host:
        return ""
    domain = str(_suffixes().privatesuffix(host) or "")
    return "" if domain in FREE_MAIL or domain in SHARED_SITES else domain


@lru_cache(maxsize=65536)
def brand_label(domain: str) -> str:
    """The part of a registered domain that countries share: "acme" of acme.com, acme.de and acme.co.uk ("" of "")."""
    label = domain.split(".", 1)[0]
    if label.startswith("xn--"):
        return label
    return label.replace("-", "").replace("_", "")
