/** @file markings.h  What a word beside a marking says (markings.c). */
#pragma once
#include "detect/detect_internal.h"

/** Several at once. */
enum {
    SP_MARK_BESIDE = 1 << 0,    /**< stands on banners beside the marking: "strictly", "do not copy" */
    SP_MARK_LEAD = 1 << 1,      /**< leads a subject: "Re", "Betreff" */
    SP_MARK_TALK = 1 << 2,      /**< who writes it talks about the word: "means", "what" */
    SP_MARK_LEVEL = 1 << 3,     /**< another level: "public" */
    SP_MARK_DESCRIBED = 1 << 4, /**< a noun that a word for a level describes: "Confidential Information" */
    SP_MARK_POINT = 1 << 5,     /**< points at a document: "this" */
    SP_MARK_NOUN = 1 << 6,      /**< a document: "report" */
    SP_MARK_VERB = 1 << 7,      /**< says of it: "is", "contains" */
    SP_MARK_DENIAL = 1 << 8,    /**< "not" */
};

/** What a word is, capitals of ASCII or not; 0: nothing of these. */
unsigned sp_marking_word(sp_bytes text);

/** Does the table hold what the search takes for granted? For its test. */
bool sp_marking_words_are_sorted(void);
