/* From a case of YAML to the body that a client would send. */
#include "conf/cases.h"
#include "conf/document.h"

/* ---- trees as JSON ---- */

/* RFC 8259, 6: what the core schema takes for a number and JSON does not (+1, .5, 0x1f) goes as text, so that
 * nothing is altered. */
static size_t digits(sp_bytes s, size_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') at++;
    return at;
}

static bool is_json_number(sp_bytes s)
{
    const size_t start = s.n > 0 && s.p[0] == '-' ? 1 : 0;
    size_t end = digits(s, start);
    if (end == start || (s.p[start] == '0' && end > start + 1)) {
        return false;
    }
    if (end < s.n && s.p[end] == '.') {
        const size_t fraction = end + 1;
        end = digits(s, fraction);
        if (end == fraction) {
            return false;
        }
    }
    if (end < s.n && (s.p[end] == 'e' || s.p[end] == 'E')) {
        const bool has_sign = end + 1 < s.n && (s.p[end + 1] == '-' || s.p[end + 1] == '+');
        const size_t exponent = end + (has_sign ? 2 : 1);
        end = digits(s, exponent);
        return end > exponent && end == s.n;
    }
    return end == s.n;
}

static void append_text(sp_buf *out, sp_bytes text)
{
    sp_buf_append_byte(out, '"');
    sp_buf_append_json(out, text);
    sp_buf_append_byte(out, '"');
}

static void append_scalar(sp_buf *out, const spc_node *node)
{
    if (node->scalar == SPC_SCALAR_BOOL) {
        sp_buf_append_str(out, (node->text.p[0] | 0x20) == 't' ? "true" : "false");
    } else if (node->scalar != SPC_SCALAR_TEXT && is_json_number(node->text)) {
        sp_buf_append(out, node->text);
    } else {
        append_text(out, node->text);
    }
}

/* As deep as the reader lets a file be: SPC_NESTING_MAX. */
void spc_node_append_json(sp_buf *out, const spc_node *node)
{
    const bool is_map = node->kind == SPC_NODE_MAP;
    if (node->kind == SPC_NODE_NULL) {
        sp_buf_append_str(out, "null");
        return;
    }
    if (node->kind == SPC_NODE_SCALAR) {
        append_scalar(out, node);
        return;
    }
    sp_buf_append_byte(out, is_map ? '{' : '[');
    for (const spc_node *child = node->child; child != NULL; child = child->next) {
        sp_buf_append_str(out, child != node->child ? "," : "");
        if (is_map) {
            append_text(out, child->key);
            sp_buf_append_byte(out, ':');
        }
        spc_node_append_json(out, child);
    }
    sp_buf_append_byte(out, is_map ? '}' : ']');
}

/* ---- bodies ---- */

sp_dialect_id spc_case_dialect(const spc_case *c, const spc_conf *conf)
{
    const int model = spc_model_find(conf, c->given.model.v);
    if (model < 0 || conf->models.v[model].destination_names.n == 0) {
        return SP_DIALECT_OPENAI;
    }
    return (sp_dialect_id)conf->destinations.v[conf->models.v[model].destinations[0]].dialect;
}

void spc_case_body_append(sp_buf *out, const spc_case *c, sp_dialect_id dialect)
{
    if (c->given.request != NULL) {
        spc_node_append_json(out, c->given.request);
        return;
    }
    sp_buf_append_str(out, "{\"model\":");
    append_text(out, c->given.model.v);
    sp_buf_append_str(out, dialect == SP_DIALECT_ANTHROPIC ? ",\"max_tokens\":1024" : ""); /* it wants one */
    sp_buf_append_str(out, ",\"messages\":[{\"role\":\"user\",\"content\":");
    append_text(out, c->given.text.v);
    sp_buf_append_str(out, "}]}");
}
