/** API keys: `sp_<16 hex id>_<43 base64url secret>_<8 hex crc>`. The checksum catches typing errors and lets
 * scanners be sure; what authenticates is the secret, compared as a hash in constant time. */
#include "sallyport/policy.h"

#include <string.h>

#include <openssl/sha.h>

enum {
    ID_AT = 3,
    SECRET_AT = ID_AT + 2 * SP_KEY_ID_BYTES + 1,
    SECRET_CHARS = 43,
    CRC_AT = SECRET_AT + SECRET_CHARS + 1,
    CRC_BYTES = 4,
    KEY_CHARS = CRC_AT + 2 * CRC_BYTES,
};
_Static_assert(KEY_CHARS == 72, "length of an API key, as documented");

typedef struct parsed_key {
    uint8_t id[SP_KEY_ID_BYTES];
    uint8_t secret[SP_KEY_SECRET_BYTES];
} parsed_key;

static uint32_t checksum(sp_bytes text)
{
    return sp_crc32(0, sp_bytes_sub(text, 0, CRC_AT - 1));
}

static sp_status parse(parsed_key *out, sp_bytes text)
{
    if (text.n != KEY_CHARS || !sp_bytes_starts(text, SP_LIT("sp_"))) return SP_EBADKEY;
    if (text.p[SECRET_AT - 1] != '_' || text.p[CRC_AT - 1] != '_') return SP_EBADKEY;
    uint8_t crc[CRC_BYTES];
    if (sp_hex_decode(crc, CRC_BYTES, sp_bytes_sub(text, CRC_AT, KEY_CHARS)) != SP_OK) return SP_EBADKEY;
    sp_reader in = sp_reader_of((sp_bytes){crc, CRC_BYTES});
    if (sp_read_u32(&in) != checksum(text)) return SP_EBADKEY;
    if (sp_hex_decode(out->id, SP_KEY_ID_BYTES, sp_bytes_sub(text, ID_AT, SECRET_AT - 1)) != SP_OK)
        return SP_EBADKEY;
    if (sp_base64url_decode(out->secret, SP_KEY_SECRET_BYTES, sp_bytes_sub(text, SECRET_AT, CRC_AT - 1)) !=
        SP_OK)
        return SP_EBADKEY;
    return SP_OK;
}

/** Bisection over ids, which are no secret: they stand in records. */
static const sp_key *find(const sp_snapshot *snapshot, const uint8_t id[SP_KEY_ID_BYTES])
{
    size_t low = 0;
    size_t high = snapshot->n_keys;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = memcmp(snapshot->keys[middle].id, id, SP_KEY_ID_BYTES);
        if (order == 0) return &snapshot->keys[middle];
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool is_expired(const sp_key *key, uint64_t now_s)
{
    return (key->expires_s != 0) & (now_s >= key->expires_s);
}

bool sp_key_serves(const sp_snapshot *snapshot, const uint8_t id[SP_KEY_ID_BYTES], uint64_t now_s)
{
    const sp_key *key = find(snapshot, id);
    return key && !key->is_revoked && !is_expired(key, now_s);
}

sp_status sp_key_hash(uint8_t hash[32], const uint8_t secret[SP_KEY_SECRET_BYTES])
{
    return SHA256(secret, SP_KEY_SECRET_BYTES, hash) ? SP_OK : SP_ECRYPTO;
}

/** Unknown, revoked, expired and wrong keys take the same path: one hash, one compare, one answer. */
static sp_status check_secret(const sp_key **out, const sp_key *key,
                              const uint8_t secret[SP_KEY_SECRET_BYTES], uint64_t now_s)
{
    static const sp_key nobody = {.is_revoked = true};
    const sp_key *against = key ? key : &nobody;
    uint8_t hash[32];
    SP_TRY(sp_key_hash(hash, secret));
    const bool is_equal = sp_equal_secret(hash, against->hash, sizeof hash);
    sp_wipe(hash, sizeof hash);
    /* One branch for all three: which of them it was is nobody's business. */
    if (!is_equal | against->is_revoked | is_expired(against, now_s)) return SP_EBADKEY;
    *out = key;
    return SP_OK;
}

sp_status sp_key_identify(const sp_key **out, const sp_snapshot *snapshot, sp_bytes text, uint64_t now_s)
{
    *out = NULL;
    if (now_s >= snapshot->expires_s) return SP_ESNAPSHOT;
    parsed_key parsed;
    const sp_status status = parse(&parsed, text);
    if (status != SP_OK) {
        sp_wipe(&parsed, sizeof parsed);
        return status;
    }
    const sp_status verdict = check_secret(out, find(snapshot, parsed.id), parsed.secret, now_s);
    sp_wipe(&parsed, sizeof parsed);
    return verdict;
}

void sp_key_text_append(sp_buf *out, const uint8_t id[SP_KEY_ID_BYTES],
                        const uint8_t secret[SP_KEY_SECRET_BYTES])
{
    const size_t start = out->n;
    char hex[2 * SP_KEY_ID_BYTES + 1];
    sp_hex_encode(hex, (sp_bytes){id, SP_KEY_ID_BYTES});
    sp_buf_append_str(out, "sp_");
    sp_buf_append_str(out, hex);
    sp_buf_append_byte(out, '_');
    sp_base64url_append(out, (sp_bytes){secret, SP_KEY_SECRET_BYTES});
    if (out->status != SP_OK) return;
    const uint32_t crc = sp_crc32(0, sp_bytes_sub(sp_buf_bytes(out), start, out->n));
    const uint8_t bytes[CRC_BYTES] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                                      (uint8_t)crc};
    sp_hex_encode(hex, (sp_bytes){bytes, CRC_BYTES});
    sp_buf_append_byte(out, '_');
    sp_buf_append_str(out, hex);
}
