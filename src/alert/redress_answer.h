/* What a person who asks is told: facts of the log's kind, nobody else's name, no picture. */
#pragma once

#include "alert/redress_row.h"

/* {"listed", "alerted"} and, of an alert, {"stopped_at", "why", "reviews", "outcome", "amended",
 * "entry_state", "operation"}: a new reference. Computed anew whenever it is asked for. */
json_t *redress_facts(struct site *site, const char *cnic, const char *alert, struct error *err);
