/* National numbers of persons: southern and eastern Europe. */
#include "detect/check.h"

#include <string.h>

static uint8_t dni_letter(unsigned number)
{
    return (uint8_t) "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
}

static bool is_es_dni(const uint8_t *c, size_t n)
{
    return n == 9 && !sp_is_uniform(c, 8) && c[8] == dni_letter(sp_digits(c, 0, 8));
}

static bool is_es_nie(const uint8_t *c, size_t n)
{
    if (n != 9 || c[0] < 'X' || c[0] > 'Z') return false;
    return c[8] == dni_letter((unsigned)(c[0] - 'X') * 10000000 + sp_digits(c, 1, 7));
}

/* Where two persons would have the same code, digits become letters (omocodia). */
static unsigned fiscal_digit(uint8_t c)
{
    static const char letters[] = "LMNPQRSTUV";
    const char *at = strchr(letters, c);
    return sp_is_digit(c) ? (unsigned)(c - '0') : at != NULL ? (unsigned)(at - letters) : 99;
}

static bool is_it_fiscal(const uint8_t *c, size_t n)
{
    static const uint8_t odd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                  20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    unsigned sum = 0;
    if (n != 16 || strchr("ABCDEHLMPRST", c[8]) == NULL || !sp_is_alpha(c[11])) return false;
    const unsigned day = (fiscal_digit(c[9]) * 10 + fiscal_digit(c[10])) % 40;
    if (day < 1 || day > 31) return false;
    for (size_t i = 0; i < 15; i++) {
        const unsigned value = sp_is_digit(c[i]) ? (unsigned)(c[i] - '0') : (unsigned)(c[i] - 'A');
        sum += i % 2 == 0 ? odd[value] : value;
    }
    return c[15] == 'A' + sum % 26;
}

static bool is_pt_cc(const uint8_t *c, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned value = sp_alnum_value(c[i]) * (i % 2 == 0 ? 2 : 1);
        sum += i % 2 == 0 && value > 9 ? value - 9 : value;
    }
    return n == 12 && sum % 10 == 0;
}

static bool is_pt_nif(const uint8_t *c, size_t n)
{
    const unsigned check = (11 - sp_weighted(c, "98765432", 11)) % 11;
    return n == 9 && strchr("1235689", c[0]) != NULL && check % 10 == sp_digit(c, 8);
}

/* Estonia and Lithuania share the scheme: century and sex, day of birth, serial, check digit. */
static bool is_baltic(const uint8_t *c, size_t n)
{
    if (n != 11 || c[0] < '1' || c[0] > '8' || !sp_is_yymmdd(c, 1)) return false;
    unsigned check = sp_weighted(c, "1234567891", 11);
    if (check == 10) check = sp_weighted(c, "3456789123", 11) % 10;
    return check == sp_digit(c, 10);
}

/* From 2017 on a number begins with 32 and tells no birthday; its last digit checks alike. */
static bool is_lv_pk(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {10, 5, 8, 4, 2, 1, 6, 3, 7, 9};
    unsigned sum = 0;
    if (n != 11) return false;
    if (c[0] == '3' && c[1] == '2') return true;
    for (size_t i = 0; i < 10; i++) sum += weights[i] * sp_digit(c, i);
    return sp_is_ddmmyy(c, 0) && (1 + sum) % 11 % 10 == sp_digit(c, 10);
}

/* The century is in the month: 80 more before 1900, 20 more from 2000 on. */
static bool is_pl_pesel(const uint8_t *c, size_t n)
{
    if (n != 11 || !sp_is_day(0, sp_digits(c, 2, 2) % 20, sp_digits(c, 4, 2))) return false;
    return sp_weighted(c, "13791379131", 10) == 0;
}

/* 50 more in the month for women, 20 where a day was used up. Before 1954 there is no check digit. */
static bool is_cz_rc(const uint8_t *c, size_t n)
{
    const unsigned month = sp_digits(c, 2, 2) % 50;
    if (!sp_is_day(0, month > 20 ? month - 20 : month, sp_digits(c, 4, 2))) return false;
    if (n == 9) return sp_digits(c, 0, 2) < 54;
    const unsigned rest = sp_digits(c, 0, 9) % 11;
    return rest % 10 == sp_digit(c, 9);
}

static bool is_hu_taj(const uint8_t *c, size_t n)
{
    return n == 9 && sp_weighted(c, "37373737", 10) == sp_digit(c, 8);
}

static bool is_ro_cnp(const uint8_t *c, size_t n)
{
    if (n != 13 || c[0] == '0' || !sp_is_yymmdd(c, 1) || sp_digits(c, 7, 2) > 52) return false;
    const unsigned check = sp_weighted(c, "279146358279", 11);
    return (check == 10 ? 1 : check) == sp_digit(c, 12);
}

static bool is_bg_egn(const uint8_t *c, size_t n)
{
    const unsigned month = sp_digits(c, 2, 2) % 20;
    if (n != 10 || !sp_is_day(0, month, sp_digits(c, 4, 2))) return false;
    return sp_weighted(c, "2485A9736", 11) % 10 == sp_digit(c, 9);
}

static bool is_bg_pnf(const uint8_t *c, size_t n)
{
    static const uint8_t weights[] = {21, 19, 17, 13, 11, 9, 7, 3, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < 9; i++) sum += weights[i] * sp_digit(c, i);
    return n == 10 && sum % 10 == sp_digit(c, 9);
}

static bool is_gr_amka(const uint8_t *c, size_t n)
{
    return n == 11 && sp_is_ddmmyy(c, 0) && sp_luhn(c, n);
}

/* Day, month, three digits of the year, region, serial, check digit: used in all of former Yugoslavia. */
static bool is_emso(const uint8_t *c, size_t n)
{
    if (n != 13 || !sp_is_day(0, sp_digits(c, 2, 2), sp_digits(c, 0, 2))) return false;
    const unsigned rest = sp_weighted(c, "765432765432", 11);
    return (c[4] == '9' || c[4] == '0') && rest != 1 && (11 - rest) % 11 == sp_digit(c, 12);
}

static bool is_tr_id(const uint8_t *c, size_t n)
{
    unsigned odd = 0, even = 0, all = 0;
    if (n != 11 || c[0] == '0') return false;
    for (size_t i = 0; i < 9; i += 2) odd += sp_digit(c, i);
    for (size_t i = 1; i < 8; i += 2) even += sp_digit(c, i);
    for (size_t i = 0; i < 10; i++) all += sp_digit(c, i);
    return (odd * 7 + 10 * 10 - even) % 10 == sp_digit(c, 9) && all % 10 == sp_digit(c, 10);
}

static bool is_ua_rntrc(const uint8_t *c, size_t n)
{
    if (n != 10 || sp_is_uniform(c, n)) return false;
    const unsigned sum = sp_weighted(c + 1, "57946A57", 100000) + 11 - sp_digit(c, 0) % 11;
    return sum % 11 % 10 == sp_digit(c, 9);
}

static bool is_ru_inn(const uint8_t *c, size_t n)
{
    if (sp_is_uniform(c, n)) return false;
    if (n == 10) return sp_weighted(c, "24A359468", 11) % 10 == sp_digit(c, 9);
    return sp_weighted(c, "724A359468", 11) % 10 == sp_digit(c, 10) &&
           sp_weighted(c, "3724A359468", 11) % 10 == sp_digit(c, 11);
}

static bool is_ru_snils(const uint8_t *c, size_t n)
{
    const unsigned sum = sp_weighted(c, "987654321", 101);
    return n == 11 && !sp_is_uniform(c, 9) && sum % 100 == sp_digits(c, 9, 2);
}

/* ---- rows ---- */

static const sp_example es_dni_examples[] = {
    "dni: [00455065X]",
    "| nif | [32156973Y] |",
    "{\"dni\":\"[95576081H]\"}",
    "We received [32594974H] (dni) by fax.",
    "dni=[40180402T]; state=open",
    "dni: 00455066X",
    "dni 32156978Y",
    "dni: 700455065X4",
    "dni x00455065Xy",
    "dni: 00455065X-00455065X",
    "sha dni 3f00455065X9ab",
    NULL,
};

static const sp_example es_nie_examples[] = {
    "nie: [X5512319R]",
    "| numero de identidad de extranjero | [X4628137P] |",
    "{\"nie\":\"[X4930694T]\"}",
    "We received [X5913654D] (nie) by fax.",
    "nie=[X4411581C]; state=open",
    "nie: X5512310R",
    "nie X4628132P",
    "nie: 7X5512319R4",
    "nie xX5512319Ry",
    "nie: X5512319R-X5512319R",
    "sha nie 3fX5512319R9ab",
    NULL,
};

static const sp_example es_passport_examples[] = {
    "pasaporte español: [AAB123456]",
    "| pasaporte | [XDC208714] |",
    "{\"pasaporte español\":\"[PAA774120]\"}",
    "We received [ZAB553017] (pasaporte español) by fax.",
    "pasaporte español=[AAF981264]; state=open",
    "pasaporte español: 7AAB1234564",
    "pasaporte español xAAB123456y",
    "pasaporte español: AAB123456-AAB123456",
    "sha pasaporte español 3fAAB1234569ab",
    "build AAB123456 finished",
    NULL,
};

static const sp_example it_fiscal_code_examples[] = {
    "codice fiscale: [RSSMRA85T10A562S]",
    "| cod fisc | [MRTMTT91D08F205J] |",
    "{\"codice fiscale\":\"[RCCMNL83S18D969H]\"}",
    "We received [RSSMRA85T10A562S] (codice fiscale) by fax.",
    "codice fiscale=[MRTMTT91D08F205J]; state=open",
    "codice fiscale: RSSMRA85T10A563S",
    "codice fiscale MRTMTT91D08F200J",
    "codice fiscale: 7RSSMRA85T10A562S4",
    "codice fiscale xRSSMRA85T10A562Sy",
    "codice fiscale: RSSMRA85T10A562S-RSSMRA85T10A562S",
    "sha codice fiscale 3fRSSMRA85T10A562S9ab",
    NULL,
};

static const sp_example it_id_card_examples[] = {
    "carta d'identita: [CA12345AB]",
    "| carta di identita | [AX4820173] |",
    "{\"carta d'identita\":\"[CA00000AA]\"}",
    "We received [CB51942ZK] (carta d'identita) by fax.",
    "carta d'identita=[AY7718204]; state=open",
    "carta d'identita: 7CA12345AB4",
    "carta d'identita xCA12345ABy",
    "carta d'identita: CA12345AB-CA12345AB",
    "sha carta d'identita 3fCA12345AB9ab",
    "build CA12345AB finished",
    NULL,
};

static const sp_example it_driver_license_examples[] = {
    "patente: [TO5012345X]",
    "| patente di guida | [MI7128456Z] |",
    "{\"patente\":\"[U1H52K93LT]\"}",
    "We received [RM1234567K] (patente) by fax.",
    "patente=[NA8820143C]; state=open",
    "patente: 7TO5012345X4",
    "patente xTO5012345Xy",
    "patente: TO5012345X-TO5012345X",
    "sha patente 3fTO5012345X9ab",
    "build TO5012345X finished",
    NULL,
};

static const sp_example it_passport_examples[] = {
    "passaporto: [YA1234567]",
    "| numero passaporto | [AA5526281] |",
    "{\"passaporto\":\"[YB7740912]\"}",
    "We received [YA0018273] (passaporto) by fax.",
    "passaporto=[YC3391822]; state=open",
    "passaporto: 7YA12345674",
    "passaporto xYA1234567y",
    "passaporto: YA1234567-YA1234567",
    "sha passaporto 3fYA12345679ab",
    "build YA1234567 finished",
    NULL,
};

static const sp_example pt_cc_examples[] = {
    "cartao de cidadao: [903553606D49]",
    "| cartao cidadao | [832435642SX5] |",
    "{\"cartao de cidadao\":\"[113555049F36]\"}",
    "We received [409863995WR3] (cartao de cidadao) by fax.",
    "cartao de cidadao=[237705084398]; state=open",
    "cartao de cidadao: 903553606D40",
    "cartao de cidadao 832435642SX0",
    "cartao de cidadao: 7903553606D494",
    "cartao de cidadao x903553606D49y",
    "cartao de cidadao: 903553606D49-903553606D49",
    "sha cartao de cidadao 3f903553606D499ab",
    NULL,
};

static const sp_example pt_nif_examples[] = {
    "nif: [245321519]",
    "| contribuinte | [253409233] |",
    "{\"nif\":\"[251680088]\"}",
    "We received [217756107] (nif) by fax.",
    "nif=[280484496]; state=open",
    "nif: 245321510",
    "nif 253409238",
    "nif: 72453215194",
    "nif x245321519y",
    "nif: 245321519-245321519",
    "sha nif 3f2453215199ab",
    "build 245321519 finished",
    NULL,
};

static const sp_example ee_ik_examples[] = {
    "isikukood: [36104165290]",
    "| isikukoodi | [36908153386] |",
    "{\"isikukood\":\"[36906014524]\"}",
    "We received [38812038359] (isikukood) by fax.",
    "isikukood=[37504038790]; state=open",
    "isikukood: 36104165291",
    "isikukood 36908153381",
    "isikukood: 7361041652904",
    "isikukood x36104165290y",
    "isikukood: 36104165290-36104165290",
    "sha isikukood 3f361041652909ab",
    "build 36104165290 finished",
    NULL,
};

static const sp_example lt_asmens_examples[] = {
    "asmens kodas: [38005278701]",
    "| asmens kodo | [38109152265] |",
    "{\"asmens kodas\":\"[36711037121]\"}",
    "We received [38107262442] (asmens kodas) by fax.",
    "asmens kodas=[39501152054]; state=open",
    "asmens kodas: 38005278702",
    "asmens kodas 38109152260",
    "asmens kodas: 7380052787014",
    "asmens kodas x38005278701y",
    "asmens kodas: 38005278701-38005278701",
    "sha asmens kodas 3f380052787019ab",
    "build 38005278701 finished",
    NULL,
};

static const sp_example lv_pk_examples[] = {
    "personas kods: [161175-19997]",
    "| personas koda | [32867300679] |",
    "{\"personas kods\":\"[161175-19997]\"}",
    "We received [32867300679] (personas kods) by fax.",
    "personas kods=[070891-13222]; state=open",
    "personas kods: 161175-19998",
    "personas kods: 7161175-199974",
    "personas kods x161175-19997y",
    "personas kods: 161175-19997-161175-19997",
    "sha personas kods 3f161175-199979ab",
    NULL,
};

static const sp_example pl_pesel_examples[] = {
    "pesel: [71092375974]",
    "| numer pesel | [76022369638] |",
    "{\"pesel\":\"[72062425253]\"}",
    "We received [86012786743] (pesel) by fax.",
    "pesel=[84121730323]; state=open",
    "pesel: 71092375975",
    "pesel 76022369633",
    "pesel: 7710923759744",
    "pesel x71092375974y",
    "pesel: 71092375974-71092375974",
    "sha pesel 3f710923759749ab",
    NULL,
};

static const sp_example cz_rc_examples[] = {
    "rodne cislo: [911208/9283]",
    "| rodneho cisla | [871220/4875] |",
    "{\"rodne cislo\":\"[920816/0643]\"}",
    "We received [790811/4820] (rodne cislo) by fax.",
    "rodne cislo=[750916/1264]; state=open",
    "rodne cislo: 911208/9284",
    "rodne cislo 871220/4870",
    "rodne cislo: 7911208/92834",
    "rodne cislo x911208/9283y",
    "rodne cislo: 911208/9283-911208/9283",
    "sha rodne cislo 3f911208/92839ab",
    NULL,
};

static const sp_example hu_taj_examples[] = {
    "taj: [123 456 788]",
    "| taj szam | [036-024-917] |",
    "{\"taj\":\"[037687210]\"}",
    "We received [812 044 557] (taj) by fax.",
    "taj=[411 093 275]; state=open",
    "taj: 123 456 789",
    "taj 036-024-912",
    "taj: 7123 456 7884",
    "taj x123 456 788y",
    "taj: 123 456 788-123 456 788",
    "sha taj 3f1234567889ab",
    "build 123 456 788 finished",
    NULL,
};

static const sp_example ro_cnp_examples[] = {
    "cnp: [1660701126825]",
    "| cod numeric personal | [1530303121308] |",
    "{\"cnp\":\"[1790127124430]\"}",
    "We received [1860105125438] (cnp) by fax.",
    "cnp=[1820725126511]; state=open",
    "cnp: 1660701126826",
    "cnp 1530303121303",
    "cnp: 716607011268254",
    "cnp x1660701126825y",
    "cnp: 1660701126825-1660701126825",
    "sha cnp 3f16607011268259ab",
    NULL,
};

static const sp_example bg_egn_examples[] = {
    "егн: [9006165621]",
    "| egn | [9202269559] |",
    "{\"егн\":\"[7403184737]\"}",
    "We received [5908099036] (егн) by fax.",
    "егн=[7408284153]; state=open",
    "егн: 9006165622",
    "егн 9202269554",
    "егн: 790061656214",
    "егн x9006165621y",
    "егн: 9006165621-9006165621",
    "sha егн 3f90061656219ab",
    "build 9006165621 finished",
    NULL,
};

static const sp_example bg_pnf_examples[] = {
    "лнч: [4459194840]",
    "| lnch | [2622075808] |",
    "{\"лнч\":\"[6337288511]\"}",
    "We received [9852210726] (лнч) by fax.",
    "лнч=[7322973557]; state=open",
    "лнч: 4459194841",
    "лнч 2622075803",
    "лнч: 744591948404",
    "лнч x4459194840y",
    "лнч: 4459194840-4459194840",
    "sha лнч 3f44591948409ab",
    "build 4459194840 finished",
    NULL,
};

static const sp_example gr_amka_examples[] = {
    "αμκα: [14116929341]",
    "| amka | [24067100149] |",
    "{\"αμκα\":\"[08107851514]\"}",
    "We received [23119213850] (αμκα) by fax.",
    "αμκα=[10015303893]; state=open",
    "αμκα: 14116929342",
    "αμκα 24067100144",
    "αμκα: 7141169293414",
    "αμκα x14116929341y",
    "αμκα: 14116929341-14116929341",
    "sha αμκα 3f141169293419ab",
    "build 14116929341 finished",
    NULL,
};

static const sp_example hr_oib_examples[] = {
    "oib: [62965638886]",
    "| osobni identifikacijski broj | [12635903999] |",
    "{\"oib\":\"[64102344834]\"}",
    "We received [33247638220] (oib) by fax.",
    "oib=[53244137261]; state=open",
    "oib: 62965638887",
    "oib 12635903994",
    "oib: 7629656388864",
    "oib x62965638886y",
    "oib: 62965638886-62965638886",
    "sha oib 3f629656388869ab",
    "build 62965638886 finished",
    NULL,
};

static const sp_example si_emso_examples[] = {
    "emso: [2205952504442]",
    "| jmbg | [1001982507251] |",
    "{\"emso\":\"[2606965504330]\"}",
    "We received [2208953505727] (emso) by fax.",
    "emso=[2607964506360]; state=open",
    "emso: 2205952504443",
    "emso 1001982507256",
    "emso: 722059525044424",
    "emso x2205952504442y",
    "emso: 2205952504442-2205952504442",
    "sha emso 3f22059525044429ab",
    NULL,
};

static const sp_example tr_national_id_examples[] = {
    "tc kimlik: [16874513386]",
    "| t c kimlik no | [62468824864] |",
    "{\"tc kimlik\":\"[32362698526]\"}",
    "We received [87761985562] (tc kimlik) by fax.",
    "tc kimlik=[37642257578]; state=open",
    "tc kimlik: 16874513387",
    "tc kimlik 62468824869",
    "tc kimlik: 7168745133864",
    "tc kimlik x16874513386y",
    "tc kimlik: 16874513386-16874513386",
    "sha tc kimlik 3f168745133869ab",
    NULL,
};

static const sp_example ua_rntrc_examples[] = {
    "рнокпп: [2162156816]",
    "| рнокппу | [8550086509] |",
    "{\"рнокпп\":\"[5883922378]\"}",
    "We received [1214551762] (рнокпп) by fax.",
    "рнокпп=[0458469958]; state=open",
    "рнокпп: 2162156817",
    "рнокпп 8550086504",
    "рнокпп: 721621568164",
    "рнокпп x2162156816y",
    "рнокпп: 2162156816-2162156816",
    "sha рнокпп 3f21621568169ab",
    "build 2162156816 finished",
    NULL,
};

static const sp_example ru_inn_examples[] = {
    "инн: [104878299794]",
    "| inn | [367993343970] |",
    "{\"инн\":\"[425421080999]\"}",
    "We received [734142400850] (инн) by fax.",
    "инн=[277521835643]; state=open",
    "инн: 104878299795",
    "инн 367993343975",
    "инн: 71048782997944",
    "инн x104878299794y",
    "инн: 104878299794-104878299794",
    "sha инн 3f1048782997949ab",
    "build 104878299794 finished",
    NULL,
};

static const sp_example ru_snils_examples[] = {
    "снилс: [112-233-445 95]",
    "| snils | [087-654-303 00] |",
    "{\"снилс\":\"[11223344595]\"}",
    "We received [160-722-394 47] (снилс) by fax.",
    "снилс=[127-910-543 58]; state=open",
    "снилс: 112-233-445 96",
    "снилс 087-654-303 05",
    "снилс: 7112-233-445 954",
    "снилс x112-233-445 95y",
    "снилс: 112-233-445 95-112-233-445 95",
    "sha снилс 3f112-233-445959ab",
    NULL,
};

static const sp_example ru_passport_examples[] = {
    "паспорт: [45 08 123456]",
    "| паспорта | [4509 555222] |",
    "{\"паспорт\":\"[4611 730945]\"}",
    "We received [40 17 812093] (паспорт) by fax.",
    "паспорт=[6004 217733]; state=open",
    "2007 123456",
    "паспорт: 745 08 1234564",
    "паспорт x45 08 123456y",
    "паспорт: 45 08 123456-45 08 123456",
    "sha паспорт 3f45081234569ab",
    "build 45 08 123456 finished",
    "Russian passport [45 11 123456]",
    NULL,
};

static const sp_example ru_passport_number_examples[] = {
    "паспорт: серия 4511 номер [123456]",
    "паспорт серии 45 11 № [730945] выдан",
    "Серия: 4611, номер: [217733]",
    "серия игр 2011 года, 123456 копий",
    "номер 123456",
    "серия 4511 номер x123456y",
    "паспорт серия 1234567",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "es-dni",
        .kind = SP_KIND_ES_DNI,
        .shapes = "dddddddda=72 dddddddd-a=78 dd.ddd.ddd-a=88 dd.ddd.ddda=85 dddddddd_a",
        .check = is_es_dni,
        .near = "dni|nif|documento nacional de identidad|documento nacional|d n i|n i f|dni nif|identidad",
        .source = "RD 1553/2005; modulus 23",
        .examples = es_dni_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "es-nie",
        .kind = SP_KIND_ES_NIE,
        .shapes = "addddddda=78 a-ddddddd-a=88 addddddd-a=82",
        .check = is_es_nie,
        .near = "nie|numero de identidad de extranjero|tarjeta de residencia|extranjero|n i e",
        .source = "RD 557/2011; modulus 23",
        .examples = es_nie_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "es-passport",
        .kind = SP_KIND_ES_PASSPORT,
        .shapes = "aaadddddd aadddddda",
        .near = "pasaporte español|pasaporte|numero de pasaporte|~passport",
        .sure = 75,
        .source = "DGP",
        .examples = es_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "it-fiscal-code",
        .kind = SP_KIND_IT_FISCAL_CODE,
        .shapes = "aaaaaaddaddaddda=92 aaaaaaxxaxxaxxxa",
        .check = is_it_fiscal,
        .near = "codice fiscale|cod fisc|c f|cf|codicefiscale|fiscal code|codice fiscal",
        .source = "DM 12/03/1974; odd and even tables",
        .examples = it_fiscal_code_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "it-id-card",
        .kind = SP_KIND_IT_ID_CARD,
        .shapes = "aadddddaa aaddddddd",
        .near = "carta d'identita|carta di identita|carta identita|documento di identita|cie|numero carta|c "
                "i e|c i",
        .sure = 75,
        .source = "DM 23/12/2015",
        .examples = it_id_card_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "it-driver-license",
        .kind = SP_KIND_IT_DRIVER_LICENSE,
        .shapes = "aaddddddda U1xxxxxxxx aaddddddd~a",
        .near = "patente|patente di guida|numero patente|guida|driving licence",
        .sure = 75,
        .source = "DM 30/9/2003",
        .examples = it_driver_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "it-passport",
        .kind = SP_KIND_IT_PASSPORT,
        .shapes = "aaddddddd",
        .near = "passaporto|numero passaporto|passaporto italiano|italian passport|passaporto n",
        .sure = 77,
        .source = "Ministero degli Esteri",
        .examples = it_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pt-cc",
        .kind = SP_KIND_PT_CC,
        .shapes = "dddddddddxxd=62 dddddddd_d_xxd=85",
        .check = is_pt_cc,
        .near = "cartao de cidadao|cartao cidadao|numero de cartao|bilhete de identidade|citizen "
                "card|cc|cartao do cidadao|documento de identificacao",
        .source = "AMA; Luhn over letters",
        .examples = pt_cc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pt-nif",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddd ddd~ddd~ddd",
        .check = is_pt_nif,
        .near = "nif|contribuinte|numero de contribuinte|numero de identificacao fiscal|numero fiscal|nipc",
        .source = "AT; modulus 11",
        .examples = pt_nif_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ee-ik",
        .kind = SP_KIND_EE_IK,
        .shapes = "ddddddddddd",
        .check = is_baltic,
        .near = "isikukood|isikukoodi|ik|personal code|personal identification code|id kood",
        .source = "RT; modulus 11 twice",
        .examples = ee_ik_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "lt-asmens",
        .kind = SP_KIND_LT_ASMENS,
        .shapes = "ddddddddddd",
        .check = is_baltic,
        .near = "asmens kodas|asmens kodo|a k|personal code lithuania|lithuanian personal code",
        .source = "Gyventojų registras; modulus 11 twice",
        .examples = lt_asmens_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "lv-pk",
        .kind = SP_KIND_LV_PK,
        .shapes = "dddddd-ddddd=72 ddddddddddd",
        .check = is_lv_pk,
        .near = "personas kods|personas koda|p k|personal code latvia|pk",
        .source = "PMLP; modulus 11",
        .examples = lv_pk_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pl-pesel",
        .kind = SP_KIND_PL_PESEL,
        .shapes = "ddddddddddd=62",
        .check = is_pl_pesel,
        .near = "pesel|numer pesel|nr pesel|pesel nr|peselu|pesele",
        .source = "Dz.U. 2010 nr 217; weights 1 3 7 9",
        .examples = pl_pesel_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cz-rc",
        .kind = SP_KIND_CZ_RC,
        .shapes = "dddddd/dddd=82 dddddddddd dddddd/ddd",
        .check = is_cz_rc,
        .near = "rodne cislo|rodneho cisla|rc|r c|rod cislo|birth number|rodne c",
        .source = "Act 133/2000; modulus 11",
        .examples = cz_rc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "hu-taj",
        .kind = SP_KIND_HU_TAJ,
        .shapes = "ddd~ddd~ddd ddddddddd",
        .check = is_hu_taj,
        .near = "taj|taj szam|taj szama|tajszam|tarsadalombiztositasi azonosito|taj kartya|taj number",
        .source = "1996. évi XX. törvény; weights 3 7",
        .examples = hu_taj_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ro-cnp",
        .kind = SP_KIND_RO_CNP,
        .shapes = "ddddddddddddd=75",
        .check = is_ro_cnp,
        .near = "cnp|cod numeric personal|codul numeric personal|c n p",
        .source = "Legea 105/1996; weights 279146358279",
        .examples = ro_cnp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "bg-egn",
        .kind = SP_KIND_BG_EGN,
        .shapes = "dddddddddd",
        .check = is_bg_egn,
        .near = "егн|egn|единен граждански номер|граждански номер|е г н|edinen grazhdanski nomer",
        .source = "ГРАО; weights 2 4 8 5 10 9 7 3 6",
        .examples = bg_egn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "bg-pnf",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "dddddddddd",
        .check = is_bg_pnf,
        .near = "лнч|lnch|личен номер на чужденец|номер на чужденец|пнф|pnf",
        .source = "ГРАО; weights 21 19 17 13 11 9 7 3 1",
        .examples = bg_pnf_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gr-amka",
        .kind = SP_KIND_GR_AMKA,
        .shapes = "ddddddddddd",
        .check = is_gr_amka,
        .near = "αμκα|amka|α μ κ α|αριθμος μητρωου κοινωνικης ασφαλισης|αρ μητρωου κοινωνικης|a m k a|social "
                "security number greece",
        .source = "ΗΔΙΚΑ; Luhn",
        .examples = gr_amka_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "hr-oib",
        .kind = SP_KIND_TAX_ID,
        .shapes = "ddddddddddd",
        .check = sp_mod11_10,
        .near = "oib|osobni identifikacijski broj|personal identification number croatia|o i b",
        .source = "Zakon o OIB-u; MOD 11,10",
        .examples = hr_oib_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "si-emso",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "ddddddddddddd=70",
        .check = is_emso,
        .near = "emso|jmbg|maticna stevilka|enotna maticna|maticni broj|матични број|јмбг|емшо|jedinstveni "
                "maticni",
        .source = "ZCRP; modulus 11",
        .examples = si_emso_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "tr-national-id",
        .kind = SP_KIND_TR_NATIONAL_ID,
        .shapes = "ddddddddddd=66",
        .check = is_tr_id,
        .near = "tc kimlik|t c kimlik no|tc kimlik no|kimlik no|tckn|tckimlik|kimlik numarasi|t c kimlik "
                "numarasi|tc no|t c no|vatandaslik numarasi|turkish id",
        .source = "NVİ; two check digits",
        .examples = tr_national_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ua-rntrc",
        .kind = SP_KIND_UA_RNTRC,
        .shapes = "dddddddddd",
        .check = is_ua_rntrc,
        .near = "рнокпп|рнокппу|іпн|ідентифікаційний номер|ідентифікаційний код|инн|rnokpp|индивидуальный "
                "налоговый номер|податковий номер|ипн|~tax number",
        .source = "ДПС; weights -1 5 7 9 4 6 10 5 7",
        .examples = ua_rntrc_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-inn",
        .kind = SP_KIND_RU_INN,
        .shapes = "dddddddddddd dddddddddd",
        .check = is_ru_inn,
        .near = "инн|inn|идентификационный номер налогоплательщика|налогоплательщика",
        .source = "ФНС; two check digits",
        .examples = ru_inn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-snils",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "ddd-ddd-ddd_dd=90 ddd-ddd-ddd-dd=85 ddddddddddd",
        .check = is_ru_snils,
        .near = "снилс|snils|страховой номер|страховое свидетельство|страховой номер индивидуального "
                "лицевого счета",
        .source = "СФР; modulus 101",
        .examples = ru_snils_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-passport",
        .kind = SP_KIND_PASSPORT,
        .shapes = "dd_dd_dddddd dddd_dddddd dddddddddd",
        .near =
            "паспорт|паспорта|паспорте|серия паспорта|паспорт серия|серия и номер|паспортные данные|russian "
            "passport|passport of russia|~passport|серия",
        .sure = 75,
        .source = "Постановление 828",
        .examples = ru_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ru-passport-number",
        .kind = SP_KIND_PASSPORT,
        .shapes = "dddddd",
        .near = "паспорт серия|паспорт серии|паспорта серия|паспорта серии|серия номер|серии номер|passport "
                "series number",
        .sure = 75,
        .source = "Постановление 828: the number behind its series",
        .examples = ru_passport_number_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_gov_south = {rows, sizeof rows / sizeof rows[0]};
