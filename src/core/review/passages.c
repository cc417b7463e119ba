/* Passages of the system text that an answer repeats. The text is known by the hashes of its windows of
 * WINDOW words, every STEP-th of them, which any run of SP_PASSAGE_WORDS words holds one of; the answer is
 * looked at in all of its windows. Words are letters and digits without case; what stands between them does
 * not count, nor how the text was cut. */
#include "review/passages.h"

#include "detect/detect_internal.h"
#include "review/mix.h"

/* WINDOW + STEP - 1 words in a row hold a window that is kept. */
enum { WINDOW = SP_PASSAGE_WINDOW, STEP = SP_PASSAGE_WORDS - SP_PASSAGE_WINDOW + 1, KEPT_MAX = 2048 };

#define FNV_PRIME UINT64_C(0x100000001b3)
#define BASE UINT64_C(0x9e3779b97f4a7c15) /* odd: of each power of it nothing is lost */

static bool is_of_word(uint8_t c)
{
    return sp_is_alnum(c) || c >= 0x80;
}

/* ---- words ---- */

/* The word that ends at `end` enters the window. @return whether the window is full. */
static bool end_word(sp_passage_run *run, const sp_passages *p, uint64_t end)
{
    const size_t at = run->n_words % WINDOW;
    const uint64_t word = sp_review__mix(run->word ^ p->key);
    if (run->n_words >= WINDOW) run->window -= run->words[at] * p->last_power;
    run->window = run->window * BASE + word;
    run->words[at] = word;
    run->starts[at] = run->word_start;
    run->n_words++;
    run->word = 0;
    run->end = end;
    return run->n_words >= WINDOW;
}

static void read_letter(sp_passage_run *run, uint8_t c, uint64_t at)
{
    if (run->word == 0) {
        run->word = UINT64_C(0xcbf29ce484222325);
        run->word_start = at;
    }
    run->word = (run->word ^ (sp_is_upper(c) ? c + 32u : c)) * FNV_PRIME;
    if (run->word == 0) run->word = 1;
}

/* Never 0, which means a free place. */
static uint64_t name_of(const sp_passage_run *run)
{
    const uint64_t name = sp_review__mix(run->window);
    return name != 0 ? name : 1;
}

/* ---- the system text ---- */

static void keep(sp_passages *p, uint64_t name)
{
    size_t at = (size_t)name & p->mask;
    while (p->table[at] != 0 && p->table[at] != name) at = (at + 1) & p->mask;
    if (p->table[at] == name) return;
    p->table[at] = name;
    p->n++;
}

static void keep_windows(sp_passages *p, sp_bytes text)
{
    sp_passage_run run = {0};
    for (size_t i = 0; i <= text.n && p->n < KEPT_MAX; i++) {
        if (i < text.n && is_of_word(text.p[i]))
            read_letter(&run, text.p[i], i);
        else if (run.word != 0 && end_word(&run, p, i) && run.n_words % STEP == 0)
            keep(p, name_of(&run));
    }
}

static size_t bytes_of_system(const sp_request *request)
{
    size_t n = 0;
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        if (sp_segment_is_system(s)) n += s->text_end - s->text_start;
    }
    return n;
}

sp_status sp_passages_new(sp_passages **out, const sp_request *request, uint64_t key, sp_mem *mem)
{
    const size_t n = bytes_of_system(request);
    size_t places = 16;
    *out = NULL;
    if (n < (size_t)WINDOW * 2) return SP_OK;
    while (places < 2 * (size_t)KEPT_MAX && places < n / 4) places *= 2; /* a word has two bytes at least */
    sp_passages *p = sp_alloc(mem, 1, sizeof *p);
    if (p == NULL) return SP_ENOMEM;
    *p = (sp_passages){.key = key, .last_power = 1, .mask = places - 1};
    for (unsigned i = 1; i < WINDOW; i++) p->last_power *= BASE;
    p->table = sp_alloc(mem, places, sizeof *p->table);
    if (p->table == NULL) return SP_ENOMEM;
    for (size_t i = 0; i < request->n_segments; i++) {
        const sp_segment *s = &request->segments[i];
        if (sp_segment_is_system(s)) keep_windows(p, sp_bytes_sub(request->text, s->text_start, s->text_end));
    }
    *out = p->n > 0 ? p : NULL;
    return SP_OK;
}

/* ---- the answer ---- */

static bool is_kept(const sp_passages *p, uint64_t name)
{
    size_t at = (size_t)name & p->mask;
    while (p->table[at] != 0 && p->table[at] != name) at = (at + 1) & p->mask;
    return p->table[at] == name;
}

/* A window of the system text: told once per passage, which goes on while windows overlap. */
static sp_status meet(sp_passage_run *run, const sp_passages *p, sp_findings *found)
{
    if (!is_kept(p, name_of(run))) return SP_OK;
    const uint64_t start = run->starts[run->n_words % WINDOW];
    const bool goes_on = run->met_end > 0 && start <= run->met_end;
    run->met_end = run->end;
    if (goes_on || run->end > UINT32_MAX) return SP_OK;
    const sp_finding one = {.start = (uint32_t)(start > run->before ? start - run->before : 0),
                            .end = (uint32_t)(run->end - run->before),
                            .kind = SP_KIND_SYSTEM_PROMPT,
                            .confidence = 95};
    return sp_findings__insert(found, one);
}

sp_status sp_passages_feed(sp_passage_run *run, const sp_passages *p, sp_bytes piece, bool is_last,
                           sp_findings *found)
{
    const uint64_t at = run->n_read;
    run->n_read += piece.n;
    for (size_t i = 0; i < piece.n; i++) {
        if (is_of_word(piece.p[i]))
            read_letter(run, piece.p[i], at + i);
        else if (run->word != 0 && end_word(run, p, at + i))
            SP_TRY(meet(run, p, found));
    }
    if (is_last && run->word != 0 && end_word(run, p, run->n_read)) return meet(run, p, found);
    return SP_OK;
}
