/* Public records and the next start (SAFEGUARDS 20). */
#pragma once

#include "list/operation_row.h"

extern const char operation_publication_sql[];

/* Whether an operation other than this one ran, is halted or over, and its public record is not published. */
bool operation_unpublished(struct site *site, const char *operation, bool *found, struct error *err);
