/* Keys of operations and entries whose own rows do not bring them to their end any more. */
#pragma once

#include "list/site.h"

/* Each hour, and first at a start: a row that was edited, is gone, or says that its key was destroyed when it
 * was not, keeps nothing. What the log says of the noun decides when its time was over, and a day later the
 * key and what is sealed under it are destroyed, with the record that the row's own end would have left
 * (SAFEGUARDS 40, 50). Transactions of its own. */
bool overdue_tick(struct site *site, struct error *err);
