/* Is there an order for the assistant in this text? Four heads judge each sentence: does it attack, does it
 * ask something of an assistant, does it speak of the assistant's own answer, does it read like data (mail,
 * tables, code, prose). An attack is one wherever it stands. A request, or a rule for the answer, is one only
 * amid data: in a prompt it is what prompts are for. */
#include "detect/model_internal.h"

enum { HEAD_ATTACK, HEAD_REQUEST, HEAD_ANSWER, HEAD_DATA, N_HEADS };

/* Numbers that training set; margins but for the last two. */
enum {
    PARAM_ATTACK,     /* an attack's margin has to exceed it */
    PARAM_REQUEST,    /* a request's, amid data */
    PARAM_ANSWER,     /* a rule's for the answer, amid data */
    PARAM_OPEN,       /* what is taken from the two when the sentence does not end as one */
    PARAM_MORE,       /* per mille of further attacks' margins that are added to the strongest */
    PARAM_DATA_SHARE, /* per mille of the tokens that have to read like data, of unknown origin */
    PARAM_DATA_FEW,   /* the same, of untrusted origin */
    PARAM_DATA_MOST,  /* the same, for a request of unknown origin */
    PARAM_DOUBLING,   /* margin that each doubling of the sentences asks for: chance grows with them */
    N_PARAMS
};

enum {
    WINDOW = 3,                    /* sentences */
    TOKENS_MIN = 4,                /* shorter windows say too little */
    SENTENCE_BYTES = 64,           /* of a sentence that was not counted: about */
    MORE = 3,                      /* further attacks that count */
    DATA_MIN = 2,                  /* sentences of data that make a text data */
    ASKS_MAX = 3,                  /* a text with more requests is a conversation, or written for people */
    CLEAR = SP_MODEL_ONE * 3 / 10, /* a margin that is no chance */
};

/* The strongest window of a sort. */
typedef struct best {
    int32_t margin;
    size_t start, end;
} best;

typedef struct judge {
    const sp_scorer *model;
    best attack, request, answer;
    int32_t more[MORE + 1]; /* margins of single sentences that attack, the strongest first */
    uint32_t n_data, n_requests, n_answers;
    uint64_t n_tokens, n_data_tokens;
    sp_sums sums[WINDOW]; /* of the last sentences, the newest first */
    size_t starts[WINDOW];
    uint32_t n_sentences;
} judge;

static void offer(best *b, int32_t margin, size_t start, size_t end)
{
    if (margin > b->margin) *b = (best){margin, start, end};
}

static int32_t lesser(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void keep_more(judge *j, int32_t margin)
{
    for (size_t i = 0; i < MORE + 1 && margin > 0; i++) {
        if (margin <= j->more[i]) continue;
        const int32_t out = j->more[i];
        j->more[i] = margin;
        margin = out;
    }
}

/* Windows that end with the newest sentence. */
static void judge_attack(judge *j, size_t end)
{
    sp_sums sums;
    memset(&sums, 0, sizeof sums);
    for (size_t k = 0; k < WINDOW && k < j->n_sentences; k++) {
        for (size_t h = 0; h < N_HEADS; h++) sums.v[h] += j->sums[k].v[h];
        sums.n_tokens += j->sums[k].n_tokens;
        if (sums.n_tokens < TOKENS_MIN) continue;
        const int32_t margin = sp_model__margin(j->model, &sums, HEAD_ATTACK);
        offer(&j->attack, margin, j->starts[k], end);
        if (k == 0) keep_more(j, margin);
    }
}

static void judge_order(judge *j, const sp_sentence *s)
{
    const sp_sums *sums = &j->sums[0];
    const int32_t data = sp_model__margin(j->model, sums, HEAD_DATA);
    j->n_tokens += s->n_tokens;
    if (data > 0) j->n_data_tokens += s->n_tokens;
    j->n_data += data > CLEAR;
    if (s->n_tokens < TOKENS_MIN || !(s->flags & SP_SENTENCE_OPENS)) return;
    const int32_t request = lesser(sp_model__margin(j->model, sums, HEAD_REQUEST), -data);
    const int32_t answer = lesser(sp_model__margin(j->model, sums, HEAD_ANSWER), -data);
    const int32_t open = s->flags & SP_SENTENCE_CLOSES ? 0 : j->model->params[PARAM_OPEN];
    j->n_requests += request > CLEAR;
    j->n_answers += answer > CLEAR;
    offer(&j->request, request - open, s->start, s->end);
    offer(&j->answer, answer - open, s->start, s->end);
}

static void judge_sentence(judge *j, const sp_sentence *s)
{
    for (size_t k = WINDOW - 1; k > 0; k--) {
        j->sums[k] = j->sums[k - 1];
        j->starts[k] = j->starts[k - 1];
    }
    memset(&j->sums[0], 0, sizeof j->sums[0]);
    sp_model__add(&j->sums[0], j->model, s);
    j->starts[0] = s->start;
    j->n_sentences++;
    judge_attack(j, s->end);
    judge_order(j, s);
}

/* Does the text read like data, so that whoever asks in it is not whom the assistant serves?
 * @param of_unknown  the parameter that holds when it is not known who wrote it. */
static bool is_data(const judge *j, sp_text_origin origin, unsigned of_unknown)
{
    if (origin == SP_TEXT_USER) return false;
    const bool is_untrusted = origin == SP_TEXT_UNTRUSTED;
    const int32_t share = j->model->params[is_untrusted ? PARAM_DATA_FEW : of_unknown];
    return (is_untrusted || j->n_data >= DATA_MIN) &&
           j->n_data_tokens * SP_SCORE_ONE >= j->n_tokens * (uint64_t)share;
}

/* What the strongest of many windows has to exceed beside the threshold: one among more is high by chance. */
static int32_t chance_of(const judge *j)
{
    const uint32_t doublings = j->n_sentences < 2 ? 0 : 31 - (uint32_t)__builtin_clz(j->n_sentences);
    return (int32_t)doublings * j->model->params[PARAM_DOUBLING];
}

static void answer_with(sp_injection *out, int32_t *margin, const best *b, int32_t threshold, uint8_t sort)
{
    if (b->end == 0 || b->margin - threshold <= *margin) return;
    *margin = b->margin - threshold;
    *out = (sp_injection){sp_model__score(*margin), sort, b->start, b->end};
}

/* What further attacks add to the strongest: at most what a file may say a bias is. */
static int32_t more_of(const judge *j)
{
    int64_t more = 0;
    for (size_t i = 1; i <= MORE; i++) more += j->more[i];
    more = more * j->model->params[PARAM_MORE] / SP_SCORE_ONE;
    const int64_t most = 1 << 20;
    return (int32_t)(more > most ? most : more < -most ? -most : more);
}

static void conclude(sp_injection *out, judge *j, sp_text_origin origin)
{
    const int32_t *p = j->model->params;
    int32_t margin = INT32_MIN / 2;
    j->attack.margin += more_of(j);
    const int32_t chance = chance_of(j);
    answer_with(out, &margin, &j->attack, p[PARAM_ATTACK] + chance, SP_INJECTION_ATTACK);
    if (j->n_requests <= ASKS_MAX && is_data(j, origin, PARAM_DATA_MOST))
        answer_with(out, &margin, &j->request, p[PARAM_REQUEST] + chance, SP_INJECTION_REQUEST);
    if (j->n_answers <= ASKS_MAX && is_data(j, origin, PARAM_DATA_SHARE))
        answer_with(out, &margin, &j->answer, p[PARAM_ANSWER] + chance, SP_INJECTION_ANSWER);
}

sp_status sp_model_score_injection(sp_injection *out, const sp_scorer *model, sp_bytes text,
                                   sp_text_origin origin)
{
    return sp_model__score_part(out, model, text, origin, 0);
}

sp_status sp_model__score_part(sp_injection *out, const sp_scorer *model, sp_bytes text,
                               sp_text_origin origin, size_t around)
{
    memset(out, 0, sizeof *out);
    if (model->task != SP_MODEL_INJECTION || model->n_heads != N_HEADS || model->n_params != N_PARAMS)
        return SP_EINTERNAL;
    enum { NEVER = INT32_MIN / 4 };
    judge j = {.model = model, .attack = {NEVER, 0, 0}, .request = {NEVER, 0, 0}, .answer = {NEVER, 0, 0}};
    sp_sentences in = {.text = text};
    sp_sentence s;
    while (sp_sentences_next(&in, &s)) judge_sentence(&j, &s);
    j.n_sentences += (uint32_t)(around / SENTENCE_BYTES);
    conclude(out, &j, origin);
    return SP_OK;
}
