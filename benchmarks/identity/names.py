"""Company names as registers hold them, from a seed: a few words that everybody uses, and very many that few do."""

import random
from collections.abc import Iterator

COMMON = (
    "global international solutions services systems trading industrial partners capital energy digital holdings group "
    "management consulting technologies engineering construction properties investments logistics medical foods health "
    "marketing media design software network security finance insurance transport travel education research development "
    "resources materials chemicals plastics textiles machinery motors electric power water marine aviation pharma north "
    "south east west pacific atlantic european american asian first united national general premier advanced modern"
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
COUNTRIES = ("US", "DE", "GB", "FR", "IN", "IT", "NL", "SE", "AU", "ES")
_SYLLABLES = (
    "ka lo mi ra ten vor sun bel dra fi gor hal in jo ker lu mar nex or pel qui ros sil tor ul ven wes xan yor zel bra cor"
).split()
KINDS = ("rare", "mid", "common")


def word(number: int) -> str:
    """A made-up word for a number, always the same."""
    text, rest = "", number + 1000
    while rest:
        rest, digit = divmod(rest, len(_SYLLABLES))
        text += _SYLLABLES[digit]
    return text


def companies(count: int, seed: int) -> Iterator[dict[str, str]]:
    """Accounts; `kind` says how common the rarest word of the name is."""
    rng = random.Random(seed)
    for number in range(count):
        kind = rng.choices(KINDS, (60, 25, 15))[0]
        words = [rng.choice(COMMON) for _ in range(rng.randint(1, 2))]
        if kind == "rare":
            words.insert(0, word(rng.randrange(20_000, 20_000 + max(1000, count // 8))))
        elif kind == "mid":
            words.insert(0, word(rng.randrange(2000)))
        else:
            words.append(rng.choice(COMMON))
        yield {
            "id": str(number), "kind": kind, "name": " ".join([*words, rng.choice(FORMS)]).strip().title(),
            "country": rng.choice(COUNTRIES), "city": f"{word(rng.randrange(400))}",
        }  # fmt: skip


def typed(name: str, rng: random.Random) -> str:
    """The name as somebody types it: another form, a slip, another order, joined words."""
    words = name.split()
    if words[-1].lower() in {form.lower().split()[-1] for form in FORMS if form} and len(words) > 2:
        words.pop()
    way = rng.choice(("as it is", "upper", "slip", "order", "joined"))
    longest = max(range(len(words)), key=lambda i: len(words[i]))
    if way == "slip" and len(words[longest]) > 4:
        at = rng.randrange(1, len(words[longest]) - 1)
        old = words[longest]
        words[longest] = rng.choice((old[:at] + old[at + 1 :], old[:at] + rng.choice("aeiou") + old[at:]))
    elif way == "order":
        rng.shuffle(words)
    elif way == "joined":
        words[:2] = ["".join(words[:2])]
    return " ".join(words).upper() if way == "upper" else " ".join(words)
