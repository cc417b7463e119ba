/* Words that say what stands beside them, folded as words are compared (evidence.c). */
#include "detect/names.h"

static const char titles[] =
    "mr|mrs|ms|miss|mx|sir|madam|lord|lady|dr|doctor|prof|professor|rev|reverend|captain|capt|colonel|"
    "lieutenant|"
    "sergeant|sgt|hon|judge|senator|president|chancellor|minister|officer|detective|nurse|father|sister|herr|"
    "herrn|frau|fraulein|doktor|professorin|dipl ing|mme|madame|mlle|mademoiselle|monsieur|maitre|docteur|"
    "sr|sra|srta|senor|senora|senorita|don|dona|doctora|licenciado|ing|sig|signor|signora|signorina|sigra|"
    "dott|"
    "dottor|dottoressa|avv|seu|senhor|senhora|dhr|mevr|mevrouw|meneer|mijnheer|heer|drs|fru|froken|hr|hra|"
    "rouva|"
    "pan|pani|pana|panna|slecna|mgr|mudr|judr|phdr|rndr|gospodin|gospodja|gospa|gospod|domnul|doamna|bay|"
    "bayan|"
    "shri|smt|sri|kumari|ustad|sheikh|sayyid|haji|hajji|datuk|tuan|puan|encik|"
    "г-н|г-жа|господин|госпожа|товарищ|пан|пани|кириос|κυριος|κυρια|κος|κα|δρ";

/* A word behind these is a person's name. */
static const char calls[] =
    "my name is|name is|i am called|call me|named|known as|dear|hello|hi|hey|signed|yours|regards|sincerely|"
    "yours sincerely|best regards|kind regards|ich heise|ich heisse|mein name ist|heist|lieber|liebe|sehr "
    "geehrter "
    "herr|sehr geehrte frau|hallo|gruss|gruse|grusse|je m appelle|je mappelle|appelle|je me nomme|mon nom "
    "est|cher|chere|bonjour|"
    "cordialement|me llamo|mi nombre es|se llama|estimado|estimada|querido|querida|hola|mi chiamo|il mio "
    "nome e|"
    "si chiama|caro|cara|gentile|ciao|meu nome e|me chamo|chamo me|prezado|prezada|ola|mijn naam is|ik "
    "heet|heet|"
    "beste|geachte heer|geachte mevrouw|jag heter|mitt namn ar|hej|kara|jeg heter|jeg hedder|mit navn "
    "er|hei|kjaere|"
    "kaere|nimeni on|nazywam sie|mam na imie|drogi|droga|szanowny panie|szanowna pani|jmenuji "
    "se|mily|mila|vazeny "
    "pane|vazena pani|a nevem|hivnak|kedves|ma numesc|numele meu este|draga|stimate|benim "
    "adim|adim|merhaba|sayin|"
    "zovem se|moje ime je|меня зовут|мое имя|уважаемый|уважаемая|дорогой|дорогая|здравствуйте|мене "
    "звати|шановний|"
    "με λενε|ονομαζομαι|αγαπητε|αγαπητη|nama saya|ten toi la|jina langu ni|mera naam|ngalan ko ay|azizim";
/* Before persons in forms, and in few other places. */
static const char roles[] =
    "contact|account holder|card "
    "holder|cardholder|holder|beneficiary|patient|applicant|tenant|defendant|plaintiff|"
    "attendee|passenger|signatory|spoke with|talked to|met with|signed by|prepared by|approved by|treated "
    "by|referred "
    "by|kontoinhaber|ansprechpartner|ansprechpartnerin|patientin|bewerber|mieter|titulaire|titular|titolare|"
    "intestatario|rekeninghouder|kontohavare|posiadacz rachunku|majitel uctu|hesap sahibi|владелец "
    "счета|δικαιουχος";
/* Two words behind these are, if lists know one. */
static const char before_person[] =
    "contact|account holder|card holder|cardholder|holder|holder "
    "name|beneficiary|patient|customer|client|employee|"
    "applicant|tenant|owner|witness|defendant|plaintiff|suspect|attendee|guest|passenger|driver|author|"
    "signatory|"
    "manager|assistant|secretary|director|ceo|cfo|cto|chairman|founder|colleague|attorney|lawyer|spoke "
    "with|talked "
    "to|met with|meet|ask|email|e-mail|mail|call|cc|attn|attention|spouse|husband|wife|brother|"
    "mother|son|daughter|friend|neighbor|neighbour|boss|by|with|from|for|is|am|i m|this is|to|sold to|paid "
    "to|"
    "addressed to|signed by|prepared by|approved by|written by|treated by|referred by|kontoinhaber|inhaber|"
    "ansprechpartner|ansprechpartnerin|kunde|kundin|patientin|mitarbeiter|mitarbeiterin|bewerber|mieter|von|"
    "mit|an|"
    "fur|fuer|titulaire|client|cliente|cliente|salarie|titular|titolare|paciente|paziente|paciente|empleado|"
    "empleada|dipendente|funcionario|par|avec|con|com|por|klant|rekeninghouder|werknemer|medewerker|door|met|"
    "kund|"
    "kontohavare|anstalld|av|med|kunde|af|asiakas|klient|klientka|pacjent|pacjentka|pracownik|zakaznik|"
    "klijent|"
    "musteri|hasta|клиент|пациент|сотрудник|владелец|получатель|от|с|для|πελατης|ασθενης|δικαιουχος|id";
static const char behind_person[] =
    "lives|lived|resides|resided|born|was "
    "born|works|worked|joined|wrote|said|called|phoned|wohnt|lebt|arbeitet|"
    "geboren|schrieb|habite|vit|travaille|vive|trabaja|nacido|nacida|abita|lavora|nato|nata|mora|trabalha|"
    "woont|"
    "werkt|geb|bor|arbetar|fodd|mieszka|pracuje|urodzony|urodzona|bydli|narozen|lakik|живет|работает|родился|"
    "родилась|проживает|aged|asked|requested|signed|ordered|reported|confirmed|paid|has|needs|wants|prefers|"
    "visited";

static const char person_keys[] =
    "name|full name|fullname|first name|firstname|last name|lastname|surname|given name|family name|customer "
    "name|"
    "customer|client name|client|patient name|patient|employee name|employee|contact name|contact "
    "person|contact|"
    "holder|cardholder|cardholder name|account holder|account "
    "name|applicant|recipient|sender|author|signed|signed "
    "by|attn|beneficiary|owner|guest|passenger|insured|doctor|physician|attending "
    "physician|manager|supervisor|"
    "user full name|display name|billing name|shipping name|buyer|seller|tenant|landlord|witness|maiden name|"
    "vorname|nachname|familienname|vor und nachname|kunde|kundin|kundenname|ansprechpartner|kontoinhaber|"
    "patientenname|mitarbeiter|empfanger|absender|karteninhaber|versicherter|mieter|nom|prenom|nom "
    "complet|nom de "
    "famille|titulaire|destinataire|expediteur|nombre|apellido|apellidos|nombre completo|nombre y "
    "apellidos|titular|"
    "paciente|destinatario|remitente|nome|cognome|nome e cognome|nome "
    "completo|intestatario|paziente|mittente|"
    "sobrenome|cliente|naam|voornaam|achternaam|volledige naam|klant|namn|fornamn|efternamn|navn|fornavn|"
    "etternavn|efternavn|nimi|etunimi|sukunimi|imie|nazwisko|imie i nazwisko|klient|jmeno|prijmeni|jmeno a "
    "prijmeni|"
    "meno|priezvisko|nev|teljes nev|nume|prenume|ad|adi|soyad|soyadi|ad soyad|adi soyadi|isim|ime|prezime|"
    "ime i prezime|имя|фамилия|отчество|фио|ф и о|клиент|пациент|получатель|имя и фамилия|прізвище|ім "
    "я|піб|име|"
    "презиме|ονομα|επωνυμο|ονοματεπωνυμο|nama|nama lengkap|ho ten|ho va "
    "ten|jina|pangalan|姓名|名前|氏名|お名前|名字|"
    "患者|患者姓名|客户|客户姓名|联系人|联系人姓名|收件人|担当者|이름|성명|성함|고객명|환자명|예금주|담당자";
static const char place_keys[] =
    "city|town|location|country|province|county|birthplace|place of birth|born "
    "in|residence|"
    "ort|stadt|land|bundesland|wohnort|geburtsort|ville|pays|lieu|lieu de "
    "naissance|ciudad|pais|provincia|lugar de "
    "nacimiento|citta|paese|comune|luogo di "
    "nascita|cidade|estado|municipio|naturalidade|stad|woonplaats|plaats|"
    "geboorteplaats|postort|ort|by|sted|kaupunki|miasto|miejscowosc|kraj|mesto|obec|varos|oras|sehir|il|ilce|"
    "grad|"
    "город|страна|населенный пункт|место рождения|місто|πολη|χωρα|kota|negara|thanh "
    "pho|城市|国家|都市|都道府県|市区町村|도시";
static const char org_keys[] =
    "company|company name|employer|organization|organisation|organization name|org|business "
    "name|vendor|supplier|"
    "vendor name|supplier name|bank "
    "name|firm|manufacturer|institution|school|university|hospital|firma|unternehmen|"
    "arbeitgeber|lieferant|firmenname|entreprise|societe|employeur|raison "
    "sociale|fournisseur|empresa|compania|"
    "razon social|empleador|proveedor|azienda|societa|ragione sociale|fornitore|datore di lavoro|razao "
    "social|"
    "empregador|fornecedor|bedrijf|bedrijfsnaam|werkgever|foretag|arbetsgivare|virksomhed|selskap|"
    "arbeidsgiver|"
    "yritys|pracodawca|nazwa "
    "firmy|spolecnost|zamestnavatel|ceg|cegnev|companie|angajator|sirket|isveren|компания|"
    "организация|работодатель|фирма|εταιρεια|perusahaan|cong "
    "ty|公司|公司名称|单位|会社名|会社|勤務先|회사|회사명";
static const char address_keys[] =
    "address|street|street address|home address|mailing address|billing address|shipping address|postal "
    "address|"
    "delivery address|address "
    "line|adresse|anschrift|strasse|strase|wohnadresse|lieferadresse|rechnungsadresse|"
    "domicile|direccion|domicilio|calle|indirizzo|residenza|endereco|morada|logradouro|adres|straat|adress|"
    "gatuadress|"
    "osoite|ulica|adresa|bydliste|cim|lakcim|utca|адрес|улица|адреса|διευθυνση|alamat|dia chi|地址|住址|住所|"
    "所在地|주소|도로명주소";
static const char before_address[] =
    "lives at|living at|live at|resides at|residing at|located at|address is|reside at|moved to|ship "
    "to|deliver to|"
    "delivered to|send to|mail to|bill to|seen near|near|at|wohnt in der|wohnt in|wohnhaft "
    "in|wohnhaft|habite au|"
    "habite|demeurant|domicilie au|vive en|vivo en|domiciliado en|reside en|abita in|residente "
    "in|domiciliato in|mora "
    "na|reside na|residente na|woont op|woont aan|bor pa|zamieszkaly|zamieszkala|mieszka "
    "przy|bydlistem|bytem|lakik|"
    "domiciliat in|ikamet|проживает по адресу|проживает|живет по адресу|адресу|κατοικει|κατοικος|tinggal di";
static const char before_place[] =
    "in|from|to|at|near|lives in|live in|living in|based in|born in|city of|town of|moved "
    "to|visit|visiting|visited|"
    "travel to|traveling to|trip to|flight to|flight from|fly to|arrive in|arrived in|located in|outside|"
    "around|via|leaving|aus|nach|bei|wohne in|a|au|en|vers|pres de|depuis|desde|hacia|cerca de|da|vicino a|"
    "para|em|no|na|naar|uit|te|i|fran|till|fra|til|w|we|z|do|v|ve|ze|din|la|в|из|на|город|у|з|σε|στην|στο|"
    "απο|di|ke|o|u|iz";
static const char before_org[] =
    "works for|work for|worked for|working for|works at|work at|worked at|working at|employed by|employed "
    "at|hired by|"
    "joined|employee of|ceo of|cfo of|cto of|founder of|director of|manager at|engineer at|intern at|job at|"
    "acquired by|supplier|vendor|customer|sold to|invoice from|invoiced by|contract with|partnership with|on "
    "behalf "
    "of|arbeitet bei|arbeite bei|angestellt bei|bei der|mitarbeiter der|travaille chez|chez|trabaja "
    "en|trabajo en|"
    "empleado de|lavora per|lavora presso|presso|trabalha na|werkt bij|arbetar pa|pracuje w|работает в|at";

static const char legal[] =
    "gmbh|mbh|ag|kg|ohg|gbr|ug|ev|kgaa|gesmbh|ltd|limited|inc|incorporated|llc|llp|lp|plc|corp|corporation|"
    "co|company|pty|pvt|private "
    "limited|bhd|sdn|pte|sa|sas|sarl|sasu|eurl|snc|sci|scop|sprl|srl|spa|sapa|sl|slu|"
    "sll|scoop|sad|cif|sc|scom|slne|ltda|eireli|mei|lda|bv|nv|vof|cv|ab|hb|kb|as|asa|aps|ans|oy|oyj|ky|tmi|"
    "spzoo|"
    "sp z "
    "oo|spolka|spk|spj|sro|spol|os|vos|ks|zs|ops|kft|zrt|nyrt|bt|doo|dd|ood|eood|ad|ead|sia|uab|ou|as|se|"
    "kk|gk|ooo|oao|zao|pao|sti|tic|anonim|limitet|ltd "
    "sti|llc|jsc|pjsc|fzco|fze|wll|ооо|оао|зао|пао|ао|ип|нпо|тов|"
    "пп|ат|αε|επε|οε|εε|ικε|group|holding|holdings";
static const char org_words[] =
    "university|college|school|institute|academy|hospital|clinic|bank|insurance|foundation|association|"
    "council|"
    "ministry|department|agency|authority|commission|committee|church|museum|airlines|airways|motors|"
    "industries|partners|associates|sons|brothers|bros|consulting|technologies|labs|"
    "laboratories|pharma|pharmaceuticals|logistics|enterprises|ventures|securities|investments|financial|"
    "trust|media|studios|energy|oil|steel|electric|foods|bakery|hotel|restaurant|press|news|"
    "times|post|club|society|union|federation|league|party|court|police|universitat|hochschule|schule|klinik|"
    "krankenhaus|klinikum|sparkasse|volksbank|stiftung|verein|verband|verlag|werke|werk|amt|ministerium|"
    "versicherung|"
    "gesellschaft|gruppe|sohne|gebruder|handel|universite|ecole|lycee|hopital|banque|assurances|fils|freres|"
    "et "
    "fils|fondation|mairie|ministere|societe|compagnie|universidad|escuela|colegio|banco|seguros|hijos|"
    "hermanos|"
    "fundacion|ayuntamiento|ministerio|asociados|grupo|instalaciones|construcciones|inmobiliaria|universita|"
    "scuola|"
    "ospedale|banca|figli|fratelli|fondazione|ministero|gruppo|universidade|escola|fundacao|universiteit|"
    "ziekenhuis|stichting|vereniging|gemeente|zonen|koninklijke|universitet|sjukhus|stiftelse|kommun|kommune|"
    "bolag|uniwersytet|szpital|fundacja|stowarzyszenie|gabinety|univerzita|nemocnice|nadace|egyetem|korhaz|"
    "universitatea|spitalul|banca|universitesi|hastanesi|bankasi|holding|gida|insaat|университет|банк|"
    "институт|"
    "больница|завод|фонд|министерство";

static const char streets[] =
    "rue|avenue|av|ave|boulevard|bd|blvd|place|chemin|impasse|allee|quai|route|cours|passage|square|via|"
    "viale|"
    "piazza|corso|largo|vicolo|strada|piazzale|contrada|borgo|rotonda|stretto|incrocio|canale|calle|avenida|"
    "avda|"
    "plaza|paseo|camino|carretera|glorieta|ronda|travesia|pasaje|cuesta|urbanizacion|acceso|alameda|canada|"
    "callejon|"
    "vial|via|rambla|rua|travessa|praca|rodovia|estrada|ladeira|quadra|nucleo|recanto|passarela|viela|"
    "fazenda|"
    "sitio|loteamento|conjunto|condominio|morro|vila|trevo|setor|jardim|parque|pracinha|aeroporto|esplanada|"
    "feira|"
    "lagoa|residencial|vereda|campo|chacara|colonia|distrito|favela|area|estacao|ulica|ul|aleja|al|aleje|os|"
    "osiedle|pl|"
    "plac|skwer|rondo|bulevar|str|strada|bulevardul|bd|calea|soseaua|aleea|intrarea|jalan|jl|gang|gg|duong|"
    "pho|"
    "улица|ул|проспект|пр|пр-т|просп|переулок|пер|бульвар|бул|площадь|пл|набережная|наб|шоссе|ш|алл|аллея|"
    "вулиця|вул|"
    "οδος|λεωφορος|λεωφ|πλατεια|παροδος|παρ|trg|cesta|namesti|nam|trida|nabrezi|utca|ut|ter|korut|sokak|sok|"
    "sk|"
    "cadde|caddesi|cad|bulvari|mahallesi|mah|calle|pje|cl|cll|cra|carrera|kr|transversal|diagonal|jiron|jr";
static const char streets_last[] =
    "street|st|road|rd|avenue|ave|boulevard|blvd|drive|dr|lane|ln|court|ct|circle|cir|place|pl|square|sq|"
    "terrace|ter|"
    "trail|trl|parkway|pkwy|highway|hwy|way|crescent|cres|close|grove|gardens|mews|row|walk|hill|alley|"
    "arcade|avenue|"
    "bayou|beach|bend|bluff|bluffs|bottom|branch|bridge|brook|brooks|burg|burgs|bypass|camp|canyon|cape|"
    "causeway|"
    "center|centers|centre|circles|cliff|cliffs|club|common|commons|corner|corners|course|courts|cove|coves|"
    "creek|"
    "crest|crossing|crossroad|crossroads|curve|dale|dam|divide|drives|estate|estates|expressway|extension|"
    "extensions|"
    "fall|falls|ferry|field|fields|flat|flats|ford|fords|forest|forge|forges|fork|forks|fort|freeway|garden|"
    "gateway|"
    "glen|glens|green|greens|groves|harbor|harbors|haven|heights|hills|hollow|inlet|island|islands|isle|"
    "junction|"
    "junctions|key|keys|knoll|knolls|lake|lakes|land|landing|light|lights|loaf|lock|locks|lodge|loop|mall|"
    "manor|"
    "manors|meadow|meadows|mill|mills|mission|motorway|mount|mountain|mountains|neck|orchard|oval|overpass|"
    "park|parks|"
    "parkways|pass|passage|path|pike|pine|pines|plain|plains|plaza|point|points|port|ports|prairie|radial|"
    "ramp|ranch|"
    "rapid|rapids|rest|ridge|ridges|river|roads|route|rue|run|shoal|shoals|shore|shores|skyway|spring|"
    "springs|spur|"
    "spurs|squares|station|stravenue|stream|streets|summit|throughway|trace|track|trafficway|tunnel|turnpike|"
    "underpass|union|unions|valley|valleys|viaduct|view|views|village|villages|ville|vista|walks|wall|ways|"
    "well|wells|"
    "nagar|marg|chowk|ganj|colony|path|cross|caddesi|sokak|sokagi|sokagi|bulvari|cad|sok|utca|ut|utja|ter|"
    "tere|korut|"
    "koz|fasor|sor|namesti|trida|ulice|nabrezi|cesta|trg|ulica|улица|проспект|переулок|площадь|бульвар|шоссе|"
    "strasse|"
    "strase|str|weg|platz|allee|ring|gasse|damm|ufer|straat|laan|plein|weg|gatan|vagen|torget|gata|veien|vei|"
    "gate|vej|"
    "gade|katu|tie|kuja|polku";
static const char units[] = "apt|apartment|suite|ste|unit|flat|floor|room|bldg|building|box|block|piso|"
                            "puerta|planta|esc|appartement|etage|"
                            "interno|int|scala|piano|appartamento|apto|bloco|andar|kv|kw|m|lok|lokal|byt|ap|"
                            "bl|sc|et|kat|daire|no|nr|кв|"
                            "корп|стр|д|оф|эт|mieszkanie|wohnung|whg|stock|bus|hs|h no|po box|postfach|boite "
                            "postale|bp|cp|apartado|casella";

static const char particles[] = "van|von|der|den|de|del|della|delle|dei|degli|di|da|das|dos|do|du|des|la|le|"
                                "las|los|el|al|bin|ibn|bint|ben|ter|ten|"
                                "zu|zum|zur|vom|am|af|av|y|e|op|aan|bij|het|san|st|auf|an|und|sur|sous|saint|"
                                "na|dal|lo|ul|im|ob|unter|pod|nad|d|l|nach|i";
static const char states[] = "al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|"
                             "ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|"
                             "pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|dc|pr|gu|vi|as|mp|mh|fm|pw|aa|ae|ap|on|"
                             "qc|bc|ab|mb|sk|ns|nb|nl|pe|yt|nt|nu|"
                             "nsw|vic|qld|tas|act|uk|usa|us|nz|rj|sp|mg|rs|pr|ba|go|ce|df|es|ma|ms|mt|pb|pi|"
                             "rn|ro|rr|se|to|am|vc|mi|rm|na";
static const char common[] =
    "the|this|that|these|those|a|an|and|or|but|if|then|else|when|while|where|who|what|which|why|how|in|on|at|"
    "to|"
    "from|for|of|by|with|without|as|is|are|was|were|be|been|has|have|had|do|does|did|can|could|may|might|"
    "must|shall|"
    "should|will|would|not|no|yes|all|any|some|each|every|both|few|many|more|most|other|such|only|own|same|"
    "so|than|too|"
    "very|just|also|here|there|now|today|tomorrow|yesterday|again|once|please|thanks|thank|hello|hi|hey|dear|"
    "sorry|i|"
    "you|he|she|it|we|they|me|him|her|us|them|my|your|his|its|our|their|contact|card|cards|tel|telephone|"
    "phone|fax|"
    "email|mail|iban|bic|vin|car|patient|customer|client|account|holder|name|address|date|birth|born|order|"
    "invoice|"
    "number|id|user|users|login|password|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|"
    "february|"
    "march|april|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|sept|"
    "oct|nov|dec|"
    "mon|tue|wed|thu|fri|sat|copyright|license|licence|version|section|chapter|table|figure|page|note|notes|"
    "see|use|"
    "using|usage|example|examples|default|defaults|option|options|value|values|type|types|file|files|path|"
    "key|keys|"
    "error|errors|warning|info|debug|return|returns|get|set|add|new|old|first|last|next|previous|next|read|"
    "write|open|"
    "close|create|delete|update|insert|select|where|join|left|right|up|down|top|bottom|start|end|begin|stop|"
    "run|test|"
    "tests|check|make|build|install|call|calls|send|receive|data|code|text|string|int|bool|true|false|null|"
    "none|list|"
    "map|array|object|class|function|method|module|package|library|api|url|uri|http|https|html|json|xml|yaml|"
    "sql|csv|"
    "pdf|utf|ascii|unicode|english|french|german|spanish|italian|dutch|portuguese|polish|russian|chinese|"
    "japanese|"
    "korean|arabic|hebrew|greek|turkish|latin|american|british|european|african|asian|internet|web|linux|"
    "windows|unix|"
    "apple|google|microsoft|amazon|python|java|javascript|ruby|perl|rust|go|swift|public|private|general|"
    "free|software|"
    "foundation|project|team|group|der|die|das|ein|eine|und|oder|aber|wenn|bitte|danke|ich|du|er|sie|es|wir|"
    "ihr|mein|"
    "meine|sehr|geehrte|geehrter|mit|von|zu|im|am|guten|tag|montag|dienstag|mittwoch|donnerstag|freitag|"
    "samstag|"
    "sonntag|januar|februar|marz|mai|juni|juli|oktober|dezember|le|les|un|une|et|ou|mais|je|tu|il|elle|nous|"
    "vous|ils|"
    "bonjour|merci|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|el|los|las|una|y|o|pero|yo|hola|"
    "gracias|lunes|"
    "martes|miercoles|jueves|viernes|sabado|domingo|gli|uno|ciao|grazie|lunedi|martedi|mercoledi|giovedi|"
    "venerdi|pay|"
    "sabato|domenica|um|uma|os|sr|de|het|een|en|of|maar|den|det|en|ett|og|och|ja|nein|si|non|oui|"
    "microsoft|office|excel|word|chrome|firefox|mac|ios|android|server|client|service|system|network|"
    "security|"
    "policy|terms|privacy|rights|reserved|agreement|contract|report|summary|subject|re|fwd|meeting|agenda|"
    "minutes|action|"
    "item|items|question|answer|step|steps|part|title|author|authors|description|parameters|parameter|"
    "attribute|since|"
    "deprecated|todo|fixme|however|therefore|because|although|unless|until|after|before|during|between|"
    "within|through|"
    "about|into|over|under|above|below|let|lets|ensure|given|suppose|assume|like|one|two|three|four|five|six|"
    "seven|"
    "eight|nine|ten|zero|sure|great|good|best|kind|yours|regards|sincerely|mr|mrs|ms|dr|prof|herr|frau|"
    "сообщение|это|"
    "и|в|на|не|что|как|для|он|она|они|мы|вы|я|пожалуйста|спасибо|здравствуйте|το|η|ο|και|"
    "state|city|country|street|road|avenue|house|home|office|school|company|"
    "diagnosis|visit|appointment|dear|god|christmas|easter|bible|moon|earth|sun|world|king|queen|prince|"
    "princess|"
    "unit|box|suite|apt";
static const char place_first[] = "new|north|south|east|west|san|santa|saint|st|los|las|la|le|el|port|fort|"
                                  "lake|mount|bad|sankt|sao|santo|puerto|"
                                  "villa|nova|novi|novy|nowy|nowa|nowe|upper|lower|great|little|old|den|de|"
                                  "al|am|г|с|п|д|ст|клх|к|пос|дер|х|город|"
                                  "село|nagy|kis|stara|stare|mala|male|velky|velke|velika|mali|castel|monte|"
                                  "san|sant|sainte|vila|ciudad|citta";
static const char street_endings[] =
    "strasse|strase|strassen|gasse|platz|allee|weg|ring|damm|ufer|steig|stieg|graben|markt|chaussee|str|"
    "straat|laan|plein|gracht|kade|singel|dreef|dijk|steeg|pad|hof|weide|baan|steenweg|"
    "gatan|vagen|torget|grand|stigen|backen|gata|veien|vegen|gate|vei|veg|vej|gade|alle|stien|straede|"
    "katu|tie|kuja|polku|raitti|rinne|gotu|braut|caddesi|sokagi|bulvari|utca|utja|namesti|cesta";
static const char place_endings[] =
    "burg|berg|stadt|dorf|heim|hausen|furt|haven|hafen|bach|kirchen|ville|ton|town|ham|shire|bury|chester|"
    "mouth|"
    "ford|borough|burgh|wick|stad|grad|gorod|pol|polis|abad|pur|nagar|stan|land|port|fort|field|view|side|"
    "shire|"
    "chester|bergen|veld|dam|kerk|koping|borg|by|sund|vik|holm|lund|sjo|hus|jarvi|joki|koski|niemi|lahti|"
    "owo|owa|ow|wice|nice|sko|sk|ice|ovice|ov|ava|any|vasarhely|var|falva|haza|esti|eni|koy|hisar|kale|"
    "град|ск|ово|ино|во|бург|поль|горск|дар|πολη|πολις";

static const char peoples[] =
    "afghan|albanian|algerian|american|argentinian|armenian|australian|austrian|bangladeshi|belarusian|"
    "belgian|bolivian|bosnian|brazilian|british|bulgarian|cambodian|cameroonian|canadian|chilean|chinese|"
    "colombian|congolese|croatian|cuban|czech|danish|dutch|ecuadorian|egyptian|eritrean|estonian|ethiopian|"
    "filipino|finnish|french|georgian|german|ghanaian|greek|guatemalan|haitian|hispanic|honduran|hungarian|"
    "icelandic|indian|indonesian|iranian|iraqi|irish|israeli|italian|jamaican|japanese|jordanian|kazakh|"
    "kenyan|korean|kurdish|kuwaiti|latvian|lebanese|libyan|lithuanian|malaysian|mexican|moldovan|mongolian|"
    "moroccan|nepalese|nepali|nigerian|norwegian|pakistani|palestinian|peruvian|portuguese|romanian|roma|"
    "russian|rwandan|scottish|senegalese|serbian|singaporean|slovak|slovenian|somali|spanish|sudanese|"
    "swedish|swiss|syrian|taiwanese|tanzanian|tunisian|turkish|ugandan|ukrainian|uyghur|uzbek|venezuelan|"
    "vietnamese|welsh|yemeni|zambian|zimbabwean|catholic|protestant|lutheran|evangelical|baptist|methodist|"
    "mormon|christian|muslim|sunni|shiite|shia|jewish|jew|hindu|sikh|buddhist|atheist|agnostic|quaker|gay|"
    "lesbian|bisexual|transgender|communist|socialist|katholisch|evangelisch|muslimisch|catholique|musulman";
static const char nrp_keys[] =
    "nationality|citizenship|religion|religious affiliation|denomination|ethnicity|ethnic origin|ethnic "
    "group|political affiliation|political party|party membership|trade union|union membership|sexual "
    "orientation|staatsangehorigkeit|nationalitat|religionszugehorigkeit|konfession|nationalite|nacionalidad|"
    "nazionalita|religione|nacionalidade|religiao|nationaliteit|nationalitet|narodowosc|obywatelstwo|"
    "wyznanie";

const sp_word_list sp_names_lists[] = {
    {titles, SP_WORD_TITLE},
    {calls, SP_CUE_PERSON | SP_CUE_STRONG},
    {roles, SP_CUE_PERSON | SP_CUE_STRONG},
    {before_person, SP_CUE_PERSON},
    {behind_person, SP_CUE_AFTER},
    {person_keys, SP_KEY_PERSON},
    {place_keys, SP_KEY_PLACE},
    {org_keys, SP_KEY_ORG},
    {address_keys, SP_KEY_ADDRESS},
    {before_address, SP_CUE_ADDRESS},
    {before_place, SP_CUE_PLACE},
    {before_org, SP_CUE_ORG},
    {legal, SP_WORD_LEGAL},
    {org_words, SP_WORD_ORG},
    {streets, SP_WORD_STREET},
    {streets_last, SP_WORD_STREET_LAST},
    {units, SP_WORD_UNIT},
    {particles, SP_WORD_PARTICLE},
    {states, SP_WORD_STATE},
    {common, SP_WORD_COMMON},
    {place_first, SP_WORD_PLACE_FIRST},
    {peoples, SP_WORD_PEOPLE},
    {nrp_keys, SP_KEY_NRP},
    {NULL, 0},
};
const char *const sp_names_street_endings = street_endings;
const char *const sp_names_place_endings = place_endings;
