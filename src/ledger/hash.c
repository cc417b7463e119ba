/* SHA-256 for the chain. libcrypto's look-up of an algorithm costs more than hashing a leaf, so the context
 * is kept. */
#include <string.h>

#include <openssl/evp.h>

#include "ledger/ledger_internal.h"

sp_status spl__hasher_init(spl__hasher *hasher)
{
    EVP_MD *sha = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool is_done = sha != NULL && ctx != NULL && EVP_DigestInit_ex2(ctx, sha, NULL) == 1;
    EVP_MD_free(sha); /* the context holds a reference of its own */
    hasher->ctx = ctx;
    if (!is_done) {
        spl__hasher_fini(hasher);
        return SP_ECRYPTO;
    }
    return SP_OK;
}

void spl__hasher_fini(spl__hasher *hasher)
{
    EVP_MD_CTX_free(hasher->ctx);
    hasher->ctx = NULL;
}

static sp_status hash_two(spl__hasher *hasher, uint8_t out[32], sp_bytes a, sp_bytes b)
{
    unsigned n = 0;
    EVP_MD_CTX *ctx = hasher->ctx;
    const bool is_done = EVP_DigestInit_ex2(ctx, NULL, NULL) == 1 && EVP_DigestUpdate(ctx, a.p, a.n) == 1 &&
                         EVP_DigestUpdate(ctx, b.p, b.n) == 1 && EVP_DigestFinal_ex(ctx, out, &n) == 1;
    return is_done ? SP_OK : SP_ECRYPTO;
}

sp_status spl__chain_step(spl__hasher *hasher, uint8_t chain[SPL_CHAIN_BYTES], uint8_t leaf_hash[32],
                          sp_bytes leaf)
{
    static const uint8_t leaf_prefix =
        0x00; /* RFC 6962: what a Merkle log over the same leaves will commit to */
    SP_TRY(hash_two(hasher, leaf_hash, (sp_bytes){&leaf_prefix, 1}, leaf));
    return hash_two(hasher, chain, (sp_bytes){chain, SPL_CHAIN_BYTES}, (sp_bytes){leaf_hash, 32});
}

sp_status spl__next_id(spl__hasher *hasher, uint8_t id[16], uint64_t created_ns)
{
    uint8_t hash[32], time[8];
    for (int i = 0; i < 8; i++) {
        time[7 - i] = (uint8_t)(created_ns >> (8 * i));
    }
    SP_TRY(hash_two(hasher, hash, (sp_bytes){id, 16}, (sp_bytes){time, sizeof time}));
    memcpy(id, hash, 16);
    return SP_OK;
}
