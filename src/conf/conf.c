/* The load of a configuration, step by step: text -> tree -> filled rows -> resolved references -> warnings.
 * Each step goes on past what it finds wrong as far as it can, so that one run shows all problems. */
#include "conf/conf.h"

#include <string.h>

#include "conf/date.h"
#include "conf/document.h"
#include "conf/lapse.h"
#include "conf/read.h"
#include "conf/resolve.h"

/* ---- what if ---- */

spc_statements *spc_statements_of(const spc_conf *conf, sp_bytes name)
{
    for (size_t i = 0; i < conf->vendors.n; i++) {
        if (sp_bytes_eq(conf->vendors.v[i].name.v, name)) {
            return &conf->vendors.v[i].facts;
        }
    }
    const int i = spc_destination_find(conf, name);
    return i >= 0 ? &conf->destinations.v[i].facts : NULL;
}

static void lapse(spc_conf *conf, const spc_lapse *l, sp_mem *mem)
{
    spc_statements *list = spc_statements_of(conf, l->of);
    for (size_t i = 0; list != NULL && i < list->n; i++) {
        spc_statement *s = &list->v[i];
        uint64_t from_s = 0;
        uint64_t until_s = 0;
        if (sp_bytes_eq(s->name.v, l->fact) && spc_date_parse(&from_s, s->from.v) &&
            spc_date_parse(&until_s, s->until.v) && from_s < l->at_s && l->at_s < until_s) {
            sp_buf text = SP_BUF_IN(mem);
            sp_date_append(&text, l->at_s);
            s->until.v = sp_buf_bytes(&text);
        }
    }
}

/* ---- the load ---- */

/* Warnings are for files that would run: next to errors they are noise. */
static sp_status read_all(spc_conf *conf, spc_problems *problems, const spc_source *source,
                          const spc_lapses *lapses)
{
    const spc_node *root = NULL;
    SP_TRY(spc_document_read(&root, problems, source->bytes));
    if (root == NULL) {
        return SP_OK;
    }
    SP_TRY(sp_bytes_copy(&conf->folder, source->folder, problems->mem));
    SP_TRY(spc_table_read(conf, &spc_table_conf, root, problems));
    for (size_t i = 0; i < lapses->n; i++) {
        lapse(conf, &lapses->v[i], problems->mem);
    }
    SP_TRY(spc_resolve(conf, problems));
    if (problems->n_errors == 0) {
        SP_TRY(spc_warn(conf, source->now_s, problems));
    }
    return problems->status;
}

sp_status spc_conf_parse_as_if(const spc_conf **out, spc_problems *problems, const spc_source *source,
                               const spc_lapses *lapses)
{
    *out = NULL;
    spc_conf *conf = sp_alloc(problems->mem, 1, sizeof *conf);
    if (conf == NULL) {
        return SP_ENOMEM;
    }
    SP_TRY(read_all(conf, problems, source, lapses));
    spc_problems_sort(problems);
    if (problems->n_errors > 0) {
        return SP_EFIELD;
    }
    *out = conf;
    return SP_OK;
}

sp_status spc_conf_parse(const spc_conf **out, spc_problems *problems, const spc_source *source)
{
    return spc_conf_parse_as_if(out, problems, source, &(spc_lapses){NULL, 0});
}

sp_status spc_conf_path(sp_bytes *out, const spc_conf *conf, sp_bytes path, sp_mem *mem)
{
    sp_buf text = SP_BUF_IN(mem);
    *out = SP_BYTES_EMPTY;
    const sp_bytes plain = sp_bytes_starts(path, SP_LIT("./")) ? sp_bytes_sub(path, 2, path.n) : path;
    if (path.n == 0 || path.p[0] != '/') {
        const bool is_root = sp_bytes_eq(conf->folder, SP_LIT("/"));
        sp_buf_append(&text, conf->folder);
        sp_buf_append_str(&text, is_root ? "" : "/");
    }
    sp_buf_append(&text, plain);
    sp_buf_append_byte(&text, '\0');
    if (text.status != SP_OK) {
        return text.status;
    }
    *out = (sp_bytes){text.p, text.n - 1};
    return SP_OK;
}
