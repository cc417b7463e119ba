/* What becomes of findings in answers: names of categories and of kinds become sets. */
#include "conf/resolve_internal.h"

/* A name of both is the category, which is the stricter word of the two. */
static void resolve_list(spc_resolver *r, const char *key, const spc_texts *list, uint64_t *categories,
                         sp_bits256 *kinds)
{
    for (size_t i = 0; i < list->n; i++) {
        const spc_texts one = {&list->v[i], 1, list->at};
        spc_nearest nearest = SPC_NEAREST_TO(list->v[i].v);
        const bool is_category = spc__name_find(r->conf->names.category, 64, list->v[i].v, NULL) >= 0;
        const sp_kind_info *kind = is_category ? NULL : spc__kind(list->v[i].v, &nearest);
        if (kind != NULL) {
            sp_bits256_add(kinds, (uint8_t)kind->kind);
        } else {
            *categories |= spc__categories(r, key, &one);
        }
    }
}

/* Any other kind leaves where its category is neither withheld nor masked: who wants that says so there. */
static void resolve_pass(spc_resolver *r)
{
    const spc_texts *list = &r->conf->review.pass;
    for (size_t i = 0; i < list->n; i++) {
        spc_nearest nearest = SPC_NEAREST_TO(list->v[i].v);
        const sp_kind_info *kind = spc__kind(list->v[i].v, &nearest);
        if (kind != NULL && kind->category == SP_CAT_OUTWARD) {
            sp_bits256_add(&r->conf->kinds.passed, (uint8_t)kind->kind);
            continue;
        }
        spc__report(r, &list->v[i],
                    &(spc_fault){.key = "pass",
                                 .is_quoted = true,
                                 .after = " is no kind of the category outward",
                                 .nearest = kind == NULL ? nearest.best : SP_BYTES_EMPTY,
                                 .help = "see `sallyport detector list`"});
    }
}

/* What stands in an earlier list as well. Withheld is the stronger, but who writes both means one of them. */
static void check_twice(spc_resolver *r, const char *key, const spc_texts *list, const spc_texts *earlier,
                        const char *after)
{
    const spc_fault fault = {
        .key = key, .is_quoted = true, .after = after, .help = "leave it in one of the two lists"};
    for (size_t i = 0; i < list->n * earlier->n; i++) {
        const spc_text *one = &list->v[i / earlier->n];
        if (sp_bytes_eq(one->v, earlier->v[i % earlier->n].v)) {
            spc__report(r, one, &fault);
        }
    }
}

void spc__resolve_review(spc_resolver *r)
{
    spc_conf *conf = r->conf;
    const spc_review *review = &conf->review;
    r->section = "review";
    r->entry = SP_BYTES_EMPTY;
    resolve_list(r, "withhold", &review->withhold, &conf->withhold, &conf->kinds.withheld);
    resolve_list(r, "mask", &review->mask, &conf->mask, &conf->kinds.masked);
    resolve_list(r, "echoes", &review->echoes, &conf->echoed, &conf->kinds.echoed);
    resolve_pass(r);
    check_twice(r, "mask", &review->mask, &review->withhold, " is withheld as well");
    check_twice(r, "pass", &review->pass, &review->withhold, " is withheld as well");
    check_twice(r, "pass", &review->pass, &review->mask, " is masked as well");
}
