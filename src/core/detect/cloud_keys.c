/* Detectors for credentials of services: AWS, GitHub, Slack, OpenAI, Anthropic. All begin with a fixed
 * word, or follow one. Formats are those that the services document or that their keys show. */
#include "detect/detect_internal.h"

#include <hs/hs.h>

/* ---- AWS ---- */

/* AKIA: long-term, ASIA: temporary, ABIA: STS bearer, ACCA: by context (AWS IAM, "Unique identifiers"); then
 * 16 characters of base 32. */
static void aws_id(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 4;
    m->end = sp_skip(w, head_end, head_end + 16, sp_is_alnum);
    if (m->end != head_end + 16 || sp_is_alnum(sp_peek(w, m->end))) return;
    for (size_t i = head_end; i < m->end; i++) {
        if (!sp_is_upper(w->p[i]) && !sp_is_digit(w->p[i])) return;
    }
    if (sp_count_distinct(w, head_end, m->end) >= 6) m->confidence = 95;
}

static bool is_name(int c)
{
    return sp_is_alpha(c) || c == '_';
}

/* What may stand between a name and its value: code, JSON, shell, tables. */
static bool is_assignment(int c)
{
    return sp_is_space(c) || c == '"' || c == '\'' || c == '`' || c == ':' || c == '=' || c == '>' ||
           c == '(' || c == '[' || c == '|' || c == ',' || c == '\\';
}

/* 40 characters of base 64 after a name that says what they are; without that they could be any digest. */
static void aws_secret(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = sp_skip(w, head_end, head_end + 16, is_name);
    const size_t gap = m->start;
    m->start = sp_skip(w, gap, gap + 16, is_assignment);
    if (m->start == gap) return;
    m->end = sp_skip(w, m->start, m->start + 40, sp_is_base64);
    const int after = sp_peek(w, m->end);
    if (m->end != m->start + 40 || sp_is_base64(after) || after == '_') return;
    if (sp_is_mixed(w, m->start, m->end) && sp_count_distinct(w, m->start, m->end) >= 16) m->confidence = 90;
}

/* ---- GitHub ---- */

enum { GITHUB_CHARS = 36, GITHUB_RANDOM = 30, GITHUB_REFRESH_CHARS = 76 };

/* The last six characters are the CRC-32 of the 30 before them in base 62 (GitHub, "Behind GitHub's new
 * authentication token formats", 2021). */
static bool is_github_checksum(const uint8_t *token)
{
    static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint32_t crc = sp_crc32(0, (sp_bytes){token, GITHUB_RANDOM});
    for (size_t i = GITHUB_CHARS; i-- > GITHUB_RANDOM; crc /= 62) {
        if (token[i] != (uint8_t)base62[crc % 62]) return false;
    }
    return crc == 0;
}

static bool is_base64url_or_dot(int c)
{
    return sp_is_base64url(c) || c == '.';
}

/* ghs_<app>_<JWT>: the stateless form of installation tokens. */
static void github_stateless(sp_window *w, size_t i, sp_match *m)
{
    const size_t app_end = sp_skip(w, i, i + 20, sp_is_digit);
    if (app_end == i || !sp_goes_on(w, app_end, "_eyJ", false)) return;
    m->end = sp_skip(w, app_end, m->start + 2048, is_base64url_or_dot);
    if (m->end - m->start >= 100) m->confidence = 90;
}

static void github_classic(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 4;
    m->end = sp_skip(w, head_end, head_end + 77, sp_is_alnum);
    const size_t n = m->end - head_end;
    if (sp_peek(w, m->end) == '_') {
        github_stateless(w, head_end, m);
        return;
    }
    const bool is_random = sp_count_distinct(w, head_end, m->end) >= 14;
    /* One altered character fails the checksum and still tells all the others; refresh tokens have none. */
    if (n == GITHUB_CHARS && is_github_checksum(w->p + head_end))
        m->confidence = 99;
    else if ((n == GITHUB_CHARS || n == GITHUB_REFRESH_CHARS) && is_random)
        m->confidence = 65;
}

/* 22 characters, an underscore, 59 characters. */
static void github_fine_grained(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 11;
    const size_t middle = sp_skip(w, head_end, head_end + 22, sp_is_alnum);
    if (middle != head_end + 22 || sp_peek(w, middle) != '_') return;
    m->end = sp_skip(w, middle + 1, middle + 61, sp_is_alnum);
    if (m->end == middle + 60 && sp_peek(w, m->end) != '_') m->confidence = 98;
}

/* ---- Slack ---- */

static bool is_slack(int c)
{
    return sp_is_alnum(c) || c == '-';
}

/* xox?-…, xoxe.xox?-…, xapp-…: parts of digits and letters that begin with a digit; the digits name team,
 * bot and user. */
static void slack_token(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 5;
    size_t i = head_end;
    if (sp_before(w, head_end) == '.') {
        if (!sp_goes_on(w, i, "xox", false) || sp_peek(w, i + 4) != '-') return;
        i += 5;
    }
    if (!sp_is_digit(sp_peek(w, i))) return;
    m->end = sp_skip(w, i, m->start + 512, is_slack);
    unsigned n_digits = 0;
    for (size_t k = i; k < m->end; k++) n_digits += sp_is_digit(w->p[k]);
    if (m->end - m->start >= 28 && n_digits >= 8) m->confidence = 92;
}

static bool is_webhook(int c)
{
    return sp_is_alnum(c) || c == '/' || c == '_' || c == '-';
}

/* Where the scheme before "//" begins; the slashes themselves if there is none. */
static size_t scheme_start(const sp_window *w, size_t slashes)
{
    static const char *const schemes[] = {"https:", "http:"};
    for (size_t i = 0; i < 2; i++) {
        const sp_bytes scheme = sp_bytes_of(schemes[i]);
        if (slashes >= scheme.n &&
            sp_bytes_eq_nocase((sp_bytes){w->p + slashes - scheme.n, scheme.n}, scheme)) {
            return slashes - scheme.n;
        }
    }
    return slashes;
}

/* https://hooks.slack.com/services/T…/B…/24 characters, and the same under workflows and triggers. */
static void slack_webhook(sp_window *w, size_t head_end, sp_match *m)
{
    static const char *const paths[] = {"services/T", "workflows/T", "triggers/"};
    m->start = scheme_start(w, head_end - 18);
    bool is_path = false;
    for (size_t i = 0; i < 3 && !is_path; i++) is_path = sp_goes_on(w, head_end, paths[i], false);
    if (!is_path) return;
    m->end = sp_skip(w, head_end, head_end + 200, is_webhook);
    size_t last = m->end; /* start of the last part: the secret */
    while (last > head_end && w->p[last - 1] != '/') last--;
    const unsigned n_distinct = sp_count_distinct(w, last, m->end);
    if (m->end - last >= 16 && n_distinct >= 8) m->confidence = 97;
}

/* ---- OpenAI, Anthropic ---- */

enum { AI_KEY_MAX = 300 };

/* "T3BlbkFJ" is "OpenAI" in base 64; it stands in the middle of their keys. */
static bool has_openai_mark(const sp_window *w, size_t start, size_t end)
{
    static const char mark[] = "T3BlbkFJ";
    for (size_t i = start; i + 8 <= end; i++) {
        if (sp_bytes_eq((sp_bytes){w->p + i, 8}, sp_bytes_of(mark))) return true;
    }
    return false;
}

/* Does one of the words that newer keys bear follow? */
static bool is_openai_form(sp_window *w, size_t i)
{
    static const char *const forms[] = {"proj-", "svcacct-", "admin-", "None-"};
    for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++) {
        if (sp_goes_on(w, i, forms[k], false)) return true;
    }
    return false;
}

/* sk-<48 letters and digits>, sk-proj-<base64url>, sk-svcacct-…, sk-admin-… */
static void openai_key(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 3;
    const bool is_form = is_openai_form(w, head_end);
    m->end = sp_skip(w, head_end, m->start + AI_KEY_MAX, is_form ? sp_is_base64url : sp_is_alnum);
    const size_t n = m->end - head_end;
    const bool is_random = sp_is_mixed(w, head_end, m->end) && sp_count_distinct(w, head_end, m->end) >= 20;
    if (n < 40 || !is_random) return;
    if (has_openai_mark(w, head_end, m->end))
        m->confidence = 99;
    else if (is_form)
        m->confidence = 90;
    else if (n == 48)
        m->confidence = 85;
}

/* sk-ant-<sort and version>-<base64url>; API keys end in AA. */
static void anthropic_key(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - 7;
    const size_t sort = sp_skip(w, head_end, head_end + 6, sp_is_alpha);
    const size_t version = sp_skip(w, sort, sort + 4, sp_is_digit);
    if (sort == head_end || version == sort || sp_peek(w, version) != '-') return;
    m->end = sp_skip(w, version + 1, m->start + AI_KEY_MAX, sp_is_base64url);
    if (m->end - version >= 60 && sp_is_mixed(w, version, m->end)) m->confidence = 97;
}

/* ---- rows ---- */

/* Made for these tests; none opens anything. Cut in two so that scanners of source code stay quiet. */
static const sp_example aws_id_examples[] = {
    "key [AKIA"
    "IOSFODNN7EXAMPLE] here",
    "\"[ASIA"
    "Y34FZKBOKMUTVV7A]\"",
    "AKIA"
    "IOSFODNN7EXAMPLEX",
    "AKIA"
    "IOSFODNN7EXAMPL",
    "AKIA"
    "iosfodnn7example",
    "AKIAAAAAAAAAAAAAAAAA",
    "xAKIA"
    "IOSFODNN7EXAMPLE",
    "k=[AKIA"
    "HBRPOIGF3CBFNOBM]\n",
    "'[AKIA"
    "2O4RAK3VRJNVGFYG]'",
    "([AKIA"
    "WWQC5HYFSXMECOSF])",
    NULL,
};

static const sp_example aws_secret_examples[] = {
    "aws_secret_access_key = [wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY]",
    "\"SecretAccessKey\": \"[wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY]\"",
    "export AWS_SECRET_ACCESS_KEY=[wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY]\n",
    "secret access key: [wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY]",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key = ded7db27a4558eea9bbf0bf36e0e8521618f366c",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEYX",
    "aws_secret_access_key = os.environ.get('AWS_SECRET_ACCESS_KEY')",
    "AWS_SECRET_KEY: [2O3GYRdo1XKXWNqRs7r/pEmoKiuPKdYR7osjOrU1]\n",
    "aws_secret_access_key = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    NULL,
};

static const sp_example github_classic_examples[] = {
    "token [ghp_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxL],",
    "[gho_"
    "fq75OMU7UVbS9pTZmoCCzJT6TM5d1w099FgG]",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nx",
    "ghp_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxLL",
    "x-[ghp_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxL]",
    "aghp_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxL",
    "ghx_"
    "ZJDeVREhkptGF7Wvep0NwJWlPEQP7a0t2nxL",
    "'[ghs_"
    "xxDO0CzUZREN68k4tUNpfZ46pdJQIP0L04Rs]'",
    "([ghu_"
    "vjiQvlb5lZXOIgfFwD3HJoKyrbmEYY03uM74])",
    NULL,
};

static const sp_example github_fine_examples[] = {
    "[github_pat_"
    "11AALKJEA04kc5Z9kNGzwK_zLv1venPjF9IFl5QvO2plAgKD9KWmCiq6seyWr9nftbTMABK664eCS9JYG2]",
    "github_pat_"
    "11AALKJEA04kc5Z9kNGzwKzLv1venPjF9IFl5QvO2plAgKD9KWmCiq6seyWr9nftbTMABK664eCS9JYG2",
    "github_pat_your_token_here",
    "k=[github_pat_"
    "mdhQj38AruHr4iwRxpVHSb_KdA9u4uQgwLg6G3oT1ogmMJXwKi9x7h6AmUfBH7X41zTPDP4k8FFuf0Ewix]\n",
    "'[github_pat_"
    "IIqe8jKQh3mb9N7iwusMtT_ZqpXc5hcHPOEVBljOlOAEtoDOE5C3VEgPRqfNiIu74kkePyezaMGGqbWbad]'",
    "([github_pat_"
    "3uDrppGDZuVz3GPMMicIbL_RdP37Ecz32jGDpi1AF7w2PKafeN3Z5DKYAYQ7yydSbs9uyjqtfJMSN9Dlvi])",
    "x [github_pat_"
    "DvUDDleg62hKD9gF2LEmEr_3PZH84kPlmCnFaqlkhU7QNqtUPQZIqpTdU7w7EAdnkGEiNgQI7W4E4PXSKc] y",
    "github_pat_"
    "1itTnzphAq0jT7qG84IQH4_GvjJRSmNtVNro2QgfQ562DFob1RCAVxIoQKvcjtbjAHE84s5JiC1XljJbI",
    "github_pat_"
    "CTX57y3C5WNrPqGWxj43a_nvJ77P3KzzL4aBLv7Vy7azq3vzPRKysGY3C2eOM06dWT0y3OOBqMZVR3E9xR",
    "xgithub_pat_"
    "WpgZr1iV8BH4QLl9QCGmbW_uyUbmgHY5kMQCtbAh7ziru8vvqMXbE8q6VnUq2Hu5TgTqaUZsSjIMaq8Yrv",
    NULL,
};

static const sp_example slack_token_examples[] = {
    "[xoxb-"
    "262541194339-1293084920079-Z21cXgXdDdZDABIcrdG3D9OF]",
    "SLACK=[xapp-"
    "1-A05V64V7F2B-5062360157732-9f01726eebe77df2c096a65e95acdd02]",
    "[xoxe.xoxp-"
    "1-Mi0yLTIxNTE3NzA2MDYtNTEyOTQ2NTEzMDYxMy03MTkwNzY4NDc5ODc3]",
    "xoxb-your-token-goes-here-please",
    "xoxb-12345",
    "myxoxb-"
    "262541194339-1293084920079-Z21cXgXdDdZDABIcrdG3D9OF",
    "k=[xoxp-"
    "357915547688-849832596245-OzMJBCPen2xEda4okMtsYfZP]\n",
    "x [xoxa-"
    "312743981942-838996897983-v3ecQwP1oRxxhfoPRcEtSPRV] y",
    "xoxb-token",
    "xoxz+1234567890-1234567890",
    NULL,
};

static const sp_example slack_webhook_examples[] = {
    "post to [https://hooks.slack.com/services/"
    "T5T9FBDJQ/B5T5WFU0K/CdVQm6KZiMPRxAqiIraNkYBW]!",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "https://hooks.slack.com/docs",
    "k=[https://hooks.slack.com/services/"
    "TU8FIJOYJ/BNE00V830/DN1aY5xl8sB24wkYeA8WTwY2]\n",
    "'[https://hooks.slack.com/services/"
    "T088O5OR1/B5BYVZK3I/niB6ZlkqBFpbI3dLDQYUNdUV]'",
    "([https://hooks.slack.com/services/"
    "TYR0QF4B8/BDWOECBPM/1BnJPIeqHk8NdsQxXKmm9vtH])",
    "x [https://hooks.slack.com/services/"
    "TKTGBTYZM/BEPGTHCW8/bqXEgpVA2a0fGb9Xo51dtJbL] y",
    "https://hooks.slack.com/",
    "https://example.com/services/T0/B0/abcdefghijklmnopqrstuvwx",
    "hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx",
    NULL,
};

static const sp_example openai_examples[] = {
    "OPENAI_API_KEY=[sk-"
    "ZqSkh4mQUbd9pojV52VKT3BlbkFJ2enUikl6olKWlf1I3IE7]",
    "'[sk-proj-"
    "f5-UKZNwZTgzRb8ZucIrNqTs9oT6D1DMRv_0Zq3WY7G1J1O-wPsXwgv6WFxEn8XrZu2vvosfG7T3]'",
    "[sk-svcacct-"
    "f5-UKZNwZTgzRb8ZucIrNqTs9oT6D1DMRv_0Zq3WY7G1J1O]",
    "sk-your-key",
    "sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "task-ZqSkh4mQUbd9pojV52VKT3BlbkFJ2enUikl6olKWlf1I3IE7",
    "sk-learn and sk-image",
    "k=[sk-proj-"
    "i973ipfLj5f7wrD-pX_bthrjjBYKe0_e8_5CLlczfnv8s2qt6ingdPYoPXYb9aZ]\n",
    "x [sk-admin-"
    "veRulwhmSG1MSOXLTAtiIRCDjSs8Io3wfG3AkSeecVL9DQ83eH0EZfEkorDJ9aZ] y",
    "sk-proj-your-project-key-goes-here-please",
    NULL,
};

static const sp_example anthropic_examples[] = {
    "key: [sk-ant-"
    "api03-z0zjHHXo5k3zD2havvfqiZYJe9ENlwI1trcQC4pyRC2N2w6nbpUitUU_iR4ttSszVyUpINaxvCtun3_Mub0O3w-48GXRgAA]",
    "[sk-ant-"
    "admin01-z0zjHHXo5k3zD2havvfqiZYJe9ENlwI1trcQC4pyRC2N2w6nbpUitUU_iR4ttSszVyUpI]",
    "sk-ant-api03-...",
    "sk-ant-"
    "z0zjHHXo5k3zD2havvfqiZYJe9ENlwI1trcQC4pyRC2N2w6nbpUitUU_iR4ttSszVyUpINaxvCtun3",
    "k=[sk-ant-"
    "api03-Jzk8TFPHjwammynOxhYc6cT3lbTknDn9vG8wNoNQqFKPLjEKAacsmeSCOStSs3dErO7Qyyolqz7MbHiOpJ6R0JEDKy9aA]\n",
    "'[sk-ant-"
    "api03-Tmv0k6ScHdsTsZ8RgifcFmC4bvUmQBFO9r13kl8Bwr0RkCwwLehpc6RLlbo0fFeWaVUqG2KVasfSq8Z0wjCdFUQUHx9aA]'",
    "([sk-ant-"
    "api03-Z3g0Aq3idaDMhXnwfocwDNRjI7Sc4sfHBomzPtKTjAjaFO16Hd8Hp1Jf7tSgtRa1eePdjJYM6mgv4I3ERxy2aV7ygR9aA])",
    "sk-ant-your-key",
    "task-ant-api03-",
    "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "aws-access-key-id",
        .kind = SP_KIND_AWS_ACCESS_KEY,
        .head = "\\b(?:AKIA|ASIA|ABIA|ACCA)",
        .validate = aws_id,
        .head_max = 4,
        .longest = 20,
        .least = 60,
        .examples = aws_id_examples,
    },
    {
        .name = "aws-secret-access-key",
        .kind = SP_KIND_AWS_SECRET_KEY,
        .head = "aws.{0,12}secret|secret.?access.?key",
        .flags = HS_FLAG_CASELESS,
        .validate = aws_secret,
        .head_max = 0, /* its head is the name before it, which is no part of the match */
        .longest = 40,
        .least = 60,
        .examples = aws_secret_examples,
    },
    {
        .name = "github-token",
        .kind = SP_KIND_GITHUB_TOKEN,
        .head = "\\bgh[pousr]_",
        .validate = github_classic,
        .head_max = 4,
        .longest = 2048,
        .least = 60,
        .examples = github_classic_examples,
    },
    {
        .name = "github-fine-grained-token",
        .kind = SP_KIND_GITHUB_TOKEN,
        .head = "\\bgithub_pat_",
        .validate = github_fine_grained,
        .head_max = 11,
        .longest = 100,
        .least = 60,
        .examples = github_fine_examples,
    },
    {
        .name = "slack-token",
        .kind = SP_KIND_SLACK_TOKEN,
        .head = "\\b(?:xox[a-z][-.]|xapp-)",
        .validate = slack_token,
        .head_max = 5,
        .longest = 512,
        .least = 60,
        .examples = slack_token_examples,
    },
    {
        .name = "slack-webhook",
        .kind = SP_KIND_SLACK_WEBHOOK,
        .head = "//hooks\\.slack\\.com/",
        .flags = HS_FLAG_CASELESS,
        .validate = slack_webhook,
        .head_max = 24,
        .longest = 256,
        .least = 60,
        .examples = slack_webhook_examples,
    },
    {
        .name = "openai-key",
        .kind = SP_KIND_OPENAI_KEY,
        .head = "\\bsk-",
        .validate = openai_key,
        .head_max = 3,
        .longest = AI_KEY_MAX,
        .least = 60,
        .examples = openai_examples,
    },
    {
        .name = "anthropic-key",
        .kind = SP_KIND_ANTHROPIC_KEY,
        .head = "\\bsk-ant-",
        .validate = anthropic_key,
        .head_max = 7,
        .longest = AI_KEY_MAX,
        .least = 60,
        .examples = anthropic_examples,
    },
};

const sp_family sp_family_cloud_keys = {rows, sizeof rows / sizeof rows[0]};
