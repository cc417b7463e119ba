/* model_tool: features of texts for training, scores of texts for measuring. Not installed.
 *
 *   model_tool features < TEXTS > NUMBERS
 *       TEXTS: u32 length, bytes, …   NUMBERS, per text: u32 sentences, and of each u32 tokens, u32 flags,
 * u32 ids, the ids. All little-endian, as the machines that train are. model_tool score INJECTION USE_CASE <
 * JSONL > JSONL
 *       {"id","text"} in, {"id","injection","use_case","level"} out: what measures detectors reads. */
#include "detect/model_features.h"
#include "sallyport/model.h"
#include "sallyport/patterns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

_Noreturn static void die(const char *what)
{
    (void)fprintf(stderr, "model_tool: %s\n", what);
    exit(1);
}

static void put_u32(uint32_t v)
{
    if (fwrite(&v, sizeof v, 1, stdout) != 1) die("cannot write to standard output");
}

static void put_features(sp_bytes text)
{
    sp_sentence s;
    uint32_t n = 0;
    sp_sentences count = {.text = text};
    while (sp_sentences_next(&count, &s)) n++;
    put_u32(n);
    sp_sentences in = {.text = text};
    while (sp_sentences_next(&in, &s)) {
        put_u32(s.n_tokens);
        put_u32(s.flags);
        put_u32(s.n_ids);
        if (s.n_ids > 0 && fwrite(s.ids, sizeof s.ids[0], s.n_ids, stdout) != s.n_ids)
            die("cannot write to standard output");
    }
}

static int features(void)
{
    uint32_t n;
    while (fread(&n, sizeof n, 1, stdin) == 1) {
        uint8_t *p = malloc(n + 1u);
        if (p == NULL || fread(p, 1, n, stdin) != n) die("the input ends inside a text");
        put_features((sp_bytes){p, n});
        free(p);
    }
    return 0;
}

/* ---- scores ---- */

typedef struct loaded {
    sp_scorer model;
    uint8_t *p;
} loaded;

static void load(loaded *l, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) die("a model file cannot be opened");
    enum { FILE_MAX = 8 << 20 };
    l->p = malloc(FILE_MAX);
    if (l->p == NULL) die("out of memory");
    const size_t n = fread(l->p, 1, FILE_MAX, f);
    (void)fclose(f);
    sp_diag diag;
    if (sp_model_load(&l->model, (sp_bytes){l->p, n}, &diag) != SP_OK) die(diag.text);
}

static const char *const level_names[] = {"public", "internal", "confidential", "restricted"};

/* All that scores a text. */
typedef struct scorer {
    loaded injection, use_case;
    sp_patterns *patterns;
    sp_patterns_scratch *scratch;
} scorer;

static void print_families(uint32_t families)
{
    const char *comma = "";
    for (unsigned f = 0; f < SP_ATTACK_LIMIT; f++) {
        if (!(families & UINT32_C(1) << f)) continue;
        printf("%s\"%s\"", comma, sp_attack_family_name((sp_attack_family)f));
        comma = ",";
    }
}

/* The score is the model's, or that of a wording that is sure by itself. */
static void score_text(const scorer *s, const char *id, sp_bytes text)
{
    sp_injection found;
    sp_proposal guess;
    sp_pattern_hits hits;
    if (sp_model_score_injection(&found, &s->injection.model, text, SP_TEXT_UNKNOWN) != SP_OK ||
        sp_model_propose(&guess, &s->use_case.model, text) != SP_OK ||
        sp_patterns_scan(&hits, s->patterns, s->scratch, text) != SP_OK)
        die("a model does not fit its task");
    const unsigned score =
        hits.score >= SP_SCORE_ONE / 2 && hits.score > found.score ? hits.score : found.score;
    printf("{\"id\":\"%s\",\"injection\":%.3f,\"model\":%.3f,\"sort\":%u,\"start\":%zu,\"end\":%zu,"
           "\"families\":[",
           id, score / (double)SP_SCORE_ONE, found.score / (double)SP_SCORE_ONE, found.sort, found.start,
           found.end);
    print_families(hits.families);
    printf("],\"use_case\":\"%s\",\"level\":\"%s\"}\n", sp_use_case_at(guess.use_case)->name,
           level_names[guess.level & 3]);
}

static void score_line(const scorer *s, const char *line, size_t n)
{
    yyjson_doc *doc = yyjson_read(line, n, YYJSON_READ_ALLOW_INVALID_UNICODE);
    yyjson_val *root = yyjson_doc_get_root(doc);
    const char *id = yyjson_get_str(yyjson_obj_get(root, "id"));
    yyjson_val *text = yyjson_obj_get(root, "text");
    if (id == NULL || !yyjson_is_str(text)) die("a line is not {\"id\", \"text\"}");
    score_text(s, id, (sp_bytes){(const uint8_t *)yyjson_get_str(text), yyjson_get_len(text)});
    yyjson_doc_free(doc);
}

static int score(const char *injection_path, const char *use_case_path)
{
    scorer s;
    sp_diag diag;
    load(&s.injection, injection_path);
    load(&s.use_case, use_case_path);
    if (sp_patterns_new(&s.patterns, &diag) != SP_OK) die(diag.text);
    if (sp_patterns_scratch_new(&s.scratch, s.patterns) != SP_OK) die("out of memory");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, stdin)) > 0) score_line(&s, line, (size_t)n);
    free(line);
    sp_patterns_scratch_free(s.scratch);
    sp_patterns_free(s.patterns);
    free(s.injection.p);
    free(s.use_case.p);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "features") == 0) return features();
    if (argc == 4 && strcmp(argv[1], "score") == 0) return score(argv[2], argv[3]);
    die("usage: model_tool features | model_tool score INJECTION USE_CASE");
}
