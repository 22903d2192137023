/* Every dispatched alert leaves one copy that only oversight's key opens (SAFEGUARDS 42): 12 months after a
 * stop, else 31 days. The number that somebody who was stopped gave is kept nowhere else. */
#pragma once

#include "alert/row.h"

/* In the caller's transaction, before the alert closes. */
bool oversight_keep(struct site *site, const struct alert *alert, const char *outcome, struct error *err);
/* In its own transaction, when something is due. */
bool oversight_expire(struct site *site, int64_t now_us, struct error *err);
