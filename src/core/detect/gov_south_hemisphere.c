/* National numbers of persons: Africa and Oceania. */
#include "detect/check.h"

#include <string.h>

static bool is_za_id(const uint8_t *c, size_t n)
{
    return n == 13 && sp_is_yymmdd(c, 0) && c[10] <= '2' && sp_luhn(c, n);
}

static bool is_eg_id(const uint8_t *c, size_t n)
{
    const unsigned governorate = sp_digits(c, 7, 2);
    return n == 14 && (c[0] == '2' || c[0] == '3') && sp_is_yymmdd(c, 1) && governorate >= 1 &&
           (governorate <= 35 || governorate == 88);
}

static bool is_au_tfn(const uint8_t *c, size_t n)
{
    if (sp_is_uniform(c, n)) return false;
    return (n == 9 ? sp_weighted(c, "14375869A", 11) : sp_weighted(c, "A7843561", 11)) == 0;
}

static bool is_nz_ird(const uint8_t *c, size_t n)
{
    uint8_t nine[9];
    nine[0] = '0';
    memcpy(nine + (9 - n), c, n);
    const unsigned number = sp_digits(nine, 0, 9);
    if (number < 10000000 || number > 150000000) return false;
    unsigned check = (11 - sp_weighted(nine, "32765432", 11)) % 11;
    if (check == 10) check = (11 - sp_weighted(nine, "74325276", 11)) % 11;
    return check == sp_digit(nine, 8);
}

/* ---- rows ---- */

static const sp_example za_id_examples[] = {
    "id number: [7807193456085]",
    "| identity number | [8603223622088] |",
    "{\"id number\":\"[6406021126183]\"}",
    "We received [7811236401082] (id number) by fax.",
    "id number=[6509159319189]; state=open",
    "id number: 7807193456086",
    "id number 8603223622083",
    "id number: 778071934560854",
    "id number x7807193456085y",
    "id number: 7807193456085-7807193456085",
    "sha id number 3f78071934560859ab",
    NULL,
};

static const sp_example ng_nin_examples[] = {
    "nin: [12345678901]",
    "| national identification number | [70814293365] |",
    "{\"nin\":\"[52910338472]\"}",
    "We received [88100293471] (nin) by fax.",
    "nin=[36507712984]; state=open",
    "nin: 7123456789014",
    "nin x12345678901y",
    "nin: 12345678901-12345678901",
    "sha nin 3f123456789019ab",
    "build 12345678901 finished",
    NULL,
};

static const sp_example ke_id_examples[] = {
    "kenyan id: [27519834]",
    "| kenya id | [31840572] |",
    "{\"kenyan id\":\"[9472816]\"}",
    "We received [34019982] (kenyan id) by fax.",
    "kenyan id=[22871450]; state=open",
    "kenyan id: 7275198344",
    "kenyan id x27519834y",
    "kenyan id: 27519834-27519834",
    "sha kenyan id 3f275198349ab",
    "build 27519834 finished",
    NULL,
};

static const sp_example gh_card_examples[] = {
    "ghana card: [GHA-123456789-1]",
    "| ghanacard | [GHA-713904826-0] |",
    "{\"ghana card\":\"[GHA-002914477-3]\"}",
    "We received [GHA-725550128-9] (ghana card) by fax.",
    "ghana card=[GHA-718263540-2]; state=open",
    "ghana card: 7GHA-123456789-14",
    "ghana card xGHA-123456789-1y",
    "ghana card: GHA-123456789-1-GHA-123456789-1",
    "sha ghana card 3fGHA-123456789-19ab",
    NULL,
};

static const sp_example eg_id_examples[] = {
    "الرقم القومي: [29001011234567]",
    "| رقم قومي | [30105212104581] |",
    "{\"الرقم القومي\":\"[28512150102937]\"}",
    "We received [29907301300214] (الرقم القومي) by fax.",
    "الرقم القومي=[27803142501896]; state=open",
    "الرقم القومي: 29013011234567",
    "الرقم القومي: 7290010112345674",
    "الرقم القومي x29001011234567y",
    "الرقم القومي: 29001011234567-29001011234567",
    "sha الرقم القومي 3f290010112345679ab",
    "build 29001011234567 finished",
    NULL,
};

static const sp_example au_tfn_examples[] = {
    "tfn: [926 268 812]",
    "| tax file number | [047 295 142] |",
    "{\"tfn\":\"[887 563 303]\"}",
    "We received [249 651 870] (tfn) by fax.",
    "tfn=[738 711 597]; state=open",
    "tfn: 926 268 813",
    "tfn 047 295 147",
    "tfn: 7926 268 8124",
    "tfn x926 268 812y",
    "tfn: 926 268 812-926 268 812",
    "sha tfn 3f9262688129ab",
    "build 926 268 812 finished",
    NULL,
};

static const sp_example nz_ird_examples[] = {
    "ird: [52-761-840]",
    "| ird number | [27-795-080] |",
    "{\"ird\":\"[17-277-669]\"}",
    "We received [48-414-946] (ird) by fax.",
    "ird=[34-195-889]; state=open",
    "ird: 52-761-841",
    "ird 27-795-085",
    "ird: 752-761-8404",
    "ird x52-761-840y",
    "ird: 52-761-840-52-761-840",
    "sha ird 3f52-761-8409ab",
    "build 52-761-840 finished",
    NULL,
};

static const sp_example au_passport_examples[] = {
    "australian passport: [N1234567]",
    "| aus passport | [E4028817] |",
    "{\"australian passport\":\"[PA0940443]\"}",
    "We received [L7720193] (australian passport) by fax.",
    "australian passport=[PB3014826]; state=open",
    "australian passport: 7N12345674",
    "australian passport xN1234567y",
    "australian passport: N1234567-N1234567",
    "sha australian passport 3fN12345679ab",
    "build N1234567 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "za-id",
        .kind = SP_KIND_ZA_ID,
        .shapes = "ddddddddddddd=72 dddddd_dddd_ddd=85 dddddd_dddd_dd_d=88",
        .check = is_za_id,
        .near = "id number|identity number|south african id|sa id|rsa id|id no|id "
                "nommer|identiteitsnommer|za id|id num",
        .source = "DHA; Luhn and date",
        .examples = za_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ng-nin",
        .kind = SP_KIND_NG_NIN,
        .shapes = "ddddddddddd dddd~ddd~dddd",
        .near = "nin|national identification number|national identity number|nimc|nin number|nin slip",
        .sure = 76,
        .source = "NIMC",
        .examples = ng_nin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ke-id",
        .kind = SP_KIND_KE_ID,
        .shapes = "dddddddd ddddddd",
        .near = "kenyan id|kenya id|kitambulisho|huduma|national id kenya|id namba|nambari ya kitambulisho",
        .sure = 76,
        .source = "NRB",
        .examples = ke_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "gh-card",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "GHA-ddddddddd-d=90",
        .near = "ghana card|ghanacard|nia",
        .source = "NIA",
        .examples = gh_card_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "eg-id",
        .kind = SP_KIND_NATIONAL_ID,
        .shapes = "dddddddddddddd",
        .check = is_eg_id,
        .near = "الرقم القومي|رقم قومي|national id egypt|egyptian id|الرقم القومى",
        .source = "CSO; date and governorate",
        .examples = eg_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-tfn",
        .kind = SP_KIND_AU_TFN,
        .shapes = "ddd~ddd~ddd ddddddddd dddddddd",
        .check = is_au_tfn,
        .near = "tfn|tax file number|tax file|tfn number",
        .source = "ATO; weights 1 4 3 7 5 8 6 9 10",
        .examples = au_tfn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "nz-ird",
        .kind = SP_KIND_NZ_IRD,
        .shapes = "dd-ddd-ddd ddd-ddd-ddd dddddddd ddddddddd dd_ddd_ddd ddd_ddd_ddd",
        .check = is_nz_ird,
        .near = "ird|ird number|ird no|inland revenue|ird nr|tax number nz",
        .source = "Inland Revenue; two modulus 11",
        .examples = nz_ird_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "au-passport",
        .kind = SP_KIND_PASSPORT,
        .shapes = "addddddd aaddddddd",
        .near = "australian passport|aus passport",
        .sure = 77,
        .source = "DFAT",
        .examples = au_passport_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_gov_south_hemisphere = {rows, sizeof rows / sizeof rows[0]};
