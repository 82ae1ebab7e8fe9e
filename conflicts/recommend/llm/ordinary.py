"""What of a partner's own words may leave the house: ordinary words of the trade, and nothing else.

Whatever is not on this list (names, addresses, numbers, prices, other scripts, orders to the model) becomes a blank. A
list of what is forbidden would always lack the next name; a list of what is allowed lacks none.
"""

from __future__ import annotations

import re
import unicodedata

BLANK = "▢"

# No word here is a given name, a family name, a place, a colour or a number ("will" and "may" are names too).
WORDS = frozenset(
    """
    a about above according account accounts across active activity add added address after again against agree
    agreed agreement ahead alike all almost already also although always am among an and annual another answer
    answered any anybody anything application applications approval approve approved are area around arrange
    arranged as ask asked asking assess assessed assessment assigned at attached attend attended audit author
    available award awarded away back be became because been before began begin begins being believe below better
    between beyond blocked blocking board both bought bring broad brought budget build built business but buy buyer
    buyers buying by call called calls came can cannot capacity case cause certification certified change changed
    changes channel check checked choice choose chose chosen claim claimant claimants claimed claims clear clearly
    close closed co-sell collected come comes commercial committee common communication company compare compared
    compete competes competing competition complete completed compliance concept concern concerned condition
    conditions conference confirm confirmed conflict consider considered consultant contact contacted contacts
    continue contract contracts control controls conversation converted corporate could cover covered covers create
    created criteria current currently customer customers daily data date dated dates day days deal deals decide
    decided decides decision decisions defined deliver delivered delivery demand demo demonstrated demonstration
    department described description design designed detail detailed details determine determined did different
    direct directly director discount discuss discussed discussion discussions distribution distributor do document
    documented documents does done down draft duplicate during each earlier earliest early effort either
    eligibility eligible else email end ended engage engaged engagement engineer engineering engineers enough
    entered entire entitled equal equally equipment established estimate estimated evaluate evaluated evaluation
    even evening event every everybody everything evidence exact example except exception exchange exclusive
    existing expect expected experience expert expired explain explained explains extended fact facts family far
    favourable feasibility feedback few field file filed final finance find finding findings finished firm first
    first-contact fit floor follow follow-up followed following for form formal former forward found framework from
    full further gave general get gets give given gives go goes going good got group had hand handed has have
    having he head heard held help helped her here high higher him his hold holder holding holds hour hours house
    how however idea identified if important in inactive include included includes including independent industry
    inform information initial inside inspected inspection installation installed instead insufficient intent
    interest interested internal interview into introduced introduction invitation invited involved is issue issued
    it items its itself joint jointly just keep keeps kept kick-off kind knew know knowledge known knows lack lacks
    last late later latest lead leading leads least leave led left less let letter level like likely limit limits
    line lines list listed little live local long longer look looked looking lost low lower made main maintenance
    major make makes making manage managed management manager managers managing many market match material matter
    mediation meet meeting meetings member members mentioned message met method middle might minutes missing mobile
    month monthly months more morning most move moved much must name named near nearly necessary need needed needs
    negotiated negotiation neither network never new next no nobody none nor normal not note noted notes nothing
    notice now number objective obtained of off offer offered offers office officer often old on once one ongoing
    only onsite open opened operation operations opportunity option options or order ordered orders organised
    original other others otherwise our ours out outcome outside over overall overlap overlapping own owned owner
    owners ownership owns package paid panel paper papers parallel part participated partner partners parts party
    past path pending people per performed period permission permitted person phase phone pilot place plan planned
    planning plans plant plants please point points policy position possible possibly potential preference
    preferred prefers preparation prepared presence present presentation presented previous previously price
    pricing priority probably problem procedure process procurement produced product production products program
    programme progress project projects proof proposal proposals propose proposed prospecting protected protection
    prototype proven provide provided provides public pump pumps purchase purchasing purpose put qualification
    qualified quality quarter question questions quick quote quoted quotes quoting raised range rather reach
    reached read ready really reason reasons received recent recently record recorded records reference regarding
    region register registered registering registers registration registrations reject rejected related relation
    relationship relevant rely remain remained remaining remains renewal repair replacement reply report reported
    reports representative represented request requested requests require required requirement requirements
    requires research reseller reserved resolution respect response responsible rest resubmission result results
    retained retrofit return returned review reviewed revised revoked right role round rule rules run running sale
    sales same sample satisfied saw say says schedule scheduled scope score scored scores search second section see
    seen segment selected sell seller sells send sent separate series serve served service services session set
    several shall share shared she short should show showed shown shows side sides sign signature signed similar
    since single site sites situation sizing small so software sold solution some somebody soon source speak
    specialist specific specification spoke staff stage stand standard stands start started state stated statement
    states status stay step still stop strategic study subject submission submitted such suitable supplied supplier
    supply support supported supporting supports sure system systems take taken takes talk talked team teams
    technical technical-validation telephone tell tender term terms territory test tested testing tests than that
    the their them themselves then there these they thing things think third this those though through tier time
    timeline times title to today together told tomorrow took top toward towards training trial type under
    understand unit units unknown unless until up update updated upon us use used user users uses using usual valid
    validated validation value valve valves vendor verification verified verify very via view visit visited visits
    wait waited waiting walk want wanted wants was way we week weekly weeks well went were what when where whether
    which while who whole whom whose why wide with withdrawn within without won word words work worked workers
    working works workshop would write writing written wrote year years yes yesterday yet you your
    """.split()
)

# A capital is taken for a name, except on these where a sentence starts ("Price called" would be a person's name).
STARTS = frozenset(
    "a after an and as at before both but by for he if in it no not on our she that the their there these they this we"
    " when with".split()
)
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_CHUNK = re.compile(r"^([\"'(]*)([A-Za-z]+(?:-[a-z]+)*)([.,;:!?)\"']*)$")


def plain(text: str) -> str:
    """One spelling of a text: compatibility forms resolved, invisible characters gone, one space between words."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def ordinary(text: str, most: int) -> str:
    """The ordinary words of a text, at most so many characters; everything else is a blank, several of them one."""
    kept: list[str] = []
    starts = True
    for chunk in plain(text[: most * 4]).split(" "):
        word = _word(chunk, starts)
        starts = chunk.endswith((".", "!", "?"))
        if word != BLANK or kept[-1:] != [BLANK]:
            kept.append(word)
    short = " ".join(word for word in kept if word)
    return short if len(short) <= most else short[:most].rsplit(" ", 1)[0]


def _word(chunk: str, starts: bool) -> str:
    """The chunk if it is an ordinary word (a capital only where a sentence starts), else the blank."""
    found = _CHUNK.match(chunk)
    if not found:
        return BLANK if chunk else ""
    _, word, after = found.groups()
    known = word in WORDS or (starts and word[:1].lower() + word[1:] in STARTS)
    return word + after.strip("\"'()")[:1] if known else BLANK


def title(text: str, most: int = 120) -> str:
    """A title of ours, through the same sieve: its first letter is a capital for no reason."""
    return ordinary(text[:1].lower() + text[1:], most)
