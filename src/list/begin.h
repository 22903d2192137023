/* At a start the tables may have been edited while no desk held them. Near pairs are put back, and the
 * day's set-up views counted anew, from what the log says, and each entry and pass is held to it (SAFEGUARDS
 * 3, 6, 10, 27, 31, 50). */
#pragma once

#include "list/site.h"

/* In a transaction of its own, before anything arms. */
bool list_begin(struct site *site, struct error *err);
