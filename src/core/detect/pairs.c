/* Secrets that stand behind their own identifier, whatever is between: what a console shows or a call takes
 * in two fields, one of which has a form and tells what the other is. */
#include "detect/detect_internal.h"

#include <hs/hs.h>

/* ---- what stands between an identifier and its secret ---- */

enum {
    GAP_MAX = 80,  /* with the identifier less than a validator may look back */
    LINES_MAX = 2, /* ends of lines among it */
    WORD_MAX = 16, /* "secret", "SecretAccessKey" */
};

static bool is_between(int c)
{
    return c > 0 && c < 0x80 && !sp_is_base64(c) && c != '\n' && c != '{' && c != '}';
}

/* The first run of exactly `n` characters of the class behind `i`; only shorter words may come before it.
 * Notes in m->start how far it has read. @return false: none stands there. */
static bool next_run(sp_window *w, size_t i, size_t n, bool (*is_class)(int c), sp_match *m)
{
    unsigned n_lines = 0;
    for (const size_t limit = i + GAP_MAX; i < limit;) {
        m->start = i;
        const int c = sp_peek(w, i);
        if (is_between(c) || (c == '\n' && n_lines++ < LINES_MAX)) {
            i++;
            continue;
        }
        m->end = sp_skip(w, i, i + n + 1, is_class);
        if (m->end == i + n) return !w->ran_out && m->end > i;
        const size_t word = sp_skip(w, i, i + WORD_MAX, sp_is_alnum);
        if (c != '/' && c != '+' && (word == i || sp_is_alnum(sp_peek(w, word)))) return false;
        i = word > i ? word : i + 1;
    }
    return false;
}

/* ---- AWS (IAM, "Manage access keys": the file that is downloaded once has both in a row) ---- */

enum { AWS_HEAD = 4, AWS_ID = 16, AWS_SECRET = 40 };

static void aws_pair(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - AWS_HEAD;
    const size_t id = sp_skip(w, head_end, head_end + AWS_ID, sp_is_alnum);
    if (id != head_end + AWS_ID || sp_is_alnum(sp_peek(w, id))) return;
    const bool is_there = next_run(w, id, AWS_SECRET, sp_is_base64, m);
    if (!is_there) m->start = head_end - AWS_HEAD; /* a stream cuts no identifier in two */
    if (is_there && sp_is_mixed(w, m->start, m->end) && sp_count_distinct(w, m->start, m->end) >= 16)
        m->confidence = 92;
}

/* ---- Twilio (REST API, "Authentication": the SID of an account and its token, or of a key and its secret)
 * ---- */

enum { TWILIO_HEAD = 2, TWILIO = 32 };

static bool is_small_hex(int c)
{
    return sp_is_hex(c) && !sp_is_upper(c);
}

static void twilio_pair(sp_window *w, size_t head_end, sp_match *m)
{
    m->start = head_end - TWILIO_HEAD;
    const size_t sid = sp_skip(w, head_end, head_end + TWILIO, is_small_hex);
    if (sid != head_end + TWILIO || sp_is_alnum(sp_peek(w, sid))) return;
    const bool is_key = w->p[head_end - 2] == 'S'; /* its secret has all letters */
    const bool is_there = next_run(w, sid, TWILIO, is_key ? sp_is_alnum : is_small_hex, m);
    if (!is_there) m->start = head_end - TWILIO_HEAD;
    if (is_there && sp_count_distinct(w, m->start, m->end) >= 8) m->confidence = 88;
}

/* ---- rows ---- */

/* Made for these tests; none opens anything. */
#define AWS_ID_OF_TESTS \
    "AKIA"              \
    "HBRPOIGF3CBFNOBM"
#define AWS_SECRET_OF_TESTS "2O3GYRdo1XKXWNqRs7r/pEmoKiuPKdYR7osjOrU1"
static const sp_example aws_examples[] = {
    "Access key ID,Secret access key\n" AWS_ID_OF_TESTS ",[" AWS_SECRET_OF_TESTS "]\n",
    AWS_ID_OF_TESTS " [" AWS_SECRET_OF_TESTS "]",
    "id: " AWS_ID_OF_TESTS " / secret: [" AWS_SECRET_OF_TESTS "].",
    "- " AWS_ID_OF_TESTS "\n- [" AWS_SECRET_OF_TESTS "]\n",
    "client('s3', '" AWS_ID_OF_TESTS "', '[" AWS_SECRET_OF_TESTS "]')",
    AWS_ID_OF_TESTS ":[" AWS_SECRET_OF_TESTS "]\n",
    AWS_SECRET_OF_TESTS,
    AWS_ID_OF_TESTS " ded7db27a4558eea9bbf0bf36e0e8521618f366c",
    AWS_ID_OF_TESTS " " AWS_SECRET_OF_TESTS "X",
    AWS_ID_OF_TESTS " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "AKIA"
    "HBRPOIGF3C " AWS_SECRET_OF_TESTS,
    AWS_ID_OF_TESTS " was turned off last year, see the ticket about the third of all our keys, which "
                    "is: " AWS_SECRET_OF_TESTS,
    NULL,
};

#define SID_OF_TESTS \
    "AC"             \
    "7d3f0c2b9e5a48d1b6f07c3e2a914d58"
#define TOKEN_OF_TESTS "b1946ac92492d2347c6235b4d2611184"
static const sp_example twilio_examples[] = {
    SID_OF_TESTS ":[" TOKEN_OF_TESTS "]\n",
    "Client('" SID_OF_TESTS "', '[" TOKEN_OF_TESTS "]')",
    "SID " SID_OF_TESTS "\nToken [" TOKEN_OF_TESTS "]\n",
    SID_OF_TESTS ",[" TOKEN_OF_TESTS "]\n",
    "SK"
    "7d3f0c2b9e5a48d1b6f07c3e2a914d58 / [Xk28dLmQpz71JvR0tW93k29dj3md8shq]",
    SID_OF_TESTS " " TOKEN_OF_TESTS "00",
    "AC"
    "7d3f0c2b9e5a48d1 " TOKEN_OF_TESTS,
    SID_OF_TESTS " 00000000000000000000000000000000",
    "x" SID_OF_TESTS ":" TOKEN_OF_TESTS,
    SID_OF_TESTS " {" TOKEN_OF_TESTS "}",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "aws-key-pair",
        .kind = SP_KIND_AWS_SECRET_KEY,
        .head = "\\b(?:AKIA|ASIA)",
        .validate = aws_pair,
        .head_max = AWS_HEAD, /* what is held is held with its identifier */
        .longest = AWS_SECRET,
        .least = 60,
        .source = "AWS IAM, Manage access keys for IAM users",
        .examples = aws_examples,
    },
    {
        .name = "twilio-pair",
        .kind = SP_KIND_TWILIO_KEY,
        .head = "\\b(?:AC|SK)",
        .validate = twilio_pair,
        .head_max = TWILIO_HEAD,
        .longest = TWILIO,
        .least = 60,
        .source = "https://www.twilio.com/docs/iam/api/authtoken",
        .examples = twilio_examples,
    },
};

const sp_family sp_family_pairs = {rows, sizeof rows / sizeof rows[0]};
