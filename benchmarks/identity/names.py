"""Companies as registers hold them, and as partners type them, from a seed.

A few words that everybody uses and very many that few do (shares of a word by its rank as among GLEIF's names: Zipf's
law with Mandelbrot's offset), thousands of equal common names, big and small towns. Nobody's data.
"""

import random
from bisect import bisect
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

COMMON = (
    "investments industries services global van energy holdings technologies products fund engineering development india "
    "management trading marketing solutions group hotel solar automotive power trust green medical international capital "
    "systems partners digital consulting properties construction logistics foods health media design software finance "
    "travel education research textiles chemicals plastics machinery electric water marine aviation pharma north south "
    "east west pacific atlantic european american asian first united national general premier modern royal city star "
    "gold silver blue red new golden sun sky ocean mountain river lake park garden house home life care plus prime smart "
    "auto motors steel metals mining oil gas agro farms dairy seeds timber paper print packaging glass ceramics stone "
    "fashion clothing shoes jewels toys sports fitness beauty dental clinic hospital pharmacy insurance bank credit "
    "leasing transport shipping air express cargo supply store shop market retail wholesale export import agency studio "
    "film music events tours resort restaurant cafe bakery wine coffee tea academy school institute university training "
    "security safety control instruments tools parts equipment works builders interiors roofing lighting cables networks "
    "telecom mobile data cloud web labs science bio nano micro mega ultra alpha beta delta omega phoenix eagle lion tiger"
).split()
FORMS = (
    "GmbH",
    "Ltd",
    "Limited",
    "Inc.",
    "LLC",
    "SARL",
    "S.p.A.",
    "B.V.",
    "AB",
    "Pty Ltd",
    "Private Limited",
    "S.A.",
    "",
)
COUNTRIES = {"US": "+1 212", "DE": "+49 30", "GB": "+44 20", "FR": "+33 1", "IN": "+91 11", "IT": "+39 02",
             "NL": "+31 20", "SE": "+46 8", "AU": "+61 2", "ES": "+34 91"}  # fmt: skip
_LONG_FIRST = sorted(filter(None, FORMS), key=len, reverse=True)
KINDS = ("rare", "mid", "common")
WORDS, TOWNS, EQUALS = 600_000, 4000, 300
_SYLLABLES = (
    "ka lo mi ra ten vor sun bel dra fi gor hal in jo ker lu mar nex or pel qui ros sil tor ul ven wes xan yor zel bra cor"
).split()
_SHORTER = {
    "international": "intl", "management": "mgmt", "technologies": "tech", "services": "svcs", "engineering": "eng.",
    "development": "dev", "holdings": "hldgs", "solutions": "sol", "systems": "sys", "industries": "inds",
}  # fmt: skip


@lru_cache(maxsize=2**20)
def word(number: int) -> str:
    """The word of a rank, always the same: a real one for the commonest, then short and long ones by no rule."""
    if number < len(COMMON):
        return COMMON[number]
    rng = random.Random(number)
    if number % 17 == 0:
        return "".join(rng.choices("abcdefghijklmnoprstvwz", k=rng.randint(2, 4)))  # initials
    text = "".join(rng.choices(_SYLLABLES, k=rng.choice((2, 3, 3, 4) if number < 50_000 else (3, 4, 4, 5))))
    return text[:-1] if rng.random() < 0.3 else text


@lru_cache(maxsize=4)
def _shares(count: int, offset: float, power: float) -> list[float]:
    """Sums of the shares of ranks 1..count."""
    return list(accumulate((rank + offset) ** -power for rank in range(1, count + 1)))


def _rank(rng: random.Random, count: int, offset: float, power: float) -> int:
    shares = _shares(count, offset, power)
    return bisect(shares, rng.random() * shares[-1])


def kind_of(ranks: list[int]) -> str:
    """How common the rarest word of a name is: rare in up to some 20 of a million names, common in over 1000."""
    return "rare" if max(ranks) > 15_000 else "mid" if max(ranks) > 300 else "common"


def companies(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Accounts; `kind` says how common the rarest word of the name is."""
    rng = random.Random(seed)
    for number in range(count):
        equal = rng.random() < 0.02  # names that many companies have independently
        ranks = _ranks(random.Random(_rank(rng, EQUALS, 0, 1.0)), 300) if equal else _ranks(rng, WORDS)
        words = [word(rank) for rank in ranks]
        country = rng.choice(tuple(COUNTRIES))
        town = WORDS + TOWNS * tuple(COUNTRIES).index(country) + _rank(rng, TOWNS, 3, 1.0)
        brand = "".join(words[:2]) if len(words[0]) < 7 or rng.random() < 0.5 else words[0]
        yield {
            "id": str(number), "kind": kind_of(ranks), "name": " ".join([*words, rng.choice(FORMS)]).strip().title(),
            "country": country, "city": word(town).title(),
            "domain": f"{brand}.{rng.choice(('com', country.lower()))}" if rng.random() < 0.7 else "",
            "phone": f"{COUNTRIES[country]} {rng.randrange(10**7):07d}" if rng.random() < 0.7 else "",
        }  # fmt: skip


def _ranks(rng: random.Random, most: int) -> list[int]:
    """Two to six different words, the rarest first more often than not."""
    length = rng.choices((1, 2, 3, 4, 5, 6), (1, 27, 37, 22, 9, 4))[0]
    found = list(dict.fromkeys(_rank(rng, most, 9, 1.15) for _ in range(length)))
    return sorted(found, reverse=True) if rng.random() < 0.7 else found


def typed(name: str, rng: random.Random) -> str:
    """The name as somebody types it: another form or none, slips, another order, joined, short or missing words."""
    form = next((form for form in _LONG_FIRST if name.lower().endswith(f" {form.lower()}")), "")
    words = name.removesuffix(name[-len(form) :]).split() if form else name.split()
    if rng.random() < 0.1:
        words = [_SHORTER.get(text.lower(), text) for text in words]
    if rng.random() < 0.08 and len(words) > 1:
        words[:2] = ["".join(words[:2])]
    if rng.random() < 0.08:
        rng.shuffle(words)
    if rng.random() < 0.07 and len(words) > 2:
        words.pop()
    if rng.random() < 0.3:
        longest = max(range(len(words)), key=lambda i: len(words[i]))
        words[longest] = slip(words[longest], rng)
    if rng.random() < 0.04:
        words.append(rng.choice(("Group", "Holding", "International")))
    text = " ".join([*words, rng.choice(FORMS)] if rng.random() < 0.3 else words).strip()
    return rng.choice((str.upper, str.lower, str, str, str))(text)


def slip(text: str, rng: random.Random) -> str:
    """A letter lost, doubled, changed or swapped with its neighbour, not the first one."""
    if len(text) < 5:
        return text
    at = rng.randrange(1, len(text) - 1)
    return rng.choice((
        text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], text[:at] + rng.choice("aeiourst") + text[at + 1 :],
        text[:at] + text[at + 1] + text[at] + text[at + 2 :],
    ))  # fmt: skip


def asked(row: dict[str, str], rng: random.Random) -> dict[str, str]:
    """What a partner fills in of a company: the name as typed; country, town, domain and phone often, not always."""
    shares = {"country": 0.9, "city": 0.75, "domain": 0.4, "phone": 0.35}
    return {"name": typed(row["name"], rng)} | {
        field: row[field] if rng.random() < share else "" for field, share in shares.items()
    }
