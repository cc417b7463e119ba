/* Heads of the ledger from outside. What is accepted is what would be written, and its names are names. Since
 * the checksum keeps almost everything out, the input is tried with fresh ones as well. A head that is
 * accepted is stated too, and read back: in its own file, and in no other. */
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CRC_AT = SPL_HEAD_BYTES - 9 };

static void must(int holds)
{
    if (!holds) abort();
}

static void check_stated(const spl__head *head)
{
    char text[SPL_STATED_BYTES + 1];
    spl__head back;
    const spl__place place = {.inode = head->n_records, .born_ns = head->offset},
                     other = {.inode = head->n_records, .born_ns = head->offset + 1};
    spl__stated_encode(text, head, &place);
    const sp_bytes whole = {(const uint8_t *)text, SPL_STATED_BYTES};
    must(spl__stated_parse(&back, whole, &place) && back.offset == head->offset && back.slot == head->slot);
    must(!spl__stated_parse(&back, whole, &other));
    must(!spl__stated_parse(&back, sp_bytes_sub(whole, 0, SPL_HEAD_BYTES), &place));
}

static void check_text(sp_bytes text)
{
    spl__head *heads;
    size_t n;
    if (spl__heads_parse(&heads, &n, text) == SP_OK) {
        must(n * SPL_HEAD_BYTES == text.n);
        for (size_t i = 0; i < n; i++) {
            char row[SPL_HEAD_BYTES + 1];
            spl__head_encode(row, &heads[i]);
            must(memcmp(row, text.p + i * SPL_HEAD_BYTES, SPL_HEAD_BYTES) == 0);
            must(strspn(heads[i].name, "0123456789abcdef-.seg") == strlen(heads[i].name));
            check_stated(&heads[i]);
        }
    }
    free(heads);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) return 0;
    if (size > 0) memcpy(copy, data, size);
    check_text((sp_bytes){copy, size});
    for (size_t at = 0; at + SPL_HEAD_BYTES <= size; at += SPL_HEAD_BYTES) {
        char hex[9];
        uint8_t crc[4];
        const uint32_t sum = sp_crc32c(0, (sp_bytes){copy + at, CRC_AT});
        for (size_t i = 0; i < sizeof crc; i++) crc[i] = (uint8_t)(sum >> (24 - 8 * i));
        sp_hex_encode(hex, (sp_bytes){crc, sizeof crc});
        memcpy(copy + at + CRC_AT, hex, 8);
    }
    check_text((sp_bytes){copy, size});
    free(copy);
    return 0;
}
