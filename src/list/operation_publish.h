/* Public records and the next start (SAFEGUARDS 20). */
#pragma once

#include "list/operation_row.h"

/* The public record of an operation as the log gives it, made step by step while alerts go on: an operation
 * may have a hundred thousand records. Up to record number `through`, or (REPORT_ALL) what the log has at the
 * beginning. ERROR_CONFLICT when the operation is not over. */
struct public_record;
struct public_record *public_record_begin(
    struct site *site, const char *operation, int64_t through, struct error *err);
bool public_record_step(struct public_record *made, bool *done, struct error *err);
void public_record_free(struct public_record *made);
AUTO_FREE(public_record, struct public_record *, public_record_free)

extern const char operation_publication_sql[];

/* Whether an operation other than this one ran, is halted or over, and its public record is not published. */
bool operation_unpublished(struct site *site, const char *operation, bool *found, struct error *err);
