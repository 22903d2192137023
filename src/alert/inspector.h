/* The inspector, whose key lies outside the force, opens copies that were sealed to oversight: of every
 * entry, of every wrong stop, of one in LIMIT_INSPECTED_REJECTIONS rejected alerts, where force was used with
 * a firearm or somebody died, and where somebody complained. Every look is a record with the person and the
 * reason (SAFEGUARDS 45). The desk hands out sealed bytes; it cannot open them. */
#pragma once

#include "list/site.h"

/* {"copies": [{"copy", "of", "expires_at"}]}; `of` is entry, wrong_stop, rejected, harm, complaint, or
 * unverified when the alert's row was edited. */
json_t *inspector_copies(struct site *site, const struct officer *officer, struct error *err);
/* A signed `copy_opening` → {"copy", "context", "sealed"}. Asking again is another look. */
json_t *inspector_open(struct site *site, const struct envelope *envelope, struct error *err);
