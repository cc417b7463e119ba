/* Segment files from outside: the frames behind a header that is right. The first byte of an input says how
 * the rest is used: bit 0: checksums and segment ids of frames are made right first, so that what lies behind
 * them is reached; bit 1: the segment is closed; bit 2: the folder is recovered too. Reading ends, verdict
 * and reader agree, and a log that was whole is whole after recovery. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { REPAIR = 1, CLOSED = 2, RECOVER = 4, SIZE_MAX_BYTES = 256 << 10 };

static char folder[256];
static const spl__header base = {.slot = 3, .id = {0xf0, 0x0d, 0xf0, 0x0d, 5}, .created_ns = 4096};

static void must(int holds)
{
    if (!holds) abort();
}

static void empty_folder(void)
{
    DIR *dir = opendir(folder);
    must(dir != NULL);
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] != '.') (void)unlinkat(dirfd(dir), e->d_name, 0);
    }
    (void)closedir(dir);
}

static void remove_folder(void)
{
    empty_folder();
    (void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *where = getenv("TMPDIR");
    (void)snprintf(folder, sizeof folder, "%s/sallyport-fuzz-XXXXXX", where != NULL ? where : "/tmp");
    if (mkdtemp(folder) == NULL) return -1;
    return atexit(remove_folder);
}

/* Walks the frames by their lengths and makes their checksums right. */
static void repair(uint8_t *p, size_t n)
{
    size_t at = 0;
    while (n - at >= SPL_FRAME_BYTES) {
        sp_reader in = sp_reader_of((sp_bytes){p + at, SPL_FRAME_BYTES});
        spl__frame frame = {0};
        (void)sp_read_u32(&in);
        frame.type = sp_read_u8(&in);
        frame.flags = sp_read_u8(&in) & SPL_FLAG_ERASED;
        (void)sp_read_raw(&in, 6);
        frame.length = sp_read_u32(&in);
        frame.seq = sp_read_u64(&in);
        frame.durable = sp_read_u64(&in);
        memcpy(frame.request_id, sp_read_raw(&in, sizeof frame.request_id).p, sizeof frame.request_id);
        if (frame.length > n - at - SPL_FRAME_BYTES) return;
        frame.body_crc = sp_crc32c(0, (sp_bytes){p + at + SPL_FRAME_BYTES, frame.length});
        spl__frame_encode(p + at, &frame, base.id);
        const uint64_t bytes = spl__frame_bytes(frame.length);
        if (bytes > n - at) return;
        at += (size_t)bytes;
    }
}

static void write_segment(const uint8_t *frames, size_t n, bool is_closed)
{
    uint8_t bytes[SPL_HEADER_BYTES];
    char name[SPL_NAME_BYTES], path[SPL_PATH_MAX];
    spl__header header = base;
    header.size_bytes = SPL_HEADER_BYTES + n + (is_closed ? 1 : 0);
    spl__header_encode(bytes, &header);
    spl__name(name, &header);
    must(spl__path(path, folder, name) == 0);
    const int fd = open(path, O_WRONLY | O_CREAT, 0600);
    must(fd >= 0);
    must(spl__write_at(fd, bytes, sizeof bytes, 0) == 0 && spl__write_at(fd, frames, n, sizeof bytes) == 0);
    must(close(fd) == 0);
}

static void read_all(spl_verdict *v)
{
    spl_reader *reader;
    spl_entry entry;
    sp_diag diag;
    sp_status status;
    uint64_t n_records = 0;
    const sp_status verdict = spl_verify(v, folder, SP_BYTES_EMPTY);
    must((verdict == SP_OK) == (v->n_bad == 0));
    must(spl_reader_open(&reader, folder, &diag) == SP_OK);
    while ((status = spl_reader_next(reader, &entry, &diag)) != SP_ETRUNCATED) {
        must(status == SP_OK || status == SP_ECORRUPT);
        if (status == SP_ECORRUPT) must(v->n_bad > 0);
        n_records += status == SP_OK;
    }
    must(n_records == v->n_records);
    spl_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t random[16] = {1};
    uint32_t n_lost;
    spl_verdict before, after;
    if (size < 1 || size > SIZE_MAX_BYTES) return 0;
    uint8_t *frames = malloc(size);
    if (frames == NULL) return 0;
    memcpy(frames, data + 1, size - 1);
    if (data[0] & REPAIR) repair(frames, size - 1);
    empty_folder();
    write_segment(frames, size - 1, (data[0] & CLOSED) != 0);
    free(frames);
    read_all(&before);
    if ((data[0] & RECOVER) && spl_recover(folder, 99, random, &n_lost, NULL) == SP_OK) {
        read_all(&after);
        if (before.n_bad == 0) must(after.n_bad == 0 && after.n_records == before.n_records + n_lost);
    }
    return 0;
}
