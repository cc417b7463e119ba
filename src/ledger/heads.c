/* How far each slot is known to reach: kept outside of the ledger's folder, so that a newest segment that was
 * removed, or a tail that was cut off at a frame, is missed (docs/adr/0020-heads.md).
 *
 * A writer states it in the file that it locks, behind each sync that returned; the daemon collects the
 * statements, and who reads a segment that is open tells damage by them from a torn tail. Nothing here is
 * ahead of what is durable, whatever stops when: a power cut makes no false alarm. Only in a copy, which
 * takes the lock's file after the segment, could a statement be ahead of what lies beside it; so it says in
 * which file it was made, and counts in no other. And a head is only followed by one that continues it: a
 * slot that goes on without what it held keeps the old one, for `verify` to tell. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

/* NAME OFFSET RECORDS CHAIN CRC, all but the name in hexadecimal digits. */
enum {
    NAME_CHARS = 38,
    OFFSET_AT = NAME_CHARS + 1,
    RECORDS_AT = OFFSET_AT + 17,
    CHAIN_AT = RECORDS_AT + 17,
    CRC_AT = CHAIN_AT + 2 * SPL_CHAIN_BYTES + 1,
};
_Static_assert(CRC_AT + 8 + 1 == SPL_HEAD_BYTES, "a row is as long as its parts");

/* Behind a row: INODE BORN CRC, of all that is in front of it. */
enum {
    PLACE_AT = SPL_HEAD_BYTES,
    STATED_CRC_AT = PLACE_AT + 17 + 17,
};
_Static_assert(STATED_CRC_AT + 8 + 1 == SPL_STATED_BYTES, "a statement is as long as its parts");

/* ---- rows ---- */

void spl__head_encode(char out[SPL_HEAD_BYTES + 1], const spl__head *head)
{
    char chain[2 * SPL_CHAIN_BYTES + 1];
    sp_hex_encode(chain, (sp_bytes){head->chain, sizeof head->chain});
    const int n = snprintf(out, SPL_HEAD_BYTES + 1, "%s %016llx %016llx %s ", head->name,
                           (unsigned long long)head->offset, (unsigned long long)head->n_records, chain);
    const uint32_t crc = sp_crc32c(0, (sp_bytes){(const uint8_t *)out, n > 0 ? (size_t)n : 0});
    (void)snprintf(out + CRC_AT, SPL_HEAD_BYTES + 1 - CRC_AT, "%08x\n", (unsigned)crc);
}

static bool number_at(uint64_t *out, sp_bytes row, size_t at)
{
    uint8_t bytes[8];
    if (sp_hex_decode(bytes, sizeof bytes, sp_bytes_sub(row, at, at + 2 * sizeof bytes)) != SP_OK) {
        return false;
    }
    sp_reader in = sp_reader_of((sp_bytes){bytes, sizeof bytes});
    *out = sp_read_u64(&in);
    return true;
}

/* Names are shown to people: digits, and nothing else. */
static bool is_name(const char *name)
{
    static const char digits[] = "0123456789abcdef";
    return spl__is_segment_name(name) && strspn(name + 17, digits) == 8 && strspn(name + 26, digits) == 8;
}

bool spl__head_parse(spl__head *out, sp_bytes row)
{
    char again[SPL_HEAD_BYTES + 1];
    memset(out, 0, sizeof *out);
    if (row.n != SPL_HEAD_BYTES) {
        return false;
    }
    memcpy(out->name, row.p, NAME_CHARS);
    if (!is_name(out->name) || !number_at(&out->offset, row, OFFSET_AT) ||
        !number_at(&out->n_records, row, RECORDS_AT) ||
        sp_hex_decode(out->chain, sizeof out->chain,
                      sp_bytes_sub(row, CHAIN_AT, CHAIN_AT + 2 * SPL_CHAIN_BYTES)) != SP_OK) {
        return false;
    }
    spl__slot_of(out->name, &out->slot);
    spl__head_encode(again, out); /* blanks, checksum, line feed, and one way to write each number */
    return memcmp(again, row.p, SPL_HEAD_BYTES) == 0;
}

sp_status spl__heads_parse(spl__head **out, size_t *n, sp_bytes text)
{
    *n = 0;
    *out = calloc(text.n / SPL_HEAD_BYTES + 1, sizeof **out);
    if (*out == NULL) {
        return SP_ENOMEM;
    }
    for (size_t at = 0; at < text.n; at += SPL_HEAD_BYTES) {
        if (!spl__head_parse(&(*out)[*n], sp_bytes_sub(text, at, at + SPL_HEAD_BYTES))) {
            return SP_ECORRUPT;
        }
        ++*n;
    }
    return SP_OK;
}

/* ---- what writers state ---- */

void spl__stated_encode(char out[SPL_STATED_BYTES + 1], const spl__head *head, const spl__place *place)
{
    spl__head_encode(out, head);
    (void)snprintf(out + PLACE_AT, SPL_STATED_BYTES + 1 - PLACE_AT, "%016llx %016llx ",
                   (unsigned long long)place->inode, (unsigned long long)place->born_ns);
    const uint32_t crc = sp_crc32c(0, (sp_bytes){(const uint8_t *)out, STATED_CRC_AT});
    (void)snprintf(out + STATED_CRC_AT, SPL_STATED_BYTES + 1 - STATED_CRC_AT, "%08x\n", (unsigned)crc);
}

bool spl__stated_parse(spl__head *out, sp_bytes text, const spl__place *place)
{
    char again[SPL_STATED_BYTES + 1];
    if (text.n != SPL_STATED_BYTES || !spl__head_parse(out, sp_bytes_sub(text, 0, SPL_HEAD_BYTES))) {
        return false;
    }
    spl__stated_encode(again, out, place);
    return memcmp(again, text.p, SPL_STATED_BYTES) == 0;
}

/* Not the device: its number may be another one after a restart. */
static bool place_of(spl__place *out, int fd)
{
    struct statx info;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &info) != 0) {
        return false;
    }
    const bool is_kept = (info.stx_mask & STATX_BTIME) != 0;
    const uint64_t born_s = is_kept ? (uint64_t)info.stx_btime.tv_sec : 0;
    *out = (spl__place){.inode = info.stx_ino,
                        .born_ns = born_s * 1000000000u + (is_kept ? info.stx_btime.tv_nsec : 0)};
    return true;
}

void spl__head_open(spl__tail *tail, int fd)
{
    tail->head_fd = fd;
    if (fd < 0 || !place_of(&tail->place, fd)) {
        tail->place = (spl__place){0}; /* no file's: what is stated counts nowhere */
    }
}

void spl__head_state(const spl__tail *tail)
{
    char text[SPL_STATED_BYTES + 1];
    spl__head head = {.offset = tail->durable_end, .n_records = tail->header.n_before + tail->n_records};
    if (tail->head_fd < 0) {
        return;
    }
    spl__name(head.name, &tail->header);
    memcpy(head.chain, tail->chain, sizeof head.chain);
    spl__stated_encode(text, &head, &tail->place);
    /* The records are durable and are confirmed, whatever becomes of this: to fail them for it would refuse
     * requests, and a sync of it would cost as much as theirs. What is not written leaves the old one, which
     * is true as well and convicts less; what is half of the old one and half of the new one is none, by its
     * checksum. The next makes it good; until then the head that was collected before stands. */
    (void)spl__write_at(tail->head_fd, text, SPL_STATED_BYTES, 0);
}

static bool read_stated(spl__head *out, int folder, const char *name)
{
    uint8_t text[SPL_STATED_BYTES + 1];
    spl__place place;
    size_t got = 0;
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return false;
    }
    const bool is_read = place_of(&place, fd) && spl__read_at(fd, text, sizeof text, 0, &got) == 0;
    (void)close(fd);
    return is_read && spl__stated_parse(out, (sp_bytes){text, got}, &place);
}

uint64_t spl__stated_end(const char *folder, const char *segment)
{
    char name[SPL_LOCK_NAME_BYTES], path[SPL_PATH_MAX];
    uint32_t slot;
    spl__head stated;
    spl__slot_of(segment, &slot);
    spl__lock_name(name, slot);
    return spl__path(path, folder, name) == 0 && read_stated(&stated, AT_FDCWD, path) &&
                   strcmp(stated.name, segment) == 0
               ? stated.offset
               : 0;
}

/* ---- collecting ---- */

typedef struct collection {
    const char *folder;
    spl__head *heads;
    size_t n, cap;
    sp_diag *diag;
    sp_status status; /* the first slot that does not continue */
} collection;

static const char *segment_behind(const char *folder, const char *name, char out[SPL_NAME_BYTES])
{
    char(*names)[SPL_NAME_BYTES];
    size_t n;
    const char *found = NULL;
    if (spl__list(folder, &names, &n) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < n && found == NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            found = spl__next_of_slot(names, n, i);
        }
    }
    if (found != NULL) {
        memcpy(out, found, SPL_NAME_BYTES);
        found = out;
    }
    free(names);
    return found;
}

/* What the segment behind that of `old` says of its predecessor covers what is known of it. */
static bool is_continued(const collection *c, const spl__head *old)
{
    char next[SPL_NAME_BYTES], id[9];
    spl__scan scan;
    if (segment_behind(c->folder, old->name, next) == NULL ||
        spl__scan_open(&scan, c->folder, next, NULL) != SP_OK) {
        return false;
    }
    const spl__header *h = &scan.header;
    sp_hex_encode(id, (sp_bytes){h->previous, 4});
    const bool covers = !scan.is_headless && strncmp(id, old->name + NAME_CHARS - 12, 8) == 0 &&
                        h->previous_end >= old->offset && h->n_before >= old->n_records &&
                        (h->n_before > old->n_records || memcmp(h->chain, old->chain, sizeof h->chain) == 0);
    spl__scan_close(&scan);
    return covers;
}

static sp_status add(collection *c, const spl__head *head)
{
    if (c->n == c->cap) {
        spl__head *grown = reallocarray(c->heads, c->cap + 64, sizeof *grown);
        if (grown == NULL) {
            return sp_fail(c->diag, SP_ENOMEM, SIZE_MAX, "no memory for the ledger's heads");
        }
        c->heads = grown;
        c->cap += 64;
    }
    c->heads[c->n++] = *head;
    return SP_OK;
}

static sp_status take(collection *c, const spl__head *stated)
{
    spl__head *old = NULL;
    for (size_t i = 0; i < c->n && old == NULL; i++) {
        old = c->heads[i].slot == stated->slot ? &c->heads[i] : NULL;
    }
    if (old == NULL) {
        return add(c, stated);
    }
    /* A statement is not synced: after a power cut it may be one of before. */
    if (stated->n_records <= old->n_records) {
        return SP_OK;
    }
    if (strcmp(stated->name, old->name) == 0 ? stated->offset > old->offset : is_continued(c, old)) {
        *old = *stated;
    } else if (c->status == SP_OK) {
        char text[SP_DIAG_TEXT_MAX];
        (void)snprintf(text, sizeof text,
                       "slot %u goes on without records that it held up to %s, offset %llu",
                       (unsigned)old->slot, old->name, (unsigned long long)old->offset);
        c->status = sp_fail(c->diag, SP_ECORRUPT, (size_t)old->offset, text);
    }
    return SP_OK;
}

static sp_status take_all(collection *c)
{
    DIR *dir = opendir(c->folder);
    sp_status status = SP_OK;
    if (dir == NULL) {
        return spl__fail_errno(c->diag, SP_ERECORD, c->folder, "cannot list the ledger folder");
    }
    for (const struct dirent *e; status == SP_OK && (e = readdir(dir)) != NULL;) {
        uint32_t slot;
        spl__head stated;
        if (spl__is_lock_name(e->d_name, &slot) && read_stated(&stated, dirfd(dir), e->d_name) &&
            stated.slot == slot) {
            status = take(c, &stated);
        }
    }
    (void)closedir(dir);
    return status;
}

sp_status spl_heads_collect(sp_buf *out, const char *folder, sp_bytes known, sp_diag *diag)
{
    collection c = {.folder = folder, .diag = diag};
    sp_status status = spl__heads_parse(&c.heads, &c.n, known);
    c.cap = c.n; /* the room of one more is not counted */
    if (status != SP_OK) {
        (void)sp_fail(diag, status, SIZE_MAX,
                      status == SP_ECORRUPT ? "the heads of the ledger that are kept are damaged"
                                            : "no memory for the ledger's heads");
    } else {
        status = take_all(&c);
    }
    for (size_t i = 0; status == SP_OK && i < c.n; i++) {
        char row[SPL_HEAD_BYTES + 1];
        spl__head_encode(row, &c.heads[i]);
        sp_buf_append(out, (sp_bytes){(const uint8_t *)row, SPL_HEAD_BYTES});
    }
    free(c.heads);
    return status != SP_OK ? status : out->status != SP_OK ? out->status : c.status;
}
