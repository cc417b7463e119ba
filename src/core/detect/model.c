/* A model's file, and looking up weights in it. Features stand in buckets of four slots: a fingerprint of two
 * bytes each, and weights beside them. A feature that was not learnt has the fingerprint of another one in
 * its bucket once in about 20,000 times, so text unlike all that was learnt says next to nothing, however
 * long. */
#include "detect/model_internal.h"

#include "base/lanes.h"

#include <openssl/sha.h>

enum { FORMAT_VERSION = 1, SLOTS = 4, PRINTS_BYTES = 2 * SLOTS };

static const char magic[8] = {'S', 'P', 'M', 'O', 'D', 'E', 'L', '\n'};

/* ---- loading ---- */

static sp_status check_digest(sp_bytes *file, sp_diag *diag)
{
    uint8_t have[SHA256_DIGEST_LENGTH];
    if (file->n < sizeof magic + sizeof have)
        return sp_fail(diag, SP_ETRUNCATED, file->n, "the model file ends too early: install it anew");
    file->n -= sizeof have;
    if (!SHA256(file->p, file->n, have)) return sp_fail(diag, SP_ECRYPTO, SIZE_MAX, "SHA-256 failed");
    if (memcmp(have, file->p + file->n, sizeof have) != 0)
        return sp_fail(diag, SP_ECORRUPT, file->n,
                       "the model file is damaged (its digest differs): install it anew");
    return SP_OK;
}

static sp_status check_version(sp_reader *in, sp_scorer *m, sp_diag *diag)
{
    const uint16_t format = sp_read_u16(in);
    const uint16_t engine = sp_read_u16(in);
    const uint16_t features = sp_read_u16(in);
    m->task = (sp_model_task)sp_read_u16(in);
    if (format != FORMAT_VERSION || engine != SP_MODEL_HASHED_LINEAR || features != SP_FEATURES_VERSION)
        return sp_fail(diag, SP_EVERSION, sizeof magic,
                       "the model is of another version: take the one of this release");
    if (m->task != SP_MODEL_INJECTION && m->task != SP_MODEL_USE_CASE)
        return sp_fail(diag, SP_EVERSION, sizeof magic,
                       "the model is for a task that this program does not know");
    return SP_OK;
}

static sp_status read_header(sp_reader *in, sp_scorer *m, sp_diag *diag)
{
    SP_TRY(check_version(in, m, diag));
    m->n_heads = sp_read_u16(in);
    m->n_params = sp_read_u16(in);
    m->bucket_bits = sp_read_u16(in);
    if (m->n_heads == 0 || m->n_heads > SP_MODEL_HEADS_MAX || m->n_params > SP_MODEL_PARAMS_MAX ||
        m->bucket_bits == 0 || m->bucket_bits > SP_MODEL_BITS_MAX)
        return sp_fail(diag, SP_ERANGE, sizeof magic + 8,
                       "heads, parameters or buckets of the model are out of range");
    for (size_t i = 0; i < SP_MODEL_NORMS; i++) m->norms[i] = sp_read_u16(in);
    for (size_t i = 0; i < m->n_heads; i++) m->bias[i] = (int32_t)sp_read_u32(in);
    for (size_t i = 0; i < m->n_heads; i++) m->scale[i] = sp_read_u32(in);
    for (size_t i = 0; i < m->n_params; i++) m->params[i] = (int32_t)sp_read_u32(in);
    return SP_OK;
}

/* Margins are sums of at most 3 * SP_SENTENCE_IDS_MAX bytes, scaled: they have to stay far inside int32. */
static sp_status check_ranges(const sp_scorer *m, sp_diag *diag)
{
    enum { SCALE_MAX = 1 << 24, BIAS_MAX = 1 << 20 };
    bool is_good = true;
    for (size_t i = 0; i < m->n_heads; i++)
        is_good = is_good && m->scale[i] <= SCALE_MAX && m->bias[i] >= -BIAS_MAX && m->bias[i] <= BIAS_MAX;
    for (size_t i = 0; i < m->n_params; i++)
        is_good = is_good && m->params[i] >= -BIAS_MAX && m->params[i] <= BIAS_MAX;
    return is_good ? SP_OK
                   : sp_fail(diag, SP_ERANGE, SIZE_MAX,
                             "a scale, bias or parameter of the model is out of range");
}

static sp_status read_model(sp_scorer *m, sp_bytes file, sp_diag *diag)
{
    SP_TRY(check_digest(&file, diag));
    sp_reader in = sp_reader_of(file);
    const sp_bytes head = sp_read_raw(&in, sizeof magic);
    if (head.n != sizeof magic || memcmp(head.p, magic, sizeof magic) != 0)
        return sp_fail(diag, SP_EVERSION, 0, "this is no model file");
    SP_TRY(read_header(&in, m, diag));
    SP_TRY(check_ranges(m, diag));
    const size_t n_buckets = (size_t)1 << m->bucket_bits;
    m->prints = sp_read_raw(&in, n_buckets * PRINTS_BYTES).p;
    m->weights = (const int8_t *)sp_read_raw(&in, n_buckets * SLOTS * m->n_heads).p;
    const sp_status status = sp_reader_end(&in);
    return status == SP_OK ? SP_OK
                           : sp_fail(diag, status, file.n, "the tables of the model do not fit its header");
}

sp_status sp_model_load(sp_scorer *out, sp_bytes file, sp_diag *diag)
{
    memset(out, 0, sizeof *out);
    const sp_status status = read_model(out, file, diag);
    if (status != SP_OK) memset(out, 0, sizeof *out);
    return status;
}

/* ---- looking up ---- */

/* Behind the weights stands the file's digest: what is read there adds to sums that no head has. */
void sp_model__add(sp_sums *sums, const sp_scorer *model, const sp_sentence *sentence)
{
    uint32_t slots[SP_SENTENCE_IDS_MAX + 1];
    const size_t n = sp_slots_find(slots, model->prints, model->bucket_bits, sentence->ids, sentence->n_ids);
    sums->n_tokens += sentence->n_tokens;
    sums->n_known += (uint32_t)n;
    sp_rows_add(sums->v, model->weights, model->n_heads, slots, n);
}

int32_t sp_model__margin(const sp_scorer *model, const sp_sums *sums, unsigned head)
{
    const uint32_t step = sums->n_tokens / SP_MODEL_NORM_STEP;
    const uint32_t n = step < SP_MODEL_NORMS ? step : SP_MODEL_NORMS - 1;
    const int64_t scaled =
        (int64_t)sums->v[head] * model->scale[head] / 65536; /* at most 2^31 * 2^24 / 2^16 */
    return (int32_t)(scaled * model->norms[n] / 65535) + model->bias[head];
}

uint16_t sp_model__score(int32_t margin)
{
    const int64_t far = margin < 0 ? -(int64_t)margin : margin;
    const int64_t half = SP_SCORE_ONE / 2;
    return (uint16_t)(half + half * margin / (far + SP_MODEL_ONE));
}
