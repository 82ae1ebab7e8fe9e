"""Legal forms of the world as they stand at the end (or, some, at the start) of a company's name. Pure data.

A line is `class: spelling | spelling | ...`. Classes are coarse: 'Ltd' and 'Private Limited' are one, since people mix
them up. Spellings are written as people write them; `partners.naming.name` brings both sides into one spelling.
Words that also say what an organisation is (trust, foundation, association, Stichting) are part of its name, not here.
"""

from partners.naming.forms_east import EASTERN

# English law, and what other laws borrowed from it.
ENGLISH = """
ltd: ldt | pvt lt | pv ltd | pvt ldt | pty ldt | co ldt | pvt limted | p lt | pvtltd | pvt itd | pte ldt
inc: inc | incorporated | inc company | incorporation
corp: corp | corporation | corporate | corpn
co: co | company | companies | cie | compagnie | cia | compania | companhia | coy | kampany | kompani
ltd: ltd | limited | private limited | private ltd | pvt ltd | pvt limited | pvt | private | p ltd | p limited
ltd: (p) ltd | pty ltd | pty limited | proprietary limited | proprietary ltd | pty | pte ltd | pte limited | pte
ltd: private limited company | prc ltd | sdn bhd | sendirian berhad | sdn berhad | limited company | ltd company
ltd: private company limited by shares | company limited by shares | limited by shares
ltd: private company limited by guarantee | company limited by guarantee | limited by guarantee | clg
ltd: ltd by guarantee | designated activity company | dac | teoranta | teo | cyfyngedig | cyf
ltd: private unlimited company | puc | unlimited company | unlimited | ultd | ulc | unltd
ltd: community interest company | cic | cwmni buddiannau cymunedol | cbc | opc private limited | one person company
ltd: opc | wll | with limited liability | single person company | fzco | fze | fz llc | fzc | free zone company
ltd: free zone establishment | free zone co | dmcc | nigeria limited | nig ltd | nig limited | exempted company
ltd: exempt company | exempted limited | ibc | international business company | international business corporation
ltd: business company | protected cell company | pcc | incorporated cell company | segregated portfolio company
ltd: limited duration company | ldc | restricted purposes company | a limited company | limited duty company
ltd: external company | personal liability company | state owned company soc ltd | soc ltd | rf ltd
ltd: limited partnership company
plc: plc | public limited company | public limited | public company limited by shares | public company limited
plc: p l c | pcl | bhd | berhad | cpt | ccc | cwmni cyfyngedig cyhoeddus | cuideachta phoibli theoranta | pjsc
plc: public joint stock company | joint stock company | jsc | cjsc | ojsc | closed joint stock company
plc: open joint stock company | private joint stock company | prjsc | psc | pjs | qsc | qpsc | saog | saoc | bsc
plc: bsc c | ksc | kscc | kscp | sal | public stock company | qatari shareholding company | shareholding company
plc: saudi joint stock company
llc: llc | l l c | limited liability company | limited liability co | ltd liability company | ltd liability co
llc: limited liability | lc | pllc | professional limited liability company | professional llc | series llc
llc: series of llc | low profit limited liability company | l3c | single member llc
llc: domestic limited liability company | foreign limited liability company | lllc | limited liability corporation
llc: llc l3c | professional limited company | sllc | dllc
lp: lp | limited partnership | l p | partnership limited | ltd partnership | ltd partners
lp: scottish limited partnership | slp | private fund limited partnership | pflp | special limited partnership
lp: exempted limited partnership | elp | lllp | limited liability limited partnership | rlllp | rllp
lp: registered limited liability partnership | international limited partnership | domestic limited partnership
lp: domestic limited liability partnership | partneriaeth cyfyngedig | pc lp | ilp
llp: llp | limited liability partnership | ltd liability partnership | l l p | pac
llp: partneriaeth atebolrwydd cyfyngedig | professional limited liability partnership | pllp
gp: gp | general partnership | gnl partnership | sole proprietorship | sole proprietor | sole trader
gp: proprietorship | sole establishment | civil company
pc: pc | professional corporation | prof corp | professional corp | professional association | pa | sc | chtd
pc: chartered professional | professional service corporation | psc inc | a professional corporation | apmc
pc: professional company | prof llc | a professional association | prof assn | a medical corporation
pc: a law corporation | medical corporation | law corporation | close corporation | cc | statutory close corporation
pc: business corporation | business trust | statutory trust | public benefit corporation | pbc | benefit corporation
pc: benefit company | bt | real estate investment trust | reit | massachusetts business trust
pc: delaware statutory trust | dst | nonprofit corporation | non profit corporation | not for profit corporation
pc: non profit company | npc | nonprofit | non profit | nonprofit organization | non profit organization | npo
pc: charitable incorporated organisation | cio | scio | scottish charitable incorporated organisation
pc: incorporated association | inc assoc | religious corporation | not for profit
na: na | national association | n a | national banking association | federal savings bank | fsb | ssb
na: state savings bank | federal credit union | fcu | savings and loan association | savings association
na: national trust and savings association | nt and sa
coop: coop | co op | cooperative society | co operative society | cooperative society limited
coop: cooperative association | cooperative corporation | cooperative company | cooperative limited
coop: co operative limited | registered society | industrial and provident society | ips | friendly society
coop: community benefit society | bencom | mutual society
"""

# German, Dutch, Nordic, and their neighbours.
GERMANIC = """
gmbh: gmbh | g m b h | gesellschaft mbh | ges mbh | gesmbh | ges m b h | mbh | m b h
gmbh: gesellschaft mit beschränkter haftung | gesellschaft mit beschraenkter haftung | gesellschaft m b h
gmbh: gesellschaft mit beschr haftung | ggmbh | gemeinnützige gmbh | gemeinnuetzige gmbh
gmbh: gemeinnützige gesellschaft mit beschränkter haftung | gmbh i gr | gmbh il | gmbh i l | ug
gmbh: ug haftungsbeschränkt | ug (haftungsbeschränkt) | ug haftungsbeschraenkt | haftungsbeschränkt
gmbh: haftungsbeschraenkt | unternehmergesellschaft | unternehmergesellschaft haftungsbeschränkt
gmbh: mit beschränkter haftung | mit beschraenkter haftung | gesellschaft mit beschränkter | flexkapg | flexco
gmbh: flexible kapitalgesellschaft | steuerberatungsgesellschaft mbh | gemeinnützige ug
ag: ag | a g | aktiengesellschaft | aktien gesellschaft | gag | gemeinnützige aktiengesellschaft | akt ges | invag
ag: investmentaktiengesellschaft | reit ag | kgaa | kommanditgesellschaft auf aktien | ag und co kgaa
ag: se und co kgaa | gmbh und co kgaa
kg: kg | k g | kommanditgesellschaft | gmbh co kg | gmbh & co kg | gmbh und co kg | gmbh & co | gmbh und co
kg: ag & co kg | ag und co kg | ug & co kg | se & co kg | ltd & co kg | co kg | & co kg | kommandit gesellschaft
kg: investmentkommanditgesellschaft | gmbh & co kommanditgesellschaft | gmbh & cie kg | cie kg
kg: gmbh & co kommanditges | gesellschaft mbh & co kg | mbh & co kg | gesmbh & co kg | geschlossene investment kg
kg: gmbh & co geschlossene investment kg | gmbh & co investment kg | und co kg | stiftung & co kg
ohg: ohg | offene handelsgesellschaft | gmbh & co ohg | og | offene gesellschaft | oeg | keg | kollektivgesellschaft
ohg: gbr | gesellschaft bürgerlichen rechts | gesellschaft buergerlichen rechts | gdbr | gesbr | ggbr | egbr | partg
ohg: partgmbb | partnerschaftsgesellschaft | partg mbb | partnerschaft | mbb | partnerschaft mbb
ohg: partnerschaftsgesellschaft mbb | partnerschaftsgesellschaft mit beschränkter berufshaftung | einzelunternehmen
ohg: einzelfirma | einzelunternehmer | eingetragener kaufmann | eingetragene kauffrau | e k | ek | e kfm | ekfm
ohg: e kfr | ekfr | einfache gesellschaft | stille gesellschaft | reederei | partenreederei
ev: ev | e v | eingetragener verein | eg | e g | eingetragene genossenschaft | genossenschaft | egen
ev: genossenschaft mit beschränkter haftung | egmbh | rgmbh | reg genmbh | rechtsfähige stiftung
ev: stiftung des öffentlichen rechts | adör | aoer | anstalt des öffentlichen rechts
ev: anstalt des oeffentlichen rechts | aör | kdör | körperschaft des öffentlichen rechts | vvag
ev: versicherungsverein auf gegenseitigkeit | v v a g | ver auf gegenseitigkeit | treuunternehmen | treuhänderschaft
ev: evag | r v | kör | wirtschaftlicher verein
bv: bv | b v | besloten vennootschap | besloten vennootschap met beperkte aansprakelijkheid | bvba | b v b a
bv: besloten vennootschap met beperkte | bvba so | ebvba | sbvba
bv: eenpersoons besloten vennootschap met beperkte aansprakelijkheid | bv in oprichting | bv io
bv: met beperkte aansprakelijkheid
nv: nv | n v | naamloze vennootschap | nv sa | sa nv | nvvr | beleggingsmaatschappij met veranderlijk kapitaal
nv: bevek | bevak
vof: vof | v o f | vennootschap onder firma | cv | c v | commanditaire vennootschap | comm v
vof: gewone commanditaire vennootschap | gcv | comm va | commva | cvba | cvoa | cvso | coöperatieve vennootschap
vof: coöperatie | cooperatie | coop v | coöperatieve vereniging | eenmanszaak | vzw | ivzw
vof: vereniging zonder winstoogmerk | landbouwvennootschap | lv | coöperatie ua | cooperatie u a | u a | b a | w a
vof: coöperatie wa | coöperatieve vennootschap met beperkte aansprakelijkheid | onderlinge waarborgmaatschappij
vof: owm | naamloze vennootschap van publiek recht | private stichting | stichting van openbaar nut
ab: ab | a b | aktiebolag | aktiebolaget | ab publ | aktiebolag publ | publ ab | publ | (publ) | publikt aktiebolag
ab: abp | publikt ab | privat aktiebolag | oy ab | ab oy
hb: hb | handelsbolag | handelsbolaget | kb | kommanditbolag | kommanditbolaget | ek för | ekonomisk förening
hb: ek foren | ekonomiska föreningen | enskild firma | enskild näringsverksamhet | ideell förening
hb: bostadsrättsförening | brf | försäkringsförening | sparbank | bankaktiebolag | försäkringsaktiebolag
hb: ömsesidigt försäkringsbolag
as: as | a s | aksjeselskap | aksjeselskapet | asa | allmennaksjeselskap | allment aksjeselskap | aktieselskab
as: aktieselskabet | a/s | ans | ansvarlig selskap | ans selskap | selskap med delt ansvar | delt ansvar | ks | k/s
as: kommandittselskap | kommanditselskab | p/s | partnerselskab | kommanditaktieselskab | i/s | interessentskab
as: nuf | norskregistrert utenlandsk foretak | aps | anpartsselskab | anpartsselskabet | ivs | iværksætterselskab
as: amba | a m b a | andelsselskab med begrænset ansvar | andelsselskab | fmba | f m b a | smba
as: selskab med begrænset ansvar | enkeltmandsvirksomhed | enkeltpersonforetak | enk | enkeltpersonsforetak
as: erhvervsdrivende fond | s f | statsforetak | interkommunalt selskap | sa samvirkeforetak | samvirkeforetak
as: borettslag | gjensidig forsikringsselskap | begrenset ansvar | fkf | fylkeskommunalt foretak | kommunalt foretak
as: tingsrettslig sameie | eierseksjonssameie | særlovsselskap | hf | ehf | hlutafélag | einkahlutafélag | ohf | svf
as: samlagsfélag | sameignarfélag | samvinnufélag | sp f | p f | sjálfseignarstofnun | opinbert hlutafélag
oy: oy | osakeyhtiö | osakeyhtioe | oyj | julkinen osakeyhtiö | yksityinen osakeyhtiö | oy ltd | ky
oy: kommandiittiyhtiö | ay | avoin yhtiö | osk | osuuskunta | tmi | toiminimi | ry | rekisteröity yhdistys
oy: rekisteröity säätiö | asunto osakeyhtiö | as oy | kiinteistö oy | koy | asoy | säätiö sr
oy: yksityinen elinkeinonharjoittaja | laivanisännistöyhtiö
"""

# Romance languages.
ROMANCE = """
sa: sa | s a | société anonyme | societe anonyme | sociedad anónima | sociedad anonima | sociedade anónima
sa: sociedade anonima | società anonima | societate pe acțiuni | soc anonima | soc anonyme | sociedade anônima
sa: sa de cv | s a de c v | sociedad anónima de capital variable | sab | s a b | sab de cv
sa: sociedad anónima bursátil | sociedad anónima bursátil de capital variable | sapi | sapi de cv | s a p i de c v
sa: sociedad anónima promotora de inversión | sociedad anónima promotora de inversión de capital variable | sac
sa: s a c | sociedad anónima cerrada | saa | s a a | sociedad anónima abierta | sau | s a u
sa: sociedad anónima unipersonal | sociedad anónima deportiva | sociedad anónima laboral | sociedade aberta | saca
sa: ca | c a | compañía anónima | sacifia | saci | sacif | saic | saicf | saciyf | saici | sacifi | s a i c | spa
sa: s p a | s/a | società per azioni | societa per azioni | sociedad por acciones | spa in liquidazione
sa: sociedad en comandita por acciones | sca | s c a | société en commandite par actions
sa: societe en commandite par actions | sapa | s a p a | società in accomandita per azioni
sa: sociedad comanditaria por acciones | sociedade em comandita por ações | sas | s a s
sa: société par actions simplifiée | societe par actions simplifiee | sasu | s a s u
sa: société par actions simplifiée unipersonnelle | société par actions simplifiée à associé unique
sa: sociedad por acciones simplificada | sociedad anónima simplificada | sas de cv | sofom | sa de cv sofom enr
sa: sofom enr | sa de cv sofom er | sofom e n r | sociedad financiera de objeto múltiple | entidad no regulada
sa: société anonyme à conseil d'administration | société anonyme à directoire | société anonyme de droit public
sa: sam | société anonyme monégasque | société anonyme à participation ouvrière | sapo | selafa | selas | selasu
sa: selca | société européenne | societas europaea | se | s e | sce | societas cooperativa europaea
sa: societate europeana | geie | eeig | european economic interest grouping
sa: groupement européen d'intérêt économique | ewiv | europäische wirtschaftliche interessenvereinigung | eesv
sa: aeie
sarl: sarl | s a r l | s à r l | sàrl | société à responsabilité limitée | societe a responsabilite limitee
sarl: a responsabilité limitée | sarl s | société à responsabilité limitée simplifiée | eurl | e u r l
sarl: entreprise unipersonnelle à responsabilité limitée | sarlu | sarl au | suarl | sprl | s p r l | sprlu | spri
sarl: société privée à responsabilité limitée | société privée à responsabilité limitée unipersonnelle | ltee | ltée
sarl: limitée | limitee | enr | enrg | srl sprl | selarl | selurl
sarl: société d'exercice libéral à responsabilité limitée | eirl | e i r l
sarl: entreprise individuelle à responsabilité limitée | entreprise individuelle | auto entrepreneur
sarl: micro entreprise
srl: srl | s r l | società a responsabilità limitata | societa a responsabilita limitata | a responsabilità limitata
srl: srls | s r l s | società a responsabilità limitata semplificata | srl unipersonale | srlu | s r l u
srl: a socio unico | unipersonale | con socio unico | sociedad de responsabilidad limitada
srl: societate cu răspundere limitată | societate cu raspundere limitata | srl d | scarl | s c a r l | scrl
srl: s c r l | soc cons a r l | società consortile a responsabilità limitata | srl cv | s de rl | s de r l
srl: s de rl de cv | s de r l de c v | sociedad de responsabilidad limitada de capital variable
srl: sociedad responsabilidad limitada | sociedad comercial de responsabilidad limitada | scrls
srl: societa consortile a responsabilita limitata | società cooperativa a responsabilità limitata
srl: srl in liquidazione | in liquidazione | società consortile per azioni | scpa | s c p a
sl: sl | s l | sociedad limitada | sociedad de responsabilidad limitada unipersonal | slu | s l u
sl: sociedad limitada unipersonal | sll | s l l | sociedad limitada laboral | slne | sociedad limitada nueva empresa
sl: s l p | sociedad limitada profesional | sociedad profesional | srlu | lda | l d a | limitada | ltda | l t d a
sl: sociedade por quotas | sociedade limitada | ltda me | ltda epp | epp | eireli
sl: empresa individual de responsabilidade limitada | empresa individual de responsabilidad limitada | e i r l
sl: unipessoal lda | unipessoal | sociedade unipessoal por quotas | sociedade unipessoal lda
sl: sociedade unipessoal limitada | ltda cv | cia ltda | compañía limitada | y cia ltda | y compania limitada
sl: y cia | e cia | e hijos | y cia s en c | s en c | s c s | sociedad colectiva
snc: snc | s n c | société en nom collectif | società in nome collettivo | societa in nome collettivo
snc: sociedad en nombre colectivo | sociedade em nome coletivo | sociedade em nome colectivo | scs
snc: société en commandite simple | societe en commandite simple | secs | société en commandite
snc: société en commandite spéciale | scsp | ss | s s | società semplice | società in accomandita semplice
snc: societa in accomandita semplice | sas di | snc di | sociedad en comandita | sociedad en comandita simple
snc: sociedade em comandita simples | senc | sencrl | s e n c r l
snc: société en nom collectif à responsabilité limitée | scom | s com | sociedad comanditaria | sociedad civil
snc: sc civil | s c | sociedad civil particular | scp | société civile | sci | société civile immobilière
snc: societe civile immobiliere | sccv | société civile de construction vente | scpi
snc: société civile de placement immobilier | scm | société civile de moyens | société civile professionnelle | scea
snc: société civile d'exploitation agricole | gaec | groupement agricole d'exploitation en commun | earl
snc: exploitation agricole à responsabilité limitée | gfa | groupement foncier agricole | sep
snc: société en participation | soparfi | sicav | sicaf | sicar | sif | raif | fcp | fonds commun de placement
snc: société d'investissement à capital variable | société d'investissement à capital fixe
snc: société d'investissement en capital à risque | gie | groupement d'intérêt économique | gip
snc: groupement d'intérêt public | epic | établissement public à caractère industriel et commercial | epa
snc: société d'économie mixte | spl | société publique locale | scop | société coopérative de production | scic
snc: société coopérative d'intérêt collectif | société coopérative | societe cooperative
snc: société coopérative à responsabilité limitée | société coopérative à responsabilité illimitée | scris | sccl
snc: scrlfs | sica | sociedad cooperativa | s coop | scoop | s coop and | sociedad cooperativa andaluza
snc: sociedad cooperativa limitada | s coop ltda | scl | s cooperativa | società cooperativa | societa cooperativa
snc: soc coop | soc coop arl | soc coop a r l | società cooperativa agricola | soc coop agricola | soc coop sociale
snc: società cooperativa sociale | coop sociale | cooperativa | cooperativa de responsabilidade limitada | crl
snc: c r l | cooperativa sociale | sociedad agraria de transformación | ute | unión temporal de empresas | aie
snc: agrupación de interés económico | agrupamento complementar de empresas | asbl | a s b l
snc: association sans but lucratif | aisbl | association internationale sans but lucratif | association loi 1901
snc: asociación civil | ac | a c | onlus | fondation d'utilité publique | société mutuelle
snc: société d'assurance mutuelle | onl | iap | i a p | asociación en participación | comunidad de bienes | cb | c b
snc: comunidad de propietarios | entidad pública empresarial | epe | persona física | empresario individual
snc: ditta individuale | impresa individuale | raison individuelle | empresa unipersonal | empresa individual
snc: sociedad de hecho | sh | s h | sociedad mercantil | institución de asistencia privada
snc: sociedad civil de responsabilidad limitada | s civil de r l | sociedad de garantía recíproca | sgr
snc: sociedad de inversión | sociedade simples | sociedade de advogados
snc: estabelecimento individual de responsabilidade limitada
ro: pfa | persoană fizică autorizată | întreprindere individuală | întreprindere familială
ro: societate în nume colectiv | societate în comandită simplă | societate în comandită pe acțiuni | regie autonomă
ro: societate agricolă | organizație cooperatistă
"""

FORM_TEXT = "".join((ENGLISH, GERMANIC, ROMANCE, EASTERN))
