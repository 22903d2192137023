/* Whether what was asked and answered is what the log says of it (SAFEGUARDS 43, 50): an older row put back
 * carries a good mark, and a refusal that two offices signed would be gone. */
#pragma once

#include "list/site.h"

/* At a start, in the caller's transaction: a request that differs counts as changed outside the desk. */
bool redress_rows_hold_to_log(struct site *site, struct error *err);
