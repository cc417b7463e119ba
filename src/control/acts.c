/* Acts of operators: a log that anybody may append to, and what the daemon makes of it.
 *
 * The log is what was said, the ledger is what counts, the mark only saves work. After a line is recorded and
 * before the mark says so the daemon may die: the ledger is then asked for the ids of the lines behind the
 * mark (spl_own_append). A mark that does not fit the log, which was cut, edited or begun anew, counts for
 * nothing: all lines are compared with all of the slot, in as many passes as that takes. */
#include "control/acts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/process.h"
#include "sallyport/ledger.h"
#include "sallyport/stop.h"

enum {
    LINE_MAX_BYTES = 4096,          /* texts of at most 600 bytes, as JSON with escapes, and base64 */
    PASS_LINES = 256,               /* recorded at a time */
    PASS_BYTES = PASS_LINES * 1024, /* read at a time: more than a line at its longest */
    BATCH_BYTES = 8 << 10,
    MARK_REACH = 4096, /* of the log in front of the mark, which its sum covers */
    MARK_BYTES = 20 + 1 + 2 * SP_REQUEST_ID_BYTES + 1 + 8 + 1,
    ACT_TEXT_MAX = 320, /* as in a record */
    LOCK_WAIT_MS = 1000,
    LOCK_LOOK_NS = 10000000,
    BUSY_MS = 30000, /* far longer than a line takes, or a recovery */
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

/* What a terminal obeys stands in no act: commands refuse it, and so does who reads their log. */
static bool has_plain_texts(const sp_record *act)
{
    return sp_stop_text_ok(act->act, ACT_TEXT_MAX) && sp_stop_text_ok(act->act_operator, SP_STOP_BY_MAX) &&
           sp_stop_text_ok(act->stopped_reason, SP_STOP_REASON_MAX);
}

/* ---- logging ---- */

/* Who pauses holds the lock of the stops as well: a holder that hangs may not keep later ones from their
 * effect. @return false: errno says why. */
static bool lock_to_write(int fd)
{
    const uint64_t end = spd_monotonic_ms() + LOCK_WAIT_MS;
    const struct timespec look = {.tv_nsec = LOCK_LOOK_NS};
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || spd_monotonic_ms() >= end) {
            return false;
        }
        (void)nanosleep(&look, NULL);
    }
    return true;
}

/* A line that a stop cut off is ended, so that it is not the beginning of this one. */
static bool is_cut(int fd, off_t size)
{
    char last;
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool write_line(int fd, sp_bytes line)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
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
    const bool is_locked = fd < 0 || lock_to_write(fd);
    const bool is_done = fd >= 0 && is_locked && write_line(fd, line) && sync_folder(state);
    const char *text = is_locked ? "cannot log the act" : "cannot log the act, its log cannot be locked";
    const sp_status status = is_done ? SP_OK : spd_fail_errno(diag, text, path);
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
    sp_status status = has_plain_texts(act) ? make_id(record.request_id) : SP_ERANGE;
    status = status == SP_OK ? append_line(&line, &record) : status;
    status = status == SP_OK ? log_line(state, sp_buf_bytes(&line), diag)
                             : sp_fail(diag, status, SIZE_MAX, "the act cannot be written as a record");
    sp_arena_fini(&arena);
    return status;
}

/* ---- the mark ---- */

/* Where in the log the last recorded line ends. Zeroed: nothing is known. */
typedef struct mark {
    uint64_t offset;
    uint8_t id[SP_REQUEST_ID_BYTES]; /* of that line; zero: what follows may lie anywhere in the slot */
    uint32_t sum;                    /* of the MARK_REACH bytes in front of it, or of all there are */
} mark;

/* All that was begun without a mark is compared with all of the slot, also what a later pass reads: lines of
 * another log need not stand in the order of this one. */
static const uint8_t *known_by(const mark *m)
{
    static const uint8_t none[SP_REQUEST_ID_BYTES];
    return memcmp(m->id, none, sizeof none) != 0 ? m->id : NULL;
}

/* Further than a file reaches, and what is read behind it still has an offset. */
static const uint64_t offset_max = INT64_MAX / 2;

static void read_mark(mark *out, const char *state)
{
    char path[SPD_PATH_MAX], text[MARK_BYTES];
    *out = (mark){0};
    if (spd_path_join(path, state, mark_name) != SP_OK ||
        spd_file_read((uint8_t *)text, sizeof text, path) != SP_OK) {
        return;
    }
    const sp_bytes s = {(const uint8_t *)text, sizeof text};
    uint8_t sum[4] = {0};
    size_t zeros = 0;
    while (zeros < 19 && text[zeros] == '0') {
        zeros++;
    }
    if (!sp_u64_parse(&out->offset, sp_bytes_sub(s, zeros, 20), offset_max) ||
        sp_hex_decode(out->id, sizeof out->id, sp_bytes_sub(s, 21, MARK_BYTES - 10)) != SP_OK ||
        sp_hex_decode(sum, sizeof sum, sp_bytes_sub(s, MARK_BYTES - 9, MARK_BYTES - 1)) != SP_OK) {
        *out = (mark){0};
        return;
    }
    for (size_t i = 0; i < sizeof sum; i++) {
        out->sum = out->sum << 8 | sum[i];
    }
}

static sp_status write_mark(const mark *m, const char *state, sp_diag *diag)
{
    char path[SPD_PATH_MAX], text[MARK_BYTES + 1], id[2 * SP_REQUEST_ID_BYTES + 1];
    SP_TRY(spd_path_join(path, state, mark_name));
    sp_hex_encode(id, (sp_bytes){m->id, sizeof m->id});
    (void)snprintf(text, sizeof text, "%020llu %s %08x\n", (unsigned long long)m->offset, id,
                   (unsigned)m->sum);
    return spd_file_write(path, (sp_bytes){(const uint8_t *)text, MARK_BYTES}, diag);
}

/* ---- recording ---- */

typedef struct pass {
    spl_batch *batches[PASS_LINES];
    uint64_t ends[PASS_LINES]; /* of the lines, in the log */
    size_t n;
    bool is_last; /* nothing whole is left in the log behind them */
    uint64_t at_ns;
    sp_bytes text; /* of the log: what the mark's sum covers, and what stands behind it */
    size_t lead;   /* bytes in front of the mark */
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
    return sp_record_decode(&record, sp_buf_bytes(leaf), mem) == SP_OK && record.kind == SP_RECORD_ACT &&
           has_plain_texts(&record);
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

/* What stands in the log from `offset` on; a last line without its end is left for later, unless there is
 * nothing but it. */
static sp_status take_lines(pass *r, uint64_t offset)
{
    const sp_bytes text = sp_bytes_sub(r->text, r->lead, r->text.n);
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
    r->is_last = text.n < PASS_BYTES && r->n < PASS_LINES;
    return SP_OK;
}

static void pass_fini(pass *r)
{
    for (size_t i = 0; i < r->n; i++) {
        spl_batch_free(r->batches[i]);
    }
    sp_arena_fini(&r->arena);
}

/* The sum of a mark at `end` of the text. */
static uint32_t sum_before(const pass *r, size_t end)
{
    const size_t from = end > MARK_REACH ? end - MARK_REACH : 0;
    return sp_crc32c(0, sp_bytes_sub(r->text, from, end));
}

static sp_status record_pass(pass *r, const mark *from, const char *state, sp_diag *diag)
{
    char folder[SPD_PATH_MAX];
    mark to = {.offset = r->ends[r->n - 1]};
    const uint8_t *known = known_by(from);
    SP_TRY(spd_path_join(folder, state, "ledger"));
    SP_TRY(spl_own_append(folder, r->batches, r->n, known, diag));
    to.sum = sum_before(r, r->lead + (size_t)(to.offset - from->offset));
    if (known != NULL || r->is_last) {
        (void)sp_leaf_request_id(to.id, sp_buf_bytes(&r->batches[r->n - 1]->leaf));
    }
    return write_mark(&to, state, diag);
}

static bool read_at(pass *r, const mark *from, int fd, uint8_t *room)
{
    r->lead = from->offset < MARK_REACH ? (size_t)from->offset : MARK_REACH;
    const ssize_t n = pread(fd, room, r->lead + PASS_BYTES, (off_t)(from->offset - r->lead));
    r->text = (sp_bytes){room, n > 0 ? (size_t)n : 0};
    return n >= 0;
}

/* Reads from the mark on, or all when the mark is none of this log's; it is then zeroed. */
static bool read_behind(pass *r, mark *from, int fd, uint8_t *room)
{
    if (!read_at(r, from, fd, room)) {
        return false;
    }
    if (r->text.n >= r->lead && sum_before(r, r->lead) == from->sum) {
        return true;
    }
    *from = (mark){0};
    return read_at(r, from, fd, room);
}

/* Whoever appends holds the lock; a line is seen whole, or its writer is gone. */
static sp_status read_pass(pass *r, mark *from, int fd, sp_diag *diag)
{
    sp_buf text = SP_BUF_IN(&r->arena.mem);
    uint8_t *room = sp_buf_reserve(&text, MARK_REACH + PASS_BYTES);
    if (room == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the acts' log");
    }
    if (flock(fd, LOCK_SH | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? sp_fail(diag, SP_EBUSY, SIZE_MAX, "another process keeps the log of acts locked")
                   : spd_fail_errno(diag, "cannot lock", log_name);
    }
    const bool is_read = read_behind(r, from, fd, room);
    const sp_status failed = is_read ? SP_OK : spd_fail_errno(diag, "cannot read", log_name);
    (void)flock(fd, LOCK_UN);
    SP_TRY(failed);
    const sp_status status = take_lines(r, from->offset);
    return status == SP_OK ? SP_OK : sp_fail(diag, status, SIZE_MAX, "no memory for acts");
}

static sp_status record_from(int fd, const char *state, unsigned *n, sp_diag *diag)
{
    mark from;
    pass r = {.at_ns = spd_wall_ns()};
    read_mark(&from, state);
    sp_arena_init(&r.arena, 8 << 20);
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

spd_acts_news spd_acts_judge(spd_acts_seen *seen, sp_status status, uint64_t now_ms)
{
    const bool has_told = seen->has_told;
    if (status != SP_EBUSY) {
        seen->busy_ms = 0;
    } else if (seen->busy_ms == 0) {
        seen->busy_ms = now_ms;
    }
    const bool is_passing = status == SP_EBUSY && now_ms - seen->busy_ms < BUSY_MS;
    seen->has_told = status != SP_OK && (has_told || !is_passing);
    if (seen->has_told == has_told) {
        return SPD_ACTS_NO_NEWS;
    }
    return has_told ? SPD_ACTS_AGAIN : SPD_ACTS_FAIL;
}
