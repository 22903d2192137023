/* Whether passes' rows are what the log says of them (SAFEGUARDS 10, 50): an older row put back carries a
 * good mark, and would end a lock or let a code count twice. Each record of a change of a row carries the
 * mark that the row then has, `pass_mark`. */
#pragma once

#include "list/site.h"

/* In the transaction of the change, after it: adds the mark to the fields of its record; nothing where the
 * officer has no row. */
bool pass_mark_note(struct site *site, const char *officer, json_t *fields, struct error *err);
/* At a start, in the caller's transaction: a pass whose row is another than the newest recorded, or that is
 * nowhere any more, is broken. */
bool pass_rows_hold_to_log(struct site *site, struct error *err);
/* The same of the first of the two signatures that end a lock or a broken pass: one put back after it was
 * used goes. It would not count either. */
bool pass_releases_hold_to_log(struct site *site, struct error *err);
