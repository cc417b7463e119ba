/** @file code.h  Is a text source code, and in which language? A property of a text, like what it is about
 *  (judge.h): it says nothing of a place in it, raises no label by itself, and hides no finding. A policy may
 *  have a row for it (kind `program-code`); whether code is public is told by other kinds. */
#pragma once
#include "sallyport/detect.h"

/** What a text, or a part of it, is written in. */
typedef struct sp_code {
    const char *language; /**< as people write it, "C++"; static. NULL: it is no code */
    uint8_t confidence;   /**< 60: two languages are about as likely; 85; 95: the text names it */
    size_t start, end;    /**< bytes of the text: from the first lines that decide it to the last of code */
} sp_code;

/** Looks at a text line by line: three lines and more that only programs have, close together, or a block
 *  whose fence names its language. Pure; time linear in the text, whose lines are looked at for 200 bytes: 3
 * ns per byte of wrapped prose, up to 60 where lines have two bytes, and it stops where enough was seen. It
 * is not metered: who has a budget bounds the text. Prose, logs, tables, settings and mail are none. */
void sp_code_look(sp_code *out, const sp_engine *engine, sp_bytes text);

/** Language `i` of those that are told apart, or NULL past the last. */
const char *sp_code_language_at(size_t i);
