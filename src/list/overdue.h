/* What is over: by which time, and keys of operations and entries whose own rows do not bring them to their
 * end any more. */
#pragma once

#include "list/site.h"

/* The time for what nobody can take back: entries expire and things are destroyed by this one. It is the
 * earlier of the desk's own and the wall clock, so that a clock that goes ahead, or went ahead when the desk
 * started and was set right since, destroys nothing; 0, when nothing is over, while `time_is_unproven`. */
int64_t overdue_time_us(const struct site *site);
int64_t overdue_time_s(const struct site *site);

/* Each hour, and first at a start: a row that was edited, is gone, or says that its key was destroyed when it
 * was not, keeps nothing. What the log says of the noun decides when its time was over, and a day later the
 * key and what is sealed under it are destroyed, with the record that the row's own end would have left
 * (SAFEGUARDS 40, 50). Transactions of its own. */
bool overdue_tick(struct site *site, struct error *err);
