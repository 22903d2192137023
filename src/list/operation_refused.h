/* Sightings that a watch reported and nobody is asked about. They are counted, by their reason and without
 * who was seen or where, so that the control room learns of them; nothing is decided by these rows. */
#pragma once

#include "list/site.h"

extern const char operation_refused_sql[];

/* In the caller's transaction: one more. Sets how many there are now, of all reasons.
 * ERROR_CONFLICT once the operation is wiped. */
bool operation_count_refused(
    struct site *site, const char *operation, const char *why, int64_t *count, struct error *err);
/* [{"why", "count", "newest_at"}]: a new reference. */
json_t *operation_refused(struct site *site, const char *operation, struct error *err);
