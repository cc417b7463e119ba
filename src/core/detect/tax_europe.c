/* Numbers of companies and taxpayers in those parts of Europe that other files do not have. */
#include "detect/check.h"

#include <string.h>

/* Seven digits before the check digit; the second weights serve where the first give 10. */
static bool is_ee_register(const uint8_t *c, size_t n)
{
    unsigned check = sp_weighted(c, "1234567", 11);
    if (check == 10) check = sp_weighted(c, "3456789", 11);
    return n == 8 && c[0] != '0' && check % 10 == sp_digit(c, 7);
}

static bool is_bg_eik(const uint8_t *c, size_t n)
{
    unsigned check = sp_weighted(c, "12345678", 11);
    if (check == 10) check = sp_weighted(c, "3456789A", 11);
    return n == 9 && !sp_is_uniform(c, n) && check % 10 == sp_digit(c, 8);
}

static bool is_lv_legal(const uint8_t *c, size_t n)
{
    return n == 11 && c[0] > '3' && sp_weighted(c, "91483A25761", 11) == 3;
}

static bool is_mk_edb(const uint8_t *c, size_t n)
{
    return n == 13 && !sp_is_uniform(c, n) &&
           (11 - sp_weighted(c, "765432765432", 11)) % 11 % 10 == sp_digit(c, 12);
}

static bool is_me_pib(const uint8_t *c, size_t n)
{
    return n == 8 && !sp_is_uniform(c, n) && (11 - sp_weighted(c, "8765432", 11)) % 11 % 10 == sp_digit(c, 7);
}

static bool is_md_idno(const uint8_t *c, size_t n)
{
    return n == 13 && !sp_is_uniform(c, n) && sp_weighted(c, "731731731731", 10) == sp_digit(c, 12);
}

static bool is_by_unp(const uint8_t *c, size_t n)
{
    static const unsigned weights[] = {29, 23, 19, 17, 13, 7, 5, 3};
    unsigned sum = 0;
    if (n != 9) return false;
    for (size_t i = 0; i < 8; i++) {
        if (!sp_is_digit(c[i])) return true; /* of persons, taken by its form */
        sum += weights[i] * sp_digit(c, i);
    }
    return !sp_is_uniform(c, n) && sum % 11 == sp_digit(c, 8);
}

/* Weights that depend on the range of the number. */
static bool is_ua_edrpou(const uint8_t *c, size_t n)
{
    const unsigned number = sp_digits(c, 0, 8);
    const bool is_middle = number >= 30000000 && number <= 60000000;
    unsigned check = sp_weighted(c, is_middle ? "7123456" : "1234567", 11);
    if (check == 10) check = sp_weighted(c, is_middle ? "9345678" : "3456789", 11);
    return n == 8 && !sp_is_uniform(c, n) && check % 10 == sp_digit(c, 7);
}

static bool is_si_register(const uint8_t *c, size_t n)
{
    const unsigned check = (11 - sp_weighted(c, "765432", 11)) % 11;
    return (n == 7 || n == 10) && c[0] != '0' && check % 10 == sp_digit(c, 6);
}

static bool is_cz_ico(const uint8_t *c, size_t n)
{
    return n == 8 && !sp_is_uniform(c, n) && (11 - sp_weighted(c, "8765432", 11)) % 10 == sp_digit(c, 7);
}

/* Eleven digits before the check digit; the second weights serve where the first give 10. */
static bool is_kz_checked(const uint8_t *c, size_t n)
{
    unsigned check = sp_weighted(c, "123456789AB", 11);
    if (check == 10) check = sp_weighted(c, "3456789AB12", 11);
    return n == 12 && check < 10 && check == sp_digit(c, 11);
}

/* A birthday, then a digit for century and sex. */
static bool is_kz_iin(const uint8_t *c, size_t n)
{
    return is_kz_checked(c, n) && sp_is_yymmdd(c, 0) && c[6] <= '6';
}

/* Year and month of registration, then a digit for the form of the company. */
static bool is_kz_bin(const uint8_t *c, size_t n)
{
    const unsigned month = sp_digits(c, 2, 2);
    return is_kz_checked(c, n) && month >= 1 && month <= 12 && c[4] >= '4' && c[4] <= '6';
}

/* The office, two characters for the reason, a number. Regions have the codes up to 99 but 00. */
static bool is_ru_kpp(const uint8_t *c, size_t n)
{
    return n == 9 && sp_digits(c, 0, 2) > 0 && !sp_is_uniform(c, n);
}

/* КПП is a gearbox, too: "коробка передач", which has steps. A handing over ("передачи") says nothing. */
static bool is_gearbox(const sp_window *w, size_t start)
{
    enum { REACH = 64 };
    static const char *const words[] = {"оробк", "тупен", "ередач "};
    sp_charge(w, REACH);
    for (size_t i = start > REACH ? start - REACH : 0; i < start; i++) {
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
            const size_t n = strlen(words[k]);
            if (start - i >= n && memcmp(w->p + i, words[k], n) == 0) return true;
        }
    }
    return false;
}

/* ISO 7064 MOD 97-10 over what follows the creditor's business code, then state and check digits. */
static bool is_sepa_creditor(const uint8_t *c, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 7; i < n + 4; i++) {
        const unsigned value = sp_alnum_value(c[i < n ? i : i - n]);
        rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
    }
    return rest == 1;
}

/* ---- rows ---- */

static const sp_example at_register_examples[] = {
    "firmenbuchnummer: [FN 122119m]",
    "| firmenbuch | [FN 429518m] |",
    "{\"firmenbuchnummer\":\"[FN 992139m]\"}",
    "We received [FN 122119m] (firmenbuchnummer) by fax.",
    "firmenbuchnummer=[FN 429518m]; state=open",
    "firmenbuchnummer: 7FN 122119m4",
    "firmenbuchnummer xFN 122119my",
    "sha firmenbuchnummer 3fFN122119m9ab",
    NULL,
};

static const sp_example ee_register_examples[] = {
    "registrikood: [12345388]",
    "| reg kood | [12345632] |",
    "{\"registrikood\":\"[12345678]\"}",
    "We received [12369578] (registrikood) by fax.",
    "registrikood=[12445078]; state=open",
    "registrikood: 12345387",
    "registrikood: 12345638",
    "registrikood: 7123453884",
    "registrikood x12345388y",
    "sha registrikood 3f123453889ab",
    "build 12345388 finished",
    NULL,
};

static const sp_example bg_eik_examples[] = {
    "ЕИК: [075572652]",
    "| bulstat | [165078752] |",
    "{\"ЕИК\":\"[175074752]\"}",
    "We received [175474757] (ЕИК) by fax.",
    "ЕИК=[175674722]; state=open",
    "ЕИК: 075572657",
    "ЕИК: 165078757",
    "ЕИК: 70755726524",
    "ЕИК x075572652y",
    "sha ЕИК 3f0755726529ab",
    "build 075572652 finished",
    NULL,
};

static const sp_example lv_register_examples[] = {
    "reģistrācijas numurs: [40742180967]",
    "| PVN | [40145384019] |",
    "{\"reģistrācijas numurs\":\"[40469748212]\"}",
    "We received [40687597510] (reģistrācijas numurs) by fax.",
    "reģistrācijas numurs=[40490495490]; state=open",
    "reģistrācijas numurs: 40742180962",
    "reģistrācijas numurs: 40145384016",
    "reģistrācijas numurs: 7407421809674",
    "reģistrācijas numurs x40742180967y",
    "sha reģistrācijas numurs 3f407421809679ab",
    "build 40742180967 finished",
    NULL,
};

static const sp_example mk_edb_examples[] = {
    "ЕДБ: [4000005378197]",
    "| edb | [4030000375897] |",
    "{\"ЕДБ\":\"[4030000775895]\"}",
    "We received [4030007475897] (ЕДБ) by fax.",
    "ЕДБ=[4030010473897]; state=open",
    "ЕДБ: 4000005378193",
    "ЕДБ: 4030000375890",
    "ЕДБ: 740000053781974",
    "ЕДБ x4000005378197y",
    "sha ЕДБ 3f40000053781979ab",
    "build 4000005378197 finished",
    NULL,
};

static const sp_example me_pib_examples[] = {
    "PIB: [02017687]",
    "| ПИБ | [02354284] |",
    "{\"PIB\":\"[02655284]\"}",
    "We received [02955288] (PIB) by fax.",
    "PIB=[06665241]; state=open",
    "PIB: 02017684",
    "PIB: 02354283",
    "PIB: 7020176874",
    "PIB x02017687y",
    "sha PIB 3f020176879ab",
    "build 02017687 finished",
    NULL,
};

static const sp_example rs_pib_examples[] = {
    "PIB: [011134607]",
    "| ПИБ | [101134702] |",
    "{\"PIB\":\"[101136752]\"}",
    "We received [101530402] (PIB) by fax.",
    "PIB=[122935602]; state=open",
    "PIB: 011134602",
    "PIB: 101134700",
    "PIB: 70111346074",
    "PIB x011134607y",
    "sha PIB 3f0111346079ab",
    "build 011134607 finished",
    NULL,
};

static const sp_example md_idno_examples[] = {
    "IDNO: [1008150038413]",
    "| cod fiscal | [1008408038413] |",
    "{\"IDNO\":\"[1008600038413]\"}",
    "We received [1008612688411] (IDNO) by fax.",
    "IDNO=[1406620038103]; state=open",
    "IDNO: 1008150038411",
    "IDNO: 1008408038417",
    "IDNO: 710081500384134",
    "IDNO x1008150038413y",
    "sha IDNO 3f10081500384139ab",
    "build 1008150038413 finished",
    NULL,
};

static const sp_example by_unp_examples[] = {
    "УНП: [200988541]",
    "| UNP | [496988321] |",
    "{\"УНП\":\"[200988541]\"}",
    "We received [496988321] (УНП) by fax.",
    "УНП=[200988541]; state=open",
    "УНП: 200988548",
    "УНП: 496988325",
    "УНП: 72009885414",
    "УНП x200988541y",
    "sha УНП 3f2009885419ab",
    "build 200988541 finished",
    NULL,
};

static const sp_example ua_edrpou_examples[] = {
    "ЄДРПОУ: [32255061]",
    "| ЕДРПОУ | [32835898] |",
    "{\"ЄДРПОУ\":\"[32854905]\"}",
    "We received [32855851] (ЄДРПОУ) by fax.",
    "ЄДРПОУ=[32855961]; state=open",
    "ЄДРПОУ: 32255063",
    "ЄДРПОУ: 32835893",
    "ЄДРПОУ: 7322550614",
    "ЄДРПОУ x32255061y",
    "sha ЄДРПОУ 3f322550619ab",
    "build 32255061 finished",
    NULL,
};

static const sp_example si_register_examples[] = {
    "matična številka: [2331349000]",
    "| maticna | [9131710000] |",
    "{\"matična številka\":\"[9331310000]\"}",
    "We received [9331310050] (matična številka) by fax.",
    "matična številka=[9331310094]; state=open",
    "matična številka: 723313490004",
    "matična številka x2331349000y",
    "sha matična številka 3f23313490009ab",
    "build 2331349000 finished",
    NULL,
};

static const sp_example ro_register_examples[] = {
    "registrul comerțului: [J02/750/2018]",
    "| ONRC | [J12/750/2012] |",
    "{\"registrul comerțului\":\"[J52/150/2012]\"}",
    "We received [J52/280/2012] (registrul comerțului) by fax.",
    "registrul comerțului=[J52/750/2012]; state=open",
    "registrul comerțului: 7J02/750/20184",
    "registrul comerțului xJ02/750/2018y",
    "sha registrul comerțului 3fJ02/750/20189ab",
    NULL,
};

static const sp_example sepa_creditor_examples[] = {
    "creditor identifier: [ES2200058690558N]",
    "| Gläubiger-ID | [ES2300047690558N] |",
    "{\"creditor identifier\":\"[ES2300447690558N]\"}",
    "We received [ES2300647690558N] (creditor identifier) by fax.",
    "creditor identifier=[ES2380747690558N]; state=open",
    "creditor identifier: ES2200058690551N",
    "creditor identifier: ES2300047690555N",
    "creditor identifier: 7ES2200058690558N4",
    "creditor identifier xES2200058690558Ny",
    "sha creditor identifier 3fES2200058690558N9ab",
    NULL,
};

static const sp_example cz_ico_examples[] = {
    "IČO: [25673149]",
    "| identifikační číslo osoby | [06184731] |",
    "{\"IČO\":\"[45177821]\"}",
    "We received [70826315] (IČO) by fax.",
    "IČO=[26190044]; state=open",
    "IČO: 25673140",
    "IČO: 06184732",
    "IČO: 7256731494",
    "IČO x25673149y",
    "sha IČO 3f256731499ab",
    "build 25673149 finished",
    "favicon.ico 12345678",
    NULL,
};

static const sp_example kz_iin_examples[] = {
    "ИИН: [850314300461]",
    "| ЖСН | [921107501235] |",
    "{\"ИИН\":\"[010725600315]\"}",
    "We received [781228400991] (ИИН) by fax.",
    "ИИН=[990101350218]; state=open",
    "ИИН: 850314300462",
    "ИИН: 921107501236",
    "ИИН: 78503143004614",
    "ИИН x850314300461y",
    "sha ИИН 3f8503143004619ab",
    "build 850314300461 finished",
    NULL,
};

static const sp_example kz_bin_examples[] = {
    "БИН: [050240001231]",
    "| БСН | [120640017654] |",
    "{\"БИН\":\"[981140000335]\"}",
    "We received [181050020016] (БИН) by fax.",
    "БИН=[210340033109]; state=open",
    "БИН: 050240001232",
    "БИН: 120640017655",
    "БИН: 70502400012314",
    "БИН x050240001231y",
    "sha БИН 3f0502400012319ab",
    "build 050240001231 finished",
    NULL,
};

static const sp_example ru_kpp_examples[] = {
    "КПП: [770701001]",
    "| код причины постановки | [784101001] |",
    "{\"КПП\":\"[5024AB017]\"}",
    "We received [631643003] (КПП) by fax.",
    "КПП=[772901001]; state=open",
    "КПП: 007701001",
    "КПП: 111111111",
    "КПП: 77707010014",
    "КПП x770701001y",
    "sha КПП 3f7707010019ab",
    "build 770701001 finished",
    "коробка КПП 5 ступеней",
    "коробка передач КПП: 770701001",
    "Акт передачи, КПП: [770701001]",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "at-register",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "FN_dddddda=80 FNdddddda=70 FN_ddddda FN_dddda",
        .near =
            "fn|firmenbuch|firmenbuchnummer|firmenbuch nr|fb nr|company register|austrian company register",
        .sure = 84,
        .source = "Firmenbuch; form",
        .examples = at_register_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ee-register",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "dddddddd",
        .check = is_ee_register,
        .near = "registrikood|registri kood|reg kood|rg kood|ariregister|registry code|estonian company",
        .source = "Äriregister; weights 1 to 7",
        .examples = ee_register_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "bg-eik",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddd ddd~ddd~ddd",
        .check = is_bg_eik,
        .near = "еик|ек|булстат|bulstat|eik|ддс|ин по ддс|идентификационен номер",
        .source = "Търговски регистър; weights 1 to 8",
        .examples = bg_eik_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "lv-register",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddddd dddd~dddd~ddd",
        .check = is_lv_legal,
        .near = "registracijas numurs|reg nr|pvn|pvn numurs|vienotais registracijas numurs|latvian company",
        .source = "Uzņēmumu reģistrs; weights",
        .examples = lv_register_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "mk-edb",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddddddd MKddddddddddddd=80",
        .check = is_mk_edb,
        .near = "едб|edb|единствен даночен број|даночен број|macedonian tax",
        .source = "УЈП; weights 7 to 2",
        .examples = mk_edb_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "me-pib",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dddddddd",
        .check = is_me_pib,
        .near = "pib|пиб|poreski identifikacioni broj|pib broj",
        .source = "Poreska uprava; weights 8 to 2",
        .examples = me_pib_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "rs-pib",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd",
        .check = sp_mod11_10,
        .near = "pib|пиб|poreski identifikacioni broj|pib broj|порески број",
        .source = "Пореска управа; ISO 7064 MOD 11,10",
        .examples = rs_pib_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "md-idno",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddddddd",
        .check = is_md_idno,
        .near = "idno|idnp|cod fiscal|numar de identificare|moldovan id",
        .source = "ASP; weights 7 3 1",
        .examples = md_idno_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "by-unp",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd aaddddddd adddddddd",
        .check = is_by_unp,
        .near = "унп|unp|учетный номер плательщика|учётный номер плательщика|belarus tax",
        .source = "МНС; weights 29 to 3",
        .examples = by_unp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ua-edrpou",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "dddddddd",
        .check = is_ua_edrpou,
        .near = "єдрпоу|едрпоу|edrpou|код єдрпоу|код едрпоу|ідентифікаційний код",
        .source = "Держстат; weights by range",
        .examples = ua_edrpou_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "si-register",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddd dddddddddd",
        .check = is_si_register,
        .near = "maticna stevilka|maticna|mat st|mat stevilka|slovenian company",
        .source = "AJPES; weights 7 to 2",
        .examples = si_register_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ro-register",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "add/ddd/dddd=75 add/dddd/dddd=78 add/ddddd/dddd=78 add/dd/dddd add/d/dddd "
                  "add/dddddd/dddd=78 addddddddddddd",
        .near = "onrc|registrul comertului|reg com|nr reg com|nr ord reg com|numar de ordine|trade register",
        .sure = 76,
        .source = "ONRC; form",
        .examples = ro_register_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cz-ico",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "dddddddd ddd_dd_ddd",
        .check = is_cz_ico,
        .near = "ičo|ico|ič firmy|identifikacni cislo osoby|identifikacne cislo organizacie|cz ico|sk ico",
        .source = "Zákon 111/2009 Sb.; weights 8 to 2",
        .examples = cz_ico_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kz-iin",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "dddddddddddd",
        .check = is_kz_iin,
        .near = "иин|жсн|iin|индивидуальный идентификационный номер|жеке сәйкестендіру нөмірі",
        .source = "Закон РК 223-III; date, weights 1 to 11",
        .examples = kz_iin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kz-bin",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "dddddddddddd",
        .check = is_kz_bin,
        .near = "бин|бсн|бизнес идентификационный номер|бизнес сәйкестендіру нөмірі|~bin",
        .source = "Закон РК 223-III; month, weights 1 to 11",
        .examples = kz_bin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-kpp",
        .kind = SP_KIND_COMPANY_ID,
        .shapes = "ddddddddd ddddxxddd",
        .check = is_ru_kpp,
        .unlike = is_gearbox,
        .near = "кпп|kpp|код причины постановки",
        .sure = 78,
        .source = "приказ ФНС ММВ-7-6/435",
        .examples = ru_kpp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sepa-creditor",
        .kind = SP_KIND_BANK_ACCOUNT,
        .shapes = "aadd~xxx~ddddddddddd=80 aaddxxxdddddddda=80 aaddxxxddddddddd=80 aaddxxxxddddddddd=80 "
                  "aaddxxxxxxxxxxxx=75 aaddxxxxxxxxxxxxx=75 aaddxxxxxxxxxxxxxxx=78",
        .check = is_sepa_creditor,
        .near = "creditor identifier|creditor id|sepa creditor|glaubiger id|glaubiger "
                "identifikationsnummer|identifiant creancier|ics|incassant id|sepa identifier|identificador "
                "del acreedor",
        .source = "EPC262-08; ISO 7064 MOD 97-10",
        .examples = sepa_creditor_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_tax_europe = {rows, sizeof rows / sizeof rows[0]};
