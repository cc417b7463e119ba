/* Reading a ledger: all segments of the folder in order of creation, then, when called again, what was added
 * since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_internal.h"

/* A segment that is known; opened when it is its turn, closed when it was read to its end. */
typedef struct segment {
    char name[SPL_NAME_BYTES];
    spl__scan *scan;
    bool is_done;
} segment;

struct spl_reader {
    char *folder;
    segment *segments;
    size_t n;
    size_t at;      /* segment that is read now */
    size_t current; /* segment of the last entry; SIZE_MAX: none */
};

static void segment_close(segment *s)
{
    if (s->scan != NULL) {
        spl__scan_close(s->scan);
        free(s->scan);
        s->scan = NULL;
    }
}

static segment *find(const spl_reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->n; i++) {
        if (strcmp(reader->segments[i].name, name) == 0) {
            return &reader->segments[i];
        }
    }
    return NULL;
}

/* The slot's next segment says where this one ends. */
static void set_limit(spl_reader *reader, size_t i)
{
    uint32_t slot, of_name;
    spl__slot_of(reader->segments[i].name, &slot);
    for (size_t k = i + 1; k < reader->n; k++) {
        spl__slot_of(reader->segments[k].name, &of_name);
        if (of_name == slot) {
            spl__scan_bound(reader->segments[i].scan, reader->folder, reader->segments[k].name);
            return;
        }
    }
}

/* Takes in the folder as it is now. Known segments keep their state; names sort by creation. */
static sp_status refresh(spl_reader *reader, sp_diag *diag)
{
    char(*names)[SPL_NAME_BYTES];
    size_t n;
    if (spl__list(reader->folder, &names, &n) != 0) {
        return spl__fail_errno(diag, SP_ERECORD, reader->folder, "cannot list the ledger folder");
    }
    segment *segments = calloc(n > 0 ? n : 1, sizeof *segments);
    if (segments == NULL) {
        free(names);
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for the list of segments");
    }
    for (size_t i = 0; i < n; i++) {
        segment *known = find(reader, names[i]);
        if (known != NULL) {
            segments[i] = *known;
            known->scan = NULL;
        } else {
            memcpy(segments[i].name, names[i], SPL_NAME_BYTES);
        }
    }
    for (size_t i = 0; i < reader->n; i++) {
        segment_close(&reader->segments[i]); /* of files that were taken away */
    }
    free(reader->segments);
    free(names);
    reader->segments = segments;
    reader->n = n;
    reader->at = 0;
    reader->current = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (segments[i].scan != NULL) {
            set_limit(reader, i);
        }
    }
    return SP_OK;
}

sp_status spl_reader_open(spl_reader **out, const char *folder, sp_diag *diag)
{
    *out = NULL;
    spl_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL || (reader->folder = strdup(folder)) == NULL) {
        free(reader);
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for a ledger reader");
    }
    const sp_status status = refresh(reader, diag);
    if (status != SP_OK) {
        spl_reader_close(reader);
        return status;
    }
    *out = reader;
    return SP_OK;
}

void spl_reader_close(spl_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    for (size_t i = 0; i < reader->n; i++) {
        segment_close(&reader->segments[i]);
    }
    free(reader->segments);
    free(reader->folder);
    free(reader);
}

/* What cannot be read is told as what is damaged is: never passed over in silence. */
static sp_status segment_open(spl_reader *reader, size_t i, sp_diag *diag)
{
    segment *s = &reader->segments[i];
    spl__scan *scan = malloc(sizeof *scan);
    if (scan == NULL) {
        return sp_fail(diag, SP_ENOMEM, SIZE_MAX, "no memory for a segment");
    }
    if (spl__scan_open(scan, reader->folder, s->name, diag) != SP_OK) {
        free(scan);
        s->is_done = true;
        return SP_ECORRUPT;
    }
    s->scan = scan;
    set_limit(reader, i);
    return SP_OK;
}

static void fill(spl_entry *entry, const segment *s, const spl__frame *frame)
{
    entry->file = s->name;
    entry->offset = frame->offset;
    entry->seq = frame->seq;
    entry->leaf = sp_bytes_sub(frame->body, SPL_CHAIN_BYTES, frame->length);
    memcpy(entry->leaf_hash, s->scan->leaf_hash, sizeof entry->leaf_hash);
}

static sp_status describe(sp_diag *diag, const segment *s, const spl__damage *damage)
{
    char text[256];
    spl__damage_text(text, sizeof text, s->name, damage);
    return sp_fail(diag, SP_ECORRUPT, (size_t)damage->offset, text);
}

/* Next record of one segment. @return SP_ETRUNCATED: none (more). */
static sp_status next_of(segment *s, spl_entry *entry, sp_diag *diag)
{
    spl__frame frame = {0};
    spl__damage damage;
    spl__step step;
    do {
        step = spl__scan_next(s->scan, &frame, &damage);
    } while (step == SPL_STEP_FRAME && frame.type != SPL_RECORD);
    s->is_done = step == SPL_STEP_ENDED || step == SPL_STEP_FAIL;
    switch (step) {
    case SPL_STEP_FRAME:
        fill(entry, s, &frame);
        return SP_OK;
    case SPL_STEP_BAD:
        return describe(diag, s, &damage);
    case SPL_STEP_FAIL:
        return spl__fail_errno(diag, SP_ECORRUPT, s->name, "cannot read it");
    default:
        return SP_ETRUNCATED;
    }
}

sp_status spl_reader_next(spl_reader *reader, spl_entry *entry, sp_diag *diag)
{
    for (; reader->at < reader->n; reader->at++) {
        segment *s = &reader->segments[reader->at];
        if (s->is_done) {
            segment_close(s);
            continue;
        }
        if (s->scan == NULL) {
            SP_TRY(segment_open(reader, reader->at, diag));
        }
        const sp_status status = next_of(s, entry, diag);
        if (status != SP_ETRUNCATED) {
            reader->current = reader->at;
            return status;
        }
        if (s->is_done) {
            segment_close(s);
        }
    }
    const sp_status status = refresh(reader, diag);
    return status == SP_OK ? SP_ETRUNCATED : status;
}

sp_status spl_reader_block(spl_reader *reader, const uint8_t id[16], sp_bytes *body)
{
    *body = SP_BYTES_EMPTY;
    if (reader->current >= reader->n || reader->segments[reader->current].scan == NULL) {
        return SP_ERANGE;
    }
    spl__scan *scan = reader->segments[reader->current].scan;
    const spl__block *block = spl__scan_find(scan, id);
    return block == NULL ? SP_ERANGE : spl__scan_block(scan, block->offset, body);
}
