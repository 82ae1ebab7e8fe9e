"""Words in one spelling: abbreviations, words that tie, words that say little, numbers. Pure data."""

from functools import lru_cache

# Each line: the canonical short word, then what people write for it. Only words, never legal forms.
_SHORT = """
intl international internat internatl internationale internacional internazionale internationales internationaler int inter
natl national nat nationale nacional nazionale
mfg manufacturing manufacture mfr manufacturer manufacturers manuf manufg mfrs mfgr manufactures manufacturas
svc service services svcs serv servs servicios servicos servizi serviços
univ university universitat universitaet universite universidad universidade universita
univ universiteit uniwersytet universitet univers universities
dept department departments departement departamento depto dpt
assoc association associates associated associate assn assoc assocs assc ass associations
ctr center centre centro centrum zentrum cntr centers centres cent
hosp hospital hospitals hospitalier hosptl krankenhaus hopital
inst institute institut institution instituto instituut istituto inst institutes institutions
tech technology technologies technologie technologia tecnologia tecnologias technol techs technolog
eng engineering engineers engineer engg engr engrs engrg ingenieria ingenieure
sys system systems systeme systemes sistemas sistemi syst
grp group gruppe groupe grupo gruppo groep gruppen grupa gp groups
hldg holding holdings hldgs holdco beteiligungs beteiligung beteiligungen
mgmt management mgt mngmt managment
dev development developments devt developpement desarrollo dvlpt
dist distribution distributing distrib
ind industry industries industrial indus inds industria industrias industrie industriel industriales industriale indl
corp corporation
lab laboratory laboratories labs laboratoire laboratoires laboratorio laboratorios labor
pharma pharmaceutical pharmaceuticals pharm pharmaceutica pharmaceutique pharmaceutiques pharmazeutische pharmacy
chem chemical chemicals chemistry chemische chimie chimique quimica chemie
elec electric electrical electrics elektrik electrique electrica elettrica elektro
electr electronic electronics electronique elektronik electronica elettronica electrnc
comm communication communications comms communic comunicaciones comunicacoes
telecom telecommunication telecommunications telecomms telecoms tel
fin financial finance finances financiere financiera finanziaria finanz
inv investment investments invest investing investissement investissements inversiones investimentos invst
prop property properties props
mkt marketing market markets mktg
med medical medicine medizin medico medica medicale
edu education educational educ
res research recherche recherches rsch researches
sci science sciences scientific
prod product products production productions produkte produkt produits productos produtos prodn
equip equipment equipments equipement equipements
constr construction constructions construct const constructora costruzioni construcciones contruction
trans transport transportation transports transporte transportes trasporti transpt
log logistics logistic logistik logistique logistica logistiek
auto automotive automobile automobiles
adv advanced advance
am american america americas amer
eur europe european europa europaische europeenne europea euro
ger germany deutschland german deutsche
br brothers bros
st saint st sankt saints
ft fort
mt mount
govt government govern
admin administration administrative administracion
auth authority authorities
comm_ committee
found foundation foundations fdn fondation stiftung fundacion fundacao
soc society societe societa sociedad sociedade
bldg building buildings bldgs
mach machine machinery machines machinen maschinen maschinenfabrik machineries
mat material materials
metal metals metall metaux
env environment environmental environ
gen general generale gen
gov governor
sec secretary secty secy
lib library libraries
mus museum
pub public publishing publ publishers publications
ins insurance assurance assurances versicherung versicherungen seguros assicurazioni
prof professional professionals
cons consulting consultants consultant consultancy consult conseil conseils
sol solution solutions soln solns soluciones solucoes
soft software
net network networks
resrc resource resources
ent enterprise enterprises entreprise entreprises empresa empresas entpr enterprize enterprizes
exp export exports
imp import imports importers
trdg trading trade
tele television
util utility utilities
refr refrigeration
aero aerospace aeronautics aeronautical
agri agriculture agricultural agro agricola
bio biological biology
co_ county
comm_y community communities
dir director
div division
inf information informatique informatica informatik info
inn innovation innovations innovative
instr instrument instruments instrumentation
mun municipal municipality
mut mutual
north northern n
south southern s
east eastern e
west western w
ops operations operation operating
partn partners partner partnership
plast plastic plastics
pow power
proj project projects
reg regional region
rep representative representatives
sch school schools schule ecole escuela
secur security securities
sup supply supplies supplier suppliers
treas treasury
veh vehicle vehicles
work works
"""
_UNSAFE = {"n", "s", "e", "w", "am", "corp", "comm_", "co_", "comm_y"}


def _canonical() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _SHORT.strip().splitlines():
        short, *longer = line.split()
        for word in longer:
            if word not in _UNSAFE:
                found.setdefault(word, short.rstrip("_") if short not in ("comm_", "comm_y", "co_") else longer[0])
    return found


CANONICAL: dict[str, str] = _canonical()

# Words that tie others together; partners leave them out as they please.
TIES = frozenset(
    "and of the for und et og och ve von vom fur zur zum de des du der del della delle di dos das degli dei het".split()
)

# What names a part of a company, a place of it or a line of business: two names that differ here are relatives, not one.
PLACES = frozenset(
    """asia pacific apac emea latam iberia nordic nordics benelux dach middle mena gulf africa europe eur am america americas
    north south east west central northern southern eastern western overseas uk usa us ger france francaise fr italia italy
    espana spain portugal polska poland india china hk hong kong japan korea taiwan singapore malaysia thailand vietnam
    indonesia philippines australia zealand canada mexico brasil brazil argentina chile peru colombia hungary czech slovakia
    romania bulgaria serbia croatia slovenia austria osterreich schweiz suisse switzerland belgium belgique nederland
    netherlands luxembourg ireland sweden sverige norway norge denmark danmark finland suomi turkey turkiye russia ukraine
    israel egypt kenya nigeria dubai uae qatar saudi arabia pakistan bangladesh lanka ghana morocco maroc tunisia
    algeria""".split()
)
BRANCH = PLACES | frozenset(
    """branch filiale succursale sucursal filial zweigniederlassung niederlassung oddzial rep office subsidiary global worldwide
    leasing services svc real estate trdg fin inv prop hldg mfg log retail sales""".split()
)
# Words that many companies bear: on their own they name nobody.
NOISE = frozenset(
    "intl natl svc grp hldg mgmt global solutions sol ent co tech sys trdg dev ind inv worldwide prod mkt cons ops partn".split()
)
# What people type where they know no name.
FILLERS = frozenset(
    """na nan null none nil unknown unbekannt inconnu desconocido test tests testing tbd tba xxx abc customer client company firm
    business name nname private individual person privat various diverse misc other end user enduser""".split()
)
# How institutions are written out on paper: who signs for them is not who they are. Worth a third of what is rare.
BOILERPLATE = frozenset(
    """board regents trustees governors governing body represented acting behalf through secretary sec administrator director
    dir president rector chancellor by as on in at an its being body state public division div branch office school sch""".split()
) - {"state", "public"}
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv xxv xxx".split()
ROMAN: dict[str, str] = {word: str(n) for n, word in enumerate(_ROMAN[:25], start=1)} | {"xxx": "30"}
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
NUMBERS: dict[str, str] = {word: str(n) for n, word in enumerate(_NUMBERS, start=1)} | {
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80",
    "ninety": "90", "hundred": "100", "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5",
    "1st": "1", "2nd": "2", "3rd": "3", "4th": "4", "5th": "5",
}  # fmt: skip


@lru_cache(maxsize=65536)
def number_of(token: str) -> str:
    """The number that a token is or holds ("viii" -> "8", "two" -> "2", "tx11" -> "tx11"), "" for a word."""
    if token.isdigit():
        return token.lstrip("0") or "0"
    if token in ROMAN or token in NUMBERS:
        return ROMAN.get(token) or NUMBERS[token]
    digits = "".join(c for c in token if c.isdigit())
    return token if digits else ""
