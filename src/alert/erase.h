/* When an alert's pictures go: by destroying the key of everything sealed about it (SAFEGUARDS 41). The hour is
 * written in the transaction that closes the alert; the key is destroyed after its commit, or by a later tick
 * when that fails, because a keyring cannot be rolled back. */
#pragma once

#include "alert/row.h"

/* By the outcome: at once for whoever was not found to be the person, 24 h for a true alert, 31 days at most
 * for custody (the station's receipt brings it forward). */
bool erase_at_outcome(struct site *site, const struct alert *alert, struct error *err);
bool erase_now(struct site *site, const struct alert *alert, struct error *err);
/* Outside a transaction: destroys the keys that are due, then the rows. Nothing due costs one look. */
bool erase_due(struct site *site, int64_t now_us, struct error *err);
