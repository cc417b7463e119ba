/** The map of a view, and the weaver that writes both. A map is a list of operations, one byte each where it
 * can be: shape of the unit in the high half, how often it is repeated in the low one. So it takes at most a
 * byte per byte of text, however often changed and unchanged alternate. Blocks say where they begin: a
 * look-up is a binary search and a walk through one block. */
#include "normal/normal_internal.h"

/* The shapes of units that disguises consist of: bytes that become bytes. */
static const struct {
    uint8_t in, made;
} shapes[] = {
    {1, 1}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {2, 1}, {3, 1},
    {4, 1}, {5, 1}, {6, 1}, {4, 3}, {3, 2}, {6, 2}, {6, 3},
};
enum {
    N_SHAPES = sizeof shapes / sizeof shapes[0],
    REPEAT = 16,        /* of one byte */
    OP_RUN = 14 << 4,   /* a varint: so often 1, 1 */
    OP_OTHER = 15 << 4, /* three varints: in, made, times */
    OP_LONGEST = 1 + 3 * 5,
};
_Static_assert(N_SHAPES == 14, "two codes are left for what has no shape");

/* ---- operations ---- */

static uint8_t *put_varint(uint8_t *p, uint32_t v)
{
    for (; v >= 0x80; v >>= 7) *p++ = (uint8_t)(v | 0x80);
    *p++ = (uint8_t)v;
    return p;
}

static uint32_t get_varint(const uint8_t **p)
{
    uint32_t v = 0;
    for (unsigned shift = 0;; shift += 7) {
        const uint8_t c = *(*p)++;
        v |= (uint32_t)(c & 0x7f) << shift;
        if (c < 0x80) return v;
    }
}

typedef struct operation {
    uint32_t in, made, times;
} operation;

static operation get_operation(const uint8_t **p)
{
    const uint8_t op = *(*p)++;
    if (op < OP_RUN) return (operation){shapes[op >> 4].in, shapes[op >> 4].made, (op & 15U) + 1};
    if (op == OP_RUN) return (operation){1, 1, get_varint(p)};
    const uint32_t in = get_varint(p), made = get_varint(p), times = get_varint(p);
    return (operation){in, made, times};
}

static size_t shape_of(uint32_t in, uint32_t made)
{
    size_t i = 0;
    while (i < N_SHAPES && (shapes[i].in != in || shapes[i].made != made)) i++;
    return i;
}

/* ---- blocks ---- */

static bool grow_list(sp_workspace *work, sp_map_block ***list, size_t *cap, size_t n)
{
    if (n < *cap) return true;
    const size_t more = *cap > 0 ? 2 * *cap : 8;
    sp_map_block **v = sp_alloc(work->mem, more, sizeof *v);
    if (v == NULL) return false;
    if (n > 0) memcpy(v, *list, n * sizeof *v);
    *list = v;
    *cap = more;
    return true;
}

static sp_map_block *take_block(sp_weaver *w)
{
    sp_workspace *work = w->work;
    if (work->n_pool > 0) return work->pool[--work->n_pool];
    if (work->blocks_left == 0) {
        w->status = SP_ERANGE;
        return NULL;
    }
    work->blocks_left--;
    sp_map_block *block = sp_alloc_bytes(work->mem, sizeof *block);
    if (block == NULL) w->status = SP_ENOMEM;
    return block;
}

/* The block that an operation of `n` bytes goes into; NULL: w->status says why. */
static sp_map_block *block_for(sp_weaver *w, size_t n)
{
    sp_view_map *map = w->map;
    sp_map_block *last = map->n_blocks > 0 ? map->blocks[map->n_blocks - 1] : NULL;
    if (last != NULL && last->n + n <= SP_MAP_BLOCK) return last;
    if (!grow_list(w->work, &map->blocks, &map->cap, map->n_blocks)) {
        w->status = SP_ENOMEM;
        return NULL;
    }
    sp_map_block *block = take_block(w);
    if (block == NULL) return NULL;
    block->view_at = (uint32_t)map->view_n;
    block->from_at = (uint32_t)map->from_n;
    block->n = 0;
    map->blocks[map->n_blocks++] = block;
    return block;
}

void sp_map_reset(sp_view_map *map, sp_workspace *work)
{
    while (map->n_blocks > 0) {
        /* Without room in the pool a block is lost to it, not to the arena. */
        if (!grow_list(work, &work->pool, &work->cap_pool, work->n_pool)) break;
        work->pool[work->n_pool++] = map->blocks[--map->n_blocks];
    }
    map->n_blocks = 0;
    map->view_n = map->from_n = 0;
    map->is_reversed = false;
}

/* Writes it behind `p`. @return its end. */
static uint8_t *write_operation(uint8_t *p, uint32_t in, uint32_t made, uint32_t times)
{
    const size_t shape = shape_of(in, made);
    if (shape < N_SHAPES && times <= REPEAT) {
        *p++ = (uint8_t)(shape << 4 | (times - 1));
        return p;
    }
    if (shape == 0) {
        *p++ = OP_RUN;
        return put_varint(p, times);
    }
    *p++ = OP_OTHER;
    return put_varint(put_varint(put_varint(p, in), made), times);
}

static void put_operation(sp_weaver *w, uint32_t in, uint32_t made, uint32_t times)
{
    uint8_t op[OP_LONGEST];
    const size_t n = (size_t)(write_operation(op, in, made, times) - op);
    sp_map_block *block = block_for(w, n);
    if (block == NULL) return;
    memcpy(block->ops + block->n, op, n);
    block->n += (uint32_t)n;
    w->map->view_n += (size_t)made * times;
    w->map->from_n += (size_t)in * times;
}

/* Notes `times` units; the same as before are counted, not written. */
static void note(sp_weaver *w, size_t in, size_t made, size_t times)
{
    if (w->in == in && w->made == made) {
        w->times += (uint32_t)times;
        return;
    }
    if (w->times > 0) put_operation(w, w->in, w->made, w->times);
    w->in = (uint32_t)in;
    w->made = (uint32_t)made;
    w->times = (uint32_t)times;
}

/* ---- looking up ---- */

static const sp_map_block *block_at(const sp_view_map *map, size_t at)
{
    size_t low = 0, high = map->n_blocks;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (map->blocks[middle]->view_at <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return map->blocks[low - 1];
}

sp_range sp_map_unit(const sp_view_map *map, size_t at)
{
    if (map->is_reversed) return (sp_range){map->view_n - 1 - at, map->view_n - at};
    const sp_map_block *block = block_at(map, at);
    const uint8_t *p = block->ops, *const end = block->ops + block->n;
    size_t view_at = block->view_at, from_at = block->from_at;
    while (p < end) {
        const operation op = get_operation(&p);
        const size_t made = (size_t)op.made * op.times;
        if (op.made > 0 && at < view_at + made) {
            const size_t start = from_at + (at - view_at) / op.made * op.in;
            return (sp_range){start, start + op.in};
        }
        view_at += made;
        from_at += (size_t)op.in * op.times;
    }
    return (sp_range){from_at, from_at}; /* behind the end */
}

static bool is_inside(sp_bytes s, size_t at)
{
    return at < s.n && (s.p[at] & 0xc0) == 0x80;
}

/* One step back: what [start, end) of a view was made of. */
static sp_range step_back(const sp_view *view, size_t start, size_t end)
{
    if (end > view->text.n) end = view->text.n;
    if (start >= end) {
        const size_t at = start < view->text.n ? sp_map_unit(view->map, start).start : view->from->text.n;
        return (sp_range){at, at};
    }
    const sp_range first = sp_map_unit(view->map, start), last = sp_map_unit(view->map, end - 1);
    return (sp_range){first.start < last.start ? first.start : last.start,
                      last.end > first.end ? last.end : first.end};
}

uint32_t sp_view_steps(const sp_view *view, size_t start, size_t end)
{
    uint32_t steps = 0;
    for (const sp_view *last = view; view->from != NULL; view = view->from) {
        const sp_range from = step_back(view, start, end);
        const size_t n = end - start;
        /* Of what was made before the last step only the maps are left. */
        const bool is_same =
            from.end - from.start == n &&
            (view != last || memcmp(view->text.p + start, view->from->text.p + from.start, n) == 0);
        if (!is_same) steps |= 1U << view->kind;
        start = from.start;
        end = from.end;
    }
    return steps;
}

sp_range sp_view_origin(const sp_view *view, size_t start, size_t end)
{
    for (; view->from != NULL; view = view->from) {
        const sp_range from = step_back(view, start, end);
        start = from.start;
        end = from.end;
    }
    const bool is_empty = start == end;
    /* Three bytes at most: what is no UTF-8 is no reason to go further. */
    for (int i = 0; i < 3 && start > 0 && is_inside(view->text, start); i++) start--;
    for (int i = 0; i < 3 && !is_empty && is_inside(view->text, end); i++) end++;
    return (sp_range){view->base + start, view->base + (is_empty ? start : end)};
}

/* ---- windows ---- */

static bool is_white(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* The end of what belongs to a change that ended at `at` of what is read, and the start of what belongs to
 * one that begins there: SP_VIEW_AROUND bytes, and as many again up to white space. */
static size_t behind(sp_bytes s, size_t at)
{
    if (s.n - at <= SP_VIEW_AROUND) return s.n;
    size_t end = at + SP_VIEW_AROUND;
    const size_t ceiling = s.n - end > SP_VIEW_AROUND ? end + SP_VIEW_AROUND : s.n;
    while (end < ceiling && !is_white(s.p[end])) end++;
    while (is_inside(s, end)) end++;
    return end;
}

static size_t before(sp_bytes s, size_t at)
{
    if (at <= SP_VIEW_AROUND) return 0;
    size_t start = at - SP_VIEW_AROUND;
    const size_t floor = start > SP_VIEW_AROUND ? start - SP_VIEW_AROUND : 0;
    while (start > floor && !is_white(s.p[start - 1])) start--;
    while (start > 0 && is_inside(s, start)) start--;
    return start;
}

static bool room_for_window(sp_weaver *w)
{
    if (w->n_windows < w->cap_windows) return true;
    const size_t cap = w->cap_windows > 0 ? 2 * w->cap_windows : 8;
    sp_range *v = sp_alloc(w->work->mem, cap, sizeof *v);
    if (v == NULL) {
        w->status = SP_ENOMEM;
        return false;
    }
    if (w->n_windows > 0) memcpy(v, w->windows, w->n_windows * sizeof *v);
    w->windows = v;
    w->cap_windows = cap;
    return true;
}

static void open_window(sp_weaver *w, size_t start)
{
    if (!room_for_window(w)) return;
    w->windows[w->n_windows++] = (sp_range){start, SIZE_MAX};
}

static void close_window(sp_weaver *w, size_t end)
{
    if (w->n_windows > 0) w->windows[w->n_windows - 1].end = end;
}

/* ---- weaving ---- */

static void copy(sp_weaver *w, size_t start, size_t end)
{
    if (start >= end || w->status != SP_OK) return;
    if (w->cap - w->n < end - start) {
        w->status = SP_EINTERNAL; /* no step makes more than it reads, or it reserves */
        return;
    }
    memcpy(w->out + w->n, w->from.p + start, end - start);
    w->n += end - start;
    note(w, 1, 1, end - start);
}

/* Leaves out [start, end) between two windows, a line feed instead: words on both sides stay apart. */
static void leave_out(sp_weaver *w, size_t start, size_t end)
{
    if (w->n > 0) {
        w->out[w->n++] = '\n';
        note(w, 1, 1, 1);
        start++;
    }
    if (start < end) note(w, end - start, 0, 1);
}

/* Keeps from.p[kept .. at), the gap between two changes, or before the first or behind the last. */
static void keep_gap(sp_weaver *w, size_t at, bool is_end)
{
    const size_t gap = w->kept;
    if (w->has_changed && !is_end &&
        at - gap <= 2 * (size_t)SP_VIEW_AROUND) { /* whatever white space there is */
        copy(w, gap, at);
        return;
    }
    const size_t middle = w->has_changed ? behind(w->from, gap) : gap;
    const size_t next = is_end ? w->from.n : before(w->from, at);
    if (w->has_changed && !is_end && middle + 1 >= next) {
        copy(w, gap, at);
        return;
    }
    if (is_end && middle + 1 >= next) {
        copy(w, gap, at);
        close_window(w, w->n);
        return;
    }
    copy(w, gap, middle);
    if (w->has_changed) close_window(w, w->n);
    if (w->is_cut) {
        leave_out(w, middle, next);
    } else {
        copy(w, middle, next);
    }
    if (is_end) return;
    open_window(w, w->n);
    copy(w, next, at);
}

/* Everything before `at` is written. @return false when weaving has failed. */
static bool advance(sp_weaver *w, size_t at)
{
    if (w->kept < at || !w->has_changed) keep_gap(w, at, false);
    w->has_changed = true;
    w->kept = at;
    return w->status == SP_OK;
}

void sp_weave_units(sp_weaver *w, size_t at, size_t in, size_t times, sp_bytes made)
{
    if (!advance(w, at)) return;
    if (w->cap - w->n < made.n) {
        w->status = SP_EINTERNAL;
        return;
    }
    if (made.n > 0 && w->out + w->n != made.p) memmove(w->out + w->n, made.p, made.n);
    w->n += made.n;
    note(w, in, made.n / times, times);
    w->kept = at + in * times;
}

void sp_weave(sp_weaver *w, size_t at, size_t in, sp_bytes made)
{
    sp_weave_units(w, at, in, 1, made);
}

void sp_weave_byte(sp_weaver *w, size_t at, size_t in, uint8_t made)
{
    sp_weave(w, at, in, (sp_bytes){&made, 1});
}

void sp_weave_drop(sp_weaver *w, size_t at, size_t in)
{
    sp_weave(w, at, in, SP_BYTES_EMPTY);
}

void sp_weave_char(sp_weaver *w, size_t at, size_t in, uint32_t made)
{
    uint8_t utf8[4];
    sp_weave(w, at, in, (sp_bytes){utf8, sp_char_encode(utf8, made)});
}

uint8_t *sp_weave_room(sp_weaver *w, size_t at, size_t n)
{
    const size_t need = w->n + (w->from.n - w->kept) + n;
    if (w->status != SP_OK) return NULL;
    if (need > w->cap) {
        uint8_t *out = sp_alloc_bytes(w->work->mem, need);
        if (out == NULL) {
            w->status = SP_ENOMEM;
            return NULL;
        }
        memcpy(out, w->out, w->n);
        w->out = out;
        w->cap = need;
    }
    return w->out + w->n + (at - w->kept);
}

void sp_weave_end(sp_weaver *w)
{
    if (!w->has_changed) return;
    keep_gap(w, w->from.n, true);
    if (w->times > 0) put_operation(w, w->in, w->made, w->times);
    w->times = 0;
}
