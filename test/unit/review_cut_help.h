/* An answer that is one text, as a stream brings it: in pieces of so many bytes. */
#pragma once
#include "review_help.h"
#include "review_streams.h"

/* An event with a piece of choice 0. */
static inline void append_piece(sp_buf *out, sp_bytes piece)
{
    sp_buf_append_str(out, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
    sp_buf_append_json(out, piece);
    sp_buf_append_str(out, "\"}}]}\n\n");
}

/* What is left of an answer, and its end. */
static inline void append_cut(sp_buf *out, const char *text, size_t step)
{
    const size_t n = strlen(text);
    for (size_t at = 0; at < n; at += step)
        append_piece(out, sp_bytes_sub(sp_bytes_of(text), at, at + step < n ? at + step : n));
    sp_buf_append_str(out, FINISH(0, "stop") DONE);
}

/* Plays a stream to its end, in a play that has begun. @return the text of choice 0 as the client got it,
 * until the play ends. */
static inline const char *play_text(play *p, texts *got, const fixture *f, const sp_buf *stream)
{
    play_feed(p, f, sp_buf_bytes(stream), true);
    texts_read(got, sp_buf_bytes(&p->client), &p->arena.mem);
    return texts_get(got, "0.content");
}

/* The same of a text that is cut. */
static inline const char *play_cut(play *p, texts *got, const fixture *f, const char *text, size_t step)
{
    sp_buf stream = SP_BUF_IN(&p->arena.mem);
    append_cut(&stream, text, step);
    return play_text(p, got, f, &stream);
}
