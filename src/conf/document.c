/* From libyaml's events to a tree. libyaml knows YAML 1.1; what 1.2's core schema reads differently is
 * decided here, and what a reader could take for something else (tags, anchors, merge keys, repeated keys) is
 * refused rather than interpreted. */
#include "conf/document.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

typedef struct reader {
    yaml_parser_t yaml;
    spc_problems *problems;
    sp_mem *mem;
    size_t n_nodes;
    bool is_broken; /* nothing further can be read */
} reader;

static spc_mark mark_of(yaml_mark_t mark)
{
    return (spc_mark){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

/* A problem after which reading goes on. */
static void refuse(reader *in, spc_mark at, const char *what, const char *help)
{
    const spc_problem problem = {.at = at, .what = sp_bytes_of(what), .help = sp_bytes_of(help)};
    spc_problems_add(in->problems, &problem);
}

/* A failure after which the rest of the file means nothing. */
static void give_up(reader *in, spc_mark at, const char *what, const char *help)
{
    refuse(in, at, what, help);
    in->is_broken = true;
}

/* libyaml keeps its own sentence and place. A reader error (bytes that are no UTF-8) has an offset only, so
 * the whole file is named. */
static void give_up_on_syntax(reader *in)
{
    const yaml_parser_t *y = &in->yaml;
    char text[200];
    if (y->error == YAML_MEMORY_ERROR) {
        in->problems->status = SP_ENOMEM;
        in->is_broken = true;
        return;
    }
    const char *what = y->problem != NULL ? y->problem : "cannot be read";
    (void)snprintf(text, sizeof text, "not YAML: %s", what);
    if (y->error == YAML_READER_ERROR) {
        give_up(in, (spc_mark){0, 0}, text, "the file must be UTF-8 text without control characters");
        return;
    }
    give_up(in, mark_of(y->problem_mark), text,
            "check indentation, quotes and brackets here and on the line before");
}

/* The caller deletes the event when this is true; when it is false there is none. */
static bool next_event(reader *in, yaml_event_t *event)
{
    if (!yaml_parser_parse(&in->yaml, event)) {
        give_up_on_syntax(in);
        return false;
    }
    return true;
}

/* ---- the core schema ---- */

static bool is_one_of(sp_bytes text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (sp_bytes_eq(text, sp_bytes_of(*words))) {
            return true;
        }
    }
    return false;
}

/* strspn for bytes that may hold a NUL. */
static size_t span(sp_bytes s, size_t from, const char *set)
{
    while (from < s.n && s.p[from] != '\0' && strchr(set, s.p[from]) != NULL) {
        from++;
    }
    return from;
}

static bool is_based(sp_bytes s, char letter, const char *digits)
{
    return s.n > 2 && s.p[0] == '0' && s.p[1] == (uint8_t)letter && span(s, 2, digits) == s.n;
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+. A leading zero does not make a number octal, as it did in
 * YAML 1.1. */
static bool is_int(sp_bytes s)
{
    const size_t sign = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    return (s.n > sign && span(s, sign, "0123456789") == s.n) || is_based(s, 'o', "01234567") ||
           is_based(s, 'x', "0123456789abcdefABCDEF");
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(sp_bytes s)
{
    static const char digits[] = "0123456789";
    const size_t start = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0;
    const size_t whole = span(s, start, digits);
    size_t at = whole;
    if (at < s.n && s.p[at] == '.') {
        at = span(s, at + 1, digits);
    }
    if (whole == start && at <= whole + 1) {
        return false;
    }
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        const size_t sign = at + 1 < s.n && (s.p[at + 1] == '-' || s.p[at + 1] == '+') ? 1 : 0;
        const size_t end = span(s, at + 1 + sign, digits);
        return end > at + 1 + sign && end == s.n;
    }
    return at == s.n;
}

spc_scalar_kind spc_scalar_classify(sp_bytes text, bool *is_null)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const bools[] = {"true", "True", "TRUE", "false", "False", "FALSE", NULL};
    static const char *const specials[] = {".inf",  ".Inf",  ".INF", "-.inf", "-.Inf", "-.INF", "+.inf",
                                           "+.Inf", "+.INF", ".nan", ".NaN",  ".NAN",  NULL};
    *is_null = is_one_of(text, nulls);
    if (is_one_of(text, bools)) {
        return SPC_SCALAR_BOOL;
    }
    if (is_int(text)) {
        return SPC_SCALAR_INT;
    }
    return is_decimal(text) || is_one_of(text, specials) ? SPC_SCALAR_FLOAT : SPC_SCALAR_TEXT;
}

/* ---- nodes ---- */

/* Counted, so that a small file of many brackets cannot take all memory. */
static spc_node *new_node(reader *in, spc_mark at)
{
    spc_node *node = NULL;
    if (in->n_nodes == SPC_NODES_MAX) {
        give_up(in, at, "the file holds too many values", "split the estate over several gateways");
        return NULL;
    }
    node = sp_alloc(in->mem, 1, sizeof *node);
    if (node == NULL) {
        in->problems->status = SP_ENOMEM;
        in->is_broken = true;
        return NULL;
    }
    in->n_nodes++;
    node->at = at;
    return node;
}

/* Anchors and tags, on any kind of node. */
static void refuse_decoration(reader *in, const yaml_event_t *event)
{
    const bool is_scalar = event->type == YAML_SCALAR_EVENT;
    const bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor = is_scalar ? event->data.scalar.anchor
                                : is_list ? event->data.sequence_start.anchor
                                          : event->data.mapping_start.anchor;
    const yaml_char_t *tag = is_scalar ? event->data.scalar.tag
                             : is_list ? event->data.sequence_start.tag
                                       : event->data.mapping_start.tag;
    if (anchor != NULL) {
        refuse(in, mark_of(event->start_mark), "anchors are not read here",
               "remove the & and write the value where it is used");
    }
    if (tag != NULL) {
        refuse(in, mark_of(event->start_mark), "tags are not read here",
               "remove the ! and what belongs to it; quote text");
    }
}

/* An empty text was given all the same: it gets a pointer, which a text that was not given has not. */
static void keep_text(reader *in, sp_bytes *out, sp_bytes text)
{
    if (text.n == 0) {
        *out = SP_LIT("");
    } else if (sp_bytes_copy(out, text, in->mem) != SP_OK) {
        in->problems->status = SP_ENOMEM;
        in->is_broken = true;
    }
}

/* Only plain scalars are typed: quotes always make text (YAML 1.2.2, 10.3.2). */
static void fill_scalar(reader *in, spc_node *node, const yaml_event_t *event)
{
    const sp_bytes text = {event->data.scalar.value, event->data.scalar.length};
    const bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_null = false;
    node->kind = SPC_NODE_SCALAR;
    node->end = mark_of(event->end_mark);
    if (is_plain) {
        node->scalar = (uint8_t)spc_scalar_classify(text, &is_null);
    }
    if (is_null) {
        node->kind = SPC_NODE_NULL;
    }
    keep_text(in, &node->text, text);
}

static spc_node *read_node(reader *in, const yaml_event_t *event, unsigned depth);

/* Items that were refused are left out of the list; their problems have been noted. */
static void read_list(reader *in, spc_node *list, unsigned depth)
{
    spc_node **tail = &list->child;
    list->kind = SPC_NODE_LIST;
    while (!in->is_broken) {
        yaml_event_t event;
        if (!next_event(in, &event)) {
            return;
        }
        const bool is_end = event.type == YAML_SEQUENCE_END_EVENT;
        list->end = mark_of(event.end_mark);
        spc_node *item = is_end ? NULL : read_node(in, &event, depth + 1);
        yaml_event_delete(&event);
        if (is_end) {
            return;
        }
        if (item != NULL) {
            *tail = item;
            tail = &item->next;
        }
    }
}

static void refuse_repeated_key(reader *in, const spc_node *first, spc_mark at)
{
    char text[96];
    (void)snprintf(text, sizeof text, "this key is already there, in line %u", first->key_at.line);
    refuse(in, at, text, "keep one of the two");
}

/* Compared after unescaping, so that "\x61" and a are the same key. */
static const spc_node *find_key(const spc_node *map, sp_bytes key)
{
    for (const spc_node *n = map->child; n != NULL; n = n->next) {
        if (sp_bytes_eq(n->key, key)) {
            return n;
        }
    }
    return NULL;
}

/* @return whether the value behind this key should be kept. */
static bool check_key(reader *in, const spc_node *map, const yaml_event_t *event)
{
    const spc_mark at = mark_of(event->start_mark);
    if (event->type != YAML_SCALAR_EVENT) {
        give_up(in, at, "a key must be a word", "write KEY: VALUE");
        return false;
    }
    refuse_decoration(in, event);
    const sp_bytes key = {event->data.scalar.value, event->data.scalar.length};
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && sp_bytes_eq(key, SP_LIT("<<"))) {
        refuse(in, at, "merge keys are not read here", "write the keys out");
        return false;
    }
    const spc_node *first = find_key(map, key);
    if (first != NULL) {
        refuse_repeated_key(in, first, at);
    }
    return first == NULL;
}

/* One KEY: VALUE; the key's event has been read. NULL when it is not to be kept. */
static spc_node *read_pair(reader *in, const spc_node *map, const yaml_event_t *key_event, unsigned depth)
{
    const bool is_kept = check_key(in, map, key_event);
    yaml_event_t event;
    if (in->is_broken || !next_event(in, &event)) {
        return NULL;
    }
    spc_node *value = read_node(in, &event, depth + 1);
    yaml_event_delete(&event);
    if (value == NULL || !is_kept) {
        return NULL;
    }
    value->key_at = mark_of(key_event->start_mark);
    const sp_bytes key = {key_event->data.scalar.value, key_event->data.scalar.length};
    keep_text(in, &value->key, key);
    return value;
}

/* A repeated key's value is read for its own problems, then dropped: the first one stands. */
static void read_map(reader *in, spc_node *map, unsigned depth)
{
    spc_node **tail = &map->child;
    size_t n_keys = 0;
    map->kind = SPC_NODE_MAP;
    while (!in->is_broken) {
        yaml_event_t event;
        if (!next_event(in, &event)) {
            return;
        }
        const bool is_end = event.type == YAML_MAPPING_END_EVENT;
        map->end = mark_of(event.end_mark);
        if (!is_end && n_keys++ == SPC_KEYS_MAX) {
            give_up(in, mark_of(event.start_mark), "too many keys in one map",
                    "split the estate over several gateways");
        }
        spc_node *value = is_end || in->is_broken ? NULL : read_pair(in, map, &event, depth);
        yaml_event_delete(&event);
        if (is_end) {
            return;
        }
        if (value != NULL) {
            *tail = value;
            tail = &value->next;
        }
    }
}

/* Reads the node that begins with `event` and everything below it. NULL: refused, or nothing more can be
 * read. */
static spc_node *read_node(reader *in, const yaml_event_t *event, unsigned depth)
{
    const spc_mark at = mark_of(event->start_mark);
    if (depth > SPC_NESTING_MAX) {
        give_up(in, at, "nested too deeply", "no setting lies that deep; check the indentation");
        return NULL;
    }
    if (event->type == YAML_ALIAS_EVENT) {
        refuse(in, at, "aliases are not read here", "write the value out");
        return NULL;
    }
    refuse_decoration(in, event);
    spc_node *node = new_node(in, at);
    if (node == NULL) {
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT) {
        fill_scalar(in, node, event);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        read_list(in, node, depth);
    } else {
        node->is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        read_map(in, node, depth);
    }
    return node;
}

/* ---- the file ---- */

/* %YAML 1.1 would promise another reading of `NO` than the one that the file gets. */
static void check_directives(reader *in, const yaml_event_t *event)
{
    const yaml_version_directive_t *version = event->data.document_start.version_directive;
    if (version != NULL && (version->major != 1 || version->minor != 2)) {
        refuse(in, mark_of(event->start_mark), "the file says that it is not YAML 1.2",
               "remove the %YAML line");
    }
    if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end) {
        refuse(in, mark_of(event->start_mark), "tags are not read here", "remove the %TAG line");
    }
}

/* The events of a stream come in a fixed order; this is the one that begins with a document's start. */
static spc_node *read_documents(reader *in)
{
    spc_node *root = NULL;
    for (unsigned n_documents = 0; !in->is_broken;) {
        yaml_event_t event;
        if (!next_event(in, &event)) {
            return NULL;
        }
        const yaml_event_type_t type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT) {
            check_directives(in, &event);
            n_documents++;
        }
        if (n_documents > 1) {
            give_up(in, mark_of(event.start_mark), "a second document begins",
                    "keep one document in the file");
        } else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            root = read_node(in, &event, 0);
        }
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            break;
        }
    }
    return root;
}

sp_status spc_document_read(const spc_node **out, spc_problems *problems, sp_bytes file)
{
    reader in = {.problems = problems, .mem = problems->mem};
    *out = NULL;
    if (file.n > SPC_FILE_MAX) {
        refuse(&in, (spc_mark){0, 0}, "the file is larger than 4MiB",
               "split the estate over several gateways");
        return SP_OK;
    }
    if (!yaml_parser_initialize(&in.yaml)) {
        return SP_ENOMEM;
    }
    yaml_parser_set_encoding(&in.yaml, YAML_UTF8_ENCODING); /* else a byte order mark chooses UTF-16 */
    yaml_parser_set_input_string(&in.yaml, file.p, file.n);
    spc_node *root = read_documents(&in);
    yaml_parser_delete(&in.yaml);
    if (problems->status != SP_OK) {
        return problems->status;
    }
    if (!in.is_broken && root == NULL && problems->n_errors == 0) {
        refuse(&in, (spc_mark){1, 1}, "the file is empty", "start from examples/sallyport.yaml");
    }
    *out = in.is_broken ? NULL : root;
    return SP_OK;
}
