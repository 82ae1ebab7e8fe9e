"""Legal forms of central and eastern Europe, Asia, Africa and the Middle East; glued CJK forms. Pure data (see forms.py)."""

EASTERN = """
sro: sro | s r o | spol s r o | spol sro | společnost s ručením omezeným | spoločnosť s ručením obmedzeným
sro: s ručením omezeným | s ručením obmedzeným | spolecnost s rucenim omezenym | doo | d o o
sro: društvo s ograničenom odgovornošću | drustvo s ogranicenom odgovornoscu | društvo sa ograničenom odgovornošću
sro: družba z omejeno odgovornostjo | jdoo | j d o o | jednostavno društvo s ograničenom odgovornošću | dooel
sro: društvo so ograničena odgovornost | друштво со ограничена одговорност | друштво са ограниченом одговорношћу
sro: дооел | доо
as: akciová společnost | akciova spolecnost | akciová spoločnosť | a s | dd | d d | dioničko društvo
as: dionicarsko društvo | delniška družba | akcionarsko društvo | ad | a d | акционерско друштво
as: акционарско друштво | адсиц | еад | ead | ад | акционерно дружество | еднолично акционерно дружество
as: simple joint stock company | jednoduchá spoločnosť na akcie | jsa
ks: vos | v o s | veřejná obchodní společnost | verejná obchodná spoločnosť | ver obch spol | k s
ks: komanditní společnost | komanditná spoločnosť | kom spol | družstvo | zadruga | zs | z s | zapsaný spolek | ops
ks: o p s | obecně prospěšná společnost | zu | z ú | zapsaný ústav | příspěvková organizace | státní podnik
ks: štátny podnik | š p | nadační fond | občianske združenie | nezisková organizácia | n o | obč združ | jtd
ks: jtd javno trgovačko društvo | javno trgovačko društvo | kd | k d | komanditno društvo | komanditna družba | dno
ks: d n o | družba z neomejeno odgovornostjo | kda | k d d | komanditna delniška družba | obrt
ks: samostojni podjetnik | ortačko društvo | o d | preduzetnik | javno preduzeće | jp | javno podjetje
ks: organizační složka | o z | oz | organizačná zložka | svj | společenství vlastníků jednotek
zoo: sp z o o | sp zoo | spzoo | spółka z o o | spolka z o o | spółka z ograniczoną odpowiedzialnością
zoo: spolka z ograniczona odpowiedzialnoscia | z ograniczoną odpowiedzialnością | z o o | zoo | sp z oo
zoo: sp z o o sp k | sp z o o sp komandytowa | sp z o o sk
zoo: spółka z ograniczoną odpowiedzialnością spółka komandytowa | sp zoo sp k
spk: sp k | spk | spółka komandytowa | sp komandytowa | sp j | spj | spółka jawna | sp p | spp | spółka partnerska
spk: ska | s k a | spółka komandytowo akcyjna | spółka akcyjna | spolka akcyjna | psa | p s a
spk: prosta spółka akcyjna | spółka cywilna | s c | spółdzielnia | przedsiębiorstwo państwowe | pp
spk: jednoosobowa działalność gospodarcza | przedsiębiorstwo handlowo usługowe | phu | pphu
spk: przedsiębiorstwo produkcyjno handlowo usługowe | oddział w polsce | spółka z o o oddział w polsce
spk: towarzystwo ubezpieczeń wzajemnych | tuw | fiz | fundusz inwestycyjny zamknięty
kft: kft | korlátolt felelősségű társaság | korlatolt felelossegu tarsasag | bt | betéti társaság | kkt
kft: közkereseti társaság | nonprofit kft | nonprofit korlátolt felelősségű társaság | közhasznú nonprofit kft
kft: egyéni vállalkozó | egyéni cég | kv | közös vállalat | egyesülés
rt: zrt | nyrt | rt | zártkörűen működő részvénytársaság | zartkoruen mukodo reszvenytarsasag
rt: nyilvánosan működő részvénytársaság | részvénytársaság | nonprofit zrt | zártkörűen működő rt | kht
ood: ood | o o d | eood | e o o d | оод | еоод | дружество с ограничена отговорност
ood: еднолично дружество с ограничена отговорност | druzhestvo s ogranichena otgovornost | събирателно дружество
ood: сд | командитно дружество | кд | кда | ет | едноличен търговец | адсиц
ooo: ooo | o o o | ооо | общество с ограниченной ответственностью | obshchestvo s ogranichennoy otvetstvennostyu
ooo: obschestvo s ogranichennoj otvetstvennostju | obshchestvo s ogranichennoi otvetstvennostiu | тов | tov | tzov
ooo: товариство з обмеженою відповідальністю | tovarystvo z obmezhenoyu vidpovidalnistyu | тоо | too
ooo: товарищество с ограниченной ответственностью | жшс | zhshs | jshs | жауапкершілігі шектеулі серіктестік | осоо
ooo: osoo | общество с дополнительной ответственностью | одо | odo | mchj | mas'uliyati cheklangan jamiyat | mmc
ooo: məhdud məsuliyyətli cəmiyyət | ооо смп | жоопкерчилиги чектелген коом | жчк | спӯб | ҷдмм | ҶСК
oao: oao | ао | ao | оао | пао | pao | зао | zao | нао | nao | чп | chp | фоп | fop | акционерное общество
oao: открытое акционерное общество | закрытое акционерное общество | публичное акционерное общество
oao: непубличное акционерное общество | aktsionernoe obshchestvo | aktsionernoye obshchestvo
oao: aktsionerne tovarystvo | акціонерне товариство | публічне акціонерне товариство
oao: приватне акціонерне товариство | закрите акціонерне товариство | відкрите акціонерне товариство | пат | прат
oao: prat | ат | зат | zat | ват | vat | приватне підприємство | державне підприємство | гуп | gup | муп | mup
oao: фгуп | fgup | государственное унитарное предприятие | федеральное государственное унитарное предприятие
oao: муниципальное унитарное предприятие | индивидуальный предприниматель | фізична особа підприємець | аж
oao: акционерлік қоғам | акционердик коом | aksiyadorlik jamiyati | aj | qsc cemiyyeti | asc
oao: açıq səhmdar cəmiyyəti | qapalı səhmdar cəmiyyəti | сак | частное предприятие | частное унитарное предприятие
oao: чуп | chup | уп | унитарное предприятие | производственный кооператив | некоммерческая организация | ано
oao: автономная некоммерческая организация
sia: sia | s i a | sabiedrība ar ierobežotu atbildību | sabiedriba ar ierobezotu atbildibu | akciju sabiedrība
sia: individuālais komersants | pilnsabiedrība | komandītsabiedrība | zemnieku saimniecība | individuālais uzņēmums
sia: kooperatīvā sabiedrība | uab | u a b | uždaroji akcinė bendrovė | uzdaroji akcine bendrove | akcinė bendrovė
sia: mažoji bendrija | iį | individuali įmonė | tūb | tub | tikroji ūkinė bendrija | kūb
sia: komanditinė ūkinė bendrija | vši | vsi | viešoji įstaiga | žūb | valstybės įmonė | vį | savivaldybės įmonė
sia: biudžetinė įstaiga | kooperatinė bendrovė | labdaros ir paramos fondas | ou | oü | o ü | osaühing | osauhing
sia: aktsiaselts | tü | täisühing | uü | usaldusühing | fie | füüsilisest isikust ettevõtja | mtü
sia: mittetulundusühing | sa sihtasutus | sihtasutus | tulundusühistu | hooneühistu | korteriühistu
gr: ae | a e | αε | α ε | ανώνυμη εταιρεία | ανωνυμη εταιρια | anonimi eteria | anonymi etaireia | anonymos etaireia
gr: ανώνυμος εταιρεία | aebe | α ε β ε | abee | aeve | epe | ε π ε | επε | εταιρεία περιορισμένης ευθύνης | ike
gr: ι κ ε | ικε | ιδιωτική κεφαλαιουχική εταιρεία | ο ε | οε | ομόρρυθμη εταιρεία | ε ε | εε | ετερόρρυθμη εταιρεία
gr: μονοπρόσωπη εταιρεία περιορισμένης ευθύνης | μονοπρόσωπη | monoprosopi | μονοπροσωπη επε | μονοπρόσωπη ικε
gr: αμκε | αστική μη κερδοσκοπική εταιρεία | συνεταιρισμός | lipe | mepe | δημόσια εταιρία | ιδιωτική εταιρία | λτδ
gr: etaireia periorismenis efthynis | atee | ate
al: shpk | sh p k | sha | sh a | shoqëri me përgjegjësi të kufizuar | shoqeri me pergjegjesi te kufizuar
al: shoqëri aksionare | shoqeri aksionare | shoqëri kolektive | shoqëri komandite | person fizik | shkm
tr: aş | a ş | a s | anonim şirketi | anonim sirketi | anonim sti | anonim | limited şirketi | limited sirketi
tr: ltd şti | ltd sti | ltd şirketi | sti | şti | sirketi | şirketi | sanayi ve ticaret as | san ve tic as
tr: san tic as | san ve tic ltd sti | san tic ltd sti | sanayi ve ticaret ltd şti
tr: sanayi ve ticaret limited şirketi | sanayi ve ticaret anonim şirketi | tic ltd sti | tic as
tr: ticaret limited şirketi | kollektif şirketi | komandit şirketi | kooperatifi | adi ortaklık | vakfı | derneği
tr: taş | ltd | sahis isletmesi
ge: შპს | shps | შეზღუდული პასუხისმგებლობის საზოგადოება | სს | სააქციო საზოგადოება | სპს | კს
ge: ინდივიდუალური მეწარმე | ООО | սպը | սպ ընկերություն | ՍՊԸ | ՓԲԸ | ԲԲԸ | ԱՁ
ge: սահմանափակ պատասխանատվությամբ ընկերություն | փակ բաժնետիրական ընկերություն
jp: kk | k k | kabushiki kaisha | kabushiki gaisha | kabushikikaisha | kabushikigaisha | kabushiki kaisya | gk | g k
jp: godo kaisha | goudou kaisha | godo gaisha | godogaisha | yk | y k | yugen kaisha | yugen gaisha | goshi kaisha
jp: gomei kaisha | tokutei mokuteki kaisha | tmk | t m k | ippan shadan hojin | ippan zaidan hojin | shadan hojin
jp: zaidan hojin | koeki zaidan hojin | koeki shadan hojin | gakko hojin | iryo hojin | tokubetsu yugen kaisha
jp: dokuritsu gyosei hojin | toshi jigyo yugen sekinin kumiai
kr: chusik hoesa | jusik hoesa | jusikhoesa | chusikhoesa | yuhan hoesa | yuhanhoesa | yuhan chaegim hoesa
kr: hapja hoesa | hapmyeong hoesa | sadan beobin | jaedan beobin | ju sik hoe sa
cn: youxian gongsi | youxiangongsi | youxian zeren gongsi | gufen youxian gongsi | gufen gongsi | you xian gong si
cn: you xian ze ren gong si | gu fen you xian gong si | jituan gongsi | corporation limited | stock co ltd
cn: shareholding co ltd | joint stock co ltd | youxian hehuo | pu tong hehuo | you xian he huo | yau haan gung si
in: ms | huf | hindu undivided family | limited llp | public limited | section 8 company | producer company limited
in: producer company | producer co ltd | nidhi limited | co operative society ltd | trust regd | regd | registered
in: (regd) | regd trust | (opc) private limited | opc pvt ltd
id: pt | p t | perseroan terbatas | persero | (persero) | tbk | terbuka | pt tbk | persero tbk | (persero) tbk
id: persekutuan komanditer | perum | perusahaan umum | usaha dagang | ud | perseroan | perusahaan perseroan
vn: cong ty tnhh | công ty tnhh | công ty trách nhiệm hữu hạn | cong ty trach nhiem huu han
vn: công ty trách nhiệm hữu hạn một thành viên | công ty tnhh một thành viên | cong ty tnhh mtv | công ty tnhh mtv
vn: công ty cổ phần | cong ty co phan | công ty cp | cong ty cp | ctcp | tnhh | tnhh mtv | công ty hợp danh
vn: doanh nghiệp tư nhân | dntn | hợp tác xã | htx | tổng công ty | tập đoàn
th: จำกัด | บริษัท จำกัด | บริษัท | บจก | บมจ | จำกัด (มหาชน) | ห้างหุ้นส่วนจำกัด | หจก | ห้างหุ้นส่วนสามัญ
th: ห้างหุ้นส่วนสามัญนิติบุคคล | บริษัทจำกัด | บริษัทมหาชนจำกัด | จำกัดมหาชน | public company limited | part ltd
th: ltd partnership | borisat chamkat | chamkat
ph: opc | o p c | inc | corp
arab: شركة | ش م م | ش م ل | ش م ك | ش م ع | ش ذ م م | ذ م م | ذات مسؤولية محدودة | شركة ذات مسؤولية محدودة
arab: شركة مساهمة عامة | شركة مساهمة | مساهمة عامة | شركة مساهمة مقفلة | شركة مساهمة خاصة | مؤسسة | المحدودة
arab: محدودة | ش م ع م | ش ش و | شركة تضامن | شركة توصية بسيطة | sae | s a e | egyptian joint stock company
arab: sal offshore | s a l | limited liability wll | ltd wll | co wll | co llc | sp llc | sole proprietorship llc
il: בעמ | בע"מ | בע״מ | חברה בעמ | bm | b m | baam | שותפות מוגבלת | שותפות | שותפות רשומה | עמותה | ע"ר | עיר
il: חל״צ | חל"צ
ir: sherkat sahami khass | sherkat sahami am | شرکت | سهامی خاص | سهامی عام | با مسئولیت محدود | شرکت سهامی خاص
ir: شرکت سهامی عام | pjs | pvt joint stock
ot: ohada sarl | sarl unipersonnelle | gie ohada | share company | close company | edms bpk | eiendoms beperk
ot: (edms) bpk | bpk | beperk | pty bpk
mn: ххк | xxk | хязгаарлагдмал хариуцлагатай компани | hhk | хк
"""

# Written without a space before or after the name: they must go before transliteration, or they melt into its words.
# The longest come first; each is replaced by " class " (or only a space, where the class is empty).
GLUED: tuple[tuple[str, str], ...] = (
    ("特定非営利活動法人", "npo"), ("独立行政法人", "jp"), ("地方独立行政法人", "jp"), ("国立大学法人", "jp"),
    ("公益財団法人", "jp"), ("公益社団法人", "jp"), ("一般財団法人", "jp"), ("一般社団法人", "jp"), ("社会福祉法人", "jp"),
    ("特定目的会社", "tmk"), ("有限責任事業組合", "llp"), ("投資事業有限責任組合", "lp"), ("投資法人", "jp"),
    ("医療法人社団", "jp"), ("医療法人財団", "jp"), ("医療法人", "jp"), ("学校法人", "jp"), ("宗教法人", "jp"),
    ("財団法人", "jp"), ("社団法人", "jp"), ("株式会社", "kk"), ("合同会社", "gk"), ("有限会社", "yk"), ("合資会社", "jp"),
    ("合名会社", "jp"), ("協同組合", "coop"), ("株式會社", "kk"), ("(株)", "kk"), ("(有)", "yk"), ("(同)", "gk"),
    ("(財)", "jp"), ("(社)", "jp"), ("(医)", "jp"), ("(学)", "jp"),
    ("集团股份有限公司", "co ltd"), ("股份有限责任公司", "co ltd"), ("股份有限公司", "co ltd"), ("集团有限责任公司", "co ltd"),
    ("集团有限公司", "co ltd"), ("有限责任公司", "co ltd"), ("有限公司", "co ltd"), ("集團股份有限公司", "co ltd"),
    ("股份公司", "co ltd"), ("集團有限公司", "co ltd"), ("有限責任公司", "co ltd"), ("股份合作公司", "co ltd"),
    ("无限公司", "ultd"), ("無限公司", "ultd"), ("有限合伙企业", "lp"), ("(有限合伙)", "lp"), ("(特殊普通合伙)", "llp"),
    ("(普通合伙)", "gp"), ("普通合伙企业", "gp"), ("合伙企业", "gp"), ("有限合夥", "lp"), ("两合公司", "lp"),
    ("个人独资企业", "ei"), ("分公司", "branch"), ("总公司", ""), ("總公司", ""),
    ("주식회사", "kk"), ("(주)", "kk"), ("유한책임회사", "llc"), ("유한회사", "yk"), ("(유)", "yk"), ("합자회사", "lp"),
    ("합명회사", "gp"), ("사단법인", "npo"), ("재단법인", "npo"), ("학교법인", "npo"), ("의료법인", "npo"), ("협동조합", "coop"),
    ("बॉर्ड", ""), ("प्राइवेट लिमिटेड", "pvt ltd"), ("लिमिटेड", "ltd"), ("บริษัท", "co"), ("จำกัด", "ltd"),
)  # fmt: skip

# These stand before the name.
PREFIXES = """
ms | m/s | messrs | pt | cv | ud | firma | fa | ooo | oao | pao | zao | nao | ao | too | tov | prat | pat | ip | uab
ab | sia | oü | ou | mb | vši | as
общество с ограниченной ответственностью | акционерное общество | публичное акционерное общество
закрытое акционерное общество | открытое акционерное общество | товарищество с ограниченной ответственностью
товариство з обмеженою відповідальністю | приватне акціонерне товариство | публічне акціонерне товариство
акціонерне товариство | приватне підприємство | perseroan terbatas
cong ty tnhh | công ty tnhh | công ty cổ phần | cong ty co phan | công ty trách nhiệm hữu hạn | công ty tnhh mtv
công ty tnhh một thành viên | cong ty tnhh mtv | công ty cp | ctcp | tổng công ty
kabushiki kaisha | kk | gk | yk | godo kaisha | yugen kaisha | chusik hoesa | jusik hoesa | jusikhoesa | yuhan hoesa
شركة | شرکت | مؤسسة | שותפות | société anonyme | société à responsabilité limitée | sarl | eurl | sci | sccv
société civile immobilière | scpi | gaec | earl | scea | scp
uždaroji akcinė bendrovė | akcinė bendrovė | sabiedrība ar ierobežotu atbildību | akciju sabiedrība | aktsiaselts
osaühing | жшс | жауапкершілігі шектеулі серіктестік | შპს | სს
aktiebolaget | ab | aktieselskabet | as oy | asunto oy | kiinteistö oy | bostadsrättsföreningen | brf | sh p k
spółka z o o | co ltd | npo | jp | tmk | coop
"""
