/** @file lapse.h  A configuration as it would be if statements had run out: what `policy test` asks. */
#pragma once
#include "conf/conf.h"

/** As if the statement of a fact had run out. */
typedef struct spc_lapse {
    sp_bytes fact, of; /**< `of`: a vendor, or a destination */
    uint64_t at_s;     /**< since 1970 */
} spc_lapse;
typedef struct spc_lapses {
    const spc_lapse *v;
    size_t n;
} spc_lapses;

/** spc_conf_parse, as if these statements had run out. One that begins later, or is over by then, is as it
 * was. */
SP_NODISCARD sp_status spc_conf_parse_as_if(const spc_conf **out, spc_problems *problems,
                                            const spc_source *source, const spc_lapses *lapses);

/** The statements of a vendor, or else of a destination, of this name; NULL: there is neither. */
spc_statements *spc_statements_of(const spc_conf *conf, sp_bytes name);
