/* What a draft and a request have to be, beyond their form (SAFEGUARDS 9, 13–17, 20, 52). */
#pragma once

#include "list/operation_row.h"

enum { OPERATION_MONTH_S = 30 * 86400 }; /* how far the budgets of places and entries look back */

/* {"operation", "reasons", "cameras", "starts_at" (now without it)}: form, ceilings, nothing twice, each
 * entry with a reason for the place that will be fresh. */
bool operation_draft_check(struct site *site, const json_t *body, struct error *err);
/* Whom the draft's reasons name: a new reference. */
json_t *operation_draft_entries(const json_t *body);
/* What a list may be made of (SAFEGUARDS 2). */
bool operation_shares_check(struct site *site, const char *operation, struct error *err);
/* The request equals the draft's terms, and its times, reasons and ceilings hold. */
bool operation_request_check(
    struct site *site, const struct envelope *request, const json_t *terms, struct error *err);
