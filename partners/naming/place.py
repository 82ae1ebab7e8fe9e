"""Countries by any of their usual names, and cities in one spelling. Pure."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from partners.countries import COUNTRIES

# ISO code: what people write (English, local, short, old, ISO alpha-3). Compared as small ASCII letters.
_ALIASES = """
AE: united arab emirates, uae, emirates, are, vae, dubai, abu dhabi | AF: afghanistan, afg | AL: albania, alb, shqiperia
AM: armenia, arm, hayastan | AO: angola, ago | AR: argentina, arg, republica argentina, argentine, argentinien
AT: austria, aut, oesterreich, osterreich, autriche | AU: australia, aus, commonwealth of australia, australien
AZ: azerbaijan, aze | BA: bosnia and herzegovina, bosnia, bosna i hercegovina, bih, bosnien | BB: barbados, brb
BD: bangladesh, bgd | BE: belgium, bel, belgique, belgie, belgien, kingdom of belgium | BG: bulgaria, bgr, bulgariya
BH: bahrain, bhr | BM: bermuda, bmu | BN: brunei, brunei darussalam, brn | BO: bolivia, bol | BR: brazil, bra, brasil
BS: bahamas, the bahamas, bhs | BW: botswana, bwa | BY: belarus, blr, weissrussland | BZ: belize, blz
CA: canada, can, kanada | CH: switzerland, che, schweiz, suisse, svizzera, swiss, helvetia
CI: ivory coast, cote d'ivoire, civ | CL: chile, chl | CM: cameroon, cmr, cameroun
CN: china, chn, prc, pr china, p.r. china, people's republic of china, peoples republic of china, zhongguo, mainland china, 中国
CO: colombia, col | CR: costa rica, cri | CU: cuba, cub | CW: curacao, cuw | CY: cyprus, cyp, kypros, zypern
CZ: czech republic, czechia, cze, cesko, ceska republika, tschechien | DE: germany, deu, deutschland, ger, allemagne
DE: federal republic of germany, alemania, brd, bundesrepublik deutschland, germania, duitsland
DK: denmark, dnk, danmark, danemark, daenemark | DO: dominican republic, dom, republica dominicana | DZ: algeria, dza
EC: ecuador, ecu | EE: estonia, est, eesti | EG: egypt, egy, misr, aegypten | ES: spain, esp, espana, spanien, espagne
ET: ethiopia, eth | FI: finland, fin, suomi | FR: france, fra, frankreich, republique francaise, francia
GB: united kingdom, gbr, uk, u.k., great britain, britain, england, scotland, wales, northern ireland, vereinigtes koenigreich
GB: grossbritannien, united kingdom of great britain and northern ireland, royaume-uni, angleterre, gb and ni
GE: georgia, geo, sakartvelo | GG: guernsey, ggy | GH: ghana, gha | GI: gibraltar, gib | GL: greenland, grl
GR: greece, grc, hellas, ellada, griechenland, el, hellenic republic | GT: guatemala, gtm | HK: hong kong, hkg, hongkong
HK: hong kong sar, hong kong china, 香港 | HN: honduras, hnd | HR: croatia, hrv, hrvatska, kroatien | HT: haiti, hti
HU: hungary, hun, magyarorszag, ungarn | ID: indonesia, idn | IE: ireland, irl, eire, republic of ireland, irland
IL: israel, isr | IM: isle of man, imn | IN: india, ind, bharat, indien, republic of india | IQ: iraq, irq
IR: iran, irn, islamic republic of iran | IS: iceland, isl, island | IT: italy, ita, italia, italien, italie
JE: jersey, jey | JM: jamaica, jam | JO: jordan, jor | JP: japan, jpn, nippon, nihon, 日本, giappone, japon
KE: kenya, ken | KH: cambodia, khm | KR: korea, south korea, kor, republic of korea, korea republic of, rok, korea south
KR: korea, the republic of, hanguk, 대한민국, 한국, s. korea, suedkorea, coree du sud | KP: north korea, prk, dprk
KW: kuwait, kwt | KY: cayman islands, cym, cayman | KZ: kazakhstan, kaz, kasachstan | LA: laos, lao
LB: lebanon, lbn, liban | LI: liechtenstein, lie | LK: sri lanka, lka, ceylon | LT: lithuania, ltu, lietuva, litauen
LU: luxembourg, lux, luxemburg, letzebuerg | LV: latvia, lva, latvija, lettland | LY: libya, lby
MA: morocco, mar, maroc, marokko | MC: monaco, mco | MD: moldova, mda, republic of moldova | ME: montenegro, mne, crna gora
MG: madagascar, mdg | MH: marshall islands, mhl | MK: north macedonia, macedonia, mkd, fyrom | ML: mali, mli
MM: myanmar, mmr, burma | MN: mongolia, mng | MO: macau, macao, mac | MT: malta, mlt | MU: mauritius, mus
MX: mexico, mex, mejico, mexiko, estados unidos mexicanos | MY: malaysia, mys | MZ: mozambique, moz, mocambique
NA: namibia, nam | NG: nigeria, nga | NI: nicaragua, nic | NL: netherlands, nld, holland, the netherlands, nederland
NL: niederlande, pays-bas, paesi bassi | NO: norway, nor, norge, norwegen, norvege | NP: nepal, npl
NZ: new zealand, nzl, aotearoa, neuseeland | OM: oman, omn | PA: panama, pan | PE: peru, per | PG: papua new guinea, png
PH: philippines, phl, the philippines, pilipinas, philipines, phillipines | PK: pakistan, pak
PL: poland, pol, polska, polen, pologne | PR: puerto rico, pri | PT: portugal, prt | PY: paraguay, pry | QA: qatar, qat
RO: romania, rou, rumaenien, roumanie | RS: serbia, srb, srbija, serbien | RU: russia, rus, russian federation, rossiya
RU: russland, russie, rossija, россия | RW: rwanda, rwa | SA: saudi arabia, sau, ksa, kingdom of saudi arabia, saudi
SC: seychelles, syc | SD: sudan, sdn | SE: sweden, swe, sverige, schweden, suede | SG: singapore, sgp, singapur
SI: slovenia, svn, slovenija, slowenien | SK: slovakia, svk, slovensko, slovak republic, slowakei | SM: san marino, smr
SN: senegal, sen | SV: el salvador, slv | SY: syria, syr | TH: thailand, tha | TN: tunisia, tun, tunisie
TR: turkey, tur, turkiye, tuerkei, turquie | TT: trinidad and tobago, trinidad, tto | TW: taiwan, twn, taiwan roc, r.o.c.
TW: taiwan province of china, 台湾, 台灣 | TZ: tanzania, tza | UA: ukraine, ukr, ukraina | UG: uganda, uga
US: united states, usa, u.s.a., u.s., united states of america, the united states, america, us of a, vereinigte staaten
US: etats-unis, estados unidos, stati uniti, eeuu, ee.uu., america usa, unitedstates | UY: uruguay, ury
UZ: uzbekistan, uzb | VA: vatican, holy see | VE: venezuela, ven | VG: british virgin islands, bvi, vgb, virgin islands british
VI: us virgin islands, vir | VN: vietnam, viet nam, vnm | XK: kosovo, kosova | YE: yemen, yem | ZA: south africa, zaf, rsa
ZA: suedafrika | ZM: zambia, zmb | ZW: zimbabwe, zwe
"""
_CITY_ALIASES = {
    "munchen": "munich", "muenchen": "munich", "koln": "cologne", "koeln": "cologne", "wien": "vienna", "praha": "prague",
    "warszawa": "warsaw", "krakow": "cracow", "roma": "rome", "milano": "milan", "torino": "turin", "napoli": "naples",
    "firenze": "florence", "venezia": "venice", "genova": "genoa", "geneve": "geneva", "genf": "geneva",
    "zuerich": "zurich", "bruxelles": "brussels", "brussel": "brussels", "antwerpen": "antwerp", "gent": "ghent",
    "den haag": "the hague", "s gravenhage": "the hague", "kobenhavn": "copenhagen", "goteborg": "gothenburg",
    "lisboa": "lisbon", "sevilla": "seville", "moskva": "moscow", "kiev": "kyiv", "bucuresti": "bucharest",
    "beograd": "belgrade", "athina": "athens", "bombay": "mumbai", "calcutta": "kolkata", "madras": "chennai",
    "bangalore": "bengaluru", "peking": "beijing", "canton": "guangzhou", "frankfurt am main": "frankfurt",
    "nuernberg": "nuremberg", "nurnberg": "nuremberg", "hannover": "hanover", "gurgaon": "gurugram",
    "ciudad de mexico": "mexico city", "mexico df": "mexico city", "nyc": "new york", "new york city": "new york",
    "dusseldorf": "dusseldorf", "duesseldorf": "dusseldorf", "saigon": "ho chi minh city", "poona": "pune",
    "trivandrum": "thiruvananthapuram", "cochin": "kochi", "baroda": "vadodara", "luxembourg city": "luxembourg",
}  # fmt: skip
_CITY_NOISE = re.compile(r"\b(?:cedex(?: \d+)?|city of|municipality of|greater|cdmx)\b|\d+")


def _plain(text: str) -> str:
    text = anyascii(unicodedata.normalize("NFKC", text[:200])).lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    found = {code.lower(): code for code in COUNTRIES}
    for part in re.split(r"\s\|\s|\n", _ALIASES.strip()):
        code, _, names = part.partition(": ")
        found |= {
            _plain(name): code for name in names.split(",") if len(_plain(name)) > 2 or name.strip() in ("uk", "el")
        }
    return found | {"uk": "GB", "korea the republic of": "KR", "u k": "GB", "u s": "US", "u s a": "US"}


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """The ISO 3166-1 code of a country by any usual name ("Deutschland", "Korea", "USA", "DEU"); "" if unknown."""
    plain = _plain(text)
    return _countries().get(plain) or _countries().get(plain.removeprefix("the ").removeprefix("republic of "), "")


# What a street is called by, and the points of the compass: a number beside them is that of a house, not a postal code.
_STREET = frozenset(
    """st str street strasse ave av avenue rd road blvd boulevard dr drive ln lane way pl place ct court hwy highway pkwy
    parkway sq square ter terrace rue via viale calle avenida rua weg allee gasse straat laan""".split()
)
_COMPASS = {"north": "n", "south": "s", "east": "e", "west": "w", "n": "n", "s": "s", "e": "e", "w": "w"}


def _address(plain: str) -> str:
    """A street with its house number in one spelling ("221 e 51st"), "" when the text is no such thing."""
    words = [_COMPASS.get(word, word) for word in plain.split()]
    house = next((word for word in words if word[0].isdigit() and not word.endswith(("st", "nd", "rd", "th"))), "")
    if not house or not any(word in _STREET or word in _COMPASS for word in words):
        return ""
    street = [word for word in words if word != house and word not in _STREET]
    return f"{house} {' '.join(street)}" if street else ""


@lru_cache(maxsize=65536)
def city_key(text: str) -> str:
    """A city in one spelling ("München" and "Munich" share theirs); "" of none.

    A street with a house number, which people write in the city's place, keeps its numbers: "221 e 51st".
    """
    if address := _address(_plain(text)):
        return address
    plain = re.sub(r"\s+", " ", _CITY_NOISE.sub(" ", _plain(text))).strip() or _plain(text)
    plain = re.sub(r"^st\b", "saint", plain)
    return _CITY_ALIASES.get(plain, plain)
