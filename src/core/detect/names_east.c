/* Names in Chinese, Japanese and Korean writing: family names are few and come first, organisations and
 * addresses are put together from words that say what they are. */
#include "detect/names_words.h"

#include <string.h>

/* Family names in Chinese characters: China's commonest, Japan's, Korea's. */
static const char chinese[] = "王|李|张|刘|陈|杨|黄|赵|吴|周|徐|孙|马|朱|胡|郭|何|高|林|罗|郑|梁|谢|宋|唐|许|"
                              "韩|冯|邓|曹|彭|曾|肖|田|董|袁|潘|于|蒋|蔡|余|"
                              "杜|叶|程|苏|魏|吕|丁|任|沈|姚|卢|姜|崔|钟|谭|陆|汪|范|金|石|廖|贾|夏|韦|付|方|"
                              "白|邹|孟|熊|秦|邱|江|尹|薛|闫|段|雷|侯|龙|史|"
                              "陶|黎|贺|顾|毛|郝|龚|邵|万|钱|严|覃|武|戴|莫|孔|向|汤|張|劉|陳|楊|黃|趙|吳|孫|"
                              "馬|羅|鄭|謝|許|韓|馮|鄧|蕭|葉|蘇|盧|鍾|欧阳|司马|上官";
static const char japanese[] = "佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|山本|中村|小林|加藤|吉田|山田|佐々木|山口|"
                               "松本|井上|木村|林|斎藤|斉藤|清水|山崎|森|池田|橋本|阿部|石川|"
                               "山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|"
                               "太田|西村|藤井|金子|岡本|藤原|三浦|中野|中川|原田|松田|竹内|"
                               "小野|田村|中山|和田|石田|森田|上田|原|内田|柴田|酒井|宮崎|横山|高木|安藤|"
                               "宮本|大野|小島|谷口|工藤|今井|高田|丸山|増田|杉山|村田|大塚|"
                               "小山|藤本|平野|新井|河野|上野|野口|武田|松井|千葉|菅原|岩崎|久保|木下|佐野|"
                               "野村|松尾|菊地|市川|杉本|古川|大西|島田|水野|桜井|渡部|吉川|山内";
static const char korean[] = "김|이|박|최|정|강|조|윤|장|임|한|오|서|신|권|황|안|송|류|전|홍|고|문|양|손|배|"
                             "백|허|유|남|심|노|하|곽|성|차|주|우|구|민|진|나|지|엄|"
                             "채|원|천|방|공|현|함|변|염|여|추|도|소|석|선|설|마|길|연|위|표|명|기|반|왕|금|"
                             "옥|육|인|맹|제|모|남궁|황보|제갈|선우";
static const char org_ends[] = "公司|集团|集團|银行|銀行|大学|大學|医院|醫院|研究所|研究院|协会|学校|中学|"
                               "法院|公安局|病院|財団|組合|商事|会社|회사|은행|대학교|병원|그룹|전자|재단|"
                               "협회|공사|연구소";
static const char org_starts[] = "株式会社|有限会社|合同会社|合資会社|一般社団法人|주식회사|유한회사";
static const char address_marks[] =
    "省|市|区|區|县|縣|镇|乡|村|路|街|道|号|號|楼|栋|室|座|弄|巷|都|府|県|郡|町|丁目|番地|番|号室";
static const char place_ends[] = "市|区|县|省|都|府|県|町|村|縣|區|州|镇|국|시|군|구|도|읍|면|동";
static const char hangul_marks[] = "시|도|구|군|읍|면|동|로|길|리|거리|가|번지|층|호";

static sp_bytes text_of(const sp_line *line, size_t i)
{
    return (sp_bytes){line->p + line->t[i].start, line->t[i].end - line->t[i].start};
}

/* Bytes of the longest entry that `text` begins (or ends) with; 0: none. */
static size_t longest(sp_bytes text, const char *list, bool at_end)
{
    size_t best = 0;
    for (;;) {
        const size_t n = strcspn(list, "|");
        const uint8_t *at = at_end ? text.p + text.n - n : text.p;
        if (n <= text.n && n > best && memcmp(at, list, n) == 0) best = n;
        if (list[n] == '\0') return best;
        list += n + 1;
    }
}

static sp_named found(const sp_line *line, size_t i, size_t end, sp_kind kind, uint8_t confidence)
{
    return (sp_named){end, line->t[i].start, line->t[end - 1].end, (uint8_t)kind, confidence};
}

static bool is_dense(const sp_line *line, size_t i)
{
    return i < line->n && (line->t[i].shape == SP_SHAPE_HAN || line->t[i].shape == SP_SHAPE_HANGUL);
}

/* ---- persons ---- */

/* Is nothing else in its field, so that a name may be all of it? */
static bool is_alone(const sp_line *line, size_t i, size_t end)
{
    const bool begins = i == 0 || line->t[i - 1].shape == SP_SHAPE_MARK ||
                        line->t[i - 1].shape == SP_SHAPE_LOWER || line->t[i - 1].shape == SP_SHAPE_CAP;
    return begins && (end == line->n || !is_dense(line, end));
}

/* "王小明", "김민수": a family name and one or two more. */
static bool is_short_name(const sp_line *line, size_t i)
{
    const bool is_han = line->t[i].shape == SP_SHAPE_HAN;
    const size_t n = line->t[i].letters;
    if (n < (is_han ? 2 : 3) || n > 4 || line->t[i].end - line->t[i].start != 3 * n) return false;
    const size_t family = longest(text_of(line, i), is_han ? chinese : korean, false);
    return family != 0 && n <= (family > 3 ? 4 : 3);
}

/* "佐藤 美加子". */
static bool is_japanese(const sp_line *line, size_t i)
{
    if (line->t[i].shape != SP_SHAPE_HAN || i + 1 >= line->n || line->t[i + 1].shape != SP_SHAPE_HAN)
        return false;
    return longest(text_of(line, i), japanese, false) == text_of(line, i).n && line->t[i + 1].is_apart &&
           line->t[i + 1].letters <= 4;
}

/* Titles that follow a name: 先生, 様, 씨. */
static size_t title_behind(const sp_line *line, size_t i)
{
    return longest(text_of(line, i), "先生|女士|小姐|様|さん|氏|씨|님|선생님|과장|부장|대리", true);
}

static sp_named titled(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const size_t title = title_behind(line, i);
    const sp_bytes text = text_of(line, i);
    const size_t n = (text.n - title) / 3;
    if (title == 0 || n < 2 || n > 4) return none;
    const char *list = line->t[i].shape == SP_SHAPE_HANGUL ? korean : chinese;
    if (longest(text, list, false) == 0 && longest(text, japanese, false) == 0) return none;
    return (sp_named){i + 1, line->t[i].start, line->t[i].end - (uint32_t)title, SP_KIND_PERSON, 75};
}

static bool is_in_form(const sp_line *line, size_t i, size_t end)
{
    const uint32_t before = sp_line_before(line, i, SP_KEY_PERSON | SP_CUE_PERSON | SP_CUE_STRONG);
    if ((before & (SP_KEY_PERSON | SP_CUE_PERSON)) != 0) return true;
    const size_t behind = sp_line_is(line, end, ',') ? end + 1 : end;
    if (sp_line_has(line, behind, SP_CUE_AFTER)) return true;
    return line->has_mail && (line->is_table || sp_line_is(line, end, '<') || sp_line_is(line, end, '('));
}

static sp_named person(const sp_line *line, size_t i)
{
    const sp_named by_title = titled(line, i);
    if (by_title.confidence != 0) return by_title;
    const bool is_two = is_japanese(line, i);
    const size_t end = is_two ? i + 2 : i + 1;
    if (!is_two && !is_short_name(line, i)) return (sp_named){0};
    if (!is_alone(line, i, end)) return (sp_named){0};
    const size_t title = is_two ? title_behind(line, i + 1) : 0;
    if (title != 0)
        return (sp_named){end, line->t[i].start, line->t[i + 1].end - (uint32_t)title, SP_KIND_PERSON, 80};
    if (is_in_form(line, i, end)) return found(line, i, end, SP_KIND_PERSON, 80);
    return is_two ? found(line, i, end, SP_KIND_PERSON, 70) : (sp_named){0};
}

/* ---- organisations, places, addresses ---- */

static sp_named organization(const sp_line *line, size_t i)
{
    const sp_bytes text = text_of(line, i);
    const size_t start = longest(text, org_starts, false), end = longest(text, org_ends, true);
    const bool is_apart = start == text.n && i + 1 < line->n && is_dense(line, i + 1);
    if (is_apart) return found(line, i, i + 2, SP_KIND_ORGANIZATION, 80);
    const bool is_good = (start != 0 && start < text.n) || (end != 0 && text.n >= end + 6 && text.n <= 60);
    return is_good ? found(line, i, i + 1, SP_KIND_ORGANIZATION, 75) : (sp_named){0};
}

static bool holds(sp_bytes text, const char *mark, size_t n)
{
    for (size_t i = 0; i + n <= text.n; i++) {
        if (memcmp(text.p + i, mark, n) == 0) return true;
    }
    return false;
}

/* Marks of an address in a run: how many different of them stand in it. */
static unsigned count_marks(sp_bytes text, const char *list)
{
    unsigned n_marks = 0;
    for (;;) {
        const size_t n = strcspn(list, "|");
        n_marks += holds(text, list, n);
        if (list[n] == '\0') return n_marks;
        list += n + 1;
    }
}

/* Numbers, letters of blocks and further runs belong to it. */
static size_t address_end(const sp_line *line, size_t i)
{
    size_t end = i + 1;
    for (size_t k = i + 1; k < line->n && k < i + 14; k++) {
        const sp_tok *t = &line->t[k];
        const bool is_part = is_dense(line, k) || t->shape == SP_SHAPE_NUMBER ||
                             (sp_line_is_cap(line, k) && t->letters <= 1) || sp_line_is(line, k, '(') ||
                             sp_line_is(line, k, ')') || sp_line_is(line, k, '-') ||
                             (t->letters == 1 && t->shape != SP_SHAPE_MARK);
        if (!is_part) break;
        if (t->shape != SP_SHAPE_MARK || t->c == ')') end = k + 1;
    }
    return end;
}

static sp_named address(const sp_line *line, size_t i)
{
    const sp_named none = {0};
    const size_t end = address_end(line, i);
    const sp_bytes all = {line->p + line->t[i].start, line->t[end - 1].end - line->t[i].start};
    bool has_number = false;
    for (size_t k = i; k < end; k++) has_number = has_number || line->t[k].shape == SP_SHAPE_NUMBER;
    if (!has_number) return none;
    if (line->t[i].shape == SP_SHAPE_HANGUL) {
        const bool is_city = longest(text_of(line, i), "시|도|구|군", true) != 0 && is_dense(line, i + 1);
        return is_city && count_marks(all, hangul_marks) >= 3 ? found(line, i, end, SP_KIND_ADDRESS, 80)
                                                              : none;
    }
    return count_marks(all, address_marks) >= 3 && all.n < 200 ? found(line, i, end, SP_KIND_ADDRESS, 80)
                                                               : none;
}

static sp_named place(const sp_line *line, size_t i)
{
    const sp_bytes text = text_of(line, i);
    const uint32_t before = sp_line_before(line, i, SP_KEY_PLACE | SP_CUE_PLACE);
    const bool is_field = line->has_mail && is_alone(line, i, i + 1) && (before != 0 || line->is_table);
    if ((before & SP_KEY_PLACE) != 0) return found(line, i, i + 1, SP_KIND_LOCATION, 75);
    const bool ends =
        longest(text, place_ends, true) != 0 && line->t[i].letters >= 2 && line->t[i].letters <= 8;
    return is_field && ends ? found(line, i, i + 1, SP_KIND_LOCATION, 65) : (sp_named){0};
}

sp_named sp_name_of_east_at(const sp_line *line, size_t i)
{
    static sp_named (*const sorts[])(const sp_line *, size_t) = {address, organization, person, place};
    if (!is_dense(line, i)) return (sp_named){0};
    for (size_t k = 0; k < sizeof sorts / sizeof sorts[0]; k++) {
        const sp_named one = sorts[k](line, i);
        if (one.confidence != 0) return one;
    }
    return (sp_named){0};
}
