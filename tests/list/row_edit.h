/* Edits of fields and of whole rows, as somebody with the disk would try them: each row is one that the desk
 * wrote itself.
 */
#pragma once

#include "store/store.h"

struct row_column {
    char table[48], name[48], type[16];
};
/* Every column of the tables that `is_tried` takes; fails where there are more than `room`. */
size_t row_edit_columns(
    struct store *store, bool (*is_tried)(const char *table), struct row_column *out, size_t room);

/* Heap text of SQL after which the oldest and the newest row of `table` have each other's fields under their
 * own keys; NULL where there are no two rows, or nothing but keys. */
char *row_edit_swap(struct store *store, const char *table);
/* Heap text of SQL that adds the newest row once more, with another value in the `nth` column of its key
 * (from 1); NULL past the last. */
char *row_edit_copy(struct store *store, const char *table, int nth);

/* Keeps what every tried table holds now, in tables of other names, which `is_tried` has to leave out. */
void row_edit_keep(struct store *store, bool (*is_tried)(const char *table));
bool row_edit_is_kept(const char *table);
/* Heap text of SQL that puts the rows that were kept back, and with `alone` takes away those that came since;
 * NULL where that changes nothing, or none was kept. */
char *row_edit_put_older(struct store *store, const char *table, bool alone);
