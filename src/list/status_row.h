/* What a feed said of a case, as its row has it: between status.c, which answers from it, and status_feed.c.
 */
#pragma once

#include "list/status.h"

struct case_status {
    char id[24], status[8], station[24];
    int64_t taken_s;
};

/* False when there is none, and for an edited row: then nothing is known from a feed. */
bool status_find(struct site *site, const char *case_id, struct case_status *out);
/* In the caller's transaction. */
bool status_keep(struct site *site, const struct case_status *status, struct error *err);
/* Ids, a new reference: those that may arm some day, not today's only, because what a feed says of their
 * cases is kept for that day. */
json_t *status_open_entries(struct site *site, struct error *err);
