/** @file twin.h  Keys that are a row of a table to some parsers and none to others. Private to the core. */
#pragma once
#include "parse/fields.h"

/** Whether some parsers take `name`, which is no row of `table` and not its tag, for one: "Model" next to
 * "model" would be two requests (Go's encoding/json does not mind case, nor U+017F and U+212A), and so would
 * a name that goes on behind a NUL (strings of C end there).
 * @param tag  the member that tells forms apart, or empty. */
bool sp__is_twin(const sp_table *table, sp_bytes tag, sp_bytes name);
