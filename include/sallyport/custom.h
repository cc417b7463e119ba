/** @file custom.h  Detectors that an organisation writes itself: a pattern of bounded width, the shapes of a
 * number, or words that are found as they stand; with a check by name and words that have to stand near by.
 * Tried against texts by `sallyport detector test`; with those of its configuration the gateway looks at
 * every request and answer (sp_engine_with). Patterns and words are looked for in each line by itself. */
#pragma once
#include "sallyport/detect.h"

/** One of them. */
typedef struct sp_custom_detector {
    const char *name;
    const char *meaning; /**< NULL: none */
    const char
        *pattern; /**< a regular expression as Hyperscan reads it, over bytes, without anchors; NULL: none */
    const char *shapes; /**< of a number (sp_detector.shapes); NULL: none */
    const char *check;  /**< one of sp_custom_check_name; NULL: none */
    const char *words; /**< between '|', weak ones behind a '~': without one near by it is nothing; NULL: none
                          is asked for */
    const char *const *terms; /**< found as whole words; one of pattern, shapes and terms is given */
    size_t n_terms;
    bool is_exact; /**< capitals of terms count */
    uint8_t sure;  /**< confidence 1 to 100, less with the distance of a word; 0: 90 with a check, else 75 */
    uint8_t kind;  /**< sp_kind that it finds; SP_KIND_NONE: one of its own, with this label: */
    uint8_t category, level; /**< bit of sp_label.categories, least level */
    uint16_t allows; /**< sp_finding_class of which it allows what is one of its terms, or its pattern, whole
                        and with capitals; it finds nothing itself. SP_KIND_NONE: it is a detector */
} sp_custom_detector;

/** Bounds of one pattern, of its matches and of terms in bytes; of how many detectors there may be, and terms
 * of all of them. A stream holds back as much as the longest match of a pattern or term could be. */
enum {
    SP_CUSTOM_PATTERN_MAX = 1000,
    SP_CUSTOM_WIDTH_MAX = 127, /* less than a validator may look back */
    SP_CUSTOM_TERMS_MAX = 4096,
};

/** Name `i` of the checks that there are, or NULL past the end. */
const char *sp_custom_check_name(size_t i);

/** Compiled detectors: immutable, shared by all threads, but for sp_custom_scan. */
typedef struct sp_custom sp_custom;

/** Compiles `n` detectors (1 to SP_CUSTOM_MAX), which are copied. Takes memory from malloc; some
 * milliseconds for a few patterns, 0.4 s for 256, 0.1 s for thousands of terms.
 *  @param bad   receives the number of the one that is wrong; n: none of them alone.
 *  @param diag  says what is wrong.
 *  @return SP_OK; SP_ERANGE: one is written wrong (no regular expression, matches nothing or too much, an
 * anchor, no such check, no shape, too many words); SP_ENOMEM; SP_EINTERNAL. `*out` is NULL on failure. */
SP_NODISCARD sp_status sp_custom_new(sp_custom **out, const sp_custom_detector *v, size_t n, size_t *bad,
                                     sp_diag *diag);
/** After all engines that have them. NULL is allowed. */
void sp_custom_free(sp_custom *custom);

/** Whether a rule allows a value that was found as one of a class. By one thread at a time. */
bool sp_custom_allows(sp_custom *custom, unsigned class, sp_bytes value);

/** Appends what they find in order of start: sp_finding.detector is the number of the detector, kind is
 *  SP_KIND_NONE. Of one detector the leftmost stays, of one start the longest, if it passes its check.
 *  At most out->limit are kept in all. By one thread at a time.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (4 GiB or more), SP_EINTERNAL. */
SP_NODISCARD sp_status sp_custom_scan(sp_findings *out, sp_custom *custom, sp_bytes text);

/** The detectors of `base` and these: shares both, which have to outlive it. Cheap. End with sp_engine_free.
 *  What they find has the kind that a detector says, else SP_KIND_OWN; sp_finding.detector is
 *  SP_DETECTOR_OWN + its number. @return SP_OK, SP_ENOMEM. */
SP_NODISCARD sp_status sp_engine_with(sp_engine **out, const sp_engine *base, const sp_custom *custom);
