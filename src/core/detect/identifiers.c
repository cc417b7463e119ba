/* Detectors for e-mail addresses. */
#include "detect/detect_internal.h"
#include "detect/top_domains.h"

#include <hs/hs.h>

/* ---- e-mail (RFC 5321, the dot-atom form) ---- */

enum { LOCAL_MAX = 64, DOMAIN_MAX = 253, LABEL_MAX = 63 };

static bool is_local(int c)
{
    return sp_is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

/* Letters outside ASCII may stand in names (RFC 5890), but in scripts without spaces they are the text
 * that goes on. */
static bool is_foreign(int c)
{
    return c >= 0x80;
}

static size_t email_start(const sp_window *w, size_t at)
{
    size_t start = at;
    while (start > w->floor && at - start < LOCAL_MAX && is_local(w->p[start - 1])) start--;
    while (start < at && !sp_is_alnum(w->p[start]) && w->p[start] != '_') start++; /* ".a@b.de", "--a@b.de" */
    return start;
}

/* A domain as far as it has been read. */
typedef struct domain {
    size_t best;       /* end of the longest prefix that ends in a known top-level domain; 0 if none */
    size_t fallback;   /* the same for a last label of letters that is not known */
    unsigned n_labels; /* labels before the one that is being read */
} domain;

/* Words after a dot that are files, not domains: "icon@2x.png", "pkg@main.tar". */
static bool is_file_ending(sp_bytes label)
{
    static const char *const endings[] = {
        "png",  "jpg",  "jpeg", "gif", "svg",     "webp", "html", "htm", "css", "json", "yaml",
        "yml",  "xml",  "txt",  "tar", "zip",     "exe",  "dll",  "cpp", "hpp", "java", "class",
        "toml", "lock", "conf", "cfg", "service", "mjs",  "tsx",  "jsx", "php", "log",  "pdf"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (sp_bytes_eq_nocase(label, sp_bytes_of(endings[i]))) return true;
    }
    return false;
}

static void domain_end_at(domain *d, const sp_window *w, size_t label, size_t end)
{
    const sp_bytes name = {w->p + label, end - label};
    if (d->n_labels == 0 || name.n < 2 || name.n > LABEL_MAX || name.p[name.n - 1] == '-') return;
    if (sp_is_top_domain(name)) d->best = end;
    bool is_letters = name.n >= 3 && name.n <= 18;
    for (size_t i = 0; i < name.n; i++)
        is_letters = is_letters && sp_is_alpha(name.p[i]) && !sp_is_upper(name.p[i]);
    if (is_letters && !is_file_ending(name)) d->fallback = end;
}

/* One label; @return its end. What follows ASCII directly in another script may be a sentence: both
 * readings are tried. */
static size_t domain_label(domain *d, sp_window *w, size_t label, size_t limit)
{
    size_t i = label;
    int c = sp_peek(w, i);
    while (i < limit && (sp_is_alnum(c) || c == '-' || is_foreign(c))) {
        if (is_foreign(c) && i > label && !is_foreign(w->p[i - 1])) domain_end_at(d, w, label, i);
        c = sp_peek(w, ++i);
    }
    if (c != '_' && c != '@' && i > label && !is_foreign(w->p[i - 1])) domain_end_at(d, w, label, i);
    return i;
}

/* "git@host.com:path" is how repositories are addressed, not a mailbox. */
static bool is_repository(sp_window *w, size_t start, size_t at, size_t end)
{
    const sp_bytes local = {w->p + start, at - start};
    return sp_bytes_eq(local, SP_LIT("git")) && sp_peek(w, end) == ':';
}

static void email(sp_window *w, size_t head_end, sp_match *m)
{
    const size_t at = head_end - 2, limit = at + 1 + DOMAIN_MAX;
    m->start = email_start(w, at);
    if (m->start == at) return;
    domain d = {0, 0, 0};
    size_t i = domain_label(&d, w, at + 1, limit);
    while (i < limit && sp_peek(w, i) == '.' &&
           (sp_is_alnum(sp_peek(w, i + 1)) || is_foreign(sp_peek(w, i + 1)))) {
        d.n_labels++;
        i = domain_label(&d, w, i + 1, limit);
    }
    m->end = d.best != 0 ? d.best : d.fallback;
    if (m->end != 0 && !is_repository(w, m->start, at, m->end)) m->confidence = d.best != 0 ? 95 : 55;
}

/* ---- rows ---- */

static const sp_example email_examples[] = {
    "write to [anna.berg@example.org] today",
    "[a@b.de]",
    "<[first.last+tag@mail.example.co.uk]>.",
    "mailto:[x_y-z%1@sub-domain.example.info]?subject=hi",
    "\xe9\x82\xae\xe7\xae\xb1\xe6\x98\xaf[foo@example.com]\xe5\x92\x8c\xe6\x88\x91",
    "[info@m\xc3\xbcller.de]",
    "end of sentence: [me@example.net].Please",
    "[ops@intranet.corp]",
    "git@example.com:team/repo.git",
    "icon@2x.png",
    "left-pad@1.3.0",
    "a @ b.de, @handle, user@host",
    "a@b.c",
    "decorator @property.setter",
    NULL,
};

static const sp_row rows[] = {
    {
        .name = "email",
        .kind = SP_KIND_EMAIL,
        .sign = SP_SIGN_EMAIL,
        .validate = email,
        .head_max = LOCAL_MAX + 2,
        .longest = LOCAL_MAX + 1 + DOMAIN_MAX,
        .least = 50,
        .examples = email_examples,
    },
};

const sp_family sp_family_identifiers = {rows, sizeof rows / sizeof rows[0]};
