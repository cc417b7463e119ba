/** @file custom.h  Detectors that an organisation writes itself: a pattern of bounded width, or the shapes of
 * a number, with a check by name and words that have to stand near by. Tried against texts by `sallyport
 *  detector test`; the gateway has the built-in ones only. */
#pragma once
#include "sallyport/detect.h"

/** One of them. Texts are borrowed until sp_custom_free. */
typedef struct sp_custom_detector {
    const char *name;
    const char *pattern; /**< a regular expression as Hyperscan reads it, over bytes; NULL: `shapes` */
    const char *shapes;  /**< of a number (sp_detector.shapes); NULL: `pattern` */
    const char *check;   /**< one of sp_custom_check_name; NULL: none */
    const char *words; /**< between '|', weak ones behind a '~': without one near by it is nothing; NULL: none
                          is asked for */
    uint8_t sure; /**< confidence 1 to 100, less with the distance of a word; 0: 90 with a check, else 75 */
} sp_custom_detector;

/** Bounds of one pattern, of its matches, and of how many detectors there may be. */
enum { SP_CUSTOM_PATTERN_MAX = 1000, SP_CUSTOM_WIDTH_MAX = 4096, SP_CUSTOM_MAX = 256 };

/** Name `i` of the checks that there are, or NULL past the end. */
const char *sp_custom_check_name(size_t i);

/** Compiled detectors and their working memory: of one thread. */
typedef struct sp_custom sp_custom;

/** Compiles `n` detectors (1 to SP_CUSTOM_MAX). Takes memory from malloc.
 *  @param bad   receives the number of the one that is wrong; n: none of them alone.
 *  @param diag  says what is wrong.
 *  @return SP_OK; SP_ERANGE: one is written wrong (no regular expression, matches nothing or without bound,
 * no such check, no shape, too many words); SP_ENOMEM; SP_EINTERNAL. `*out` is NULL on failure. */
SP_NODISCARD sp_status sp_custom_new(sp_custom **out, const sp_custom_detector *v, size_t n, size_t *bad,
                                     sp_diag *diag);
/** NULL is allowed. */
void sp_custom_free(sp_custom *custom);

/** Appends what they find in order of start: sp_finding.detector is the number of the detector, kind is
 *  SP_KIND_NONE. Of one detector the leftmost stays, of one start the longest: that one is then checked.
 *  At most out->limit are kept in all.
 *  @return SP_OK, SP_ENOMEM, SP_ERANGE (4 GiB or more), SP_EINTERNAL. */
SP_NODISCARD sp_status sp_custom_scan(sp_findings *out, sp_custom *custom, sp_bytes text);
