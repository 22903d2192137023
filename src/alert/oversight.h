/* Every dispatched alert, and one in LIMIT_INSPECTED_REJECTIONS rejected ones, leaves one copy that only
 * oversight's key opens (SAFEGUARDS 42, 45): 12 months after a stop, else 31 days. The number that somebody
 * who was stopped gave is kept nowhere else. */
#pragma once

#include "alert/row.h"

/* In the caller's transaction, before the alert closes. */
bool oversight_keep(struct site *site, const struct alert *alert, const char *outcome, struct error *err);
/* Text about `id`, for so many days; also what somebody complains of. In the caller's transaction. */
bool oversight_seal(
    struct site *site, const char *id, const char *text, int64_t keep_days, struct error *err);
/* Whether an alert that ends so leaves a copy; drawn anew at each call for a rejected one. */
bool oversight_wants(const struct alert *alert, const char *outcome);
/* [{"copy", "expires_at"}]: a new reference. */
json_t *oversight_copies(struct site *site, struct error *err);
/* ERROR_MISSING when there is none. */
bool oversight_sealed(struct site *site, const char *alert, struct bytes *out, struct error *err);
/* In its own transaction, when something is due. */
bool oversight_expire(struct site *site, int64_t now_us, struct error *err);
