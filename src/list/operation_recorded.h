/* Operations held against the log. Budgets (hours per place, operations per entry, published records) are
 * counted from rows, and rows can be edited or taken away while no desk holds them (SAFEGUARDS 9, 15, 20,
 * 50).
 */
#pragma once

#include "list/operation_row.h"

/* The keyed hash of the entries and the cameras with their places, which goes into the record of the terms:
 * hex. It says nothing to who has no key, and no row can be made to fit it. */
bool operation_parts_mark(
    struct site *site, const char *operation, char out[static HEX_HASH_SIZE], struct error *err);

/* Whom the newest record of its arming withholds, as the log says it: a new reference. */
json_t *operation_withheld_said(struct site *site, const char *operation, struct error *err);

/* Once at start, after the log was verified: whether each operation that the log knows is there, in the
 * state, with the terms and with the parts that it says. Which are not is written to the desk's log. False:
 * the tables or the log could not be read. */
bool operation_rows_are_as_recorded(struct site *site, bool *out, struct error *err);
