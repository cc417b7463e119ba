/** @file top_domains.h  Which words end a domain name. */
#pragma once
#include "sallyport/base.h"

/** Is this label (ASCII letters, digits, '-') a top-level domain that is in use, in any case? Cost: a walk
 *  through 250 words. */
bool sp_is_top_domain(sp_bytes label);
