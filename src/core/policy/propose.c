/** What the small models say of a request, and whether it holds source code. Texts of others are judged by
 * themselves, each sentence by sentence; what is nested in a text as JSON is judged with it, amid what stands
 * around it. */
#include "sallyport/propose.h"

#include "policy_internal.h"
#include "sallyport/code.h"
#include "sallyport/judge.h"

enum { TEXT_LEAST = 12, TOPIC_BYTES = 8192, CODE_BYTES = 256 << 10, SURE_OF_LEVEL = 70 };

bool sp_kind_is_untrusted(sp_kind kind)
{
    return kind == SP_KIND_INJECTION || kind == SP_KIND_JAILBREAK;
}

bool sp_kind_is_proposal(sp_kind kind)
{
    return kind == SP_KIND_PROGRAM_CODE || (kind >= SP_KIND_INJECTION && kind <= SP_KIND_TOPIC_STRATEGY);
}

/* ---- orders for the model ---- */

/** A request under judgement. */
typedef struct proposing {
    const sp_propose_in *in;
    const sp_engine *engine;
    sp_scratch *scratch;
    sp_findings *out;
    size_t segment; /**< the first that is not in an earlier part */
    bool asks[SP_DOUBTS];
} proposing;

static const uint8_t kinds[SP_DOUBTS] = {SP_KIND_INJECTION, SP_KIND_JAILBREAK};
static const sp_text_origin origins[] = {[SP_ORIGIN_UNKNOWN] = SP_TEXT_UNKNOWN,
                                         [SP_ORIGIN_USER] = SP_TEXT_USER,
                                         [SP_ORIGIN_TOOL] = SP_TEXT_UNTRUSTED};

/** Whether the text is asked about, and as whose. What is nested in another one is judged with that, and by
 * itself only where it reads differently there, for its escapes. */
static bool is_of(const sp_segment *s, sp_doubt_of of)
{
    if (s->form != SP_FORM_STRING || s->text_end - s->text_start < TEXT_LEAST) return false;
    if (s->parent != 0 && (s->verbatim || s->joined)) return false;
    if (of == SP_DOUBT_OF_USERS) return s->origin == SP_ORIGIN_USER;
    return s->origin == SP_ORIGIN_TOOL || s->origin == SP_ORIGIN_UNKNOWN;
}

static sp_status judge(sp_doubt *worst, const proposing *p, const sp_segment *s, uint32_t start)
{
    sp_judgement found;
    const sp_bytes text = sp_bytes_sub(p->in->request->text, s->text_start, s->text_end);
    SP_TRY(sp_judge_injection(&found, p->engine, p->scratch, text, origins[s->origin]));
    const uint8_t confidence = (uint8_t)(found.score * 100 / SP_SCORE_ONE);
    if (found.score < SP_SCORE_ONE / 2 || confidence <= worst->confidence) return SP_OK;
    worst->confidence = confidence;
    worst->start = s->text_start - start + (uint32_t)found.start;
    worst->end = s->text_start - start + (uint32_t)found.end;
    return SP_OK;
}

static sp_finding said(uint32_t start, uint32_t end, uint8_t kind, uint8_t confidence)
{
    return (sp_finding){
        .start = start, .end = end, .kind = kind, .confidence = confidence, .detector = SP_DETECTOR_NONE};
}

static sp_status append(sp_findings *out, sp_finding finding)
{
    if (out->n == out->cap) {
        const size_t cap = out->cap == 0 ? 8 : 2 * out->cap;
        sp_finding *v = sp_alloc_bytes(out->mem, cap * sizeof *v);
        if (!v) return SP_ENOMEM;
        if (out->n > 0) memcpy(v, out->v, out->n * sizeof *v);
        out->v = v;
        out->cap = cap;
    }
    out->v[out->n++] = finding;
    return SP_OK;
}

/** The texts [p->segment, end) are those of the part. */
static sp_status propose_part(proposing *p, sp_verdict *verdict, uint32_t start, size_t end)
{
    for (size_t of = 0; of < SP_DOUBTS; of++) {
        sp_doubt *doubt = &verdict->doubts[of];
        if (!p->asks[of]) continue;
        for (size_t i = p->segment; i < end && !doubt->is_known; i++) {
            const sp_segment *s = &p->in->request->segments[i];
            if (is_of(s, (sp_doubt_of)of)) SP_TRY(judge(doubt, p, s, start));
        }
        doubt->is_known = true;
        if (doubt->confidence == 0) continue;
        SP_TRY(append(p->out, said(doubt->start + start, doubt->end + start, kinds[of], doubt->confidence)));
    }
    return SP_OK;
}

static sp_status propose_parts(proposing *p)
{
    const sp_request *r = p->in->request;
    sp_part whole = {.end = (uint32_t)r->text.n};
    const sp_parts parts = p->in->parts.n > 0 ? p->in->parts : (sp_parts){&whole, 1};
    uint32_t start = 0;
    for (size_t i = 0; i < parts.n; i++) {
        size_t end = p->segment;
        while (end < r->n_segments && r->segments[end].text_end <= parts.v[i].end) end++;
        SP_TRY(propose_part(p, &parts.v[i].verdict, start, end));
        p->segment = end;
        start = parts.v[i].end;
    }
    return SP_OK;
}

/* ---- what it is about ---- */

/** In the order of sp_use_case_at; NONE: public by its usual level. */
static const uint8_t topics[] = {
    SP_KIND_TOPIC_CONTRACT_REVIEW,
    SP_KIND_TOPIC_CUSTOMER_DATA,
    SP_KIND_TOPIC_CUSTOMER_SUPPORT,
    SP_KIND_TOPIC_DATA_ENGINEERING,
    SP_KIND_NONE,
    SP_KIND_TOPIC_FINANCIAL_MODELLING,
    SP_KIND_NONE,
    SP_KIND_TOPIC_HR,
    SP_KIND_TOPIC_LEGAL_ADVICE,
    SP_KIND_TOPIC_MARKETING,
    SP_KIND_TOPIC_MEDICAL,
    SP_KIND_TOPIC_MEETING_NOTES,
    SP_KIND_NONE,
    SP_KIND_TOPIC_PROPRIETARY_CODE,
    SP_KIND_NONE,
    SP_KIND_TOPIC_SECURITY_OPERATIONS,
    SP_KIND_TOPIC_STRATEGY,
    SP_KIND_NONE,
};

/** Nobody said what the request is for but its application, and the policy says what a guess would do. */
static bool asks_topic(const sp_purpose *purpose)
{
    const sp_snapshot *s = purpose->snapshot;
    if (purpose->n_use_cases > 1) return false;
    for (size_t i = s->n_finding_rules; i-- > 0 && s->finding_rules[i].kind >= SP_KIND_READS_CONFIDENTIAL;) {
        if (sp_kind_is_proposal((sp_kind)s->finding_rules[i].kind)) return true;
    }
    return false;
}

static sp_status propose_topic(proposing *p, const sp_segment *s)
{
    sp_proposal guess;
    const sp_bytes text = sp_bytes_sub(p->in->request->text, s->text_start, s->text_end);
    SP_TRY(sp_judge_use_case(&guess, p->engine, text));
    SP_CHECK(guess.use_case < sizeof topics);
    const uint8_t topic = topics[guess.use_case];
    const uint8_t confidence = (uint8_t)(guess.score * 100 / SP_SCORE_ONE);
    if (topic != SP_KIND_NONE) SP_TRY(append(p->out, said(s->text_start, s->text_end, topic, confidence)));
    if (guess.level < 2) return SP_OK;
    const uint8_t reads = guess.level == 2 ? SP_KIND_READS_CONFIDENTIAL : SP_KIND_READS_RESTRICTED;
    return append(p->out, said(s->text_start, s->text_end, reads, SURE_OF_LEVEL));
}

/** The newest texts of the user, as far as the budget goes; the newest one always. */
static sp_status propose_topics(proposing *p)
{
    const sp_request *r = p->in->request;
    size_t left = TOPIC_BYTES;
    for (size_t i = r->n_segments; i-- > 0 && left > 0;) {
        const sp_segment *s = &r->segments[i];
        if (!is_of(s, SP_DOUBT_OF_USERS)) continue;
        const size_t n = s->text_end - s->text_start;
        SP_TRY(propose_topic(p, s));
        left -= n < left ? n : left;
    }
    return SP_OK;
}

/* ---- source code ---- */

static bool asks_code(const sp_snapshot *s)
{
    size_t i = 0;
    while (i < s->n_finding_rules && s->finding_rules[i].kind != SP_KIND_PROGRAM_CODE) i++;
    return i < s->n_finding_rules;
}

/** Of whoever wrote it: all of it goes to the destination. The newest text that holds code says it for all.
 * What is behind the budget is not looked at. */
static sp_status propose_code(proposing *p)
{
    const sp_request *r = p->in->request;
    uint32_t left = CODE_BYTES;
    for (size_t i = r->n_segments; i-- > 0 && left > 0;) {
        const sp_segment *s = &r->segments[i];
        sp_code code;
        if (s->form != SP_FORM_STRING || s->text_end - s->text_start < TEXT_LEAST) continue;
        const uint32_t n = s->text_end - s->text_start < left ? s->text_end - s->text_start : left;
        left -= n;
        sp_code_look(&code, p->engine, sp_bytes_sub(r->text, s->text_start, s->text_start + n));
        if (code.language == NULL) continue;
        const uint32_t start = s->text_start + (uint32_t)code.start, end = s->text_start + (uint32_t)code.end;
        return append(p->out, said(start, end, SP_KIND_PROGRAM_CODE, code.confidence));
    }
    return SP_OK;
}

sp_status sp_propose(sp_findings *out, const sp_propose_in *in, const sp_engine *engine, sp_scratch *scratch)
{
    proposing p = {.in = in, .engine = engine, .scratch = scratch, .out = out};
    p.asks[SP_DOUBT_OF_OTHERS] = true;
    p.asks[SP_DOUBT_OF_USERS] = in->purpose->application->user_text != SP_TRUSTED;
    SP_TRY(propose_parts(&p));
    if (asks_code(in->purpose->snapshot)) SP_TRY(propose_code(&p));
    return asks_topic(in->purpose) ? propose_topics(&p) : SP_OK;
}
