/* What a person who asks is told: facts of the log's kind, nobody else's name, no picture. */
#pragma once

#include "alert/redress_row.h"

/* {"listed", "alerted"} and, of an alert, {"stopped_at", "why", "reviews", "outcome", "amended",
 * "entry_state", "operation"}: a new reference. Computed anew whenever it is asked for. `listed` only when
 * `tells_listed`: a slip that fits any number must not let one officer try numbers on the list. */
json_t *redress_facts(
    struct site *site, const char *cnic, const char *alert, bool tells_listed, struct error *err);
