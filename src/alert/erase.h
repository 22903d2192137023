/* When an alert's pictures go: with the key of everything sealed about it (SAFEGUARDS 41). */
#pragma once

#include "alert/row.h"

/* How long after it, by the outcome. */
int64_t erase_kept_s(const char *outcome);
/* In the caller's transaction, by the outcome: now for whoever was not found to be the person, after 24 h for
 * a true alert, after 31 days at most for custody (the station's receipt brings it forward). */
bool erase_at_outcome(struct site *site, const struct alert *alert, struct error *err);
/* In the caller's transaction: rows go, the key's destruction is queued for the commit. */
bool erase_now(struct site *site, const char *alert, struct error *err);
/* In its own transaction: what is due. Nothing due costs one look. */
bool erase_due(struct site *site, int64_t now_us, struct error *err);
