/* A copy of the database while it is written to, by and by, so that nobody waits for it: what changes
 * meanwhile is changed in the copy, too, as far as that is made, and it ends as the database is at its end.
 */
#pragma once

#include "store/store.h"

struct store_copy;

/* At `path` (replaced when it is there), where nothing is before store_copy_end. The store has to outlive it.
 */
struct store_copy *store_copy_new(struct store *store, const char *path, struct error *err);
/* Copies a megabyte and syncs it; outside a transaction. `nearly`: no more than that is left, for
 * store_copy_end. */
bool store_copy_step(struct store_copy *copy, bool *nearly, struct error *err);
/* Puts the copy, as the database is now, in its place. */
bool store_copy_end(struct store_copy *copy, struct error *err);
/* What did not end leaves nothing behind. */
void store_copy_free(struct store_copy *copy);
AUTO_FREE(store_copy, struct store_copy *, store_copy_free)
