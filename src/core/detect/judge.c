/* The small models and the wordings over one text. What a reader would undo (normalise.h) is undone first and
 * each reading is judged; the worst one counts. */
#include "detect/judge.h"

#include "detect/model_internal.h"

#include <string.h>

#include "sallyport/normalise.h"

/* Where the files of share/models lie in the program (embed.sh). */
extern const uint8_t sp_model_file_injection[], sp_model_file_injection_end[];
extern const uint8_t sp_model_file_use_case[], sp_model_file_use_case_end[];

static sp_status load(sp_scorer *out, const uint8_t *start, const uint8_t *end, sp_diag *diag)
{
    return sp_model_load(out, (sp_bytes){start, (size_t)(end - start)}, diag);
}

sp_status sp_judge__init(sp_judge *judge, sp_diag *diag)
{
    SP_TRY(load(&judge->injection, sp_model_file_injection, sp_model_file_injection_end, diag));
    SP_TRY(load(&judge->use_case, sp_model_file_use_case, sp_model_file_use_case_end, diag));
    return sp_patterns_new(&judge->patterns, diag);
}

void sp_judge__fini(sp_judge *judge)
{
    sp_patterns_free(judge->patterns);
    judge->patterns = NULL;
}

/* ---- one reading ---- */

enum { WORDING_LOOK_BACK = 160, YES = SP_SCORE_ONE / 2, WORK_BASE = 128 << 10 };

/* Of a wording only the end is known: its line, as far as that is near. */
static size_t wording_start(sp_bytes text, size_t end)
{
    size_t start = end;
    while (start > 0 && end - start < WORDING_LOOK_BACK && text.p[start - 1] != '\n') start--;
    while (start < end && (text.p[start] & 0xc0) == 0x80) start++;
    return start;
}

/* The score is the model's, or that of a wording that is sure by itself. */
static sp_status judge_reading(sp_judgement *out, const sp_judge *judge, const sp_judge_in *in, sp_bytes text,
                               size_t around)
{
    sp_injection found;
    sp_pattern_hits hits;
    SP_TRY(sp_model__score_part(&found, &judge->injection, text, in->origin, around));
    SP_TRY(sp_patterns_scan(&hits, judge->patterns, in->patterns, text));
    *out = (sp_judgement){.score = found.score,
                          .sort = found.sort,
                          .families = hits.families,
                          .start = found.start,
                          .end = found.end};
    if (hits.score >= YES && hits.score > found.score) {
        out->score = hits.score;
        out->end = hits.end;
        out->start = wording_start(text, hits.end);
        out->sort = found.score >= YES ? found.sort : SP_INJECTION_NONE;
    }
    return SP_OK;
}

/* ---- what is disguised ---- */

typedef struct walk {
    const sp_judge *judge;
    const sp_judge_in *in;
    size_t n; /* bytes of the text */
    sp_judgement *worst;
} walk;

/* A request or a rule for the answer is one amid data, and of that a window shows too little. */
static bool is_clear(const sp_judgement *here)
{
    return here->score >= YES && (here->sort == SP_INJECTION_ATTACK || here->sort == SP_INJECTION_NONE);
}

static sp_status judge_window(walk *w, const sp_view *view, const sp_range *window)
{
    sp_judgement here;
    const sp_bytes text = sp_bytes_sub(view->text, window->start, window->end);
    SP_TRY(judge_reading(&here, w->judge, w->in, text, w->n > text.n ? w->n - text.n : 0));
    if (!is_clear(&here) || here.score <= w->worst->score) return SP_OK;
    const sp_range at = sp_view_origin(view, window->start + here.start, window->start + here.end);
    here.start = at.start;
    here.end = at.end;
    here.is_disguised = true;
    here.families |= w->worst->families;
    *w->worst = here;
    return SP_OK;
}

static sp_status judge_view(void *ctx, const sp_view *view)
{
    for (size_t i = 0; i < view->n_windows; i++) SP_TRY(judge_window(ctx, view, &view->windows[i]));
    return SP_OK;
}

static void condemn(sp_judgement *out, sp_bytes text)
{
    *out = (sp_judgement){.score = SP_SCORE_ONE,
                          .sort = SP_INJECTION_ATTACK,
                          .is_disguised = true,
                          .families = out->families | UINT32_C(1) << SP_ATTACK_HIDDEN,
                          .start = 0,
                          .end = text.n};
}

sp_status sp_judge__injection(sp_judgement *out, const sp_judge *judge, const sp_judge_in *in, sp_bytes text)
{
    SP_TRY(judge_reading(out, judge, in, text, 0));
    if (sp_normalise_hint(text) == 0) return SP_OK;
    const sp_view_limits limits = sp_view_limits_of(text.n);
    walk w = {judge, in, text.n, out};
    sp_mem *mem = sp_scratch_work(in->scratch, 3 * text.n + 4 * limits.inflated + WORK_BASE);
    const sp_status status = sp_views_each(text, &limits, mem, judge_view, &w);
    if (status != SP_ERANGE) return status;
    condemn(out, text); /* nobody has seen all of it */
    return SP_OK;
}
