/* Edits of whole rows, as somebody with the disk would try them: each row is one that the desk wrote itself.
 */
#pragma once

#include "store/store.h"

/* Heap text of SQL after which the oldest and the newest row of `table` have each other's fields under their
 * own keys; NULL where there are no two rows, or nothing but keys. */
char *row_edit_swap(struct store *store, const char *table);
/* Heap text of SQL that adds the newest row once more, with another value in the `nth` column of its key
 * (from 1); NULL past the last. */
char *row_edit_copy(struct store *store, const char *table, int nth);
