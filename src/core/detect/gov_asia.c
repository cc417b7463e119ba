/* National numbers of persons: Asia. */
#include "detect/check.h"

#include <string.h>

static bool is_aadhaar(const uint8_t *c, size_t n)
{
    if (n != 12 || c[0] < '2' || sp_is_uniform(c, n)) return false;
    return sp_verhoeff(c, n);
}

static bool is_in_pan(const uint8_t *c, size_t n)
{
    return n == 10 && strchr("ABCFGHJLPTKE", c[3]) != NULL && sp_digits(c, 5, 4) != 0;
}

static bool is_in_voter(const uint8_t *c, size_t n)
{
    return n == 10 && sp_luhn(c + 3, 7);
}

static bool is_pk_cnic(const uint8_t *c, size_t n)
{
    return n == 13 && c[0] >= '1' && c[0] <= '8' && c[12] != '0';
}

/* Year, day of the year (500 more for women), serial. */
static bool is_lk_nic(const uint8_t *c, size_t n)
{
    unsigned day = n == 10 ? sp_digits(c, 2, 3) : sp_digits(c, 4, 3);
    if (day > 500) day -= 500;
    if (n == 12 && (sp_digits(c, 0, 4) < 1900 || sp_digits(c, 0, 4) > 2030)) return false;
    return day >= 1 && day <= 366;
}

static bool is_cn_id(const uint8_t *c, size_t n)
{
    static const char check[] = "10X98765432";
    static const uint8_t weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    const unsigned year = sp_digits(c, 6, 4);
    if (n != 18 || year < 1900 || year > 2035 || !sp_is_day(year, sp_digits(c, 10, 2), sp_digits(c, 12, 2)))
        return false;
    for (size_t i = 0; i < 17; i++) sum += weights[i] * sp_digit(c, i);
    return c[0] >= '1' && c[0] <= '9' && c[17] == (uint8_t)check[sum % 11];
}

/* One or two letters; a blank stands before a single one and counts 36. */
static bool is_hk_id(const uint8_t *c, size_t n)
{
    unsigned sum = n == 8 ? 36 * 9 : sp_alnum_value(c[0]) * 9;
    const uint8_t *rest = c + (n == 8 ? 0 : 1);
    for (size_t i = 0; i < 7; i++) sum += sp_alnum_value(rest[i]) * (unsigned)(8 - i);
    const unsigned check = (11 - sum % 11) % 11;
    return rest[7] == (check == 10 ? 'A' : (uint8_t)('0' + check));
}

static bool is_tw_id(const uint8_t *c, size_t n)
{
    static const char order[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO"; /* A = 10 */
    const char *at = n == 10 ? strchr(order, c[0]) : NULL;
    if (at == NULL || (c[1] != '1' && c[1] != '2' && c[1] != '8' && c[1] != '9')) return false;
    const unsigned first = (unsigned)(at - order) + 10;
    return (first / 10 + first % 10 * 9 + sp_weighted(c + 1, "876543211", 100000)) % 10 == 0;
}

static bool is_jp_my_number(const uint8_t *c, size_t n)
{
    const unsigned rest = sp_weighted(c, "65432765432", 11);
    return n == 12 && !sp_is_uniform(c, n) && (rest < 2 ? 0 : 11 - rest) == sp_digit(c, 11);
}

/* Numbers given out from October 2020 on have no check digit. */
static bool is_kr_number(const uint8_t *c, size_t n, const char *sex)
{
    return n == 13 && strchr(sex, c[6]) != NULL && sp_is_yymmdd(c, 0);
}

static bool is_kr_rrn(const uint8_t *c, size_t n)
{
    return is_kr_number(c, n, "012349");
}

static bool is_kr_rrn_checked(const uint8_t *c, size_t n)
{
    return is_kr_rrn(c, n) && (11 - sp_weighted(c, "234567892345", 11)) % 10 == sp_digit(c, 12);
}

static bool is_kr_frn(const uint8_t *c, size_t n)
{
    return is_kr_number(c, n, "5678");
}

static bool is_sg_nric(const uint8_t *c, size_t n)
{
    unsigned sum = sp_weighted(c + 1, "2765432", 100000);
    if (n != 9 || strchr("STFGM", c[0]) == NULL) return false;
    sum += c[0] == 'T' || c[0] == 'G' ? 4 : c[0] == 'M' ? 3 : 0;
    if (c[0] == 'S' || c[0] == 'T') return c[8] == (uint8_t) "JZIHGFEDCBA"[sum % 11];
    if (c[0] == 'M') return c[8] == (uint8_t) "KLJNPQRTUWX"[10 - sum % 11];
    return c[8] == (uint8_t) "XWUTRQPNMLK"[sum % 11];
}

static bool is_my_nric(const uint8_t *c, size_t n)
{
    const unsigned place = sp_digits(c, 6, 2);
    const bool is_place = (place >= 1 && place <= 16) || (place >= 21 && place <= 68) || place == 71 ||
                          place == 72 || place == 74 || (place >= 75 && place <= 93) || place == 98 ||
                          place == 99 || place == 82;
    return n == 12 && is_place && sp_is_yymmdd(c, 0);
}

static bool is_th_id(const uint8_t *c, size_t n)
{
    return n == 13 && c[0] >= '1' && c[0] <= '8' &&
           (11 - sp_weighted(c, "DCBA98765432", 11)) % 10 == sp_digit(c, 12);
}

/* Region, day of birth (40 more for women), serial. */
static bool is_id_nik(const uint8_t *c, size_t n)
{
    const unsigned day = sp_digits(c, 6, 2) % 40, province = sp_digits(c, 0, 2);
    return n == 16 && province >= 11 && province <= 96 && sp_is_day(0, sp_digits(c, 8, 2), day);
}

static bool is_id_npwp(const uint8_t *c, size_t n)
{
    return n == 15 && sp_luhn(c, 9);
}

static bool is_il_id(const uint8_t *c, size_t n)
{
    return n == 9 && !sp_is_uniform(c, n) && sp_luhn(c, n);
}

static bool is_ir_id(const uint8_t *c, size_t n)
{
    const unsigned rest = sp_weighted(c, "A98765432", 11);
    return n == 10 && !sp_is_uniform(c, n) && (rest < 2 ? rest : 11 - rest) == sp_digit(c, 9);
}

static bool is_emirates(const uint8_t *c, size_t n)
{
    const unsigned year = sp_digits(c, 3, 4);
    return n == 15 && year >= 1900 && year <= 2035 && sp_luhn(c, n);
}

static bool is_sa_id(const uint8_t *c, size_t n)
{
    return n == 10 && (c[0] == '1' || c[0] == '2') && sp_luhn(c, n);
}

/* ---- rows ---- */

static const sp_example in_aadhaar_examples[] = {
    "aadhaar: [9829 1047 9534]",
    "| aadhar | [5536 4403 1962] |",
    "{\"aadhaar\":\"[6263 7818 2354]\"}",
    "We received [2234 0446 7935] (aadhaar) by fax.",
    "aadhaar=[7854 9884 1874]; state=open",
    "aadhaar: 9829 1047 9535",
    "aadhaar 5536 4403 1967",
    "aadhaar: 79829 1047 95344",
    "aadhaar x9829 1047 9534y",
    "aadhaar: 9829 1047 9534-9829 1047 9534",
    "sha aadhaar 3f9829104795349ab",
    NULL,
};

static const sp_example in_pan_examples[] = {
    "pan: [PLBPS0620T]",
    "| pan number | [RGHPB6958L] |",
    "{\"pan\":\"[YDQPD6831W]\"}",
    "We received [YXPPL4307S] (pan) by fax.",
    "pan=[EOKPF9485I]; state=open",
    "pan: ABCXD1234F",
    "pan ABCPD0000F",
    "pan: 7PLBPS0620T4",
    "pan xPLBPS0620Ty",
    "pan: PLBPS0620T-PLBPS0620T",
    "sha pan 3fPLBPS0620T9ab",
    NULL,
};

static const sp_example in_voter_examples[] = {
    "voter: [MZX7175151]",
    "| voter id | [ZUW7460868] |",
    "{\"voter\":\"[PMB1423979]\"}",
    "We received [PUC4808317] (voter) by fax.",
    "voter=[FME9526005]; state=open",
    "voter: MZX7175152",
    "voter ZUW7460863",
    "voter: 7MZX71751514",
    "voter xMZX7175151y",
    "voter: MZX7175151-MZX7175151",
    "sha voter 3fMZX71751519ab",
    "build MZX7175151 finished",
    NULL,
};

static const sp_example in_passport_examples[] = {
    "indian passport: [J8369854]",
    "| india passport | [Z2345671] |",
    "{\"indian passport\":\"[M7712094]\"}",
    "We received [N4410385] (indian passport) by fax.",
    "indian passport=[P6627183]; state=open",
    "indian passport: 7J83698544",
    "indian passport xJ8369854y",
    "indian passport: J8369854-J8369854",
    "sha indian passport 3fJ83698549ab",
    "build J8369854 finished",
    NULL,
};

static const sp_example pk_cnic_examples[] = {
    "cnic: [35201-8977339-8]",
    "| nicop | [35201-3769301-7] |",
    "{\"cnic\":\"[35201-9553992-8]\"}",
    "We received [35201-9003749-7] (cnic) by fax.",
    "cnic=[35201-8839902-1]; state=open",
    "cnic: 95201-8369390-6",
    "cnic: 735201-8977339-84",
    "cnic x35201-8977339-8y",
    "cnic: 35201-8977339-8-35201-8977339-8",
    "sha cnic 3f35201-8977339-89ab",
    NULL,
};

static const sp_example lk_nic_examples[] = {
    "nic: [821340987V]",
    "| national identity card | [855420159V] |",
    "{\"nic\":\"[198213409876]\"}",
    "We received [911042754V] (nic) by fax.",
    "nic=[200029301254]; state=open",
    "nic: 829990987V",
    "nic 820000987V",
    "nic: 7821340987V4",
    "nic x821340987Vy",
    "nic: 821340987V-821340987V",
    "sha nic 3f821340987V9ab",
    NULL,
};

static const sp_example cn_resident_id_examples[] = {
    "身份证: [110105195707198205]",
    "| 身份证号 | [110105198202143528] |",
    "{\"身份证\":\"[110105199701127930]\"}",
    "We received [110105199712217595] (身份证) by fax.",
    "身份证=[110105198807121065]; state=open",
    "身份证: 110105195707198206",
    "身份证 110105198202143523",
    "身份证: 71101051957071982054",
    "身份证 x110105195707198205y",
    "身份证: 110105195707198205-110105195707198205",
    "sha 身份证 3f1101051957071982059ab",
    NULL,
};

static const sp_example hk_id_examples[] = {
    "hkid: [G123456A]",
    "| hong kong id | [A1234563] |",
    "{\"hkid\":\"[C1235573]\"}",
    "We received [AY9876546] (hkid) by fax.",
    "hkid=[K3456781]; state=open",
    "hkid: G123457A",
    "hkid A1234568",
    "hkid: 7G123456A4",
    "hkid xG123456Ay",
    "hkid: G123456A-G123456A",
    "sha hkid 3fG123456A9ab",
    "build G123456A finished",
    NULL,
};

static const sp_example tw_id_examples[] = {
    "身分證: [A123456789]",
    "| 身分證字號 | [B120863158] |",
    "{\"身分證\":\"[F131232216]\"}",
    "We received [L140996503] (身分證) by fax.",
    "身分證=[T226816703]; state=open",
    "身分證: A123456780",
    "身分證 B120863153",
    "身分證: 7A1234567894",
    "身分證 xA123456789y",
    "身分證: A123456789-A123456789",
    "sha 身分證 3fA1234567899ab",
    NULL,
};

static const sp_example jp_my_number_examples[] = {
    "マイナンバー: [0656 4533 5184]",
    "| 個人番号 | [9592 5753 9739] |",
    "{\"マイナンバー\":\"[7949 8523 0486]\"}",
    "We received [7785 9063 3640] (マイナンバー) by fax.",
    "マイナンバー=[6734 6027 0426]; state=open",
    "マイナンバー: 0656 4533 5185",
    "マイナンバー 9592 5753 9734",
    "マイナンバー: 70656 4533 51844",
    "マイナンバー x0656 4533 5184y",
    "マイナンバー: 0656 4533 5184-0656 4533 5184",
    "sha マイナンバー 3f0656453351849ab",
    "build 0656 4533 5184 finished",
    NULL,
};

static const sp_example kr_rrn_examples[] = {
    "주민등록번호: [891024-1414126]",
    "| 주민번호 | [800506-1220263] |",
    "{\"주민등록번호\":\"[800915-1105800]\"}",
    "We received [841019-1152911] (주민등록번호) by fax.",
    "주민등록번호=[860727-1148500]; state=open",
    "build 710210-1582087",
    "주민등록번호: 711310-1582086",
    "주민등록번호 710210-9",
    "주민등록번호: 7891024-14141264",
    "주민등록번호 x891024-1414126y",
    "주민등록번호: 891024-1414126-891024-1414126",
    "sha 주민등록번호 3f891024-14141269ab",
    NULL,
};

static const sp_example kr_rrn_unchecked_examples[] = {
    "주민등록번호: [710210-1582087]",
    "| 주민번호 | [201105-3123456] |",
    "{\"주민등록번호\":\"[880101-1234561]\"}",
    "We received [210930-4001123] (주민등록번호) by fax.",
    "주민등록번호=[9905052345672]; state=open",
    "주민등록번호: 711310-1582087",
    "주민등록번호: 7710210-15820874",
    "주민등록번호 x710210-1582087y",
    "주민등록번호: 710210-1582087-710210-1582087",
    "sha 주민등록번호 3f710210-15820879ab",
    "build 710210-1582087 finished",
    NULL,
};

static const sp_example kr_frn_examples[] = {
    "외국인등록번호: [850101-5123451]",
    "| 외국인 등록번호 | [920713-6204418] |",
    "{\"외국인등록번호\":\"[771120-7300919]\"}",
    "We received [010305-8104562] (외국인등록번호) by fax.",
    "외국인등록번호=[881231-5400021]; state=open",
    "외국인등록번호: 851301-5123451",
    "외국인등록번호: 7850101-51234514",
    "외국인등록번호 x850101-5123451y",
    "외국인등록번호: 850101-5123451-850101-5123451",
    "sha 외국인등록번호 3f850101-51234519ab",
    NULL,
};

static const sp_example kr_passport_examples[] = {
    "여권: [M12345678]",
    "| 여권번호 | [M70689098] |",
    "{\"여권\":\"[M123A4567]\"}",
    "We received [S28374651] (여권) by fax.",
    "여권=[M55102938]; state=open",
    "여권: 7M123456784",
    "여권 xM12345678y",
    "여권: M12345678-M12345678",
    "sha 여권 3fM123456789ab",
    "build M12345678 finished",
    NULL,
};

static const sp_example kr_driver_license_examples[] = {
    "운전면허: [11-21-123456-12]",
    "| 운전면허번호 | [13-05-741852-09] |",
    "{\"운전면허\":\"[26-18-330417-62]\"}",
    "We received [28-99-018273-41] (운전면허) by fax.",
    "운전면허=[112112345612]; state=open",
    "운전면허: 711-21-123456-124",
    "운전면허 x11-21-123456-12y",
    "운전면허: 11-21-123456-12-11-21-123456-12",
    "sha 운전면허 3f11-21-123456-129ab",
    "운전면허: 11-21-12345-12",
    NULL,
};

static const sp_example sg_nric_examples[] = {
    "nric: [S1234567D]",
    "| fin | [T0123456G] |",
    "{\"nric\":\"[F7654321Q]\"}",
    "We received [G0123456R] (nric) by fax.",
    "nric=[S8765432Z]; state=open",
    "nric: S1234568D",
    "nric T0123451G",
    "nric: 7S1234567D4",
    "nric xS1234567Dy",
    "nric: S1234567D-S1234567D",
    "sha nric 3fS1234567D9ab",
    NULL,
};

static const sp_example my_nric_examples[] = {
    "mykad: [650722-14-2576]",
    "| nric | [990612-14-0346] |",
    "{\"mykad\":\"[630717-14-8357]\"}",
    "We received [840516-14-8549] (mykad) by fax.",
    "mykad=[831121-14-5561]; state=open",
    "mykad: 831312-14-0074",
    "mykad 830912-00-0074",
    "mykad: 7650722-14-25764",
    "mykad x650722-14-2576y",
    "mykad: 650722-14-2576-650722-14-2576",
    "sha mykad 3f650722-14-25769ab",
    NULL,
};

static const sp_example th_id_examples[] = {
    "เลขประจำตัวประชาชน: [1-3715-73185-41-3]",
    "| บัตรประชาชน | [8-5570-97697-94-7] |",
    "{\"เลขประจำตัวประชาชน\":\"[3-0072-47252-85-0]\"}",
    "We received [1-2486-12268-79-2] (เลขประจำตัวประชาชน) by fax.",
    "เลขประจำตัวประชาชน=[1-2583-21580-21-8]; state=open",
    "เลขประจำตัวประชาชน: 1-3715-73185-41-4",
    "เลขประจำตัวประชาชน 8-5570-97697-94-2",
    "เลขประจำตัวประชาชน: 71-3715-73185-41-34",
    "เลขประจำตัวประชาชน x1-3715-73185-41-3y",
    "เลขประจำตัวประชาชน: 1-3715-73185-41-3-1-3715-73185-41-3",
    "sha เลขประจำตัวประชาชน 3f1-3715-73185-41-39ab",
    NULL,
};

static const sp_example ph_tin_examples[] = {
    "tin: [123-456-789-000]",
    "| tax identification number | [204-118-552-000] |",
    "{\"tin\":\"[318-402-771-001]\"}",
    "We received [471-220-938-000] (tin) by fax.",
    "tin=[109-884-215-00000]; state=open",
    "tin: 7123-456-789-0004",
    "tin x123-456-789-000y",
    "tin: 123-456-789-000-123-456-789-000",
    "sha tin 3f123-456-789-0009ab",
    "build 123-456-789-000 finished",
    NULL,
};

static const sp_example id_nik_examples[] = {
    "nik: [3273050406646427]",
    "| nomor induk kependudukan | [3273052508871515] |",
    "{\"nik\":\"[3273051711807706]\"}",
    "We received [3273050904947283] (nik) by fax.",
    "nik=[3273051003801134]; state=open",
    "nik: 0173050401574121",
    "nik 3273050413574121",
    "nik: 732730504066464274",
    "nik x3273050406646427y",
    "nik: 3273050406646427-3273050406646427",
    "sha nik 3f32730504066464279ab",
    "build 3273050406646427 finished",
    NULL,
};

static const sp_example id_npwp_examples[] = {
    "npwp: [88.867.039.5-372.000]",
    "| nomor pokok wajib pajak | [25.357.098.0-683.000] |",
    "{\"npwp\":\"[54.845.840.5-066.000]\"}",
    "We received [32.385.598.1-011.000] (npwp) by fax.",
    "npwp=[80.531.470.5-254.000]; state=open",
    "npwp: 01.855.081.3-412.000",
    "npwp: 788.867.039.5-372.0004",
    "npwp x88.867.039.5-372.000y",
    "npwp: 88.867.039.5-372.000-88.867.039.5-372.000",
    "sha npwp 3f88.867.039.5-372.0009ab",
    NULL,
};

static const sp_example vn_id_examples[] = {
    "cccd: [001095012345]",
    "| căn cước công dân | [079203004178] |",
    "{\"cccd\":\"[036188009912]\"}",
    "We received [025812347] (cccd) by fax.",
    "cccd=[048301774520]; state=open",
    "cccd: 70010950123454",
    "cccd x001095012345y",
    "cccd: 001095012345-001095012345",
    "sha cccd 3f0010950123459ab",
    "build 001095012345 finished",
    NULL,
};

static const sp_example il_id_examples[] = {
    "תעודת זהות: [618150023]",
    "| מספר זהות | [259460459] |",
    "{\"תעודת זהות\":\"[160675989]\"}",
    "We received [688841584] (תעודת זהות) by fax.",
    "תעודת זהות=[254799182]; state=open",
    "תעודת זהות: 618150024",
    "תעודת זהות 259460454",
    "תעודת זהות: 76181500234",
    "תעודת זהות x618150023y",
    "תעודת זהות: 618150023-618150023",
    "sha תעודת זהות 3f6181500239ab",
    "build 618150023 finished",
    NULL,
};

static const sp_example ir_id_examples[] = {
    "کد ملی: [0499370899]",
    "| کدملی | [0067749828] |",
    "{\"کد ملی\":\"[0790419904]\"}",
    "We received [0013542419] (کد ملی) by fax.",
    "کد ملی=[0084575948]; state=open",
    "کد ملی: 0499370890",
    "کد ملی 0067749823",
    "کد ملی: 704993708994",
    "کد ملی x0499370899y",
    "کد ملی: 0499370899-0499370899",
    "sha کد ملی 3f04993708999ab",
    NULL,
};

static const sp_example ae_emirates_id_examples[] = {
    "emirates id: [784-1984-1234563-3]",
    "| eid | [784-1990-4567890-3] |",
    "{\"emirates id\":\"[784198765432103]\"}",
    "We received [784-2001-8812345-7] (emirates id) by fax.",
    "emirates id=[784-1975-3344556-1]; state=open",
    "emirates id: 784-1984-1234563-4",
    "emirates id 784-1990-4567890-8",
    "emirates id: 7784-1984-1234563-34",
    "emirates id x784-1984-1234563-3y",
    "emirates id: 784-1984-1234563-3-784-1984-1234563-3",
    "sha emirates id 3f784-1984-1234563-39ab",
    NULL,
};

static const sp_example sa_id_examples[] = {
    "رقم الهوية: [1000000008]",
    "| هوية | [2000000006] |",
    "{\"رقم الهوية\":\"[1063851909]\"}",
    "We received [2345678904] (رقم الهوية) by fax.",
    "رقم الهوية=[1098765439]; state=open",
    "رقم الهوية: 1000000009",
    "رقم الهوية 2000000001",
    "رقم الهوية: 710000000084",
    "رقم الهوية x1000000008y",
    "رقم الهوية: 1000000008-1000000008",
    "sha رقم الهوية 3f10000000089ab",
    "build 1000000008 finished",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "in-aadhaar",
        .kind = SP_KIND_IN_AADHAAR,
        .shapes = "dddd~dddd~dddd=72 dddddddddddd",
        .check = is_aadhaar,
        .near = "aadhaar|aadhar|uidai|aadhaar number|aadhaar no|adhaar|आधार|आधार संख्या|uid number|aadhaar "
                "card|vid",
        .source = "UIDAI; Verhoeff",
        .examples = in_aadhaar_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "in-pan",
        .kind = SP_KIND_IN_PAN,
        .shapes = "aaaaadddda=80",
        .check = is_in_pan,
        .near = "pan|pan number|pan card|pan no|permanent account number|"
                "permanent account|पैन|income tax pan",
        .source = "Income Tax Department; fourth letter",
        .examples = in_pan_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "in-voter",
        .kind = SP_KIND_IN_VOTER,
        .shapes = "aaaddddddd",
        .check = is_in_voter,
        .near = "voter|voter id|epic|epic no|epic number|voter card|election card|electors photo "
                "identity|voter identity|मतदाता",
        .source = "ECI; Luhn",
        .examples = in_voter_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "in-passport",
        .kind = SP_KIND_IN_PASSPORT,
        .shapes = "addddddd",
        .near = "indian passport|india passport|passport india|passport seva|पासपोर्ट",
        .sure = 75,
        .source = "MEA",
        .examples = in_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "pk-cnic",
        .kind = SP_KIND_PK_CNIC,
        .shapes = "ddddd-ddddddd-d=82 ddddddddddddd",
        .check = is_pk_cnic,
        .near = "cnic|nicop|national identity card|شناختی کارڈ|nadra|cnic number|nic",
        .source = "NADRA; province and sex digits",
        .examples = pk_cnic_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "lk-nic",
        .kind = SP_KIND_LK_NIC,
        .shapes = "dddddddddV=72 dddddddddX=72 dddddddddddd",
        .check = is_lk_nic,
        .near = "nic|national identity card|nic number|sri lankan nic|nic no|sri lanka",
        .source = "DRP; day of the year",
        .examples = lk_nic_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "cn-resident-id",
        .kind = SP_KIND_CN_RESIDENT_ID,
        .shapes = "dddddddddddddddddx=90",
        .check = is_cn_id,
        .near = "身份证|身份证号|身份证号码|公民身份号码|居民身份证|身份證|shenfenzheng|resident "
                "identity|resident id|chinese id|id card",
        .source = "GB 11643; MOD 11-2",
        .examples = cn_resident_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "hk-id",
        .kind = SP_KIND_HK_ID,
        .shapes = "addddddx aaddddddx",
        .check = is_hk_id,
        .near = "hkid|hong kong id|hong kong identity|身份證|身份證號碼|香港身份證|hkid no|hong kong "
                "identity card",
        .source = "ImmD; modulus 11",
        .examples = hk_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "tw-id",
        .kind = SP_KIND_TW_ID,
        .shapes = "adddddddddd adddddddddd addddddddd=72",
        .check = is_tw_id,
        .near =
            "身分證|身分證字號|身份證字號|統一編號|taiwan id|國民身分證|national id taiwan|identity number",
        .source = "MOI; weights 1 9 8 …",
        .examples = tw_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "jp-my-number",
        .kind = SP_KIND_JP_MY_NUMBER,
        .shapes = "dddd~dddd~dddd dddddddddddd",
        .check = is_jp_my_number,
        .near =
            "マイナンバー|個人番号|~my number|~mynumber|個人番号カード|マイナンバーカード|individual number",
        .source = "番号法; modulus 11",
        .examples = jp_my_number_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-rrn",
        .kind = SP_KIND_KR_RRN,
        .shapes = "dddddd-ddddddd=85 ddddddddddddd",
        .check = is_kr_rrn_checked,
        .near = "주민등록번호|주민번호|주민등록|rrn|resident registration|resident registration number|jumin",
        .source = "행정안전부; weights 2 to 9, 2 to 5",
        .examples = kr_rrn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-rrn-unchecked",
        .kind = SP_KIND_KR_RRN,
        .shapes = "dddddd-ddddddd ddddddddddddd",
        .check = is_kr_rrn,
        .near = "주민등록번호|주민번호|주민등록|rrn|resident registration|resident registration number|jumin",
        .sure = 85,
        .source = "행정안전부: from October 2020 on without check digit",
        .examples = kr_rrn_unchecked_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-frn",
        .kind = SP_KIND_KR_FRN,
        .shapes = "dddddd-ddddddd=84 ddddddddddddd",
        .check = is_kr_frn,
        .near = "외국인등록번호|외국인 등록번호|외국인등록|foreign registration|alien registration|alien "
                "registration number|arc",
        .source = "출입국; weights as of residents",
        .examples = kr_frn_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-passport",
        .kind = SP_KIND_KR_PASSPORT,
        .shapes = "adddddddd adddadddd",
        .near = "여권|여권번호|여권 번호|korean passport",
        .sure = 77,
        .source = "여권법",
        .examples = kr_passport_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "kr-driver-license",
        .kind = SP_KIND_KR_DRIVER_LICENSE,
        .shapes = "dd-dd-dddddd-dd=75 dddddddddddd",
        .near = "운전면허|운전면허번호|면허번호|면허증|driver license korea",
        .sure = 82,
        .source = "도로교통법",
        .examples = kr_driver_license_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sg-nric",
        .kind = SP_KIND_SG_NRIC,
        .shapes = "addddddda=82",
        .check = is_sg_nric,
        .near = "nric|fin|nric fin|ic number|fin number|identification number|identity card|singapore ic",
        .source = "ICA; weights 2 7 6 5 4 3 2",
        .examples = sg_nric_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "my-nric",
        .kind = SP_KIND_MY_NRIC,
        .shapes = "dddddd-dd-dddd=85 dddddddddddd",
        .check = is_my_nric,
        .near = "mykad|nric|kad pengenalan|no kad pengenalan|ic number|ic no|malaysian ic|no kp|k p",
        .source = "JPN; date and place of birth",
        .examples = my_nric_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "th-id",
        .kind = SP_KIND_TH_ID,
        .shapes = "d-dddd-ddddd-dd-d=92 ddddddddddddd d_dddd_ddddd_dd_d=90",
        .check = is_th_id,
        .near = "เลขประจำตัวประชาชน|บัตรประชาชน|เลขบัตรประชาชน|เลขที่บัตร|"
                "thai id|national id|citizen id|เลขประจำตัว",
        .source = "DOPA; modulus 11",
        .examples = th_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ph-tin",
        .kind = SP_KIND_PH_TIN,
        .shapes = "ddd-ddd-ddd-ddd ddd-ddd-ddd ddd-ddd-ddd-ddddd dddddddddddd",
        .near = "tin|tax identification number|bir tin|taxpayer identification number|tin no",
        .sure = 74,
        .source = "BIR",
        .examples = ph_tin_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "id-nik",
        .kind = SP_KIND_ID_NIK,
        .shapes = "dddddddddddddddd",
        .check = is_id_nik,
        .near = "nik|nomor induk kependudukan|ktp|no ktp|nomor ktp|e ktp|kartu tanda penduduk|nomor induk",
        .source = "Dukcapil; region and date",
        .examples = id_nik_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "id-npwp",
        .kind = SP_KIND_TAX_ID,
        .shapes = "dd.ddd.ddd.d-ddd.ddd=90 ddddddddddddddd",
        .check = is_id_npwp,
        .near = "npwp|nomor pokok wajib pajak|no npwp|wajib pajak",
        .source = "DJP; Luhn",
        .examples = id_npwp_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "vn-id",
        .kind = SP_KIND_VN_ID,
        .shapes = "dddddddddddd ddddddddd",
        .near =
            "cccd|căn cước công dân|căn cước|cmnd|chứng minh nhân dân|số cccd|so cmnd|số căn cước|so cccd",
        .sure = 78,
        .source = "TT 59/2021",
        .examples = vn_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "il-id",
        .kind = SP_KIND_IL_ID,
        .shapes = "ddddddddd dddddddd-d ddddddd-d",
        .check = is_il_id,
        .near = "תעודת זהות|מספר זהות|ת ז|תז|מספר תעודת זהות|teudat zehut|israeli id|id number "
                "israel|zehut|מס זהות",
        .source = "משרד הפנים; Luhn",
        .examples = il_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ir-id",
        .kind = SP_KIND_IR_ID,
        .shapes = "dddddddddd ddd-dddddd-d=66",
        .check = is_ir_id,
        .near = "کد ملی|کدملی|شماره ملی|code melli|melli code|kode melli|iranian national id|national code",
        .source = "ثبت احوال; modulus 11",
        .examples = ir_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "ae-emirates-id",
        .kind = SP_KIND_AE_EMIRATES_ID,
        .shapes = "784-dddd-ddddddd-d=92 784dddddddddddd=72",
        .check = is_emirates,
        .near = "emirates id|eid|الهوية|رقم الهوية|هوية|emirates identity|الهوية الإماراتية",
        .source = "ICP; Luhn",
        .examples = ae_emirates_id_examples,
        SP_NUMBER_ROW,
    },
    {
        .name = "sa-id",
        .kind = SP_KIND_SA_ID,
        .shapes = "dddddddddd",
        .check = is_sa_id,
        .near = "رقم الهوية|هوية|الهوية الوطنية|iqama|إقامة|رقم الإقامة|saudi id|national id|iqama "
                "number|السجل المدني",
        .source = "MOI; Luhn",
        .examples = sa_id_examples,
        SP_NUMBER_ROW,
    },
};

const sp_family sp_family_gov_asia = {rows, sizeof rows / sizeof rows[0]};
