/* Whether entries' rows are what the log says of them (SAFEGUARDS 3, 31, 50): an older row put back carries a
 * good mark. */
#pragma once

#include "list/site.h"

/* At a start, in the caller's transaction. An entry that the log says is suspended or over becomes so again;
 * whatever else differs arms nothing and is in the desk's log. */
bool entry_rows_hold_to_log(struct site *site, struct error *err);
