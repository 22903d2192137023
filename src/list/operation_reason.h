/* Why an operation looks here for each of its entries (SAFEGUARDS 17), as the request says it: what is kept
 * of it after the request is wiped, and what the log says of it. */
#pragma once

#include "list/site.h"

extern const char operation_reason_sql[];

enum { REASON_WORD_SIZE = 16 };

/* Code and date, without the reference, beside each entry: in the caller's transaction. */
bool operation_keep_reasons(struct site *site, const struct envelope *request, struct error *err);
/* "" and 0 where nothing is known: an operation from before had one reason for all. */
bool operation_reason_of(struct site *site, const char *operation, const char *entry,
    char why_here[static REASON_WORD_SIZE], int64_t *dated_s, struct error *err);
/* {code: how many entries have it}: a new reference. */
json_t *operation_reasons_counted(const struct envelope *request);
/* The entries, sorted; each with its reason where there is one: a new reference. */
json_t *operation_entries_with_reasons(struct site *site, const char *operation, struct error *err);
