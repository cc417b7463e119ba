/* Passwords and keys in columns: a line of names ("user,password", "| Host | Password |"), and under one of
 * them the value. A stream keeps few bytes before a match, so only the rows are read that stand within them:
 * the first ones. */
#include "detect/assigned.h"

#include <hs/hs.h>
#include <string.h>

enum { TABLE_MAX = 120, FIELDS_MAX = 16, RULE_MIN = 3 };

/* A line of names and where it stands. */
typedef struct header {
    size_t start, end; /* end: of the line */
    size_t column;     /* of the name, from 0 */
    size_t n_delimiters;
    uint8_t delimiter;
} header;

/* Which value of a column: in which row, from 1, and how long at most. */
typedef struct field {
    unsigned nth;
    size_t most;
} field;

static bool is_delimiter(int c)
{
    return c == ',' || c == ';' || c == '\t' || c == '|';
}

static bool is_header_char(int c)
{
    return sp_is_name_or_wide(c) || c == ' ' || c == '"' || c == '\'' || c == '*' || c == '`' || c == '.' ||
           c == '/' || c == '#' || c == '(' || c == ')' || is_delimiter(c);
}

/* What parts the names: the first delimiter behind this one, or the last before it. */
static uint8_t delimiter_at(const sp_window *w, size_t name, size_t name_end, size_t end, size_t start)
{
    for (size_t i = name_end; i < end; i++) {
        if (is_delimiter(w->p[i])) return w->p[i];
        if (sp_is_alnum(w->p[i])) return 0;
    }
    for (size_t i = name; i > start; i--) {
        if (is_delimiter(w->p[i - 1])) return w->p[i - 1];
        if (sp_is_alnum(w->p[i - 1]) && w->p[i] != ' ') return 0;
    }
    return 0;
}

/* Do the bars of a table stand at the start of its lines or among blanks? */
static bool is_barred(const sp_window *w, const header *h)
{
    for (size_t i = h->start; i < h->end; i++) {
        if (w->p[i] == '|') return i == h->start || w->p[i - 1] == ' ';
    }
    return false;
}

/* Two names and more between the delimiters, all short, as a sentence does not have them. A line that ends in
 * a comma is one of a list in code. */
static bool are_names(const sp_window *w, header *h)
{
    enum { NAME_LONG = 32, BLANKS_MAX = 2 };
    size_t n = 0, n_blanks = 0, n_names = 0;
    for (size_t i = h->start; i < h->end; i++) {
        const int c = w->p[i];
        if (c == h->delimiter) {
            n = n_blanks = 0;
            h->n_delimiters++;
            continue;
        }
        if (is_delimiter(c)) return false;
        n_blanks += c == ' ' && n > 0 && sp_is_name_or_wide(w->p[i - 1]) && h->delimiter != '|';
        n_names += n == 0 && sp_is_name_or_wide(c);
        n += sp_is_name_or_wide(c);
        if (n > NAME_LONG || n_blanks > BLANKS_MAX) return false;
    }
    const bool is_bar = h->delimiter == '|'; /* "a|b" is a pattern or a type */
    if (is_bar ? !is_barred(w, h) : w->p[h->end - 1] == h->delimiter) return false;
    return n_names > 1 && h->n_delimiters < FIELDS_MAX;
}

/* Does a name end at `i`, behind its quotes and marks? Most words in a text are told by that alone. */
static bool ends_name(sp_window *w, size_t i, sp_match *m)
{
    for (const size_t limit = i + 4; i < limit; i++) {
        m->start = i;
        const int c = sp_peek(w, i);
        if (is_delimiter(c) || c == '\n' || c == '\r') return true;
        if (c != '"' && c != '\'' && c != '*' && c != '`' && c != ' ') return false;
    }
    return false;
}

/* Where the line of `name` begins, SIZE_MAX if what is before the name is no list of names. */
static size_t header_start(const sp_window *w, size_t name)
{
    size_t i = name;
    while (i > 0 && name - i < TABLE_MAX && w->p[i - 1] != '\n' &&
           (is_header_char(w->p[i - 1]) || w->p[i - 1] == '>'))
        i--;
    sp_charge(w, name - i);
    return i == 0 || w->p[i - 1] == '\n' ? i : SIZE_MAX;
}

/* Reads the line of names around [name, name_end). Notes in m->start how far it has read. */
static bool read_header(header *h, sp_window *w, size_t name, size_t name_end, sp_match *m)
{
    *h = (header){.end = name_end};
    if (!ends_name(w, name_end, m)) return false;
    h->start = header_start(w, name);
    if (h->start == SIZE_MAX) return false;
    while (h->end - h->start <= TABLE_MAX && is_header_char(sp_peek(w, h->end))) m->start = ++h->end;
    sp_charge(w, 2 * (h->end - h->start));
    const int last = sp_peek(w, h->end);
    if (last != '\n' && last != '\r') return false;
    h->delimiter = delimiter_at(w, name, name_end, h->end, h->start);
    if (h->delimiter == 0 || !are_names(w, h)) return false;
    for (size_t i = h->start; i < name; i++) h->column += w->p[i] == h->delimiter;
    return true;
}

/* Behind the line that begins at `i`, within reach; 0: it is longer. */
static size_t next_line(sp_window *w, const header *h, size_t i, sp_match *m)
{
    for (; i <= h->start + TABLE_MAX; i++) {
        m->start = i;
        const int c = sp_peek(w, i);
        if (c < 0) return 0;
        sp_charge(w, 1);
        if (c == '\n') return i + 1;
    }
    return 0;
}

/* The rule under the names in Markdown and psql: "|---|:--:|", "-----+----". `i` itself if there is none. */
static size_t skip_rule(sp_window *w, const header *h, size_t i, sp_match *m)
{
    unsigned n = 0;
    size_t at = i;
    for (;; at++) {
        m->start = at;
        const int c = sp_peek(w, at);
        n += c == '-';
        sp_charge(w, 1);
        if (c == '\n') break;
        if ((c != '-' && c != '|' && c != ':' && c != '+' && c != ' ' && c != '\r') ||
            at > h->start + TABLE_MAX)
            return i;
    }
    return n >= RULE_MIN ? at + 1 : i;
}

static bool ends_field(int c, const header *h)
{
    return c < 0 || c == '\n' || c == '\r' || c == h->delimiter;
}

/* Goes from the start of a row to the field in the column. @return false: it is not within reach. */
static bool find_field(sp_window *w, const header *h, size_t i, sp_match *m)
{
    bool is_quoted = false;
    for (size_t column = 0; i < h->start + TABLE_MAX; i++) {
        m->start = i;
        if (column == h->column && sp_peek(w, i) != ' ') return true;
        const int c = sp_peek(w, i);
        if (c < 0 || c == '\n') return false;
        sp_charge(w, 1);
        is_quoted ^= c == '"';
        column += c == h->delimiter && !is_quoted;
    }
    return false;
}

/* The value of the field at m->start, without its quotes and blanks. @return false: there is none, or it is
 * longer than `most`, so that a part of it would stay. */
static bool read_field(sp_assigned *a, sp_window *w, const header *h, sp_match *m, size_t most)
{
    const int quote = sp_peek(w, m->start);
    const bool is_quoted = sp_is_quote(quote);
    m->start += is_quoted;
    size_t end = m->start;
    bool is_whole = false;
    for (; end <= m->start + most; end++) {
        const int c = sp_peek(w, end);
        is_whole = is_quoted ? c == quote || c < ' ' : ends_field(c, h);
        if (is_whole) break;
    }
    sp_charge(w, end - m->start);
    if (!is_whole) return false;
    while (!is_quoted && end > m->start && w->p[end - 1] == ' ') end--;
    a->start = m->start;
    a->end = m->end = end;
    a->writing = SP_WRITING_QUOTED;
    a->is_told = true;
    return end > m->start && !w->ran_out;
}

/* Has the row that begins at `i` as many fields as there are names? */
static bool has_all_fields(sp_window *w, const header *h, size_t i)
{
    size_t n = 0;
    bool is_quoted = false;
    for (const size_t limit = i + TABLE_MAX + SP_VALUE_MAX + SP_LOOK_MAX; i < limit; i++) {
        const int c = sp_peek(w, i);
        if (c < 0 || c == '\n') break;
        sp_charge(w, 1);
        is_quoted ^= c == '"';
        n += c == h->delimiter && !is_quoted;
    }
    return n == h->n_delimiters && !w->ran_out;
}

static bool is_named(const sp_assigned *a, const sp_window *w, const char *word)
{
    return a->name_end - a->name == strlen(word) && sp_has_word(w, a->name, a->name_end, word);
}

static bool has_sibling(const sp_window *w, const header *h, const char *const *names)
{
    sp_charge(w, 2 * (h->end - h->start));
    return sp_has_context(w, h->end, h->end - h->start, names);
}

/* "test,pass,fail" counts, "token,lemma,pos" parts a text, and "NAME SECRET AGE" lists names: the other
 * columns tell. */
static bool is_other_column(const sp_assigned *a, const sp_window *w, const header *h)
{
    static const char *const of_login[] = {"user",  "username", "host", "hostname", "login", "mail",
                                           "email", "account",  "name", "url",      NULL};
    static const char *const of_tests[] = {"fail",  "failed", "skip", "skipped", "test",
                                           "tests", "lemma",  "pos",  "count",   NULL};
    static const char *const of_texts[] = {"lemma", "pos", "text", "path", "tag", "line", "offset", NULL};
    static const char *const of_objects[] = {"age", "type", NULL};
    if (is_named(a, w, "pass")) return !has_sibling(w, h, of_login) || has_sibling(w, h, of_tests);
    if (is_named(a, w, "token")) return has_sibling(w, h, of_texts);
    return is_named(a, w, "secret") && has_sibling(w, h, of_objects);
}

/* Reads the value of the table whose column the word before head_end names. */
static bool read_column(sp_assigned *a, sp_window *w, size_t head_end, sp_match *m, field which)
{
    *a = (sp_assigned){.name = head_end, .word_end = head_end, .name_end = head_end};
    m->start = head_end;
    while (a->name > 0 && head_end - a->name < SP_NAME_MAX && sp_is_name_or_wide(w->p[a->name - 1]))
        a->name--;
    for (; a->name_end < head_end + SP_NAME_MAX && sp_is_base64url(sp_peek(w, a->name_end)); a->name_end++)
        m->start = a->name_end;
    header h;
    if (!read_header(&h, w, a->name, a->name_end, m) || is_other_column(a, w, &h)) return false;
    size_t row = next_line(w, &h, h.end, m);
    if (row != 0) row = skip_rule(w, &h, row, m);
    for (unsigned n = 1; n < which.nth && row != 0; n++) row = next_line(w, &h, row, m);
    return row != 0 && find_field(w, &h, row, m) && read_field(a, w, &h, m, which.most) &&
           has_all_fields(w, &h, row);
}

static void column_password(sp_window *w, size_t head_end, sp_match *m, unsigned nth)
{
    sp_assigned a;
    if (read_column(&a, w, head_end, m, (field){nth, SP_PASSWORD_MAX}) && sp_assigned__is_password(&a, w, m))
        m->confidence = 76;
}

static void column_secret(sp_window *w, size_t head_end, sp_match *m, unsigned nth)
{
    sp_assigned a;
    if (read_column(&a, w, head_end, m, (field){nth, SP_VALUE_MAX}) && sp_assigned__is_secret(&a, w))
        m->confidence = 78;
}

static void first_password(sp_window *w, size_t head_end, sp_match *m)
{
    column_password(w, head_end, m, 1);
}

static void second_password(sp_window *w, size_t head_end, sp_match *m)
{
    column_password(w, head_end, m, 2);
}

static void third_password(sp_window *w, size_t head_end, sp_match *m)
{
    column_password(w, head_end, m, 3);
}

static void first_secret(sp_window *w, size_t head_end, sp_match *m)
{
    column_secret(w, head_end, m, 1);
}

static void second_secret(sp_window *w, size_t head_end, sp_match *m)
{
    column_secret(w, head_end, m, 2);
}

/* ---- rows ---- */

#define PASSWORDS "pass|pwd|kennwort|contrase(?:\xc3\xb1|n)a|senha|wachtwoord"
#define SECRETS "secret|token|key"

/* A part of a value is never told: the rest would stay. */
#define OF_40 "k3Lq9Zt2x7Vb4Nm8Rw1Yp5Ts6Hd0Fg2Jc9Ka3Eu7"
static const char of_200[] = "\nservice,api_key\nshop,[" OF_40 OF_40 OF_40 OF_40 OF_40 "]\n";
static const char password_of_140[] = "user,password\njoe," OF_40 OF_40 OF_40 "k3Lq9Zt2x7Vb4Nm8Rw1Y\n";

static const sp_example first_examples[] = {
    "\nusername,password\njoe,[k3Lq9Zt2]\n",
    "\nhost;user;password;port\ndb;joe;[Gr8twall99];5432\n",
    "\n| user | password |\n|---|---|\n| joe | [Sommer2024!] |\n",
    "\n\"user\",\"password\"\n\"joe\",\"[Pa55-w0rt]\"\n",
    "\nuser\tpasswort\njoe\t[x1y2z3w4]\n",
    "\nHost | Password\n-----+---------\ndb | [k3Lq9Zt2]\n",
    "\nuser,pass\njoe,[k3Lq9Zt2]\n",
    "| name | password |\n|---|---|\n| type | string |\n",
    "Enter your user name, then the password\njoe2 and hunter22\n",
    "user,password_file\njoe,k3Lq9Zt2\n",
    "user,password\njoe\n",
    "user, password = get(user2),\nname, word2x = 1\n",
    "username,password\njoe,${PASS1}\n",
    "int login(char *user, char *password)\n{int a1b2c3;\n",
    "test,pass,fail\nsuite1,12/14ok,2\n",
    "| Setting | Pass |\n|---|---|\n| a | yes12345 |\n",
    "user,pass,fail\njoe,12/14ok,2\n",
    password_of_140,
    NULL,
};

static const sp_example second_examples[] = {
    "\nusername,password\njoe,k3Lq9Zt2\nann,[Gr8twall99]\n",
    "\nuser;password\njoe;k3Lq9Zt2\nann;[Pa55-w0rt]\n",
    "\n| user | password |\n|---|---|\n| joe | k3Lq9Zt2 |\n| ann | [Sommer2024!] |\n",
    "\npassword\tuser\nk3Lq9Zt2\tjoe\n[x1y2z3w4]\tann\n",
    "\n\"user\",\"pwd\"\n\"joe\",\"k3Lq9Zt2\"\n\"ann\",\"[Gr8twall99]\"\n",
    "username,password\njoe,k3Lq9Zt2\n",
    "username,password\njoe,k3Lq9Zt2\nann,string\n",
    "| name | password |\n|---|---|\n| type | string |\n| size | number |\n",
    "username,password\n\nEnter both of them.\n",
    "username,password\njoe,k3Lq9Zt2\nann,<password1>\n",
    NULL,
};

static const sp_example third_examples[] = {
    "\nusername,password\njoe,k3Lq9Zt2\nann,Gr8twall99\nbob,[Pa55-w0rt]\n",
    "\nuser;password\njoe;k3Lq9Zt2\nann;Gr8twall99\nbob;[Sommer2024!]\n",
    "\nuser\tpwd\njoe\tk3Lq9Zt2\nann\tGr8twall99\nbob\t[x1y2z3w4]\n",
    "\npassword,user\nk3Lq9Zt2,joe\nGr8twall99,ann\n[Pa55-w0rt],bob\n",
    "\n| user | password |\n|---|---|\n| joe | k3Lq9Zt2 |\n| ann | Gr8twall99 |\n| bob | [x1y2z3w4] |\n",
    "username,password\njoe,k3Lq9Zt2\nann,Gr8twall99\n",
    "username,password\njoe,k3Lq9Zt2\nann,Gr8twall99\nbob,none\n",
    "username,password\njoe,k3Lq9Zt2\nann,Gr8twall99\nThat is all.\n",
    "username,password\njoe,k3Lq9Zt2\nann,Gr8twall99\nbob\n",
    "username,password\njoe,k3Lq9Zt2\nann,Gr8twall99\nbob,$PASS\n",
    NULL,
};

static const sp_example first_secret_examples[] = {
    "\nservice,api_key\nshop,[4f8a2c91d07b4e3f9a6c5d18e2b7f034]\n",
    "\nid;name;secret\n1;shop;[Xk28dLmQpz71JvR0tW93]\n",
    "\n| service | token |\n|---|---|\n| shop | `[k29dj3md8shq7wbz4x0n]` |\n",
    "\nclient_secret,id\n[qT7zK2mPw9Xc4RbN8vLs],1\n",
    "\nservice\tapi_token\nshop\t[Zq8w3Lx91kVbN7tY2p4R]\n",
    of_200,
    "service,key\nshop,4f8a2c91d07b4e3f9a6c5d18e2b7f034\n",
    "| name | token |\n|---|---|\n| type | access_token_of_the_user |\n",
    "file,token_hash\na.c,4f8a2c91d07b4e3f9a6c5d18e2b7f034\n",
    "id,public_key\n1,4f8a2c91d07b4e3f9a6c5d18e2b7f034\n",
    "service,api_key\nshop,xxxxxxxxxxxxxxxxxxxxxxxx\n",
    "token,lemma,pos\nInternationalization2020,a,b\n",
    "path,token\n/a,0e9c1d52-7f3a-4b68-9c21-5d8e7f6a4b30\n",
    "NAME\tSECRET\tAGE\na\tk29dj3md8shq7wbz4x0n\t4d\n",
    NULL,
};

static const sp_example second_secret_examples[] = {
    "\nservice,api_key\na,k29dj3md8shq7wbz4x0n\nb,[4f8a2c91d07b4e3f9a6c5d18e2b7f034]\n",
    "\nid;secret\n1;k29dj3md8shq7wbz4x0n\n2;[Xk28dLmQpz71JvR0tW93]\n",
    "\n| n | token |\n|---|---|\n| a | k29dj3md8shq7wbz4x0n |\n| b | [Xk28dLmQpz71JvR0tW93] |\n",
    "\nclient_secret,id\nk29dj3md8shq7wbz4x0n,1\n[qT7zK2mPw9Xc4RbN8vLs],2\n",
    "\nname\tapi_token\nx\tk29dj3md8shq7wbz4x0n\ny\t[Zq8w3Lx91kVbN7tY2p4R]\n",
    "service,api_key\na,k29dj3md8shq7wbz4x0n\n",
    "service,api_key\na,k29dj3md8shq7wbz4x0n\nb,none\n",
    "service,key\na,k29dj3md8shq7wbz4x0n\nb,4f8a2c91d07b4e3f9a6c5d18e2b7f034\n",
    "service,api_key\na,k29dj3md8shq7wbz4x0n\nThese are all of them.\n",
    "service,api_key\na,k29dj3md8shq7wbz4x0n\nb,xxxxxxxxxxxxxxxxxxxxxxxx\n",
    NULL,
};

#define COLUMN(title, id, pattern, function, list)                                           \
    {                                                                                        \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .flags = HS_FLAG_CASELESS, \
        .validate = (function), .head_max = 0, .longest = SP_VALUE_MAX, .least = 60,         \
        .source = "RFC 4180; GitHub Flavored Markdown, 4.10", .examples = (list)             \
    }

static const sp_row rows[] = {
    COLUMN("column-password", PASSWORD, PASSWORDS, first_password, first_examples),
    COLUMN("column-password-2", PASSWORD, PASSWORDS, second_password, second_examples),
    COLUMN("column-password-3", PASSWORD, PASSWORDS, third_password, third_examples),
    COLUMN("column-secret", API_KEY, SECRETS, first_secret, first_secret_examples),
    COLUMN("column-secret-2", API_KEY, SECRETS, second_secret, second_secret_examples),
};

const sp_family sp_family_secret_columns = {rows, sizeof rows / sizeof rows[0]};
