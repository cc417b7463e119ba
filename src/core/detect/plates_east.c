/* Number plates of China, Japan and Korea, whose signs are no ASCII. A Chinese one begins with the sign of
 * its province and stands by itself; the others, whose digits a stream may have let go before it sees the
 * sign, are looked for behind a word that names them. */
#include "detect/detect_internal.h"

#include <hs/hs.h>
#include <string.h>

enum { SIGN = 3, FILLER_MAX = 12, PLACE_MAX = 4, PLATE_MAX = 32, WORD_MAX = 24 };

/* The letters of words; @return bytes of one of `list`, whose entries have three bytes each, at `i`; 0. */
static size_t one_of(sp_window *w, size_t i, const char *list)
{
    for (; *list != '\0'; list += SIGN) {
        if (sp_goes_on(w, i, (const char[]){list[0], list[1], list[2], '\0'}, false)) return SIGN;
    }
    return 0;
}

static bool is_wide(sp_window *w, size_t i)
{
    const int c = sp_peek(w, i);
    return c >= 0xe3 && c <= 0xed && sp_peek(w, i + 1) >= 0x80 && sp_peek(w, i + 2) >= 0x80;
}

static size_t digits_end(sp_window *w, size_t i, size_t most)
{
    return sp_skip(w, i, i + most, sp_is_digit);
}

static size_t blank_end(sp_window *w, size_t i)
{
    return sp_peek(w, i) == ' ' ? i + 1 : i;
}

static bool is_plate_char(int c)
{
    return sp_is_digit(c) || (sp_is_upper(c) && c != 'I' && c != 'O');
}

/* A word for cars or plates in the CAR_REACH bytes before `i`. */
static bool is_near_car(const sp_window *w, size_t i)
{
    static const char *const words[] = {"车牌", "牌照", "车号", "号牌", "车主", "车辆", "的车",
                                        "車牌", "車號", "號牌", "車主", "車輛", "轿车", "货车"};
    enum { CAR_REACH = 32, WORD = 2 * SIGN };
    sp_charge(w, CAR_REACH);
    for (size_t k = i > CAR_REACH ? i - CAR_REACH : 0; k + WORD <= i; k++) {
        if (w->p[k] < 0xe3) continue;
        for (size_t n = 0; n < sizeof words / sizeof words[0]; n++) {
            if (memcmp(w->p + k, words[n], WORD) == 0) return true;
        }
    }
    return false;
}

/* Is a plate meant, where no dot says so? "新RTX4090显卡", "云A10000元": some signs of provinces are words
 * (new, cloud, green), which the name of a thing or a number may follow. Then it has to be all digits but
 * one, and no word goes on; behind "new" that is not enough.
 * @param from  behind the letter of the office and a separator; letters and digits end at `end`. */
static bool is_meant(sp_window *w, size_t i, size_t from, size_t end, size_t n_digits)
{
    static const char words[] = "新京云青黑贵吉藏宁甘蒙";
    if (one_of(w, i, words) == 0 || is_near_car(w, i)) return true;
    if (one_of(w, i, "新") != 0) return false;
    const size_t n = end - from, behind = n == 4 ? end + SIGN : end; /* four have a sign behind them */
    const bool goes_on =
        is_wide(w, behind) && !(sp_peek(w, behind) == 0xe3 && sp_peek(w, behind + 1) == 0x80);
    const int first = w->p[from], last = w->p[end - 1];
    const bool is_electric = first == 'D' || first == 'F' || last == 'D' || last == 'F';
    return !goes_on && (n == 6 ? n_digits == 5 && is_electric : n_digits >= 4);
}

/* GA 36-2018: the province, a letter for the office, five characters, of electric cars six; trailers, police
 * and others have a sign instead of the last. @return its end, 0. */
static size_t chinese(sp_window *w, size_t i)
{
    static const char provinces[] = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
    static const char last[] = "挂学警港澳";
    if (one_of(w, i, provinces) == 0 || !sp_is_upper(sp_peek(w, i + SIGN))) return 0;
    size_t at = i + SIGN + 1;
    if (sp_goes_on(w, at, "·", false))
        at += 2;
    else if (sp_goes_on(w, at, "・", false) || sp_goes_on(w, at, "•", false))
        at += SIGN;
    const bool has_dot = at > i + SIGN + 1;
    if (!has_dot && (sp_peek(w, at) == ' ' || sp_peek(w, at) == '-')) at++;
    const size_t end = sp_skip(w, at, at + 7, is_plate_char);
    size_t n_digits = 0;
    for (size_t k = at; k < end; k++) n_digits += sp_is_digit(w->p[k]);
    if (n_digits < 2) return 0;
    if (end - at == 4) {
        const size_t sign = one_of(w, end, last);
        return sign != 0 && (has_dot || is_meant(w, i, at, end, n_digits)) ? end + sign : 0;
    }
    if (end - at != 5 && end - at != 6) return 0;
    return has_dot || is_meant(w, i, at, end, n_digits) ? end : 0;
}

/* 道路運送車両法施行規則: the office, a class of two or three digits, a kana, up to four digits. */
static size_t japanese(sp_window *w, size_t i)
{
    size_t at = i;
    for (size_t n = 0; n < PLACE_MAX && is_wide(w, at); n++) at += SIGN;
    if (at == i) return 0;
    at = blank_end(w, at);
    const size_t class_end = sp_skip(w, at, at + 3, is_plate_char);
    if (class_end < at + 2 || !sp_is_digit(w->p[at])) return 0;
    at = blank_end(w, class_end);
    const int second = sp_peek(w, at + 1);
    if (sp_peek(w, at) != 0xe3 || (second != 0x81 && second != 0x82) || sp_peek(w, at + 2) < 0x80) return 0;
    at = blank_end(w, at + SIGN);
    while (sp_goes_on(w, at, "・", false) && at < i + PLATE_MAX) at += SIGN;
    const size_t first = digits_end(w, at, 4);
    if (first == at) return 0;
    if (first - at == 2 && sp_peek(w, first) == '-') {
        const size_t end = digits_end(w, first + 1, 3);
        return end == first + 3 ? end : 0;
    }
    return first;
}

/* 자동차관리법 시행규칙: two or three digits, a syllable, four digits; older ones begin with the city. */
static size_t korean(sp_window *w, size_t i)
{
    size_t at = i;
    for (size_t n = 0; n < 2 && is_wide(w, at); n++) at += SIGN;
    at = blank_end(w, at);
    const size_t class_end = digits_end(w, at, 3);
    const int sign = sp_peek(w, class_end);
    if (class_end < at + 2 || sign < 0xea || sign > 0xed || !is_wide(w, class_end)) return 0;
    at = blank_end(w, class_end + SIGN);
    const size_t end = digits_end(w, at, 5);
    return end == at + 4 ? end : 0;
}

static void accept(sp_window *w, sp_match *m, size_t end, uint8_t confidence)
{
    const int after = sp_peek(w, end);
    if (end == 0 || sp_is_alnum(after) || after == '_' || after == '-') return;
    m->end = end;
    m->confidence = confidence;
}

static void plate(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - SIGN;
    accept(w, m, chinese(w, m->start), 85);
}

/* ---- behind a word ---- */

static bool ends_with(const sp_window *w, size_t end, const char *word)
{
    const size_t n = strlen(word);
    return end >= n && memcmp(w->p + end - n, word, n) == 0;
}

static size_t filler_end(sp_window *w, size_t i)
{
    static const char wide[] = "：是は는은";
    const size_t most = i + FILLER_MAX;
    while (i < most) {
        const int c = sp_peek(w, i);
        const size_t n = c >= 0x80 ? one_of(w, i, wide) : 0;
        if (n == 0 && (c < 0 || strchr(" :=|\"'\t>", c) == NULL || c == 0)) break;
        i += n > 0 ? n : 1;
    }
    return i;
}

static void named_plate(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const words[] = {"차량번호", "차량 번호", "번호판", "차번호",      "자동차번호",
                                        "車両番号", "登録番号",  "車番",   "ナンバー",    "ナンバープレート",
                                        "车牌",     "车牌号",    "号牌",   "车牌号码",    "車牌",
                                        "牌照",     "車牌號碼",  "車號",   "車のナンバー"};
    size_t k = 0;
    m->start = head_end;
    while (k < sizeof words / sizeof words[0] && !ends_with(w, head_end, words[k])) k++;
    if (k == sizeof words / sizeof words[0]) return;
    m->start = filler_end(w, head_end);
    size_t end = korean(w, m->start);
    if (end == 0) end = japanese(w, m->start);
    if (end == 0) end = chinese(w, m->start);
    accept(w, m, end, 85);
}

/* ---- rows ---- */

static const sp_example plate_examples[] = {
    "他的车是[京A12345]。",
    "[粤B·D12345]",
    "车主 [沪C 8K2M3], 2020",
    "[川A1234挂]",
    "新A座12345",
    "京ABCDEF",
    "川A1234",
    "[京A12345], 2020",
    "车主 [新A12345]",
    "新车 [新A·12345]",
    "新RTX4090显卡",
    "新GTX1080",
    "新USB32GB设备",
    "新GPT4567",
    "新A10000元",
    "云A10000元",
    "青RTX4090",
    "云A123456789",
    "吉 A12345",
    NULL,
};
static const sp_example named_examples[] = {
    "차량번호: [12가 3456]",
    "번호판은 [서울 34나 1234]",
    "차량 번호 [123다4567].",
    "ナンバー: [品川 330 あ 12-34]",
    "車両番号：[横浜500さ1234]",
    "车牌号：[京A12345]",
    "車のナンバーは[練馬 58 に ・・12]",
    "차량번호: 12 3456",
    "번호판 없음",
    "101호 1234",
    "電話番号：品川 330 あ 12-34",
    "ナンバーワン 100",
    "차량번호: 12가 34567",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "plate-china",
        .kind = SP_KIND_LICENSE_PLATE,
        .head = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]",
        .flags = HS_FLAG_UTF8,
        .validate = plate,
        .head_max = SIGN,
        .longest = 16,
        .least = 60,
        .source = "GA 36-2018",
        .examples = plate_examples,
    },
    {
        .name = "plate-east",
        .kind = SP_KIND_LICENSE_PLATE,
        .head = "[호판号番ートー牌照码碼號]",
        .flags = HS_FLAG_UTF8,
        .validate = named_plate,
        .head_max = SIGN,
        .longest = PLATE_MAX + SIGN,
        .least = 60,
        .source = "자동차관리법 시행규칙; 道路運送車両法施行規則; GA 36-2018",
        .examples = named_examples,
    },
};

const sp_family sp_family_plates_east = {rows, sizeof rows / sizeof rows[0]};
