/* Sealing: only the holder of the X25519 private key opens a block; whoever holds the file can check it
 * against the leaf.
 *
 * A key exchange (X25519, HKDF-SHA256) costs more than a small request, so a sealer makes one wrap key and
 * each block has a random key of its own, wrapped under it by AES-256-GCM with a counter as nonce. A block
 * key seals one block, so that its nonce is zero. Everything in front of the wrapped key is additional data
 * of both: no part of one block fits into another. Format: docs/reference/record.md; reasons:
 * docs/adr/0005-crypto.md. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "sallyport/record.h"

enum {
    BODY_VERSION = 1,
    KEY_BYTES = 32,
    TAG_BYTES = 16,
    NONCE_BYTES = 12,
    HEAD_BYTES =
        1 + 16 + SP_SALT_BYTES + 32 + 8 + 4, /* version, id, salt, ephemeral, counter, bytes of plaintext */
    SALTED_AT = 1 + 16 + SP_SALT_BYTES,      /* the hash covers everything from here */
    WRAPPED_BYTES = KEY_BYTES + TAG_BYTES,
    BODY_MIN = HEAD_BYTES + WRAPPED_BYTES + TAG_BYTES,
};

static const char info_text[] = "sallyport block wrap v1";

/* A block frame's body, taken apart. */
typedef struct body_parts {
    sp_bytes head, id, salt, ephemeral, wrapped, sealed; /* sealed: ciphertext and tag */
    uint64_t counter;
    uint32_t plain_bytes;
} body_parts;

/* ---- the wrap key ---- */

static sp_status exchange(uint8_t shared[32], const uint8_t secret[32], const uint8_t peer[32])
{
    size_t n = 32;
    sp_status status = SP_ECRYPTO;
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    EVP_PKEY *other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, 32);
    EVP_PKEY_CTX *ctx = own != NULL ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    /* libcrypto refuses the all-zero result that a peer of small order would force (RFC 7748 section 6.1). */
    if (ctx != NULL && other != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
        EVP_PKEY_derive_set_peer(ctx, other) == 1 && EVP_PKEY_derive(ctx, shared, &n) == 1 && n == 32) {
        status = SP_OK;
    }
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(other);
    EVP_PKEY_free(own);
    return status;
}

static sp_status public_of(uint8_t public_key[32], const uint8_t secret[32])
{
    size_t n = 32;
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, 32);
    const bool is_done = own != NULL && EVP_PKEY_get_raw_public_key(own, public_key, &n) == 1 && n == 32;
    EVP_PKEY_free(own);
    return is_done ? SP_OK : SP_ECRYPTO;
}

/* Both public keys are in the derivation, so that a wrap key belongs to this pair alone. */
static sp_status derive(uint8_t wrap_key[32], uint8_t shared[32], const uint8_t ephemeral[32],
                        const uint8_t recipient[32])
{
    uint8_t info[sizeof info_text - 1 + 64];
    memcpy(info, info_text, sizeof info_text - 1);
    memcpy(info + sizeof info_text - 1, ephemeral, 32);
    memcpy(info + sizeof info_text - 1 + 32, recipient, 32);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared, 32),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    const bool is_done = ctx != NULL && EVP_KDF_derive(ctx, wrap_key, KEY_BYTES, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return is_done ? SP_OK : SP_ECRYPTO;
}

static sp_status wrap_key_of(uint8_t wrap_key[32], const uint8_t secret[32], const uint8_t peer[32],
                             const uint8_t ephemeral[32], const uint8_t recipient[32])
{
    uint8_t shared[32];
    sp_status status = exchange(shared, secret, peer);
    if (status == SP_OK) {
        status = derive(wrap_key, shared, ephemeral, recipient);
    }
    sp_wipe(shared, sizeof shared);
    return status;
}

/* ---- sealer ---- */

/* libcrypto's algorithm look-up takes longer than sealing 200 bytes: contexts are made once and used for all
 * blocks. */
static sp_status contexts_new(sp_sealer *sealer)
{
    EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_MD *sha = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_CIPHER_CTX *wrap = EVP_CIPHER_CTX_new(), *block = EVP_CIPHER_CTX_new();
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    sealer->wrap_ctx = wrap;
    sealer->block_ctx = block;
    sealer->hash_ctx = hash;
    const bool is_done = gcm != NULL && sha != NULL && wrap != NULL && block != NULL && hash != NULL &&
                         EVP_EncryptInit_ex2(wrap, gcm, sealer->wrap_key, NULL, NULL) == 1 &&
                         EVP_EncryptInit_ex2(block, gcm, NULL, NULL, NULL) == 1 &&
                         EVP_DigestInit_ex2(hash, sha, NULL) == 1;
    EVP_CIPHER_free(gcm); /* the contexts hold references of their own */
    EVP_MD_free(sha);
    return is_done ? SP_OK : SP_ECRYPTO;
}

sp_status sp_sealer_init(sp_sealer *sealer, const uint8_t recipient[32], const uint8_t ephemeral_secret[32])
{
    memset(sealer, 0, sizeof *sealer);
    memcpy(sealer->recipient, recipient, sizeof sealer->recipient);
    sp_status status = public_of(sealer->ephemeral, ephemeral_secret);
    if (status == SP_OK) {
        status = wrap_key_of(sealer->wrap_key, ephemeral_secret, recipient, sealer->ephemeral, recipient);
    }
    if (status == SP_OK) {
        status = contexts_new(sealer);
    }
    if (status != SP_OK) {
        sp_sealer_fini(sealer);
    }
    return status;
}

void sp_sealer_fini(sp_sealer *sealer)
{
    EVP_CIPHER_CTX_free(sealer->wrap_ctx);
    EVP_CIPHER_CTX_free(sealer->block_ctx);
    EVP_MD_CTX_free(sealer->hash_ctx);
    sp_wipe(sealer, sizeof *sealer);
}

/* ---- one block ---- */

/* Encrypts `plain` under the key that the context has, appends the tag. `out` has room for both. */
static bool encrypt(EVP_CIPHER_CTX *ctx, uint8_t *out, const uint8_t *nonce, sp_bytes aad, sp_bytes plain)
{
    int n = 0;
    if (EVP_EncryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
        EVP_EncryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n) != 1) {
        return false;
    }
    if (plain.n > 0 && EVP_EncryptUpdate(ctx, out, &n, plain.p, (int)plain.n) != 1) {
        return false;
    }
    return EVP_EncryptFinal_ex(ctx, out + plain.n, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + plain.n) == 1;
}

/* `sealed` is ciphertext and tag; `out` has room for the plaintext. */
static bool decrypt(EVP_CIPHER_CTX *ctx, uint8_t *out, const uint8_t *nonce, sp_bytes aad, sp_bytes sealed)
{
    int n = 0;
    uint8_t tag[TAG_BYTES];
    const size_t plain_bytes = sealed.n - TAG_BYTES;
    memcpy(tag, sealed.p + plain_bytes, TAG_BYTES);
    if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
        EVP_DecryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n) != 1) {
        return false;
    }
    if (plain_bytes > 0 && EVP_DecryptUpdate(ctx, out, &n, sealed.p, (int)plain_bytes) != 1) {
        return false;
    }
    return EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + plain_bytes, &n) == 1;
}

static void nonce_of(uint8_t nonce[NONCE_BYTES], uint64_t counter)
{
    memset(nonce, 0, NONCE_BYTES);
    for (int i = 0; i < 8; i++) {
        nonce[NONCE_BYTES - 1 - i] = (uint8_t)(counter >> (8 * i));
    }
}

static void write_head(sp_buf *out, const sp_sealer *sealer, const sp_block_random *random,
                       uint32_t plain_bytes)
{
    sp_write_u8(out, BODY_VERSION);
    sp_buf_append(out, (sp_bytes){random->id, sizeof random->id});
    sp_buf_append(out, (sp_bytes){random->salt, sizeof random->salt});
    sp_buf_append(out, (sp_bytes){sealer->ephemeral, sizeof sealer->ephemeral});
    sp_write_u64(out, sealer->counter);
    sp_write_u32(out, plain_bytes);
}

/* Salt first: without it the hash says nothing about content that could be guessed. The rest of the body
 * behind it. */
static bool salted_hash(EVP_MD_CTX *ctx, const EVP_MD *md, uint8_t hash[32], sp_bytes body)
{
    const sp_bytes salt = sp_bytes_sub(body, SALTED_AT - SP_SALT_BYTES, SALTED_AT);
    const sp_bytes rest = sp_bytes_sub(body, SALTED_AT, body.n);
    unsigned n = 0;
    return EVP_DigestInit_ex2(ctx, md, NULL) == 1 && EVP_DigestUpdate(ctx, salt.p, salt.n) == 1 &&
           EVP_DigestUpdate(ctx, rest.p, rest.n) == 1 && EVP_DigestFinal_ex(ctx, hash, &n) == 1;
}

static sp_status seal(sp_buf *out, sp_block_ref *ref, sp_sealer *sealer, const sp_block_random *random,
                      sp_bytes plain)
{
    static const uint8_t zero_nonce[NONCE_BYTES];
    uint8_t nonce[NONCE_BYTES];
    const size_t start = out->n;
    if (plain.n > INT32_MAX - BODY_MIN || sealer->counter == UINT64_MAX) {
        return SP_ERANGE;
    }
    uint8_t *body = sp_buf_reserve(out, BODY_MIN + plain.n);
    if (body == NULL) {
        return out->status;
    }
    write_head(out, sealer, random, (uint32_t)plain.n);
    out->n = start;
    nonce_of(nonce, sealer->counter++);
    const sp_bytes head = {body, HEAD_BYTES};
    const bool is_done =
        encrypt(sealer->wrap_ctx, body + HEAD_BYTES, nonce, head, (sp_bytes){random->key, KEY_BYTES}) &&
        EVP_EncryptInit_ex2(sealer->block_ctx, NULL, random->key, NULL, NULL) == 1 &&
        encrypt(sealer->block_ctx, body + HEAD_BYTES + WRAPPED_BYTES, zero_nonce, head, plain) &&
        salted_hash(sealer->hash_ctx, NULL, ref->hash, (sp_bytes){body, BODY_MIN + plain.n});
    if (!is_done) {
        return SP_ECRYPTO;
    }
    memcpy(ref->id, random->id, sizeof ref->id);
    ref->bytes = (uint32_t)plain.n;
    out->n = start + BODY_MIN + plain.n;
    return SP_OK;
}

sp_status sp_block_seal(sp_buf *out, sp_block_ref *ref, sp_sealer *sealer, sp_block_random *random,
                        sp_bytes plain)
{
    const sp_status status = seal(out, ref, sealer, random, plain);
    sp_wipe(random->key, sizeof random->key);
    return status;
}

static sp_status body_parse(body_parts *out, sp_bytes body)
{
    sp_reader in = sp_reader_of(body);
    const uint8_t version = sp_read_u8(&in);
    out->head = sp_bytes_sub(body, 0, HEAD_BYTES);
    out->id = sp_read_raw(&in, 16);
    out->salt = sp_read_raw(&in, SP_SALT_BYTES);
    out->ephemeral = sp_read_raw(&in, 32);
    out->counter = sp_read_u64(&in);
    out->plain_bytes = sp_read_u32(&in);
    out->wrapped = sp_read_raw(&in, WRAPPED_BYTES);
    out->sealed = sp_read_raw(&in, sp_reader_left(&in));
    if (body.n < BODY_MIN || in.status != SP_OK) {
        return SP_ETRUNCATED;
    }
    if (version != BODY_VERSION) {
        return SP_EVERSION;
    }
    return out->plain_bytes <= INT32_MAX - BODY_MIN && out->sealed.n == (size_t)out->plain_bytes + TAG_BYTES
               ? SP_OK
               : SP_ECORRUPT;
}

static sp_status unwrap(uint8_t block_key[32], const body_parts *parts, const uint8_t secret[32])
{
    uint8_t wrap_key[32], recipient[32], nonce[NONCE_BYTES];
    sp_status status = public_of(recipient, secret);
    if (status == SP_OK) {
        status = wrap_key_of(wrap_key, secret, parts->ephemeral.p, parts->ephemeral.p, recipient);
    }
    EVP_CIPHER_CTX *ctx = status == SP_OK ? EVP_CIPHER_CTX_new() : NULL;
    nonce_of(nonce, parts->counter);
    if (ctx == NULL || EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), wrap_key, NULL, NULL) != 1 ||
        !decrypt(ctx, block_key, nonce, parts->head, parts->wrapped)) {
        status = SP_ECRYPTO;
    }
    EVP_CIPHER_CTX_free(ctx);
    sp_wipe(wrap_key, sizeof wrap_key);
    return status;
}

static sp_status open_parts(sp_buf *plain, const body_parts *parts, const uint8_t block_key[32])
{
    static const uint8_t zero_nonce[NONCE_BYTES];
    /* One byte more than needed: an empty block needs a place to point at too. */
    uint8_t *to = sp_buf_reserve(plain, (size_t)parts->plain_bytes + 1);
    if (to == NULL) {
        return plain->status;
    }
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const bool is_done = ctx != NULL &&
                         EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), block_key, NULL, NULL) == 1 &&
                         decrypt(ctx, to, zero_nonce, parts->head, parts->sealed);
    EVP_CIPHER_CTX_free(ctx);
    if (!is_done) {
        sp_wipe(to, parts->plain_bytes); /* GCM decrypts before it knows that the tag is wrong */
        return SP_ECRYPTO;
    }
    plain->n += parts->plain_bytes;
    return SP_OK;
}

sp_status sp_block_open(sp_buf *plain, sp_bytes frame_body, const uint8_t secret[32])
{
    body_parts parts;
    uint8_t block_key[KEY_BYTES];
    SP_TRY(body_parse(&parts, frame_body));
    sp_status status = unwrap(block_key, &parts, secret);
    if (status == SP_OK) {
        status = open_parts(plain, &parts, block_key);
    }
    sp_wipe(block_key, sizeof block_key);
    return status;
}

sp_status sp_block_ref_of(sp_block_ref *ref, sp_bytes frame_body)
{
    body_parts parts;
    SP_TRY(body_parse(&parts, frame_body));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool is_done = ctx != NULL && salted_hash(ctx, EVP_sha256(), ref->hash, frame_body);
    EVP_MD_CTX_free(ctx);
    memcpy(ref->id, parts.id.p, sizeof ref->id);
    ref->bytes = parts.plain_bytes;
    return is_done ? SP_OK : SP_ECRYPTO;
}

sp_status sp_leaf_hash(uint8_t hash[32], sp_bytes leaf)
{
    static const uint8_t leaf_prefix =
        0x00; /* RFC 6962 section 2.1: leaves and nodes can not be taken for each other */
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool is_done = ctx != NULL && EVP_DigestInit_ex2(ctx, EVP_sha256(), NULL) == 1 &&
                         EVP_DigestUpdate(ctx, &leaf_prefix, 1) == 1 &&
                         EVP_DigestUpdate(ctx, leaf.p, leaf.n) == 1 && EVP_DigestFinal_ex(ctx, hash, &n) == 1;
    EVP_MD_CTX_free(ctx);
    return is_done ? SP_OK : SP_ECRYPTO;
}
