/* API keys from outside. The text of a key is the only one that its holder may show: neither any bytes, nor
 * the key with some of its bytes changed, nor that with a checksum to match is taken for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sallyport/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEY_CHARS = 72, CRC_CHARS = 8, ID_AT = 3, ID_CHARS = 2 * SP_KEY_ID_BYTES, NOW_S = 1000 };

static const uint8_t secret[SP_KEY_SECRET_BYTES] = {0x5a, 0xff, 0x00, 0x17};

static void must(int holds)
{
    if (!holds) abort();
}

static bool is_taken(const sp_key *key, sp_bytes text)
{
    const sp_key *found = NULL;
    const sp_snapshot snapshot = {.expires_s = NOW_S + 1, .keys = key, .n_keys = 1};
    const sp_status status = sp_key_identify(&found, &snapshot, text, NOW_S);
    must(status == SP_OK || status == SP_EBADKEY);
    must((status == SP_OK) == (found == key) && (status == SP_OK || found == NULL));
    return status == SP_OK;
}

/* The digits of an id are read in both cases: it is no secret, and the key is the same. */
static bool is_same(const char *a, const uint8_t *b, size_t n)
{
    char text[KEY_CHARS];
    memcpy(text, b, KEY_CHARS);
    for (size_t i = 0; i < KEY_CHARS; i++) {
        const bool is_digit = (i >= ID_AT && i < ID_AT + ID_CHARS) || i >= KEY_CHARS - CRC_CHARS;
        if (is_digit && text[i] >= 'A' && text[i] <= 'F') text[i] = (char)(text[i] | 0x20);
    }
    return memcmp(a, text, n) == 0;
}

static void write_checksum(uint8_t text[KEY_CHARS])
{
    char digits[CRC_CHARS + 1];
    const uint32_t sum = sp_crc32(0, (sp_bytes){text, KEY_CHARS - CRC_CHARS - 1});
    (void)snprintf(digits, sizeof digits, "%08x", (unsigned)sum);
    memcpy(&text[KEY_CHARS - CRC_CHARS], digits, CRC_CHARS);
}

/* Each byte of the input that is not zero takes the place of the key's. */
static void check_changed(const sp_key *key, const char *own, const uint8_t *data, size_t size)
{
    uint8_t text[KEY_CHARS];
    memcpy(text, own, KEY_CHARS);
    for (size_t i = 0; i < size && i < KEY_CHARS; i++)
        if (data[i] != 0) text[i] = data[i];
    if (is_taken(key, (sp_bytes){text, KEY_CHARS})) must(is_same(own, text, KEY_CHARS - CRC_CHARS));
    write_checksum(text); /* over an id in the other case it is another one: compared without it */
    const bool is_own = is_same(own, text, KEY_CHARS - CRC_CHARS);
    must(is_taken(key, (sp_bytes){text, KEY_CHARS}) == is_own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    sp_arena arena;
    sp_key key = {.id = {0xab, 0xcd, 1, 2, 3, 4, 5, 6}};
    sp_arena_init(&arena, 1 << 16);
    sp_buf text = SP_BUF_IN(&arena.mem);
    must(sp_key_hash(key.hash, secret) == SP_OK);
    sp_key_text_append(&text, key.id, secret);
    must(text.status == SP_OK && text.n == KEY_CHARS && is_taken(&key, sp_buf_bytes(&text)));
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy != NULL) {
        if (size > 0) memcpy(copy, data, size);
        must(!is_taken(&key, (sp_bytes){copy, size}) ||
             (size == KEY_CHARS && is_same((const char *)text.p, copy, KEY_CHARS - CRC_CHARS)));
        check_changed(&key, (const char *)text.p, copy, size);
    }
    free(copy);
    sp_arena_fini(&arena);
    return 0;
}
