/* Acts of operators: a log that anybody may append to, and what the daemon makes of it.
 *
 * The log is what was said, the ledger is what counts, the mark only saves work. After a line is recorded and
 * before the mark says so the daemon may die: the ledger is then asked for the ids of the lines behind the
 * mark (spl_own_append). A mark that does not fit the log, which was cut, edited or begun anew, counts for
 * nothing: all lines are compared with all of the slot. */
#include "control/acts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/process.h"
#include "sallyport/ledger.h"

enum {
    LINE_MAX_BYTES = 4096,          /* texts of at most 600 bytes, as JSON with escapes, and base64 */
    PASS_LINES = 256,               /* recorded at a time */
    PASS_BYTES = PASS_LINES * 1024, /* read at a time: more than a line at its longest */
    BATCH_BYTES = 8 << 10,
    MARK_BYTES = 20 + 1 + 2 * SP_REQUEST_ID_BYTES + 1,
};
static const char log_name[] = "acts.log", mark_name[] = "acts.mark", leaf_key[] = ",\"leaf\":\"",
                  line_end[] = "\"}";

/* ---- a line ---- */

/* Time in front, as in the id of a request, then chance. */
static sp_status make_id(uint8_t id[SP_REQUEST_ID_BYTES])
{
    const uint64_t ms = spd_wall_ns() / 1000000;
    for (size_t i = 0; i < 6; i++) {
        id[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
    return getrandom(id + 6, SP_REQUEST_ID_BYTES - 6, 0) == SP_REQUEST_ID_BYTES - 6 ? SP_OK : SP_ECRYPTO;
}

static sp_status append_line(sp_buf *out, const sp_record *act)
{
    sp_buf leaf = SP_BUF_IN(out->mem);
    SP_TRY(sp_record_encode(&leaf, act));
    sp_record_json_append(out, act, NULL);
    out->n -= out->n > 0; /* its closing brace */
    sp_buf_append_str(out, leaf_key);
    sp_base64url_append(out, sp_buf_bytes(&leaf));
    sp_buf_append_str(out, line_end);
    sp_buf_append_byte(out, '\n');
    return out->n > LINE_MAX_BYTES ? SP_ERANGE : out->status;
}

/* The leaf of a line without its line feed. @return false: it is none of ours. */
static bool line_leaf(sp_buf *out, sp_bytes line)
{
    const size_t key = sizeof leaf_key - 1, tail = sizeof line_end - 1;
    size_t at = line.n;
    while (at > 0 && !sp_bytes_starts(sp_bytes_sub(line, at - 1, line.n), sp_bytes_of(leaf_key))) {
        at--;
    }
    if (at == 0 || line.n < at - 1 + key + tail ||
        !sp_bytes_eq(sp_bytes_sub(line, line.n - tail, line.n), sp_bytes_of(line_end))) {
        return false;
    }
    const sp_bytes text = sp_bytes_sub(line, at - 1 + key, line.n - tail);
    const size_t n = text.n * 3 / 4;
    uint8_t *room = n > 0 && n <= SP_LEAF_MAX ? sp_buf_reserve(out, n) : NULL;
    if (room == NULL || sp_base64url_decode(room, n, text) != SP_OK) {
        return false;
    }
    out->n = n;
    return true;
}

/* ---- logging ---- */

/* A line that a stop cut off is ended, so that it is not the beginning of this one. */
static bool is_cut(int fd, off_t size)
{
    char last;
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool write_line(int fd, sp_bytes line)
{
    struct stat info;
    if (flock(fd, LOCK_EX) != 0 || fstat(fd, &info) != 0) {
        return false;
    }
    const bool is_written = (!is_cut(fd, info.st_size) || write(fd, "\n", 1) == 1) &&
                            write(fd, line.p, line.n) == (ssize_t)line.n && fdatasync(fd) == 0;
    const int error = errno;
    /* What cannot be taken back is no line, and is recorded as such. */
    const bool is_clean = is_written || ftruncate(fd, info.st_size) == 0;
    errno = error;
    return is_written && is_clean;
}

/* The log's name, which the first line makes. */
static bool sync_folder(const char *state)
{
    const int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return is_done;
}

static sp_status log_line(const char *state, sp_bytes line, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    SP_TRY(spd_path_join(path, state, log_name));
    const int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool is_done = fd >= 0 && write_line(fd, line);
    const sp_status status =
        is_done && sync_folder(state) ? SP_OK : spd_fail_errno(diag, "cannot log the act", path);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

sp_status spd_act_log(const char *state, const sp_record *act, sp_diag *diag)
{
    sp_arena arena;
    sp_record record = *act;
    record.kind = SP_RECORD_ACT;
    sp_arena_init(&arena, 1 << 20);
    sp_buf line = SP_BUF_IN(&arena.mem);
    sp_status status = make_id(record.request_id);
    status = status == SP_OK ? append_line(&line, &record) : status;
    status = status == SP_OK ? log_line(state, sp_buf_bytes(&line), diag)
                             : sp_fail(diag, status, SIZE_MAX, "the act cannot be written as a record");
    sp_arena_fini(&arena);
    return status;
}

/* ---- the mark ---- */

/* Where in the log the last recorded line ends, and its id. Zeroed: nothing is known. */
typedef struct mark {
    uint64_t offset;
    uint8_t id[SP_REQUEST_ID_BYTES];
} mark;

static void read_mark(mark *out, const char *state)
{
    char path[SPD_PATH_MAX], text[MARK_BYTES];
    *out = (mark){0};
    if (spd_path_join(path, state, mark_name) != SP_OK ||
        spd_file_read((uint8_t *)text, sizeof text, path) != SP_OK) {
        return;
    }
    const sp_bytes s = {(const uint8_t *)text, sizeof text};
    size_t zeros = 0;
    while (zeros < 19 && text[zeros] == '0') {
        zeros++;
    }
    if (!sp_u64_parse(&out->offset, sp_bytes_sub(s, zeros, 20), INT64_MAX) ||
        sp_hex_decode(out->id, sizeof out->id, sp_bytes_sub(s, 21, MARK_BYTES - 1)) != SP_OK) {
        *out = (mark){0};
    }
}

static sp_status write_mark(const mark *m, const char *state, sp_diag *diag)
{
    char path[SPD_PATH_MAX], text[MARK_BYTES + 1], id[2 * SP_REQUEST_ID_BYTES + 1];
    SP_TRY(spd_path_join(path, state, mark_name));
    sp_hex_encode(id, (sp_bytes){m->id, sizeof m->id});
    (void)snprintf(text, sizeof text, "%020llu %s\n", (unsigned long long)m->offset, id);
    return spd_file_write(path, (sp_bytes){(const uint8_t *)text, MARK_BYTES}, diag);
}

/* ---- recording ---- */

typedef struct pass {
    spl_batch *batches[PASS_LINES];
    uint64_t ends[PASS_LINES]; /* of the lines, in the log */
    size_t n;
    uint64_t at_ns;
    sp_arena arena;
} pass;

/* What is no line of ours is no act, but it stands where acts do. Its id is its place and its sum: the same
 * each time that it is met. */
static void unreadable(sp_record *out, sp_bytes line, uint64_t offset, uint64_t at_ns)
{
    const uint32_t sum = sp_crc32c(0, line);
    *out = (sp_record){.kind = SP_RECORD_ACT, .at_ns = at_ns, .act = SP_LIT("unreadable line in acts.log")};
    for (size_t i = 0; i < 8; i++) {
        out->request_id[i] = (uint8_t)((offset + 1) >> (8 * (7 - i)));
    }
    for (size_t i = 0; i < 4; i++) {
        out->request_id[8 + i] = (uint8_t)(sum >> (8 * (3 - i)));
        out->request_id[12 + i] = (uint8_t)(line.n >> (8 * (3 - i)));
    }
}

static bool is_act(const sp_buf *leaf, sp_mem *mem)
{
    sp_record record;
    return sp_record_decode(&record, sp_buf_bytes(leaf), mem) == SP_OK && record.kind == SP_RECORD_ACT;
}

/* The leaf that a line becomes: its own, or that of an unreadable one. */
static sp_status leaf_of(sp_buf *leaf, sp_bytes line, uint64_t offset, uint64_t at_ns, sp_mem *mem)
{
    sp_record record;
    if (line_leaf(leaf, line) && is_act(leaf, mem)) {
        return SP_OK;
    }
    leaf->n = 0;
    leaf->status = SP_OK;
    unreadable(&record, line, offset, at_ns);
    return sp_record_encode(leaf, &record);
}

static sp_status take_line(pass *r, sp_bytes line, uint64_t offset)
{
    spl_batch *batch = spl_batch_new(BATCH_BYTES);
    if (batch == NULL) {
        return SP_ENOMEM;
    }
    r->batches[r->n] = batch;
    r->ends[r->n++] = offset + line.n + 1;
    return leaf_of(&batch->leaf, line, offset, r->at_ns, &r->arena.mem);
}

/* @param text  what stands in the log from `offset` on; a last line without its end is left for later, unless
 * there is nothing but it. */
static sp_status take_lines(pass *r, sp_bytes text, uint64_t offset)
{
    size_t at = 0;
    while (at < text.n && r->n < PASS_LINES) {
        const uint8_t *end = memchr(text.p + at, '\n', text.n - at);
        const bool is_endless = end == NULL && at == 0 && text.n == PASS_BYTES;
        if (end == NULL && !is_endless) {
            break;
        }
        const size_t stop = end != NULL ? (size_t)(end - text.p) : text.n - 1;
        SP_TRY(take_line(r, sp_bytes_sub(text, at, stop), offset + at));
        at = stop + 1;
    }
    return SP_OK;
}

static void pass_fini(pass *r)
{
    for (size_t i = 0; i < r->n; i++) {
        spl_batch_free(r->batches[i]);
    }
    sp_arena_fini(&r->arena);
}

/* Does the line that ends at the mark have the mark's id? */
static bool is_mark_of(const mark *m, int fd, sp_mem *mem)
{
    uint8_t text[LINE_MAX_BYTES], id[SP_REQUEST_ID_BYTES];
    const uint64_t from = m->offset > sizeof text ? m->offset - sizeof text : 0;
    const ssize_t n = pread(fd, text, (size_t)(m->offset - from), (off_t)from);
    if (n < 2 || (uint64_t)n != m->offset - from || text[n - 1] != '\n') {
        return false;
    }
    size_t start = (size_t)n - 1;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    const sp_bytes line = {text + start, (size_t)n - 1 - start};
    sp_buf leaf = SP_BUF_IN(mem);
    return leaf_of(&leaf, line, from + start, 1, mem) == SP_OK &&
           sp_leaf_request_id(id, sp_buf_bytes(&leaf)) && memcmp(id, m->id, sizeof id) == 0;
}

static sp_status record_pass(pass *r, const mark *from, const char *state, sp_diag *diag)
{
    char folder[SPD_PATH_MAX];
    mark to = {0};
    const bool is_known = from->offset > 0;
    SP_TRY(spd_path_join(folder, state, "ledger"));
    SP_TRY(spl_own_append(folder, r->batches, r->n, is_known ? from->id : NULL, diag));
    to.offset = r->ends[r->n - 1];
    (void)sp_leaf_request_id(to.id, sp_buf_bytes(&r->batches[r->n - 1]->leaf));
    return write_mark(&to, state, diag);
}

/* Whoever appends holds the lock; a line is seen whole, or its writer is gone. */
static sp_status read_pass(pass *r, const mark *from, int fd, sp_diag *diag)
{
    sp_buf text = SP_BUF_IN(&r->arena.mem);
    uint8_t *room = sp_buf_reserve(&text, PASS_BYTES);
    if (room == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the acts' log");
    }
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        return sp_fail(diag, SP_EBUSY, SIZE_MAX, "an act is being logged");
    }
    const ssize_t n = pread(fd, room, PASS_BYTES, (off_t)from->offset);
    (void)flock(fd, LOCK_UN);
    if (n < 0) {
        return spd_fail_errno(diag, "cannot read", log_name);
    }
    const sp_status status = take_lines(r, (sp_bytes){room, (size_t)n}, from->offset);
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, "no memory for acts");
}

static sp_status record_from(int fd, const char *state, unsigned *n, sp_diag *diag)
{
    struct stat info;
    mark from;
    pass r = {.at_ns = spd_wall_ns()};
    read_mark(&from, state);
    if (fstat(fd, &info) == 0 && (uint64_t)info.st_size == from.offset) {
        return SP_OK;
    }
    sp_arena_init(&r.arena, 8 << 20);
    if (from.offset > 0 && !is_mark_of(&from, fd, &r.arena.mem)) {
        from = (mark){0};
    }
    sp_status status = read_pass(&r, &from, fd, diag);
    if (status == SP_OK && r.n > 0) {
        status = record_pass(&r, &from, state, diag);
        *n = status == SP_OK ? (unsigned)r.n : 0;
    }
    pass_fini(&r);
    return status;
}

sp_status spd_acts_record(const char *state, unsigned *n, sp_diag *diag)
{
    char path[SPD_PATH_MAX];
    *n = 0;
    SP_TRY(spd_path_join(path, state, log_name));
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? SP_OK : spd_fail_errno(diag, "cannot read", path);
    }
    const sp_status status = record_from(fd, state, n, diag);
    (void)close(fd);
    return status;
}
